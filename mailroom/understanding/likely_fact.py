"""A second opinion on a fact of a letter: how much it is like letters of which people said that it holds.

What is dangerous or nobody's business is told in ever new words. The vocabulary decides; a linear model (logistic
regression, rules/models/danger.json and protected.json, made by `benchmarks.first_model`) of everything that stands in
the letter together raises the alarm where it is much like such letters, and calls it off where it is not like them at
all. Between the two the vocabulary's word stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from mailroom.model.findings import Found, Kind
from mailroom.model.learned import FactModel
from mailroom.understanding.impression import Impression, impression_of, telling_words
from mailroom.understanding.kind import shares_of_kinds
from mailroom.understanding.view import View

_SAID, _SHORT = 1.5, 40
"""What the vocabulary's yes weighs beside all stems, and the words of a short text."""
_DOUBTED = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """From where on the model is heard; in log odds."""

    alarm: float
    """At least so much is a yes, whatever the vocabulary says."""
    calm: float
    """Less is a no."""


def second_opinion(view: View, model: FactModel | None, found: Found[bool], bounds: Bounds, why: str) -> Found[bool]:
    """The vocabulary's opinion, or the model's where it is surer."""
    if model is None or not view.letter.legible:
        return found
    impression = impression_of(view, opinion(view, found, shares_of_kinds(view)))
    if not impression.is_telling(model.weights):
        return found
    value = judged(found.value, score_of(model, impression), bounds)
    if value is found.value:
        return found
    shown = telling_words(view, lambda stem: model.weights.get(stem, 0.0), why) if value else ()
    return Found(value=value, confidence=_DOUBTED, evidence=shown)


def judged(found: bool, score: float, bounds: Bounds) -> bool:
    """The vocabulary's word where the model is not sure enough of the contrary."""
    return score >= bounds.alarm or (found and score >= bounds.calm)


def opinion(view: View, found: Found[bool], shares: Mapping[Kind, float]) -> dict[str, float]:
    """What the vocabulary says of the fact and of the letter's kind, under the names by which the model weighs it."""
    said = {f"={kind.value}": share for kind, share in shares.items()}
    yes = _SAID * found.value
    return said | {"=yes": yes, "=surely": yes * found.confidence, "=short": float(len(view.words) < _SHORT)}


def score_of(model: FactModel, impression: Impression) -> float:
    """The log odds that the fact holds."""
    weight = model.weights.__getitem__
    return model.bias + sum(value * sum(map(weight, names)) for names, value in impression.parts(model.weights))
