"""Words to propose for the vocabulary: those of the letters in which people corrected the finders.

A word is proposed for a group when at least three people wrote it in letters that staff moved there, much oftener than
in all others (log-odds with a prior; Monroe, Colaresi and Quinn 2008, „Fightin' Words“), where hardly anybody did, and
the vocabulary has it not.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from mailroom.folding import skeleton
from mailroom.model.base import ItemId
from mailroom.model.findings import Kind
from mailroom.model.learned import Proposal
from mailroom.understanding.lexicon import Lexicon
from mailroom.understanding.stems import STEM

LEAST_WRITERS = 3
"""People who wrote a word: of fewer it may be their own way of writing, and a word is shown to all at the desk."""
_SURE = 1.96
"""Standard deviations of the log-odds above nothing."""
_TIMES_AS_OFTEN = 4
_PRIOR = 10.0
_COMMON = 0.03
"""A stem of more than this share of the other people is everybody's word."""
_SHORTEST = 5
"""Letters of a word: shorter ones are seldom more than grammar."""
_SHOWN = 12

GROUPS: dict[tuple[str, object], str] = {
    **{("kind", kind.value): f"kinds.{kind.value}" for kind in Kind},
    ("health_safety", True): "danger.local", ("abusive", True): "abuse.insult",
    ("protected_info", True): "protected.other_person",
}  # fmt: skip
"""Field and right value → the lexicon's group that should have seen it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The words of one letter that people have worked on, without names."""

    item_id: ItemId
    writer: str
    """Who wrote it, as far as letters of one person are to be told from letters of several."""
    words: frozenset[str]
    """Plain forms."""
    groups: frozenset[str]
    """Groups of the lexicon to which the letter belongs."""
    missed: frozenset[str]
    """Those to which only people found it."""


def propose(letters: Sequence[Read], lexicon: Lexicon) -> tuple[Proposal, ...]:
    """A proposal for each group that has one, with the strongest words first."""
    forms: dict[str, Counter[str]] = defaultdict(Counter)
    for letter in letters:
        for word in sorted(letter.words):
            forms[_stem(word)][word] += 1
    groups = sorted({group for letter in letters for group in letter.missed})
    found = (_for_group(group, letters, forms, lexicon) for group in groups)
    return tuple(proposal for proposal in found if proposal is not None)


def _for_group(group: str, letters: Sequence[Read], forms: dict[str, Counter[str]],
               lexicon: Lexicon) -> Proposal | None:
    inside = [letter for letter in letters if group in letter.missed]
    outside = [letter for letter in letters if group not in letter.groups]
    here, there = _counted(inside), _counted(outside)
    known = _knows(lexicon, group)
    words: list[str] = []
    items: set[ItemId] = set()
    scored = _scored(here, there, _writers(inside), _writers(outside))
    for stem, score in sorted(scored, key=lambda pair: (-pair[1], pair[0])):
        pattern = _pattern(forms[stem])
        if score < _SURE or pattern is None or known(pattern.rstrip("*")) or len(words) == _SHOWN:
            continue
        words.append(pattern)
        items |= {letter.item_id for letter in inside if any(_stem(word) == stem for word in letter.words)}
    return Proposal(group=group, words=tuple(words), items=tuple(sorted(items, reverse=True))) if words else None


def _counted(letters: Iterable[Read]) -> Counter[str]:
    """How many people wrote a stem."""
    return Counter(stem for stem, _ in {(_stem(word), letter.writer) for letter in letters for word in letter.words})


def _writers(letters: Iterable[Read]) -> int:
    return len({letter.writer for letter in letters})


def _scored(here: Counter[str], there: Counter[str], inside: int, outside: int) -> Iterator[tuple[str, float]]:
    """The stems that enough people wrote here, with the z-score of their log-odds."""
    total = inside + outside
    for stem, count in here.items():
        elsewhere = there[stem]
        rare = elsewhere <= _COMMON * outside and elsewhere * inside * _TIMES_AS_OFTEN <= count * outside
        if count < LEAST_WRITERS or not rare:
            continue
        prior = _PRIOR * (count + elsewhere) / total
        rest = _PRIOR - prior
        odds = (math.log((count + prior) / (inside - count + rest + 0.5))
                - math.log((elsewhere + prior) / (outside - elsewhere + rest + 0.5)))
        yield stem, odds / math.sqrt(1 / (count + prior) + 1 / (elsewhere + prior))


def _stem(word: str) -> str:
    return skeleton(word)[:STEM]


def _pattern(forms: Counter[str]) -> str | None:
    """The lexicon's notation for these forms: what they have in common, or the one form that there is."""
    ends = min(forms), max(forms)
    common = "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], zip(*ends, strict=False)))
    if len(common) < _SHORTEST:
        common = forms.most_common(1)[0][0]
        return common if len(common) >= _SHORTEST else None
    return common if set(forms) == {common} else f"{common}*"


def _knows(lexicon: Lexicon, group: str) -> Callable[[str], bool]:
    """Whether a word is mere grammar, or the vocabulary of the group (for facts: of the whole file) has it already,
    alone or in a phrase."""
    grammar = {*lexicon.list("languages.bg"), *lexicon.list("languages.bg_latin")}
    file = group.partition(".")[0]
    prefixes = (group,) if file == "kinds" else (f"{file}.", f"{file}:")
    fitting = [slot.native for cue in lexicon.cues if cue.group.startswith(prefixes)
               for pattern in cue.patterns for slot in pattern]
    return lambda word: word in grammar or any(alternatives.fits(word) for alternatives in fitting)


def as_toml(proposals: Sequence[Proposal]) -> dict[str, str]:
    """File of the municipality's lexicon → what to write into it, if a person agrees."""
    files: dict[str, list[str]] = defaultdict(list)
    for proposal in proposals:
        file, _, table = proposal.group.partition(".")
        words = ", ".join(f'"{word}"' for word in proposal.words)
        files[f"{file}.toml"].append(f'[[{table}]]\nwhy = "по поправки на служители"\nwords = [{words}]\n')
    return {name: "\n".join(blocks) for name, blocks in sorted(files.items())}
