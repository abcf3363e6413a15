"""Obscene and insulting words in every form that Bulgarian builds of them, and in the disguises that people write them
in: шльокавица, look-alike letters, digits, stars, letters drawn out or set apart.

A word counts only whole: root and allowed ending. So „потребление“, „курорт“ and „Курдов“ are nothing, whatever stems
stand inside them.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from itertools import product

from mailroom.understanding.folding import plain, script_of, skeleton
from mailroom.understanding.lexicon import Lexicon


class Sort(IntEnum):
    """What a word is, the gravest first."""

    OBSCENE = 1
    SLUR = 2
    INSULT = 3
    AIMED = 4
    """Insulting only when a person is called so: „свиня“, „боклук“."""
    ADJECTIVE = 5
    """Insulting only of a person: „тъп“, „мръсен“."""


CONTEXT = (
    "filth", "filth_literal", "of_people", "predicates", "things", "packs", "persons", "at_reader", "such", "like",
    "particles_before", "particles_after", "prepositions", "naming", "saying", "first_person",
)  # fmt: skip
"""Lists of abuse.toml that tell of whom and by whom a word is said."""
_MOST_DISGUISED = 300
"""Different disguised words of a letter that are tried."""
_LONGEST = 30
"""Letters of a disguised word."""
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
_STARS = re.compile(r"[*#•×¤]+")
_SAME = re.compile(r"(.)\1+")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_CLUSTERS = (("sht", "щ"), ("sh", "ш"), ("ch", "ч"), ("zh", "ж"), ("ts", "ц"), ("tz", "ц"), ("ya", "я"), ("ia", "я"),
             ("ja", "я"), ("yu", "ю"), ("iu", "ю"))  # fmt: skip
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
    """Every form of every abusive word."""

    native: Mapping[str, Sort]
    """In plain form."""
    squeezed: Mapping[str, Sort]
    """With doubled letters made one, for words that are drawn out."""
    bare: Mapping[str, Sort]
    """Skeletons of those that stay recognisable in Latin letters (гъз would become газ)."""
    lines: Mapping[str, str]
    """The Bulgarian ones that need no company, one a line, by their first letter, for filling in masked letters."""
    allowed: frozenset[str]
    """Never counted."""
    context: Mapping[str, frozenset[str]]
    """List of abuse.toml that tells of whom and by whom a word is said → the skeletons of its words."""

    def sort_of(self, word: str, *, latin_bulgarian: bool) -> Sort | None:
        """What a word in plain form is; `latin_bulgarian` reads шльокавица."""
        if word in self.allowed:
            return None
        found = self.native.get(word) or self._drawn_out(word)
        if found or script_of(word) != "Latn":
            return found
        return self._of_shapes(word) or (self._of_latin(word) if latin_bulgarian else None)

    def _of_shapes(self, word: str) -> Sort | None:
        """A Cyrillic word drawn wholly with Latin letters („kypba“, „nymka“)."""
        if len(word) < 4 or not _SHAPED.fullmatch(word):
            return None
        found = self.native.get(word.translate(_SHAPES))
        return found if found and found <= Sort.SLUR else None

    def _drawn_out(self, word: str) -> Sort | None:
        if not _SAME.search(word) or script_of(word) != "Cyrl":
            return None
        return self.native.get(_DRAWN_OUT.sub(r"\1", word)) or self.squeezed.get(_SAME.sub(r"\1", word))

    def _of_latin(self, word: str) -> Sort | None:
        forms = {word, _DRAWN_OUT.sub(r"\1", word)}
        readings = {skeleton(form, u_is_hard_sign=hard) for form in forms for hard in (False, True)}
        return min((self.bare[reading] for reading in readings if reading in self.bare), default=None)


def build_abusive_forms(lexicon: Lexicon) -> AbusiveForms:
    """The word forms of rules/lexicon/abuse.toml: roots with endings, and the verb with prefixes and endings."""
    bulgarian = _bulgarian_forms(lexicon)
    skip = frozenset(lexicon.list("abuse.not_in_latin"))
    foreign = dict.fromkeys(lexicon.list("abuse.insults_latin"), Sort.INSULT)
    foreign |= dict.fromkeys(lexicon.list("abuse.obscene_latin"), Sort.OBSCENE)
    lines: dict[str, str] = {}
    for form in sorted(form for form, sort in bulgarian.items() if sort <= Sort.INSULT):
        lines[form[0]] = lines.get(form[0], "\n") + form + "\n"
    return AbusiveForms(
        native={plain(form): sort for form, sort in bulgarian.items()} | foreign,
        squeezed=_gravest((_SAME.sub(r"\1", form), sort) for form, sort in bulgarian.items() if len(form) > 3),
        bare=_gravest((skeleton(form), sort) for form, sort in bulgarian.items() if len(form) > 2 and form not in skip),
        lines=lines,
        allowed=frozenset(lexicon.list("abuse.allowed")),
        context={name: frozenset(skeleton(form) for form in word_forms(lexicon, name)) for name in CONTEXT},
    )


def word_forms(lexicon: Lexicon, name: str) -> frozenset[str]:
    """All forms of a list of abuse.toml that writes its words as root/endings."""
    endings = {key.strip(): value.split(",") for key, _, value in
               (entry.partition(":") for entry in lexicon.list("abuse.endings"))}  # fmt: skip
    endings = {key: [ending.strip() for ending in value] for key, value in endings.items()}
    return frozenset(
        root + ending
        for entry in lexicon.list(f"abuse.{name}")
        for root, _, written in (entry.partition("/"),)
        for part in written.split(",")
        for ending in endings.get(part, [part])
    )


def _bulgarian_forms(lexicon: Lexicon) -> dict[str, Sort]:
    parts = product(
        ("", *lexicon.list("abuse.fuck_prefixes")), lexicon.list("abuse.fuck_stem"), lexicon.list("abuse.fuck_endings")
    )
    forms: dict[str, Sort] = {}
    for name, sort in (("adjectives", Sort.ADJECTIVE), ("aimed", Sort.AIMED), ("insults", Sort.INSULT),
                       ("slurs", Sort.SLUR), ("obscene", Sort.OBSCENE)):  # fmt: skip
        forms |= dict.fromkeys(word_forms(lexicon, name), sort)
    return forms | {"".join(part): Sort.OBSCENE for part in parts}


def _gravest(pairs: Iterable[tuple[str, Sort]]) -> dict[str, Sort]:
    found: dict[str, Sort] = {}
    for form, sort in pairs:
        found[form] = min(sort, found.get(form, sort))
    return found


def disguised(text: str, forms: AbusiveForms, *, latin_bulgarian: bool) -> Iterator[tuple[int, int, Sort]]:
    """Abusive words with stars, digits, dots, spaces or letters of another alphabet among their letters."""
    for match in _SET_APART.finditer(text):
        yield from _set_apart(match, forms, latin_bulgarian=latin_bulgarian)
    judged: dict[str, Sort | None] = {}
    for match in _CHUNK.finditer(text):
        chunk = match.group()
        if len(chunk) > 3 * _LONGEST:
            continue
        for start, word in _suspects(chunk):
            if word not in judged and len(judged) < _MOST_DISGUISED:
                judged[word] = _unmask(word, forms, latin_bulgarian=latin_bulgarian)
            found = judged.get(word)
            if found:
                yield match.start() + start, match.start() + start + len(word), found


def _set_apart(match: re.Match[str], forms: AbusiveForms, *, latin_bulgarian: bool) -> Iterator[tuple[int, int, Sort]]:
    """The words of a run of single letters („п у т к а“): at gaps wider than the others, else the whole run."""
    gaps = re.findall(r"[^\w\n]+|_", match.group())
    usual = min(map(len, gaps))
    for part in re.finditer(rf"\w(?:(?:[^\w\n]|_){{{usual}}}[^\W_])+", match.group()):
        word = "".join(c for c in part.group() if c.isalnum())
        if len(word) < 3 or (len(word) == 3 and word.isupper()):
            continue  # three capitals with dots are somebody's initials or an office
        found = _whole_or_edge(plain(word), forms, latin_bulgarian=latin_bulgarian)
        if found:
            yield match.start() + part.start(), match.start() + part.end(), found


def _whole_or_edge(word: str, forms: AbusiveForms, *, latin_bulgarian: bool) -> Sort | None:
    """The sort of a word that was set apart; two such words may run together."""
    cuts = [word, *(word[:cut] for cut in range(5, len(word))), *(word[cut:] for cut in range(1, len(word) - 4))]
    for cut in cuts[: 2 * _LONGEST]:
        found = forms.sort_of(cut, latin_bulgarian=latin_bulgarian) or _unmask(
            cut, forms, latin_bulgarian=latin_bulgarian
        )
        if found and found <= Sort.INSULT:
            return found
    return None


def _suspects(chunk: str) -> Iterator[tuple[int, str]]:
    """The disguised words of a chunk without blanks, with their places."""
    bare = chunk.strip(_EDGES)
    if len(bare) < 3 or _LINK.search(bare) or not any(c.isalpha() for c in bare):
        return
    start = chunk.find(bare)
    if bare.isalpha() and (bare.isascii() or not _foreign(bare)):
        return
    yield start, bare
    for match in re.finditer(r"[^.,;:/()\-–—\"„“!?…]+", bare):
        if match.group() != bare and len(match.group()) > 2 and not match.group().isalpha():
            yield start + match.start(), match.group()


def _foreign(word: str) -> bool:
    """Whether a word has letters that Bulgarian does not."""
    return any(c not in "абвгдежзийклмнопрстуфхцчшщъьюя" for c in word.lower())


def _unmask(word: str, forms: AbusiveForms, *, latin_bulgarian: bool) -> Sort | None:
    """What a disguised word is when its letters are filled in."""
    word = _clear(word)
    letters = "".join(_PARTED.split(word))
    if len(letters) > _LONGEST or sum(c.isalpha() for c in letters) < 2:
        return None
    if letters != word and not _plausibly_parted(word):
        return None
    if letters.isalpha() and script_of(letters) == "Cyrl" and not _foreign(letters):
        found = forms.sort_of(letters, latin_bulgarian=False)
        return found if found and found <= Sort.INSULT else None
    if script_of(letters) == "Latn" and not letters.strip(_SHLYOKAVITSA):
        found = forms.sort_of(letters, latin_bulgarian=latin_bulgarian)
        if latin_bulgarian or len(letters) < 5:
            return found if found and found <= Sort.INSULT else None
    return _filled_in(letters, forms)


def _clear(word: str) -> str:
    """Lower case, in composed letters, without what is not seen, emphasis and capitals' Greek twins."""
    word = unicodedata.normalize("NFKC", word.translate(_INVISIBLE)).translate(_GREEK).lower()
    word = "".join(c if c == "й" else unicodedata.normalize("NFD", c) for c in word)
    if word.startswith("*") and word.endswith("*"):
        word = word.strip("*")
    return "".join(c for c in word if not unicodedata.combining(c)).strip(_EDGES.replace("|", ""))


def _plausibly_parted(word: str) -> bool:
    """„п.у.т.к.а“ and „пут-ка“, but not „и/или“ or „бул.Курила“."""
    pieces = [piece for piece in _PARTED.split(word) if piece]
    return max(map(len, pieces)) < 4 if len(pieces) > 2 else sum(map(len, pieces)) > 4


def _filled_in(word: str, forms: AbusiveForms) -> Sort | None:
    """What the only words are that fit the letters that are there; at least two, and no fewer than are missing."""
    known = sum(c in _MAY_BE or c.isalpha() for c in word)
    missing = len(word) - known
    if known < 2 or missing > known + 1 or len(word) < 3:
        return None
    pattern = _pattern(_DRAWN_OUT.sub(r"\1", word) if not missing else word)
    if not pattern:
        return None
    filled = re.compile(rf"\n({pattern})(?=\n)")
    first = re.compile(pattern.partition("]")[0] + "]" if pattern[0] == "[" else pattern[0])
    matches = (
        filled.search(lines) for letter, lines in forms.lines.items() if pattern[0] == "(" or first.match(letter)
    )
    return min((forms.native[plain(match.group(1))] for match in matches if match), default=None)


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


def _one(letter: str) -> str:
    if letter in _MAY_BE:
        return f"[{_MAY_BE[letter]}]"
    return letter if "а" <= letter <= "я" else ""
