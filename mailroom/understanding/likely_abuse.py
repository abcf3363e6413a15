"""How much a sentence is like abusive ones, where no word or phrase of the vocabulary says so alone.

Mockery and threats are made of plain words, in ever new ones. A linear model (logistic regression, rules/models/
abuse.json, made by `benchmarks.abuse_model`) adds up what speaks for and against: each different word, the letters
inside it, each pair of neighbours, what the vocabulary sees in the sentence without counting it (an animal, a rude
adjective, a verb of doing harm), and each two such things together (death and the reader's children). Words are
compared by their skeleton, so шльокавица is read as well.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations, pairwise

from mailroom.folding import skeleton
from mailroom.model.learned import FactModel

_INSIDE = (3, 4, 5)
"""Letters of the pieces of a word."""
_STEM, _IN_PAIR = 5, 6
_WORDS_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """What is judged: a sentence, or a short text as a whole."""

    words: tuple[str, ...]
    """Plain forms, disguises taken off."""
    seen: tuple[str, ...]
    """Names of what the vocabulary sees: `sort4` an animal, `gabuse:harm` a group of words."""


@dataclass(frozen=True)
class LikelyAbuse:
    """A model ready to be asked."""

    model: FactModel

    def score(self, unit: Unit) -> float:
        """Above zero it is rather abusive than not."""
        keys = [skeleton(word) for word in unit.words]
        weights = self.model.weights
        told = sum(self.of_word(key) for key in set(keys))
        told += sum(weights.get(pair, 0.0) for pair in set(_pairs(keys)))
        told += sum(weights.get(name, 0.0) for name in (*unit.seen, *_together(unit.seen)))
        return self.model.bias + told / _scale(keys)

    def strongest(self, words: Sequence[str]) -> int:
        """Index of the word that tells most."""
        return max(range(len(words)), key=lambda index: self.of_word(skeleton(words[index])))

    @cached_property
    def of_word(self) -> Callable[[str], float]:
        """What a word adds, by its skeleton: the same small words stand in every letter."""
        weights = self.model.weights
        return lru_cache(maxsize=_WORDS_REMEMBERED)(
            lambda key: sum(weights.get(feature, 0.0) for feature in _of_word(key)))


def features(unit: Unit) -> dict[str, float]:
    """What the model weighs, with how much of it there is."""
    keys = [skeleton(word) for word in unit.words]
    counted = Counter(feature for key in set(keys) for feature in _of_word(key))
    counted.update(set(_pairs(keys)))
    counted.update((*unit.seen, *_together(unit.seen)))
    scale = _scale(keys)
    return {feature: count / scale for feature, count in counted.items()}


def _scale(keys: Sequence[str]) -> float:
    """So that a long sentence says no more than a short one."""
    return math.sqrt(len(set(keys)) + 1)


def _of_word(key: str) -> Iterator[str]:
    yield f"w{key}"
    yield f"s{key[:_STEM]}"
    bounded = f"^{key}$"
    for length in _INSIDE:
        yield from (f"c{bounded[at : at + length]}" for at in range(len(bounded) - length + 1))


def _pairs(keys: Iterable[str]) -> Iterator[str]:
    short = ["^", *(key[:_IN_PAIR] for key in keys), "$"]
    return (f"b{first} {second}" for first, second in pairwise(short))


def _together(seen: Iterable[str]) -> Iterator[str]:
    """Each two different things that are seen."""
    return (f"t{first}+{second}" for first, second in combinations(sorted(set(seen)), 2))
