"""One picture of a page to one Page: upright, straight, blank or read."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PIL import Image

from mailroom.model.letter import Fault, Page, TextSource
from mailroom.model.places import packed
from mailroom.reading.faults import fault
from mailroom.reading.first_look import TIMES, clear_words
from mailroom.reading.image import (
    Gray,
    halved,
    is_blank,
    levelled,
    levelled_piece,
    sheet_of,
    skew_of,
    to_reading_size,
    turned,
    without_specks,
)
from mailroom.reading.legibility import function_share
from mailroom.reading.ocr import Recognised, as_read, recognise
from mailroom.reading.options import ReadingOptions
from mailroom.reading.places import Matrix, moved, on_upright
from mailroom.reading.second_look import is_settled
from mailroom.reading.separator import bears_separator, has_few_words, marks_on, says_separator
from mailroom.reading.tesseract import OcrFailed, OcrTimedOut, Word, enlarged, has_model, turn_upright
from mailroom.reading.turkish import MODEL as TURKISH
from mailroom.reading.turkish import is_turkish

_LOOKS_RIGHT = 0.70
"""With this confidence a page stands upright; below it the orientation is asked for."""

_CLEARLY_MORE = 1.05
"""How many times as much must be believed of a page with its coloured ink."""


def read_picture(picture: Image.Image, number: int, options: ReadingOptions) -> tuple[Page, tuple[Fault, ...]]:
    """Read one page; never raises. `number` is 1-based, in the file."""
    samples, sheet = sheet_of(picture)
    marks = marks_on(samples)
    if marks.separator:
        return separator_page(number), ()
    page, faults = _read_samples(samples, sheet, number, options, _all_ink_of(picture))
    return (page if page.separator else page.model_copy(update={"label": marks.label})), faults


def _all_ink_of(picture: Image.Image) -> Callable[[], Gray] | None:
    """The samples with coloured ink on them; null for a picture without colour."""
    return (lambda: sheet_of(picture, all_ink=True)[0]) if picture.mode == "RGB" else None


def _read_samples(samples: Gray, sheet: Matrix, number: int, options: ReadingOptions,
                  all_ink: Callable[[], Gray] | None) -> tuple[Page, tuple[Fault, ...]]:
    if is_blank(samples):
        return Page(number=number, text="", text_source=TextSource.NONE, confidence=None, blank=True), ()
    try:
        read, rotation = _read_upright(samples, options)
        if read.by_hand and all_ink is not None:
            read = _with_coloured_ink(read, turned(all_ink(), rotation), options)
    except OcrTimedOut:
        return _unread(number), (fault("page_timeout", page=number),)
    except OcrFailed:
        return _unread(number), (fault("ocr_failed", page=number),)
    if says_separator(read.text):
        return separator_page(number), ()
    places = packed(moved(read.boxes, on_upright(sheet, rotation)))
    return Page(number=number, text=read.text, text_source=TextSource.OCR, confidence=read.confidence,
                doubtful=read.doubtful, doubted=read.doubted, rotation=rotation, places=places), ()


def is_separator(text: str, draw: Callable[[], Image.Image]) -> bool:
    """Whether a page that came with its text is a separator sheet; it is drawn only where few words stand on it."""
    return says_separator(text) or (has_few_words(text) and bears_separator(to_reading_size(draw())))


def separator_page(number: int) -> Page:
    """A separator sheet: nothing of it belongs to a letter."""
    return Page(number=number, text="", text_source=TextSource.NONE, confidence=None, blank=True, separator=True)


def _unread(number: int) -> Page:
    return Page(number=number, text="", text_source=TextSource.NONE, confidence=None)


def _read_upright(samples: Gray, options: ReadingOptions) -> tuple[Recognised, int]:
    """The reading of the page and the degrees it had to be turned; both turned and unturned are read only in doubt."""
    first = _read(samples, options)
    if first.words >= 5 and first.confidence >= _LOOKS_RIGHT and function_share(first.text) > 0.05:
        return first, 0
    degrees = turn_upright(samples)
    if not degrees:
        return first, 0
    second = _read(turned(samples, degrees), options)
    return (second, degrees) if _worth(second) > _worth(first) else (first, 0)


def _with_coloured_ink(read: Recognised, samples: Gray, options: ReadingOptions) -> Recognised:
    """The reading of the page, or that with coloured ink on it, where more of it is believed: a hand is taken off with
    the stamps."""
    other = _read(samples, options)
    if other.worth <= _CLEARLY_MORE * read.worth:
        return read
    return replace(other, doubtful=max(read.doubtful, other.doubtful))


def _read(samples: Gray, options: ReadingOptions) -> Recognised:
    """What stands on the page: read at half the size, which clear print can do with, and closely what that leaves."""
    skew = skew_of(samples)
    half, before = levelled(halved(samples, max(samples.shape) // TIMES), skew)
    words = clear_words(half, partial(levelled_piece, samples, skew), languages=options.languages,
                        seconds=options.page_seconds)
    if words is not None and is_settled(words, half):
        read = as_read(words, half)
        read = replace(read, boxes=moved(read.boxes, before))
    else:
        read = _read_closely(samples, skew, options, options.languages, words)
    if is_turkish(read.text) and has_model(TURKISH):
        return _read_closely(samples, skew, options, f"{TURKISH}+{options.languages}")
    return read


def _read_closely(samples: Gray, skew: float, options: ReadingOptions, languages: str,
                  words: Sequence[Word] | None = None) -> Recognised:
    """What stands on the page by all of its samples; `words` are those of a first look that saw it clearly."""
    level, before = levelled(samples, skew)
    clean = without_specks(level)
    known = None if words is None else [enlarged(word, TIMES) for word in words]
    read = recognise(clean, known, languages=languages, seconds=options.page_seconds)
    return replace(read, boxes=moved(read.boxes, before))


def _worth(read: Recognised) -> float:
    return read.confidence * min(read.words, 40) * (0.1 + function_share(read.text))
