"""What the models made of labelled letters are shown of a letter, whichever of them is asked.

Its stems, the groups of words that the vocabulary sees in it without counting them (a wire, a verb of asking), and what
the vocabulary itself makes of it. Each of the first two has one length, so that a long letter says no more than a short
one.
"""

import math
from collections.abc import Callable, Container, Iterator, Mapping
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

    stems: tuple[str, ...]
    groups: tuple[str, ...]
    """`danger:wire`, `kinds.signal`."""
    said: Mapping[str, float]
    """The vocabulary's opinion; its names begin with =, which no stem and no group does."""
    bulgarian: bool
    """In another language the same stems are other words."""

    def parts(self, known: Container[str]) -> Iterator[tuple[list[str], float]]:
        """What a model that knows these names weighs, with how much of each there is."""
        for names, weight in ((self.stems, 1.0), (self.groups, _GROUPS_WEIGH)):
            there = [name for name in names if name in known]
            yield there, weight / math.sqrt(len(there)) if there else 0.0
        yield from (([name], value) for name, value in self.said.items() if name in known)

    def is_telling(self, known: Container[str]) -> bool:
        """Whether a model that knows these names knows enough of the letter."""
        return self.bulgarian and sum(stem in known for stem in self.stems) >= _FEWEST_STEMS


def impression_of(view: View, said: Mapping[str, float]) -> Impression:
    """The letter with what the vocabulary says of it."""
    stems, groups = view.once("impression", _in_order)
    return Impression(stems=stems, groups=groups, said=said, bulgarian=view.language.value == _LANGUAGE)


def _in_order(view: View) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Stems and groups, always added up in the same order."""
    return tuple(sorted(stems_of(view))), tuple(sorted(view.groups))


def telling_words(view: View, weight: Callable[[str], float], why: str) -> tuple[Evidence, ...]:
    """The words whose stems weigh most above zero; at least the reason."""
    told: dict[str, tuple[float, Evidence]] = {}
    for word in view.words.words[:MOST_WORDS]:
        stem = stem_of(word.plain)
        strength = weight(stem)
        if strength > 0 and stem not in told and len(stem) >= _TELLING:
            told[stem] = strength, view.quote(word.start, word.end, why)
    strongest = sorted(told.values(), key=lambda pair: -pair[0])[:_SHOWN]
    return tuple(evidence for _, evidence in strongest) or (Evidence(text="", why=why),)
