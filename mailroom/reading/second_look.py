"""What a stamp or a signature lies over is read once more, with only the darkest ink left on the page.

Toner is darker than the ink of a pad or a pen, and where they cross it stays the darkest. So the lines in which some
word is hardly believed are cut out, everything paler than a threshold is made paper, and they are read again, under
several thresholds. Word by word the reading that Tesseract believes most is kept. Pages in black and white, where all
ink is alike, and pages in doubt as a whole are left as they were read.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from statistics import median
from typing import NamedTuple

import numpy as np

from mailroom.reading.ink import Gray, unread_print
from mailroom.reading.tesseract import OcrTimedOut, Word, words_in_block

_DOUBTED = 0.80
"""A word that is believed less may lie under a stamp or a signature."""
_PAGE_BELIEVED = 0.75
"""Share of a page's letters that must be believed; else it is handwriting, or too poor for a second look."""
_BELIEVED = 0.85
_INK, _GREY_SHARE = 140, 0.25
"""Samples darker than the one are ink; from this share of grey among them there is ink of different darkness."""
_DARKNESS = (0.15, 0.27, 0.40)
"""Thresholds, as shares of the way from the darkest ink to paper."""
_PRINT_SHARE = 0.4
"""Share of the ink of a word that is darker than the last threshold, from which it is print."""
_ABOVE, _BESIDE = 0.8, 3.0
"""In heights of a word: what is cut out around the lines."""
_SEEN_ALONE = 0.85
"""Confidence from which a word stands where the first look saw nothing."""
_SURE = 0.90
"""A word that is believed so stays, however much another reading is."""
_IN_PRINT, _ELSEWHERE = 0.50, 0.78
"""Confidence that words of another reading must have in a line of print, and in one without a single word that is
believed: the best of several readings of a scribble is still none."""
_LETTERS_ALONE = 4
"""Fewer letters where the first look saw nothing are a piece of a frame or of a stroke."""
_MOST_LINES = 12
_LOST = 10_000
"""Lines that were lost are numbered from here on in the block that they are put into."""
_UNMISTAKABLE = re.compile(r"[0-3]?\d[./][01]?\d[./](?:19|20)\d\d|№|N[eoе2°º]?\.?")
"""A date, and № as Tesseract writes it: no Bulgarian word begins with a Latin N."""


class _Box(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int


def looked_at_again(words: Sequence[Word], samples: Gray, *, languages: str, seconds: float) -> list[Word]:
    """The words of a page with those that a second look reads better; `seconds` is the longest time for each look."""
    if not _is_believed(words) or not _has_grey_ink(samples):
        return list(words)
    height = median(word.bottom - word.top for word in words if word.confidence >= _BELIEVED)
    lines = _read_better(_lines(words), samples, height, languages, seconds)
    return list(chain.from_iterable(_with_lost_lines(lines, samples, height, languages, seconds)))


def _read_better(lines: list[list[Word]], samples: Gray, height: float, languages: str, seconds: float) -> list[
        list[Word]]:
    doubted = [line for line in lines if any(map(_is_doubted, line))]
    if len(doubted) > _MOST_LINES:
        return lines
    replaced: dict[tuple[int, int], list[Word]] = {}
    for group in _neighbours(doubted, height):
        box = _around(group, height, samples)
        readings = _readings(samples, box, languages, seconds)
        for line in group:
            best = _best(line, [_on_line(line, reading) for reading in readings])
            replaced[line[0].line] = [word for word in best if not _is_doubted(word) or _is_dark(word, samples)]
    return [found for line in lines if (found := replaced.get(line[0].line, line))]


def _with_lost_lines(lines: list[list[Word]], samples: Gray, height: float, languages: str, seconds: float) -> list[
        list[Word]]:
    """The lines with those that the first look took for a picture, each after the line above it."""
    boxes = [(word.left, word.top, word.right, word.bottom) for line in lines for word in line]
    unread = unread_print(samples, boxes, threshold=_thresholds(samples)[1], height=height)
    for number, box in enumerate(unread[:_MOST_LINES], 1):
        readings = _readings(samples, _widened(_Box(*box), height, samples), languages, seconds)
        found = max(filter(None, (_within(reading, box) for reading in readings)), key=_belief, default=[])
        if _letters(found) >= _LETTERS_ALONE and _belief(found) >= _ELSEWHERE:
            above = max((at for at, line in enumerate(lines) if _box(line).bottom <= found[0].bottom), default=0)
            place = (lines[above][0].line[0], _LOST + number)
            lines = [*lines[:above + 1], [replace(word, line=place) for word in found], *lines[above + 1:]]
    return lines


def _within(words: Iterable[Word], box: tuple[int, int, int, int]) -> list[Word]:
    left, top, right, bottom = box
    return [word for word in words if left <= (word.left + word.right) / 2 <= right
            and top <= (word.top + word.bottom) / 2 <= bottom]


def _readings(samples: Gray, box: _Box, languages: str, seconds: float) -> list[list[Word]]:
    """A piece of the page as it is read under each threshold, as far as time allows."""
    readings: list[list[Word]] = []
    with suppress(OcrTimedOut):
        for threshold in _thresholds(samples):
            readings.append(_read(samples, box, threshold, languages, seconds))
    return readings


def _lines(words: Iterable[Word]) -> list[list[Word]]:
    lines: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    return list(lines.values())


def _is_doubted(word: Word) -> bool:
    return word.confidence < _DOUBTED and any(map(str.isalnum, word.text)) and not _is_settled(word)


def _is_settled(word: Word) -> bool:
    """Whether no other reading can be better."""
    return word.confidence >= _SURE or _is_unmistakable(word)


def _is_unmistakable(word: Word) -> bool:
    return bool(_UNMISTAKABLE.fullmatch(word.text))


def _is_believed(words: Iterable[Word]) -> bool:
    letters = [(len(word.text), word.confidence >= _BELIEVED) for word in words]
    return sum(count for count, sure in letters if sure) > _PAGE_BELIEVED * sum(count for count, _ in letters)


def _has_grey_ink(samples: Gray) -> bool:
    """Whether ink differs in darkness."""
    ink = samples[::2, ::2][samples[::2, ::2] < _INK]
    return bool(ink.size) and float((ink > _INK // 2).mean()) > _GREY_SHARE


def _thresholds(samples: Gray) -> list[int]:
    darkest, paper = _darkest(samples), float(np.percentile(samples[::4, ::4], 75))
    return [round(darkest + share * (paper - darkest)) for share in _DARKNESS]


def _darkest(samples: Gray) -> float:
    return float(np.percentile(samples[::2, ::2][samples[::2, ::2] < _INK], 5))


def _box(words: Iterable[Word]) -> _Box:
    words = list(words)
    return _Box(min(w.left for w in words), min(w.top for w in words), max(w.right for w in words),
                max(w.bottom for w in words))


def _neighbours(lines: Iterable[list[Word]], height: float) -> Iterator[list[list[Word]]]:
    """Lines that lie one below the other without a gap."""
    group: list[list[Word]] = []
    for line in sorted(lines, key=lambda line: _box(line).top):
        if group and _box(line).top - max(_box(other).bottom for other in group) > height:
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _around(group: Iterable[list[Word]], height: float, samples: Gray) -> _Box:
    return _widened(_box(chain.from_iterable(group)), height, samples)


def _widened(box: _Box, height: float, samples: Gray) -> _Box:
    above, beside = round(_ABOVE * height), round(_BESIDE * height)
    return _Box(max(0, box.left - beside), max(0, box.top - above), min(samples.shape[1], box.right + beside),
                min(samples.shape[0], box.bottom + above))


def _is_dark(word: Word, samples: Gray) -> bool:
    """Whether the word's ink is as dark as print, and not a stamp's."""
    piece = samples[word.top:word.bottom, word.left:word.right]
    ink = piece[piece < _INK]
    return not ink.size or float((ink <= _thresholds(samples)[-1]).mean()) >= _PRINT_SHARE


def _read(samples: Gray, box: _Box, threshold: int, languages: str, seconds: float) -> list[Word]:
    piece = samples[box.top:box.bottom, box.left:box.right].astype(np.float32)
    darkest = _darkest(samples)
    dark = np.clip((piece - darkest) * (255 / max(1, threshold - darkest)), 0, 255).astype(np.uint8)
    return [replace(word, left=word.left + box.left, right=word.right + box.left, top=word.top + box.top,
                    bottom=word.bottom + box.top)
            for word in words_in_block(dark, languages=languages, seconds=seconds) if any(map(str.isalnum, word.text))]


def _on_line(line: Sequence[Word], reading: Iterable[Word]) -> list[Word]:
    """The words of another reading that lie on this line."""
    box = _box(line)
    middle = median((word.top + word.bottom) / 2 for word in line)
    high = median(word.bottom - word.top for word in line)
    return [word for word in reading if abs((word.top + word.bottom) / 2 - middle) < 0.5 * high
            and box.left - 2 * high < word.left and word.right < box.right + 2 * high]


def _best(line: Sequence[Word], readings: Sequence[Sequence[Word]]) -> list[Word]:
    printed = any(word.confidence >= _BELIEVED and len(word.text) > 2 for word in line)
    best = list(line)
    for reading in readings:
        best = _merged(best, reading, least=_IN_PRINT if printed else _ELSEWHERE)
    return [replace(word, line=line[0].line) for word in best]


def _merged(one: Sequence[Word], other: Sequence[Word], *, least: float) -> list[Word]:
    """Where words of two readings overlap, those that are believed more; the other ones at least so much."""
    merged: list[Word] = []
    for first, second in _overlapping(one, other):
        if not first and _letters(second) < _LETTERS_ALONE:
            continue
        stays = not second or any(map(_is_unmistakable, first)) or (bool(first) and all(map(_is_settled, first)))
        merged += first if stays or _belief(second) <= max(_belief(first), least) else second
    return merged


def _letters(words: Iterable[Word]) -> int:
    return sum(len(word.text) for word in words)


def _belief(words: Sequence[Word]) -> float:
    """0 to 1; of no words what the words of the other reading must reach to be added."""
    letters = _letters(words)
    return sum(word.confidence * len(word.text) for word in words) / letters if letters else _SEEN_ALONE


def _overlapping(one: Sequence[Word], other: Sequence[Word]) -> Iterator[tuple[list[Word], list[Word]]]:
    """Groups of words that overlap from left to right, of either reading."""
    tagged = sorted([(word, 0) for word in one] + [(word, 1) for word in other], key=lambda pair: pair[0].left)
    group: tuple[list[Word], list[Word]] = ([], [])
    right = 0
    for word, which in tagged:
        if right and word.left > right - 0.2 * (word.bottom - word.top):
            yield group
            group, right = ([], []), 0
        group[which].append(word)
        right = max(right, word.right)
    if right:
        yield group
