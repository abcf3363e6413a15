"""A meter of plain language: what a citizen would stumble over in a letter.

НАО чл. 15, ал. 2: information is clear and generally understandable, without abbreviations. Sentences are counted as a
reader meets them; words of a charter or of the law in quotation marks are not ours to shorten.
"""

import re
from collections.abc import Iterator

LONGEST_SENTENCE = 25
"""In words."""
USUAL = frozenset({"ЕИК", "ВНИМАНИЕ"})
"""Capitals that are no abbreviation, or one that the law wants in every letter."""
SHORT = frozenset({"г.", "ч.", "тел.", "чл.", "ал.", "т.", "ул.", "бул.", "пл.", "бл.", "вх.", "ет.", "ап."})
"""Written so in every address and date; who reads nothing else reads these."""
LEGALESE = (
    "гореупоменат", "горепосочен", "горецитиран", "гореизложен", "долуподписан", "респективно", "съгласно",
    "във връзка с", "на основание", "с оглед", "предвид", "надлежн", "настоящото", "настоящия", "уведомяваме ви",
    "касателно", "касае",
    "визиран", "вменен", "депозир", "изискуем", "посредством", "осъществя", "извършване", "в случай че", "следва да",
    "разпоредб", "регламентир", "инициир", "компетентност", "същият", "същата", "въпросн", "считано от", "както следва",
)
_QUOTED = re.compile(r"„[^“]*“")
_ENDS = re.compile(r"(?<=[.!?])[ ]+(?=[А-ЯA-Z„])|\n+")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_CAPITALS = re.compile(r"(?<![\w-])[А-Я]{2,}(?![\w-])")
_SHORTENED = re.compile(r"(?<!\w)[а-я]{1,4}\.(?=[ ,)]+[а-я\d])")


def sentences(text: str) -> list[str]:
    """As a reader meets them: up to a full stop with a capital after it, or to the end of a line; no line is broken."""
    return [" ".join(one.split()) for one in _ENDS.split(text) if one.strip()]


def faults(text: str) -> Iterator[str]:
    """Everything that makes a letter hard to read, a line each."""
    ours = _QUOTED.sub("„…“", text)
    for sentence in sentences(ours):
        words = len(_WORD.findall(re.sub(r"\S*(?:@|://)\S*", "", sentence)))
        if words > LONGEST_SENTENCE:
            yield f"{words} words: {sentence}"
    for word in set(_CAPITALS.findall(ours)) - USUAL:
        yield f"an abbreviation: {word}"
    for word in set(_SHORTENED.findall(ours)) - SHORT:
        yield f"a shortened word: {word}"
    for word in LEGALESE:
        if word in ours.lower():
            yield f"legalese: {word}"
