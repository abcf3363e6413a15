"""The kind as the vocabulary finds it, weighed against letters like this one.

Two models give a second opinion, one after the other: the one that every office begins with (rules/models/kinds.json,
made of labelled letters by `benchmarks.first_model`), and the one that its own staff have taught (`learning/`):

1. of the same opinion a model makes the vocabulary surer, of another less sure;
2. where the vocabulary was not sure itself, and the model is much surer of another kind, that one is proposed, with
   the reason in the evidence;
3. where there is danger, an insult, a request for others' data or a whistleblower's words, and in the kinds that the
   law protects most, it proposes nothing else. Facts it does not touch at all.
"""

import math
from collections.abc import Mapping
from typing import Any

from mailroom.folding import name_key, skeleton
from mailroom.model.findings import Evidence, Found, Kind
from mailroom.model.learned import KindModel
from mailroom.understanding.kind import find_kind
from mailroom.understanding.view import View

STEM = 5
"""Letters of a stem. Measured against 4 and 6 and against pairs of words: benchmarks/README.md."""
_MOST_WORDS = 400
_SHORTEST = 2
_SHOWN, _TELLING = 3, 4
"""How many words are shown as evidence, of at least so many letters: „за“ tells a clerk nothing."""
SAID = 2.0
"""What the vocabulary's own opinion weighs in the model beside the stems of a letter, which together weigh 1."""
NEAR_TIE = 0.5
"""Confidence of the vocabulary below which the model may propose another kind."""
SURE, SURER = 0.3, 1.5
"""How probable another kind must be, and how many times as probable as the vocabulary's."""
FIRST_NEAR_TIE, FIRST_SURER = 0.65, 3.0
"""The same of the model that every office begins with, which has seen more letters. Measured: benchmarks/README.md."""
_FIRST_WORDS = 8
"""A text of which the first model knows fewer stems tells it nothing."""
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
    stems = stems_of(view)
    facts = any(so_far[name].value for name in _FACTS)
    if first is not None and len(stems & first.weights.keys()) >= _FIRST_WORDS:
        weighed = weigh_first(first, stems, found, fixed=facts or is_protected(view, found.value))
        found = _with_evidence(view, first, found, weighed, "по думите си прилича на: {}")
    if taught is not None:
        weighed = weigh(taught, stems, found, fixed=facts or is_protected(view, found.value))
        found = _with_evidence(view, taught, found, weighed, "подобно на писма, които служители отнесоха към „{}“")
    return found


def _with_evidence(view: View, model: KindModel, before: Found[Kind], after: Found[Kind], why: str) -> Found[Kind]:
    if after.value is before.value:
        return after
    shown = _evidence(view, model, before.value, after.value, why.format(WHY[after.value]))
    return after.model_copy(update={"evidence": shown})


def _evidence(view: View, model: KindModel, before: Kind, after: Kind, why: str) -> tuple[Evidence, ...]:
    """The words that told most for the one kind and against the other."""
    told: dict[str, tuple[float, Evidence]] = {}
    for word in view.words.words[:_MOST_WORDS]:
        stem = skeleton(word.plain)[:STEM]
        weights = model.weights.get(stem, {})
        strength = weights.get(after, 0.0) - weights.get(before, 0.0)
        if strength > 0 and stem not in told and len(stem) >= _TELLING:
            told[stem] = strength, view.quote(word.start, word.end, why)
    strongest = sorted(told.values(), key=lambda pair: -pair[0])[:_SHOWN]
    return tuple(evidence for _, evidence in strongest) or (Evidence(text="", why=why),)


def is_protected(view: View, kind: Kind) -> bool:
    """Whether the law hangs on the vocabulary's opinion of the kind."""
    return kind in _PROTECTED or bool(view.seen("matters.whistleblower_act"))


def stems_of(view: View) -> frozenset[str]:
    """The stems of a letter, in one spelling for both alphabets."""
    stems = {skeleton(word)[:STEM] for word in plain_words(view)}
    return frozenset({*stems, "?"} if "?" in view.text else stems)


def plain_words(view: View) -> frozenset[str]:
    """The letter's first words in plain form, without names and numbers, so that nothing learned is of one person."""
    seen = set()
    for words in (view.subject_words, view.words):
        sentence = -1
        for word in words.words[:_MOST_WORDS]:
            begins, sentence = word.sentence != sentence, word.sentence
            if _is_name(word.raw, begins=begins) or name_key(word.raw) in view.knowledge.first_names:
                continue
            if len(word.plain) >= _SHORTEST and word.plain.isalpha():
                seen.add(word.plain)
    return frozenset(seen)


def _is_name(raw: str, *, begins: bool) -> bool:
    """A word with a capital inside a sentence; one wholly of capitals may be any word."""
    return raw[:1].isupper() and not begins and not (raw.isupper() and len(raw) > 1)


def weigh(model: KindModel, stems: frozenset[str], found: Found[Kind], *, fixed: bool = False,
          near_tie: float = NEAR_TIE, surer: float = SURER) -> Found[Kind]:
    """The vocabulary's opinion beside the model's; `fixed`: only the confidence may change. Pure."""
    if found.value not in model.bias:
        return found
    probable = probabilities(model, stems, found)
    best = max(probable, key=lambda kind: probable[kind])
    of_found = probable[found.value]
    if best is found.value:
        raised = found.confidence + (_MOST - found.confidence) * of_found / 2
        return found.model_copy(update={"confidence": round(max(found.confidence, raised), 2)})
    if not fixed and found.confidence < near_tie and probable[best] >= max(SURE, surer * of_found):
        return Found(value=best, confidence=round(probable[best], 2))
    lowered = found.confidence * (1 - (probable[best] - of_found) / 2)
    return found.model_copy(update={"confidence": round(max(min(_LEAST, found.confidence), lowered), 2)})


def weigh_first(model: KindModel, stems: frozenset[str], found: Found[Kind], *, fixed: bool = False) -> Found[Kind]:
    """The same with the model that every office begins with: no office has checked it, so it is never very sure of its
    own, and it takes nothing for praise, for which nobody would be answered."""
    weighed = weigh(model, stems, found, fixed=fixed, near_tie=FIRST_NEAR_TIE, surer=FIRST_SURER)
    if weighed.value is found.value:
        return weighed
    if weighed.value is Kind.PRAISE:
        return found
    return weighed.model_copy(update={"confidence": min(weighed.confidence, FIRST_NEAR_TIE)})


def probabilities(model: KindModel, stems: frozenset[str], found: Found[Kind]) -> dict[Kind, float]:
    """How probable the model holds each kind that it knows; they add up to 1."""
    known = [model.weights[stem] for stem in sorted(stems) if stem in model.weights]
    share = 1 / math.sqrt(len(known)) if known else 0.0
    said = model.weights.get(said_feature(found.value), {})
    scores = {kind: bias + share * sum(weights.get(kind, 0.0) for weights in known)
              + SAID * found.confidence * said.get(kind, 0.0) for kind, bias in model.bias.items()}  # fmt: skip
    highest = max(scores.values())
    raised = {kind: math.exp(score - highest) for kind, score in scores.items()}
    total = sum(raised.values())
    return {kind: value / total for kind, value in raised.items()}


def said_feature(kind: Kind) -> str:
    """The name among the stems under which the model keeps what the vocabulary's opinion is worth."""
    return f"={kind.value}"
