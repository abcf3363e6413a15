"""Finds a Bulgarian family name that was typed in Latin letters, official or шльокавица („Todorov“, „Jeleva“)."""

import re

_TYPED = {
    "а": "a|u|y", "б": "b", "в": "v|w", "г": "g", "д": "d", "е": "e", "ж": "zh|j|v", "з": "z", "и": "i", "й": "i|y|j",
    "к": "k|c", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u|y", "ф": "f",
    "х": "h|x", "ц": "ts|tz|c", "ч": "ch|4|tch", "ш": "sh|6", "щ": "sht|6t|st", "ъ": "a|u|y", "ь": "y|i|j|",
    "ю": "yu|iu|ju|u", "я": "ya|ia|ja|q|a",
}
"""Letter → how people type it (ЗТр чл. 4 and the habits of keyboards)."""
_SHORTEST = 4
"""Letters of a name that is looked for; shorter ones are words of other languages."""


def typed_in_latin(name: str, text: str) -> bool:
    """Whether the last of a person's names stands in the text in Latin letters, as a word of its own."""
    surname = name.split()[-1].lower()
    if len(surname) < _SHORTEST or any(letter not in _TYPED for letter in surname):
        return False
    # Every letter has at most four spellings and a name a dozen letters: a bounded number of readings at each place, so
    # that the search is linear in the text.
    pattern = "".join(f"(?:{_TYPED[letter]})" for letter in surname)
    return re.search(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE) is not None
