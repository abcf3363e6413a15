"""The model of abusive sentences that every office begins with: made of labelled sentences, and tried out on them.

    .venv/bin/python -m benchmarks.abuse_model [--write]

Learned from are the sentences of tests/understanding/abuse, sentences of the labelled letters that are not abusive, and
messages of the programs installed on this machine. Cross-validation tells what the model alone makes of sentences that
it has not seen, of voices that it has not heard; `--write` makes rules/models/abuse.json anew.
"""

import argparse
import itertools
import math
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.abuse import ABUSIVE, ORDINARY, PACK, translations
from benchmarks.understanding import SETS
from mailroom.config import packaged
from mailroom.learning.train import FOLDS
from mailroom.model.arrival import Channel
from mailroom.model.learned import FactModel
from mailroom.model.letter import Letter
from mailroom.understanding.abuse import units
from mailroom.understanding.knowledge import Knowledge, load_knowledge
from mailroom.understanding.likely_abuse import features
from mailroom.understanding.view import View
from tests.understanding.abuse.typing_styles import STYLES, voices

LETTERS = ("kinds", "short", "email")
_MOST_OTHERS = 2000
_OTHERS_WEIGH = 0.3
"""What a sentence of letters or programs weighs beside one that was written to be like abuse."""
_ROUNDS, _PACE, _RIDGE = 6, 0.15, 3e-5
_NEGLIGIBLE = 0.08
_BEGINNING = 25
"""Letters by which sentences without a voice are told apart."""
_FEWEST = 2
"""Sentences in which a thing must have been seen."""

Row = tuple[NDArray[np.int_], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A labelled sentence."""

    features: dict[str, float]
    abusive: bool
    voice: str
    """Who speaks: no voice is both learned from and tried."""
    weight: float = 1.0


def examples(knowledge: Knowledge) -> Iterator[Example]:
    """All labelled sentences."""
    plain = STYLES["кирилица"]
    choice = random.Random(7)
    for files, abusive in ((ABUSIVE, True), (ORDINARY, False)):
        for voice, text in _spoken(files):
            yield from (Example(features=found, abusive=abusive, voice=voice)
                        for found in _features(plain(text, choice), knowledge))
    programs = list(dict.fromkeys(translations()))
    random.Random(3).shuffle(programs)
    for text in itertools.chain(letters(), programs[:_MOST_OTHERS]):
        for found in _features(text, knowledge):
            yield Example(features=found, abusive=False, voice=text[:_BEGINNING], weight=_OTHERS_WEIGH)


def _spoken(files: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The sentences of these files with their voice; where none is named, each begins one of its own."""
    for file in files:
        for voice, texts in voices(file).items():
            yield from ((text[:_BEGINNING] if voice == file else voice, text) for text in texts)


def letters() -> Iterator[str]:
    """The text of the labelled letters that are not abusive."""
    for name in LETTERS:
        yield from (letter.text for label, letter in SETS[name]() if not label.get("abusive"))


def _features(text: str, knowledge: Knowledge) -> Iterator[dict[str, float]]:
    letter = Letter(channel=Channel.PAPER, media_type="application/pdf", text=text)
    yield from map(features, units(View(letter, PACK, knowledge)))


def train(learned: Sequence[Example]) -> FactModel:
    """The model of these sentences; the same sentences in the same order give the same model."""
    counted = Counter(name for one in learned for name in one.features)
    index = {name: at for at, name in enumerate(sorted(name for name, n in counted.items() if n >= _FEWEST))}
    weights, bias = _fit([_row(one, index) for one in learned], learned, len(index))
    kept = {name: round(float(weights[at]), 2) for name, at in index.items() if abs(weights[at]) >= _NEGLIGIBLE}
    return FactModel(bias=round(bias, 3), weights=kept, examples=len(learned))


def _row(one: Example, index: dict[str, int]) -> Row:
    known = [(index[name], value) for name, value in one.features.items() if name in index]
    return np.array([at for at, _ in known], dtype=int), np.array([value for _, value in known])


def _fit(rows: list[Row], learned: Sequence[Example], width: int) -> tuple[NDArray[np.float64], float]:
    """Weights and bias by AdaGrad, sentence by sentence."""
    weights, seen, bias, bias_seen = np.zeros(width), np.full(width, 1e-4), 0.0, 1e-4
    order = np.random.default_rng(1)
    for at in itertools.chain.from_iterable(order.permutation(len(rows)) for _ in range(_ROUNDS)):
        (names, values), one = rows[at], learned[at]
        wrong = (1 / (1 + math.exp(-(weights[names] @ values + bias))) - one.abusive) * one.weight
        slope = wrong * values + _RIDGE * weights[names]
        seen[names] += slope * slope
        weights[names] -= _PACE * slope / np.sqrt(seen[names])
        bias_seen += wrong * wrong
        bias -= _PACE * wrong / math.sqrt(bias_seen)
    return weights, float(bias)


def score(model: FactModel, one: Example) -> float:
    """What the model says of it."""
    return model.bias + sum(model.weights.get(name, 0.0) * value for name, value in one.features.items())


def cross_validated(learned: list[Example]) -> Iterator[tuple[Example, float]]:
    """Every sentence with what a model that has not heard its voice says."""
    spoken = sorted({one.voice for one in learned})
    random.Random(2).shuffle(spoken)
    fold_of = {voice: number % FOLDS for number, voice in enumerate(spoken)}
    for fold in range(FOLDS):
        model = train([one for one in learned if fold_of[one.voice] != fold])
        yield from ((one, score(model, one)) for one in learned if fold_of[one.voice] == fold)


def main() -> None:
    """Print what the model tells apart; write it when asked to."""
    arguments = argparse.ArgumentParser(description="The model of abusive sentences")
    arguments.add_argument("--write", action="store_true", help="write rules/models/abuse.json")
    arguments.add_argument("--try", dest="tried", action="store_true", help="cross-validate")
    asked = arguments.parse_args()
    learned = list(examples(load_knowledge(packaged("rules"))))
    random.Random(1).shuffle(learned)
    print(f"{len(learned)} sentences, {sum(one.abusive for one in learned)} abusive")
    if asked.tried:
        told = list(cross_validated(learned))
        for least in (2.0, 2.5, 5.0):
            found = sum(said >= least for one, said in told if one.abusive)
            wrong = sum(said >= least for one, said in told if not one.abusive)
            print(f"from {least}: {found} abusive found, {wrong} others taken for abusive")
    if asked.write:
        path = Path(packaged("rules")) / "models" / "abuse.json"
        path.write_text(train(learned).model_dump_json().replace(',"', ',\n"') + "\n", "utf-8")
        print(f"{path}: {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
