"""Signs of a crime, of which the prosecutor is to be told (АПК чл. 123, ал. 4); whether they are one, a person says."""

from collections.abc import Mapping
from typing import Any

from mailroom.model.findings import Found
from mailroom.understanding.composition import is_denied
from mailroom.understanding.view import View

_SHOWN = 3


def find_crime(view: View, _: Mapping[str, Any]) -> Found[bool]:
    """True when the letter names an act that is a crime and does not deny it just before („няма подкуп“)."""
    seen = [sighting for sighting in view.seen("crime")
            if not is_denied(sighting.words.words, sighting.hit.first)]  # fmt: skip
    evidence = tuple(view.evidence(sighting, around=5) for sighting in seen[:_SHOWN])
    return Found(value=bool(seen), confidence=min(0.9, 0.6 + 0.1 * len(seen)) if seen else 0.9, evidence=evidence)
