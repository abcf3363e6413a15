"""The model of kinds: multinomial logistic regression over stems, and the proof that it is worth being heard.

A few lines of numpy, which the program has anyway: scikit-learn's gave the same figures (benchmarks/README.md) for 100
times the import time.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mailroom.model.findings import Found, Kind
from mailroom.model.learned import KindModel, Trial
from mailroom.understanding.learned_kind import SAID, said_feature, weigh

FOLDS = 5
LEAST_LETTERS = 30
"""Fewer teach nothing but themselves."""
_CHANCE = 0.05
"""The model is heard when its gain comes by chance less often than this (sign test)."""
_LETTERS_WITH_STEM = 2
"""A stem of one letter alone says nothing of another letter, and might be somebody's name."""
_MOST_STEMS = 4000
_RIDGE = 0.1
_STEPS = 150
_NEGLIGIBLE = 0.005

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A letter whose kind a person has said or accepted."""

    stems: frozenset[str]
    found: Found[Kind]
    """What the vocabulary alone says."""
    meant: Kind
    writer: str = ""
    """Letters of one writer are tried out together: whoever writes the same every month proves nothing by it."""
    fixed: bool = False
    """Whether the model may not take it away from the vocabulary's kind."""


def train(letters: Sequence[Labelled]) -> KindModel:
    """The model of these letters. The same letters in the same order give the same model."""
    kinds = sorted({kind for letter in letters for kind in (letter.meant, letter.found.value)}, key=list(Kind).index)
    counted = Counter(stem for letter in letters for stem in sorted(letter.stems))
    frequent = [stem for stem, count in counted.most_common(_MOST_STEMS) if count >= _LETTERS_WITH_STEM]
    features = [*frequent, *map(said_feature, kinds)]
    meant = np.array([kinds.index(letter.meant) for letter in letters])
    weights, bias = fit(_matrix(letters, features), np.eye(len(kinds))[meant])
    return KindModel(
        bias={kind: round(float(bias[i]), 3) for i, kind in enumerate(kinds)}, examples=len(letters),
        weights={feature: {kind: round(float(row[i]), 3) for i, kind in enumerate(kinds) if abs(row[i]) > _NEGLIGIBLE}
                 for feature, row in zip(features, weights, strict=True)})


def _matrix(letters: Sequence[Labelled], features: Sequence[str]) -> Matrix:
    """A row a letter: its stems, together of length 1, and the vocabulary's opinion."""
    column = {feature: index for index, feature in enumerate(features)}
    rows = np.zeros((len(letters), len(features)), dtype=np.float32)
    for row, letter in zip(rows, letters, strict=True):
        known = [column[stem] for stem in letter.stems if stem in column]
        row[known] = 1 / math.sqrt(len(known)) if known else 0
        row[column[said_feature(letter.found.value)]] = SAID * letter.found.confidence
    return rows


def fit(rows: Matrix, meant: NDArray[Any]) -> tuple[Matrix, Matrix]:
    """Weights and bias by Nesterov's accelerated gradient: a fixed number of steps, nothing random.

    `meant` has a row a letter: how far it belongs to each class, together 1.
    """
    wanted = np.asarray(meant, dtype=np.float32)
    weights = ahead = np.zeros((rows.shape[1], wanted.shape[1]), dtype=np.float32)
    bias = np.zeros(wanted.shape[1], dtype=np.float32)
    steepest = _largest_eigenvalue(rows) / 2 + _RIDGE
    pace = 1.0
    for _ in range(_STEPS):
        wrong = _softmax(rows @ ahead + bias) - wanted
        bias = bias - wrong.mean(axis=0) * 2
        stepped = ahead - (rows.T @ wrong + _RIDGE * ahead) / steepest
        next_pace = (1 + math.sqrt(1 + 4 * pace * pace)) / 2
        ahead = (stepped + (pace - 1) / next_pace * (stepped - weights)).astype(np.float32)
        weights, pace = stepped, next_pace
    return weights, bias


def _largest_eigenvalue(rows: Matrix) -> float:
    """Of rowsᵀ·rows, a little above it: the power method, which needs no decomposition."""
    vector = np.ones(rows.shape[1], dtype=np.float32)
    length = 1.0
    for _ in range(20):
        vector = rows.T @ (rows @ vector)
        length = float(np.linalg.norm(vector)) or 1.0
        vector = vector / length
    return 1.1 * length


def _softmax(scores: Matrix) -> Matrix:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def try_out(letters: Sequence[Labelled]) -> Trial:
    """Cross-validation: each fifth judged by a model of the other four, with and without it."""
    alone = together = gained = lost = 0
    fold_of = _folds(letters)
    for fold in range(FOLDS):
        model = train([letter for letter, own in zip(letters, fold_of, strict=True) if own != fold])
        for letter in (letter for letter, own in zip(letters, fold_of, strict=True) if own == fold):
            before = letter.found.value is letter.meant
            after = weigh(model, letter.stems, letter.found, fixed=letter.fixed).value is letter.meant
            alone, together = alone + before, together + after
            gained, lost = gained + (after and not before), lost + (before and not after)
    return Trial(letters=len(letters), vocabulary_right=alone, together_right=together, gained=gained, lost=lost,
                 heard=_by_chance(gained, lost) < _CHANCE)


def _folds(letters: Sequence[Labelled]) -> list[int]:
    """The fold of each letter: writers take turns, and a letter without a writer is a writer of its own."""
    turn: dict[object, int] = {}
    return [turn.setdefault(letter.writer or number, len(turn)) % FOLDS for number, letter in enumerate(letters)]


def _by_chance(gained: int, lost: int) -> float:
    """How probable so many gains are if gains and losses came up like heads and tails."""
    changed = gained + lost
    return float(sum(math.comb(changed, count) for count in range(gained, changed + 1)) / 2**changed)
