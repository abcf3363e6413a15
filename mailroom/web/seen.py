"""Where in the letter each field was seen: marks in its text, boxes on the pictures of its pages.

A finding quotes the letter, often with the place in its text. The letter's text is the pages' text put right word by
word, so words are what both are counted in: a quotation is looked for as a run of words, and the nearest run to its
place is taken. What cannot be found is shown without a mark.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from mailroom.model.base import Value
from mailroom.model.findings import Evidence, Found
from mailroom.model.item import Item
from mailroom.model.letter import Page, TextSource
from mailroom.model.places import Box
from mailroom.reading.repairs import corrected

_WORD = re.compile(r"\S+")
_EDGES = re.compile(r"^[^\w+]+|[^\w]+$")
_LONGEST_QUOTE = 60
"""Words of a quotation that are looked for."""
_LEVEL = 0.6
"""Share of a word's height by which the next may stand lower and still be on its line."""


class Piece(Value):
    """A piece of the letter's text, with the fields that were seen in it."""

    text: str
    fields: tuple[str, ...] = ()


class Mark(Value):
    """A rectangle on a page's picture, in shares of its width and height."""

    field: str
    box: Box


def evidence_of(item: Item, names: Iterable[str]) -> dict[str, tuple[Evidence, ...]]:
    """What shows each of these fields; what a person typed was not seen, and what is not so shows nothing."""
    typed = {path.partition(".")[0] for path in item.corrections}
    found: dict[str, Found[Any] | None] = {
        name: getattr(item.findings, name) for name in names if item.findings and name not in typed}
    return {name: one.evidence for name, one in found.items() if one is not None and one.value is not False}


def in_text(text: str, evidence: Mapping[str, Sequence[Evidence]]) -> tuple[Piece, ...]:
    """The text in pieces, each with the fields that were seen there; together they are the whole text."""
    words = list(_WORD.finditer(text))
    plain = [_bare(word.group()) for word in words]
    spans = [(words[run[0]].start(), words[run[1]].end(), field)
             for field, quotes in evidence.items() for one in quotes if (run := _run(plain, one, text))]
    cuts = sorted({0, len(text), *(start for start, _, _ in spans), *(end for _, end, _ in spans)})
    return tuple(Piece(text=text[start:end], fields=tuple(dict.fromkeys(
        field for first, last, field in spans if first <= start and end <= last)))
        for start, end in pairwise(cuts))


def on_pages(pages: Sequence[Page], places: Mapping[int, tuple[Box, ...]], text: str,
             evidence: Mapping[str, Sequence[Evidence]]) -> dict[int, tuple[Mark, ...]]:
    """The marks on each page, by its number; a page whose words have no places has none. `text` is the letter's."""
    words = [(page.number, word, box) for page in pages for word, box in _placed(page, places.get(page.number, ()))]
    plain = [_bare(word) for _, word, _ in words]
    marks: dict[int, list[Mark]] = {}
    for field, quotes in evidence.items():
        for run in filter(None, (_run(plain, one, text) for one in quotes)):
            for number, box in _lines((number, box) for number, _, box in words[run[0]:run[1] + 1]):
                marks.setdefault(number, []).append(Mark(field=field, box=box))
    return {number: tuple(dict.fromkeys(found)) for number, found in marks.items()}


def _placed(page: Page, boxes: Sequence[Box]) -> Iterator[tuple[str, Box]]:
    """The words of the page as the letter has them, each with its box."""
    text = corrected(page.text, page.doubted) if page.text_source is TextSource.OCR else page.text
    words = text.split()
    if page.blank or len(words) != len(boxes):
        words = page.text.split()
    return iter(()) if len(words) != len(boxes) else zip(words, boxes, strict=True)


def _run(plain: Sequence[str], quote: Evidence, text: str) -> tuple[int, int] | None:
    """First and last of the words that say this: where the finder says, or the run of words nearest to it that reads
    so; null where there is none. `text` is what the finder counts in."""
    wanted = [word for word in map(_bare, quote.text.split()) if word][:_LONGEST_QUOTE]
    near = len(text[:quote.start].split()) if quote.start is not None else 0
    if quote.start and quote.end and text[quote.start - 1:quote.start].strip():
        near -= 1  # the quotation begins inside a word
    runs = [(at, end) for at in range(len(plain)) if wanted and plain[at] == wanted[0]
            and (end := _ends(plain, at, wanted)) is not None]
    if runs:
        return min(runs, key=lambda run: abs(run[0] - near))
    if quote.start is None or quote.end is None or len(plain) != len(text.split()):
        return None
    last = near + max(1, len(text[quote.start:quote.end].split())) - 1
    return (near, last) if near >= 0 and last < len(plain) else None


def _ends(plain: Sequence[str], at: int, wanted: Sequence[str]) -> int | None:
    """Index of the last word of the run that begins here; signs that stand alone between words do not matter."""
    left = iter(wanted)
    word: str | None = next(left)
    while word is not None and at < len(plain):
        if plain[at] == word:
            word = next(left, None)
        elif plain[at]:
            return None
        at += 1
    return at - 1 if word is None else None


def _bare(word: str) -> str:
    """The word without what stands around it, in small letters; empty where it is nothing but signs."""
    return _EDGES.sub("", word).lower()


def _lines(words: Iterable[tuple[int, Box]]) -> Iterator[tuple[int, Box]]:
    """Words that stand beside each other on one line of one page, as one box."""
    page, box = 0, None
    for number, next_box in words:
        if box is not None and number == page and _beside(box, next_box):
            box = Box(min(box.left, next_box.left), min(box.top, next_box.top), max(box.right, next_box.right),
                      max(box.bottom, next_box.bottom))
            continue
        if box is not None:
            yield page, box
        page, box = number, next_box
    if box is not None:
        yield page, box


def _beside(one: Box, other: Box) -> bool:
    high = one.bottom - one.top
    return abs(one.top - other.top) < _LEVEL * high and other.left > one.left
