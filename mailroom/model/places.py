"""Where the words of a page stand on its picture, in few octets.

A place is a box in shares of the width and height of the upright picture that people see. Places are packed in the
order of the words of the page's text (`text.split()`), so that no word of a citizen is kept a second time.
"""

import sys
import zlib
from array import array
from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import NamedTuple

_STEPS = 4096
"""A share is kept so finely: a twentieth of a millimetre on a sheet of A4."""


class Box(NamedTuple):
    """A rectangle on a page, each side a share (0 to 1) of the page's width or height."""

    left: float
    top: float
    right: float
    bottom: float


def packed(boxes: Iterable[Box]) -> bytes:
    """These boxes in about three octets each on a full page: each number as its difference from that of the word
    before. Empty for none."""
    columns = list(zip(*((_step(box.left), _step(box.top), _step(box.right - box.left), _step(box.bottom - box.top))
                         for box in boxes), strict=True))
    steps = [after - before for column in columns for before, after in pairwise((0, *column))]
    return zlib.compress(_little_endian(array("h", steps)).tobytes(), 9) if steps else b""


def unpacked(octets: bytes) -> tuple[Box, ...]:
    """The boxes that `packed` was given, to 1/4096 of the page."""
    if not octets:
        return ()
    steps = array("h")
    steps.frombytes(zlib.decompress(octets))
    numbers, count = _little_endian(steps), len(steps) // 4
    columns = (accumulate(numbers[at * count:(at + 1) * count]) for at in range(4))
    return tuple(Box(left / _STEPS, top / _STEPS, (left + width) / _STEPS, (top + height) / _STEPS)
                 for left, top, width, height in zip(*columns, strict=True))


def _step(share: float) -> int:
    return round(min(1.0, max(0.0, share)) * _STEPS)


def _little_endian(numbers: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
