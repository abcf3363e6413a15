"""The searchable copy of a scan: its words can be found, and it is a PDF/A."""

import io

import pikepdf.pdfa
import pypdfium2 as pdfium
import pytest
from PIL import Image

from mailroom.reading.options import ReadingOptions
from mailroom.reading.original import searchable_page
from mailroom.reading.searchable import as_pdf_a
from tests.reading.material import page, saved


def _words(copy: bytes) -> list[str]:
    return [sheet.get_textpage().get_text_range() for sheet in pdfium.PdfDocument(copy)]


def test_a_copy_holds_the_words_of_every_page_behind_its_picture() -> None:
    scan = saved(page(), "TIFF", save_all=True, append_images=[page("Втора страница, подписана.").rotate(180)])
    pages = [searchable_page(scan, number, rotation=turn, options=ReadingOptions())
             for number, turn in ((1, 0), (2, 180))]
    copy = as_pdf_a([sheet for sheet in pages if sheet])
    first, second = _words(copy)
    assert "уличното осветление" in first and "Втора страница" in second
    report = pikepdf.pdfa.validate_written(io.BytesIO(copy), "2b")
    assert report.verdict == "pass", report
    assert len(copy) < 2_000_000


def test_a_page_that_is_not_there_has_no_copy() -> None:
    assert searchable_page(saved(page(), "PNG"), 2, rotation=0, options=ReadingOptions()) is None


@pytest.mark.parametrize("junk", [b"no pdf"])
def test_what_is_no_pdf_becomes_no_copy(junk: bytes) -> None:
    with pytest.raises(pikepdf.PdfError):
        as_pdf_a([junk])


def test_an_empty_sheet_can_be_copied_too() -> None:
    sheet = searchable_page(saved(Image.new("L", (1240, 1754), 255), "PNG"), 1, rotation=0, options=ReadingOptions())
    assert sheet is not None and _words(as_pdf_a([sheet]))[0].strip() == ""
