"""What corrections bring: the kind of invented letters after 0, 25, 50, 100 and 150 of them were taught.

    .venv/bin/python -m benchmarks.learning

The letters (learning_letters.toml) are divided twenty times into 150 to learn from and 100 held out. „heard“ is what
the service does: the model has a say only where its own cross-validation over the taught letters shows a gain. With
scikit-learn installed beside, its logistic regression is trained on the same rows.
"""

import random
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from mailroom.charter.pack import load_pack
from mailroom.config import packaged
from mailroom.learning.train import LEAST_LETTERS, Labelled, train, try_out
from mailroom.model.arrival import Channel
from mailroom.model.findings import Found, Kind
from mailroom.model.learned import KindModel
from mailroom.model.letter import Letter
from mailroom.understanding.knowledge import load_knowledge
from mailroom.understanding.learned_kind import is_protected, probabilities, weigh
from mailroom.understanding.stems import stems_of
from mailroom.understanding.understand import understand
from mailroom.understanding.view import View

LETTERS = Path(__file__).parent / "learning_letters.toml"
DIVISIONS, TAUGHT = 20, (25, 50, 100, 150)
FACTS = ("health_safety", "abusive", "protected_info")
IMPORTS = ("mailroom.cli.serving", "numpy", "sklearn.linear_model")


def read_letters() -> list[Labelled]:
    """Every letter with what the vocabulary alone says of it."""
    knowledge, pack = load_knowledge(packaged("rules")), load_pack(packaged("rules"), "primerovo")
    letters = []
    for kind, texts in tomllib.loads(LETTERS.read_text("utf-8")).items():
        for text in texts:
            view = View(Letter(channel=Channel.PAPER, media_type="text/plain", text=text), pack, knowledge)
            alone = understand(view.letter, pack, knowledge)
            fixed = any(getattr(alone, fact).value for fact in FACTS) or is_protected(view, alone.kind.value)
            letters.append(Labelled(stems=stems_of(view), found=alone.kind, meant=Kind(kind), fixed=fixed))
    return letters


def share_right(letters: Sequence[Labelled], kind_of: Callable[[Labelled], Kind]) -> float:
    """Of these letters, how many have the kind that is meant."""
    return mean(kind_of(letter) is letter.meant for letter in letters)


def together(model: KindModel) -> Callable[[Labelled], Kind]:
    """The vocabulary with the model's second opinion."""
    return lambda letter: weigh(model, letter.stems, letter.found, fixed=letter.fixed).value


def model_alone(model: KindModel) -> Callable[[Labelled], Kind]:
    """The model's own first choice."""
    def choose(letter: Labelled) -> Kind:
        probable = probabilities(model, letter.stems, letter.found)
        return max(probable, key=lambda kind: probable[kind])

    return choose


def words_alone(letters: Sequence[Labelled]) -> list[Labelled]:
    """The same letters with a vocabulary that always says the same: what the stems are worth without it."""
    silent: Found[Kind] = Found(value=Kind.OTHER, confidence=0.0)
    return [Labelled(stems=letter.stems, found=silent, meant=letter.meant) for letter in letters]


def measure(letters: list[Labelled], taught: int) -> dict[str, float]:
    """Shares right of the held-out letters, over all divisions."""
    rows: list[dict[str, float]] = []
    for number in range(DIVISIONS):
        mixed = random.Random(number).sample(letters, len(letters))
        known, held_out = mixed[:taught], mixed[max(TAUGHT):]
        model = train(known)
        trial = try_out(known) if taught >= LEAST_LETTERS else None
        alone = share_right(held_out, lambda letter: letter.found.value)
        with_model = share_right(held_out, together(model))
        heard = trial is not None and trial.heard
        rows.append({
            "vocabulary": alone, "with the model": with_model, "as the service does": with_model if heard else alone,
            "heard": heard, "lost": mean(letter.found.value is letter.meant is not together(model)(letter)
                                         for letter in held_out),
            "model's first choice": share_right(held_out, model_alone(model)),
            "stems without vocabulary": share_right(words_alone(held_out), model_alone(train(words_alone(known))))})
    return {name: mean(row[name] for row in rows) for name in rows[0]}


def scikit_learn(letters: list[Labelled], taught: int) -> tuple[float, float] | None:
    """Its logistic regression and linear support vectors on the same stems; null when it is not installed."""
    if find_spec("sklearn") is None:
        return None
    results = []
    for module, name, options in (("sklearn.linear_model", "LogisticRegression", {"C": 10, "max_iter": 500}),
                                  ("sklearn.svm", "LinearSVC", {"C": 1})):
        estimator: Any = getattr(import_module(module), name)(**options)
        right = []
        for number in range(DIVISIONS):
            mixed = random.Random(number).sample(letters, len(letters))
            right.append(_fitted(estimator, mixed[:taught], mixed[max(TAUGHT):]))
        results.append(mean(right))
    return results[0], results[1]


def _fitted(estimator: Any, known: list[Labelled], held_out: list[Labelled]) -> float:
    counted = [stem for letter in known for stem in letter.stems]
    stems = sorted({stem for stem in counted if counted.count(stem) > 1})

    def rows(some: list[Labelled]) -> Any:
        table = np.array([[stem in letter.stems for stem in stems] for letter in some], dtype=float)
        return table / np.sqrt(np.maximum(1, table.sum(axis=1, keepdims=True)))

    estimator.fit(rows(known), [letter.meant.value for letter in known])
    said = estimator.predict(rows(held_out))
    return float(mean(str(kind) == letter.meant.value for kind, letter in zip(said, held_out, strict=True)))


def cost_of_import(module: str) -> str:
    """Seconds and megabytes of a fresh process that imports it."""
    code = (f"import time; t = time.perf_counter(); import {module}; t = time.perf_counter() - t; "
            "pages = int(open('/proc/self/statm').read().split()[1]); print(f'{t:.2f} s, {pages * 4 // 1024} MB')")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() or "not installed"


def main() -> None:
    """Print the curve, the comparison and the costs."""
    letters = read_letters()
    print(f"{len(letters)} letters; the vocabulary alone is right on "
          f"{share_right(letters, lambda letter: letter.found.value):.1%}")
    for taught in TAUGHT:
        row = measure(letters, taught)
        print(f"{taught:4} taught: " + ", ".join(f"{name} {value:.1%}" for name, value in row.items()))
        compared = scikit_learn(letters, taught)
        if compared:
            print(f"            scikit-learn on the stems alone: logistic {compared[0]:.1%}, SVC {compared[1]:.1%}")
    started = time.perf_counter()
    model = train(letters)
    trained = time.perf_counter() - started
    started = time.perf_counter()
    for letter in letters:
        weigh(model, letter.stems, letter.found)
    per_letter = (time.perf_counter() - started) / len(letters)
    print(f"training on all: {trained:.2f} s; model {len(model.model_dump_json()) // 1024} KB; "
          f"a second opinion: {per_letter * 1000:.2f} ms a letter")
    for module in IMPORTS:
        print(f"import {module}: {cost_of_import(module)}")


if __name__ == "__main__":
    main()
