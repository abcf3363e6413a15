"""The date that the writer put on the letter, and whether the matter is over two years old (АПК чл. 111, ал. 4)."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from rapidfuzz.distance.Hamming import distance as hamming

from mailroom.model.findings import Found
from mailroom.understanding.view import View

_MONTHS = {
    "януари": 1, "февруари": 2, "март": 3, "април": 4, "май": 5, "юни": 6, "юли": 7, "август": 8, "септември": 9,
    "октомври": 10, "ноември": 11, "декември": 12, "january": 1, "february": 2, "march": 3, "april": 4, "may": 5,
    "june": 6, "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12, "qnuari": 1,
    "yanuari": 1, "januari": 1, "fevruari": 2, "mart": 3, "mai": 5, "may ": 5, "uni": 6, "yuni": 6, "juni": 6, "uli": 7,
    "yuli": 7, "juli": 7, "avgust": 8, "septemvri": 9, "oktomvri": 10, "noemvri": 11, "dekemvri": 12,
    "января": 1, "февраля": 2, "марта": 3, "апреля": 4, "мая": 5, "июня": 6, "июля": 7, "августа": 8, "сентября": 9,
    "октября": 10, "ноября": 11, "декабря": 12,
    "яну": 1, "фев": 2, "февр": 2, "апр": 4, "авг": 8, "сеп": 9, "септ": 9, "окт": 10, "ное": 11, "ноем": 11, "дек": 12,
    "січня": 1, "лютого": 2, "березня": 3, "квітня": 4, "травня": 5, "червня": 6, "липня": 7, "серпня": 8, "вересня": 9,
    "жовтня": 10, "листопада": 11, "грудня": 12,
    "janvier": 1, "février": 2, "fevrier": 2, "mars": 3, "avril": 4, "juin": 6, "juillet": 7, "août": 8, "aout": 8,
    "septembre": 9, "octobre": 10, "novembre": 11, "décembre": 12, "decembre": 12,
    "januar": 1, "februar": 2, "märz": 3, "oktober": 10, "dezember": 12,
    "ianuarie": 1, "februarie": 2, "martie": 3, "aprilie": 4, "iunie": 6, "iulie": 7, "septembrie": 9, "octombrie": 10,
    "noiembrie": 11, "decembrie": 12,
    "ocak": 1, "şubat": 2, "nisan": 4, "mayıs": 5, "haziran": 6, "temmuz": 7,
    "ağustos": 8, "eylül": 9, "ekim": 10, "kasım": 11, "aralık": 12,
}  # fmt: skip
_ROMAN = {
    "I": 1,
    "II": 2,
    "III": 3,
    "IV": 4,
    "V": 5,
    "VI": 6,
    "VII": 7,
    "VIII": 8,
    "IX": 9,
    "X": 10,
    "XI": 11,
    "XII": 12,
}
_TENS = ("десети", "единадесети", "дванадесети", "тринадесети", "четиринадесети", "петнадесети", "шестнадесети",
         "седемнадесети", "осемнадесети", "деветнадесети")  # fmt: skip
_UNITS = ("първи", "втори", "трети", "четвърти", "пети", "шести", "седми", "осми", "девети")
_ORDINALS = {
    **{word: day for day, word in enumerate((*_UNITS, *_TENS), 1)},
    **{word.replace("надесети", "найсети"): day for day, word in enumerate(_TENS, 10)},
    **{f"{twenty} и {word}": day for twenty in ("двадесет", "двайсет") for day, word in enumerate(_UNITS, 21)},
    "двадесети": 20, "двайсети": 20, "тридесети": 30, "трийсети": 30, "тридесет и първи": 31, "трийсет и първи": 31,
}  # fmt: skip
"""Days written in words („първи октомври“)."""
_ORDINAL_NAMES = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_MONTH_NAMES = "|".join(sorted((re.escape(name.strip()) for name in _MONTHS), key=len, reverse=True))
_YEARS = {f"{word[:-1]}а": year for word, year in _ORDINALS.items()}
"""„шеста“ → 6."""
_YEAR_NAMES = "|".join(sorted(_YEARS, key=len, reverse=True))
_YEAR_IN_WORDS = rf"две\s+хиляди\s+(?:и\s+)?(?P<words_of_year>{_YEAR_NAMES})"
"""„две хиляди двадесет и шеста“."""
_DATE = re.compile(
    rf"(?<![\d.-])(?:(?P<y1>20\d\d)[-./](?P<m1>\d{{1,2}})[-./](?P<d1>\d{{1,2}})"
    r"|(?P<d2>\d{1,2})\s?[./-]\s?(?P<m2>\d{1,2}|[IVXІХ]{1,4})\s?[./-]\s?(?P<y2>20\d\d|\d\d)"
    r"|(?P<d5>\d{1,2}) (?P<m5>\d{2})\.\s?(?P<y5>20\d\d)"  # a scanner has lost the first full stop
    r"|(?P<d7>\d{1,2}?)(?P<m7>0[1-9]|1[0-2])(?P<y7>20\d\d)(?=[ ]?г)"  # or both
    r"|(?P<d6>\d{1,2})\.(?P<m6>[01]\d)(?P<y6>20\d\d)"  # or the second
    rf"|(?P<d3>\d{{1,2}}|\b(?:{_ORDINAL_NAMES})\b)(?:-?(?:ти|ви|ри|ми|th|st|nd|rd))?\.?\s+(?P<m3>{_MONTH_NAMES})\b\.?,?\s*"
    rf"(?P<y3>20\d\d|{_YEAR_IN_WORDS})"
    rf"|(?P<m4>{_MONTH_NAMES})\s+(?P<d4>\d{{1,2}})(?:th|st|nd|rd)?,?\s+(?P<y4>20\d\d))(?![\d-]|[.,]\d)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d|(?i:\bхиляди\b)")
_ALONE = re.compile(r"\s*\d{1,2}\.\d{1,2}\.20\d\d\s*(?:г\.)?[\s;,.]*")
_LEAD = re.compile(
    r"(?:(?:съставен|изготвен|подписан|писан|написан|подаден)[оа] (?:на|в)|"
    r"дата|date|data|изх\.?\s*№?\s*[\w/-]*|гр|град|с|село|днес|понеделник|вторник|сряда|четвъртък|петък|събота|неделя|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|pon|tarih|дата на подаване|\b(?:le|den|am)\b)",
    re.IGNORECASE,
)
_PLACE_AFTER = re.compile(
    r"[ ]?,[ ]{0,2}(?:(?:гр|с|град|село)\.?[ ]?)?[А-ЯA-Z][\w-]{2,20}(?:[ ][А-ЯA-Z][\w-]{2,20})?[ .]*")
"""„22.10.2026 г., Русе“."""
_WEEKDAY_AFTER = re.compile(r"(?i)[ ]?,?[ ]?[(]?(?:понеделник|вторник|сряда|четвъртък|петък|събота|неделя)[)]?[ .]*")
"""„15 ноември 2026 г., неделя“."""
_OUTGOING = re.compile(
    r"(?i)\s*(?:(?:наш\w*\s+)?изх(?:одящ)?\.?\s*(?:№|N[oо]?\b|Ж|номер)|наш\w{0,2}\s+№|№\s?\d{1,4}\s?/(?=\s?\d{1,2}\.\d))")
"""Also „Наш № 19 от …“ and „№ 6/03.06.2026“."""
_IN_A_SENTENCE = re.compile(r"(?i)\b(?:на|от|до|за|след|преди|към|през|и|или|срок|вх|рег|№|в|при|ден|считано)\W*$")
_TRAIL = re.compile(r"\s*(?:година|год\b\.?|[гrГ]\b\.?)?")
_DATE_LINES = 3
"""More lines than this with nothing but a date are a list."""
_ABOVE_SIGNATURE = 3
"""Lines above the closing words that may still bear place and date."""
_AROUND = 200
"""Characters on each side of a date that are looked at."""
_SIGNING = re.compile(
    r"(?i)(?:(?:подпис\w*|с уважение|с почит|подател|заявител|декларатор|signature|гр|с|адв|инж|арх|д-р)\b.*|"
    r"(?-i:[А-ЯA-Z]\.\s?[А-ЯA-Z][\w-]+))"
)
_CURSIVE = str.maketrans("abzgumncypekxoqlv", "авгдитпсурекхоялв")
"""What cursive Cyrillic letters are taken for, and which they are."""
_CURSIVE_MONTH = re.compile(r"(?<=\d )[^\W\d_]{5,9}(?= 20\d\d)")
_STOPS = re.compile(r"(?<![\d.,:])(\d{1,2})[.,:;](\d{1,2})[.,:;](20\d\d)(?!\d)")
_ROMAN_ONES = re.compile(r"(?<=\d[./-][XХ])1{1,2}(?=[./-]20\d\d)")
_MONTH_SEVENTY_SEVEN = re.compile(r"(?<=\d[./-])77(?=[./-]?20\d\d)")
_DAY_SEVENTY = re.compile(r"(?<![\d.,-])[47](?=\d[./-]\d{1,2}[./-]?20\d\d)")
_MONTH_SEVENTY = re.compile(r"(?<=\d[./-])7(?=[0-2][./-]20\d\d)")
_ENCLOSURE = re.compile(
    r"(?:ДЕКЛАРАЦИЯ|ПЪЛНОМОЩНО|ПРОТОКОЛ|ПРИЛОЖЕНИЕ|СЪГЛАСИЕ|СПИСЪК|СПРАВКА|ДОГОВОР)\b[^a-zа-я\n]{0,80}"
)
"""The heading of what is enclosed, with a date of its own."""
_DATE_STAMP = re.compile(r"\d{1,2}[ ][А-Я]{3}\.?[ ]20\d\d")
"""„17 НОЕ 2026“: as the wheels of an office's stamp print it."""
_PEN_STROKE = 4
"""Letters that a scanner makes of a signature beside the date at most."""
_SURE = 3.0
"""Weight of a date that stands where a letter's own stands."""
_BIRTH = re.compile(r"(?i)(?:роден\w*|рожден\w*|издаден\w*|л\.?\s?к\.?|от\s+дата|на дата|born|валид\w*)[^\n]{0,20}$")
_YEAR = re.compile(
    r"(?<![\d/№.-])(19[89]\d|20[0-4]\d)(?=\s*(?:г\b|год|,|\.(?!\d)|\)|\s|$|–|-))|\d{1,2}\.\d{1,2}\.(20\d\d)"
)
_AMOUNT = re.compile(
    r"\s{0,3}(?:евро|лв|лева|eur|€|кв|кг|тона|литра|метр|м\b|км|дка|бр|души|човек|жител|подпис|дни|часа)", re.IGNORECASE
)
"""After a number: it counts something, and is no year."""
_LAW_YEAR = re.compile(r"(?i)(?:регламент|закон|наредба|директива|решение|дв|бр\.|договор)[^\n.]{0,40}$")


def find_date_written(view: View, _: Mapping[str, Any]) -> Found[date] | None:
    """A date that stands on a line of its own, with a place or a signature at most; the last of several."""
    return view.once("date found", _date_written)


def _date_written(view: View) -> Found[date] | None:
    best: tuple[float, int, int, date] | None = None
    dated = [(number, line) for number, line in enumerate(view.lines) if _DIGIT.search(line.text)]
    if sum(bool(_ALONE.fullmatch(line.text)) for _, line in dated) > _DATE_LINES:
        return None
    for number, line in dated:
        if number in view.stamp_lines:
            continue
        if best is not None and best[0] >= _SURE and _encloses(view, best[1], line.start):
            break
        text = line.text if view.letter.head else _as_written_by_hand(line.text)
        for match in _DATE.finditer(text):
            value = parse_date(match)
            weight = _weight(view, number, text, match) if value else 0.0
            if value and weight > 0 and (best is None or weight >= best[0]):
                best = (weight, line.start + match.start(), line.start + match.end(), value)
    if best is None:
        return None
    view.remembered["date_written"] = best[1:3]
    return Found(
        value=best[3],
        confidence=min(1.0, best[0] / 4),
        evidence=(view.quote(best[1], best[2], "дата, написана на писмото"),),
    )


def _as_written_by_hand(line: str) -> str:
    """A scanned line with its date as a hand means it; of the same length, so that offsets fit both.

    Cursive Cyrillic looks like other Latin letters than print does („abzycm“ is „август“), and a hand's 1 like a 7:
    no month is the 70th, the 77th is the 11th, and no day is the 73rd or the 49th. Full stops may be read as commas or
    colons („12:11,2026“), a Roman I as a 1 („9.Х1.2026“).
    """
    line = _STOPS.sub(r"\1.\2.\3", line)
    line = _ROMAN_ONES.sub(lambda match: "I" * len(match.group()), line)
    line = _DAY_SEVENTY.sub("1", _MONTH_SEVENTY_SEVEN.sub("11", line))
    line = _CURSIVE_MONTH.sub(lambda match: _month_meant(match.group()), line)
    return _MONTH_SEVENTY.sub("1", line)


def _month_meant(word: str) -> str:
    """The month whose name a cursive word is, but for one letter; the word itself when there is none."""
    cursive = word.lower().translate(_CURSIVE)
    return next((month for month in _MONTHS if len(month) == len(word) and hamming(month, cursive) <= 1), word)


def _encloses(view: View, start: int, end: int) -> bool:
    """Whether between the letter's date and this place something enclosed begins."""
    return any(_ENCLOSURE.fullmatch(line.text.strip()) for line in view.lines if start < line.start < end)


def _weight(view: View, number: int, line: str, match: re.Match[str]) -> float:
    """How much the line looks like the letter's own date; 0 for a date of something else."""
    before, after = line[max(0, match.start() - _AROUND) : match.start()], line[match.end() : match.end() + _AROUND]
    if _BIRTH.search(before):
        return 0.0
    trail = _TRAIL.match(after)
    after = after[trail.end() :] if trail else after
    labelled = bool(re.search(r"(?i)(?:\bдата|\bdate|\bdata|\btarih)\s*[:.]?\s*$", before))
    far_apart = (
        len(after.strip(" .,;_|/")) <= (_PEN_STROKE if view.scanned else 2)
        or after.startswith(("  ", "\t"))
        or bool(_WEEKDAY_AFTER.fullmatch(after))
        or bool(_SIGNING.match(after.strip(" ,.;\t")))
        or (not before.strip() and bool(_PLACE_AFTER.fullmatch(after)))
    )
    place = re.fullmatch(
        r"[\s,./|-]*+(?:(?:гр|град|с|село|gr)\.?\s*+)?(?:[^\W\d_][^\W\d_-]+(?:\s[^\W\d_]+)?)?[\s,./|-]*+",
        _LEAD.sub(" ", before),
    )
    outgoing = bool(_OUTGOING.match(line))
    if view.scanned and _DATE_STAMP.fullmatch(match.group()):
        return 0.0
    above = view.lines[number - 1].text if number else ""
    if not line.replace(match.group(), "").strip(" .г") and _OUTGOING.match(above) and not _DATE.search(above):
        return 3.8
    if labelled and len(after.split()) <= 6:
        return 4.0
    if outgoing and number < view.body_start + 2 and len(after.strip(" .·|")) <= 2:
        return 3.0
    if place and far_apart and len(before.split()) <= 4:
        edge = number >= view.tail_start - _ABOVE_SIGNATURE or number <= view.body_start
        return 3.5 if edge else 1.5
    if number >= view.tail_start - _ABOVE_SIGNATURE and _ends_a_signature(before, after):
        return 1.2
    return 0.0


def _ends_a_signature(before: str, after: str) -> bool:
    """„М. Димова, 5.10.2026“: the last thing on a short line that is no sentence."""
    words = before.split()
    return len(after.strip(" .,;")) <= 2 and 0 < len(words) <= 3 and not _IN_A_SENTENCE.search(before)


def parse_date(match: re.Match[str]) -> date | None:
    """The date of a match; null when there is no such day. Two-digit years are of this century."""
    groups = {name: value for name, value in match.groupdict().items() if value}
    if "words_of_year" in groups:
        groups["y3"] = str(2000 + _YEARS[groups.pop("words_of_year").lower()])
    parts = {name[0]: value for name, value in groups.items()}
    month = parts["m"].strip().lower()
    roman = parts["m"].upper().replace("І", "I").replace("Х", "X")
    number = int(month) if month.isdigit() else _MONTHS.get(month) or _ROMAN.get(roman)
    year = int(parts["y"])
    try:
        return date(year + 2000 if year < 100 else year, number or 0, _day(parts["d"]))
    except ValueError:
        return None


def _day(text: str) -> int:
    return int(text) if text.isdigit() else _ORDINALS[text.lower()]


def find_older_than_two_years(view: View, so_far: Mapping[str, Any]) -> Found[bool] | None:
    """Whether everything that the letter dates lies more than two years before it; null when it dates nothing.

    Counted from the letter's own date, else from its Date header, else from the day on which it came. A year alone
    counts to its end.
    """
    written = so_far.get("date_written")
    reference = written.value if written else _day_of(view)
    if reference is None:
        return None
    named = [(match, day) for match, day in _last_days(view)
             if day.year <= reference.year and not _AMOUNT.match(view.clear, match.end())
             and not _LAW_YEAR.search(view.clear[max(0, match.start() - 60) : match.start()])
             and not _is_own_date(view, match, written)]  # fmt: skip
    if not named:
        return None
    newest_match, newest = max(named, key=lambda pair: pair[1])
    old = newest < _two_years_before(reference)
    old = old and "още" not in view.clear[newest_match.end() : newest_match.end() + 20]
    shown = view.quote(newest_match.start(), newest_match.end(), "най-късната година, спомената в писмото")
    return Found(value=old, confidence=0.6 if old else 0.7, evidence=(shown,))


def _day_of(view: View) -> date | None:
    """The day of the mail's header, else that of receipt."""
    head = view.letter.head
    return head.date.date() if head and head.date else view.received_on


def _last_days(view: View) -> Iterator[tuple[re.Match[str], date]]:
    """Each year that the letter names with the last day that may be meant: of a whole date the day itself."""
    years = tuple(_YEAR.finditer(view.clear))
    whole = tuple(dates_in(view.clear)) if years else ()
    for match in years:
        inside = next((day for start, end, day in whole if start <= match.start() < end), None)
        yield match, inside or date(int(match.group(1) or match.group(2)), 12, 31)


def _two_years_before(day: date) -> date:
    return date(day.year - 2, day.month, min(day.day, 28) if day.month == 2 else day.day)


def _is_own_date(view: View, match: re.Match[str], written: Found[date] | None) -> bool:
    """Whether the year belongs to the date that the letter itself bears."""
    if written is None or "date_written" not in view.remembered:
        return False
    start, end = view.remembered["date_written"]
    return bool(start <= match.start() <= end)


def dates_in(text: str) -> Iterator[tuple[int, int, date]]:
    """Every date in a text: start, end, value."""
    for match in _DATE.finditer(text):
        value = parse_date(match)
        if value:
            yield match.start(), match.end(), value


_DAY_NAMED = re.compile(
    rf"(?<![\d.,/-])(?P<day>\d{{1,2}})(?:-?(?:ти|ви|ри|ми))?\s+(?P<month>{_MONTH_NAMES})\b(?:\s+(?P<year>20\d\d)\b)?",
    re.IGNORECASE,
)
"""„на 17 юли“, with a year or without."""


def days_named(view: View) -> Iterator[tuple[int, int, timedelta]]:
    """Every day that the letter names with its month: start, end, and how long before the letter it was.

    Without a year it is the latest such day that is not after the letter. Nothing where the letter itself has no day.
    """
    written = find_date_written(view, {})
    reference = written.value if written else _day_of(view)
    if reference is None:
        return
    for match in _DAY_NAMED.finditer(view.clear):
        day = _latest(match, reference)
        if day is not None:
            yield match.start(), match.end(), reference - day


def _latest(match: re.Match[str], reference: date) -> date | None:
    """The day that is meant; null when there is no such day."""
    month, day = _MONTHS.get(match["month"].lower(), 0), int(match["day"])
    try:
        this_year = date(int(match["year"] or reference.year), month, day)
        return this_year if match["year"] or this_year <= reference else this_year.replace(year=reference.year - 1)
    except ValueError:
        return None
