"""A text in which the work of every pattern is bounded, with the way back to what the citizen sent.

Patterns that look for names and addresses may cost the square of what they look at. So endless words, endless blanks
and the middle of a text that is longer than anybody writes are left out before anything is looked for. Nothing is lost:
the letter keeps its whole text, and a person reads it.

So are the dotted and ruled lines of a printed form left out („гр. …..Русе…….., ул. ___Рила___ № ..4..“), on which the
citizen wrote or typed: what stands on them is read as if it stood in a sentence.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import islice

_LONGEST = 40_000
_LONGEST_END = 8_000
"""Characters that are looked at, at the beginning of a text and at its end, where it is signed."""
_ENDLESS_PARTS = (
    r"(?P<word>(?<!\w)\w{101,})|(?P<link>(?<!\S)\S{401,})|(?P<blank>(?<![^\S\n])[^\S\n]{101,})|"
    r"(?P<lines>(?:[^\S\n]{0,100}\n){21,})"
)
_ENDLESS = re.compile(_ENDLESS_PARTS)
"""No word, no link and no gap that anybody typed."""
_SHORT = 100
_FEW_LINES = 20
"""In so short a text nothing can be endless."""
_RULE = r"[._…‥·•]"
_FORM = re.compile(rf"(?:{_RULE}[ \t]?){{6}}|…{{2}}|_{{3}}")
_FEWEST_RULES = 2
"""So many long rules make a form: there short ones are rules too, elsewhere an ellipsis."""
_FILL_IN = re.compile(rf"{_ENDLESS_PARTS}|(?P<rule>{_RULE}(?:[ \t]?{_RULE})++|…|(?<!\w)_|_(?!\w))")
_ABBREVIATED = re.compile(r"(?<![^\W\d_])[^\W\d_]{1,3}\Z")
"""„ул“, „гр“, „бл“, „тел“: the first point of the rule after them is theirs."""
_MOST_RULED = 400
"""Characters of rules that may be left out of the middle of what is shown as evidence."""
_LEFT = {"word": " ", "link": " ", "blank": "   ", "lines": "\n\n\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """What is looked at of a text."""

    text: str
    starts: tuple[int, ...]
    """Where each of its pieces begins in `text`, ascending; the first at 0."""
    origins: tuple[int, ...]
    """Where the same piece begins in the whole text."""
    form: bool = False
    """Whether rules of a form were left out."""

    def original(self, start: int, end: int) -> tuple[int, int] | None:
        """The offsets in the whole text; None when something between them was left out, but for the rules of a form."""
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, max(start, end - 1)) - 1
        shift, further = (self.origins[piece] - self.starts[piece] for piece in (first, last))
        if not 0 <= further - shift <= (_MOST_RULED if self.form else 0) or (first != last and not self.form):
            return None
        return start + shift, end + further


def bound(text: str, *, on_paper: bool = False) -> Bounded:
    """The text without what nobody types, at most 48,002 characters; `on_paper` it may be a form with rules."""
    if len(text) <= _SHORT and text.count("\n") <= _FEW_LINES:
        return Bounded(text=text, starts=(0,), origins=(0,))
    kept: list[tuple[int, str]] = []
    position = 0
    form = on_paper and sum(1 for _ in islice(_FORM.finditer(text), _FEWEST_RULES)) == _FEWEST_RULES
    for match in (_FILL_IN if form else _ENDLESS).finditer(text):
        kept += [(position, text[position : match.start()]), (match.start(), _left(match))]
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
    return Bounded(text="".join(piece for _, piece in kept), starts=tuple(starts), origins=tuple(origins), form=form)


def _left(match: re.Match[str]) -> str:
    """What stands in the place of something that was left out."""
    if match.lastgroup != "rule":
        return _LEFT[str(match.lastgroup)]
    text, start, end = match.string, match.start(), match.end()
    follows = text[end : end + 1]
    if _ABBREVIATED.search(text, max(0, start - 4), start) and follows not in ",;":
        return ". "
    return "" if follows in ",;) \t\n" or text[start - 1 : start].isspace() else " "


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
