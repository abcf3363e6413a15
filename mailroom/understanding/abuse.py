"""Whether a letter is abusive: obscene, or insulting people without argument.

1. An obscene word outside quotation marks makes a letter abusive, and so do a curse, a threat and a slur. A word is
   found whole (root and allowed ending), also in шльокавица, with look-alike letters, digits, stars or spaces.
2. Insults count when they are the writer's own (not quoted, not „нарече ме …“, not „не съм …“): a hard one speaks for
   itself where there is no argument, milder words only when they are most of what the letter says.
3. A sentence without such words counts as an insult when it is much like labelled abusive ones (likely_abuse.py).
4. Animals, rubbish and „тъп“ are insults only when a person is called so („вие сте свине“, „боклуци такива“).
Sharp criticism, a quoted insult, place and family names with rude stems, rubbish and animals are none of this.
The flag only brings the letter before a person (АПК чл. 5).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from enum import Enum
from functools import cached_property
from itertools import groupby
from typing import Any

from mailroom.folding import Words
from mailroom.model.findings import Evidence, Found, Kind, Script
from mailroom.understanding.kind import shares_of_kinds
from mailroom.understanding.lexicon import Hit
from mailroom.understanding.likely_abuse import Unit
from mailroom.understanding.obscenity import AbusiveForms, Sort, undisguised
from mailroom.understanding.view import View

_WORDS_FOR_ARGUMENT = 35
"""A letter with at least so many words beyond the insults says something."""
_PRAISED = 0.3
"""How much of a letter must be praise, and none of it complaint, for one rude word to be a fond one."""
_FOREIGN_WORDS = 2
_SECOND_PERSON = ("hte", "ate", "ete")
"""Endings of skeletons: „изядохте“, „нямате“, „крадете“."""
_PARTICIPLE = ("l", "la", "li", "lo")
_SHOWN = 5
_SHORT_TEXT = 45
"""Words of a text that is judged as a whole: a comment and no letter."""
_FEWEST_WORDS = 3
_RUDE = frozenset({"sort4", "sort5"})
"""What the model is told of words that may be an insult (`Sort`)."""
_LIKE, _LIKE_AND_RUDE, _LIKE_IN_A_LETTER = 2.0, 1.75, 5.0
"""Score from which on a sentence is taken for abusive; with a word that may be an insult less is enough. Measured:
benchmarks/README.md."""
_MASKED = re.compile(r"[^\W\d][*%#$@^~+×•][^\W\d]|(?:[a-zа-я][ .·_-]{1,3}){3}[a-zа-я]")
"""A sign in place of a letter, or small letters set apart."""


def find_abusive(view: View, _: Mapping[str, Any]) -> Found[bool]:
    """Whether a person has to look because of the language."""
    latin = _reads_latin(view)
    marks = [
        *_marks(view, view.subject_words, latin, in_subject=True),
        *_marks(view, view.words, latin, in_subject=False),
    ]
    grave = [mark.evidence for mark in marks if mark.weight is _Weight.GRAVE]
    if grave:
        return Found(value=True, confidence=0.95, evidence=tuple(grave[:_SHOWN]))
    hard = {(mark.in_subject, mark.start): mark for mark in marks if mark.weight is _Weight.INSULT}
    mild = {(mark.in_subject, mark.start) for mark in marks if mark.weight is _Weight.MILD} - hard.keys()
    score = len(hard) + 0.4 * len(mild)
    fond = len(hard) <= 1 and not any(mark.outright for mark in hard.values()) and _is_fond(view)
    abusive = _abusive(view, tuple(hard.values()), score) and not fond
    confidence = min(1.0, 0.6 + 0.1 * score) if abusive else (0.6 if score else 0.98)
    shown = tuple(dict.fromkeys(mark.evidence for mark in marks))[:_SHOWN]
    return Found(value=abusive, confidence=confidence, evidence=shown if abusive else ())


class _Weight(Enum):
    """How much an abusive word says."""

    GRAVE = 2
    INSULT = 1
    MILD = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """An abusive word or phrase of the writer's own."""

    weight: _Weight
    start: int
    in_subject: bool
    at_reader: bool
    outright: bool
    """A word that is nothing but an insult: nobody says it fondly."""
    evidence: Evidence


def _reads_latin(view: View) -> bool:
    """Whether Latin words are read as Bulgarian: unless several small words say that they are of another language."""
    if view.bare or view.script.value is Script.CYRILLIC:
        return view.bare
    own = view.knowledge.lexicon.lists.get(f"languages.{view.language.value}", ())
    small = {word.plain for word in view.words.words if len(word.plain) > 1 and word.plain in own}
    return len(small) < _FOREIGN_WORDS


def _is_fond(view: View) -> bool:
    """Whether the letter praises and does nothing else: „дяволи такива“ are dear there."""
    shares = shares_of_kinds(view)
    return shares.get(Kind.PRAISE, 0.0) >= _PRAISED and not shares.keys() & {Kind.COMPLAINT, Kind.SIGNAL}


def _abusive(view: View, hard: tuple[_Mark, ...], score: float) -> bool:
    """Whether insults without obscenity outweigh what the letter has to say."""
    count = len(view.words)
    argued = count - 3 * len(hard) >= _WORDS_FOR_ARGUMENT and bool(view.seen("topics"))
    if not hard:
        return not argued and score >= 1.2 and score / max(count, 1) > 0.04
    return score >= 1.8 or not argued or any(mark.at_reader for mark in hard)


_WHY = {Sort.OBSCENE: "нецензурна дума", Sort.SLUR: "обидно име за хора според произхода им"}
_PHRASES = {"abuse.obscene": _Weight.GRAVE, "abuse.insult": _Weight.INSULT, "abuse.mild": _Weight.MILD}


def units(view: View) -> Iterator[Unit]:
    """What the model judges in a letter without its subject: to learn from."""
    context, found = _read(view, view.words, _reads_latin(view))
    yield from (unit for _, unit in _units(context, found))


def _read(view: View, words: Words, latin: bool) -> tuple["_Context", tuple[Hit, ...]]:
    """The words without disguises, and what the vocabulary finds in them."""
    forms = view.knowledge.abusive
    clear = undisguised(words, forms, latin_bulgarian=latin)
    found = (*forms.phrases.find(clear), *(forms.phrases.find(clear, bare=True) if latin else ()))
    return _Context(clear, forms, latin_bulgarian=latin), found


def _marks(view: View, words: Words, latin: bool, *, in_subject: bool) -> Iterator[_Mark]:
    context, found = _read(view, words, latin)
    if not in_subject:
        yield from _likely(view, context, found)
    for index in range(len(context.words)):
        sort = context.sort_of(index)
        if sort and context.counts(index, sort):
            weight = _Weight.GRAVE if sort <= Sort.SLUR else _Weight.INSULT
            yield _mark(view, context, (index, index), weight, _WHY.get(sort, "обида към човек"), in_subject=in_subject)
    for hit in (hit for hit in found if hit.group in _PHRASES):
        if context.reported(hit.first):
            continue
        yield _mark(view, context, (hit.first, hit.last), _PHRASES[hit.group], hit.cue.row.why, in_subject=in_subject)


def _likely(view: View, context: "_Context", found: tuple[Hit, ...]) -> Iterator[_Mark]:
    """Sentences that are much like abusive ones, unless they tell what others have said; a subject is too short."""
    model = view.knowledge.likely_abuse
    if model is None:
        return
    short = len(context.words) <= _SHORT_TEXT
    for places, unit in _units(context, found):
        enough = _LIKE_IN_A_LETTER if not short else _LIKE if _RUDE.isdisjoint(unit.seen) else _LIKE_AND_RUDE
        if model.score(unit) >= enough and not any(map(context.excuses, places)):
            place = places[model.strongest(unit.words)]
            yield _mark(view, context, (place, place), _Weight.INSULT, "прилича на обидни изречения", in_subject=False)


def _units(context: "_Context", found: tuple[Hit, ...]) -> Iterator[tuple[list[int], Unit]]:
    """The writer's own words (indices) of each sentence, or of a short text, as far as they are Bulgarian."""
    words = context.words.words
    own = [index for index, word in enumerate(words)
           if not word.quoted and (context.latin_bulgarian or word.script == "Cyrl")]
    short = len(words) <= _SHORT_TEXT
    for _, places in groupby(own, lambda index: 0 if short else words[index].sentence):
        unit = list(places)
        if len(unit) >= _FEWEST_WORDS:
            seen = (*context.sorts(unit), *_groups(found, set(unit)))
            yield unit, Unit(words=tuple(words[index].plain for index in unit), seen=seen)


def _groups(found: tuple[Hit, ...], places: set[int]) -> list[str]:
    """The groups of words of abuse.toml that begin at these places."""
    return sorted({f"g{hit.group}" for hit in found if ":" in hit.group and hit.first in places})


def _mark(
    view: View, context: "_Context", place: tuple[int, int], weight: _Weight, why: str, *, in_subject: bool
) -> _Mark:
    quote, start, end = context.words.quote(*place)
    return _Mark(
        weight=weight,
        start=start,
        in_subject=in_subject,
        at_reader=not in_subject and context.near(place[0], 3, 3, "at_reader"),
        outright=place[0] == place[1] and context.sort_of(place[0]) is Sort.INSULT,
        evidence=Evidence(text=quote, why=f"{why} (в темата)") if in_subject else view.quote(start, end, why, quote),
    )


@dataclass(frozen=True)
class _Context:
    """What stands around an abusive word and tells whose word it is and of whom."""

    words: Words
    forms: AbusiveForms
    _: KW_ONLY
    latin_bulgarian: bool

    @cached_property
    def keys(self) -> list[str]:
        """The skeleton of every word: one for both alphabets."""
        return [self.forms.key(word) for word in self.words.words]

    def sorts(self, places: list[int]) -> list[str]:
        """What the different words at these places are, for the model."""
        different = {self.words.words[place].plain: self.sort_of(place) for place in places}
        return [f"sort{sort.value}" for sort in different.values() if sort]

    def excuses(self, index: int) -> bool:
        """Whether the sentence tells others' words, or a rude word stands in its plain meaning („кучешки лайна“)."""
        sort = self.sort_of(index)
        return self.reported(index) or (sort is not None and sort <= Sort.INSULT and not self.counts(index, sort))

    def counts(self, index: int, sort: Sort) -> bool:
        """Whether an abusive word is the writer's own, and said of a person."""
        if sort is Sort.OF_A_PHRASE or self.words.words[index].quoted or self._name(index) or self.reported(index):
            return False
        if sort is Sort.OBSCENE:
            return not self._literal(index) or self._said_of_reader(index)
        if sort is Sort.SLUR:
            return True
        if self._of_the_writer(index):
            return False
        return (
            sort is Sort.INSULT
            or (sort is Sort.AIMED and self._masked(index))
            or self._said_of_reader(index)
            or self._said_of_person(index, sort)
            or (sort is Sort.AIMED and self._called_names(index))
            or (sort is Sort.ADJECTIVE and self._said_of_neighbour(index))
        )

    def _called_names(self, index: int) -> bool:
        """Whether „говедо“ here is what somebody is called, and no animal or thing."""
        tests = (self._called, self._cried, self._hailed, self._pointed_at, self._among_its_kind, self._this_is,
                 self._acts_as_people, self._dressed)
        return any(test(index) for test in tests)

    def _masked(self, index: int) -> bool:
        """„Г*еда“, „м а н г а л и“: nobody hides the name of an animal."""
        return bool(_MASKED.search(self.words.words[index].raw))

    def _this_is(self, index: int) -> bool:
        """„маймуни са това“."""
        after = self.keys[index + 1 : index + 3]
        return after in (["sa", "tova"], ["e", "tova"], ["sa", "tia"], ["sa", "tezi"]) and not any(
            self._is(index, name) for name in ("things", "creatures"))

    def _dressed(self, index: int) -> bool:
        """„плъх с вратовръзка“, „шимпанзета с дипломи“."""
        return (
            self.keys[index + 1 : index + 2] in (["s"], ["sas"]) and index + 2 < len(self.keys)
            and self._is(index + 2, "attire")
        )

    def _acts_as_people(self, index: int) -> bool:
        """„тая кучка от втория етаж“, „прасетата в парламента“: beside what only people do, or where only they are."""
        if self._is(index, "conditions") and not self._is(index, "livestock"):
            return False
        if self.keys[index + 1 : index + 2] in (["mi"], ["ni"]):
            return False  # „глобиха ме, че кравите ми …“
        if self.near(index, 8, 8, "literal_talk") or not any(self._humane(i) for i in self._window(index, 4, 7)):
            return False
        if not self._is(index, "things") and not self._is(index, "creatures"):
            return True
        before = index - 1
        return before >= 0 and not self._definite(index) and (
            self._sort(before) is Sort.ADJECTIVE or self._is(before, "pointing") or self._is(before, "of_people"))

    def _humane(self, index: int) -> bool:
        """„лъже“, „паркира“; „от касата“, „в парламента“."""
        if self._is(index, "doings"):
            return True
        return self._is(index, "offices") and bool({"ot", "v", "vav", "na"} & set(self.keys[max(0, index - 2) : index]))

    def _among_its_kind(self, index: int) -> bool:
        """„тъпа и нагла кифла“, „каква мисирка си“: no animal or thing; another rude word or the reader is near."""
        if self._literal_creature(index) or self._definite(index) or self._is(index, "conditions"):
            return False
        near = (i for i in self._window(index, 3, 2) if i != index)
        return self.near(index, 4, 4, "at_reader") or any(self._sort(i) is not None for i in near)

    def _said_of_neighbour(self, index: int) -> bool:
        """„малоумен инженер“, „помаци смрадливи“."""
        if not self._is(index, "predicates"):
            return False
        place = self._window(index, 1, 1)
        if index + 1 in place and self._named(index + 1):
            return True
        if index - 1 not in place or self._definite(index - 1) or self._definite(index):
            return False
        return self._named(index - 1)

    def _named(self, index: int) -> bool:
        """Whether a word names people, and is no pronoun."""
        return self._is(index, "persons") and not self._is(index, "pronouns")

    def _literal(self, index: int) -> bool:
        """„кучешки лайна по тревата“, „kurvi mi nosa“."""
        return any(
            self._is(index, name) and self.near(index, 8, 8, f"{name}_literal") for name in ("filth", "bleeding")
        )

    def near(self, index: int, before: int, after: int, name: str) -> bool:
        """Whether a word of this list stands near in the same sentence."""
        return any(self._is(place, name) for place in self._window(index, before, after))

    def _window(self, index: int, before: int, after: int) -> range:
        words = self.words.words
        low = high = index
        while low > max(0, index - before) and words[low - 1].sentence == words[index].sentence:
            low -= 1
        while high < min(len(words) - 1, index + after) and words[high + 1].sentence == words[index].sentence:
            high += 1
        return range(low, high + 1)

    def _is(self, index: int, name: str) -> bool:
        return self.keys[index] in self.forms.context[name]

    def sort_of(self, index: int) -> Sort | None:
        """What the word there is."""
        return self.forms.sort_of(self.words.words[index].plain, latin_bulgarian=self.latin_bulgarian)

    def _sort(self, index: int) -> Sort | None:
        sort = self.sort_of(index)
        return None if sort is Sort.OF_A_PHRASE else sort

    def _gap(self, index: int) -> str:
        """What stands between this word and the next."""
        words = self.words.words
        end = words[index + 1].start if index + 1 < len(words) else len(self.words.text)
        return self.words.text[words[index].end : end]

    def reported(self, index: int) -> bool:
        """„нарече ме идиот“, „крещеше, че съм …“."""
        if self.near(index, 6, 3, "naming"):
            return True
        return self.near(index, 6, 0, "saying") and self.near(index, 6, 3, "first_person")

    def _of_the_writer(self, index: int) -> bool:
        """„аз съм идиот“, „не сме глупаци“, „хората не са идиоти“, „правят ни на глупаци“."""
        before = [self.keys[place] for place in self._window(index, 3, 0)][:-1]
        if self.forms.context["of_self"] & {*before, *self.keys[index + 1 : index + 2]}:
            return not self.near(index, 5, 5, "met")
        if " ".join(before[-2:]) in ("ne e", "ne sa", "ne be6e"):
            return True
        as_one = bool({"kato", "na", "za"} & set(before[-2:])) and before[-2:] != ["na", "maika"]
        return as_one and self.near(index, 6, 3, "first_person")

    def _said_of_reader(self, index: int) -> bool:
        """„вие сте свине“, „свиня си“, „свине такива“, „вие, свине“, „боклуци като вас“."""
        if self._definite(index):
            return False
        place = self._window(index, 4, 4)
        before, after = self.keys[place.start : index], self.keys[index + 1 : place.stop]
        if after and (after[0] in self.forms.context["such"] or after[0] in self.forms.context["particles_after"]):
            return True
        if after[:1] == ["kato"] and after[1:2] and after[1] in self.forms.context["like"]:
            return True
        if after[:2] in (["li", "si"], ["li", "ste"]):
            return not self._is(index, "asked")
        if self._copula(before, after):
            return True
        first = index - 1
        while first >= place.start and self._sort(first) is Sort.ADJECTIVE:
            first -= 1
        return first >= place.start and self._is(first, "particles_before") and self._sort(index) is Sort.AIMED

    def _copula(self, before: list[str], after: list[str]) -> bool:
        """Whether „сте“ or „ти си“ makes the reader the one who is called so."""
        participle = bool(after) and after[0].endswith("li") and after[0] != "li"
        if after[:1] == ["ste"]:
            return not (len(after) > 1 and after[1].endswith("li") and after[1] != "li")
        if _you_are(after):
            return True
        if "ste" in before:
            between = before[len(before) - before[::-1].index("ste") :]
        elif "ti si" in " ".join(before):
            between = before[before.index("si") + 1 :]
        elif before[-1:] == ["si"] and set(before[-2:-1]) & self.forms.context["measures"]:
            between = []
        else:
            return False
        return not participle and not any(
            key in self.forms.context["prepositions"] or key.endswith("li") for key in between
        )

    def _said_of_person(self, index: int, sort: Sort) -> bool:
        """„кметът е свиня“, „чиновниците са тъпи“."""
        if self._definite(index) or (sort is Sort.ADJECTIVE and not self._is(index, "predicates")):
            return False
        if self.keys[index + 1 : index + 2] == ["po"]:
            return False  # „луд по футбола“
        before = self.keys[self._window(index, 7, 0).start : index]
        if self._is(index, "conditions") and "mi" in before:
            return False  # „сестра ми е наркоманка“
        copulas = [i for i, key in enumerate(before) if key in self.forms.context["copulas"]]
        if not copulas or len(before) - copulas[-1] > 4:
            return False
        place = index - len(before) + copulas[-1] + 1
        if any(self._parts(i) for i in range(place, index)):
            return False
        return any(key in self.forms.context["persons"] for key in before[: copulas[-1]])

    def _parts(self, index: int) -> bool:
        """Whether a word parts „са“ from what somebody is: a preposition or a participle, but not „дебели“."""
        if self._sort(index) is Sort.ADJECTIVE or self._is(index, "of_people"):
            return False
        return self.keys[index] in self.forms.context["prepositions"] or self.keys[index].endswith(_PARTICIPLE)

    def _called(self, index: int) -> bool:
        """„тъпа крава“, „свине мръсни“, „банда говеда“."""
        place = self._window(index, 3, 2)
        before = range(place.start, index)
        if index > place.start and self._is(index - 1, "of_people"):
            return True
        if any(self._is(i, "packs") for i in before):
            return True
        if index + 1 not in place or self._gap(index).strip():
            return False
        if self._is(index + 1, "of_people") and not self._definite(index + 1) and not self._literal_creature(index):
            return True
        if self._sort(index + 1) is not Sort.ADJECTIVE:
            return False
        ends = index + 2 not in place or bool(self._gap(index + 1).strip(" \n"))
        return ends or not self._literal_creature(index) or self._is(index + 2, "at_reader") or (
            self._sort(index + 2) is not None)

    def _literal_creature(self, index: int) -> bool:
        """What letters are written about: rubbish, rats, a neighbour's cow."""
        return any(self._is(index, name) for name in ("things", "livestock", "creatures"))

    def _pointed_at(self, index: int) -> bool:
        """„тая кифла“, „оня тъп клоун“, „някакъв дебел палячо“."""
        if self._literal_creature(index) or self._definite(index):
            return False
        low, first = self._window(index, 4, 0).start, index - 1
        while first >= low and (self._sort(first) is Sort.ADJECTIVE or self._is(first, "of_people")):
            first -= 1
        return first >= low and self._is(first, "pointing")

    def _hailed(self, index: int) -> bool:
        """„Върви се лекувай, психопат.“, „говедо с говедо“: one such word set off by commas, or said twice."""
        place = self._window(index, 6, 6)
        if self.keys[index + 1 : index + 3] == ["s", self.keys[index]] or self._twice(index):
            return True
        if self._is(index, "things") or self._definite(index) or not self._speaks_to_reader(index):
            return False
        after = self._gap(index).strip()[:1]
        if index == place.start and after == ",":
            return index + 1 in place and self._sort(index + 1) is not Sort.AIMED
        alone = index > place.start and self._gap(index - 1).strip() == "," and after in (*",.!?", "")
        return alone and not self._is(index, "livestock") and not self._in_a_row(index)

    def _twice(self, index: int) -> bool:
        """„боклукът му с боклук“: the same word again, the first time with its article."""
        first, between = self.keys[index - 3 : index - 2], self.keys[index - 2 : index]
        return bool(first) and between[:1] in (["mu"], ["i"], ["im"]) and between[1:] == ["s"] and (
            first[0].startswith(self.keys[index]))

    def _speaks_to_reader(self, index: int) -> bool:
        """„вие“ and the like, or a verb in the second person, in the same sentence."""
        if self.near(index, 6, 6, "at_reader"):
            return True
        return any(self.keys[i].endswith(_SECOND_PERSON) and i != index for i in self._window(index, 6, 6))

    def _in_a_row(self, index: int) -> bool:
        """Whether things or animals are enumerated around it."""
        return any(i != index and self._sort(i) is Sort.AIMED for i in self._window(index, 1, 1))

    def _cried(self, index: int) -> bool:
        """„Свине!“: nothing but such words and an exclamation mark."""
        place = self._window(index, 4, 4)
        if len(place) > 4 or "!" not in self._gap(place[-1]):
            return False
        return all(self._sort(i) is not None and not self._is(i, "things") for i in place)

    def _definite(self, index: int) -> bool:
        """Whether the word has an article: „кравата“ is an animal, „крава“ may be a person."""
        word = self.words.words[index]
        if word.script == "Latn":
            return word.plain.endswith(("ata", "ite", "eto", "oto", "ete"))
        return word.plain.endswith(("ата", "ите", "ето", "ото", "ете", "ът", "ят"))

    def _name(self, index: int) -> bool:
        """„местността Гъза“: a capital after a word for a place or a person."""
        word = self.words.words[index]
        return word.raw.istitle() and index > 0 and self._is(index - 1, "place_words")


def _you_are(after: list[str]) -> bool:
    """„[свиня] си“, „[гнида] си била“, but not „[боклука] си била хвърлила“."""
    if after[:1] != ["si"]:
        return False
    if "".join(after[1:2]) in ("bil", "bila", "bilo"):
        return not "".join(after[2:3]).endswith(_PARTICIPLE)
    return "".join(after[1:2]) in ("", "ti", "be", "i", "ma")
