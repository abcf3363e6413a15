"""Bulgarian words and their lemmas (home of simplemma)."""

from functools import lru_cache

import simplemma

_LANGUAGE = "bg"
_REMEMBERED = 50_000
"""Words."""


def prepare() -> None:
    """Read the dictionary, a third of a second's work, before somebody waits for it."""
    is_word("общината")


@lru_cache(maxsize=_REMEMBERED)
def is_word(word: str) -> bool:
    """Whether a word in small letters is known; of the words in letters nine of ten are. The first question reads the
    dictionary, 33 MB."""
    return simplemma.is_known(word, lang=_LANGUAGE)


def lemma(word: str) -> str:
    """The form under which dictionaries have the word, in small letters; an unknown word itself."""
    return simplemma.lemmatize(word, lang=_LANGUAGE).lower()
