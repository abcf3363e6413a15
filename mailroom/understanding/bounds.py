"""A text in which the work of every pattern is bounded, with the way back to what the citizen sent.

Patterns that look for names and addresses may cost the square of what they look at. So endless words, endless blanks
and the middle of a text that is longer than anybody writes are left out before anything is looked for. Nothing is lost:
the letter keeps its whole text, and a person reads it.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

_LONGEST = 40_000
_LONGEST_END = 8_000
"""Characters that are looked at, at the beginning of a text and at its end, where it is signed."""
_ENDLESS = re.compile(
    r"(?P<word>(?<!\w)\w{101,})|(?P<link>(?<!\S)\S{401,})|(?P<blank>(?<![^\S\n])[^\S\n]{101,})|"
    r"(?P<lines>(?:[^\S\n]{0,100}\n){21,})"
)
"""No word, no link and no gap that anybody typed."""
_SHORT = 100
_FEW_LINES = 20
"""In so short a text nothing can be endless."""
_LEFT = {"word": " ", "link": " ", "blank": "   ", "lines": "\n\n\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """What is looked at of a text."""

    text: str
    starts: tuple[int, ...]
    """Where each of its pieces begins in `text`, ascending; the first at 0."""
    origins: tuple[int, ...]
    """Where the same piece begins in the whole text."""

    def original(self, start: int, end: int) -> tuple[int, int] | None:
        """The offsets in the whole text; None when something between them was left out."""
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, max(start, end - 1)) - 1
        if first != last:
            return None
        shift = self.origins[first] - self.starts[first]
        return start + shift, end + shift


def bound(text: str) -> Bounded:
    """The text without what nobody types, at most 48,002 characters."""
    if len(text) <= _SHORT and text.count("\n") <= _FEW_LINES:
        return Bounded(text=text, starts=(0,), origins=(0,))
    kept: list[tuple[int, str]] = []
    position = 0
    for match in _ENDLESS.finditer(text):
        kept += [(position, text[position : match.start()]), (match.start(), _LEFT[str(match.lastgroup)])]
        position = match.end()
    kept.append((position, text[position:]))
    length = sum(len(piece) for _, piece in kept)
    if length > _LONGEST + _LONGEST_END:
        kept = [*_first(kept, _LONGEST), (0, "\n\n"), *_last(kept, _LONGEST_END)]
    starts, origins, at = [], [], 0
    for origin, piece in kept:
        starts.append(at)
        origins.append(origin)
        at += len(piece)
    return Bounded(text="".join(piece for _, piece in kept), starts=tuple(starts), origins=tuple(origins))


def bounded(text: str) -> str:
    """The bounded text alone."""
    return bound(text).text


def _first(pieces: list[tuple[int, str]], length: int) -> list[tuple[int, str]]:
    taken = []
    for origin, piece in pieces:
        taken.append((origin, piece[:length]))
        length -= len(piece)
        if length <= 0:
            break
    return taken


def _last(pieces: list[tuple[int, str]], length: int) -> list[tuple[int, str]]:
    taken = []
    for origin, piece in reversed(pieces):
        skipped = max(0, len(piece) - length)
        taken.append((origin + skipped, piece[skipped:]))
        length -= len(piece)
        if length <= 0:
            break
    return taken[::-1]
