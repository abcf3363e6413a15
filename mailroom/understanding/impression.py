"""What the models made of labelled letters are shown of a letter, whichever of them is asked.

Its stems, the groups of words that the vocabulary sees in it without counting them (a wire, a verb of asking), and what
the vocabulary itself makes of it. Each of the first two has one length, so that a long letter says no more than a short
one.
"""

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from mailroom.model.findings import Evidence
from mailroom.understanding.stems import MOST_WORDS, stem_of, stems_of
from mailroom.understanding.view import View

_GROUPS_WEIGH = 0.7
"""What all groups of words weigh beside all stems, which weigh 1."""
_LANGUAGE = "bg"
"""Of the letters that the models were made of."""
_FEWEST_STEMS = 8
"""A text of which a model knows fewer stems tells it nothing."""
_SHOWN, _TELLING = 3, 4
"""How many words are shown as evidence, of at least so many letters: „за“ tells a clerk nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impression:
    """A letter as a model weighs it."""

    stems: frozenset[str]
    groups: frozenset[str]
    """`danger:wire`, `kinds.signal`."""
    said: Mapping[str, float]
    """The vocabulary's opinion; its names begin with =, which no stem and no group does."""
    bulgarian: bool
    """In another language the same stems are other words."""

    def values(self, known: Collection[str]) -> Iterator[tuple[str, float]]:
        """What a model that knows these names weighs, and how much of it there is."""
        for names, weight in ((self.stems, 1.0), (self.groups, _GROUPS_WEIGH)):
            there = sorted(name for name in names if name in known)
            share = weight / math.sqrt(len(there)) if there else 0.0
            yield from ((name, share) for name in there)
        yield from ((name, value) for name, value in self.said.items() if name in known)

    def is_telling(self, known: Collection[str]) -> bool:
        """Whether a model that knows these names knows enough of the letter."""
        return self.bulgarian and sum(stem in known for stem in self.stems) >= _FEWEST_STEMS


def impression_of(view: View, said: Mapping[str, float]) -> Impression:
    """The letter with what the vocabulary says of it."""
    return Impression(stems=stems_of(view), groups=view.groups, said=said, bulgarian=view.language.value == _LANGUAGE)


def telling_words(view: View, weights: Mapping[str, float], why: str) -> tuple[Evidence, ...]:
    """The words whose stems weigh most above zero; at least the reason."""
    told: dict[str, tuple[float, Evidence]] = {}
    for word in view.words.words[:MOST_WORDS]:
        stem = stem_of(word.plain)
        strength = weights.get(stem, 0.0)
        if strength > 0 and stem not in told and len(stem) >= _TELLING:
            told[stem] = strength, view.quote(word.start, word.end, why)
    strongest = sorted(told.values(), key=lambda pair: -pair[0])[:_SHOWN]
    return tuple(evidence for _, evidence in strongest) or (Evidence(text="", why=why),)
