"""The searchable copy of a scan: its pages as pictures with the words behind them, as PDF/A-2b (home of pytesseract and
of pikepdf.pdfa; ISO 19005-2).

It is made of the straightened pages when nobody waits any more. The original stays what counts.
"""

import io
from collections.abc import Sequence

import pikepdf
import pikepdf.pdfa
import pytesseract
from PIL import Image

from mailroom.reading.image import READING_DPI, Gray
from mailroom.reading.tesseract import OcrFailed, OcrTimedOut

_FLAVOUR = "2b"
_QUALITY = 50
"""Of JPEG: print stays sharp, and a page takes some 300 kB."""


def pdf_page(samples: Gray, *, languages: str, seconds: float) -> bytes:
    """A PDF of one page: the picture, and its words as invisible text. Raises OcrTimedOut or OcrFailed."""
    try:
        return bytes(pytesseract.image_to_pdf_or_hocr(
            _as_jpeg(samples), lang=languages, config=f"--dpi {READING_DPI} -c jpg_quality={_QUALITY}",
            extension="pdf", timeout=seconds))
    except pytesseract.TesseractError as error:
        raise OcrFailed(str(error)) from error
    except RuntimeError as error:  # pytesseract's way to say that the time is over
        raise OcrTimedOut(str(error)) from error


def as_pdf_a(pages: Sequence[bytes]) -> bytes:
    """These one-page PDFs as one PDF/A-2b, checked after writing. Raises pikepdf.pdfa.PdfaError if it does not pass."""
    out = io.BytesIO()
    with pikepdf.new() as copy:
        for page in pages:
            with pikepdf.open(io.BytesIO(page)) as one:
                copy.pages.extend(one.pages)
        pikepdf.pdfa.save(copy, out, _FLAVOUR)
    return out.getvalue()


def _as_jpeg(samples: Gray) -> Image.Image:
    """pytesseract hands a picture on in its own format, and Tesseract puts a JPEG into the PDF as it is."""
    octets = io.BytesIO()
    Image.fromarray(samples).save(octets, "JPEG", quality=_QUALITY, dpi=(READING_DPI, READING_DPI))
    return Image.open(octets)
