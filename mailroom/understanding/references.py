"""An earlier registration number that the letter refers to, quoted history included."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mailroom.folding import repair_lookalikes
from mailroom.model.findings import Evidence, Found
from mailroom.understanding.bounds import bounded
from mailroom.understanding.view import View

_DATE = r"\d{1,2}\s?\.\s?\d{1,2}\s?\.\s?\d{2,4}"
_PIECE = r"[A-ZА-Яa-zа-я]{0,5}\d{0,6}[A-ZА-Яa-zа-я]{0,3}\d{0,4}"
_NUMBER = rf"(?=[\w/-]*\d){_PIECE}(?:\s?[-–]\s?{_PIECE}){{0,3}}(?:[#]\d{{1,3}})?(?:\s?/\s?(?:{_DATE}|\d{{1,6}}))?"
_LABEL = (
    r"(?:(?:с\s+)?(?:рег(?:истрационен|истр)?|вх(?:одящ)?(?:ящ)?|peг|per|ber|bx|reg|vh|vhodqsht|входящият|регистрационният|входящия)\.?\s*(?:номер|ном\.?)?\s*(?:№|N[oоeе°º]?\.?|#|Nе|Ме|М[°º])?"
    r"|(?:преписк\w*|сигнал\w*|жалба\w*|заявление\w*|молба\w*|писмо\w*|отговор\w*|предложение\w*|искане\w*|дело|"
    r"signal|jalba|case|case number|reference|ref\.?|your ref\.?)"
    r"(?:\s++(?:ви|ми|ни|с|по|от|е|беше|бе|има|имаше|носи|под)\b)*+\s*+(?:рег\.?|вх\.?)?\s*(?:№|N[oоeе°º]\.?|#|номер|number|no\.?))"
)
_LABELLED = re.compile(
    rf"(?<!\w){_LABEL}\s*[:.]?\s*(?P<number>{_NUMBER})(?:\s*(?:от|/|-)\s*(?P<date>{_DATE}))?", re.IGNORECASE
)
_YOURS = re.compile(
    rf"(?i)\b(?:ваш\w*|писмо\w*|отговор\w*)\s+(?:[^\n.№]{{0,40}}?(?:изх|рег|вх)\.?\s*)?№\s*(?P<number>{_NUMBER})(?:\s*(?:от|/|-)\s*(?P<date>{_DATE}))?"
)
"""The town's own outgoing number, named as „Ваше писмо изх. № …“."""
_REGISTERED = re.compile(
    rf"(?i)\b(?:(?:за)?регистрир\w+|(?:за)?веден\w*|входир\w+|вписан\w*|записан\w*|деловодн\w+|получи(?:л[аои]?)?|"
    rf"(?:za)?registrir\w+|vhodir\w+|zaveden\w*)\s+(?:[^\n.№]{{0,30}}\s)?(?:рег\.?|вх\.?)?\s?"
    rf"(?:№|N[oо°º]?\.?|номер|nomer)\s*(?P<number>(?=[\w/]*[-–]\d|[\w]*[-–]\w*[-–])"
    rf"{_NUMBER})(?:\s*(?:от|/|-)\s*(?P<date>{_DATE}))?"
)
"""„Заявлението Ви е регистрирано с № 30-94-57/12.11.2026 г.“: told by its parts, so that no plate of a car is taken."""
_IN_SUBJECT = re.compile(
    r"(?<![\w/.-])(?P<number>[A-ZА-Я]{1,5}\d{0,3}[-–](?:[A-ZА-Я]{0,4}\d{1,4}[-–]){1,2}\d{1,6}|"
    r"(?!0[7-9])\d{2,3}[-–][A-ZА-Я]{0,3}\d{0,3}[-–]\d{1,6})(?:#\d{1,3})?(?![\w/-])"
)
"""A number of three parts in a subject, which nothing introduces there („RE: СОА26-ТД26-7741 Отговор“)."""
_OWN = re.compile(
    rf"(?im)^[ \t]*(?:наш[ ])?(?:изх|изходящ|(?:рег|per)(?=[^\n]*\bекз\b))"
    rf"\.?[ ]*(?:номер|№|N[oо°º]?\.?)?[ :]{{0,3}}(?P<number>{_NUMBER})")
"""The number under which an organisation sends this letter: „Изх. № ТД-77 / 12.11.2026“ at the start of a line."""
_SHAPED = re.compile(
    rf"(?<![\w/.-])(?P<number>(?:[A-ZА-Я]{{1,5}}\d{{0,3}}[-–])?(?:\d{{2,3}}|[A-ZА-Я]{{1,4}}\d{{0,3}})[-–][A-ZА-Я]{{0,3}}\d{{0,4}}(?:[-–]\d{{1,6}})?(?:#\d+)?)\s?(?:/|от)\s?(?P<date>{_DATE})",
)
_SIGN_MISREAD = re.compile(r"(?<!\w)(?:[ХX][оoе]|[МM][еe])(?=[ ][A-ZА-Я\d]{1,5}[-–]\d)")
"""What the scanner makes of „№“."""
_BEFORE_NOT = re.compile(
    r"(?i)(?:изх\.?|фактура|акт|заповед|наредба|решение|договор|полица|партида|карта|чл|регламент|протокол|"
    r"нотариален|партиден|аузд|наказателно постановление|дв|лиценз|разрешение|серия|автомобил\w*|кола\w*|"
    r"с)\s*(?:№|N[oо]?\.?|Ж)?\s*$"
)
_ENDS_IN_A_WORD = re.compile(r"[-–][^\W\d_]{4,}$")
"""„94-В-ОБЩИНА“: a stamp's number, cut short, and the word that stands behind it."""
_PLATE = re.compile(r"(?i)(?:автомобил|кола|лек|мпс|камион|бус|мотор|дк|джип)\w*[^\n]{0,25}$")
_PLATE_NUMBER = re.compile(r"[A-ZА-Я]{1,2}\s?\d{4}\s?[A-ZА-Я]{0,2}")


def find_follow_up_of(view: View, _: Mapping[str, Any]) -> Found[str] | None:
    """The earlier number, as quoted and without spaces; of several the labelled one of the citizen's own text first."""
    sources = (
        (_without_stamp(view), "в писмото"),
        (view.subject, "в темата"),
        (_cleared(bounded(view.letter.quoted)), "в цитираната кореспонденция"),
        (_cleared(bounded(view.letter.covering_note)), "в придружителната бележка"),
    )
    own = {_tidy(match.group("number")).split("/")[0] for match in _OWN.finditer(view.clear)}
    for text, where in sources:
        for start, end, number, sure in _numbers(text):
            if number.split("/")[0] in own or _ENDS_IN_A_WORD.search(number.split("/")[0]):
                continue
            why = f"предишен регистрационен номер ({where})"
            evidence = view.quote(start, end, why) if where == "в писмото" else Evidence(text=text[start:end], why=why)
            return Found(value=number, confidence=0.95 if sure else 0.75, evidence=(evidence,))
    return _named_in_subject(view.subject, own)


def _named_in_subject(subject: str, own: set[str]) -> Found[str] | None:
    match = _IN_SUBJECT.search(subject)
    if match is None or _BEFORE_NOT.search(subject[: match.start()]) or _tidy(match["number"]) in own:
        return None
    shown = Evidence(text=match.group(), why="предишен регистрационен номер (в темата)")
    return Found(value=_tidy(match.group()), confidence=0.75, evidence=(shown,))


def _without_stamp(view: View) -> str:
    """The text with the town's own registry stamp blanked out; same length."""
    text = view.clear
    for index in view.stamp_lines:
        line = view.lines[index]
        text = text[: line.start] + " " * (line.end - line.start) + text[line.end :]
    return text


def _tidy(number: str) -> str:
    """Without spaces; letters in Cyrillic where they all can be, as the registry writes them, and OО read for 00."""
    number = re.sub(r"\s", "", number)
    pieces = re.split(r"([-–/#])", number)
    clear = [repair_lookalikes(piece) if not re.search(r"[DFGIJLNQRSUVWZ]", piece) else piece for piece in pieces]
    number = re.sub(r"(?<=[А-Я])ОО(?=[-–/]|$)", "00", "".join(clear)).strip("-–/")
    return re.sub(r"(?<=\d[-–])0(?=[-–]\d)", "О", number)  # no piece of a number is a nought alone


def _cleared(text: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda match: repair_lookalikes(match.group(), mainly_cyrillic=False), text)


def _numbers(text: str) -> Iterator[tuple[int, int, str, bool]]:
    """Start, end, number, whether a label says what it is; labelled ones first."""
    text = _SIGN_MISREAD.sub("№ ", text)
    for match in _LABELLED.finditer(text):
        number = _tidy(match.group("number"))
        before = text[max(0, match.start() - 40) : match.start()]
        digits = re.sub(r"\D", "", number.split("/")[0])
        if not digits or (_BEFORE_NOT.search(before) and "вх" not in match.group().lower()):
            continue
        if _PLATE.search(before) or _PLATE_NUMBER.fullmatch(match.group("number").strip()):
            continue
        if re.fullmatch(r"\d{9,}", number) or (re.fullmatch(r"\d{1,2}", number) and not match.group("date")):
            continue
        if re.fullmatch(r"\d{1,2}\.\d{1,2}(?:\.\d+)?", number):
            continue
        yield match.start("number"), match.end(), number, True
    for match in (*_YOURS.finditer(text), *_REGISTERED.finditer(text)):
        yield match.start("number"), match.end(), _tidy(match.group("number")), True
    for match in _SHAPED.finditer(text):
        if not _BEFORE_NOT.search(text[max(0, match.start() - 30) : match.start()]):
            yield match.start(), match.end(), _tidy(f"{match.group('number')}/{match.group('date')}"), False
