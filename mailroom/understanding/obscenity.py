"""Obscene words in every form that Bulgarian builds of them, and in the disguises that people write them in.

A word counts only whole: root and allowed ending. So „потребление“, „курорт“ and „Курдов“ are nothing, whatever stems
stand inside them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from mailroom.understanding.folding import plain, skeleton, spaced_out
from mailroom.understanding.lexicon import Lexicon

_MASKED = re.compile(
    r"(?<![\w@.*])(?=[^\s]{0,40}[^\W\d_])(?:[^\W_]|[*#$@_•·](?=[^\s]))(?:[^\W_]|[*#$@_.•·-](?=[\w*#$@])){0,60}\*?(?![\w@])"
)
_MOST_MASKED = 500
"""Different masked words of a letter that are tried."""
_MASK_CHARACTERS = frozenset("*#$@_.•·-")
_LEET = {
    "0": "оo",
    "1": "илil",
    "3": "езe",
    "4": "чa",
    "5": "сs",
    "6": "шбb",
    "7": "тt",
    "8": "вбbv",
    "9": "яg",
    "@": "аa",
    "$": "сs",
}


@dataclass(frozen=True, kw_only=True)
class ObsceneForms:
    """Every obscene word form."""

    native: frozenset[str]
    """In plain form."""
    cyrillic: tuple[str, ...]
    """The Bulgarian ones, for filling in masked letters."""
    bare: frozenset[str]
    """Skeletons of those that stay recognisable in Latin letters (гъз would become газ)."""
    allowed: frozenset[str]
    """Never counted."""


def build_obscene_forms(lexicon: Lexicon) -> ObsceneForms:
    """The word forms of rules/lexicon/abuse.toml: roots with endings, and the verb with prefixes and endings."""
    roots: dict[str, set[str]] = {}
    for entry in lexicon.list("abuse.obscene"):
        root, _, endings = entry.partition("/")
        roots.setdefault(root, set()).update(root + ending for ending in endings.split(","))
    prefixes = ("", *lexicon.list("abuse.fuck_prefixes"))
    parts = product(prefixes, lexicon.list("abuse.fuck_stem"), lexicon.list("abuse.fuck_endings"))
    verbs = {prefix + stem + ending for prefix, stem, ending in parts}
    skip = lexicon.list("abuse.not_in_latin")
    bulgarian = {form for forms in roots.values() for form in forms} | verbs
    in_latin = {form for root, forms in roots.items() if root not in skip for form in forms} | verbs
    return ObsceneForms(
        native=frozenset({plain(form) for form in bulgarian} | set(lexicon.list("abuse.obscene_latin"))),
        cyrillic=tuple(sorted(bulgarian)),
        bare=frozenset(skeleton(form) for form in in_latin if len(form) > 2),
        allowed=frozenset(lexicon.list("abuse.allowed")),
    )


def is_obscene(word: str, forms: ObsceneForms, *, latin_bulgarian: bool = False) -> bool:
    """Whether a word in plain form is obscene, letters drawn out or not; `latin_bulgarian` reads шльокавица."""
    stretched = re.sub(r"(.)\1{2,}", r"\1", word)
    if word in forms.allowed:
        return False
    if word in forms.native or stretched in forms.native:
        return True
    if not latin_bulgarian:
        return False
    readings = {skeleton(form, u_is_hard_sign=hard) for form in (word, stretched) for hard in (False, True)}
    return not readings.isdisjoint(forms.bare)


def masked_obscenities(text: str, forms: ObsceneForms, *, latin_bulgarian: bool) -> Iterator[tuple[int, int]]:
    """Words with stars, digits, dots or spaces among their letters that can only be an obscene word."""
    for start, end, word in spaced_out(text):
        form = plain(word)
        if form in forms.native or (latin_bulgarian and skeleton(form) in forms.bare):
            yield start, end
    judged: dict[str, bool] = {}
    for match in _MASKED.finditer(text):
        word = match.group().lower()
        if (
            not any(c in _MASK_CHARACTERS or c.isdigit() for c in word)
            or sum(c.isalpha() for c in word) < 2
            or len(word) > 24
        ):
            continue
        if word not in judged and len(judged) < _MOST_MASKED:
            judged[word] = _unmasks(word, forms, latin_bulgarian=latin_bulgarian)
        if judged.get(word):
            yield match.span()


def _unmasks(word: str, forms: ObsceneForms, *, latin_bulgarian: bool) -> bool:
    """Whether filling in the masked letters gives an obscene word. Dots and dashes part pieces of a few letters."""
    pieces = re.split(r"[.·•_-]+", word)
    if len(pieces) > 1 and (max(map(len, pieces)) > 3 or len(pieces) < 3):
        return False
    joined = "".join(pieces)
    latin = bool(re.search(r"[a-z]", joined)) and not re.search(r"[а-я]", joined)
    if latin and not latin_bulgarian:
        return False
    if latin:
        return _unmasks_latin(joined, forms)
    pattern = "".join(
        "[а-я]{1,3}" if c in "*#" else f"[{_LEET[c]}]" if c in _LEET else re.escape(plain(c))
        for c in re.sub(r"([*#])\1+", r"\1", joined)
    )
    return any(re.fullmatch(pattern, form) for form in forms.cyrillic)


def _unmasks_latin(word: str, forms: ObsceneForms) -> bool:
    pattern = "".join(
        "[a-z64]{1,3}" if c in "*#" else f"(?:{'|'.join([*_LEET[c], c])})" if c in _LEET else re.escape(c)
        for c in re.sub(r"([*#])\1+", r"\1", word)
    )
    readings = [re.compile(pattern)]
    simple = skeleton(word) if word.isalnum() else ""
    return simple in forms.bare or any(reading.fullmatch(form) for reading in readings for form in forms.bare)
