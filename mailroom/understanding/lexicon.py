"""The vocabulary: read from rules/lexicon/*.toml, found in a letter by Aho–Corasick over its words.

A file is one subject (`danger.toml`); its tables are groups (`[[gas]]`), and a group's tables are cues:

    [[gas]]
    why = "мирише на газ"                      what the words show, for the clerk
    words = ["мириш* … газ", "изтич* на газ"]   any of these
    near = ["къща*|блок*"]                      and, where given, any of these in the same sentence
    unless = ["газ на колата"]                  but none of these in the same sentence
    weight = 1.0                                how much it says; 1 where left out
    where = "title"                             anywhere (where left out), title, start or end of the letter
    quoted = false                              not between quotation marks

In a pattern `дум*` is a word that begins so, `а|б` either word (`до_земята|ниско`: of several words each joined by _),
`…` up to four other words. Case, look-alike letters and
шльокавица do not matter. `[lists]` holds plain lists of words.

What is said in ever new words is composed: `[words]` names groups of patterns, and a cue without words of its own asks
for one of each of several groups, near each other and not denied:

    [words]
    wire = ["кабел*", "жиц*"]
    hanging = ["виси|висят", "провис*"]

    [[electricity]]
    why = "висящ кабел"
    all = ["wire", "hanging|fallen"]            one of each of these groups (`a|b`: of either)
    none = ["settled"]                          and none of these in the same sentence
    within = 15                                 words between the first group and another, at most; 15 where left out
    sentences = 2                               may reach into the next sentence; 1 where left out
    in_order = true                             in this order only
    hint = true                                 counts only in the sum of its own finder; the others do not see it
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, Literal

import ahocorasick
from pydantic import Field, ValidationError, model_validator

from mailroom.errors import Misconfigured
from mailroom.folding import Word, Words, plain, skeleton
from mailroom.model.base import Value
from mailroom.understanding.composition import Bounds, Place, compose, undenied

GAP = 4
"""How many words `…` may stand for."""
_ENOUGH = 100
"""Places of one cue that are looked at in a letter: what is said more often is said."""
_NEAR_WORDS = 30
"""How far `near` and `unless` look in a sentence without an end."""
_WORDS_REMEMBERED = 20_000
"""Words of which it is remembered what they may begin: those of several hundred letters."""

_JOINS = re.compile(r"(?<=\w)[-'’.](?=\w)")
_PUNCTUATION = re.compile(r"[-'’,.:%]")
"""May stand in a pattern as people write it; words are compared without it."""

_LOST_IN_LATIN = frozenset({"й"})
"""In шльокавица „i“ is the conjunction „и“, hardly ever „й“ (hers)."""

Where = Literal["anywhere", "title", "start", "end"]


class CueRow(Value):
    """A cue as it stands in the file."""

    why: str = Field(min_length=1)
    words: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    all: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    within: int = Field(default=15, ge=1, le=60)
    sentences: int = Field(default=1, ge=1, le=5)
    in_order: bool = False
    hint: bool = False
    weight: float = 1.0
    where: Where = "anywhere"
    quoted: bool = True

    @model_validator(mode="after")
    def _one_way(self) -> "CueRow":
        """Words of its own, or a composition."""
        if bool(self.words) == bool(self.all):
            raise ValueError("write words = […], or all = […] with names of [words], and not both")
        return self


@dataclass(frozen=True, slots=True)
class _Alternatives:
    """The forms that a word of a pattern may have."""

    whole: frozenset[str]
    stems: tuple[str, ...]

    def fits(self, word: str) -> bool:
        """Whether the word is one of them."""
        return word in self.whole or word.startswith(self.stems)


@dataclass(frozen=True, slots=True)
class _Slot:
    """One word of a pattern; `gap` further words may stand before it."""

    native: _Alternatives
    bare: _Alternatives
    gap: int


Pattern = tuple[_Slot, ...]


_Compiled = tuple[tuple[int, int], ...]
"""A pattern in one of the two forms of words: for each word the number of its alternatives, and the gap before it."""
_Entry = tuple[int, _Compiled]
"""A pattern whose first word is there: the index of its cue, and the words that have to follow."""
_Fitting = list[frozenset[int]]
"""For each word of a text the numbers of the alternatives that it fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A cue ready to be looked for."""

    group: str
    """`danger.gas`: file and table; `danger+.gas` for a hint; `danger:wire` for a group of [words], which says nothing
    alone."""
    row: CueRow
    patterns: tuple[Pattern, ...]
    near: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    parts: tuple[tuple[str, ...], ...] = ()
    """Of a composition: for each part the groups of words that it may come from (`danger:wire`)."""
    never: tuple[str, ...] = ()
    """Of a composition: the groups of words that spoil it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A cue that was found, with the words (indices into `Words.words`, inclusive)."""

    cue: Cue
    first: int
    last: int

    @property
    def group(self) -> str:
        """`danger.gas`."""
        return self.cue.group

    @property
    def name(self) -> str:
        """The table alone: `gas`."""
        return self.cue.group.partition(".")[2]

    @property
    def weight(self) -> float:
        """How much it says."""
        return self.cue.row.weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The whole vocabulary."""

    cues: tuple[Cue, ...]
    """What is looked for word by word."""
    compositions: tuple[Cue, ...]
    """What is composed of groups of words."""
    lists: dict[str, tuple[str, ...]]
    """`sender.closings` → its words."""
    _native: "_Index" = field(repr=False)
    _bare: "_Index" = field(repr=False)

    def find(self, words: Words, *, bare: bool = False) -> tuple[Hit, ...]:
        """Every cue in these words, in order. `bare` compares skeletons, for a text in шльокавица."""
        if not words.words:
            return ()
        readings = [[word.plain for word in words.words]]
        if bare:
            readings = [[skeleton(word.plain, u_is_hard_sign=hard) for word in words.words] for hard in (False, True)]
        index = self._bare if bare else self._native
        found: dict[tuple[int, int], Hit] = {}
        fitting: list[_Fitting] = []
        for forms in readings:
            fitting.append([index.fitted_by(form) for form in forms])
            for hit in self._find(words, forms, fitting[-1], index):
                found.setdefault((id(hit.cue), hit.first), hit)
        composed = self._compose(words, fitting[0], tuple(found.values()), index)
        return tuple(sorted((*found.values(), *composed), key=lambda hit: (hit.first, hit.last)))

    def _compose(self, words: Words, fitting: _Fitting, hits: tuple[Hit, ...], index: "_Index") -> Iterator[Hit]:
        """The compositions that the groups of words seen make up."""
        seen: dict[str, list[Place]] = {}
        for hit in hits:
            if ":" in hit.group:
                seen.setdefault(hit.group, []).append((hit.first, hit.last))
        places = undenied(seen, words.words)
        there = frozenset(name for name, found in places.items() if found)
        for cue_index in sorted({number for name in there for number in index.composed_of.get(name, ())}):
            cue = self.compositions[cue_index - len(self.cues)]
            if any(there.isdisjoint(part) for part in cue.parts):
                continue
            parts = [sorted({place for name in part for place in places.get(name, ())}) for part in cue.parts]
            never = [place for name in cue.never for place in seen.get(name, ())]
            row = cue.row
            bounds = Bounds(within=row.within, sentences=row.sentences, in_order=row.in_order)
            for first, last in compose(parts, never, words.words, bounds):
                if index.holds(cue_index, fitting, words.words, first, last):
                    yield Hit(cue=cue, first=first, last=last)

    def _find(self, words: Words, forms: list[str], fitting: _Fitting, index: "_Index") -> Iterator[Hit]:
        looked_at: Counter[int] = Counter()
        for first, form in enumerate(forms):
            for cue_index, rest in index.begun_by(form).possible(fitting, first):
                if looked_at[cue_index] >= _ENOUGH:
                    continue
                last = _match_rest(rest, fitting, words.words, first)
                if last is None:
                    continue
                looked_at[cue_index] += 1
                if index.holds(cue_index, fitting, words.words, first, last):
                    yield Hit(cue=self.cues[cue_index], first=first, last=last)

    def vocabulary(self) -> frozenset[str]:
        """The words and beginnings of words of the cues, in plain form."""
        return frozenset(
            form
            for cue in self.cues
            for pattern in cue.patterns
            for slot in pattern
            for form in (*slot.native.whole, *slot.native.stems)
        )

    def list(self, name: str) -> tuple[str, ...]:
        """A plain list by name. Raises KeyError; the loader has checked that every list that code asks for is there."""
        return self.lists[name]


def _sentence_bounds(words: tuple[Word, ...], first: int, last: int) -> tuple[int, int]:
    sentence = words[first].sentence
    low, high = first, last
    while low and words[low - 1].sentence == sentence and first - low < _NEAR_WORDS:
        low -= 1
    while high + 1 < len(words) and words[high + 1].sentence == sentence and high - last < _NEAR_WORDS:
        high += 1
    return low, high


def _any_inside(
    patterns: Iterable[_Compiled], fitting: _Fitting, words: tuple[Word, ...], low: int, high: int
) -> bool:
    return any(
        pattern[0][0] in fitting[index] and _match_rest(pattern[1:], fitting, words, index) is not None
        for pattern in patterns
        for index in range(low, high + 1)
    )


def _match_rest(rest: _Compiled, fitting: _Fitting, words: tuple[Word, ...], first: int) -> int | None:
    """The last word of the pattern when it begins at `first`, else None; a gap does not reach over a sentence's end."""
    index, end = first, len(fitting)
    for number, gap in rest:
        index += 1
        if gap:
            sentence = words[first].sentence
            near = range(index, min(index + 1 + gap, end))
            index = next((i for i in near if number in fitting[i] or words[i].sentence != sentence), end)
            if index == end or words[index].sentence != sentence:
                return None
        elif index >= end or number not in fitting[index]:
            return None
    return index


def parse_pattern(text: str) -> tuple[Pattern, ...]:
    """The patterns that a line of the file's notation stands for: one, or more where an alternative has several words.

    Raises ValueError with a sentence when the notation is wrong.
    """
    parts = _PUNCTUATION.sub(" ", _JOINS.sub("_", text.replace("...", " … "))).split()
    if not parts or parts[0] == "…" or parts[-1] == "…":
        raise ValueError("a pattern begins and ends with a word, not with …")
    choices = [_choices(part) for part in parts if part != "…"]
    gaps = [GAP if index and parts[index - 1] == "…" else 0 for index, part in enumerate(parts) if part != "…"]
    patterns = []
    for chosen in product(*choices):
        slots: list[_Slot] = []
        for gap, run in zip(gaps, chosen, strict=True):
            slots += [replace(slot, gap=gap if index == 0 else 0) for index, slot in enumerate(run)]
        patterns.append(tuple(slots))
    return tuple(patterns)


def _choices(part: str) -> list[tuple[_Slot, ...]]:
    """One slot for all alternatives of one word, and a run of slots for each alternative of several."""
    options = part.split("|")
    single = [option for option in options if "_" not in option]
    runs = [tuple(_slot([word]) for word in option.split("_")) for option in options if "_" in option]
    return [(_slot(single),), *runs] if single else runs


def _slot(options: list[str]) -> _Slot:
    return _Slot(_alternatives(options, bare=False), _alternatives(options, bare=True), 0)


def _alternatives(options: list[str], *, bare: bool) -> _Alternatives:
    spelt = [option for option in options if not bare or option not in _LOST_IN_LATIN]
    forms = [(form, option.endswith("*")) for option in spelt for form in _forms(option, bare=bare)]
    return _Alternatives(
        frozenset(form for form, open_end in forms if not open_end),
        tuple(dict.fromkeys(form for form, open_end in forms if open_end)),
    )


def _forms(option: str, *, bare: bool) -> set[str]:
    """The forms in which a word is compared. A Latin word all of whose letters have Cyrillic twins („e“ of e-mail) is
    compared in both alphabets, because a text has it in the alphabet that prevails there."""
    open_end = option.endswith("*")
    word = option.removesuffix("*")
    if not re.fullmatch(r"[^\W_]+", word):
        raise ValueError(f"„{option}“ is not one word: letters and digits, * at the end only")
    if open_end and len(word) < 2:
        raise ValueError(f"„{option}“ is too short for a stem: write at least two letters")
    forms = {plain(word, mainly_cyrillic=mainly) for mainly in (True, False)}
    return {skeleton(form) if bare else form for form in forms}


def load_lexicon(folder: Path, *, lists: Iterable[str], groups: Iterable[str], local: Path | None = None) -> Lexicon:
    """Read every *.toml of the folder; `lists` and `groups` are what code asks for.

    `local` is the municipality's own folder, which may be missing: its files bear the names of the shipped ones and add
    to them cues, patterns to a group of words, and words to a list; they take nothing away.
    Raises Misconfigured with file, line and remedy when a file is missing, is no TOML or breaks the notation.
    """
    rows: list[Cue] = []
    plain_lists: dict[str, tuple[str, ...]] = {}
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise Misconfigured(f"{folder}: no *.toml there: the vocabulary of rules/lexicon is missing, copy it back")
    for path in files:
        cues, found = _load_file(path)
        rows.extend(cues)
        plain_lists.update(found)
    present = {cue.group for cue in rows}
    for name in [name for name in groups if name not in present] + [name for name in lists if name not in plain_lists]:
        file, _, table = name.partition(".")
        raise Misconfigured(f"{folder / (file + '.toml')}: „{table}“ is missing: add it as the shipped file has it")
    for path in sorted(local.glob("*.toml")) if local else ():
        rows.extend(_add_local(path, present, plain_lists))
    words = [cue for cue in rows if not cue.parts]
    composed = [cue for cue in rows if cue.parts]
    ordered = [*words, *composed]
    return Lexicon(cues=tuple(words), compositions=tuple(composed), lists=plain_lists,
                   _native=_Index(ordered, bare=False), _bare=_Index(ordered, bare=True))  # fmt: skip


def part_of(lexicon: Lexicon, file: str) -> Lexicon:
    """The cues of one file alone, to be looked for in words that were put right first."""
    mine = (f"{file}.", f"{file}:")
    cues = tuple(cue for cue in lexicon.cues if cue.group.startswith(mine))
    composed = tuple(cue for cue in lexicon.compositions if cue.group.startswith(mine))
    return Lexicon(cues=cues, compositions=composed, lists={},
                   _native=_Index([*cues, *composed], bare=False), _bare=_Index([*cues, *composed], bare=True))


_NEW_TABLES = ("danger", "topics", "bodies")
"""Files whose tables are names of the municipality's own choice; the others have those that a finder looks for."""


def _add_local(path: Path, present: set[str], lists: dict[str, tuple[str, ...]]) -> list[Cue]:
    """The cues of a file of the municipality, fit for the shipped one of the same name; its lists go into `lists`."""
    files = {group.replace(":", ".").partition(".")[0] for group in (*present, *lists)}
    if path.stem not in files:
        raise Misconfigured(f"{path}: line 1: there is no shipped file of this name: call it one of "
                            f"{', '.join(f'{name}.toml' for name in sorted(files))}")
    words = {group.partition(":")[2] for group in present if group.startswith(f"{path.stem}:")}
    cues, found = _load_file(path, frozenset(words))
    text = path.read_text("utf-8")
    for cue in cues:
        if "." in cue.group and cue.group not in present and path.stem not in _NEW_TABLES:
            table = cue.group.partition(".")[2]
            raise Misconfigured(f"{path}: line {_line(text, f'[[{table}]]')}: the shipped file has no [[{table}]], so "
                                "nobody would look for it: correct the name")
    for name, added in found.items():
        if name not in lists:
            raise Misconfigured(f"{path}: line {_line(text, name.partition('.')[2])}: the shipped file has no list of "
                                "this name: correct it")
        lists[name] = (*lists[name], *added)
    return cues


def _load_file(
    path: Path, words: frozenset[str] = frozenset()
) -> tuple[list[Cue], dict[str, tuple[str, ...]]]:
    """Cues and lists of one file; `words` are groups of words that it may use without defining them."""
    try:
        text = path.read_text("utf-8")
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path}: not valid TOML, mend it there: {error}") from error
    lists = tables.pop("lists", {})
    if not isinstance(lists, dict) or not all(_is_list_of_words(value) for value in lists.values()):
        raise Misconfigured(f'{path}: line {_line(text, "[lists]")}: [lists] holds name = ["word", …] only')
    groups = tables.pop("words", {})
    if not isinstance(groups, dict) or not all(_is_list_of_words(value) for value in groups.values()):
        raise Misconfigured(f'{path}: line {_line(text, "[words]")}: [words] holds name = ["pattern", …] only')
    cues = [_word_group(path, text, name, patterns) for name, patterns in groups.items()]
    for table, entries in tables.items():
        if not isinstance(entries, list):
            raise Misconfigured(f"{path}: line {_line(text, table)}: write [[{table}]], with two brackets")
        for number, entry in enumerate(entries):
            cues.append(_cue(path, text, table, number, entry, words | groups.keys()))
    return cues, {f"{path.stem}.{name}": tuple(value) for name, value in lists.items()}


def _is_list_of_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(word, str) and word.strip() for word in value)


def _word_group(path: Path, text: str, name: str, patterns: list[str]) -> Cue:
    """A group of [words] as a cue that only compositions look at."""
    line = _line(text, f"{name} =")
    parsed = tuple(pattern for notation in patterns for pattern in _checked(path, text, line, notation))
    row = CueRow(why=f"дума от групата {name}", words=tuple(patterns))
    return Cue(group=f"{path.stem}:{name}", row=row, patterns=parsed, near=(), unless=())


def _cue(path: Path, text: str, table: str, number: int, entry: object, groups: frozenset[str]) -> Cue:
    line = _line(text, f"[[{table}]]", number)
    try:
        row = CueRow.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(
            f"{path}: line {line}: [[{table}]] {place}: {first['msg']}: correct or remove it"
        ) from error
    patterns: dict[str, tuple[Pattern, ...]] = {}
    for name, written in (("words", row.words), ("near", row.near), ("unless", row.unless)):
        patterns[name] = tuple(pattern for notation in written for pattern in _checked(path, text, line, notation))
    parts = tuple(tuple(part.split("|")) for part in row.all)
    for name in (*(name for part in parts for name in part), *row.none):
        if name not in groups:
            raise Misconfigured(f"{path}: line {line}: [[{table}]]: „{name}“ is no group of [words]: add or correct it")
    group = f"{path.stem}{'+' if row.hint else ''}.{table}"
    return Cue(group=group, row=row, patterns=patterns["words"], near=patterns["near"],
               unless=patterns["unless"], parts=tuple(tuple(f"{path.stem}:{name}" for name in part) for part in parts),
               never=tuple(f"{path.stem}:{name}" for name in row.none))  # fmt: skip


def _checked(path: Path, text: str, line: int, pattern: str) -> tuple[Pattern, ...]:
    try:
        return parse_pattern(pattern)
    except ValueError as error:
        raise Misconfigured(f"{path}: line {_line(text, pattern) or line}: „{pattern}“: {error}") from error


def _line(text: str, needle: str, occurrence: int = 0) -> int:
    """1-based line of the n-th occurrence; 0 when it is not there."""
    numbers = [number for number, line in enumerate(text.splitlines(), 1) if needle in line]
    return numbers[occurrence] if occurrence < len(numbers) else 0


@dataclass(frozen=True, slots=True)
class _Begun:
    """The patterns that a word begins, by the number of the word that has to follow: small words begin hundreds."""

    alone: tuple[_Entry, ...]
    """Of one word."""
    at_once: Mapping[int, tuple[_Entry, ...]]
    """The second word follows at once."""
    soon: Mapping[int, tuple[_Entry, ...]]
    """Other words may stand before the second."""

    def possible(self, fitting: _Fitting, first: int) -> Iterator[_Entry]:
        """Those whose second word is there."""
        yield from self.alone
        if self.at_once and first + 1 < len(fitting):
            for number in self.at_once.keys() & fitting[first + 1]:
                yield from self.at_once[number]
        if self.soon:
            near = frozenset().union(*fitting[first + 1 : first + 2 + GAP])
            for number in self.soon.keys() & near:
                yield from self.soon[number]


def _begun(entries: Iterable[_Entry]) -> _Begun:
    alone: list[_Entry] = []
    at_once: dict[int, list[_Entry]] = {}
    soon: dict[int, list[_Entry]] = {}
    for entry in entries:
        if entry[1]:
            number, gap = entry[1][0]
            (soon if gap else at_once).setdefault(number, []).append(entry)
        else:
            alone.append(entry)
    return _Begun(tuple(alone), {n: tuple(found) for n, found in at_once.items()},
                  {n: tuple(found) for n, found in soon.items()})  # fmt: skip


class _Index:
    """Aho–Corasick over the words of all patterns, each anchored at a word's start: what a word begins and fits.

    The same small words stand in every letter, so the answers are kept.
    """

    def __init__(self, cues: list[Cue], *, bare: bool) -> None:
        self._cues = cues
        numbers: dict[_Alternatives, int] = {}
        keys: dict[str, list[_Entry]] = {}

        def compiled(pattern: Pattern) -> _Compiled:
            words = ((slot.bare if bare else slot.native, slot.gap) for slot in pattern)
            return tuple((numbers.setdefault(forms, len(numbers)), gap) for forms, gap in words)

        for cue_index, cue in enumerate(cues):
            for pattern in cue.patterns:
                entry = cue_index, compiled(pattern)[1:]
                for key in _keys(pattern[0].bare if bare else pattern[0].native):
                    keys.setdefault(key, []).append(entry)
        self.composed_of: dict[str, list[int]] = {}
        """Group of words → the compositions of which it may be the first part, by their index among all cues."""
        for cue_index, cue in enumerate(cues):
            for name in cue.parts[0] if cue.parts else ():
                self.composed_of.setdefault(name, []).append(cue_index)
        self._near = [tuple(compiled(pattern) for pattern in cue.near) for cue in cues]
        self._unless = [tuple(compiled(pattern) for pattern in cue.unless) for cue in cues]
        forms_of: dict[str, list[int]] = {}
        for forms, number in numbers.items():
            for key in _keys(forms):
                forms_of.setdefault(key, []).append(number)
        begins, fits = _automaton(keys), _automaton(forms_of)

        @lru_cache(maxsize=_WORDS_REMEMBERED)
        def begun_by(form: str) -> _Begun:
            return _begun(entry for _, entries in begins.iter(f" {form} ") for entry in entries)

        @lru_cache(maxsize=_WORDS_REMEMBERED)
        def fitted_by(form: str) -> frozenset[int]:
            return frozenset(number for _, found in fits.iter(f" {form} ") for number in found)

        self.begun_by, self.fitted_by = begun_by, fitted_by

    def holds(self, cue_index: int, fitting: _Fitting, words: tuple[Word, ...], first: int, last: int) -> bool:
        """Whether the surroundings that the cue asks for are there."""
        if not self._cues[cue_index].row.quoted and _is_quoted(words, first, last):
            return False
        near, unless = self._near[cue_index], self._unless[cue_index]
        if not near and not unless:
            return True
        low, high = _sentence_bounds(words, first, last)
        if near and not _any_inside(near, fitting, words, low, high):
            return False
        return not _any_inside(unless, fitting, words, low, high)


def _is_quoted(words: tuple[Word, ...], first: int, last: int) -> bool:
    """Whether it begins between quotation marks or ends there with more than one word („на глас: „Като си …““)."""
    return words[first].quoted or (words[last].quoted and words[last - 1].quoted)


def _keys(forms: _Alternatives) -> Iterator[str]:
    """What stands in a text of words with a blank before and after each where one of these begins."""
    yield from (f" {form} " for form in forms.whole)
    yield from (f" {form}" for form in forms.stems)


def _automaton(keys: Mapping[str, Sequence[_Entry] | Sequence[int]]) -> Any:
    automaton = ahocorasick.Automaton()
    for key, found in keys.items():
        automaton.add_word(key, tuple(found))
    automaton.make_automaton()
    return automaton
