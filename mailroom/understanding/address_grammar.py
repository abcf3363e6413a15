"""The words of a Bulgarian address as regular expressions, built once from rules/lexicon/address.toml."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

CAPITAL = "A-ZÀ-ÖØ-ÞŞĞİА-Я"
SMALL = "a-zà-öø-ÿşğıа-яѝ"
LETTER = CAPITAL + SMALL
QUOTED = r"[„\"“«'‚,]{1,2}[ ]?(?P<quoted>[^„“”\"«»\n]{2,45}?)[ ]?[“”\"»'‘’]{1,2}"
NUMBER_SIGN = (
    r"(?:№|[NМMХXЛА][eеoоcсkк2°º9]{1,2}(?=\s\d)|N[oо°ºe]\.?|N\.?(?=\s?\d)|Nе|М[°º]|номер|ном\.|nomer|nom\.|#)"
)
"""As people write it and as OCR reads it („Ne“, „Ме“, „N2“)."""
HOUSE = (
    rf"\d{{1,3}}(?:(?:-?[{LETTER}]|[ ]?-?[ ]?[{CAPITAL}]|[ ][{SMALL}](?=[ ]?(?:[,;\n]|$)))(?![\w.]))?"
    r"(?:/\d{1,3}(?!\d))?"
)
_STREETS = ("street_ul", "street_bul", "street_pl")
_QUARTERS = ("quarter_zhk", "quarter_kv", "quarter_m", "quarter_vz", "quarter_so")
_SIMPLE_NAMES = ("block", "entrance", "floor", "apartment")


@dataclass(frozen=True, kw_only=True)
class AddressGrammar:
    """Ready patterns. Those of streets and quarters end where the name begins."""

    street: re.Pattern[str]
    quarter: re.Pattern[str]
    quoted: re.Pattern[str]
    number: re.Pattern[str]
    """A house number after a street's name."""
    part_word: re.Pattern[str]
    """A word that begins another part of the address („бл.“, „вх.“, „гр.“)."""
    block: re.Pattern[str]
    entrance: re.Pattern[str]
    floor: re.Pattern[str]
    floor_after: re.Pattern[str]
    """„3-ти етаж“."""
    apartment: re.Pattern[str]
    town: re.Pattern[str]
    """„гр. …“, „с. …“, perhaps with a postcode before it; group `rest` begins with the name."""
    canonical: Mapping[str, str]
    """Type word as written, without dots, spaces and case → canonical abbreviation."""
    street_words: frozenset[str]
    """Small words that may be part of a street's name."""
    floor_words: tuple[tuple[re.Pattern[str], str], ...]
    """„първия етаж“ → `1`."""


def build_grammar(lists: Mapping[str, tuple[str, ...]]) -> AddressGrammar:
    """The grammar of these lists (`address.street_ul` …)."""
    words = {name.removeprefix("address."): found for name, found in lists.items() if name.startswith("address.")}

    def any_of(names: Iterable[str]) -> str:
        """Longest first. One letter alone („м.“) is small: a capital with a dot is somebody's initial."""
        options = sorted({_spaced(word) for name in names for word in words[name]}, key=len, reverse=True)
        return "|".join(option if len(option) > 1 else f"(?-i:{option})" for option in options)

    start = r"(?<!\w)(?<!\w-)"
    return AddressGrammar(
        street=re.compile(rf"{start}(?P<type>(?i:{any_of(_STREETS)}))(?![{LETTER}])[.]?[ ]*\n?[ ]*"),
        quarter=re.compile(rf"{start}(?P<type>(?i:{any_of(_QUARTERS)}))(?![{LETTER}])[.]?[ ]*"),
        quoted=re.compile(QUOTED),
        number=re.compile(
            rf"[ ]*[\"“”]?,?[ ]*(?:{NUMBER_SIGN}\s?(?P<sure>{HOUSE})|(?P<house>{HOUSE})"
            r"(?![\d:%]|[.,]\d|[ ]?(?:м|лв|евро|г\.|бр|кв|часа|ч\.|дни|хил|години|месеца|седмици)\b))"
        ),
        part_word=re.compile(
            rf"(?i:{any_of((*_SIMPLE_NAMES, 'town'))}|{any_of(_QUARTERS)}|тел|моб|общ|обл|п\.?к)(?![{LETTER}])"
        ),
        block=re.compile(
            rf"{start}(?i:{any_of(('block',))})(?![{LETTER}])[.]?\s*(?:{NUMBER_SIGN}\s*)?(?:{QUOTED}|(?P<free>\d{{1,4}}"
            rf"(?:[ ]?-?[ ]?[{LETTER}](?![\w.]))?(?:/\d{{1,3}})?|[{CAPITAL}]{{1,2}}\d{{0,3}}(?!\w)|"
            rf"[{CAPITAL}][{SMALL}]+(?:[ ][{CAPITAL}][{SMALL}]+)?))"
        ),
        entrance=re.compile(
            rf"{start}(?i:{any_of(('entrance',))})(?![{LETTER}])[.]?\s*[„\"“]?(?P<free>[{LETTER}]|\d{{1,2}})[“”\"]?(?![\w/]|\s?[-–]\s?[\w№])"
        ),
        floor=re.compile(rf"{start}(?i:{any_of(('floor',))})(?![{LETTER}])[.]?\s*(?P<free>\d{{1,2}})(?!\d|[.]\d)"),
        floor_after=re.compile(
            rf"{start}(?P<free>\d{{1,2}})[ ]?-?[ ]?(?:ти|ри|ви|ми|th|nd|rd|st)?\.?[ ]+(?:етаж|ет|"
            rf"floor)(?![{LETTER}])(?![. ]*\d)"
        ),
        apartment=re.compile(
            rf"{start}(?i:{any_of(('apartment',))})(?![{LETTER}])[.]?\s*(?:{NUMBER_SIGN}\s*)?(?P<free>\d{{1,4}}[{LETTER}]?)(?!\w)"
        ),
        town=re.compile(
            rf"(?<![\w.-])(?:(?P<code>\d{{4}})[ ,]{{1,2}})?(?P<type>(?i:{any_of(('town',))})(?![{LETTER}])[.]?|"
            rf"(?i:село|selo)\b|"
            rf"[сcСCsS]\.(?=\s?[{CAPITAL}])|(?:(?<=[,:] )|(?<=\n)|"
            rf"(?<=\A))[сСcC][ ](?=[{CAPITAL}][{SMALL}]))[ ]*[„\"]?(?P<rest>[{LETTER}][^\n,;:()„“\"0-9]{{1,40}})"
        ),
        canonical={type_key(word): words[name][0] for name in (*_STREETS, *_QUARTERS) for word in words[name]},
        street_words=frozenset(words["street_words"]),
        floor_words=tuple(
            (re.compile(rf"(?i)\b(?:{names})\s+етаж\b"), value)
            for names, _, value in (entry.partition("=") for entry in words["floor_words"])
            if value
        ),
    )


def type_key(word: str) -> str:
    """A type word („Ж. к.“) without what does not matter („жк“)."""
    return re.sub(r"[\s.]", "", word).lower()


def _spaced(word: str) -> str:
    """„ж к“ also fits „ж.к“ and „ж. к“."""
    return r"\.?\s?".join(re.escape(piece) for piece in re.split(r"[ .]+", word.strip().rstrip(".")))
