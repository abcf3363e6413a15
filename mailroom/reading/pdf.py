"""PDF files page by page (home of pypdfium2 and pikepdf).

A text layer is believed only when it reads like written language and, over a scan, when the picture shows the same
words; a scanner's garbage layer is not, nor one that says something else. Everything else is made into a picture and
read by OCR.
"""

import io
import math
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image
from rapidfuzz import fuzz

from mailroom.model.letter import Fault, Page, TextSource
from mailroom.reading.charset import clean_text
from mailroom.reading.faults import fault
from mailroom.reading.image import READING_DPI, without_idle_colour
from mailroom.reading.legibility import is_clean_typing, is_written_language
from mailroom.reading.options import ReadingOptions
from mailroom.reading.pages import is_separator, read_picture, separator_page
from mailroom.reading.pdf_text import in_reading_order

_POINTS_PER_INCH = 72
_ENOUGH_LETTERS = 20
_FEW_DRAWINGS = 10
_LONGEST_SIDE, _COLOUR_PIXELS = 5100, 18_000_000
"""A page as drawn for reading: one longer than 17 inches is not read at more pixels, and one larger than A3 is drawn in
grey, for its memory."""
_COVERS = 0.6
"""A picture over this share of a page makes it a scan."""
_AGREES = 70
"""Per cent of likeness between what is seen and what the layer says: poor old layers have more, false ones far less."""


def read_pdf(content: bytes, options: ReadingOptions, wanted: tuple[int, ...] | None) -> tuple[
        tuple[Page, ...], tuple[Fault, ...]]:
    """The wanted pages (1-based; null for all) and what went wrong. Never raises."""
    opened = _open(content)
    if isinstance(opened, Fault):
        return (), (opened,)
    document, faults = opened
    with closing(document):
        pages: list[Page] = []
        numbers = [n for n in range(1, len(document) + 1) if wanted is None or n in wanted]
        if wanted is not None and len(numbers) < len(set(wanted)):
            faults.append(fault("missing_pages"))
        if len(numbers) > options.max_pages:
            faults.append(fault("too_many_pages", limit=options.max_pages))
        for number in numbers[:options.max_pages]:
            page, page_faults = _read_page(document, content, number, options)
            pages.append(page)
            faults += page_faults
    return tuple(pages), tuple(faults)


def page_count(content: bytes) -> int:
    """How many pages the file has; 0 when it cannot be opened."""
    opened = _open(content)
    if isinstance(opened, Fault):
        return 0
    with closing(opened[0]) as document:
        return len(document)


def page_picture(content: bytes, number: int, *, width: int, pixels: int) -> Image.Image | None:
    """A page (1-based) as people see it, grey, `width` pixels wide or less where it would exceed `pixels`; null when it
    cannot be drawn."""
    opened = _open(content)
    if isinstance(opened, Fault):
        return None
    with closing(opened[0]) as document:
        try:
            with closing(document[number - 1]) as page:
                across, down = (max(1.0, points) for points in page.get_size())
                scale = min(width / across, math.sqrt(pixels / (across * down)))
                picture: Image.Image = page.render(scale=scale, grayscale=True, may_draw_forms=True).to_pil()
                return picture.convert("L")
        except (pdfium.PdfiumError, ValueError, IndexError, MemoryError):
            return None


def _open(content: bytes) -> tuple[Any, list[Fault]] | Fault:
    """The open document, mended by pikepdf where it has to be; or why it cannot be opened."""
    try:
        document = pdfium.PdfDocument(content)
        if len(document):
            _init_forms(document)
            return document, [] if _is_complete(content) else [fault("truncated")]
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            return fault("encrypted_pdf")
    try:
        with pikepdf.open(io.BytesIO(content)) as damaged:
            mended = io.BytesIO()
            damaged.save(mended)
        document = pdfium.PdfDocument(mended.getvalue())
        if not len(document):
            return fault("damaged_pdf")
        _init_forms(document)
    except pikepdf.PasswordError:
        return fault("encrypted_pdf")
    except (pikepdf.PdfError, pdfium.PdfiumError, ValueError, OSError, RuntimeError):
        return fault("damaged_pdf")
    return document, [fault("truncated")]


def _is_complete(content: bytes) -> bool:
    return b"%%EOF" in content[-2048:]


def _init_forms(document: Any) -> None:
    if document.get_formtype() != pdfium_c.FORMTYPE_NONE:
        document.init_forms()


def _read_page(document: Any, content: bytes, number: int, options: ReadingOptions) -> tuple[Page, list[Fault]]:
    try:
        with closing(document[number - 1]) as page:
            if document.formenv:
                page.flatten()
    except (pdfium.PdfiumError, ValueError):
        return _unread(number)
    try:
        with closing(document[number - 1]) as page:  # opened again: flattening shows only then
            text = _text_layer(page)
            if text is not None and is_separator(text, lambda: _rasterise(page, options.page_pixels)):
                return separator_page(number), []
            scanned = text is None or _is_scan(page)
            picture = _rasterise(page, options.page_pixels) if scanned else None
    except (pdfium.PdfiumError, ValueError, MemoryError):
        return _unread(number)
    read: Page | None = None
    if picture is not None:
        read, faults = read_picture(picture, number, options)
        if text is None or not _shows(read, text):
            told = [fault("layer_differs", page=number)] if text is not None and not read.blank else []
            return read, [*faults, *told]
    assert text is not None
    layer, places = in_reading_order(content, number, text)
    return Page(number=number, text=layer, text_source=TextSource.TEXT_LAYER, confidence=None, places=places,
                label=read.label if read else None), []


def _shows(read: Page, layer: str) -> bool:
    """Whether the picture shows the words of the text layer over it. Where it could not be read, nothing speaks against
    the layer."""
    if read.confidence is None and not read.blank:
        return True
    return fuzz.token_set_ratio(read.text.lower(), layer.lower()) >= _AGREES


def _unread(number: int) -> tuple[Page, list[Fault]]:
    page = Page(number=number, text="", text_source=TextSource.NONE, confidence=None)
    return page, [fault("page_unreadable", page=number)]


def _text_layer(page: Any) -> str | None:
    """The page's text where it can be believed: as language on a scan, as clean letters on a typed page."""
    with closing(page.get_textpage()) as layer:
        text = clean_text(layer.get_text_range(errors="ignore"))
    text = text.replace("\ufffe", "-").replace("\x02", "-")
    if is_written_language(text):
        return text
    if _is_scan(page) or not is_clean_typing(text):
        return None
    return text if sum(map(str.isalpha, text)) >= _ENOUGH_LETTERS or _holds_text_alone(page) else None


def _is_scan(page: Any) -> bool:
    """Whether one picture covers most of the page."""
    width, height = page.get_size()
    return any(area >= _COVERS * width * height for area in _picture_areas(page))


def _holds_text_alone(page: Any) -> bool:
    """Whether nothing but text and a few lines is on the page: no words hide in pictures or in drawn letters."""
    others = [item.type for item in page.get_objects(max_depth=4) if item.type != pdfium_c.FPDF_PAGEOBJ_TEXT]
    return len(others) <= _FEW_DRAWINGS and pdfium_c.FPDF_PAGEOBJ_IMAGE not in others


def _picture_areas(page: Any) -> Iterator[float]:
    for item in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        left, bottom, right, top = item.get_bounds()
        yield max(0.0, right - left) * max(0.0, top - bottom)


def _rasterise(page: Any, pixels: int) -> Image.Image:
    """The page at 300 dpi, or at less where that would be larger than the cap."""
    width, height = page.get_size()
    area = max(1.0, width) * max(1.0, height)
    scale = min(READING_DPI / _POINTS_PER_INCH, math.sqrt(pixels / area), _LONGEST_SIDE / max(1.0, width, height))
    grey = area * scale * scale > _COLOUR_PIXELS
    picture = without_idle_colour(page.render(scale=scale, grayscale=grey, may_draw_forms=True).to_pil())
    picture.info["dpi"] = (scale * _POINTS_PER_INCH,) * 2
    return picture
