"""Whether people's health or safety is in danger now: recall before precision, a false alarm costs a minute."""

from collections.abc import Mapping
from typing import Any

from mailroom.model.findings import Found
from mailroom.understanding.composition import is_denied
from mailroom.understanding.view import Sighting, View

_CERTAIN = 0.95
_ENOUGH = 1.0
"""Weight of signs that make a danger: one plain one, or several slight ones."""
_SETTLED_WORDS = 12


def find_health_safety(view: View, _: Mapping[str, Any]) -> Found[bool]:
    """True when the signs of danger in text or subject, each counted once, weigh enough.

    A sign is not counted when it is denied just before, when its sentence speaks of what is long past, proposed,
    asked about in general, played or meant otherwise, or when the letter tells later that it has been put right.
    """
    settled = frozenset(view.knowledge.lexicon.list("danger.settled"))
    mended = max((s.hit.last for s in view.seen("danger+.mended") if not s.in_subject), default=-1)
    unreal = _unreal_sentences(view)
    seen = [
        s for s in (*view.seen("danger"), *view.seen("danger+"))
        if s.hit.weight > 0 and not is_denied(s.words.words, s.hit.first) and not _is_settled(s, settled)
        and (s.in_subject or s.hit.first > mended) and not _places(s) <= unreal
    ]  # fmt: skip
    signs: dict[tuple[str, str], Sighting] = {}
    for sighting in sorted(seen, key=lambda s: -s.hit.weight):
        signs.setdefault((sighting.hit.name, sighting.hit.cue.row.why), sighting)
    weight = sum(sighting.hit.weight for sighting in signs.values())
    if weight < _ENOUGH - 0.01:
        return Found(value=False, confidence=0.9 if not signs else 0.7)
    evidence = tuple(view.evidence(s, around=5) for s in list(signs.values())[:4])
    return Found(value=True, confidence=min(_CERTAIN, 0.5 + 0.15 * weight), evidence=evidence)


def _unreal_sentences(view: View) -> frozenset[tuple[bool, int]]:
    """The sentences in which a danger is told of, asked about or imagined, and is not there."""
    return frozenset(place for sighting in view.seen("danger+.unreal") for place in _places(sighting))


def _places(sighting: Sighting) -> frozenset[tuple[bool, int]]:
    """The sentences over which a sighting reaches, each with whether it is of the subject."""
    words = sighting.words.words
    sentences = range(words[sighting.hit.first].sentence, words[sighting.hit.last].sentence + 1)
    return frozenset((sighting.in_subject, sentence) for sentence in sentences)


def _is_settled(sighting: Sighting, settled: frozenset[str]) -> bool:
    """Whether the sentence thanks for something that has been put right."""
    words, first = sighting.words.words, sighting.hit.first
    before = words[max(0, first - _SETTLED_WORDS) : first]
    return any(word.plain in settled for word in before if word.sentence == words[first].sentence)
