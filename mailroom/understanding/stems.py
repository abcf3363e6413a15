"""A letter's words as the models see them: stems in one spelling for both alphabets, without names and numbers."""

from mailroom.folding import name_key, skeleton
from mailroom.understanding.view import View

STEM = 5
"""Letters of a stem. Measured against 4 and 6 and against pairs of words: benchmarks/README.md."""
MOST_WORDS = 400
_SHORTEST = 2


def stem_of(plain: str) -> str:
    """The stem of a word in plain form."""
    return skeleton(plain)[:STEM]


def stems_of(view: View) -> frozenset[str]:
    """The stems of a letter."""
    return view.once("stems", _stems)


def _stems(view: View) -> frozenset[str]:
    stems = {stem_of(word) for word in plain_words(view)}
    return frozenset({*stems, "?"} if "?" in view.text else stems)


def plain_words(view: View) -> frozenset[str]:
    """The letter's first words in plain form, without names and numbers, so that nothing learned is of one person."""
    seen = set()
    for words in (view.subject_words, view.words):
        sentence = -1
        for word in words.words[:MOST_WORDS]:
            begins, sentence = word.sentence != sentence, word.sentence
            if _is_name(word.raw, begins=begins) or name_key(word.raw) in view.knowledge.first_names:
                continue
            if len(word.plain) >= _SHORTEST and word.plain.isalpha():
                seen.add(word.plain)
    return frozenset(seen)


def _is_name(raw: str, *, begins: bool) -> bool:
    """A word with a capital inside a sentence; one wholly of capitals may be any word."""
    return raw[:1].isupper() and not begins and not (raw.isupper() and len(raw) > 1)
