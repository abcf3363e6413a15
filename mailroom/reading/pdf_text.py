"""The text layer of a PDF page in reading order (home of pdfplumber).

pdfium gives the text in the order in which the file draws it; pdfplumber puts lines together by where they stand on the
page, which is what a reader of tables and of letterheads in two columns needs.
"""

import io
import struct
from collections import Counter

import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from mailroom.reading.charset import clean_text

_STUMBLES = (MalformedPDFException, PdfminerException, PDFException, PSException, ValueError, TypeError, KeyError,
             AttributeError, IndexError, AssertionError, NotImplementedError, RecursionError, OSError, struct.error)
"""What pdfminer lets through where a damaged file makes it stumble; the page has been read by pdfium already."""
_SAME_LETTERS = 0.97
"""Share of letters that both must have in common: form fields, for example, only pdfium shows."""


def in_reading_order(content: bytes, number: int, text: str) -> str:
    """The text of page `number` (1-based) in reading order; `text`, as pdfium read it, where that cannot be had."""
    try:
        with pdfplumber.open(io.BytesIO(content), pages=[number]) as document:
            ordered = clean_text(document.pages[0].extract_text() or "") if document.pages else ""
    except _STUMBLES:
        return text
    return ordered if _share_in_common(ordered, text) >= _SAME_LETTERS else text


def _share_in_common(one: str, other: str) -> float:
    """How much of their letters and digits two texts share, whatever the order."""
    first, second = (Counter(filter(str.isalnum, text)) for text in (one, other))
    return (first & second).total() / max(1, first.total(), second.total())
