"""ЕГН and ЛНЧ in any text, by label and checksum (home of python-stdnum), and their masking (ЗЗЛД чл. 25ж).

Of random ten-digit numbers 1 % pass as ЕГН and 10 % as ЛНЧ, so a number without a label counts only as an ЕГН and only
when it does not look like a telephone.
"""

import re
from collections.abc import Iterator

from stdnum.bg import egn, pnf

from mailroom.model.base import Value

_LABEL = re.compile(
    r"(?:\bе\s?г\s?н\b|\begn\b|\bл\s?н\s?ч\b|\blnch?\b|единен граждански номер|"
    r"личен номер)[-\w]{0,4}\s*[:№.\s/–-]{0,4}$",
    re.IGNORECASE,
)
_TEN_DIGITS = re.compile(r"(?<![\d+])\d(?:[ -]?\d){9}(?!\d)")
_UNLABELLED = re.compile(r"\d{6}[ -]?\d{4}")
"""How an ЕГН stands when nothing says that it is one."""
_TELEPHONE = re.compile(r"0?8[789]|09[89]|00")
_LABEL_REACH = 34
MASK = "**********"


class Identifier(Value):
    """A personal identifier as it stands in a text."""

    start: int
    """Offset in characters, as is `end`."""
    end: int
    number: str
    """Its ten digits."""
    why: str
    """In Bulgarian: what it was recognised by."""
    confidence: float


def mask_identifiers(text: str) -> str:
    """The text with every ЕГН and ЛНЧ replaced by stars; a labelled number even when its checksum is wrong."""
    out, last = [], 0
    for found in identifiers_in(text):
        out += [text[last:found.start], MASK]
        last = found.end
    return "".join(out) + text[last:]


def identifiers_in(text: str) -> Iterator[Identifier]:
    """Every ЕГН and ЛНЧ of the text, in order."""
    for match in _TEN_DIGITS.finditer(text):
        number = re.sub(r"[ -]", "", match.group())
        labelled = bool(_LABEL.search(text[max(0, match.start() - _LABEL_REACH) : match.start()]))
        valid = bool(egn.is_valid(number))
        if labelled:
            foreigner = not valid and bool(pnf.is_valid(number))
            why = "ЛНЧ" if foreigner else "ЕГН" if valid else "обозначено като ЕГН, но контролната цифра не е вярна"
            sure = 1.0 if valid or foreigner else 0.6
        elif valid and _UNLABELLED.fullmatch(match.group()) and not _TELEPHONE.match(number):
            why, sure = "прилича на ЕГН (контролната цифра е вярна)", 0.7
        else:
            continue
        yield Identifier(start=match.start(), end=match.end(), number=number, why=why, confidence=sure)
