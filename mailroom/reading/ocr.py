"""A picture of a page to text with a confidence.

Tesseract gives words with places and confidences (tesseract.py); lines are rebuilt from them in reading order. The
text is as it was read; only dashes and dots, which Tesseract writes as hyphens, are told apart by their width.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mailroom.model.places import Box
from mailroom.reading.columns import Line, in_columns
from mailroom.reading.handwriting import ALONE, is_known, read_by_hand, worth
from mailroom.reading.image import Gray
from mailroom.reading.repairs import DATE
from mailroom.reading.second_look import letter_height, looked_at_again
from mailroom.reading.spelling import DOUBTED, doubted_in
from mailroom.reading.tesseract import Word, in_lines, mean_confidence, words_on

LOOK_SHARE = 0.1
"""Of the time for a page, for each further look at a piece of it."""
_HAND_SHARE, _BY_HAND = 0.75, 0.15
"""Of the time for a page, for all further looks together at what may be written by hand; and the share of letters that
are hardly believed from which it may."""
_NOISE, _DOUBT = 0.30, 0.50
"""A line that Tesseract itself believes less than this is a stamp, a scribble or dirt; the second holds for lines in
which no single word is believed."""
_SCRIBBLED, _SHORT_DOUBT = 0.70, 0.35
"""Confidence below which a word is looked at as a scribble, and below which one or two letters are dirt."""
_SURE, _SURE_LETTERS = 0.85, 4
"""Confidence and letters of a word that stays when its line is noise."""
_NO_HAND = 0.94
"""Confidence of a page that is read again from which it is print, on squared paper perhaps, and no hand."""
_TALL, _FLAT = 2.0, 0.25
"""In heights of a word."""
_LINE_LETTERS, _DOUBTED_LINE, _DOUBTED_WORD = 6, 0.75, 0.80
_FEWEST_DOUBTED, _SHARE_DOUBTED = 4, 0.2
"""Lines in doubt, and their share of the lines of a page, from which doubt is more than a stamp over some words."""
_STROKES = frozenset("-–—·")
_SPECK_WIDE, _DOT_WIDE, _HYPHEN_WIDE = 0.10, 0.29, 0.42
"""Widths as a share of the height of the line's letters: a middle dot has 0.15 to 0.27, a hyphen 0.3 to 0.4, a dash 0.5
to 1."""
_LONE_SIGNS = frozenset(
    "| _ ~ © ® ° ^ ¦ \\ ` ' \" „ “ ” ‘ ’ , . ; : · « » __ ___ — || .. ,, ‚ [ ] { } ¢ ¥ £".split())  # noqa: SIM905 - easier to read so
"""Signs that never stand alone between two spaces: specks and edges of stamps."""


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """What was read on a page."""

    text: str
    confidence: float
    """0 to 1 over everything on the page, noise included, weighted by the words' length; 0 when there are none."""
    words: int
    """Without noise."""
    boxes: tuple[Box, ...] = ()
    """Where each word of `text.split()` stands on the samples."""
    doubtful: float
    """Share of the letters that are hardly believed, where whole lines are: handwriting; 0 to 1."""
    doubted: tuple[str, ...] = ()
    """Words that a dictionary may put right."""
    by_hand: bool = False
    """Whether something may be written on it by hand."""
    worth: float = 0.0
    """How much of it is Bulgarian that is believed: 0 to 1, by letters."""


def as_read(words: Iterable[Word], samples: Gray) -> Recognised:
    """A page whose words are not to be looked at again."""
    words = [word for word in words if word.text not in _LONE_SIGNS]
    return replace(composed(words, samples), worth=worth(words))


def recognise(samples: Gray, words: Iterable[Word] | None = None, *, languages: str, seconds: float) -> Recognised:
    """Read a page of grey samples at about 300 dpi, all of it or, where its words are known already, what of them is in
    doubt. Raises OcrTimedOut or OcrFailed."""
    seen = words_on(samples, languages=languages, seconds=seconds) if words is None else words
    words = [word for word in seen if word.text not in _LONE_SIGNS]
    by_hand = _may_be_by_hand(words) and ALONE in languages.split("+")
    words = looked_at_again(words, samples, languages=languages, seconds=LOOK_SHARE * seconds)
    read = replace(as_read(words, samples), by_hand=by_hand)
    if not by_hand:
        return read
    again = read_by_hand(words, samples, seconds=_HAND_SHARE * seconds)
    if again == words:
        return read
    written = composed([word for word in again if word.text not in _LONE_SIGNS], samples, by_hand=True)
    doubtful = 0.0 if written.confidence >= _NO_HAND else read.doubtful
    return replace(written, doubtful=max(doubtful, written.doubtful), by_hand=True,
                   worth=worth(again))


def _may_be_by_hand(words: Sequence[Word]) -> bool:
    """Whether so much of the page is hardly believed that something may be written on it by hand."""
    hardly = _letters(word for word in words if word.confidence < _DOUBTED_WORD)
    return hardly > _BY_HAND * _letters(words)


def composed(words: Sequence[Word], samples: Gray, *, by_hand: bool = False) -> Recognised:
    """What these words of a page say in reading order, without what is no print; or `by_hand`, no writing."""
    groups = in_lines(words)
    height = letter_height(words)
    kept = ((group[0].line[0], [word for word in group if not _is_scribble(word, height)
                                or (by_hand and is_known(word))]) for group in groups)
    lines = [Line(words=tuple(group), block=block) for block, group in kept if group]
    lines = [line for line in (line if by_hand and any(map(is_known, line.words)) else _believed_part(line)
                               for line in lines) if line and not _is_fax_header(line, samples.shape[0])]
    lines = _with_torn_lines_mended(lines)
    blocks = _in_reading_order(lines if by_hand else in_columns(lines, samples))  # a hand leaves wide gaps
    printed = [[_as_printed(line) for line in block] for block in blocks]
    text = "\n\n".join("\n".join(" ".join(sign for sign, _ in line) for line in block) for block in printed)
    boxes = tuple(_share(word, samples) for block in printed for line in block for sign, word in line
                  for _ in sign.split())
    return Recognised(text=text.strip(), confidence=_mean(words), words=sum(len(line.words) for line in lines),
                      boxes=boxes, doubtful=_doubtful(groups),
                      doubted=doubted_in([word.text for line in lines for word in line.words
                                          if word.confidence < DOUBTED]))


def _share(word: Word, samples: Gray) -> Box:
    high, wide = samples.shape
    return Box(word.left / wide, word.top / high, word.right / wide, word.bottom / high)


def _doubtful(groups: Iterable[list[Word]]) -> float:
    """The share of letters in words that are hardly believed, where these fill lines of their own; else 0.

    Handwriting makes whole lines doubtful; a stamp or a signature over print makes some words so.
    """
    lines = [group for group in groups if _letters(group) >= _LINE_LETTERS]
    doubted = sum(_mean(line) < _DOUBTED_LINE for line in lines)
    letters = sum(map(_letters, lines))
    if doubted < max(_FEWEST_DOUBTED, _SHARE_DOUBTED * len(lines)) or not letters:
        return 0.0
    hardly_believed = (word for line in lines for word in line if word.confidence < _DOUBTED_WORD)
    return round(_letters(hardly_believed) / letters, 4)


def _letters(words: Iterable[Word]) -> int:
    return sum(len(word.text) for word in words if any(map(str.isalnum, word.text)))


def _as_printed(line: Line) -> list[tuple[str, Word]]:
    """The line's words as they are written, without specks."""
    heights = sorted(word.bottom - word.top for word in line.words if any(map(str.isalpha, word.text)))
    height = heights[len(heights) // 2] if heights else 0
    signs = ((_stroke(word, height) if word.text in _STROKES else word.text, word) for word in line.words)
    return [(sign, word) for sign, word in signs if sign]


def _stroke(word: Word, height: int) -> str:
    """A lone stroke by its width: a dash, a middle dot or a speck; `height` is that of the line's letters."""
    share = (word.right - word.left) / height if height else 1.0
    if share < _SPECK_WIDE:
        return ""
    return "·" if share < _DOT_WIDE else "-" if share < _HYPHEN_WIDE else "–"


def _mean(words: Iterable[Word]) -> float:
    return round(mean_confidence(words), 4)


def _is_scribble(word: Word, height: float) -> bool:
    """Whether a word is what Tesseract makes of a signature, a stroke or dirt; `height` is that of the page's words."""
    if word.confidence >= _SCRIBBLED or not height or DATE.fullmatch(word.text):
        return False
    high = (word.bottom - word.top) / height
    return high > _TALL or high < _FLAT or (len(word.text) <= 2 and word.text.isalpha()
                                            and word.confidence < _SHORT_DOUBT)


def _believed_part(line: Line) -> Line | None:
    """The line; where it is noise, what of it is beyond doubt: words before a signature, a date that one touches."""
    if not _is_noise(line):
        return line
    words = tuple(word for word in line.words if DATE.fullmatch(word.text) or (
        word.confidence >= _SURE and sum(map(str.isalpha, word.text)) >= _SURE_LETTERS))
    return Line(words=words, block=line.block) if words else None


def _is_noise(line: Line) -> bool:
    """A stamp's edge, a scribble or dirt: nothing to read in it, or nothing that Tesseract itself believes."""
    signs = "".join(word.text for word in line.words)
    if not any(map(str.isalnum, signs)):
        return True
    if len(signs) <= 3 and not signs.isdigit():
        return _mean(line.words) < 0.6
    believed = any(word.confidence >= 0.8 and sum(map(str.isalpha, word.text)) >= 4 for word in line.words)
    return _mean(line.words) < (_NOISE if believed else _DOUBT)


_FAX = re.compile(r"(?>.*?\d{1,2}:\d{2}).*(?:\bFAX|\bTEL|\b[PР]\.? ?\d{1,3}\b|\d{6,})", re.I)


def _is_fax_header(line: Line, page_height: int) -> bool:
    """The line that a fax machine prints on the upper edge: time, number and page."""
    return line.bottom < 0.035 * page_height and bool(_FAX.match(" ".join(word.text for word in line.words)))


def _with_torn_lines_mended(lines: list[Line]) -> list[Line]:
    """Pieces of one line of print that lie in different blocks, put together again: a slight slope tears them."""
    mended: list[Line] = []
    for line in lines:
        partner = next((at for at, other in enumerate(mended) if other.block != line.block and _continues(other, line)),
                       None)
        if partner is None:
            mended.append(line)
            continue
        first, second = sorted((mended[partner], line), key=lambda piece: piece.left)
        mended[partner] = Line(words=first.words + second.words, block=mended[partner].block)
    return mended


def _continues(one: Line, other: Line) -> bool:
    left, right = (one, other) if one.left < other.left else (other, one)
    end, start = max(left.words, key=lambda w: w.right), min(right.words, key=lambda w: w.left)
    height = max(end.bottom - end.top, start.bottom - start.top)
    level = abs((end.top + end.bottom) - (start.top + start.bottom)) / 2 < 0.5 * height
    return level and -0.3 * height < start.left - end.right < 1.2 * height


def _in_reading_order(lines: list[Line]) -> list[list[Line]]:
    """Tesseract's blocks in its order, but what stands to the left of another, beside or above it, comes before it."""
    blocks: dict[int, list[Line]] = {}
    for line in lines:
        blocks.setdefault(line.block, []).append(line)
    ordered: list[list[Line]] = []
    for block in blocks.values():
        place = next((at for at, later in enumerate(ordered) if _comes_before(block, later)), len(ordered))
        ordered.insert(place, block)
    return ordered


def _comes_before(one: list[Line], other: list[Line]) -> bool:
    """Whether a block lies wholly above another and begins farther left, or beside it and wholly to its left."""
    left, top, right, bottom = _box(one)
    other_left, other_top, _, other_bottom = _box(other)
    above = bottom <= other_top and left < other_left
    beside = top < other_bottom and other_top < bottom and right <= other_left
    return above or beside


def _box(block: list[Line]) -> tuple[int, int, int, int]:
    return (min(line.left for line in block), min(line.top for line in block), max(line.right for line in block),
            max(line.bottom for line in block))
