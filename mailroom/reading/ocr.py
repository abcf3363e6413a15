"""A picture of a page to text with a confidence.

Tesseract gives words with places and confidences (tesseract.py); lines are rebuilt from them in reading order. Repairs
are made only where the evidence stands in the word itself: № before digits, and look-alike letters of the other
alphabet.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailroom.reading.image import Gray
from mailroom.reading.tesseract import Word, words_on

_NOISE, _DOUBT = 0.30, 0.50
"""A line that Tesseract itself believes less than this is a stamp, a scribble or dirt; the second holds for lines in
which no single word is believed."""
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


def recognise(samples: Gray, *, languages: str, seconds: float) -> Recognised:
    """Read a page of grey samples at about 300 dpi. Raises OcrTimedOut or OcrFailed."""
    words = [word for word in words_on(samples, languages=languages, seconds=seconds) if word.text not in _LONE_SIGNS]
    return _compose(words, samples.shape[0])


@dataclass(frozen=True, kw_only=True)
class _Line:
    """Words of one line of print."""

    words: tuple[Word, ...]
    block: int

    @property
    def left(self) -> int:
        return min(word.left for word in self.words)

    @property
    def right(self) -> int:
        return max(word.right for word in self.words)

    @property
    def top(self) -> int:
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> int:
        return max(word.bottom for word in self.words)

    @property
    def confidence(self) -> float:
        return _mean(self.words)


def _compose(words: list[Word], page_height: int) -> Recognised:
    groups: dict[tuple[int, int], list[Word]] = {}
    for word in words:
        groups.setdefault(word.line, []).append(word)
    lines = [_Line(words=tuple(group), block=key[0]) for key, group in groups.items()]
    lines = [line for line in lines if not _is_noise(line) and not _is_fax_header(line, page_height)]
    blocks = _in_reading_order(_with_torn_lines_mended(lines))
    cyrillic = _is_cyrillic(word.text for line in lines for word in line.words)
    text = "\n\n".join("\n".join(repair_line(" ".join(word.text for word in line.words), cyrillic=cyrillic)
                                 for line in block) for block in blocks)
    return Recognised(text=text.strip(), confidence=_mean(words), words=sum(len(line.words) for line in lines))


def _mean(words: Iterable[Word]) -> float:
    weighted = [(word.confidence, len(word.text)) for word in words]
    letters = sum(weight for _, weight in weighted)
    return round(sum(confidence * weight for confidence, weight in weighted) / letters, 4) if letters else 0.0


def _is_noise(line: _Line) -> bool:
    """A stamp's edge, a scribble or dirt: nothing to read in it, or nothing that Tesseract itself believes."""
    signs = "".join(word.text for word in line.words)
    if not any(map(str.isalnum, signs)):
        return True
    if len(signs) <= 3 and not signs.isdigit():
        return line.confidence < 0.6
    believed = any(word.confidence >= 0.8 and sum(map(str.isalpha, word.text)) >= 4 for word in line.words)
    return line.confidence < (_NOISE if believed else _DOUBT)


_FAX = re.compile(r"\d{1,2}:\d{2}.*(?:\bFAX|\bTEL|\b[PР]\.? ?\d{1,3}\b|\d{6,})", re.I)


def _is_fax_header(line: _Line, page_height: int) -> bool:
    """The line that a fax machine prints on the upper edge: time, number and page."""
    return line.bottom < 0.035 * page_height and bool(_FAX.search(" ".join(word.text for word in line.words)))


def _with_torn_lines_mended(lines: list[_Line]) -> list[_Line]:
    """Pieces of one line of print that lie in different blocks, put together again: a slight slope tears them."""
    mended: list[_Line] = []
    for line in lines:
        partner = next((at for at, other in enumerate(mended) if other.block != line.block and _continues(other, line)),
                       None)
        if partner is None:
            mended.append(line)
            continue
        first, second = sorted((mended[partner], line), key=lambda piece: piece.left)
        mended[partner] = _Line(words=first.words + second.words, block=mended[partner].block)
    return mended


def _continues(one: _Line, other: _Line) -> bool:
    left, right = (one, other) if one.left < other.left else (other, one)
    end, start = max(left.words, key=lambda w: w.right), min(right.words, key=lambda w: w.left)
    height = max(end.bottom - end.top, start.bottom - start.top)
    level = abs((end.top + end.bottom) - (start.top + start.bottom)) / 2 < 0.5 * height
    return level and -0.3 * height < start.left - end.right < 1.2 * height


def _in_reading_order(lines: list[_Line]) -> list[list[_Line]]:
    """Tesseract's blocks in its order, but what stands wholly above and to the left of another comes before it."""
    blocks: dict[int, list[_Line]] = {}
    for line in lines:
        blocks.setdefault(line.block, []).append(line)
    ordered: list[list[_Line]] = []
    for block in blocks.values():
        bottom, left = max(line.bottom for line in block), min(line.left for line in block)
        place = next((at for at, later in enumerate(ordered)
                      if bottom <= min(line.top for line in later) and left < min(line.left for line in later)),
                     len(ordered))
        ordered.insert(place, block)
    return ordered


_LATIN_TWINS = str.maketrans("AaBEeKkMHOoPpCcTXxyY", "АаВЕеКкМНОоРрСсТХхуУ")
_CYRILLIC_TWINS = str.maketrans("АаВЕеКкМНОоРрСсТХхуУ", "AaBEeKkMHOoPpCcTXxyY")
_LATIN_LOOKALIKES = frozenset("AaBEeKkMHOoPpCcTXxyY")
_CYRILLIC_LOOKALIKES = frozenset("АаВЕеКкМНОоРрСсТХхуУ")
_LATIN_NUMBER = re.compile(r"(?<![\w№])(?:N[eеoо°º®]|№[eеoо])\.?(?= ?[\dА-Я])")
_CYRILLIC_NUMBER = re.compile(r"(?:(?<=[“”»\"] )|(?<=рег\. )|(?<=вх\. )|(?<=изх\. )|(?<=Рег\. )|(?<=Вх\. )|(?<=Изх\. ))"
                              r"[А-ЯA-Z][oоeе](?= ?\d)")


def repair_line(line: str, *, cyrillic: bool = True) -> str:
    """A line of OCR text with № restored and words of two alphabets folded to the one that most of their letters have.

    `cyrillic` says whether the page is; on a page in Latin letters nothing is taken for a Cyrillic letter or №.
    """
    words = [_fold(word, cyrillic=cyrillic) for word in line.split(" ")]
    line = " ".join(words)
    if not cyrillic:
        return line
    line = _LATIN_NUMBER.sub("№", line)  # no Bulgarian word begins with a Latin N
    return _CYRILLIC_NUMBER.sub("№", line)  # after a street's name in quotation marks, or after рег., before digits


def _is_cyrillic(words: Iterable[str]) -> bool:
    letters = [sign for word in words for sign in word if sign.isalpha()]
    return sum("А" <= sign <= "я" for sign in letters) > 0.6 * len(letters)


def _fold(word: str, *, cyrillic: bool) -> str:
    if "@" in word or re.search(r"\.(?:bg|com|org|net|eu)\b", word):
        return word.translate(_CYRILLIC_TWINS) if re.search(r"[A-Za-z]", word) else word
    latin = [sign for sign in word if "A" <= sign <= "z" and sign.isalpha()]
    own = [sign for sign in word if "А" <= sign <= "я"]
    if not latin or not own:
        short = cyrillic and latin and len(latin) <= 3 and all(sign in _LATIN_LOOKALIKES for sign in latin)
        return word.translate(_LATIN_TWINS) if short and not re.search(r"\d", word) else word
    if len(own) >= len(latin) and all(sign in _LATIN_LOOKALIKES for sign in latin):
        return word.translate(_LATIN_TWINS)
    if len(latin) > len(own) and all(sign in _CYRILLIC_LOOKALIKES for sign in own):
        return word.translate(_CYRILLIC_TWINS)
    return word


