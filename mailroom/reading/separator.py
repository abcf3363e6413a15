"""Separator sheets: their codes written and read, and everybody else's sheets recognised.

A sheet is one of these, and hardly anything else is on it:

1. ours, printed by `mailroom separators`: a QR code in each corner and in the middle, any of which is enough;
2. of another program: a bar code that says SEP, PATCHT and the like, and nothing but that;
3. a patch code: four bars, two thick and two thin, side by side (Kodak's sheets for document scanners);
4. the word РАЗДЕЛИТЕЛ or SEPARATOR alone on its line.

A page full of writing is a letter whatever code stands on it: what a citizen wrote is never left out.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from mailroom.reading.codes import Barcode, codes_on, is_label, is_own
from mailroom.reading.image import Bar, Gray, bars_on, halved, letters_on, painted_over

_CODE_PIXELS = 1754
"""Long side of the picture in which codes are looked for: 150 dpi, where a bar of 0.4 mm still has its two samples."""
_MOST_LETTERS = 120
"""A sheet has a word and a sentence or two; a letter to a municipality has more than this."""
_MOST_SPECKS = 400
"""What a dirty scan makes of our own sheet, whose code nothing else bears."""
_MOST_WORDS = 40
_NAMES = frozenset({"SEP", "SEPARATOR", "SEPARATION", "DOCSEP", "DOCSEPARATOR", "PATCHT", "NEWDOC", "NEWDOCUMENT",
                    "RAZDELITEL", "РАЗДЕЛИТЕЛ"})
_BESIDE = frozenset({"DOC", "DOCUMENT", "PAGE", "SHEET", "BATCH", "NEW", "ЛИСТ", "СТРАНИЦА", "ЗА", "ДОКУМЕНТИ",
                     "ПИСМА"})
"""Words that stand beside the name on such sheets and mean nothing more."""
_TITLES = ("РАЗДЕЛИТЕЛ", "РАЗДЕЛИТЕЛЕН ЛИСТ", "РАЗДЕЛИТЕЛНА СТРАНИЦА", "SEPARATOR", "SEPARATOR SHEET",
           "SEPARATOR PAGE", "DOCUMENT SEPARATOR", "BATCH SEPARATOR", "PATCH T")
_ALIKE = 88
"""Of 100: one letter of РАЗДЕЛИТЕЛ misread."""
_LIKE_LENGTHS, _THICKER, _LIKE_THICKNESS = 0.85, 1.4, 1.6
_NEIGHBOUR = 0.035
"""Of the page's long side: bars of one patch code lie no farther apart, from middle to middle, than 10 mm."""


class Marks(NamedTuple):
    """What a page's codes and bars say of it."""

    separator: bool
    label: str | None
    """The code of the one label on the page; null for none, and where two contradict each other."""


def marks_on(samples: Gray) -> Marks:
    """Whether the picture of a page is a separator sheet, and whose label is on it; some 30 ms a page."""
    small = halved(samples, _CODE_PIXELS)
    codes = codes_on(small)
    labels = {code.text for code in codes if is_label(code.text)}
    return Marks(separator=_bears_separator(small, codes), label=labels.pop() if len(labels) == 1 else None)


def bears_separator(samples: Gray) -> bool:
    """Whether the picture of a page is a separator sheet by its codes or bars."""
    return marks_on(samples).separator


def _bears_separator(small: Gray, codes: Sequence[Barcode]) -> bool:
    own = any(is_own(code.text) for code in codes)
    if own or any(_is_mark(code.text) for code in codes):
        corners = [[(point.x, point.y) for point in (code.position.top_left, code.position.top_right,
                                                     code.position.bottom_right, code.position.bottom_left)]
                   for code in codes]
        return letters_on(painted_over(small, corners)) <= (_MOST_SPECKS if own else _MOST_LETTERS)
    return _has_patch_code(bars_on(small)) and letters_on(small) <= _MOST_LETTERS


def says_separator(text: str) -> bool:
    """Whether a page's text is that of a separator sheet: few words, and its name in capitals alone on a line."""
    if not has_few_words(text):
        return False
    lines = [" ".join(re.findall(r"[^\W\d_]+", line)) for line in text.splitlines()]
    return any(fuzz.ratio(line, title) >= _ALIKE for line in lines if line.isupper() for title in _TITLES)


def has_few_words(text: str) -> bool:
    """Whether a page has no more words than a separator sheet may have."""
    return len(text) <= 20 * _MOST_WORDS and len(text.split()) <= _MOST_WORDS


def _is_mark(text: str) -> bool:
    """Whether the text of somebody else's code says that it separates, and says nothing else."""
    words = re.findall(r"[^\W\d_]+", text[:80].upper())
    whole = "".join(words) in _NAMES or (words[:2] == ["PATCH", "T"] and len(words) == 2)
    return len(text) <= 40 and (whole or (bool(_NAMES & set(words)) and set(words) <= _NAMES | _BESIDE))


def _has_patch_code(bars: Iterable[Bar]) -> bool:
    """Whether four of the bars, and no fifth beside them, lie as in a patch code."""
    left = list(bars)
    while left:
        group = [left.pop()]
        for bar in group:  # grows while it is gone through
            beside = [other for other in left if _beside(bar, other)]
            group += beside
            left = [other for other in left if other not in beside]
        if len(group) == 4 and _two_thick_and_two_thin(group):
            return True
    return False


def _beside(one: Bar, other: Bar) -> bool:
    """Whether two bars are parallel neighbours of about one length."""
    tilt = abs(one.angle - other.angle) % 180
    near = abs(one.across - other.across) <= _NEIGHBOUR and abs(one.along - other.along) <= 0.5 * one.length
    return near and min(tilt, 180 - tilt) <= 3 and min(one.length, other.length) >= _LIKE_LENGTHS * max(
        one.length, other.length)


def _two_thick_and_two_thin(bars: Iterable[Bar]) -> bool:
    thinnest, thin, thick, thickest = sorted(bar.thickness for bar in bars)
    return thick >= _THICKER * thin and thin <= _LIKE_THICKNESS * thinnest and thickest <= _LIKE_THICKNESS * thick
