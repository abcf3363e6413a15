"""Separator sheets are recognised however they were scanned, and nothing else is taken for one."""

import functools
import re
from collections.abc import Callable

import numpy as np
import pypdfium2 as pdfium
import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from mailroom.correspondence.pdf import page_pdf
from mailroom.model.arrival import Channel
from mailroom.reading.codes import code_svg, new_code, new_label
from mailroom.reading.image import to_reading_size
from mailroom.reading.separator import bears_separator, marks_on, says_separator
from mailroom.separators import separators_pdf
from tests.reading.material import FONT, page, read, saved


@functools.cache
def printed() -> bytes:
    """Five sheets."""
    return separators_pdf(5)


def sheet() -> Image.Image:
    """One of our sheets as a clean picture at 150 dpi."""
    drawn = pdfium.PdfDocument(printed())[0].render(scale=150 / 72, grayscale=True)
    return at_dpi(drawn.to_pil().convert("L"), 150)


def at_dpi(picture: Image.Image, dpi: float) -> Image.Image:
    picture.info["dpi"] = (dpi, dpi)
    return picture


def foreign(text: str, kind: str, *, words: str = "") -> Image.Image:
    """A sheet of another program: a bar code and a line under it, on A4 at 150 dpi."""
    sheet = Image.new("L", (1240, 1754), 255)
    code = zxingcpp.create_barcode(text, zxingcpp.barcode_format_from_str(kind)).to_image(scale=4)
    sheet.paste(Image.fromarray(np.array(code)).resize((620, 240)), (310, 300))
    ImageDraw.Draw(sheet).multiline_text((200, 700), words, font=ImageFont.truetype(FONT, 26), fill=0)
    return at_dpi(sheet, 150)


def barred(thicknesses: tuple[int, ...], *, gap: int = 12, words: str = "") -> Image.Image:
    """Bars across the top of an A4 page at 150 dpi, these thick."""
    sheet = Image.new("L", (1240, 1754), 255)
    draw, top = ImageDraw.Draw(sheet), 120
    for thickness in thicknesses:
        draw.rectangle((120, top, 1120, top + thickness), fill=0)
        top += thickness + gap
    draw.multiline_text((150, 500), words, font=ImageFont.truetype(FONT, 26), fill=0)
    return at_dpi(sheet, 150)


def dirty(picture: Image.Image) -> Image.Image:
    """Blurred, full of noise, and made black and white."""
    noisy = np.asarray(picture.filter(ImageFilter.GaussianBlur(1)), np.float64)
    noisy = noisy + np.random.default_rng(7).normal(0, 40, noisy.shape)
    return at_dpi(Image.fromarray(((noisy > 128) * 255).astype(np.uint8)), 150)


def covered(picture: Image.Image) -> Image.Image:
    """A stamp, a fold and a coffee cup have left one corner of the sheet."""
    ImageDraw.Draw(picture).rectangle((0, 0, picture.width, round(0.72 * picture.height)), fill=200)
    return picture


def turned(degrees: float) -> Callable[[Image.Image], Image.Image]:
    return lambda picture: at_dpi(picture.rotate(degrees, expand=True, fillcolor=255), 150)


def faxed(picture: Image.Image) -> Image.Image:
    fax = picture.resize((1728, 1145)).point(lambda value: 255 * (value > 128))
    fax.info["dpi"] = (204, 98)
    return fax


@pytest.mark.parametrize("scanned", [
    lambda picture: picture, turned(3), turned(90), turned(180), turned(277), dirty, covered, faxed,
    lambda picture: at_dpi(picture.resize((620, 877)), 75)],
    ids=["clean", "askew", "on its side", "on its head", "on its side and askew", "dirty", "covered", "fax", "75 dpi"])
def test_our_sheet_is_recognised_in_a_bad_scan(scanned: Callable[[Image.Image], Image.Image]) -> None:
    assert bears_separator(to_reading_size(scanned(sheet())))


@pytest.mark.parametrize(("text", "kind"), [
    ("SEP", "Code39"), ("SEP-0007", "Code128"), ("PATCHT", "Code128"), ("PATCH T", "QRCode"),
    ("DOC-SEPARATOR", "QRCode"), ("РАЗДЕЛИТЕЛ", "QRCode"), ("Separator sheet", "DataMatrix")])
def test_a_sheet_of_another_program_is_recognised_by_its_code(text: str, kind: str) -> None:
    assert bears_separator(to_reading_size(foreign(text, kind, words="Не изваждайте този лист")))


@pytest.mark.parametrize(("text", "kind"), [
    ("94-00-17", "Code128"), ("https://example.bg/separator/offers", "QRCode"), ("12SEP2026 INVOICE 7", "Code128"),
    ("SEPTEMVRI", "Code128")])
def test_a_code_that_says_anything_else_divides_nothing(text: str, kind: str) -> None:
    assert not bears_separator(to_reading_size(foreign(text, kind)))


def test_a_letter_with_a_separators_code_on_it_stays_a_letter() -> None:
    """Whoever prints such a code on a letter does not make it vanish."""
    words = "\n".join("Моля да се отстрани счупената пейка до входа на детската градина." for _ in range(14))
    assert not bears_separator(to_reading_size(foreign("SEP", "Code39", words=words)))
    assert not bears_separator(to_reading_size(foreign(new_code(), "QRCode", words=words)))


@pytest.mark.parametrize("thicknesses", [(12, 30, 12, 30), (30, 12, 12, 30), (30, 30, 12, 12)])
@pytest.mark.parametrize("scanned", [lambda picture: picture, turned(2), turned(90)],
                         ids=["upright", "askew", "on its side"])
def test_patch_codes_are_recognised(thicknesses: tuple[int, ...],
                                    scanned: Callable[[Image.Image], Image.Image]) -> None:
    assert bears_separator(to_reading_size(scanned(barred(thicknesses))))


@pytest.mark.parametrize(("thicknesses", "gap"), [
    ((12, 30, 12), 12), ((12, 12, 12, 12), 12), ((12, 30, 12, 30, 12), 12), ((12, 30, 12, 30), 160),
    ((2, 3, 2, 3), 40)],
    ids=["three", "all alike", "five", "far apart", "rules of a form"])
def test_other_bars_divide_nothing(thicknesses: tuple[int, ...], gap: int) -> None:
    assert not bears_separator(to_reading_size(barred(thicknesses, gap=gap)))


@pytest.mark.parametrize(("text", "is_sheet"), [
    ("РАЗДЕЛИТЕЛ\n\nНе изваждайте този лист от пакета", True),
    ("РАЗДЕЛИТЕ Л", True),
    ("РАЗДЕЛИТЕЛЕН ЛИСТ № 7", True),
    ("SEPARATOR SHEET\nplease do not remove", True),
    ("Моля да поставите\nразделител\nмежду двете платна.", False),
    ("Моля за РАЗДЕЛИТЕЛ между платната на булеварда.", False),
    ("РАЗДЕЛИТЕЛ\n" + "На булеварда няма разделител и колите завиват. " * 7, False),
    ("", False)])
def test_the_word_alone_on_a_page_divides(text: str, is_sheet: bool) -> None:
    assert says_separator(text) is is_sheet


def test_a_page_with_nothing_but_the_word_is_read_as_a_separator() -> None:
    letter = read(saved(page("РАЗДЕЛИТЕЛ", size=150), "PNG"), Channel.PAPER)
    assert [(page.separator, page.blank, page.text) for page in letter.pages] == [(True, True, "")]


def test_the_printed_sheets_are_separators_before_they_are_scanned_too() -> None:
    letter = read(printed(), Channel.PAPER)
    assert [page.separator for page in letter.pages] == [True] * 5


def test_every_sheet_has_a_code_of_its_own() -> None:
    pages = [sheet.get_textpage().get_text_range() for sheet in pdfium.PdfDocument(printed())]
    codes = {code for text in pages for code in re.findall(r"MAILROOM-SEP-1-[A-Z2-7]{8}", text)}
    assert len(pages) == len(codes) == 5 and all("РАЗДЕЛИТЕЛ" in text for text in pages)


# ---- labels of the counter ------------------------------------------------------------------------------------------


def labelled(*labels: str, words: int = 60) -> Image.Image:
    """A letter with labels of 27 mm stuck on it, at 150 dpi."""
    sheet = Image.new("L", (1240, 1754), 255)
    ImageDraw.Draw(sheet).multiline_text((150, 400), "Моля да се вземат мерки.\n" * (words // 4), fill=0,
                                         font=ImageFont.truetype(FONT, 26))
    for at, label in enumerate(labels):
        drawn = page_pdf(f"<style>@page {{ size: 27mm; margin: 0 }} svg {{ width: 27mm }}</style>{code_svg(label)}")
        picture = pdfium.PdfDocument(drawn)[0].render(scale=150 / 72, grayscale=True).to_pil()
        sheet.paste(picture.convert("L"), (980 - 500 * at, 70))
    return at_dpi(sheet, 150)


@pytest.mark.parametrize("scanned", [
    lambda picture: picture, turned(3), turned(90), turned(180), turned(277), dirty, faxed],
    ids=["clean", "askew", "on its side", "on its head", "on its side and askew", "dirty", "fax"])
def test_a_label_is_read_in_a_bad_scan_and_the_page_stays_a_letter(
        scanned: Callable[[Image.Image], Image.Image]) -> None:
    label = new_label()
    assert marks_on(to_reading_size(scanned(labelled(label)))) == (False, label)


@pytest.mark.parametrize("labels", [(), ("MAILROOM-REG-1-ABC",), ("https://status.example.bg",)])
def test_what_is_no_label_of_the_counter_says_nothing(labels: tuple[str, ...]) -> None:
    assert marks_on(to_reading_size(labelled(*labels))).label is None


def test_two_labels_on_one_page_contradict_each_other() -> None:
    assert marks_on(to_reading_size(labelled(new_label(), new_label()))).label is None


def test_a_page_with_nothing_but_a_label_is_no_separator() -> None:
    assert not marks_on(to_reading_size(labelled(new_label(), words=0))).separator
