"""Pages as they come out of the printer: real PDF, measured."""

import base64
import io
from pathlib import Path

import pdfplumber
import pikepdf
import pytest
from PIL import Image

from mailroom.config import packaged
from mailroom.correspondence.acknowledgement import write_acknowledgement
from mailroom.correspondence.extension import write_extension
from mailroom.correspondence.pdf import page_pdf, pages_pdf
from mailroom.correspondence.templates import Templates
from mailroom.model.arrival import Channel
from mailroom.model.findings import Address
from tests.correspondence.samples import ADDRESS, ENTRY, PACK, SENDING, item, packaged_templates, verdict
from tests.correspondence.test_extension import USUAL

MM = 72 / 25.4
LONG = Address(postcode="9999", settlement="Примерово", quarter="ж.к. Христо Смирненски - юг", number="1",
               street="ул. Генерал Йосиф Владимирович Гурко", block="213 Б", entrance="Г", floor="12", apartment="148")

# A DL window, 20 mm from the side and 15 mm from below; the sheet slides 10 mm sideways and 5 mm up.
ALWAYS_SEEN = {"right": (110, 190), "left": (20, 100)}
EVER_SEEN = {"right": (100, 200), "left": (10, 110)}


def printed(side: str, tmp_path: Path, address: Address) -> str:
    """The page of an acknowledgement on paper for an envelope with its window on this side."""
    own = tmp_path / "base" / "envelope.jinja"
    own.parent.mkdir()
    own.write_text(f'{{% set window = "{side}" %}}', "utf-8")
    about = item(email=None, channel=Channel.PAPER, judged=verdict(urgent=True), organisation="Сдружение „Зелен град“",
                 address=address)
    draft = write_acknowledgement(about, ENTRY, PACK, Templates(packaged("templates"), tmp_path), **SENDING)
    assert draft is not None
    return draft.page_html


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("address", [ADDRESS, LONG], ids=["short", "long"])
def test_the_window_shows_the_address_and_nothing_else(side: str, address: Address, tmp_path: Path) -> None:
    with pdfplumber.open(io.BytesIO(page_pdf(printed(side, tmp_path, address)))) as pdf:
        words = pdf.pages[0].extract_words()
    left, right = EVER_SEEN[side]
    shown = [word for word in words if left < word["x1"] / MM and word["x0"] / MM < right
             and word["bottom"] / MM > 45 and word["top"] / MM < 95]
    text = " ".join(word["text"] for word in shown)
    assert text.startswith("Мария Петрова Сдружение")
    assert text.endswith("9999 Примерово")
    sure_left, sure_right = ALWAYS_SEEN[side]
    for word in shown:
        assert sure_left <= word["x0"] / MM and word["x1"] / MM <= sure_right, word["text"]
        assert word["top"] / MM >= 60 and word["bottom"] / MM <= 90, word["text"]


def test_letters_fit_one_page_of_a4_in_readable_type() -> None:
    notice = write_extension(item(email=None), ENTRY, PACK, packaged_templates(), **USUAL, **SENDING)
    praise = write_acknowledgement(item(email=None, judged=verdict(urgent=True), anonymous=True), ENTRY, PACK,
                                   packaged_templates(), **SENDING)
    assert praise is not None
    for page_html in (notice.page_html, praise.page_html):
        with pdfplumber.open(io.BytesIO(page_pdf(page_html))) as pdf:
            assert len(pdf.pages) == 1
            page = pdf.pages[0]
            assert (round(page.width / MM), round(page.height / MM)) == (210, 297)
            body = [char["size"] for char in page.chars if char["top"] / MM > 97]
            assert sorted(body)[len(body) // 2] >= 11
            marks = {round(mark["top"] / MM) for mark in (*page.lines, *page.rects) if mark["x0"] / MM < 6}
            assert {105, 210} <= marks


def test_each_letter_of_a_run_begins_on_its_own_page_and_the_printer_is_asked_for_single_sides() -> None:
    pdf_bytes = pages_pdf([
        "<html lang=bg><title>a</title><p>Първо",
        "<html lang=bg><title>b</title><p>Второ<p style='break-before:page'>край",
    ])
    with pdfplumber.open(io.BytesIO(pdf_bytes)) as pdf:
        assert [page.extract_text() for page in pdf.pages] == ["Първо", "Второ", "край"]
    with pikepdf.open(io.BytesIO(pdf_bytes)) as pdf:
        assert pdf.Root.ViewerPreferences.Duplex == "/Simplex"


def test_a_page_shows_the_picture_that_it_carries_and_fetches_no_other(tmp_path: Path) -> None:
    octets = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(octets, "PNG")
    beside = tmp_path / "beside.png"
    beside.write_bytes(octets.getvalue())
    carried = "data:image/png;base64," + base64.b64encode(octets.getvalue()).decode()
    for source, pictures in ((carried, 1), (beside.as_uri(), 0), ("http://127.0.0.1:9/x.png", 0)):
        html = f'<html lang=bg><title>t</title><img src="{source}" alt="герб">'
        with pdfplumber.open(io.BytesIO(page_pdf(html))) as pdf:
            assert len(pdf.pages[0].images) == pictures


def test_no_letters_make_no_pdf() -> None:
    with pytest.raises(ValueError, match="no letters"):
        pages_pdf([])
