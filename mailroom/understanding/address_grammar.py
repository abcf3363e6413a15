"""The words of a Bulgarian address as regular expressions, built once from rules/lexicon/address.toml."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

CAPITAL = "A-ZÀ-ÖØ-ÞŞĞİА-Я"
SMALL = "a-zà-öø-ÿşğıа-яѝіїєґ"
LETTER = CAPITAL + SMALL
QUOTED = r"(?:[„\"“”«»'‚’]{1,2}|[,‚]{2})[ ]?(?P<quoted>(?:[^„“”\"«»\n]|\n(?!\s)){2,45}?)[ ]?[“”\"»'‘’]{1,2}"
NUMBER_SIGN = (
    r"(?:№|[NМMХXЛАКK][eеoоcсkк°º]{1,2}?(?=\.?\s?\d)|[NМMХXЛА][2°º9](?=\.?\s\d)|"
    r"(?i:N[oо°ºe])\.?(?=\s?[\dlІ])|(?i:n)\.?(?=\s?\d)|Nе|М[°º]|"
    r"[NМM№][MМNWо](?=[ ]\d)|[NМM][2º](?=\d{3}(?!\d))|"
    r"(?i:номер|номир|номар|ном\.|nomer|nom\.|номep)|#|\bбр\.(?=\s?\d))"
)
"""As people write it and as OCR reads it („Ne“, „Ме“, „N2“, glued „N2135“)."""
_DIGITS = r"(?:\d{1,3}(?![\d])|[lІI|]\d{1,2}(?!\d)|\d{1,2}[ОЗlІ]\d?(?![\w]))"
"""One to three digits, some perhaps letters that look like them."""
_NO_WORD = rf"(?![ ][ИВСАОУК][ ](?!ВХ|ЕТ|АП|БЛ)[{CAPITAL}]{{3,}})"
"""In a letter in capitals „50 И ПИТАМ“ has a conjunction after the number."""
_SUFFIX = (
    rf"(?:-?[{LETTER}](?![{LETTER}]|\d)|{_NO_WORD}[ ]?-?[ ]?[{CAPITAL}](?![\w.])|"
    rf"[ ]?-?[ ]?[{CAPITAL}](?=\.?[ ]*(?:\n|$))|"
    rf"[ ](?!и)[{SMALL}](?=[ ]?(?:[,;\n]|$)))"
)
HOUSE = rf"{_DIGITS}{_SUFFIX}?(?:/\d{{1,3}}(?!\d)|/[{LETTER}](?!\w)|-\d{{1,3}}(?![\d-]))?"
"""„12“, „12А“, „12-а“, „12 Б“, „12/14“."""
_BLOCK = rf"\d{{1,4}}{_SUFFIX}?(?:/\d{{1,3}}(?!\d)|-\d{{1,2}}(?![\d-]))?"
STREETS = ("street_ul", "street_bul", "street_pl", "street_proezd", "street_aleya", "street_shose", "street_vul")
QUARTERS = ("quarter_zhk", "quarter_kv", "quarter_m", "quarter_vz", "quarter_so", "quarter_mah", "quarter_kk",
            "quarter_zone")  # fmt: skip
_FLAT = ("block", "entrance", "floor", "apartment")
_AnyOf = Callable[..., str]
"""Joins the words of the named lists into alternatives."""


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
    block_word: re.Pattern[str]
    """„бл. “ alone."""
    entrance: re.Pattern[str]
    entrance_glued: re.Pattern[str]
    """„вхГ“."""
    floor: re.Pattern[str]
    floor_after: re.Pattern[str]
    """„3-ти етаж“."""
    apartment: re.Pattern[str]
    chain: re.Pattern[str]
    """Block, entrance, floor and apartment in this order without anything between („бл12вхБет3ап8“)."""
    town: re.Pattern[str]
    """„гр. …“, „с. …“, perhaps with a postcode before it; group `rest` begins with the name."""
    region: re.Pattern[str]
    """„общ. Септември“, „обл. Стара Загора“, „р-н Младост“; groups `kind` and `name`."""
    lives: re.Pattern[str]
    """„живея в “ at the end of a text: a place follows."""
    canonical: Mapping[str, str]
    """Type word as written, without dots, spaces and case → canonical abbreviation; an industrial zone has none."""
    street_words: frozenset[str]
    """Small words that may be part of a street's name."""
    floor_word: re.Pattern[str]
    """Without this there is none of `floor_words`."""
    floor_words: tuple[tuple[re.Pattern[str], str], ...]
    """„първия етаж“ → `1`."""
    entrance_words: tuple[tuple[re.Pattern[str], str], ...]
    """„първи вход“ → `1`."""
    house_words: Mapping[str, int]
    """„двадесет“ → 20; „двадесет и седем“ is their sum."""
    form_parts: Mapping[str, str]
    """Label of a form's field, without dots, spaces and case → the type word that its value lacks („вход“ → `вх.`)."""

    def type_word(self, written: str, name: str) -> str:
        """The abbreviation of a type word: „улица“ → `ул.`; a Latin one before a Latin name stays as it is written."""
        if written.isascii() and name.isascii() and len(written) <= _LONGEST_LATIN:
            return written
        return self.canonical.get(type_key(written), written)


def build_grammar(lists: Mapping[str, tuple[str, ...]], regions: Iterable[str]) -> AddressGrammar:
    """The grammar of these lists (`address.street_ul` …); `regions` are the names of municipalities and districts."""
    words = {name.removeprefix("address."): found for name, found in lists.items() if name.startswith("address.")}

    def any_of(*names: str) -> str:
        """Longest first. One letter alone („м.“) needs its dot, a capital (else an initial) a quotation mark too."""
        options = sorted({_spaced(word) for name in names for word in words[name]}, key=len, reverse=True)
        return "|".join(option if len(option) > 1 else _one_letter(option) for option in options)

    begins = any_of(*_FLAT, "town", "village", "street_ul", "street_bul", "street_pl", *QUARTERS[:5])
    part = rf"(?<![{LETTER}])(?:(?i:{begins}|тел|моб|общ|обл|п\.?к)(?![{LETTER}])|"
    part += rf"[сcs]\.(?=[ ]?[{CAPITAL}]))"
    return AddressGrammar(
        street=re.compile(
            rf"(?:{_START}|{_STRAY_LETTER})(?P<type>(?i:{any_of(*STREETS)}))(?![{LETTER}])[.,:]?[ ]*\n?[ ]*"
        ),
        quarter=re.compile(rf"{_START}(?P<type>(?i:{any_of(*QUARTERS)}))(?![{LETTER}])[.,:]?[ ]*\n?[ ]*"),
        quoted=re.compile(QUOTED),
        number=_number(any_of("not_houses"), any_of("block")),
        part_word=re.compile(part),
        chain=_chain(any_of),
        region=_region(regions),
        lives=_lives(words["own_before"]),
        town=_town(any_of("town"), any_of("village")),
        canonical={type_key(word): words[name][0] for name in (*STREETS, *QUARTERS[:-1]) for word in words[name]},
        street_words=frozenset(words["street_words"]),
        floor_word=re.compile(rf"(?i)\sетаж|\b(?:{any_of('floor')})\.?\s"),
        floor_words=_in_words(words["floor_words"], f"етаж|{any_of('floor')}"),
        entrance_words=_in_words(words["entrance_words"], "вход"),
        house_words={word: int(value) for word, value in _told(words["house_words"])},
        form_parts={type_key(word): value for word, value in _told(words["form_parts"])},
        **_flat_patterns(any_of, part),
    )


_START = r"(?<!\w)(?<![^\W\d]-)"
"""A type word begins a word; „3-а“ and „по-ул“ do not hold one."""


_STRAY_LETTER = r"(?<!\w)[^\W\d](?=[бу]{1,2}л\.[ ]?[„\"])"
"""What the scanner makes of a decoration before „ул. „…““."""


_WRAPPED = rf"(?:\n[ ]*(?={NUMBER_SIGN}|\d{{1,3}}[{LETTER}]?[ ]?,))"
"""A number on the next line, where a postcode might stand too."""


_SIGN_AFTER_QUOTE = rf"(?<=[“”\"»][ ])[{CAPITAL}]{{1,2}}(?<!БЛ)(?<!ВХ)(?<!ЕТ)(?<!АП)[°º®]?[ ](?=\d)"
"""What the scanner makes of „№“ between a street's quotation mark and the house („„Солунска“ К 27“)."""


_QUARTER_NEXT = rf"(?:кв|КВ)\.?[ ]?[„\"]?(?:[{CAPITAL}][{SMALL}]{{2,}}|[{CAPITAL}]{{3,}})(?<!МЕТРА)"
"""„ул. Дъга 7 кв. Изгрев“: a quarter, and no square metres."""


def _number(not_houses: str, block: str) -> re.Pattern[str]:
    """A house number; without „№“ it is no measure, price, date or time."""
    return re.compile(
        rf"[ ]*[\"“”»]?[ ]*{_WRAPPED}?,?[ ]*(?:(?i:(?:в[ ])?(?:дом|къща)[ ])(?=[№\d]))?"
        rf"(?:(?:{NUMBER_SIGN}[.:]?\s?|{_SIGN_AFTER_QUOTE})(?P<sure>{HOUSE})|"
        rf"(?!(?i:{block})\b)(?P<house>{HOUSE})"
        rf"(?![\d:%]|[.,]\d|[ ]?(?!{_QUARTER_NEXT})(?i:{not_houses})(?![{LETTER}])))"
    )


def _flat_patterns(any_of: _AnyOf, part: str) -> dict[str, re.Pattern[str]]:
    """Block, entrance, floor and apartment, each with its type word before it."""
    word = {name: rf"{_START}(?i:{any_of(name)})(?![{LETTER}])[.,:]?\s*" for name in _FLAT}
    sign = rf"(?:{NUMBER_SIGN}\s*)?"
    quote = "[„\"“”]?"
    return {
        "block_word": re.compile(word["block"]),
        "block": re.compile(
            rf"{word['block']}{sign}(?:{QUOTED}|(?P<free>{_BLOCK}|[{CAPITAL}]{{1,2}}-?\d{{0,3}}(?!\w)|"
            rf"(?!{part})[{CAPITAL}][{SMALL}]+"
            rf"(?:[ ](?!{part})(?:[{CAPITAL}][{SMALL}]+|[{SMALL}]{{3,}}(?=[ ]?(?:,|\n|$))))?))"
        ),
        "entrance": re.compile(
            rf"{word['entrance']}{quote}(?P<free>[{LETTER}](?:-?\d)?|\d{{1,2}})[“”\"]?"
            rf"(?![\w/]|[ ]?[-–][ ]?(?!{part})(?:[\d№]|\w(?!\w)))"
        ),
        "entrance_glued": re.compile(rf"{_START}(?:{any_of('entrance')})\.?(?P<free>[{CAPITAL}])(?!\w)"),
        "floor": re.compile(
            rf"{word['floor']}(?P<free>\d{{1,2}}(?!\d|[.]\d)|[ЗlІб](?!\w)|[lІ1][ОlІ\d](?!\w)|[IVX]{{1,4}}(?!\w))"
            rf"(?:[ ]?-?(?:ти|ри|ви|ми)\b)?"
        ),
        "floor_after": re.compile(
            rf"{_START}(?P<free>\d{{1,2}})[ ]?-?[ ]?(?:ти|ри|ви|ми|th|nd|rd|st)?\.?[ ]+(?:етаж|ет|"
            rf"floor|Stock)(?![{LETTER}])(?![. ]*\d)"
        ),
        "apartment": re.compile(
            rf"{word['apartment']}{sign}{quote}(?P<free>\d{{1,4}}(?:-?[{LETTER}])?(?!\w)|[ЗlІ](?!\w)|"
            rf"[lІ1-9][ОЗlІ\d]{{1,2}}(?!\w)|[{CAPITAL}](?:-\d{{1,3}})?(?!\w|\.[ ]?[{CAPITAL}]))"
        ),
    }


def _chain(any_of: _AnyOf) -> re.Pattern[str]:
    """Parts that stand in one word; at least two, so that no other word is taken for them."""
    values = {"block": rf"\d{{1,4}}(?:[{CAPITAL}](?![{SMALL}]))?", "entrance": rf"(?:[{CAPITAL}]|[абвгдежabvgde]|\d)",
              "floor": r"\d{1,2}", "apartment": r"\d{1,4}"}  # fmt: skip
    pieces = {name: rf"(?i:{any_of(name)})\.?(?P<{name}>{values[name]})" for name in _FLAT}
    optional = "".join(rf"(?:[,;/]?{pieces[name]})?" for name in _FLAT)
    return re.compile(rf"(?<![{LETTER}])(?=[^\W\d]{{2,5}}\.?\w{{1,4}}[,;/]?[^\W\d]{{2,5}}\.?\w){optional}(?!\w)")


def _town(town: str, village: str) -> re.Pattern[str]:
    """One letter for the village needs a dot, or the start of a line or a comma before it: „с“ is also „with“."""
    one_letter = rf"(?-i:[сcСCsS])\.(?=\s?[{LETTER}])|(?:(?<=[,:вv] )|(?<=[,\n])|(?<=\A))(?-i:[сcsСCS])[ ]"
    return re.compile(
        rf"(?<![\w.-])(?:(?P<code>[1-9][\dОO]{{3}})[ ,]{{1,3}})?(?P<type>(?i:{town})(?![{LETTER}])[.,]?|"
        rf"(?i:{village})(?![{LETTER}])\.?|{one_letter}(?=[{CAPITAL}][{SMALL}]|[46][a-z]))"
        rf"[ ]*\n?[ ]*[„\"“»]?[ ]?"
        rf"(?P<rest>(?:[{LETTER}]|[46][a-z])(?:[^\n,;:()„“”\"0-9]|(?<=[A-Za-z])[46](?!\d)){{1,40}})"
    )


def _region(names: Iterable[str]) -> re.Pattern[str]:
    """The name is one of the register, in any case, or else capitalised words."""
    known = "|".join(sorted({re.escape(name) for name in names}, key=len, reverse=True))
    return re.compile(
        rf"(?i:\b(?P<kind>общ(?:ина)?|об[шщ]т?ина|обл(?:аст)?|р-н|район|obshtina|ob6tina|obsht|obsh|obl|oblast|"
        rf"raion|rayon|rajon)\b)"
        rf"\.?\s*[„\"]?(?P<name>(?i:{known})(?![{LETTER}])|[{LETTER}]+(?:[ -][{CAPITAL}][{LETTER}]+){{0,2}})[“\"]?"
    )


def _lives(words: Iterable[str]) -> re.Pattern[str]:
    told = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    return re.compile(
        rf"(?i)(?<!\w)(?:{told})(?:[ ,:]{{1,2}}(?:сега|постоянно|от \w+))?[ ,:]{{0,2}}"
        r"(?:(?:в|във|на|v|in|from)[ ])?$"
    )


def _in_words(entries: Iterable[str], what: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """„първи|първия=1“ → a pattern for „първи етаж“ and „етаж първи“, and the floor; an entrance likewise."""
    told = (entry.partition("=") for entry in entries)
    return tuple((re.compile(rf"(?i)\b(?:(?:{names})\s+(?:{what})|(?:{what})\.?\s+(?:{names}))\b"), value)
                 for names, _, value in told if value)  # fmt: skip


def _told(entries: Iterable[str]) -> Iterator[tuple[str, str]]:
    """„две|дваж=2“ → each word with what it stands for."""
    for entry in entries:
        words, _, value = entry.partition("=")
        for word in words.split("|"):
            yield word, value


_LONGEST_LATIN = 5
"""Letters and dots of a Latin abbreviation („zh.k.“) at most."""


def type_key(word: str) -> str:
    """A type word („Ж. к.“) without what does not matter („жк“)."""
    return re.sub(r"[\s.,:-]", "", word).lower()


def _one_letter(letter: str) -> str:
    return rf"(?-i:{letter}(?=\.)|{letter.upper()}(?=\.[ ]?[„\"]))"


def _spaced(word: str) -> str:
    """„ж к“ also fits „ж.к“, „ж. к“ and „ж-к“."""
    return r"[.\-]?\s?".join(re.escape(piece) for piece in re.split(r"[ .]+", word.strip().rstrip(".")))
