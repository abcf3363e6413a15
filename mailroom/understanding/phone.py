"""The sender's telephone (home of `phonenumbers`), in E.164.

Every number that may be a telephone is weighed: a label, the head or the signature speak for the sender's own; a call
that was made („звънях на …“), an office, a company or a hot line speak against. The town's own numbers and faxes never
count. Of two equal ones a mobile is preferred, then the first.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import phonenumbers

from mailroom.model.findings import Evidence, Found
from mailroom.understanding.bounds import bounded
from mailroom.understanding.fields import own_value, rows
from mailroom.understanding.view import View

_MOST = 300
"""Numbers in a letter that are weighed."""
_SHAPE = re.compile(
    r"(?<![\w/№-])(?<!\d[.:])(?:\+|\(?\+?\d)[\d ()/.–+\t-]{4,26}\d(?![\w@])|(?<![\w/№-])(?<!\d[.:])\d{5,15}(?![\w@])|"
    r"(?<=[а-я])0[89]\d{8}(?!\w)"
)
_BROKEN = re.compile(
    r"(?<![\w/№-])(?<!\d[.:])(?P<first>(?:\+359|0)[\d ()/.-]{0,14})-?\n[ \t]*(?P<rest>[/-]?\d[\d /-]{0,14})(?![\w@])")
"""A number that the line's end divides."""
_FLAT_BEFORE = re.compile(r"\d{1,3}\s[–—-]\s(?=[+0]\d)")
"""„ап. 8 – 0888 …“: a flat, and then the number."""
_LONGEST_DIALLED = 14
"""Digits of „00359 87 800 0359“."""
_LABEL = re.compile(
    r"(?:тел(?:ефон\w*)?|моб(?:ил\w*)?|gsm|гсм|джиесем|жсм|phone|tel(?:efon\w*)?|mob(?:ile?n?)?|cell|"
    r"[\u260e\u260f\u2706\U0001f4de\U0001f4f1]|факс и тел|за връзка|за контакт|"
    r"viber|вайбър|whatsapp|обад\w+|звънн?\w+|позвън\w+|потърс\w+|(?:на |мо[йя]т? )номер\w*|zvann?\w+|"
    r"zvunn?\w+|obad\w+|nomer\w*)"
    r"[\s.:,№()/\w]{0,16}$",
    re.IGNORECASE,
)
"""The signs are pictures of telephones."""
_FOREIGN = re.compile(
    r"(?:вх|рег|изх|№|егн|еик|лнч|егн/|булстат|iban|№\s|партида|договор\w*|фактура|имот|идентификатор|упи|карта|ip|id|"
    r"сметка|абонат\w*|кл(?:иентски)?|аб(?:онатен)?|код)[\s.:№#]{0,4}(?:номер|№)?[\s.:№#]{0,2}$",
    re.IGNORECASE,
)
_FAX = re.compile(r"(?<!тел/)(?<!тел\./)(?<!тел\. /)(?<!тел и )факс\w*[\s.:]{0,3}$|fax[\s.:]{0,3}$", re.IGNORECASE)
_AFTER_SUM = re.compile(r"\s?(?:лв|евро|eur|€|г\.|бр|м\b|км|кв)")
_CALLED = re.compile(
    r"(?i)\b(?:звън(?:ях|яхме|им|я|ите|ял\w*)|звънн?ах\w*|обажда[хм]\w*|обади[хл]\w*|търсих\w*|набира[хм]\w*|позвъних\w*|"
    r"не\s+отговаря\w*|не\s+вдига\w*|дежурн\w*|диспечер\w*|горещ\w*\s+(?:лини|тел)\w*|централа\w*|"
    r"(?:фирмата|общината|кметството|полицията|вик|домоуправителя|собственика|наемателя|шофьора|майстора|инспектор\w*|"
    r"съсед\w*|обявата|сайта|табел\w*)\s+(?:с\s+|на\s+|е\s+)?(?:тел|номер|моб)|zvanqh|zvunqh|obajdah)\b[^.!?\n]{0,60}$|"
    r"\bе\s+с\s+(?:тел|номер)[^\d\n]{0,12}$|\b(?:телефон|номер)\w*\s+(?:ви|им|му|ѝ|й)\b[^\d\n]{0,12}$|"
    r"\b(?:пред|бар|заведени\w*|магазин\w*|фирма\w*)\s[^.!?\n]{0,60}\(\s*(?:тел|моб)\w*[.:]?\s*$|"
    r"\b(?:домоуправителя|управителя|собственика|наемателя|майстора|шофьора|продавача|съседа|съседката|лекаря)[тк]?\w?"
    r"[ ,]{0,2}\(\s*(?:тел|моб)\w*[.:]?\s*$|\b(?:собственик|наемател|съсед|продавач|шофьор|майстор)ът[ ,]{0,2}\(\s*"
    r"(?:тел|моб)\w*[.:]?\s*$|"
    r"„(?!за връзка|за контакт)[^„“”\"\n]{0,60}$"
)
"""Words before a number that is somebody else's."""
_MINE = re.compile(r"(?i)\b(?:ми|мо[йя]т?|ме|мен|мене|мой|мои|my|me|mi)\b[^.!?\n]{0,30}$")
_BEFORE = 90
_DIGIT_LOOKALIKES = str.maketrans("@©®OОоoQDЗзЭlIі|!бБВBSЅgq", "000" + "00000033311111668855" + "99")
_MISREAD = re.compile(
    r"(?i)((?:тел|моб|gsm|гсм|tel|phone|връзка)\w*[.:;,\s]{1,4})"
    r"(\(?[\d@©®OОоoQDЗзlIі|бБВBS+][\d@©®OОоoQDЗзЭlIі|!бБВBS /().-]{6,18})"
)
_DATE = re.compile(r"\s*\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d{2}\s*")
_MOBILE = ("87", "88", "89", "98", "99")
_MOBILES = tuple(f"+359{prefix}" for prefix in _MOBILE)
_SHARED = ("+359700", "+359800", "+35990")
"""Numbers that companies and hot lines have, and no citizen."""


@dataclass(frozen=True, slots=True)
class _Number:
    """A number in E.164, where it stands, and how much speaks for its being the sender's."""

    value: str
    start: int
    end: int
    weight: float


def find_phone(view: View, _: Mapping[str, Any]) -> Found[str] | None:
    """The number at which the sender can be reached: the form's, the one in head or tail, any labelled one."""
    value = own_value(view, "form_phone")
    number = _first_in(value, view.pack.contact.area_code)
    if number:
        return Found(value=number, confidence=1.0,
                     evidence=(Evidence(text=value, why="полето за телефон във формуляра"),))  # fmt: skip
    best: _Number | None = None
    for found in islice((*_in_rows(view), *_numbers(view)), _MOST):
        if found.value not in _own_numbers(view) and found.weight >= 0 and (best is None or found.weight > best.weight):
            best = found
    if best is None:
        return None
    return Found(value=best.value, confidence=max(0.0, min(1.0, 0.5 + best.weight / 10)),
                 evidence=(view.quote(best.start, best.end, "телефон на подателя"),))  # fmt: skip


def _own_numbers(view: View) -> frozenset[str | None]:
    """The town's telephones and fax."""
    return view.once("own numbers", _numbers_of_town)


def _numbers_of_town(view: View) -> frozenset[str | None]:
    contact = view.pack.contact
    return frozenset(parse_phone(phone, contact.area_code) for phone in (*contact.phones, contact.fax) if phone)


def _first_in(value: str, area_code: str) -> str | None:
    """The first number of a form's field, with whatever else was typed there; of several a mobile."""
    found = [parse_phone(value[start:end], area_code) for start, end in _spans(bounded(value[:200]))]
    found = [number for number in found if number] or [parse_phone(value, area_code)]
    return next((number for number in found if number and number.startswith(_MOBILES)), found[0])


def _in_rows(view: View) -> Iterator[_Number]:
    """„GSM: …“ of a form whose fields stand in the text."""
    for start, value in rows(view, "form_phone"):
        for first, last in _spans(value):
            number = parse_phone(value[first:last], view.pack.contact.area_code)
            if number and not _FAX.search(value[:first]):
                yield _Number(number, start + first, start + last, 3.0 + (0.5 if number.startswith(_MOBILES) else 0))


def _numbers(view: View) -> Iterator[_Number]:
    """Every number of the text that may be a telephone."""
    tail = view.lines[view.tail_start].start if view.tail_start < len(view.lines) else len(view.clear)
    head = view.lines[view.body_start].start if view.body_start < len(view.lines) else len(view.clear)
    text = _without_data(view)
    for start, end in _spans(text):
        before = text[max(0, start - 30) : start]
        if _FOREIGN.search(before) or _FAX.search(before) or _AFTER_SUM.match(text, end, end + 5):
            continue
        labelled = bool(_LABEL.search(before))
        number = parse_phone(text[start:end], view.pack.contact.area_code if labelled else "", labelled=labelled)
        if number is None:
            continue
        weight = (2.0 if labelled else 0.0) + (2.5 if start >= tail else 1.5 if start < head else 0.0)
        weight += 0.5 if number.startswith(_MOBILES) else -2.0 if number.startswith(_SHARED) else 0.0
        yield _Number(number, start, end, weight - _against(text, start))


def _against(text: str, start: int) -> float:
    """What the words before a number say against its being the sender's."""
    before = text[max(0, start - _BEFORE) : start]
    return 6.0 if _CALLED.search(before) and not _MINE.search(before) else 0.0


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where numbers stand; two with a slash, a plus or wide blanks between them are two."""
    for match in _SHAPE.finditer(text):
        start, end = match.span()
        flat = _FLAT_BEFORE.match(match.group())
        start += flat.end() if flat else 0
        if sum(c.isdigit() for c in match.group()) <= (_LONGEST_DIALLED if match.group().startswith("00359") else 13):
            yield start, end
            continue
        at = start
        for gap in re.finditer(r"\s?/\s?|\s{2,}|\s(?=[+(]|0\d{2,3}[ /-]?\d)|\s[–-]\s", match.group()):
            if sum(c.isdigit() for c in text[at : start + gap.start()]) >= 6:
                yield at, start + gap.start()
                at = start + gap.end()
        yield at, end


def _without_data(view: View) -> str:
    """The text with lines of measurements blanked, each number on one line and, after a telephone's label, letters that
    OCR took for digits."""
    chars = [" " if c != "\n" else c for c in view.clear]
    for line in view.lines:
        chars[line.start : line.end] = line.text
    return _BROKEN.sub(_on_one_line, _MISREAD.sub(_read_as_digits, "".join(chars)))


def _on_one_line(match: re.Match[str]) -> str:
    """A number over the end of a line on one line, of the same length; unchanged where its beginning is one already or
    both together are none."""
    if _is_whole(match.group("first")) or not _is_whole(match.group("first") + match.group("rest")):
        return match.group()
    return match.group().replace("-\n", "  ").replace("\n", " ")


def _is_whole(number: str) -> bool:
    """Whether these digits are a Bulgarian number that exists."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(re.sub(r"[^\d+]", "", number), "BG"))
    except phonenumbers.NumberParseException:
        return False


def _read_as_digits(match: re.Match[str]) -> str:
    label, number = match.groups()
    if sum(c.isdigit() for c in number) < 5:
        return match.group()
    digits = number.rstrip(" |!")  # a stroke that stands alone after the number divides it from what follows
    end = digits if number[len(digits):].startswith(" ") else number
    return label + end.translate(_DIGIT_LOOKALIKES) + number[len(end):]


def parse_phone(text: str, area_code: str = "", *, labelled: bool = True) -> str | None:
    """One number in E.164, or null. A number without its area code gets `area_code` (`082`) when it is labelled.

    Numbers without a label must look like a Bulgarian mobile or begin with 0 or +, so that sums and parcels stay out.
    """
    digits = re.sub(r"\D", "", text)
    if not 5 <= len(digits) <= 15 or (_DATE.fullmatch(text) and not (labelled and "-" in text)):
        return None
    dialled = _dialled(text, digits, area_code, labelled=labelled)
    if dialled is None:
        return None
    try:
        number = phonenumbers.parse(dialled, "BG")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or (
        number.country_code == 359 and len(str(number.national_number)) < 7
    ):
        return None
    if not labelled and not dialled.startswith("+") and not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _dialled(text: str, digits: str, area_code: str, *, labelled: bool) -> str | None:
    """The digits as they would be dialled from Bulgaria, or null when they look like no telephone."""
    if "(0)" in text:
        local = digits.startswith("0") and not digits.startswith("00")
        digits = digits[1:] if local else digits.replace("3590", "359", 1)
    if digits.startswith(("3590", "003590")):
        digits = digits.replace("3590", "359", 1)
    if digits.startswith("00"):
        return "+" + digits[2:]
    if (digits.startswith("359") and len(digits) in (11, 12)) or re.match(r"[\s(]*\+", text):
        return "+" + digits
    if digits.startswith("0"):
        return digits
    if labelled and len(digits) == 9 and digits.startswith(_MOBILE):
        return "0" + digits
    if len(digits) == 10 and digits[1:].startswith(_MOBILE) and digits[0] in "986" and labelled:
        return "0" + digits[1:]  # a scanner's 0
    return area_code + digits if labelled and area_code and len(digits) <= 7 else None
