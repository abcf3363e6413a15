"""Tesseract in this process (home of tesserocr): words with their places, and which way up a page lies.

In process a page takes 0.9 of the time that it takes with a program started for each page: no model is loaded again and
no picture goes through a file. A reading process is single and capped (processes.py), so that a crash in here costs one
letter.
"""

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import tesserocr
from numpy.typing import NDArray
from PIL import Image

_DPI = 300
_FOLDERS = ("/usr/share/tesseract-ocr/5/tessdata", "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata",
            "/usr/local/share/tessdata")
"""Where Debian, Fedora and a build by hand keep the models; the variable TESSDATA_PREFIX comes before them."""


class OcrFailed(Exception):
    """Tesseract gave an error for this page."""


class OcrTimedOut(OcrFailed):
    """Tesseract was stopped at the end of its time."""


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word as Tesseract read it, with its place on the page in samples of the picture."""

    text: str
    confidence: float
    """0 to 1."""
    line: tuple[int, int]
    """Block and line, counted from 0 in Tesseract's order."""
    left: int
    top: int
    right: int
    bottom: int


def enlarged(word: Word, times: float) -> Word:
    """The word on a picture so many times as large."""
    left, top, right, bottom = (round(side * times) for side in (word.left, word.top, word.right, word.bottom))
    return replace(word, left=left, top=top, right=right, bottom=bottom)


def in_lines(words: Iterable[Word]) -> list[list[Word]]:
    """The words by their lines, in the order in which the lines began."""
    lines: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    return list(lines.values())


def mean_confidence(words: Iterable[Word]) -> float:
    """Weighted by the words' length; 0 when there are none."""
    weighted = [(word.confidence, len(word.text)) for word in words]
    letters = sum(weight for _, weight in weighted)
    return sum(confidence * weight for confidence, weight in weighted) / letters if letters else 0.0


def words_on(samples: NDArray[np.uint8], *, languages: str, seconds: float, dpi: int = _DPI) -> tuple[Word, ...]:
    """The words of a page of grey samples, in Tesseract's order. Raises OcrTimedOut or OcrFailed."""
    return _recognised(_reader(languages), samples, seconds, dpi)


def words_in_piece(samples: NDArray[np.uint8], at: tuple[int, int], *, one_line: bool, languages: str,
                   seconds: float, margin: int = 0) -> list[Word]:
    """The words (letters or digits, not signs alone) of a piece of a page that is a block of lines, or one line, with
    their places on the page, on which the piece has its left upper corner `at`.

    The piece is read with so wide a white margin. Raises OcrTimedOut or OcrFailed.
    """
    left, top = (side - margin for side in at)
    engine = _reader(languages)
    engine.SetPageSegMode(tesserocr.PSM.SINGLE_LINE if one_line else tesserocr.PSM.SINGLE_BLOCK)
    try:
        words = _recognised(engine, np.pad(samples, margin, constant_values=255) if margin else samples, seconds)
        return [replace(word, left=word.left + left, right=word.right + left, top=word.top + top,
                        bottom=word.bottom + top) for word in words if any(map(str.isalnum, word.text))]
    finally:
        engine.SetPageSegMode(tesserocr.PSM.AUTO)


def _recognised(engine: "tesserocr.PyTessBaseAPI", samples: NDArray[np.uint8], seconds: float,
                dpi: int = _DPI) -> tuple[Word, ...]:
    try:
        engine.SetImage(Image.fromarray(samples))
        engine.SetSourceResolution(dpi)
        if not engine.Recognize(max(1, round(1000 * seconds))):
            raise OcrTimedOut("the page took too long")
        return tuple(_words(engine.GetIterator()))
    except RuntimeError as error:
        raise OcrFailed(str(error)) from error
    finally:
        engine.Clear()


def turn_upright(samples: NDArray[np.uint8]) -> int:
    """Degrees clockwise by which the page must be turned to stand upright; 0 also when there is too little to tell.

    Half a second a page: ask only when the page looks wrong. Raises OcrFailed without the model `osd`.
    """
    engine = _orientation_finder()
    try:
        engine.SetImage(Image.fromarray(samples))
        engine.SetSourceResolution(_DPI)
        found = engine.DetectOrientationScript()
    finally:
        engine.Clear()
    if not found or found["orient_conf"] <= 0:
        return 0
    return (360 - int(found["orient_deg"])) % 360


def _words(results: "tesserocr.PyResultIterator | None") -> Iterator[Word]:
    if results is None:  # nothing on the page
        return
    block = line = -1
    for at in tesserocr.iterate_level(results, tesserocr.RIL.WORD):
        block += at.IsAtBeginningOf(tesserocr.RIL.BLOCK)
        line += at.IsAtBeginningOf(tesserocr.RIL.TEXTLINE)
        box = at.BoundingBox(tesserocr.RIL.WORD)
        text = _text_of(at)
        if box and text:
            left, top, right, bottom = box
            yield Word(text=text, confidence=at.Confidence(tesserocr.RIL.WORD) / 100, line=(block, line), left=left,
                       top=top, right=right, bottom=bottom)


def _text_of(at: "tesserocr.PyResultIterator") -> str:
    try:
        return str(at.GetUTF8Text(tesserocr.RIL.WORD)).strip()
    except RuntimeError:  # tesserocr's way to say that there is no text here
        return ""


def load_models(languages: str) -> None:
    """Have the models in memory before the first page, for all processes that are forked from this one. What cannot be
    loaded is told at the first page."""
    with contextlib.suppress(OcrFailed):
        _reader(languages)
        _orientation_finder()


def has_model(language: str) -> bool:
    """Whether the model of this language is installed."""
    return (Path(_models()) / f"{language}.traineddata").exists()


@cache
def _reader(languages: str) -> "tesserocr.PyTessBaseAPI":
    return _started(languages, tesserocr.PSM.AUTO, tesserocr.OEM.LSTM_ONLY)


@cache
def _orientation_finder() -> "tesserocr.PyTessBaseAPI":
    return _started("osd", tesserocr.PSM.OSD_ONLY, tesserocr.OEM.TESSERACT_ONLY)


def _started(languages: str, layout: int, engine: int) -> "tesserocr.PyTessBaseAPI":
    try:
        return tesserocr.PyTessBaseAPI(path=_models(), lang=languages, psm=layout, oem=engine)
    except RuntimeError as error:
        raise OcrFailed(f"the models {languages} cannot be loaded from {_models()}") from error


@cache
def _models() -> str:
    """The folder of the language models, as this version of Tesseract wants it: with a slash at its end."""
    folders = [folder for folder in (os.environ.get("TESSDATA_PREFIX"), *_FOLDERS) if folder]
    found = next((folder for folder in folders if any(Path(folder).glob("*.traineddata"))), folders[-1])
    return found.rstrip("/") + "/"
