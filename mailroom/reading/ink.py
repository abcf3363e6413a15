"""Which ink is print: stamps and signatures in colour are taken off a page before it is read.

What a registry stamps over a letter and what a citizen signs over the typed name is blue, violet or red; print is
black. Where they cross, Tesseract reads neither. A sample of coloured ink is bright in one channel, a sample of print
in none, so the brightest channel shows the print underneath.
"""

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Gray: TypeAlias = NDArray[np.uint8]
Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, right and bottom in samples."""
_Mask: TypeAlias = NDArray[np.uint8]

_COLOURED, _INK = 28, 190
"""Difference between the brightest and the darkest channel from which a sample can be coloured, and the darkest channel
below which it is ink, of 255, where paper is 255 in every channel."""
_HUE = 0.36
"""Share of the darkness of ink that is missing in its brightest channel: the colour fringes that JPEG draws around
black letters have 0.1 to 0.2, ink from a pad or a ballpoint has 0.4 to 0.8, however thin the stroke."""
_LOOKED_AT_DPI = 100
_LEAST_CHROMA = np.floor(_HUE * (255 - np.arange(256))).astype(np.uint8)
"""The chroma above which a sample has a hue, by its darkest channel: a table, as real numbers take four times the
memory of the page."""
_TENTH = 25
_FEWEST = 0.0003
"""Share of a page that coloured ink must cover to be looked at."""
_ALL = 0.55
"""From this share of coloured ink on the letter itself is written in colour."""
_PRINT, _PAPER = 115, 250
"""The brightest channel of print stays below the one; the other is put where a stamp was."""
_EDGE_INCHES = 0.03
"""Around coloured ink lies a paler edge."""
_APART_INCHES = 0.14
"""Ink nearer than this belongs together."""
_LARGE_INCHES = 0.26
"""A stroke higher than this is no letter of a text: a stamp's frame or ring, a signature."""
_LARGE_SHARE, _PRINT_SHARE = 0.4, 0.25
"""Share of the ink of a patch in or within such strokes, and of print under it, from which it is taken off."""

_CORE_EDGE = 5
"""Samples across, at 300 dpi, of what belongs to a letter around a sample of its core."""
_HIGHER, _WIDER = 1.8, 3.0
"""Larger than these, in heights of a word, is no letter, nor two that touch."""
_STROKE, _GAP, _LONGEST, _SHORTEST, _HAND = 0.3, 0.8, 30, 2.5, (0.7, 3.5)
"""Of a hand, in heights of a printed word: the lowest stroke, the gap between words, the longest stroke, the shortest
line, and how high lines are."""
_LOW, _HIGH, _FEWEST_LETTERS = 0.4, 1.6, 4
"""Heights of letters, in heights of a word; and so many make a line of print."""


class Tones(NamedTuple):
    """How dark the darkest ink of a page is and how bright its paper, of 255."""

    darkest: float
    paper: float

    def at(self, share: float) -> float:
        """So far on the way from the darkest ink to paper."""
        return self.darkest + share * (self.paper - self.darkest)

    def stretched(self, samples: Gray, palest: float) -> Gray:
        """The samples with the darkest ink black and what is paler than `palest` white."""
        spread = (samples.astype(np.float32) - self.darkest) * (255 / max(1.0, palest - self.darkest))
        return np.asarray(np.clip(spread, 0, 255), dtype=np.uint8)


def ink_of(samples: Gray, *, below: int) -> Gray:
    """The samples of a page that are darker, one of four."""
    some = samples[::2, ::2]
    return np.asarray(some[some < below], dtype=np.uint8)


def tones_of(samples: Gray, ink: Gray) -> Tones:
    """Of a page and the ink on it, of which there is some."""
    return Tones(float(np.percentile(ink, 5)), float(np.percentile(samples[::4, ::4], 75)))


def print_alone(colours: NDArray[np.uint8], *, dpi: float) -> Gray:
    """The page (samples of red, green and blue) in grey, without stamps and signatures in colour.

    Coloured print is kept, also where all of a letter is in colour; so is paper of any one colour.
    """
    grey = np.asarray(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    brightest, darkest = _channels(colours)
    chroma = cv2.subtract(brightest, darkest)
    ink = darkest < _INK
    hue = chroma > cv2.LUT(darkest, _LEAST_CHROMA)
    coloured = (ink & hue & (chroma > _COLOURED)).astype(np.uint8)
    amount = int(coloured.sum())
    if amount < _FEWEST * grey.size or amount > _ALL * int(ink.sum()):
        return grey
    off = _patches_to_take_off(coloured, (ink & ~hue & (brightest < _PRINT)).astype(np.uint8), dpi)
    if not off.any():
        return grey
    edge = max(3, round(_EDGE_INCHES * dpi)) | 1
    around = cv2.dilate(off, np.ones((edge, edge), np.uint8)) > 0
    print_ = ((brightest <= _PRINT) & (coloured == 0)).astype(np.uint8)
    strokes = cv2.dilate(cv2.morphologyEx(print_, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8)), np.ones((3, 3), np.uint8))
    return np.where(around & (strokes == 0), np.maximum(grey, _PAPER), grey).astype(np.uint8)


def around_cores(samples: Gray, threshold: int) -> Gray:
    """The samples of strokes that somewhere are as dark as `threshold`, with what lies close around; the rest paper.

    A letter keeps its edges, which a threshold for all would thin or take for the stamp's ink.
    """
    cores = (samples <= threshold).astype(np.uint8)
    close = cv2.dilate(cores, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_CORE_EDGE, _CORE_EDGE)))
    return np.where(close > 0, samples, 255).astype(np.uint8)


def _channels(colours: NDArray[np.uint8]) -> tuple[Gray, Gray]:
    """The brightest and the darkest channel of each sample, where paper is white in every channel."""
    planes = []
    for plane in cv2.split(colours):
        paper = max(float(np.percentile(plane[::6, ::6], 70)), 60.0)
        planes.append(cv2.convertScaleAbs(plane, alpha=255.0 / paper))
    red, green, blue = planes
    return (np.asarray(cv2.max(cv2.max(red, green), blue), dtype=np.uint8),
            np.asarray(cv2.min(cv2.min(red, green), blue), dtype=np.uint8))


def _patches_to_take_off(coloured: _Mask, black: _Mask, dpi: float) -> _Mask:
    """The coloured samples of stamps and signatures, as a mask: patches with large strokes, or over print.

    Looked at in a picture small enough for this to cost little.
    """
    step = max(1, round(dpi / _LOOKED_AT_DPI))
    small, print_, scale = _lessened(coloured, step), _lessened(black, step), dpi / step
    reach = max(3, round(_APART_INCHES * scale)) | 1
    patches, labels, _, _ = cv2.connectedComponentsWithStats(
        cv2.dilate(small, np.ones((reach, reach), np.uint8)), connectivity=8)
    large = _in_large_strokes(small, _LARGE_INCHES * scale)
    amounts, strokes, beneath = (np.bincount(labels.ravel(), weights=mask.ravel().astype(np.float64), minlength=patches)
                                 for mask in (small, large, print_))
    off = (strokes > _LARGE_SHARE * amounts) | (beneath > _PRINT_SHARE * amounts)
    off[0] = False
    height, width = coloured.shape
    mask = cv2.resize(off[labels].astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(mask & coloured, dtype=np.uint8)


def _lessened(mask: _Mask, step: int) -> _Mask:
    """The mask in 1/step of its size; a sample of it is set where any of its samples was."""
    if step == 1:
        return mask
    height, width = (side // step for side in mask.shape)
    shares = cv2.resize(mask * np.uint8(255), (max(1, width), max(1, height)), interpolation=cv2.INTER_AREA)
    return np.asarray(shares > _TENTH, dtype=np.uint8)


def _in_large_strokes(coloured: _Mask, height: float) -> _Mask:
    """The coloured samples within the four corners of a large stroke: its own and what it frames."""
    joined = cv2.morphologyEx(coloured, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, _, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    framed = np.zeros_like(coloured)
    for left, top, width, high in (boxes[number][:4] for number in range(1, count)):
        if high > height:
            framed[top:top + high, left:left + width] = 1
    return np.asarray(framed & coloured, dtype=np.uint8)


def unread_print(samples: Gray, read: Iterable[Box], *, threshold: int, height: float) -> list[Box]:
    """Lines of letters of about this height, dark as print, that lie in none of the boxes that were read."""
    half = _unread(np.asarray(samples[::2, ::2] <= threshold, dtype=np.uint8), read)
    count, _, boxes, _ = cv2.connectedComponentsWithStats(half, connectivity=8)
    letters = np.zeros_like(half)
    for left, top, width, high in (boxes[number][:4] for number in range(1, count)):
        if _LOW * height <= 2 * high <= _HIGH * height and width <= 2 * high:
            letters[top:top + high, left:left + width] = 1
    joined = cv2.dilate(letters, np.ones((1, max(3, round(height)) | 1), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    lines = []
    for number in range(1, count):
        left, top, width, high = (int(side) for side in boxes[number][:4])
        piece = letters[top:top + high, left:left + width] & (labels[top:top + high, left:left + width] == number)
        if cv2.connectedComponents(piece)[0] > _FEWEST_LETTERS:
            lines.append((2 * left, 2 * top, 2 * (left + width), 2 * (top + high)))
    return lines


def _unread(half: _Mask, read: Iterable[Box]) -> _Mask:
    """The mask, at half the page's size, without what lies in these boxes of the page."""
    for left, top, right, bottom in read:
        half[max(0, top // 2 - 1):bottom // 2 + 2, max(0, left // 2 - 1):right // 2 + 2] = 0
    return half


def large_strokes(samples: Gray, *, palest: int, height: float) -> Gray:
    """At half the size, 1 where ink up to this paleness holds together over more than some letters of this height: a
    stamp, a signature, a frame, and letters that they touch."""
    half = np.asarray(samples[::2, ::2] < palest, dtype=np.uint8)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(half, connectivity=8)
    large = (2 * boxes[:, cv2.CC_STAT_HEIGHT] > _HIGHER * height) | (2 * boxes[:, cv2.CC_STAT_WIDTH] > _WIDER * height)
    large[0] = False
    return np.asarray(large[labels], dtype=np.uint8)


def written_lines(samples: Gray, read: Iterable[Box], *, height: float) -> list[Box]:
    """Lines of ink about as high as a hand writes beside print of this height, that lie in none of the boxes that were
    read; neither frames nor rules nor dots."""
    half = _unread(np.asarray(samples[::2, ::2] < _INK, dtype=np.uint8), read)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(half, connectivity=8)
    high, wide = 2 * boxes[:, cv2.CC_STAT_HEIGHT], 2 * boxes[:, cv2.CC_STAT_WIDTH]
    strokes = (high > _STROKE * height) & (high < _HAND[1] * height) & (wide < _LONGEST * height)
    strokes[0] = False
    written = np.asarray(strokes[labels], dtype=np.uint8)
    joined = cv2.dilate(written, np.ones((1, max(3, round(_GAP * height)) | 1), np.uint8))
    count, _, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = ((2 * int(left), 2 * int(top), 2 * int(left + width), 2 * int(top + tall))
             for left, top, width, tall, _ in boxes[1:count])
    return [(left, top, right, bottom) for left, top, right, bottom in found
            if right - left > _SHORTEST * height and _HAND[0] * height < bottom - top < _HAND[1] * height]
