"""Bulgarian in Latin letters by the table of the Закон за транслитерацията (чл. 5 and 6).

ЗЕУ чл. 34, ал. 3 wants the confirmation of receipt „на български език, на кирилица и с транслитерация“.
"""

import re
from functools import lru_cache

_TABLE = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u",
    "ф": "f", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sht", "ъ": "a", "ь": "y", "ю": "yu", "я": "ya",
}
_WORD = re.compile(r"[А-Яа-я]+")
_ADDRESS = re.compile(r"(?<![^\s<>\"])([^\s<>\"]*(?:@|://)[^\s<>\"]*)")


def transliterate(text: str) -> str:
    """The text in Latin letters. Mail and web addresses stay as they are: transliterated they would lead nowhere."""
    return "\n".join(map(_latin_line, text.split("\n")))


@lru_cache(maxsize=2_000)
def _latin_line(line: str) -> str:
    """Most lines of a letter stand in every other letter too."""
    pieces = _ADDRESS.split(line)
    pieces[::2] = [_WORD.sub(lambda match: _latin_word(match.group()), piece) for piece in pieces[::2]]
    return "".join(pieces).replace("№", "No.").replace("„", '"').replace("“", '"')


@lru_cache(maxsize=10_000)
def _latin_word(word: str) -> str:
    if word.lower() == "българия":
        latin = "Bulgaria" if word[0].isupper() else "bulgaria"
    elif word.lower().endswith("ия"):
        # A final „ия“ is „ia“ and not „iya“, so that София is Sofia (ЗТр чл. 6).
        latin = "".join(map(_latin_letter, word[:-1])) + "a"
    else:
        latin = "".join(map(_latin_letter, word))
    return latin.upper() if len(word) > 1 and word.isupper() else latin


def _latin_letter(letter: str) -> str:
    latin = _TABLE.get(letter.lower(), letter)
    return latin.capitalize() if letter.isupper() else latin
