"""A first look at a page, at half the size: clear print is read there as well as at 300 dpi, in two thirds of the time.

Most of a letter is beyond doubt at 150 dpi. Lines with a word that is not are read once more by themselves, of all the
samples that there are. A page that is poor as a whole is left to be read at 300 dpi.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain

from mailroom.reading.ink import Box, Gray
from mailroom.reading.second_look import box_around, letter_height, on_line, overlapping
from mailroom.reading.tesseract import OcrTimedOut, Word, enlarged, in_lines, mean_confidence, words_in_piece, words_on

TIMES = 2
"""How many times smaller the page is at a first look."""
_DPI = 150
_CLEAR = 0.935
"""Mean confidence of a page from which as much is read rightly so as at 300 dpi, by 49 labelled scans; below it a stamp
is read with the print, and lines are torn."""
_BELIEVED = 0.85
"""Confidence of a word below which its line is read again."""
_MOST_LINES = 12
_ABOVE, _BESIDE, _MARGIN = 0.25, 0.6, 0.8
"""In heights of a word: what is cut out around a line, and the white around that."""


def seen_at_first(half: Gray, *, languages: str, seconds: float) -> tuple[Word, ...]:
    """The words of a page of grey samples at 150 dpi. Raises OcrTimedOut or OcrFailed."""
    return words_on(half, languages=languages, seconds=seconds, dpi=_DPI)


def is_clear(words: Sequence[Word]) -> bool:
    """Whether a page was seen so clearly that at most some lines of it need more samples."""
    return mean_confidence(words) >= _CLEAR and sum(map(_is_doubted, in_lines(words))) <= _MOST_LINES


def seen_closely(words: Iterable[Word], whole: Callable[[Box], Gray], *, languages: str, seconds: float) -> list[Word]:
    """The words of a clear page with those that are read better at 300 dpi, at which `whole` gives a piece of it.

    `seconds` is the longest time for each line. Raises OcrFailed.
    """
    words = list(words)
    height = letter_height(words)
    return list(chain.from_iterable(_with_closer_look(line, height, whole, languages=languages, seconds=seconds)
                                    if _is_doubted(line) else line for line in in_lines(words)))


def _is_doubted(line: Iterable[Word]) -> bool:
    return any(word.confidence < _BELIEVED and any(map(str.isalnum, word.text)) for word in line)


def _with_closer_look(line: Sequence[Word], height: float, whole: Callable[[Box], Gray], *, languages: str,
                      seconds: float) -> list[Word]:
    """The line with the words that are believed more when it is read at 300 dpi."""
    left, top, right, bottom = box_around(line)
    above, beside = _ABOVE * height, _BESIDE * height
    left, top, right, bottom = (max(0, round(TIMES * side))
                                for side in (left - beside, top - above, right + beside, bottom + above))
    closely: list[Word] = []
    with suppress(OcrTimedOut):
        closely = [enlarged(word, 1 / TIMES) for word in words_in_piece(
            whole((left, top, right, bottom)), (left, top), one_line=True, languages=languages, seconds=seconds,
            margin=round(TIMES * _MARGIN * height))]
    believed = (max(pair, key=mean_confidence) for pair in overlapping(line, on_line(line, closely)))
    return [replace(word, line=line[0].line) for word in chain.from_iterable(believed)]
