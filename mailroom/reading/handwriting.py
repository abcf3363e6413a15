"""What is written by hand is read again, by the Bulgarian model alone.

Tesseract knows print. Where Bulgarian and English models read together, a hand's „и“, „т“ and „д“ are sooner an English
u, m and g than anything Bulgarian, and the English reading is believed more. So a page that is hardly believed is read
again without English: as it is, and with pale ink made paper, which takes the squares of an exercise book and the
dotted lines of a form away; and both in several sizes, as a hand writes larger than print. Each reading errs elsewhere:
word by word that is taken which most of them agree in, where a word of the dictionary counts for more than none. What
no reading has, though ink stands there, is read line by line.

That a page is doubtful is not changed by this: a person still looks at it.
"""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from statistics import median
from typing import TypeAlias

import cv2
import numpy as np

from mailroom.dictionary import is_word
from mailroom.reading.ink import Gray, ink_of, tones_of, written_lines
from mailroom.reading.second_look import box_around, on_line, overlapping, side_by_side
from mailroom.reading.tesseract import OcrTimedOut, Word, enlarged, in_lines, words_in_piece, words_on

_Words: TypeAlias = Sequence[Word]

ALONE = "bul"
"""The model that reads by itself."""
_INK, _PALE = 170, 0.6
"""Samples darker than the one are ink; what is paler than this share of the way from the darkest ink to paper is
paper."""
_SCALES = (0.7, 1.0, 0.85, 0.6, 0.5, 0.42)
_NOTHING, _BULGARIAN, _HEARD = 0.05, 0.2, 0.6
"""Worth of a reading that says nothing at all and of one that says something; and, as a share of that of the best one,
below which another one is noise."""
_PRINT = 0.90
"""Confidence from which a word of the first look is print and stays."""
_KNOWN = 0.3
"""What a word of the dictionary is believed more than another."""
_KNOWN_TO_MOST, _FEW = 1.0, 0.34
"""What a word of the dictionary counts more where readings are counted; and the share of them that must see a word,
unless one of them is sure of it."""
_LEAST = 0.05
"""What the vote of a reading that is not believed at all counts."""
_AROUND = ".,:;!?„“”\"'()"
_LINE_ALONE = 0.60
"""Belief from which a line is taken that one reading alone has."""
_FOUND = 20_000
"""Such lines are numbered from here on in the block that they are put into."""
_MOST_LINES = 12
_WORD = re.compile(r"[^\W\d_]{2,}")


def read_by_hand(first: _Words, samples: Gray, *, seconds: float) -> list[Word]:
    """The words of a page on which something is written by hand; `first` is how it was read with all languages.

    `seconds` is the longest time for all further looks together: when it is over, what was seen until then counts. The
    first reading is returned where none is better.
    """
    until = time.monotonic() + seconds
    readings = list(_readings(samples, until))
    best = max(readings, key=worth, default=())
    if worth(best) <= max(_BULGARIAN, worth(first)):
        return list(first)
    seen = (*readings, [word for word in first if _is_kept(word)])
    heard = [reading for reading in seen if worth(reading) >= _HEARD * worth(best)]
    lines = [_agreed(line, heard) for line in in_lines(best)]
    for other in heard:
        lines = _with_further_lines(lines, other)
    return list(chain.from_iterable(_with(lines, _left_out(lines, samples, until))))


def is_known(word: Word) -> bool:
    """Whether it is a word of the dictionary, but for its signs."""
    found = _WORD.fullmatch(word.text.strip(".,:;!?„“\"()"))
    return found is not None and is_word(found.group().lower())


def worth(words: _Words) -> float:
    """How much of a reading is Bulgarian that is believed: 0 to 1, by letters."""
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words if is_known(word)) / max(1, letters)


def without_pale_ink(samples: Gray) -> Gray:
    """The page with what is much paler than its darkest ink made paper."""
    ink = ink_of(samples, below=_INK)
    if not ink.size:
        return samples
    tones = tones_of(samples, ink)
    return tones.stretched(samples, tones.at(_PALE))


def _readings(samples: Gray, until: float) -> Iterator[list[Word]]:
    """Further readings; only one where that says that there is nothing Bulgarian, or that the page lies on its side."""
    with suppress(OcrTimedOut):
        for drawn in (without_pale_ink(samples), samples):
            for scale in _SCALES:
                small = cv2.resize(drawn, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                words = words_on(np.asarray(small, dtype=np.uint8), languages=ALONE,
                                 seconds=until - time.monotonic())
                found = [enlarged(word, 1 / scale) for word in words if any(map(str.isalnum, word.text))]
                yield found
                if worth(found) < _NOTHING:
                    return


def _left_out(lines: Iterable[_Words], samples: Gray, until: float) -> list[Word]:
    """What stands where no reading has words: a field over its dotted line is taken for a picture."""
    words = list(chain.from_iterable(lines))
    height = median(word.bottom - word.top for word in words)
    drawn, found = without_pale_ink(samples), list[Word]()
    boxes = written_lines(drawn, [(word.left, word.top, word.right, word.bottom) for word in words], height=height)
    with suppress(OcrTimedOut):
        for number, (left, top, right, bottom) in enumerate(boxes[:_MOST_LINES]):
            words = words_in_piece(drawn[top:bottom, left:right], (left, top), one_line=True, languages=ALONE,
                                   seconds=until - time.monotonic(), margin=round(height))
            found += [replace(word, line=(number, _FOUND)) for word in words]
    return found


def _is_kept(word: Word) -> bool:
    """Whether a word of the first look is no hand taken for English."""
    return word.confidence >= _PRINT or not any("A" <= sign <= "z" for sign in word.text) or "@" in word.text


def _belief(words: _Words, known: float = _KNOWN) -> float:
    """Confidence, and so much more for what the dictionary knows, weighted by the words' length."""
    letters = sum(len(word.text) for word in words)
    return sum((word.confidence + known * is_known(word)) * len(word.text) for word in words) / max(1, letters)


def _with(lines: list[list[Word]], other: _Words) -> list[list[Word]]:
    """The lines with the words of another reading that are believed more, and its lines where there are none."""
    chosen = ((max(pair, key=_belief) for pair in overlapping(line, on_line(line, other))) for line in lines)
    better = [[replace(word, line=line[0].line) for word in chain.from_iterable(words)]
              for line, words in zip(lines, chosen, strict=True)]
    return _with_further_lines(better, other)


def _with_further_lines(lines: list[list[Word]], other: _Words) -> list[list[Word]]:
    """The lines, and those of another reading where there are none."""
    taken = {id(word) for line in lines for word in on_line(line, other)}
    for line in in_lines(word for word in other if id(word) not in taken):
        if _belief(line) >= _LINE_ALONE and not _covered(line, lines):
            lines = _inserted(lines, line)
    return lines


def _agreed(line: list[Word], readings: Sequence[_Words]) -> list[Word]:
    """The line in the words in which most readings agree, as they believe them."""
    seen = [(word, number) for number, reading in enumerate(readings) for word in on_line(line, reading)]
    chosen: list[Word] = []
    for group in side_by_side(seen):
        if len(group) >= _FEW * len(readings) or max(map(_belief, group.values())) >= _PRINT:
            chosen += _most_agreed(list(group.values()))
    return [replace(word, line=line[0].line) for word in chosen] or line


def _most_agreed(readings: Sequence[_Words]) -> _Words:
    """Of what readings say of one place what has most votes, in the form that is believed most."""
    votes: dict[str, float] = {}
    forms: dict[str, _Words] = {}
    for words in readings:
        said = " ".join(word.text.strip(_AROUND).lower() or word.text for word in words)
        votes[said] = votes.get(said, 0.0) + max(_LEAST, _belief(words, known=_KNOWN_TO_MOST)) ** 2
        forms[said] = max(forms.get(said, words), words, key=_belief)
    return forms[max(votes, key=lambda said: votes[said])]


def _covered(line: _Words, lines: Iterable[_Words]) -> bool:
    """Whether other words stand where this line does."""
    left, top, right, bottom = box_around(line)
    return any(min(right, r) > max(left, x) and t < (top + bottom) / 2 < b for x, t, r, b in map(box_around, lines))


def _inserted(lines: list[list[Word]], line: _Words) -> list[list[Word]]:
    """The lines with one more, after the line above it and in its block."""
    top = box_around(line)[1]
    above = max((at for at, other in enumerate(lines) if box_around(other)[1] <= top), default=-1)
    block = lines[max(0, above)][0].line[0] if lines else 0
    place = (block, _FOUND + len(lines))
    return [*lines[:above + 1], [replace(word, line=place) for word in line], *lines[above + 1:]]
