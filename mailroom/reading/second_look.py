"""What a stamp or a signature lies over is read once more, with only the darkest ink left on the page.

Toner is darker than the ink of a pad or a pen, and where they cross it stays the darkest. So the lines in which some
word is hardly believed, and those that the first look took for a picture, are cut out, everything paler than a
threshold is made paper, and they are read again, under several thresholds; where that is not enough, with only the
darkest cores of the strokes and what lies close around them, which keeps letters whole where a stamp is nearly as dark;
and once alone, cut close to the letters, so that little is left of a stroke across them. Word by word the reading that
Tesseract believes most is kept. On pages in black and white, where all ink is alike, only lines that were taken
for a picture are looked for; pages in doubt as a whole are left as they are.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from statistics import median
from typing import TypeAlias

from mailroom.reading.ink import Box, Gray, Tones, around_cores, ink_of, large_strokes, tones_of, unread_print
from mailroom.reading.repairs import DATE, looks_alike
from mailroom.reading.tesseract import OcrTimedOut, Word, in_lines, mean_confidence, words_in_piece

_Words: TypeAlias = Sequence[Word]

_DOUBTED = 0.80
"""A word that is believed less may lie under a stamp or a signature."""
_PAGE_BELIEVED = 0.75
"""Share of a page's letters that must be believed; else it is handwriting, or too poor for a second look."""
_CLEAN = 0.94
"""Mean confidence of a page of which only what strokes cross is looked at again."""
_BELIEVED = 0.85
"""Confidence from which a word shows how high words are."""
_INK, _GREY_SHARE = 140, 0.25
"""Samples darker than the one are ink; from this share of grey among them there is ink of different darkness."""
_DARKNESS, _PALE = (0.15, 0.27, 0.40), 0.75
"""Thresholds, and what is still ink, as shares of the way from the darkest ink to paper."""
_CORES = (0.20, 0.27)
"""Thresholds of the darkest cores, as such shares."""
_PRINT_SHARE = 0.4
"""Share of the ink of a word that is darker than the last threshold, from which it is print."""
_ABOVE, _BESIDE = 0.8, 3.0
"""In heights of a word: what is cut out around the lines."""
_TIGHT = 0.2
"""In heights of a word: what is left above and below a line that is read alone."""
_SEEN_ALONE = 0.85
"""Confidence from which a word stands where the first look saw nothing."""
_SURE = 0.90
"""A word that is believed so stays, however much another reading is."""
_IN_PRINT, _ELSEWHERE = 0.50, 0.78
"""Confidence that words of another reading must have in a line of print, and in one without a single word that is
believed: the best of several readings of a scribble is still none."""
_OF_CORES = 0.75
"""Confidence that words read of the darkest cores must have."""
_LETTERS_ALONE = 4
"""Fewer letters where the first look saw nothing are a piece of a frame or of a stroke."""
_FEW_LETTERS = 3
"""Fewer are a stroke, unless they are well believed."""
_MOST_LINES = 12
_WIDE = 1.0
"""Width of a sign, in heights of its word, that no print has."""
_TOUCHED = 1.6
"""Height of a word, in heights of a word, that something else touches."""
_OVERLAP = 0.2
"""In heights of a word: words of two readings that overlap less stand side by side."""
_LOST = 10_000
"""Lines that were lost are numbered from here on in the block that they are put into."""
_NUMBER_SIGN = re.compile(r"№|N[eoе2°º]?\.?")
"""№ as Tesseract writes it: no Bulgarian word begins with a Latin N."""


def looked_at_again(words: _Words, samples: Gray, *, languages: str, seconds: float) -> list[Word]:
    """The words of a page with those that a second look reads better; `seconds` is the longest time for each look."""
    page = _page(words, samples, languages=languages, seconds=seconds)
    if page is None:
        return list(words)
    lines: Sequence[_Words] = in_lines(words)
    return list(chain.from_iterable(_with_lost_lines(list(_read_better(lines, page)), page)))


def is_settled(words: _Words, samples: Gray) -> bool:
    """Whether a second look would find nothing to look at: no doubt that is worth it, and no print left unread."""
    page, lines = _page(words, samples), in_lines(words)
    return page is not None and not _doubted(lines, page) and not _unread(lines, page)


def _page(words: _Words, samples: Gray, *, languages: str = "", seconds: float = 0) -> "_Page | None":
    """The page with what its ink and its words say of it; null where it is not worth a second look."""
    ink = ink_of(samples, below=_INK)
    if not ink.size or not _is_believed(words):
        return None
    grey, tones = _is_grey(ink), tones_of(samples, ink)
    return _Page(samples=samples, tones=tones, grey=grey, languages=languages, seconds=seconds,
                 height=letter_height(words), palest=round(tones.at(_PALE)),
                 cores=tuple(round(tones.at(share)) for share in _CORES),
                 thresholds=tuple(round(tones.at(share)) for share in _DARKNESS) if grey else (_INK,))


def letter_height(words: Iterable[Word]) -> float:
    """Of the words that are believed; 0 where none is."""
    heights = [word.bottom - word.top for word in words if word.confidence >= _BELIEVED]
    return median(heights) if heights else 0.0


@dataclass(frozen=True, kw_only=True)
class _Page:
    """A page under a second look."""

    samples: Gray
    tones: Tones
    grey: bool
    """Whether there is ink of different darkness."""
    thresholds: tuple[int, ...]
    cores: tuple[int, ...]
    """Thresholds of the cores of its strokes."""
    palest: int
    """Of what is no paper."""
    height: float
    """Of its words."""
    languages: str
    seconds: float

    def readings(self, box: Box) -> list[list[Word]]:
        """A piece of the page, and a little around it, as it is read under each threshold, as far as time allows."""
        return self._readings(self._widened(box), self.tones.stretched, self.thresholds)

    def readings_of_cores(self, box: Box) -> list[list[Word]]:
        """The same piece, of whose strokes only the darkest cores are left with what lies close around them."""
        return self._readings(self._widened(box), around_cores, self.cores)

    def line_alone(self, box: Box) -> list[Word]:
        """A line between white margins: of a stroke that crosses it only what lies on its letters is left."""
        left, top, right, bottom = self._widened(box, above=_TIGHT)
        with suppress(OcrTimedOut):
            return words_in_piece(self.samples[top:bottom, left:right], (left, top), one_line=True,
                                  languages=self.languages, seconds=self.seconds, margin=round(self.height))
        return []

    def is_dark(self, word: Word) -> bool:
        """Whether the word's ink is as dark as print, and not a stamp's."""
        piece = self.samples[word.top:word.bottom, word.left:word.right]
        ink = piece[piece < _INK]
        return not ink.size or float((ink <= self.thresholds[-1]).mean()) >= _PRINT_SHARE

    def _widened(self, box: Box, *, above: float = _ABOVE) -> Box:
        left, top, right, bottom = box
        above, beside = round(above * self.height), round(_BESIDE * self.height)
        high, wide = self.samples.shape
        return max(0, left - beside), max(0, top - above), min(wide, right + beside), min(high, bottom + above)

    def _readings(self, box: Box, drawn: Callable[[Gray, int], Gray], thresholds: Iterable[int]) -> list[list[Word]]:
        left, top, right, bottom = box
        readings: list[list[Word]] = []
        with suppress(OcrTimedOut):
            for threshold in thresholds:
                piece = drawn(self.samples[top:bottom, left:right], threshold)
                readings.append(words_in_piece(piece, (left, top), one_line=False, languages=self.languages,
                                               seconds=self.seconds))
        return readings


def _read_better(lines: Sequence[_Words], page: _Page) -> list[_Words]:
    """The lines, those in doubt with the words of the better readings, and without a stamp's own words."""
    replaced: dict[tuple[int, int], _Words] = {}
    for group in _neighbours(_doubted(lines, page), page.height):
        box = box_around(chain.from_iterable(group))
        readings = page.readings(box)
        better = [_best(line, readings) for line in group]
        if any(_is_doubted(word) for line in better for word in line):
            cores = page.readings_of_cores(box)
            better = [_with_cores(line, cores) for line in better]
        for line, best in zip(group, better, strict=True):
            best = merged(best, on_line(line, page.line_alone(_band(line))), least=_ELSEWHERE)
            best = [replace(word, line=line[0].line) for word in best]
            replaced[line[0].line] = [word for word in best if not _is_doubted(word) or page.is_dark(word)]
    return [found for line in lines if (found := replaced.get(line[0].line, line))]


def _doubted(lines: Sequence[_Words], page: _Page) -> list[_Words]:
    """The lines in doubt that can be read better, unless they are too many."""
    doubted = [line for line in lines if any(map(_is_doubted, line))]
    if not page.grey or not doubted or len(doubted) > _MOST_LINES:
        return []
    if _belief(list(chain.from_iterable(lines))) < _CLEAN:
        return doubted
    strokes = large_strokes(page.samples, palest=page.palest, height=page.height)
    return [line for line in doubted if any(
        _is_doubted(word) and (_lies_under(strokes, word) or _is_tall(word, page.height)) for word in line)]


def _with_lost_lines(lines: list[_Words], page: _Page) -> list[_Words]:
    """The lines with those that the first look took for a picture, each after the line above it."""
    for number, box in enumerate(_unread(lines, page)[:_MOST_LINES]):
        seen = [_within(reading, box) for reading in [*page.readings(box), page.line_alone(box)]]
        found = _most_believed(seen)
        if found:
            above = max((at for at, line in enumerate(lines) if box_around(line)[3] <= found[0].bottom), default=0)
            place = (lines[above][0].line[0], _LOST + number)
            lines = [*lines[:above + 1], [replace(word, line=place) for word in found], *lines[above + 1:]]
    return lines


def _unread(lines: Iterable[_Words], page: _Page) -> list[Box]:
    """Lines of print that none of these holds."""
    boxes = [(word.left, word.top, word.right, word.bottom) for line in lines for word in line]
    threshold = page.thresholds[len(page.thresholds) // 2]
    return unread_print(page.samples, boxes, threshold=threshold, height=page.height)


def _most_believed(readings: Sequence[_Words]) -> _Words:
    """The reading of a lost line that is believed; else the words of any reading that stand for themselves."""
    best = max(filter(None, readings), key=_belief, default=())
    if _letters(best) >= _LETTERS_ALONE and _belief(best) >= _ELSEWHERE:
        return best
    alone: _Words = ()
    for reading in readings:
        sure = [word for word in reading if word.confidence >= _SEEN_ALONE and len(word.text) >= _LETTERS_ALONE]
        alone = merged(alone, sure, least=_SEEN_ALONE)
    return alone


def _lies_under(strokes: Gray, word: Word) -> bool:
    """Whether large strokes, a mask at half the size, cross the word."""
    return bool(strokes[word.top // 2:word.bottom // 2 + 1, word.left // 2:word.right // 2 + 1].any())


def _is_tall(word: Word, height: float) -> bool:
    """Whether more than letters made it so high: what is left of a signature above."""
    return word.bottom - word.top > _TOUCHED * height


def _is_doubted(word: Word) -> bool:
    return _is_stretched(word) or (
        word.confidence < _DOUBTED and any(map(str.isalnum, word.text)) and not _is_settled(word))


def _is_stretched(word: Word) -> bool:
    """Whether a few signs stand for what is much longer: letters under a stroke that were given up."""
    return word.right - word.left > _WIDE * (word.bottom - word.top) * (len(word.text) + 1)


def _is_settled(word: Word, least: float = _SURE) -> bool:
    """Whether no other reading can be better."""
    return (word.confidence >= least and not _is_stretched(word)) or _is_unmistakable(word)


def _is_unmistakable(word: Word) -> bool:
    return bool(DATE.fullmatch(word.text) or _NUMBER_SIGN.fullmatch(word.text))


def _is_believed(words: _Words) -> bool:
    sure = _letters(word for word in words if word.confidence >= _BELIEVED)
    return sure > _PAGE_BELIEVED * _letters(words)


def _is_grey(ink: Gray) -> bool:
    """Whether these samples of ink differ in darkness."""
    return bool(ink.size) and float((ink > _INK // 2).mean()) > _GREY_SHARE


def box_around(words: Iterable[Word]) -> Box:
    words = list(words)
    return (min(word.left for word in words), min(word.top for word in words), max(word.right for word in words),
            max(word.bottom for word in words))


def _band(line: _Words) -> Box:
    """Where the line's letters stand, however high a stroke across them makes a word's box."""
    left, _, right, _ = box_around(line)
    return left, round(median(word.top for word in line)), right, round(median(word.bottom for word in line))


def _neighbours(lines: Iterable[_Words], height: float) -> Iterator[list[_Words]]:
    """Lines that lie one below the other without a gap."""
    group: list[_Words] = []
    for line in sorted(lines, key=lambda line: box_around(line)[1]):
        if group and box_around(line)[1] - max(box_around(other)[3] for other in group) > height:
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def on_line(line: _Words, reading: Iterable[Word]) -> list[Word]:
    """The words of another reading that lie on this line."""
    left, _, right, _ = box_around(line)
    middle = median((word.top + word.bottom) / 2 for word in line)
    high = median(word.bottom - word.top for word in line)
    return [word for word in reading if abs((word.top + word.bottom) / 2 - middle) < 0.5 * high
            and left - 2 * high < word.left and word.right < right + 2 * high]


def _within(words: Iterable[Word], box: Box) -> list[Word]:
    left, top, right, bottom = box
    return [word for word in words if left <= (word.left + word.right) / 2 <= right
            and top <= (word.top + word.bottom) / 2 <= bottom]


def _best(line: _Words, readings: Iterable[_Words]) -> list[Word]:
    printed = any(word.confidence >= _BELIEVED and len(word.text) > 2 for word in line)
    best = list(line)
    for reading in readings:
        best = merged(best, on_line(line, reading), least=_IN_PRINT if printed else _ELSEWHERE)
    return best


def _with_cores(line: _Words, readings: Iterable[_Words]) -> list[Word]:
    """The line, where it is still in doubt, with what was read of the darkest cores: thin strokes are missing there,
    so that it must be well believed."""
    best = list(line)
    for reading in readings:
        believed = [word for word in on_line(line, reading)
                    if len(word.text) >= _FEW_LETTERS or word.confidence >= _SEEN_ALONE]
        best = merged(best, believed, least=_OF_CORES, settled=_DOUBTED)
    return best


def merged(one: _Words, other: _Words, *, least: float, settled: float = _SURE) -> list[Word]:
    """Where words of two readings overlap, those that are believed more; the other ones at least so much."""
    merged: list[Word] = []
    for first, second in overlapping(one, other):
        if not first and _letters(second) < _LETTERS_ALONE:
            continue
        stays = _stays(first, second, settled) or _belief(second) <= max(_belief(first), least)
        merged += first if stays else second
    return merged


def _stays(first: _Words, second: _Words, settled: float) -> bool:
    """Whether no belief in the other reading matters: it is empty, drawn alike, or a stroke beside what is certain."""
    if not second or any(map(_is_unmistakable, first)) or (first and all(_is_settled(word, settled) for word in first)):
        return True
    one, other = ("".join(word.text for word in words) for words in (first, second))
    stroke = len(other) < _FEW_LETTERS and other.isalpha() and _belief(second) < _SEEN_ALONE
    return stroke or looks_alike(one, other)


def _letters(words: Iterable[Word]) -> int:
    return sum(len(word.text) for word in words)


def _belief(words: _Words) -> float:
    """0 to 1; of no words what the words of the other reading must exceed to be added."""
    return mean_confidence(words) if words else _SEEN_ALONE


def overlapping(one: _Words, other: _Words) -> Iterator[tuple[list[Word], list[Word]]]:
    """Groups of words that overlap from left to right, of either reading."""
    for group in side_by_side([*((word, 0) for word in one), *((word, 1) for word in other)]):
        yield group.get(0, []), group.get(1, [])


def side_by_side(seen: Iterable[tuple[Word, int]]) -> Iterator[dict[int, list[Word]]]:
    """Groups of words that overlap from left to right, by the number of their reading."""
    group: dict[int, list[Word]] = {}
    right = 0
    for word, number in sorted(seen, key=lambda pair: pair[0].left):
        if group and word.left > right - _OVERLAP * (word.bottom - word.top):
            yield group
            group, right = {}, 0
        group.setdefault(number, []).append(word)
        right = max(right, word.right)
    if group:
        yield group
