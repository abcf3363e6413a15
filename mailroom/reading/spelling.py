"""A letter that a typeface makes the scanner take for another all over a page, put right by the dictionary.

Words that are no words are near to others by chance: one in ten is missing in the dictionary, and a family name is soon
another noun. So one word proves nothing. Where several words of a page become words by the same exchange of two letters
that print makes alike (a typewriter's „д“ read as „л“), the page misreads that letter, and only that is put right.
"""

import re
from collections.abc import Collection

from mailroom.dictionary import is_word

DOUBTED = 0.94
"""Confidence below which a word is asked for: what is right and clear has 0.95 and more."""
_WORD = re.compile(r"(?<![\w-])[А-Яа-яѝ][а-яѝ]+(?![\w-])")
_SHORTEST, _PROOF = 5, 3
"""Letters of a word that can prove an exchange, and words that prove it."""
_ALIKE = (("д", "л"), ("ю", "к"), ("ю", "г"), ("п", "н"), ("т", "г"), ("ц", "щ"), ("ш", "щ"), ("и", "й"), ("е", "с"),
          ("о", "с"), ("н", "и"), ("в", "б"), ("л", "п"), ("и", "п"), ("ъ", "ь"), ("в", "н"), ("з", "э"))
_BY_HAND = (("б", "д"), ("ч", "т"), ("ф", "д"), ("ж", "м"), ("з", "р"), ("к", "х"), ("и", "ц"), ("в", "б"), ("в", "р"))
"""What hands make alike besides."""
_MUCH = 0.2
"""Share of doubted words from which a page is written by hand."""


def doubted_in(words: Collection[str]) -> tuple[str, ...]:
    """Of words as they were read those that the dictionary could put right, without their signs, each once."""
    return tuple(dict.fromkeys(found for word in words for found in _WORD.findall(word)))


def spelled(text: str, doubted: Collection[str]) -> str:
    """The text in which the letters that this page misreads are put right in the doubted words."""
    unknown = [word for word in doubted if len(word) > 1 and not is_word(word.lower())]
    meant: dict[str, str] = {}
    alike = (*_ALIKE, *_BY_HAND) if len(doubted) > _MUCH * len(text.split()) else _ALIKE
    for read, right in (exchange for one, other in alike for exchange in ((one, other), (other, one))):
        mended = {word: known for word in unknown if (known := _exchanged(word, read, right))}
        if sum(len(word) >= _SHORTEST for word in mended) >= _PROOF:
            meant |= mended
    return _WORD.sub(lambda match: meant.get(match.group(), match.group()), text) if meant else text


def _exchanged(word: str, read: str, right: str) -> str:
    """The one word that comes of exchanging the letter, at one place or at all; empty for none."""
    small = word.lower()
    places = [at for at, letter in enumerate(small) if letter == read]
    others = {small[:at] + right + small[at + 1:] for at in places} | {small.replace(read, right)}
    known = [other for other in others if other != small and is_word(other)]
    if len(known) != 1:
        return ""
    return known[0].capitalize() if word[0].isupper() else known[0]
