"""Whether people's health or safety is in danger now: recall before precision, a false alarm costs a minute."""

from collections.abc import Mapping
from typing import Any

from mailroom.model.findings import Found
from mailroom.understanding.folding import Word
from mailroom.understanding.view import Sighting, View

_NEGATIONS = frozenset({"не", "няма", "нямаше", "без", "нито", "никога", "никой", "not", "no", "nqma", "ne"})
_CERTAIN = 0.95


def find_health_safety(view: View, _: Mapping[str, Any]) -> Found[bool]:
    """True when a cue of danger stands in text or subject and is not denied just before."""
    settled = frozenset(view.knowledge.lexicon.list("danger.settled"))
    seen = [
        s
        for s in view.seen("danger")
        if not _denied(s.words.words, s.hit.first) and not _settled(s.words.words, s.hit.first, settled)
    ]
    if not seen:
        return Found(value=False, confidence=0.9)
    best: dict[str, Sighting] = {}
    for sighting in seen:
        best.setdefault(sighting.hit.name + sighting.hit.cue.row.why, sighting)
    evidence = tuple(view.evidence(s, around=5) for s in list(best.values())[:4])
    return Found(value=True, confidence=min(_CERTAIN, 0.6 + 0.1 * len(seen)), evidence=evidence)


def _settled(words: tuple[Word, ...], first: int, settled: frozenset[str]) -> bool:
    """Whether the sentence thanks for something that has been put right."""
    sentence = words[first].sentence
    return any(word.plain in settled for word in words[max(0, first - 12) : first] if word.sentence == sentence)


def _denied(words: tuple[Word, ...], first: int) -> bool:
    """„не е агресивно“: a negation within two words before."""
    sentence = words[first].sentence
    return any(word.plain in _NEGATIONS and word.sentence == sentence for word in words[max(0, first - 2) : first])
