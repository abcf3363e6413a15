"""Obscene and insulting words in every form that Bulgarian builds of them, and in the disguises that people write them
in: шльокавица, look-alike letters, digits, stars, letters drawn out or set apart.

A word counts only whole: root and allowed ending. So „потребление“, „курорт“ and „Курдов“ are nothing, whatever stems
stand inside them. `undisguised` gives a text's words with every disguise taken off; what they mean where they stand is
judged on them (abuse.py).
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property, lru_cache
from itertools import islice, product

from mailroom.folding import Word, Words, plain, script_of, skeleton
from mailroom.understanding.lexicon import Lexicon, part_of


class Sort(IntEnum):
    """What a word is, the gravest first."""

    OBSCENE = 1
    SLUR = 2
    INSULT = 3
    AIMED = 4
    """Insulting only when a person is called so: „свиня“, „боклук“."""
    ADJECTIVE = 5
    """Insulting only of a person: „тъп“, „мръсен“."""
    OF_A_PHRASE = 6
    """Nothing alone: „майната“, „пукнете“."""


CONTEXT = (
    "filth", "filth_literal", "bleeding", "bleeding_literal", "of_people", "predicates", "things", "livestock",
    "creatures", "conditions", "packs", "persons", "pronouns", "copulas", "pointing", "at_reader", "such", "like",
    "particles_before", "particles_after", "prepositions", "place_words", "naming", "saying", "first_person",
    "measures", "doings", "offices", "literal_talk", "attire", "of_self", "asked", "met",
)  # fmt: skip
"""Lists of abuse.toml that tell of whom and by whom a word is said."""
_MOST_DISGUISED = 300
"""Different disguised words of a letter that are tried."""
_MOST_RUNS = 60
"""Runs of single letters in a letter that are tried."""
_WORDS_REMEMBERED = 20_000
"""Words of which the reading is kept: those of several hundred letters."""
_LONGEST = 30
"""Letters of a disguised word."""
_SHORTEST_PHRASE_WORD = 5
_SHORTEST_IN_RUN = 4
_HEAD, _BEGINNING = 5, 3
"""Letters of a run that are looked at before words are tried there, and of their skeleton that must begin a form."""
_INSIDE_OF_MANY = "еб"
"""Stands inside of many words („лечебница“, „потребител“)."""
_SHORTEST_LATIN = 5
"""A Latin word among Cyrillic ones is read as Bulgarian only from so many letters on."""
_INVISIBLE = dict.fromkeys(
    [0xAD, *range(0x200B, 0x2010), *range(0x2060, 0x2065), 0xFEFF, 0x300, 0x301, *range(0x335, 0x339)]
)
_GREEK = str.maketrans("αβγεηικμνορτυχωπφλδσςΑΒΕΗΙΚΜΝΟΡΤΥΧ", "авгепикмвортухопфлдссавенікмнортух")
_CHUNK = re.compile(r"\S+")
_SET_APART = re.compile(r"(?<![^\W_])[^\W_](?:[^\w\n]{1,3}[^\W_]|_[^\W_]){2,60}(?![^\W_])")
_SHLYOKAVITSA = "abcdefghijklmnopqrstuvwxyz46"
_EDGES = ".,!?;:()[]{}<>„“”\"«»'’`…/\\|+=-–—_"
_LINK = re.compile(r"://|www\.|[^@\s]@[^@\s]+\.[a-z]{2}", re.IGNORECASE)
_PARTED = re.compile(r"[.·•_\-–—~/|,'’+=]+")
_INITIALS = re.compile(r"\w(?:\.\w){1,2}\.?")
_PIECE = re.compile(r"[^.,;:/()\-–—\"„“!?…]+")
_STARS = re.compile(r"[*#•×¤]+")
_SAME = re.compile(r"(.)\1+")
_DOUBLED = re.compile(r"([^и])\1|(.)\2\2")
"""„идиотии“ is written so."""
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_BULGARIAN = frozenset("абвгдежзийклмнопрстуфхцчшщъьюя")
_CLUSTERS = (
    ("sht", "щ"), ("sh", "ш"), ("ch", "ч"), ("zh", "ж"), ("ts", "ц"), ("tz", "ц"), ("ya", "я"), ("ia", "я"),
    ("ja", "я"), ("yu", "ю"), ("iu", "ю"),
)  # fmt: skip
_SHAPES = str.maketrans("aceopxykmtbhnu", "асеорхукттвнпи")
_SHAPED = re.compile(r"[aceopxykmtbhnu]+")
_MAY_BE = {
    "a": "аъ", "b": "бвь", "c": "сц", "d": "д", "e": "е", "f": "ф", "g": "гд", "h": "нх", "i": "ийл", "j": "жй",
    "k": "к", "l": "л", "m": "мт", "n": "нпи", "o": "о", "p": "рп", "q": "я", "r": "рг", "s": "с", "t": "т",
    "u": "уъи", "v": "вж", "w": "вш", "x": "х", "y": "уъй", "z": "з",
    "0": "о", "1": "илй", "3": "зе", "4": "чаъ", "5": "с", "6": "шб", "7": "т", "8": "в", "9": "яд", "2": "з",
    "@": "аъ", "$": "с", "€": "е", "!": "и", "|": "и", "£": "л", "&": "в",
    "ё": "е", "э": "е", "ы": "ъи", "і": "и", "ї": "й", "є": "е", "ґ": "г", "ј": "й", "ѕ": "с",
}  # fmt: skip
"""What Bulgarian letter a sign may stand for, by its shape or by its sound."""


@dataclass(frozen=True, kw_only=True)
class AbusiveForms:
    """Every form of every abusive word, and the phrases that are made of other words."""

    sorts: Mapping[str, Sort]
    """Of a form in plain form."""
    squeezed: Mapping[str, str]
    """Doubled letters made one → the form, for words that are drawn out."""
    bare: Mapping[str, str]
    """Skeleton → the form, of those that stay recognisable in Latin letters (гъз would become газ)."""
    lines: Mapping[str, str]
    """The forms one a line, by their first letter, for filling in masked letters."""
    allowed: frozenset[str]
    """Never counted."""
    context: Mapping[str, frozenset[str]]
    """List of abuse.toml that tells of whom and by whom a word is said → the skeletons of its words."""
    beginnings: frozenset[str]
    """The first letters of the skeletons of all forms."""
    known_keys: frozenset[str]
    """All these skeletons."""
    phrases: Lexicon

    def reading(self, word: str, *, latin_bulgarian: bool) -> str | None:
        """The form that a word in plain form is, if any; `latin_bulgarian` reads шльокавица."""
        return self._remembered(word, latin_bulgarian)

    @cached_property
    def _remembered(self) -> Callable[[str, bool], str | None]:
        """The same small words stand in every letter, and the same letters in a run of single ones."""
        return lru_cache(maxsize=_WORDS_REMEMBERED)(self._read)

    def _read(self, word: str, latin_bulgarian: bool) -> str | None:
        if word in self.allowed:
            return None
        if word in self.sorts:
            return word
        script = script_of(word)
        if script == "Cyrl":
            return self._drawn_out(word) if _DOUBLED.search(word) else None
        if script != "Latn":
            return None
        if latin_bulgarian:
            return self._of_latin(word)
        found = self._of_latin(word) if len(word) >= _SHORTEST_LATIN else None
        return found if found and self.sorts[found] <= Sort.INSULT else self._of_shapes(word)

    def sort_of(self, word: str, *, latin_bulgarian: bool) -> Sort | None:
        """What the word is."""
        found = self.reading(word, latin_bulgarian=latin_bulgarian)
        return self.sorts[found] if found else None

    def key(self, word: Word) -> str:
        """One spelling of a word for both alphabets, to be looked for in `context`."""
        key = skeleton(word.plain)
        if word.script == "Latn" and key not in self.known_keys:
            return next((other for other in _latin_keys(word.plain) if other in self.known_keys), key)
        return key

    def may_begin(self, letters: str) -> bool:
        """Whether one of the forms may begin with these letters of a run, before all its lengths are tried."""
        head = _SAME.sub(r"\1", plain(letters[:_HEAD]))
        keys = _latin_keys(head) if script_of(head) == "Latn" else (skeleton(head),)
        return any(key[:_BEGINNING] in self.beginnings for key in keys)

    def _drawn_out(self, word: str) -> str | None:
        once = _DRAWN_OUT.sub(r"\1", word)
        return once if once in self.sorts else self.squeezed.get(_SAME.sub(r"\1", word))

    def _of_latin(self, word: str) -> str | None:
        found = [self.bare[key] for key in _latin_keys(word) if key in self.bare]
        return min(found, key=lambda form: self.sorts[form], default=None)

    def _of_shapes(self, word: str) -> str | None:
        """A Cyrillic word drawn wholly with Latin letters („kypba“, „nymka“)."""
        drawn = word.translate(_SHAPES)
        if len(word) < 4 or not _SHAPED.fullmatch(word) or self.sorts.get(drawn, Sort.AIMED) > Sort.SLUR:
            return None
        return drawn


@lru_cache(maxsize=20_000)
def _latin_keys(word: str) -> tuple[str, ...]:
    """The skeletons that a Latin word may have: j is ж or й, u and y are their sound or ъ."""
    once = _DRAWN_OUT.sub(r"\1", word)
    spellings = dict.fromkeys(
        (word, once, once.replace("j", "i"), once.replace("j", "zh"), once[:1] + once[1:].replace("u", "a", 1))
    )
    return tuple(dict.fromkeys(skeleton(form, u_is_hard_sign=hard) for form in spellings for hard in (False, True)))


def build_abusive_forms(lexicon: Lexicon) -> AbusiveForms:
    """The word forms of rules/lexicon/abuse.toml: roots with endings, and the verb with prefixes and endings."""
    phrases = part_of(lexicon, "abuse")
    bulgarian = _bulgarian_forms(lexicon, phrases)
    skip = frozenset(lexicon.list("abuse.not_in_latin"))
    foreign = dict.fromkeys(lexicon.list("abuse.insults_latin"), Sort.INSULT)
    foreign |= dict.fromkeys(lexicon.list("abuse.obscene_latin"), Sort.OBSCENE)
    foreign |= dict.fromkeys(word_forms(lexicon, "obscene_russian"), Sort.OBSCENE)
    by_sort = sorted(bulgarian, key=lambda form: -bulgarian[form])
    context = {name: frozenset(skeleton(form) for form in word_forms(lexicon, name)) for name in CONTEXT}
    lines: dict[str, str] = {}
    for form in sorted(bulgarian):
        lines[form[0]] = lines.get(form[0], "\n") + form + "\n"
    return AbusiveForms(
        sorts=bulgarian | foreign,
        squeezed={_SAME.sub(r"\1", form): form for form in by_sort if len(form) > 3},
        bare={
            skeleton(form.replace("ъ", "у") if form in skip else form): form
            for form in by_sort
            if len(form) > 2 and (form not in skip or "ъ" in form)
        },
        lines=lines,
        beginnings=frozenset(skeleton(_SAME.sub(r"\1", form))[:_BEGINNING] for form in bulgarian | foreign),
        allowed=frozenset(lexicon.list("abuse.allowed")),
        context=context,
        known_keys=frozenset().union(*context.values()),
        phrases=phrases,
    )


def word_forms(lexicon: Lexicon, name: str) -> frozenset[str]:
    """All forms of a list of abuse.toml that writes its words as root/endings or prefixes+root/endings."""
    named = (entry.partition(":") for entry in lexicon.list("abuse.endings"))
    endings = {key.strip(): [ending.strip() for ending in value.split(",")] for key, _, value in named}
    return frozenset(
        prefix + root.rpartition("+")[2] + ending
        for entry in lexicon.list(f"abuse.{name}")
        for root, _, written in (entry.partition("/"),)
        for prefix in (root.rpartition("+")[0].split(","))
        for part in written.split(",")
        for ending in endings.get(part, [part])
    )


def _bulgarian_forms(lexicon: Lexicon, phrases: Lexicon) -> dict[str, Sort]:
    forms = {
        word: Sort.OF_A_PHRASE
        for word in phrases.vocabulary()
        if len(word) >= _SHORTEST_PHRASE_WORD and script_of(word) == "Cyrl"
    }
    for name, sort in (("adjectives", Sort.ADJECTIVE), ("aimed", Sort.AIMED), ("insults", Sort.INSULT),
                       ("slurs", Sort.SLUR), ("obscene", Sort.OBSCENE), ("obscene_verbs", Sort.OBSCENE)):  # fmt: skip
        forms |= dict.fromkeys(word_forms(lexicon, name), sort)
    parts = ("fuck_prefixes", "fuck_stem", "fuck_endings")
    verbs = product(("", *lexicon.list("abuse.fuck_prefixes")), *(lexicon.list(f"abuse.{part}") for part in parts[1:]))
    return forms | {"".join(verb): Sort.OBSCENE for verb in verbs}


def undisguised(words: Words, forms: AbusiveForms, *, latin_bulgarian: bool) -> Words:
    """The words with abusive ones as they are read: one word for what stands in several pieces.

    Equal to `words` where nothing is disguised.
    """
    readings = {
        (word.start, word.end): found
        for word in words.words
        if (found := forms.reading(word.plain, latin_bulgarian=latin_bulgarian)) and found != word.plain
    }
    readings |= {(start, end): form for start, end, form in _disguised(words.text, forms, latin_bulgarian)}
    if not readings:
        return words
    starts = [word.start for word in words.words]
    put: list[Word] = []
    done = 0
    for (start, end), form in sorted(readings.items()):
        first, last = max(done, bisect_left(starts, start)), bisect_left(starts, end)
        if first >= len(words.words) or start < (words.words[done - 1].end if done else 0):
            continue
        put += words.words[done:first]
        model = words.words[first if first < last else max(0, first - 1)]
        put.append(replace(model, start=start, end=end, raw=words.text[start:end], plain=form, script=script_of(form)))
        done = max(first, last)
    put += words.words[done:]
    return Words(text=words.text, words=tuple(put))


def _disguised(text: str, forms: AbusiveForms, latin_bulgarian: bool) -> Iterator[tuple[int, int, str]]:
    """Words with stars, digits, dots, spaces or letters of another alphabet among their letters, and what they are."""
    for match in islice(_SET_APART.finditer(text), _MOST_RUNS):
        yield from _set_apart(match, forms, latin_bulgarian)
    judged: dict[str, str | None] = {}
    for match in _CHUNK.finditer(text):
        chunk = match.group()
        if len(chunk) > 3 * _LONGEST or (chunk.isalpha() and chunk.isascii()):
            continue
        for start, word in _suspects(chunk):
            if word not in judged and len(judged) < _MOST_DISGUISED:
                judged[word] = _unmasked(word, forms, latin_bulgarian)
            found = judged.get(word)
            if found:
                yield match.start() + start, match.start() + start + len(word), found
                break


def _set_apart(match: re.Match[str], forms: AbusiveForms, latin_bulgarian: bool) -> Iterator[tuple[int, int, str]]:
    """The words of a run of single letters („п у т к а“): parted at gaps wider than the others, else as they fit."""
    usual = min(len(gap) for gap in re.findall(r"[^\w\n]+|_", match.group()))
    for part in re.finditer(rf"\w(?:(?:[^\w\n]|_){{{usual}}}[^\W_])+", match.group()):
        places = [match.start() + part.start() + i for i, c in enumerate(part.group()) if c.isalnum()]
        letters = "".join(c for c in part.group() if c.isalnum())
        for first, last, found in _words_in_run(letters, forms, latin_bulgarian):
            yield places[first], places[last - 1] + 1, found


def _words_in_run(letters: str, forms: AbusiveForms, latin_bulgarian: bool) -> Iterator[tuple[int, int, str]]:
    """The words in a run of letters: the whole of it, what is left without a small word beside it, or all that fit.

    Three capitals alone are somebody's initials or an office.
    """
    length = len(letters)
    if length < 3 or (length == 3 and letters.isupper()):
        return
    for first, last in ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0)):
        if length - first - last >= 3:
            found = _whole(plain(letters[first : length - last]), forms, latin_bulgarian)
            if found:
                yield first, length - last, found
                return
    first = ended = 0
    while first < length:
        last, found = _longest_from(letters, first, forms, latin_bulgarian)
        if found and not (first > ended + 1 and found.startswith(_INSIDE_OF_MANY)):
            yield first, last, found
            first = ended = last
        else:
            first += 1


def _longest_from(letters: str, first: int, forms: AbusiveForms, latin_bulgarian: bool) -> tuple[int, str | None]:
    if not forms.may_begin(letters[first:]):
        return first, None
    for last in range(min(len(letters), first + _LONGEST), first + _SHORTEST_IN_RUN - 1, -1):
        found = forms.reading(plain(letters[first:last]), latin_bulgarian=latin_bulgarian)
        if found:
            return last, found
    return first, None


def _whole(word: str, forms: AbusiveForms, latin_bulgarian: bool) -> str | None:
    found = forms.reading(word, latin_bulgarian=latin_bulgarian)
    return found or _unmasked(word, forms, latin_bulgarian)


def _suspects(chunk: str) -> Iterator[tuple[int, str]]:
    """The disguised words of a chunk without blanks, with their places."""
    bare = chunk.strip(_EDGES)
    if len(bare) < 3 or not any(c.isalpha() for c in bare) or _LINK.search(bare):
        return
    if bare.isalpha() and (bare.isascii() or not _foreign(bare)):
        return
    start = chunk.find(bare)
    yield start, bare
    for match in _PIECE.finditer(bare):
        if match.group() != bare and len(match.group()) > 2 and not match.group().isalpha():
            yield start + match.start(), match.group()


def _foreign(word: str) -> bool:
    """Whether a word has letters that Bulgarian does not."""
    return not _BULGARIAN.issuperset(word.lower())


def _unmasked(word: str, forms: AbusiveForms, latin_bulgarian: bool) -> str | None:
    """What a disguised word is when its letters are filled in."""
    if word.isupper() and _INITIALS.fullmatch(word):
        return None
    word = _clear(word)
    letters = "".join(_PARTED.split(word))
    if len(letters) > _LONGEST or (letters != word and not _plausibly_parted(word)):
        return None
    if letters.isalpha() and not _foreign(letters):
        return forms.reading(letters, latin_bulgarian=False)
    if script_of(letters) == "Latn" and not letters.strip(_SHLYOKAVITSA) and (latin_bulgarian or len(letters) < 5):
        return forms.reading(letters, latin_bulgarian=latin_bulgarian)
    return _filled_in(letters, forms)


def _clear(word: str) -> str:
    """Lower case, without what is not seen, accents, emphasis and Greek twins."""
    word = unicodedata.normalize("NFKC", word.translate(_INVISIBLE)).translate(_GREEK).lower()
    word = "".join(c if c == "й" else unicodedata.normalize("NFD", c) for c in word)
    word = word.strip("*") if word.startswith("*") else word
    return "".join(c for c in word if not unicodedata.combining(c)).strip(_EDGES.replace("|", ""))


def _plausibly_parted(word: str) -> bool:
    """„п.у.т.к.а“ and „пут-ка“, but not „и/или“ or „бул.Курила“."""
    pieces = [piece for piece in _PARTED.split(word) if piece]
    return max(map(len, pieces), default=9) < 4 if len(pieces) > 2 else sum(map(len, pieces)) > 4


def _filled_in(word: str, forms: AbusiveForms) -> str | None:
    """The gravest word that fits the letters that are there: at least two, and hardly fewer than are missing."""
    known = sum(c in _MAY_BE or c.isalpha() for c in word)
    letters = sum(c.isalpha() for c in word)
    missing = len(word) - known
    needed = 3 if word.isascii() else 2
    fewest = 1 if "@" in word or "$" in word else 2
    if known < needed or letters < fewest or missing > known + 1 or len(word) < 3:
        return None
    pattern = _pattern(word if missing else _DRAWN_OUT.sub(r"\1", word))
    if not pattern:
        return None
    filled = re.compile(rf"\n({pattern})(?=\n)")
    first = _one_letter(word[0])
    fitting = (lines for letter, lines in forms.lines.items() if first.match(letter))
    found = [match.group(1) for lines in fitting for match in filled.finditer(lines)]
    return min(found, key=lambda form: forms.sorts[form], default=None)


def _pattern(word: str) -> str:
    """A pattern for the Bulgarian words that a disguised one may stand for; empty when a sign stands for nothing."""
    out, position = [], 0
    while position < len(word):
        stars = _STARS.match(word, position)
        cluster = next(((latin, letter) for latin, letter in _CLUSTERS if word.startswith(latin, position)), None)
        if stars:
            count = stars.end() - stars.start()
            out.append(f"[а-я]{{{max(1, count - 1)},{count + 1}}}")
            position = stars.end()
        elif cluster:
            loose = "".join(_one(letter) for letter in cluster[0])
            out.append(f"(?:{cluster[1]}|{loose})")
            position += len(cluster[0])
        elif one := _one(word[position]):
            out.append(one)
            position += 1
        else:
            return ""
    return "".join(out)


@lru_cache(maxsize=200)
def _one_letter(sign: str) -> re.Pattern[str]:
    """Letters with which a word that begins with this sign may begin."""
    cluster = "".join(letter for latin, letter in _CLUSTERS if latin[0] == sign)
    return re.compile(f"[{cluster}{_MAY_BE.get(sign, sign)}]" if _one(sign) else ".")


def _one(letter: str) -> str:
    if letter in _MAY_BE:
        return f"[{_MAY_BE[letter]}]"
    return letter if "а" <= letter <= "я" else ""
