"""The kind as the vocabulary finds it, weighed against letters like this one.

Two models give a second opinion, one after the other: the one that every office begins with (rules/models/kinds.json,
made of labelled letters by `benchmarks.first_model`), and the one that its own staff have taught (`learning/`):

1. of the same opinion a model makes the vocabulary surer, of another less sure;
2. the first model is shown what the vocabulary says of all kinds, and has learned what that is worth on letters that
   the vocabulary was not made with; where it is much surer of another kind, that one is proposed, with the reason in
   the evidence. The staff's model proposes another kind only where the vocabulary was not sure itself;
3. in the kinds that the law protects most and where a whistleblower may speak they propose nothing else; the staff's
   model does not where there is danger, an insult or a request for others' data either. Facts they do not touch at all.
"""

import math
from collections.abc import Mapping
from typing import Any

from mailroom.model.findings import Found, Kind
from mailroom.model.learned import KindModel
from mailroom.understanding.impression import Impression, impression_of, telling_words
from mailroom.understanding.kind import find_kind, shares_of_kinds
from mailroom.understanding.stems import stems_of
from mailroom.understanding.view import View

SAID = 2.0
"""What the vocabulary's own opinion weighs in the model beside the stems of a letter, which together weigh 1."""
NEAR_TIE = 0.5
"""Confidence of the vocabulary below which the model may propose another kind."""
SURE, SURER = 0.3, 1.5
"""How probable another kind must be, and how many times as probable as the vocabulary's."""
FIRST_SURER = 3.6
"""How many times as probable another kind must be to the model that every office begins with. Measured over sets of
letters left out whole: benchmarks/README.md."""
FOR_PRAISE = 0.7
"""How probable praise must be, for which nobody would be answered."""
LEAST_PRAISE = 0.5
"""Where the vocabulary sees praise and that model holds it less probable, the likeliest other kind is proposed: of the
labelled letters praise was 0.86 probable and more, bitter words that sound like it 0.39 and less."""
FIRST_SUREST = 0.65
"""No office has checked what that model says, so it is never very sure of a kind of its own."""
_LEAST, _MOST = 0.1, 0.97
_PROTECTED = frozenset({Kind.CORRUPTION_REPORT, Kind.GDPR_REQUEST, Kind.FOI_REQUEST})
_FACTS = ("health_safety", "abusive", "protected_info")

WHY = {
    Kind.COMPLAINT: "жалба", Kind.SIGNAL: "сигнал", Kind.PROPOSAL: "предложение", Kind.REQUEST: "заявление за услуга",
    Kind.INQUIRY: "запитване", Kind.FOI_REQUEST: "достъп до информация", Kind.GDPR_REQUEST: "искане за лични данни",
    Kind.CORRUPTION_REPORT: "сигнал за корупция", Kind.PRAISE: "благодарност", Kind.OTHER: "друго",
}  # fmt: skip
"""Names of the kinds in the evidence."""


def find_learned_kind(view: View, so_far: Mapping[str, Any]) -> Found[Kind]:
    """The vocabulary's kind, or what the models make of it where there are any."""
    found = find_kind(view, so_far)
    first, taught = view.knowledge.first_model, view.knowledge.learned
    if (first is None and taught is None) or so_far.get("noncorrespondence") is not None:
        return found
    if first is not None:
        impression = impression_of(view, opinion_of_kind(shares_of_kinds(view)))
        if impression.is_telling(first.weights):
            weighed = weigh_first(first, impression, found, fixed=is_protected(view, found.value))
            found = _with_evidence(view, first, found, weighed, "по думите си прилича на: {}")
    if taught is not None:
        fixed = any(so_far[name].value for name in _FACTS) or is_protected(view, found.value)
        weighed = weigh(taught, stems_of(view), found, fixed=fixed)
        found = _with_evidence(view, taught, found, weighed, "подобно на писма, които служители отнесоха към „{}“")
    return found


def opinion_of_kind(shares: Mapping[Kind, float]) -> dict[str, float]:
    """What the vocabulary says of all kinds, under the names by which the first model weighs it."""
    return {said_feature(kind): SAID * share for kind, share in shares.items()}


def _with_evidence(view: View, model: KindModel, before: Found[Kind], after: Found[Kind], why: str) -> Found[Kind]:
    if after.value is before.value:
        return after

    def ahead(stem: str) -> float:
        weights = model.weights.get(stem, {})
        return weights.get(after.value, 0.0) - weights.get(before.value, 0.0)

    return after.model_copy(update={"evidence": telling_words(view, ahead, why.format(WHY[after.value]))})


def is_protected(view: View, kind: Kind) -> bool:
    """Whether the law hangs on the vocabulary's opinion of the kind."""
    return kind in _PROTECTED or bool(view.seen("matters.whistleblower_act"))


def weigh(model: KindModel, stems: frozenset[str], found: Found[Kind], *, fixed: bool = False) -> Found[Kind]:
    """The vocabulary's opinion beside the model's; `fixed`: only the confidence may change. Pure."""
    if found.value not in model.bias:
        return found
    probable = probabilities(model, stems, found)
    best = max(probable, key=lambda kind: probable[kind])
    of_found = probable[found.value]
    if best is not found.value and not fixed and found.confidence < NEAR_TIE and (
        probable[best] >= max(SURE, SURER * of_found)
    ):
        return Found(value=best, confidence=round(probable[best], 2))
    return _surer_or_less(found, best, probable)


def _surer_or_less(found: Found[Kind], best: Kind, probable: Mapping[Kind, float]) -> Found[Kind]:
    """The vocabulary's kind, surer where the model is of its opinion."""
    of_found = probable[found.value]
    if best is found.value:
        raised = found.confidence + (_MOST - found.confidence) * of_found / 2
        return found.model_copy(update={"confidence": round(max(found.confidence, raised), 2)})
    lowered = found.confidence * (1 - (probable[best] - of_found) / 2)
    return found.model_copy(update={"confidence": round(max(min(_LEAST, found.confidence), lowered), 2)})


def weigh_first(model: KindModel, impression: Impression, found: Found[Kind], *, fixed: bool = False) -> Found[Kind]:
    """The same with the model that every office begins with, which knows the vocabulary's opinion of all kinds."""
    probable = first_probabilities(model, impression)
    if found.value not in probable:
        return found
    best = max(probable, key=lambda kind: probable[kind])
    ahead = probable[best] >= FIRST_SURER * probable[found.value]
    if found.value is Kind.PRAISE and probable[Kind.PRAISE] < LEAST_PRAISE:
        best, ahead = max((kind for kind in probable if kind is not Kind.PRAISE), key=lambda kind: probable[kind]), True
    if fixed or not ahead or (best is Kind.PRAISE and probable[best] < FOR_PRAISE):
        return _surer_or_less(found, best, probable)
    return Found(value=best, confidence=round(min(FIRST_SUREST, probable[best]), 2))


def first_probabilities(model: KindModel, impression: Impression) -> dict[Kind, float]:
    """How probable the model that every office begins with holds each kind."""
    scores, rows = list(model.bias.values()), model.rows
    for names, value in impression.parts(rows):
        summed = map(sum, zip(*(rows[name] for name in names), strict=True))
        scores = [score + value * total for score, total in zip(scores, summed, strict=True)] if names else scores
    return _softmax(dict(zip(model.bias, scores, strict=True)))


def probabilities(model: KindModel, stems: frozenset[str], found: Found[Kind]) -> dict[Kind, float]:
    """How probable the model holds each kind that it knows; they add up to 1."""
    known = [model.weights[stem] for stem in sorted(stems) if stem in model.weights]
    share = 1 / math.sqrt(len(known)) if known else 0.0
    said = model.weights.get(said_feature(found.value), {})
    scores = {kind: bias + share * sum(weights.get(kind, 0.0) for weights in known)
              + SAID * found.confidence * said.get(kind, 0.0) for kind, bias in model.bias.items()}  # fmt: skip
    return _softmax(scores)


def _softmax(scores: Mapping[Kind, float]) -> dict[Kind, float]:
    highest = max(scores.values())
    raised = {kind: math.exp(score - highest) for kind, score in scores.items()}
    total = sum(raised.values())
    return {kind: value / total for kind, value in raised.items()}


def said_feature(kind: Kind) -> str:
    """The name among the stems under which the model keeps what the vocabulary's opinion is worth."""
    return f"={kind.value}"
