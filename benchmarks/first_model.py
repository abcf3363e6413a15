"""The models that every office begins with, of kinds and of two facts: made of the labelled letters, and tried out.

    .venv/bin/python -m benchmarks.first_model [--try] [--write]

Learned from are the e-mails, scans (as OCR once read them) and texts of benchmarks/letters and the letters of the
tests. The vocabulary was made with these letters in sight, so that its opinion of them today says nothing of what it is
worth on others: the models learn to weigh it by what it said of each letter before anybody had looked at it
(letters/first_sight.jsonl). `--try` leaves each set out whole, as its writer is nobody else's; `--write` makes
rules/models/kinds.json, danger.json and protected.json anew.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.understanding import LETTERS, SETS, Label, paper_read
from mailroom.charter.pack import load_pack
from mailroom.config import packaged
from mailroom.learning.train import Matrix, fit
from mailroom.model.findings import Findings, Found, Kind
from mailroom.model.learned import FactModel, KindModel
from mailroom.model.letter import Letter
from mailroom.understanding.impression import Impression, impression_of
from mailroom.understanding.kind import shares_of_kinds
from mailroom.understanding.knowledge import Knowledge, load_knowledge
from mailroom.understanding.learned_kind import is_protected, opinion_of_kind, weigh_first
from mailroom.understanding.likely_fact import judged, opinion, score_of
from mailroom.understanding.protected import PROTECTED
from mailroom.understanding.safety import DANGER
from mailroom.understanding.understand import understand
from mailroom.understanding.view import View
from tests.understanding.test_letters import CASES, letter_of

TAUGHT = {**{name: SETS[name] for name in ("kinds", "short", "told", "email")}, "paper_read": paper_read}
_TOLD_AFTER = frozenset({"email u10", "paper_read u7"})
"""Sets that the writer of „told“ had read: where one of them is left out, so is that."""
FACTS = {"health_safety": ("danger", DANGER), "protected_info": ("protected", PROTECTED)}
"""Field of Findings → the name of its model, and from where on that is heard."""
_NOT_OF_DANGER = "paper_read"
"""Scans taught the model of danger nothing of scans, and made it miss 3 more of 85 dangers in short texts."""
_NEGLIGIBLE = 0.04
"""Weights below it are left out of the file: all of them together change no opinion."""
_MOST_FEATURES, _LETTERS_WITH_IT = 5000, 2
_BEST, _OTHERS = 0.6, 0.4
"""How much of a letter with several acceptable kinds belongs to the best of them, and to all others together."""
First = dict[str, Any]
"""What the vocabulary said of a letter at first sight: `shares` of kinds, and of each fact a yes or no, how sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A labelled letter as the models are shown it."""

    group: str
    """The set that it is left out with."""
    label: Label
    kinds: tuple[Kind, ...]
    of_kind: Impression
    of_fact: dict[str, Impression]
    found: Found[Kind]
    facts: dict[str, Found[bool]]
    """What the vocabulary said at first sight."""
    fixed: bool


def examples(knowledge: Knowledge) -> Iterator[Example]:
    """All labelled letters that are correspondence."""
    rules = packaged("rules")
    sights = {(row["set"], row["file"]): row for row in _first_sights()}
    for name, label, letter in _letters():
        pack = load_pack(rules, label["municipality"])
        view, alone = View(letter, pack, knowledge), understand(letter, pack, knowledge)
        if alone.noncorrespondence is None:
            yield _example(name, label, view, alone, sights.get((name, label["file"])))


def _first_sights() -> list[First]:
    return [json.loads(line) for line in (LETTERS / "first_sight.jsonl").read_text("utf-8").splitlines()]


def _letters() -> Iterator[tuple[str, Label, Letter]]:
    for name in TAUGHT:
        yield from ((name, label, letter) for label, letter in TAUGHT[name]() if label["correspondence"])
    for case in CASES:
        expected = case.expected
        if not expected.keys().isdisjoint({"kind", *FACTS}) and "noncorrespondence" not in expected:
            kinds = expected.get("kind", [])
            yield "tests", {**{fact: expected[fact] for fact in FACTS if fact in expected}, "file": case.name,
                            "kinds": kinds if isinstance(kinds, list) else [kinds],
                            "municipality": case.town}, letter_of(case)  # fmt: skip


def _example(name: str, label: Label, view: View, today: Findings, first: First | None) -> Example:
    facts = {fact: Found(value=first[fact][0], confidence=first[fact][1]) if first else getattr(today, fact)
             for fact in FACTS}  # fmt: skip
    shares = {Kind(each): share for each, share in first["shares"].items()} if first else shares_of_kinds(view)
    found = Found(value=Kind(first["kind"][0]), confidence=first["kind"][1]) if first else today.kind
    of_fact = {fact: impression_of(view, opinion(view, facts[fact], shares)) for fact in FACTS}
    return Example(
        group=_group(name, label["file"]), label=label, found=found, facts=facts, of_fact=of_fact,
        of_kind=impression_of(view, opinion_of_kind(shares)), fixed=is_protected(view, found.value),
        kinds=tuple(Kind(each) for each in label.get("kinds", []) if each in list(Kind)))


def _group(name: str, file: str) -> str:
    return f"{name} {file.partition('-')[0]}" if name in ("email", "paper_read") and "-" in file else name


def learn_kinds(learned: Sequence[Example]) -> KindModel:
    """The model of these letters; the same letters in the same order give the same model."""
    known = [one for one in learned if one.kinds]
    names = _features([one.of_kind for one in known])
    kinds = list(Kind)
    weights, bias = fit(_rows([one.of_kind for one in known], names), np.array([_wanted(one, kinds) for one in known]))
    return KindModel(
        bias={kind: round(float(bias[at]), 3) for at, kind in enumerate(kinds)}, examples=len(known),
        weights={name: kept for name, row in zip(names, weights, strict=True) if (kept := {
            kind: round(float(row[at]), 2) for at, kind in enumerate(kinds) if abs(row[at]) >= _NEGLIGIBLE})})


def _wanted(one: Example, kinds: list[Kind]) -> list[float]:
    others = one.kinds[1:]
    shares = dict.fromkeys(others, _OTHERS / max(1, len(others))) | {one.kinds[0]: _BEST if others else 1.0}
    return [shares.get(kind, 0.0) for kind in kinds]


def learn_fact(learned: Sequence[Example], fact: str) -> FactModel:
    """The model of a fact."""
    known = [one for one in learned if fact in one.label
             and not (fact == "health_safety" and one.group.startswith(_NOT_OF_DANGER))]  # fmt: skip
    names = _features([one.of_fact[fact] for one in known])
    wanted = np.array([[not one.label[fact], one.label[fact]] for one in known], dtype=np.float32)
    weights, bias = fit(_rows([one.of_fact[fact] for one in known], names), wanted)
    kept = {name: round(float(yes - no), 2) for name, (no, yes) in zip(names, weights, strict=True)
            if abs(yes - no) >= _NEGLIGIBLE}  # fmt: skip
    return FactModel(bias=round(float(bias[1] - bias[0]), 3), weights=kept, examples=len(known))


def _features(shown: Sequence[Impression]) -> list[str]:
    counted = Counter(name for one in shown for name in sorted({*one.stems, *one.groups}))
    said = sorted({name for one in shown for name in one.said})
    return [*(name for name, n in counted.most_common(_MOST_FEATURES) if n >= _LETTERS_WITH_IT), *said]


def _rows(shown: Sequence[Impression], names: Sequence[str]) -> Matrix:
    column = {name: at for at, name in enumerate(names)}
    rows = np.zeros((len(shown), len(names)), dtype=np.float32)
    for row, one in zip(rows, shown, strict=True):
        for there, value in one.parts(column):
            row[[column[name] for name in there]] = value
    return rows


def tried(learned: list[Example]) -> Iterator[tuple[Example, Kind, dict[str, bool]]]:
    """Every letter with what is said of it by models that know no letter of its set."""
    for group in sorted({one.group for one in learned} - {"tests", "kinds", "told"}):
        out = {group, "told"} if group in _TOLD_AFTER else {group}
        others = [one for one in learned if one.group not in out]
        kinds = learn_kinds(others)
        facts = {fact: learn_fact(others, fact) for fact in FACTS}
        for one in (one for one in learned if one.group == group):
            kind = one.found
            if one.of_kind.is_telling(kinds.weights):
                kind = weigh_first(kinds, one.of_kind, one.found, fixed=one.fixed)
            yield one, kind.value, {fact: _heard(one, model, fact) for fact, model in facts.items()}


def _heard(one: Example, model: FactModel, fact: str) -> bool:
    if not one.of_fact[fact].is_telling(model.weights):
        return one.facts[fact].value
    return judged(one.facts[fact].value, score_of(model, one.of_fact[fact]), FACTS[fact][1])


def report(told: Sequence[tuple[Example, Kind, dict[str, bool]]]) -> Iterator[str]:
    """The vocabulary at first sight, and with models that have not seen the set."""
    by_group: dict[str, list[tuple[Example, Kind, dict[str, bool]]]] = defaultdict(list)
    for row in told:
        by_group[row[0].group].append(row)
    for group, rows in (*by_group.items(), ("all", list(told))):
        kinds = [row for row in rows if row[0].kinds]
        alone = sum(one.found.value in one.kinds for one, _, _ in kinds) / len(kinds)
        both = sum(kind in one.kinds for one, kind, _ in kinds) / len(kinds)
        yield f"{group:10} kind {alone:.3f} → {both:.3f} of {len(kinds)}"
        for fact in FACTS:
            yield f"{'':10} {fact}: {_counts(rows, fact, _alone(fact))} → {_counts(rows, fact, _together(fact))}"


Says = Callable[[tuple[Example, Kind, dict[str, bool]]], bool]


def _alone(fact: str) -> Says:
    return lambda row: row[0].facts[fact].value


def _together(fact: str) -> Says:
    return lambda row: row[2][fact]


def _counts(rows: Sequence[tuple[Example, Kind, dict[str, bool]]], fact: str, says: Says) -> str:
    there = [row for row in rows if row[0].label.get(fact)]
    false = sum(says(row) for row in rows if not row[0].label.get(fact))
    return f"{sum(says(row) for row in there)} of {len(there)} found, {false} false"


def main() -> None:
    """Print what the models bring to each set; write them when asked to."""
    arguments = argparse.ArgumentParser(description="The first models of kinds and facts")
    arguments.add_argument("--try", dest="tried", action="store_true", help="leave each set out in turn (3 minutes)")
    arguments.add_argument("--write", action="store_true", help="write rules/models/")
    asked = arguments.parse_args()
    knowledge = replace(load_knowledge(packaged("rules")), first_model=None, danger_model=None, protected_model=None)
    learned = list(examples(knowledge))
    print(f"{len(learned)} letters")
    if asked.tried:
        print("\n".join(report(list(tried(learned)))))
    if asked.write:
        _write("kinds", learn_kinds(learned))
        for fact, (name, _) in FACTS.items():
            _write(name, learn_fact(learned, fact))


def _write(name: str, model: KindModel | FactModel) -> None:
    path = Path(packaged("rules")) / "models" / f"{name}.json"
    path.write_text(model.model_dump_json().replace('},"', '},\n"').replace(',"', ',\n"') + "\n", "utf-8")
    print(f"{path}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
