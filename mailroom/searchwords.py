"""What a text can be found by, and what a query asks for.

Letter and query go through the same steps, so that one finds the other whatever alphabet and form either is written in:

1. ЕГН and ЛНЧ are masked: nobody is found by them (ЗЗЛД чл. 25ж);
2. e-mail addresses, telephones and numbers with their separators are found as wholes;
3. every word becomes its lemma, its skeleton (folding.py: „voda“, „вода“ and „вoда“ are one) and loses what is left of
   article and plural; a word keeps the stem of its own form besides, since no dictionary knows all names.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from mailroom.dictionary import lemma
from mailroom.folding import mainly_cyrillic, number_key, plain, script_of, skeleton
from mailroom.masking import mask_identifiers
from mailroom.model.base import Value
from mailroom.model.findings import Findings
from mailroom.model.letter import Letter

LONGEST_TEXT = 200_000
"""Characters of one letter that are looked at; a book is found by its beginning."""
LONGEST_QUERY = 200
MOST_WORDS = 12
"""Of a query; further ones are left out."""
LONGEST_WORD = 60

_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_DIGITS = re.compile(r"(?<![\w+])(?:\+|00)?\d(?:[ ()/.–-]{0,2}\d){5,13}(?!\w)")
"""What can be a telephone."""
_NUMBER = re.compile(r"(?<!\w)№?(?=[\w/.–-]{0,180}\d)\w{1,20}(?:[/.–-]\w{1,20}){1,8}(?!\w)")
"""What can be a registration number, a house number, a date."""
_WORD = re.compile(r"[^\W_]+\*?")
_ENDINGS = ("ovete", "ata", "ite", "eta", "oto", "ete", "ate", "ove", "at", "ta", "to", "te")
"""Articles and plurals in skeleton letters, the longest first."""
_SHORTEST_STEM = 3
_TO_CYRILLIC = str.maketrans("abvgdejziklmnoprstufhc46", "абвгдежзиклмнопрстуфхцчш")


class Term(Value):
    """One thing that a query asks for: found where all tokens of one alternative are."""

    any_of: tuple[tuple[str, ...], ...]
    """Alternatives; a token that ends in `*` stands for all that begin so."""


def tokens_of(text: str) -> frozenset[str]:
    """Everything by which the text can be found: lower case, without blanks, ready for both databases."""
    text = mask_identifiers(text[:LONGEST_TEXT])
    cyrillic = mainly_cyrillic(text)
    found = {match.group().lower() for match in _EMAIL.finditer(text)}
    for match in _DIGITS.finditer(text):
        found.update(_telephone(match.group()))
    found.update(_key(match.group()) for match in _NUMBER.finditer(text))
    for match in _WORD.finditer(text):
        found.update(_word(match.group().rstrip("*")[:LONGEST_WORD], cyrillic))
    return frozenset(found - {""})


def findable(letter: Letter | None, findings: Findings, numbers: Iterable[str]) -> frozenset[str]:
    """By what an item is found: its text, who wrote it and from where, what it is about, its numbers."""
    said = [letter.text, letter.covering_note] if letter else []
    if letter and letter.head:
        said += (f"{box.name} {box.address}" for box in letter.head.from_)
    named = (findings.subject, findings.sender_name, findings.organisation, findings.on_behalf_of, findings.email,
             findings.phone, findings.follow_up_of, findings.other_body)
    said += (found.value for found in named if found)
    if findings.address:
        said.append(" ".join(filter(None, findings.address.value.model_dump().values())))
    return tokens_of("\n".join(said)[:LONGEST_TEXT]) | numbers_of(numbers)


def numbers_of(numbers: Iterable[str]) -> frozenset[str]:
    """The tokens of registration and case numbers."""
    return frozenset(token for number in numbers for token in (*tokens_of(number), _key(number)))


def terms_of(query: str) -> tuple[Term, ...]:
    """What the query asks for, all of it together; empty when it holds nothing that can be asked for."""
    rest, terms = mask_identifiers(query[:LONGEST_QUERY]), []
    for pattern, alternatives in ((_EMAIL, _by_email), (_DIGITS, _by_digits), (_NUMBER, _by_number)):
        for match in pattern.finditer(rest):
            terms.append(Term(any_of=alternatives(match.group())))
        rest = pattern.sub(" ", rest)
    terms += (_by_word(match.group()) for match in _WORD.finditer(rest))
    return tuple(term for term in terms if term.any_of)[:MOST_WORDS]


def _by_email(typed: str) -> tuple[tuple[str, ...], ...]:
    return ((typed.lower(),),)


def _by_digits(typed: str) -> tuple[tuple[str, ...], ...]:
    """Digits may be a telephone, a registration number, or words that stand side by side."""
    telephone = _telephone(typed)
    return tuple(dict.fromkeys((*((token,) for token in telephone[:1]), (_key(typed),), _separately(typed))))


def _by_number(typed: str) -> tuple[tuple[str, ...], ...]:
    return ((_key(typed),), _separately(typed))


def _by_word(typed: str) -> Term:
    """A word in any of its forms; with a star what begins so."""
    word = typed.rstrip("*")[:LONGEST_WORD]
    if typed.endswith("*"):
        return Term(any_of=tuple((f"{beginning}*",) for beginning in sorted(_beginnings(word))))
    return Term(any_of=tuple((token,) for token in sorted(_word(word, True) | _word(word, False))))


def _separately(typed: str) -> tuple[str, ...]:
    return tuple(token for match in _WORD.finditer(typed) for token in sorted(_word(match.group(), True))[:1])


def _key(typed: str) -> str:
    """A number as a whole; its letters may be of either alphabet."""
    return number_key(typed.replace("–", "-")).lower()


def _telephone(typed: str) -> tuple[str, ...]:
    """`t` and the number inside the country, and its last seven and six digits, as neighbours tell it."""
    digits = re.sub(r"\D", "", typed)
    national = re.sub(r"^(?:00359|359|0)", "", digits) if len(digits) > 7 else digits
    if not 6 <= len(national) <= 9:
        return ()
    return tuple(dict.fromkeys((f"t{national}", f"t{national[-7:]}", f"t{national[-6:]}")))


def _beginnings(word: str) -> frozenset[str]:
    """The skeletons of the beginning of a word; without its last vowels, which its stem may not have."""
    whole = (skeleton(plain(word, mainly_cyrillic=is_cyrillic)) for is_cyrillic in (True, False))
    return frozenset(_without_vowels(one) for one in whole)


@lru_cache(maxsize=100_000)
def _word(word: str, is_cyrillic: bool) -> frozenset[str]:
    """The tokens of one word: the stems of its own form and of its lemma."""
    plainly = plain(word, mainly_cyrillic=is_cyrillic)
    if plainly.isdecimal():
        return frozenset((plainly,))
    if script_of(plainly) == "Cyrl":
        return frozenset((_stem(skeleton(plainly)), _stem(skeleton(lemma(plainly)))))
    spelled = {skeleton(plainly), skeleton(plainly, u_is_hard_sign=True)}
    lemmas = {skeleton(lemma(one.replace("6t", "щ").translate(_TO_CYRILLIC))) for one in spelled}
    return frozenset(_stem(one) for one in spelled | lemmas)


def _stem(word: str) -> str:
    """The word without article and plural, in skeleton letters. Too much rather than too little: whoever searches would
    rather see one letter more."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[:-len(ending)]
            break
    return _without_vowels(word)


def _without_vowels(word: str) -> str:
    stem = word.rstrip("aeiou")
    return stem if len(stem) >= _SHORTEST_STEM else word
