"""Two columns that Tesseract reads as one: a letterhead beside its address, a date beside the signature.

Columns are taken apart only at the head and at the foot of a page, where a letter has them. In between two columns
are a table, whose rows belong together; so do rows with a ruled line between the columns or with more than two of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median

from mailroom.reading.image import Gray
from mailroom.reading.tesseract import Word

_HEAD = 0.25
"""Share of the page's height within which a letterhead begins."""
_FOOT_LINES = 8
"""So many lines at a page's end are its foot."""
_GAP, _LEAST, _APART = 3.0, 0.7, 1.3
"""In heights of a line: the gap that shows two columns, the least between them elsewhere, and the white between two
lines of one group."""
_EDGE = 0.5
"""By so many heights of a line the lines of a column may begin differently."""
_RULED, _DARK = 0.7, 128


@dataclass(frozen=True, kw_only=True)
class Line:
    """Words of one line of print, from left to right."""

    words: tuple[Word, ...]
    block: int

    @cached_property
    def left(self) -> int:
        return min(word.left for word in self.words)

    @cached_property
    def right(self) -> int:
        return max(word.right for word in self.words)

    @cached_property
    def top(self) -> int:
        return min(word.top for word in self.words)

    @cached_property
    def bottom(self) -> int:
        return max(word.bottom for word in self.words)


def in_columns(lines: Sequence[Line], samples: Gray) -> list[Line]:
    """The lines in their order, but two columns as the left one, then the right one, as blocks of their own."""
    done = list(lines)
    height = median(word.bottom - word.top for line in lines for word in line.words) if lines else 0
    for first in sorted(lines, key=lambda line: line.top):
        start = _second_column(first, height)
        if start is None or first not in done:
            continue
        edge = start - _EDGE * height
        group = _group(first, start, done, height)
        if _are_columns(group, edge, lines, samples):
            done = _taken_apart(done, group, edge)
    return done


def _second_column(line: Line, height: float) -> int | None:
    """Where a second column begins in this line; null where it has one, or more than two."""
    starts = [word.left for before, word in zip(line.words, line.words[1:], strict=False)
              if word.left - before.right > _GAP * height]
    return starts[0] if len(starts) == 1 else None


def _group(first: Line, start: int, lines: Iterable[Line], height: float) -> list[Line]:
    """The lines around this one that lie on either side of this start or on both, without a gap between them."""
    ordered = sorted(lines, key=lambda line: line.top)
    at = above = below = ordered.index(first)
    while above > 0 and _joins(ordered[above - 1], ordered[above:at + 1], start, height):
        above -= 1
    while below + 1 < len(ordered) and _joins(ordered[below + 1], ordered[at:below + 1], start, height):
        below += 1
    return ordered[above:below + 1]


def _joins(line: Line, group: Sequence[Line], start: int, height: float) -> bool:
    top, bottom = min(other.top for other in group), max(other.bottom for other in group)
    if max(line.top - bottom, top - line.bottom) > _APART * height:
        return False
    left, right = _sides(line, start - _EDGE * height)
    if left and right:
        gap = right[0].left - left[-1].right
        return gap > _GAP * height or (gap >= _LEAST * height and right[0].left <= start + _EDGE * height)
    return bool(right) or left[-1].right <= start - _LEAST * height


def _sides(line: Line, edge: float) -> tuple[tuple[Word, ...], tuple[Word, ...]]:
    return (tuple(word for word in line.words if word.left < edge), tuple(w for w in line.words if w.left >= edge))


def _are_columns(group: Sequence[Line], edge: float, lines: Sequence[Line], samples: Gray) -> bool:
    """Whether these lines are a letterhead, or the place and the date beside the signature."""
    divided = [(line, left[-1]) for line in group for left, right in [_sides(line, edge)] if left and right]
    if len(group) < 2 or all(last.text.endswith(":") for _, last in divided) or _is_ruled(divided, edge, samples):
        return False
    below = sum(line.top > group[-1].bottom for line in lines)
    at_head = group[0].top < _HEAD * samples.shape[0] and len(divided) > 1
    return at_head or below + len(group) <= _FOOT_LINES


def _is_ruled(divided: Sequence[tuple[Line, Word]], edge: float, samples: Gray) -> bool:
    """Whether a line is drawn between the columns."""
    left, top, bottom = max(last.right for _, last in divided), divided[0][0].top, divided[-1][0].bottom
    between = samples[max(0, top):bottom, max(0, left + 1):max(0, round(edge))]
    return bool(between.size) and bool(((between < _DARK).mean(axis=0) > _RULED).any())


def _taken_apart(lines: Sequence[Line], group: Sequence[Line], edge: float) -> list[Line]:
    """The lines with this group as two blocks; what follows it in a block that it began is a block of its own."""
    new = max(line.block for line in lines) + 1
    sides = [_sides(line, edge) for line in group]
    columns = [Line(words=words, block=new) for words, _ in sides if words]
    columns += [Line(words=words, block=new + 1) for _, words in sides if words]
    at = min(lines.index(line) for line in group)
    begun = {line.block for line in group}
    rest = [replace(line, block=new + 2 + line.block) if line.block in begun else line
            for line in lines[at:] if line not in group]
    return [*lines[:at], *columns, *rest]
