"""Ways in which people type an abusive word so that no filter finds it; `{…}` marks that word in a sentence."""

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

_MARKED = re.compile(r"\{([^{}]+)\}")
_OFFICIAL = {
    **dict(zip("абвгдезийклмнопрстуфхъь", "abvgdeziyklmnoprstufhay", strict=True)),
    "ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sht", "ю": "yu", "я": "ya",
}  # fmt: skip
_DIGITS = {**_OFFICIAL, "ж": "j", "ц": "c", "ч": "4", "ш": "6", "щ": "6t", "ъ": "u", "я": "q", "й": "i", "ь": "i"}
_MIXED = {**_OFFICIAL, "ж": "j", "ц": "c", "ъ": "u", "в": "w", "я": "ia", "й": "j", "ю": "ju"}
_TWINS = dict(zip("аеорсхуАЕОРСХТМНКВ", "aeopcxyAEOPCXTMHKB", strict=True))
_LEET = {"о": "0", "е": "3", "а": "@", "и": "1", "ч": "4", "ш": "6", "т": "7", "с": "$"}
_VOWELS = "аеиоуъюя"
_VOICE = "# глас: "


def _transliterated(table: dict[str, str]) -> Callable[[str, random.Random], str]:
    def write(text: str, _: random.Random) -> str:
        plain = _MARKED.sub(r"\1", text)
        return "".join(table.get(c, table.get(c.lower(), c).capitalize() if c.isupper() else c) for c in plain)

    return write


def _on_words(change: Callable[[str, random.Random], str]) -> Callable[[str, random.Random], str]:
    def write(text: str, choice: random.Random) -> str:
        return _MARKED.sub(lambda match: " ".join(change(word, choice) for word in match.group(1).split()), text)

    return write


def _twins(word: str, choice: random.Random) -> str:
    places = [i for i, c in enumerate(word) if c in _TWINS]
    chosen = set(choice.sample(places, max(1, len(places) // 2))) if places else set()
    return "".join(_TWINS[c] if i in chosen else c for i, c in enumerate(word))


def _leet(word: str, choice: random.Random) -> str:
    places = [i for i, c in enumerate(word) if c.lower() in _LEET]
    chosen = set(choice.sample(places, min(2, len(places))))
    return "".join(_LEET[c.lower()] if i in chosen else c for i, c in enumerate(word))


def _stars(word: str, choice: random.Random) -> str:
    inner = list(range(1, len(word) - 1))
    vowels = [i for i in inner if word[i].lower() in _VOWELS] or inner
    at = choice.choice(vowels) if vowels else -1
    return "".join("*" if i == at else c for i, c in enumerate(word))


def _drawn_out(word: str, choice: random.Random) -> str:
    vowels = [i for i, c in enumerate(word) if c.lower() in _VOWELS]
    at = choice.choice(vowels) if vowels else len(word) - 1
    return word[:at] + word[at] * choice.randint(3, 6) + word[at + 1 :]


def _joined(sign: str) -> Callable[[str, random.Random], str]:
    return lambda word, _: sign.join(word)


def _latin_spaced(text: str, choice: random.Random) -> str:
    marked = _MARKED.sub(lambda match: "{" + _transliterated(_DIGITS)(match.group(1), choice) + "}", text)
    return _transliterated(_DIGITS)(_on_words(_joined(" "))(marked, choice), choice)


STYLES: dict[str, Callable[[str, random.Random], str]] = {
    "кирилица": lambda text, _: _MARKED.sub(r"\1", text),
    "ГЛАВНИ БУКВИ": lambda text, _: _MARKED.sub(r"\1", text).upper(),
    "шльокавица 6/4/q": _transliterated(_DIGITS),
    "шльокавица sh/ch/ya": _transliterated(_OFFICIAL),
    "шльокавица смесена": _transliterated(_MIXED),
    "двойници от латиницата": _on_words(_twins),
    "цифри и знаци вместо букви": _on_words(_leet),
    "звездички": _on_words(_stars),
    "разтеглени букви": _on_words(_drawn_out),
    "интервали": _on_words(_joined(" ")),
    "точки": _on_words(_joined(".")),
    "тирета": _on_words(_joined("-")),
    "шльокавица с интервали": _latin_spaced,
}
"""Name of the style → what it makes of a sentence. The disguises touch the marked words only."""

WHOLE_LINES = ("кирилица", "ГЛАВНИ БУКВИ", "шльокавица 6/4/q", "шльокавица sh/ch/ya", "шльокавица смесена")
"""Styles that change every word."""


def is_marked(sentence: str) -> bool:
    """Whether the sentence has a word to disguise."""
    return bool(_MARKED.search(sentence))


def sentences(file: str) -> tuple[str, ...]:
    """The sentences of one of the text files beside this module."""
    lines = (Path(__file__).parent / file).read_text("utf-8").splitlines()
    return tuple(line for line in lines if line.strip() and not line.startswith("#"))


def voices(file: str) -> dict[str, list[str]]:
    """The sentences of a file by who speaks in them: what stands below each „# глас: …“."""
    found: dict[str, list[str]] = {}
    lines = (Path(__file__).parent / file).read_text("utf-8").splitlines()
    voice = file
    for line in filter(str.strip, lines):
        if line.startswith(_VOICE):
            voice = line.removeprefix(_VOICE)
        elif not line.startswith("#"):
            found.setdefault(voice, []).append(line)
    return found


def typed(style: str, *files: str) -> Iterator[str]:
    """The abusive sentences of these files in one style, the same ones every time; a disguise needs a marked word."""
    choice = random.Random(7)
    for sentence in (sentence for file in files for sentence in sentences(file)):
        if style in WHOLE_LINES or is_marked(sentence):
            yield STYLES[style](sentence, choice)
