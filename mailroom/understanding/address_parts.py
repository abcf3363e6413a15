"""Text → the parts of addresses where they stand: streets with numbers, quarters, blocks, entrances, floors, flats.

Settlements and postcodes are found in address_places.py; which parts make one address is for address_candidates.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailroom.understanding.address_grammar import CAPITAL, LETTER, NUMBER_SIGN, SMALL, AddressGrammar, type_key
from mailroom.understanding.knowledge import Knowledge


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an address where it stands."""

    name: str
    """Field of `Address`."""
    value: str
    start: int
    end: int
    bare: bool = False
    """A place name without „гр.“ or „с.“, known only from the register."""


def find_parts(text: str, knowledge: Knowledge) -> Iterator[Part]:
    """Every part with its type word, in no order."""
    grammar = knowledge.address_grammar
    for find, pattern in ((_street, grammar.street), (_quarter, grammar.quarter)):
        for match in pattern.finditer(text):
            if not (len(match.group("type")) > _LONGEST_SHORT and "." in text[match.end("type") : match.end()]):
                yield from find(text, match, knowledge)
    yield from _flat(text, grammar)
    yield from _foreign(text)


_LONGEST_SHORT = 4
"""Letters of an abbreviation at most; after a longer word a dot ends the sentence."""

# ---- inside the house ------------------------------------------------------------------------------------------------


def _flat(text: str, grammar: AddressGrammar) -> Iterator[Part]:
    for match in grammar.chain.finditer(text):
        for name, value in match.groupdict().items():
            if value:
                yield Part(name, value, match.start(name), match.end(name))
    for match in grammar.block.finditer(text):
        value = " ".join((match.group("free") or match.group("quoted")).split())
        yield Part("block", _house(value), match.start(), match.end())
    for name, pattern in (("entrance", grammar.entrance), ("floor", grammar.floor), ("floor", grammar.floor_after),
                          ("apartment", grammar.apartment)):  # fmt: skip
        for match in pattern.finditer(text):
            value = match.group("free")
            yield Part(name, value if name == "entrance" else _flat_number(value), match.start(), match.end())
    for pattern, value in grammar.floor_words:
        for match in pattern.finditer(text):
            yield Part("floor", value, match.start(), match.end())


_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7", "VIII": "8", "IX": "9",
          "X": "10"}  # fmt: skip
_DIGIT_LOOKALIKES = str.maketrans("ОЗlІ|", "03111")


def _flat_number(value: str) -> str:
    """A floor or flat: Roman numerals and letters that the scanner took for digits put right."""
    return _ROMAN.get(value) or (value.translate(_DIGIT_LOOKALIKES) if len(value) == 1 or value[1:2].isdigit() or
                                 value[-1] in "ОЗ" else value)  # fmt: skip


def _house(value: str) -> str:
    """A house number or block as it is written, without blanks; look-alikes beside digits are digits."""
    value = re.sub(r"(?<=[\d-])\s+(?=\w)|\s+(?=-)", "", value)
    value = re.sub(r"^[lІI|](?=\d)", "1", value)
    return re.sub(r"(?<=\d)[ОЗlІ](?=\d|$)", lambda m: m.group().translate(_DIGIT_LOOKALIKES), value)


# ---- streets and quarters --------------------------------------------------------------------------------------------


def _street(text: str, match: re.Match[str], knowledge: Knowledge) -> Iterator[Part]:
    """A street with its house number."""
    grammar = knowledge.address_grammar
    name, end = _name_at(text, match.end(), knowledge)
    if not name:
        name, end = _numbered_street(text, match.end())
    if not name:
        return
    number = grammar.number.match(text, end)
    kind = grammar.canonical.get(type_key(match.group("type")), match.group("type"))
    yield Part("street", f"{kind} {name}", match.start(), end)
    if number:
        yield Part("number", _house(number.group("sure") or number.group("house")), end, number.end())


_NUMBERED = re.compile(rf"(?P<name>\d{{2,4}})(?=[ ]*,?[ ]*{NUMBER_SIGN}[ ]?\d)")


def _numbered_street(text: str, start: int) -> tuple[str, int]:
    """„ул. 309 № 5“: a number is a street's name when a house number with its sign follows."""
    match = _NUMBERED.match(text, start)
    return (match.group("name"), match.end("name")) if match else ("", start)


def _quarter(text: str, match: re.Match[str], knowledge: Knowledge) -> Iterator[Part]:
    """A quarter; a number of one or two digits directly after the name belongs to it („Дружба 3“)."""
    grammar = knowledge.address_grammar
    name, end = _name_at(text, match.end(), knowledge)
    if not name:
        return
    kind = grammar.canonical.get(type_key(match.group("type")), match.group("type"))
    number = _QUARTER_NUMBER.match(text, end)
    quoted = text[end - 1] in '“”"»'
    if number and (not quoted or kind == "ж.к." or grammar.block.match(text, _gap(text, number.end()))):
        name, end = f"{name} {number.group(1)}", number.end()
    yield Part("quarter", f"{kind} {name}", match.start(), end)
    house = grammar.number.match(text, end)
    if house and kind != "ж.к.":
        yield Part("number", _house(house.group("sure") or house.group("house")), end, house.end())


def _gap(text: str, at: int) -> int:
    """Where the next part begins: after blanks and a comma."""
    return _GAP.match(text, at).end()  # type: ignore[union-attr]


_GAP = re.compile(r"[ ,;-]{0,4}")
_QUARTER_NUMBER = re.compile(rf"[ ]?-?[ ]?((?:\d{{1,2}}|[IVX]{{1,4}})-?[{CAPITAL}абвг]?)(?![\w./]|-\w)")
_NAME_WORD = re.compile(r"(?P<gap>[ ]{1,2}|[ ]?\n[ ]?)?(?P<word>[\w’'.-]*\w(?:-\n\w+)?\.?|\w)")
_NUMBER_NEXT = re.compile(rf"(?:{NUMBER_SIGN}\.?\s*\d)")
_ORDINAL = re.compile(r"\d{1,4}-?(?:ти|ви|ри|ра|ма|та|ва|th)$", re.IGNORECASE)
_FIRST_ORDINAL = re.compile(r"\d{1,4}-?(?:ти|ви|ри|ра|ма|та|ва|а|и|о|th)$", re.IGNORECASE)
_MOST_WORDS = 5


def _name_at(text: str, start: int, knowledge: Knowledge) -> tuple[str, int]:
    """The name of a street or quarter that begins at `start`, and where it ends; an empty name when there is none.

    In quotation marks it is what stands between them. Without them it is capitalised words and ordinals, small words
    that streets have („шосе“, „май“), and other small words only when a number or another part follows at once.
    """
    grammar = knowledge.address_grammar
    quoted = grammar.quoted.match(text, start)
    if quoted and not grammar.part_word.search(quoted.group("quoted")):
        return _tidy(quoted.group("quoted")), quoted.end()
    start = _QUOTE.match(text, start).end()  # type: ignore[union-attr]
    end, words = start, 0
    while words < _MOST_WORDS and (match := _NAME_WORD.match(text, end)):
        word = match.group("word")
        if words and _ends_before(text, match, knowledge):
            break
        if not _belongs(text, match, grammar, first=not words):
            break
        end, words = match.end(), words + 1
        if word.endswith(".") and len(word) > 5:
            break
    name = _tidy(text[start:end])
    return (name, end) if name and not name.isdigit() else ("", start)


_QUOTE = re.compile(r"[„“”\"«»]?[ ]?")


def _tidy(name: str) -> str:
    return " ".join(name.replace("-\n", "").split()).strip(" .,-–“”\"")


def _ends_before(text: str, match: re.Match[str], knowledge: Knowledge) -> bool:
    """Whether the name is over before this word: another part, a number or the town follows."""
    at = match.start("word")
    grammar = knowledge.address_grammar
    if grammar.part_word.match(text, at) or _NUMBER_NEXT.match(text, at) or grammar.chain.match(text, at):
        return True
    if "\n" in (match.group("gap") or "") and not _goes_on_below(text, match):
        return True
    return _is_big_town(text, at, knowledge)


def _goes_on_below(text: str, match: re.Match[str]) -> bool:
    """A name goes on in the next line only when its number follows there at once („Христо\\nБотев 12“)."""
    return bool(_NUMBER_AT_ONCE.match(text[match.end() : match.end() + 12]))


_NUMBER_AT_ONCE = re.compile(rf"[ ,]{{0,2}}(?:{NUMBER_SIGN}\s?)?\d{{1,3}}[{LETTER}]?(?![\w.])")
_TWO_WORDS = re.compile(rf"([{LETTER}]+)(?:[ ]([{LETTER}]+))?(?P<number>[ ,№NoО]{{0,4}}\d{{1,3}}(?!\d))?")
_SOON = re.compile(
    rf"(?:[ ](?:[{SMALL}]{{1,2}}\.[ ]?)?[{SMALL}][{SMALL}-]+){{0,2}}[“”\"]?[ ]*,?[ ]*"
    rf"(?P<next>{NUMBER_SIGN}\.?[ ]?\d|\d|\w*)"
)
_ORDINAL_WORD = re.compile(r"[ ](?:първ|втор|трет|четвърт|пет|шест|седм|осм|девет)[аи]\b", re.IGNORECASE)
_CHATTED = re.compile(r"[46][a-z]{2,}", re.IGNORECASE)
"""A word of шльокавица that begins with ч or ш („6esti“)."""


def _is_big_town(text: str, at: int, knowledge: Knowledge) -> bool:
    """„ул. Дунав Русе“: the chief town of a district ends the street's name, unless the house number comes after it."""
    words = _TWO_WORDS.match(text[at : at + 50])
    if words is None or words.group("number"):
        return False
    names = (words.group(1), f"{words.group(1)} {words.group(2) or ''}")
    return any(place.type == "гр." and place.name == place.municipality == place.district
               for name in names for place in knowledge.places_named(name))  # fmt: skip


def _belongs(text: str, match: re.Match[str], grammar: AddressGrammar, *, first: bool) -> bool:
    """Whether this word is part of the name."""
    word, after = match.group("word"), text[match.end() : match.end() + 40]
    if word.lower().rstrip(".") in grammar.street_words or _CHATTED.fullmatch(word):
        return True
    if word[0].isdigit():
        return bool((_FIRST_ORDINAL if first else _ORDINAL).match(word)) or (
            first and bool(re.match(rf"[ ][{CAPITAL}{SMALL}]{{3,}}", after)) and not grammar.part_word.match(after, 1))
    if word[0].isupper():
        return True
    if word in ("и", "на", "i", "na", "де"):
        return bool(re.match(rf"[ ]?(?:на[ ])?[{CAPITAL}]", after) or _ORDINAL_WORD.match(after))
    return _numbered_soon(after, grammar)


def _numbered_soon(after: str, grammar: AddressGrammar) -> bool:
    """Whether at most three small words lead to a house number or to another part."""
    goes_on = _SOON.match(after)
    if goes_on is None:
        return False
    follows = goes_on.group("next")
    if not follows:
        return False
    numbered = not follows[0].isalpha() or (len(follows) > 1 and follows[-1].isdigit())
    return numbered or bool(grammar.part_word.match(after, goes_on.start("next")))


# ---- foreign ---------------------------------------------------------------------------------------------------------


def _foreign(text: str) -> Iterator[Part]:
    """„14 Vasil Levski Street“, „Dragovishtitsa village“, „Konuş köyü“."""
    for match in re.finditer(
        r"(?<![\w])(\d{1,3}[A-Za-z]?)[ ]+((?:[A-Z][\w.'-]+[ ]){1,3}(?:Street|Str\.?|St\.|Blvd\.?|Boulevard|Avenue|"
        r"Ave\.?|Road|Lane|Square|Sq\.))",
        text,
    ):
        yield Part("number", match.group(1), match.start(1), match.end(1))
        yield Part("street", match.group(2).strip(), match.start(2), match.end(2))
    for match in re.finditer(
        r"(?<![\w])((?:[A-Z][\w.'-]+[ ]){1,3}(?:Street|Str\.?|Blvd\.?|Boulevard|Avenue|Ave\.?))[ ,]{1,2}"
        r"(?:(?:No|N|№)\.?[ ]?)?(\d{1,3}[A-Za-z]?)(?!\w)",
        text,
    ):
        yield Part("street", match.group(1).strip(), match.start(1), match.end(1))
        yield Part("number", match.group(2), match.start(2), match.end(2))
    for match in re.finditer(
        r"(?<![\w])([A-Z][\w'-]+)[ ]+(?:village|köyünden|köyünde|köyü|köy)\b|\b(?:village of)[ ]+([A-Z][\w'-]+)", text
    ):
        name = match.group(1) or match.group(2)
        yield Part("settlement", name, match.start(), match.end())
