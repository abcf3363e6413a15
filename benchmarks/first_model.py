"""The model of kinds that every office begins with: made of the labelled letters, and tried out on them.

    .venv/bin/python -m benchmarks.first_model [--write]

Learned from are the odd-numbered e-mails and short texts and all texts of kinds.jsonl; the even-numbered are kept for
measuring. Cross-validation tells what the model brings to letters that it has not seen; `--write` makes
rules/models/kinds.json anew.
"""

import argparse
import itertools
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.understanding import SETS, Label
from mailroom.charter.pack import load_pack
from mailroom.config import packaged
from mailroom.learning.train import FOLDS, Labelled, train
from mailroom.model.findings import Kind
from mailroom.model.learned import KindModel
from mailroom.understanding.knowledge import Knowledge, load_knowledge
from mailroom.understanding.learned_kind import is_protected, stems_of, weigh_first
from mailroom.understanding.understand import understand
from mailroom.understanding.view import View

TAUGHT = ("kinds", "short", "email")
_FACTS = ("health_safety", "abusive", "protected_info")
_NEGLIGIBLE = 0.04
"""Weights below it are left out of the file: all of them together change no opinion."""


def labelled(name: str, knowledge: Knowledge) -> Iterator[Labelled]:
    """The letters of a set that may be learned from, with what the vocabulary alone says of them."""
    rules = packaged("rules")
    for label, letter in SETS[name]():
        if label["correspondence"] and (name == "kinds" or _is_odd(label)):
            pack = load_pack(rules, label["municipality"])
            view, alone = View(letter, pack, knowledge), understand(letter, pack, knowledge)
            fixed = any(getattr(alone, fact).value for fact in _FACTS) or is_protected(view, alone.kind.value)
            yield Labelled(stems=stems_of(view), found=alone.kind, meant=_meant(label, alone.kind.value), fixed=fixed)


def _is_odd(label: Label) -> bool:
    return int(re.findall(r"\d+", label["file"])[-1]) % 2 == 1


def _meant(label: Label, found: Kind) -> Kind:
    """The best of the acceptable kinds, or the one found if it is among them: there is nothing to be taught then."""
    kinds = [kind for kind in label["kinds"] if kind in list(Kind)]
    return found if found.value in kinds else Kind(kinds[0]) if kinds else Kind.CORRUPTION_REPORT


def changed(letters: list[Labelled]) -> Counter[str]:
    """How many become right, and how many wrong, each judged by a model that has not seen it."""
    counts: Counter[str] = Counter()
    for fold in range(FOLDS):
        model = slim(train([one for number, one in enumerate(letters) if number % FOLDS != fold]))
        for one in itertools.islice(letters, fold, None, FOLDS):
            found = weigh_first(model, one.stems, one.found, fixed=one.fixed)
            before, after = one.found.value is one.meant, found.value is one.meant
            counts["right before" if before else "wrong before"] += 1
            counts["gained"] += after and not before
            counts["lost"] += before and not after
    return counts


def slim(model: KindModel) -> KindModel:
    """The model without weights that say next to nothing."""
    weights = {stem: {kind: round(weight, 2) for kind, weight in row.items() if abs(weight) >= _NEGLIGIBLE}
               for stem, row in sorted(model.weights.items())}
    return model.model_copy(update={"weights": {stem: row for stem, row in weights.items() if row}})


def main() -> None:
    """Print what the model brings to each set; write it when asked to."""
    arguments = argparse.ArgumentParser(description="The first model of kinds")
    arguments.add_argument("--write", action="store_true", help="write rules/models/kinds.json")
    asked = arguments.parse_args()
    knowledge = replace(load_knowledge(packaged("rules")), first_model=None)
    letters = [letter for name in TAUGHT for letter in labelled(name, knowledge)]
    random.Random(1).shuffle(letters)  # the kinds stand there in turns, which would fall together with the folds
    print(f"{len(letters)} letters: {dict(changed(letters))}")
    if asked.write:
        path = Path(packaged("rules")) / "models" / "kinds.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(slim(train(letters)).model_dump_json().replace('},"', '},\n"') + "\n", "utf-8")
        print(f"{path}: {path.stat().st_size // 1024} KB")



if __name__ == "__main__":
    main()
