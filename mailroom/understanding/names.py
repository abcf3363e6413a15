"""What looks like a person's name: shape, known first names, endings of family names."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from rapidfuzz import fuzz, process

from mailroom.folding import name_key, script_of
from mailroom.understanding.knowledge import Knowledge

CAPITAL = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪİĶĹĻŁŃŅŇŌŐŒŔŘŚŞŠŢŤȘȚŪŮŰŲŹŻŽЀ-Я"
_SMALL = "a-zßà-öø-ÿāăąćčďđēėęěğģīıķĺļłńņňōőœŕřśşšţťșțūůűųźżžа-џѝ"
_BEFORE_CAPITAL = r"(?:[ODО]['’`]|Ma?c(?=[A-Z]))?"
"""„O'Sullivan“, „McDonald“."""
FULL = (
    rf"(?:{_BEFORE_CAPITAL}[{CAPITAL}][{_SMALL}]{{1,40}}(?:-[{CAPITAL}][{_SMALL}]{{1,40}})?|"
    rf"{_BEFORE_CAPITAL}[{CAPITAL}]{{2,40}}(?:-[{CAPITAL}]{{2,40}})?)"
)
_PARTICLE = r"(?:(?:van|von|de|der|den|di|da|del|la|le|bin|фон|ван|де|дер|бин)[ \t]+){0,2}"
INITIAL = rf"[{CAPITAL}][{_SMALL}]{{0,2}}\."
_WORD = rf"(?:{INITIAL}(?=[ \t]{{0,2}}[{CAPITAL}])|{FULL}|{INITIAL})"
NAME = re.compile(
    rf"(?:{_WORD})(?:[ \t]{{1,2}}(?:{_PARTICLE}{_WORD}|[{CAPITAL}]{{2}}\b|-[ \t]?{FULL})|"
    rf"(?<=\.){FULL}){{1,3}}"
)
"""Two to four capitalised words, some perhaps initials („Р. Желязкова“, „Дафин Ст. Райчев“)."""
_SURE = 0.85
"""Of runs at least so certain the longest is taken."""
_LONG = 8
"""Letters of a word that an ending alone shows to be no name („директорката“, and not „Рената“)."""
_FOREIGN, _UNKNOWN = 0.2, 0.12
"""Of two words that no list and no ending knows, in Latin letters and in Cyrillic."""
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_FUNCTION_WORDS = frozenset({
    "на", "от", "за", "до", "към", "по", "при", "във", "със", "без", "срещу", "относно", "чрез", "между", "или",
    "не", "че", "да", "ще", "се", "си", "ми", "то", "те", "ние", "вие", "аз", "това", "тази", "този", "тези", "който",
    "която", "които", "съм", "сме", "sme", "беше", "има", "няма", "моля", "ви", "вас", "нас",
    "ни", "го", "ги", "тук", "там", "но", "ако", "of", "the", "to", "in", "at", "is", "my", "we", "ot", "za", "kam",
})
"""What stands between capitals in a title („ДАННИ НА ЕЛЕМЕНТА“), and is part of nobody's name."""
_TYPE_WORDS = frozenset({"ul", "гр", "ул", "бул"})
_SMALL_WORD = re.compile(rf"(?<![^\W\d_])[{_SMALL}]{{3,40}}(?![^\W\d_])")


_DAMAGED = re.compile(
    rf"(?P<first>[{CAPITAL}{_SMALL}][{_SMALL}-]*(?:-{FULL})?)[ \t]+(?P<last>(?:{FULL}[ \t]+)?{FULL})[\s,.;]*$"
)


_DOUBTFUL = re.compile(rf"[{_SMALL}]|[{CAPITAL}][{_SMALL}]{{1,40}}[{CAPITAL}]")
"""A first name that nobody writes so: a rare name in good order stays as it is."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name with how sure it is and where it stands in the text that was searched."""

    text: str
    start: int
    end: int
    certainty: float
    """0 to 1."""
    several: bool = False
    """Whether it names a household or a couple („сем. Иванови“)."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Its words."""
        return tuple(part for part in re.split(r"\s+|(?<=\.)(?=\w)", self.text) if part)

    @property
    def abbreviated(self) -> bool:
        """Whether a part of it is an initial."""
        return any(part.endswith(".") for part in self.parts)


def names_in(text: str, knowledge: Knowledge, *, small: bool = False) -> list[Name]:
    """Every likely name in a piece of text; `small` takes names in small letters too („ivan petrov“)."""
    families = [*_families(text, knowledge)]
    ends = [family.end for family in families]
    found = families[:]
    for match in NAME.finditer(text):
        name = _trimmed(match.group(), match.start(), knowledge)
        if name is None:
            continue
        at = bisect_right(ends, name.start)  # families stand one after the other
        if at == len(families) or families[at].start >= name.end:
            found.append(name)
    found.sort(key=lambda name: name.start)
    if small and not found:
        found = list(islice(_small_names(text, knowledge), 1))
    return found


_HOUSEHOLD = r"(?i:\b(?:сем(?:ейство(?:то)?)?|фам(?:илия(?:та)?)?|family|semeistvo|semejstvo)\b\.?)"
_GIVEN = rf"(?:{FULL}|{INITIAL})"
_FAMILY = re.compile(
    rf"(?P<household>{_HOUSEHOLD}[ \t]{{0,3}}[„\"]?)?"
    rf"(?P<given>{_GIVEN}(?:,[ \t]{{1,2}}{_GIVEN}){{0,3}}[ \t]{{1,2}}(?:и|i|and|&)[ \t]{{1,2}}{_GIVEN}[ \t]{{1,2}})?"
    rf"(?P<family>{FULL})(?P<english>[ \t]family\b)?"
)
"""„сем. Иванови“, „Мария и Петър Иванови“, „Petrov family“."""
_PLURALS = ("ови", "еви", "ини", "ски", "цки", "чки", "шки", "ovi", "evi", "ini", "ski", "chki")
_FAMILY_NEAR = re.compile(rf"{_HOUSEHOLD}|[ \t](?:и|i|and|&)[ \t]")


def _families(text: str, knowledge: Knowledge) -> Iterator[Name]:
    """Households and couples that write together, as they call themselves."""
    if not _FAMILY_NEAR.search(text):
        return
    for match in _FAMILY.finditer(text):
        given = re.findall(_GIVEN, match.group("given") or "")
        while given and not _may_be_given(given[0], knowledge):
            given.pop(0)
        known = all(_may_be_given(name, knowledge) for name in given) and len(given) != 1
        told = given or match.group("household") or match.group("english")
        plural = match.group("family").lower().endswith(_PLURALS) or match.group("english")
        if told and known and plural:
            begin = text.index(given[0], match.start("given")) if given else match.start()
            shown = tidy(" ".join(text[begin : match.end()].split()))
            yield Name(shown, begin, match.end(), 0.9, several=True)


def _may_be_given(word: str, knowledge: Knowledge) -> bool:
    return word.endswith(".") or name_key(word) in knowledge.first_names


def _small_names(text: str, knowledge: Knowledge) -> Iterator[Name]:
    """Names in small letters: a known first name, and a family name one or two words on."""
    words = [(match.group(), match.start(), match.end()) for match in _SMALL_WORD.finditer(text)]
    for at, (first, start, _) in enumerate(words):
        if name_key(first) not in knowledge.first_names:
            continue
        for last in (at + 2, at + 1):
            run = [word for word, _, _ in words[at : last + 1]]
            if last >= len(words) or text[start : words[last][2]].split() != run:
                continue
            if all(_is_surname(word, knowledge) for word in run[1:]) and not any(
                    name_key(word) in knowledge.not_names for word in run):  # fmt: skip
                yield Name(" ".join(run).title(), start, words[last][2], 0.7)
                break


_PIECE = re.compile(r"[^\s.]+\.?")


def _pieces(text: str, knowledge: Knowledge) -> list[tuple[str, int]]:
    """The words of a name and where they begin; „Войкова - Стоименова“ is one word, „Войков - Русе“ is not."""
    found: list[tuple[str, int]] = []
    for match in _PIECE.finditer(text):
        word = match.group()
        if len(found) > 1 and (word[0] == "-" or found[-1][0] == "-") and ends_as_surname(word.lstrip("-"), knowledge):
            *_, first = [piece for piece in found if piece[0] != "-"]
            if ends_as_surname(first[0], knowledge):
                found = [*found[: found.index(first)], (text[first[1] : match.end()], first[1])]
                continue
        found.append((word, match.start()))
    return found


_HYPHEN = re.compile(r"[ \t]?-[ \t]?")


def _trimmed(text: str, start: int, knowledge: Knowledge) -> Name | None:
    """The longest run of the words that is a likely name; titles before it and other words after it fall away."""
    words = _pieces(text, knowledge)
    titles = knowledge.lexicon.list("sender.titles")
    while words and words[0][0].rstrip(".").lower() in titles:
        words.pop(0)
    best: Name | None = None
    for size in range(len(words), 1, -1):
        if best is not None and best.certainty >= _SURE:
            break
        for first in range(len(words) - size + 1):
            run = words[first : first + size]
            certainty = _certainty([word for word, _ in run], knowledge)
            if certainty > (best.certainty if best else 0.0):
                begin, end = run[0][1], run[-1][1] + len(run[-1][0])
                shown = _HYPHEN.sub("-", " ".join(text[begin:end].split()))
                best = Name(tidy(shown), start + begin, start + end, certainty)
    return best


def _certainty(words: list[str], knowledge: Knowledge) -> float:
    """How much these words look like one person's name; 0 for not at all."""
    bare = [word.rstrip(".") for word in words]
    keys = [name_key(word) for word in bare]
    if any(key in knowledge.not_names for key in keys) or any(_is_function_word(word) for word in words):
        return 0.0
    whole = [word for word in words if not word.endswith(".")]
    if len({script_of(word) for word in whole}) > 1 or _is_common([w for w in whole if len(w) >= _LONG], knowledge):
        return 0.0
    if not whole or len(words[-1].rstrip(".")) < 3 or words[-1].endswith("."):
        return 0.0
    named_before = len(words) > 2 and ends_as_surname(bare[-2], knowledge) and not words[-2].endswith(".")
    if len(words) > 2 and keys[-1] in knowledge.places and not (
            ends_as_surname(bare[-1], knowledge) if named_before else _is_surname(bare[-1], knowledge)):  # fmt: skip
        return 0.3  # „ВЕРА ПЕНЕВА СОФИЯ“: a town may be a first name too, and first names do not follow family names
    first = _is_first(bare[0], knowledge)
    surname = _is_surname(bare[-1], knowledge)
    initial = words[0].endswith(".")
    if first and surname:
        return 1.0
    if not first and keys[1] in knowledge.first_names and not initial and ends_as_surname(bare[0], knowledge):
        return 0.9  # the family name first
    if first and len(words) == 3 and _is_surname(bare[1], knowledge):
        return 0.9
    if initial and surname:
        return 0.8
    if first and len(words) == 3 and keys[1] in knowledge.first_names and not whole[-1].isupper() and not _is_common(
            bare, knowledge):  # fmt: skip
        return 0.9  # „Атидже Селим Бекир“: the father's name and the grandfather's, which no list knows
    if surname and len(words) == 3 and (keys[1] in knowledge.first_names or _is_surname(bare[1], knowledge)):
        return 0.85
    if len(words) == 3 and ends_as_surname(bare[1], knowledge) and not initial:
        return 0.0 if _is_common([bare[0], bare[2]], knowledge) else 0.6
    if surname:
        return 0.6 if not _is_common(bare[:-1], knowledge) else 0.1
    if first:
        return 0.5 if not _is_common(bare[1:], knowledge) else 0.1
    return 0.0 if _is_common(bare, knowledge) else _FOREIGN if _LATIN.match(bare[0]) else _UNKNOWN


def _is_function_word(word: str) -> bool:
    """„Са. Колева“ has an initial, „ул. Роза“ has none."""
    return word.lower() in _FUNCTION_WORDS or word.lower().rstrip(".") in _TYPE_WORDS


def _is_first(word: str, knowledge: Knowledge) -> bool:
    """Whether a word is a first name, a double one („Мая-Луиза“) when both halves are."""
    halves = _halves(word) if "-" in word else []
    return name_key(word) in knowledge.first_names or (len(halves) > 1 and knowledge.first_names.issuperset(halves))


def _is_common(words: list[str], knowledge: Knowledge) -> bool:
    """Whether one of the words has an ending that names do not have („наблюдател“, „информация“)."""
    endings = tuple(knowledge.lexicon.list("sender.common_endings"))
    return any(word.lower().endswith(endings) and not _is_surname(word, knowledge) for word in words)


def ends_as_surname(word: str, knowledge: Knowledge) -> bool:
    """Whether a word is a family name or patronymic by its ending alone („Колев“, „Рилска“), or one half of a double
    one is („Минчева-Хаус“)."""
    return any(len(key) > 3 and key.endswith(knowledge.surname_endings) and key not in knowledge.first_names
               for key in map(name_key, word.split("-")))  # fmt: skip


def _is_surname(word: str, knowledge: Knowledge) -> bool:
    return ends_as_surname(word, knowledge) or (len(name_key(word)) > 3 and name_key(word) in knowledge.first_names)


def is_borne(name: Name, knowledge: Knowledge) -> bool:
    """Whether every word of it is a first name that is known, an initial or ends as a family name does, and one of them
    is such a first name or an initial."""
    parts = name.parts
    given = [part.endswith(".") or name_key(part) in knowledge.first_names for part in parts]
    return any(given) and all(known or _is_surname(part, knowledge) for part, known in zip(parts, given, strict=True))


def tidy(name: str) -> str:
    """A name as it should stand in a letter: words in capitals with one capital each."""

    def one(word: str) -> str:
        return "-".join(part.capitalize() if part.isupper() and len(part) > 2 else part for part in word.split("-"))

    shouted = [word for word in name.split() if word.isupper() and len(word) > 2]
    parts = name.split()
    if shouted:
        parts = [word.capitalize() + "." if word.isupper() and len(word) == 2 else one(word) for word in parts]
    return " ".join(parts)


def mend_first_name(text: str, knowledge: Knowledge) -> Name | None:
    """A signature whose first letters a pen stroke or the scanner has eaten („ветелина Манчева“), mended when one known
    first name alone can have been meant."""
    match = _DAMAGED.match(text)
    if match is None or not _is_surname(match.group("last").split()[-1], knowledge):
        return None
    key = name_key(match.group("first"))
    if key in knowledge.not_names or (key in knowledge.first_names and match.group("first")[0].isupper()):
        return None
    if key in knowledge.first_names:  # „пламен Колев“: the scanner took its capital for a small letter
        return Name(f"{knowledge.spelling[key]} {tidy(match.group('last'))}", match.start(), match.end("last"), 0.85)
    fits = {name for name in knowledge.first_names if name.endswith(key) and 0 < len(name) - len(key) <= 2}
    nearest = {name for name in fits if len(name) - len(key) == 1}
    if len(fits) > 1 and len(nearest) == 1:
        fits = nearest
    if not fits:
        if not _DOUBTFUL.match(match.group("first")):
            return None
        close = process.extract(key, knowledge.first_names, scorer=fuzz.ratio, score_cutoff=86, limit=2)
        fits = {name for name, _, _ in close}
    least = _SHORTEST_MENDED - (len(match.group("last").split()) > 1)
    if len(fits) != 1 or len(key) < least:
        return None
    mended = knowledge.spelling.get(fits.pop(), "")
    return Name(f"{mended} {tidy(match.group('last'))}", match.start(), match.end("last"), 0.75) if mended else None


_SHORTEST_MENDED = 5
"""Letters; a shorter name is like too many others."""
_MISREAD = {one: frozenset(others) for one, others in (
    ("б", "вф"), ("в", "бн"), ("г", "тр"), ("д", "ла"), ("е", "со"), ("и", "нпй"), ("л", "дп"), ("н", "ипв"),
    ("о", "се"), ("п", "нил"), ("с", "ео"), ("т", "г"), ("ф", "б"), ("ц", "щи"), ("ш", "щи"), ("щ", "шц"), ("ь", "ъ"),
    ("ъ", "ь"), ("я", "а"), ("а", "яд"), ("й", "и"), ("р", "гб"))}  # fmt: skip
"""Letter → letters of print for which a scanner may have taken it."""


def mend_misread(name: str, knowledge: Knowledge) -> str | None:
    """The name with its first name as it is known, where one letter of it was misread and one known name alone fits
    („Метоли Кьосев“ → „Методи Кьосев“); null where there is nothing to mend."""
    first, _, rest = name.partition(" ")
    small = first.lower()
    if not rest or len(small) < _SHORTEST_MENDED or name_key(first) in knowledge.first_names:
        return None
    known = {knowledge.spelling[key] for word in read_for(small) if (key := name_key(word)) in knowledge.first_names}
    return f"{known.pop()} {rest}" if len(known) == 1 else None


def read_for(word: str) -> set[str]:
    """The words in small letters for which a scanner may have read this one, by one letter that print makes alike."""
    return {word[:at] + letter + word[at + 1:] for at, read in enumerate(word) for letter in _MISREAD.get(read, ())}


def compatible(one: Name, other: Name) -> bool:
    """Whether two names may be one person's: one family name, and first names equal or one the other's initial.

    In any order of the words, and with one or both parts of a double family name.
    """
    if one.several != other.several:
        return _is_member(one, other) if other.several else _is_member(other, one)
    a, b = _keyed(one), _keyed(other)
    fewer, more = sorted((a, b), key=len)
    if len(fewer) >= 2 and not one.abbreviated and not other.abbreviated and set(fewer) <= set(more):
        return True
    if a[-1] != b[-1] and not set(_halves(one.parts[-1])) & set(_halves(other.parts[-1])):
        return False
    if one.parts[0].endswith(".") or other.parts[0].endswith("."):
        return a[0].startswith(b[0]) or b[0].startswith(a[0])
    return a[0] == b[0]


def _is_member(person: Name, household: Name) -> bool:
    """„Петър Иванов“ of „сем. Иванови“ and of „Мария и Петър Иванови“."""
    family = name_key(household.parts[-1])
    named = {name_key(word.strip(",")) for word in household.parts[:-1] if name_key(word.strip(",")) != "i"}
    alone = len(household.parts) == 2
    return name_key(person.parts[-1]).startswith(family[:-1]) and (alone or name_key(person.parts[0]) in named)


def _keyed(name: Name) -> list[str]:
    return [name_key(part) for part in name.parts]


def _halves(surname: str) -> list[str]:
    return [name_key(half) for half in surname.split("-") if len(half) > 2]


def fullness(name: Name) -> tuple[int, int]:
    """For choosing the fullest of compatible names: one person's sooner than a household's, words that are no
    initials, then all words."""
    if name.several:
        return 0, len(name.parts)
    return sum(not part.endswith(".") for part in name.parts), len(name.parts)
