"""The text layer of a PDF page in reading order (home of pdfplumber).

pdfium gives the text in the order in which the file draws it; pdfplumber puts lines together by where they stand on the
page, which is what a reader of tables and of letterheads in two columns needs.
"""

import io
import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from mailroom.model.places import Box, packed
from mailroom.reading.charset import clean_text

_STUMBLES = (MalformedPDFException, PdfminerException, PDFException, PSException, ValueError, TypeError, KeyError,
             AttributeError, IndexError, AssertionError, NotImplementedError, RecursionError, OSError, struct.error)
"""What pdfminer lets through where a damaged file makes it stumble; the page has been read by pdfium already."""
_SAME_LETTERS = 0.97
"""Share of letters that both must have in common: form fields, for example, only pdfium shows."""


def in_reading_order(content: bytes, number: int, text: str) -> tuple[str, bytes]:
    """The text of page `number` (1-based) in reading order with the places of its words (model/places.py); `text`, as
    pdfium read it, without places, where that cannot be had."""
    try:
        with pdfplumber.open(io.BytesIO(content), pages=[number]) as document:
            ordered, boxes = _words_of(document.pages[0]) if document.pages else ("", [])
    except _STUMBLES:
        return text, b""
    if _share_in_common(ordered, text) < _SAME_LETTERS:
        return text, b""
    return ordered, packed(boxes) if len(boxes) == len(ordered.split()) else b""


def _words_of(page: Any) -> tuple[str, list[Box]]:
    signs = page.get_textmap()
    return clean_text(signs.as_string), list(_boxes(signs.tuples, page.cropbox))


def _boxes(signs: list[tuple[str, Any]], shown: tuple[float, float, float, float]) -> Iterator[Box]:
    """Around each run of signs between blanks, in shares of the part of the page that is shown."""
    left, top, right, bottom = map(float, shown)
    wide, high = max(1.0, right - left), max(1.0, bottom - top)
    word: list[Any] = []
    for sign, drawn in [*signs, (" ", None)]:
        if not sign.isspace():
            word += [drawn] if drawn else []
        elif word:
            yield Box((min(one["x0"] for one in word) - left) / wide, (min(one["top"] for one in word) - top) / high,
                      (max(one["x1"] for one in word) - left) / wide, (max(one["bottom"] for one in word) - top) / high)
            word = []


def _share_in_common(one: str, other: str) -> float:
    """How much of their letters and digits two texts share, whatever the order."""
    first, second = (Counter(filter(str.isalnum, text)) for text in (one, other))
    return (first & second).total() / max(1, first.total(), second.total())
