"""Words that mean something only together: a thing and its state, an asking act and a person's data.

People tell one and the same in words that no list holds whole („капакът на ревизионната го няма от вторник“). What can
be listed are the things, the states, the acts; a composition says which of them, standing near each other, mean what.
Pure arithmetic over places in a text; which groups of words there are stands in rules/lexicon/.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mailroom.folding import Word

Place = tuple[int, int]
"""First and last word (indices, inclusive) of something seen."""

_ENOUGH = 100
"""Places of the first part that are looked at in a letter."""
_NEIGHBOURS = 3
"""Places of another part that are tried on each side of the first."""
_NEGATIONS = frozenset({"не", "няма", "нямаше", "без", "нито", "никога", "not", "no", "never", "nqma", "ne", "нет"})
_CLITICS = frozenset({
    "се", "си", "е", "са", "съм", "сме", "сте", "ме", "ми", "те", "ти", "го", "му", "я", "й", "и", "ги", "им", "ни",
    "ви", "ще", "беше", "бяха", "бил", "била", "било", "били", "особено", "вече", "никак", "много", "толкова", "is",
    "are", "was", "be", "бъде", "бъдат",
})  # fmt: skip
_NEVER_AGAIN = frozenset({"няма", "нямаше"})
"""„вече никой няма да падне“."""
_NOT_DENYING = frozenset({"да", "дано", "само", "току", "ако", "da", "dano", "едва", "почти", "защо", "докато"})
"""„да не падне“ is a fear and no denial."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How near each other the parts must stand."""

    within: int
    """Words between the first and another part, at most."""
    sentences: int
    """1: all in one sentence; 2: or in neighbouring ones; …"""
    in_order: bool
    """Whether the parts must stand in the order in which they are named."""


def compose(
    parts: Sequence[Sequence[Place]], never: Sequence[Place], words: Sequence[Word], bounds: Bounds
) -> Iterator[Place]:
    """Every place of the first part that has each other part near, as the stretch from the first to the last of them.

    `never` are places that spoil it where they stand in one of the sentences of the stretch.
    """
    if not all(parts):
        return
    spoilt = {words[first].sentence for first, _ in never}
    for anchor in parts[0][:_ENOUGH]:
        chosen = _choose(anchor, parts[1:], words, bounds)
        if chosen is None:
            continue
        first, last = min(place[0] for place in chosen), max(place[1] for place in chosen)
        if spoilt.isdisjoint(range(words[first].sentence, words[last].sentence + 1)):
            yield first, last


def _choose(
    anchor: Place, others: Sequence[Sequence[Place]], words: Sequence[Word], bounds: Bounds
) -> list[Place] | None:
    """For each other part its place nearest to the anchor that shares no word with what is chosen already."""
    chosen = [anchor]
    for places in others:
        near = [place for place in _around(places, anchor) if _fits(place, chosen, words, bounds)]
        if not near:
            return None
        chosen.append(min(near, key=lambda place: abs(place[0] - anchor[0])))
    return chosen


def _around(places: Sequence[Place], anchor: Place) -> Sequence[Place]:
    index = bisect_left(places, anchor)
    return places[max(0, index - _NEIGHBOURS) : index + _NEIGHBOURS + 1]


def _fits(place: Place, chosen: Sequence[Place], words: Sequence[Word], bounds: Bounds) -> bool:
    anchor = chosen[0]
    gap = max(place[0] - anchor[1], anchor[0] - place[1])
    if gap > bounds.within or abs(words[place[0]].sentence - words[anchor[0]].sentence) >= bounds.sentences:
        return False
    if bounds.in_order:
        return place[0] > chosen[-1][1]
    return all(place[0] > taken[1] or place[1] < taken[0] for taken in chosen)


def is_denied(words: Sequence[Word], first: int) -> bool:
    """Whether a negation stands just before („не се клати“), small words between them not counted."""
    sentence = words[first].sentence
    index = first - 1
    while index >= 0 and first - index <= 3 and words[index].sentence == sentence and words[index].plain in _CLITICS:
        index -= 1
    if index > 0 and words[index].plain == "да" and words[index - 1].plain in _NEVER_AGAIN:
        return words[index - 1].sentence == sentence
    if index < 0 or words[index].sentence != sentence or words[index].plain not in _NEGATIONS:
        return False
    before = words[index - 1] if index else None
    return before is None or before.sentence != sentence or before.plain not in _NOT_DENYING


def undenied(places: Mapping[str, Sequence[Place]], words: Sequence[Word]) -> dict[str, list[Place]]:
    """The places without those that are denied, in order."""
    return {name: sorted(p for p in found if not is_denied(words, p[0])) for name, found in places.items()}
