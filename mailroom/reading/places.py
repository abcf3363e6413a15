"""From the samples that were read back to the picture that people see.

A page is cut out of its photograph, turned upright and levelled before it is read. Each of these steps is a matrix that
takes a place on its result to that on what it was given, both as shares of width and height, so that scaling changes
nothing and the steps are multiplied.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from mailroom.model.places import Box

Matrix = NDArray[np.float64]
"""Of 3 × 3, over homogeneous coordinates."""

SAME: Matrix = np.eye(3)
"""Nothing was moved."""
_QUARTER: Matrix = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 1.0], [0.0, 0.0, 1.0]])
"""From a page turned clockwise by 90 degrees to the page before: (x, y) was (y, 1 - x)."""


def before_turning(degrees: int) -> Matrix:
    """From a page turned clockwise by a multiple of 90 degrees to the page as it was."""
    return np.linalg.matrix_power(_QUARTER, degrees // 90 % 4)


def on_upright(sheet: Matrix, degrees: int) -> Matrix:
    """The step from a sheet to its picture, for both turned clockwise by so many degrees."""
    turn = before_turning(degrees)
    return sheet if sheet is SAME else np.asarray(np.linalg.inv(turn) @ sheet @ turn)


def before_levelling(matrix: Matrix, width: int, height: int) -> Matrix:
    """From the result of an affine transformation of samples (2 × 3, as OpenCV has it) to what it was given."""
    size = np.diag([float(width), float(height), 1.0])
    forward = np.vstack([matrix, [0.0, 0.0, 1.0]])
    return np.asarray(np.linalg.inv(size) @ np.linalg.inv(forward) @ size)


def moved(boxes: Iterable[Box], matrix: Matrix) -> tuple[Box, ...]:
    """The boxes around where these stand before the step."""
    kept = list(boxes)
    if not kept or matrix is SAME:
        return tuple(kept)
    corners = np.array([[(x, y, 1.0) for x in (box.left, box.right) for y in (box.top, box.bottom)] for box in kept])
    there = corners @ matrix.T
    flat = there[..., :2] / there[..., 2:]
    lowest, highest = flat.min(axis=1).clip(0, 1), flat.max(axis=1).clip(0, 1)
    return tuple(Box(*map(float, (*low, *high))) for low, high in zip(lowest, highest, strict=True))
