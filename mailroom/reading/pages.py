"""One picture of a page to one Page: upright, straight, blank or read."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from PIL import Image

from mailroom.model.letter import Fault, Page, TextSource
from mailroom.model.places import packed
from mailroom.reading.faults import fault
from mailroom.reading.first_look import TIMES, is_clear, seen_at_first, seen_closely
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
from mailroom.reading.ocr import LOOK_SHARE, Recognised, as_read, recognise
from mailroom.reading.options import ReadingOptions
from mailroom.reading.places import Matrix, moved, on_upright
from mailroom.reading.second_look import is_settled
from mailroom.reading.separator import bears_separator, has_few_words, marks_on, says_separator
from mailroom.reading.tesseract import (
    OcrFailed,
    OcrTimedOut,
    Word,
    enlarged,
    has_model,
    mean_confidence,
    turn_upright,
)
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


class _Look(NamedTuple):
    """A page after a first look at it, at half the size."""

    samples: Gray
    skew: float
    half: Gray
    """Levelled."""
    before: Matrix
    """From there to the page as it was."""
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        return mean_confidence(self.words)


def _read_upright(samples: Gray, options: ReadingOptions) -> tuple[Recognised, int]:
    """The reading of the page and the degrees it had to be turned; how it stands is asked for only in doubt."""
    look = _first_look(samples, options)
    if _looks_right(look) or not (degrees := turn_upright(samples)):
        return _read(look, options), 0
    other = _first_look(turned(samples, degrees), options)
    return (_read(other, options), degrees) if _worth(other) > _worth(look) else (_read(look, options), 0)


def _looks_right(look: _Look) -> bool:
    return len(look.words) >= 5 and look.confidence >= _LOOKS_RIGHT and function_share(look.text) > 0.05


def _worth(look: _Look) -> float:
    return look.confidence * min(len(look.words), 40) * (0.1 + function_share(look.text))


def _with_coloured_ink(read: Recognised, samples: Gray, options: ReadingOptions) -> Recognised:
    """The reading of the page, or that with coloured ink on it, where more of it is believed: a hand is taken off with
    the stamps."""
    other = _read(_first_look(samples, options), options)
    if other.worth <= _CLEARLY_MORE * read.worth:
        return read
    return replace(other, doubtful=max(read.doubtful, other.doubtful))


def _first_look(samples: Gray, options: ReadingOptions) -> _Look:
    skew = skew_of(samples)
    half, before = levelled(halved(samples, max(samples.shape) // TIMES), skew)
    words = seen_at_first(half, languages=options.languages, seconds=options.page_seconds)
    return _Look(samples, skew, half, before, words)


def _read(look: _Look, options: ReadingOptions) -> Recognised:
    """What stands on the page: clear print as it was seen at first, and closely what that leaves."""
    read = _read_clear(look, options) if is_clear(look.words) else _read_closely(look, options, options.languages)
    if is_turkish(read.text) and has_model(TURKISH):
        return _read_closely(look, options, f"{TURKISH}+{options.languages}")
    return read


def _read_clear(look: _Look, options: ReadingOptions) -> Recognised:
    words = seen_closely(look.words, partial(levelled_piece, look.samples, look.skew), languages=options.languages,
                         seconds=LOOK_SHARE * options.page_seconds)
    if not is_settled(words, look.half):
        return _read_closely(look, options, options.languages, words)
    read = as_read(words, look.half)
    return replace(read, boxes=moved(read.boxes, look.before))


def _read_closely(look: _Look, options: ReadingOptions, languages: str,
                  words: Iterable[Word] | None = None) -> Recognised:
    """What stands on the page by all of its samples; `words` are known already where it is clear."""
    level, before = levelled(look.samples, look.skew)
    clean = without_specks(level)
    known = None if words is None else [enlarged(word, TIMES) for word in words]
    read = recognise(clean, known, languages=languages, seconds=options.page_seconds)
    return replace(read, boxes=moved(read.boxes, before))
