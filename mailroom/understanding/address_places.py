"""Settlements and postcodes in a text, and which settlements of the register can be meant.

The register knows several settlements of many names. What the text says of municipality, district and postcode narrows
them down; where more than one is left, none is chosen.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator

from mailroom.folding import name_key
from mailroom.understanding.address_grammar import CAPITAL, HOUSE, LETTER, NUMBER_SIGN, SMALL
from mailroom.understanding.address_part import Part
from mailroom.understanding.knowledge import Knowledge, Place
from mailroom.understanding.names import ends_as_surname, names_in

_LABELLED_CODE = re.compile(
    r"(?i)(?<!\w)(?:п\.?\s?к\.?|п\.?\s?код|пощ(?:енски|\.)\s?код|p\.?\s?k\.?|post(?:al)?\s?code|zip)[ :№]{0,3}"
    r"([1-9][\dОO]{3})(?!\d)"
)
_CODE_AFTER = re.compile(
    r"[ ,“\"\-–(]{0,4}(?:п\.?\s?к\.?|п\.?\s?код|пощ(?:енски|\.)\s?код|p\.?k\.?)?[ :№]{0,2}([1-9][\dОO]{3})"
    r"(?!\d|[.-]\d|\s*(?:г\b|год)|[ ]\d{2,3}[ ]\d{2})"
)
_NOT_A_PLACE_AFTER = re.compile(
    r"(?i)(?:община|общ|област|обл|район|р-н|ул|улица|бул|кв|пл|ж\.?к|кмета на|obshtina|obsht|oblast|"
    r"municipality of)\.?\s*[„\"]?$"
)
_L = rf"(?:[{LETTER}]|(?<=[A-Za-z])[46](?!\d))"
_CODE = r"(?P<code>[1-9][\dОO]{3})[ ,]{1,3}"
_BARE = re.compile(
    rf"(?<![\w.„\"“-])(?:{_CODE})?(?=(?P<rest>[{CAPITAL}]{_L}{{2,}}(?:[ -][{CAPITAL}]?{_L}{{2,}}){{0,2}}))"
)
"""The name itself is only looked at, so that the next word of it may begin another („ИВАН ПЕТРОВ РУСЕ“)."""
_CODE_AND_SMALL = re.compile(
    rf"(?<![\w.„\"“-]){_CODE}(?P<rest>(?:[{SMALL}]|[46][a-z]){_L}{{2,}}(?:[ -][{SMALL}]{{2,}}){{0,2}})"
)
_INITIAL = re.compile(r"(?:\b[СSC]\.|\b[сСcC])\s*$")
_CHATTED = r"(?<=[A-Za-z])[46](?=[a-z])"
_CAPITALISED = re.compile(
    rf"[{CAPITAL}](?:[{LETTER}-]|{_CHATTED})+(?:[ ](?:[{CAPITAL}]|[46](?=[a-z]))(?:[{SMALL}-]|{_CHATTED})+){{0,2}}")
"""Also of шльокавица: „Bojuri6te“, „Nova 6ipka“."""


def find_places(text: str, knowledge: Knowledge) -> Iterator[Part]:
    """Every settlement and postcode, in no order."""
    for match in _BEFORE_REGION.finditer(text):
        yield Part("settlement", match.group("name"), match.start("name"), match.end("name"))
    yield from _with_type_word(text, knowledge)
    yield from _bare(text, knowledge)
    for match in _LABELLED_CODE.finditer(text):
        yield Part("postcode", _digits(match.group(1)), match.start(1), match.end(1))
    for match in knowledge.address_grammar.region.finditer(text):
        yield from _code_after(text, match.end(), knowledge)


def places_meant(name: str, text: str, postcode: str | None, knowledge: Knowledge) -> tuple[Place, ...]:
    """The settlements of this name that agree with the municipality, district and postcode told beside it.

    One alone is known; several are a question for a person; none when the register does not know the name.
    """
    places = knowledge.places_named(name)
    regions = [(m.group("kind").lower()[:3], m.group("name")) for m in knowledge.address_grammar.region.finditer(text)]
    for kind, told in regions:
        keys = {name_key(told)}
        of_district = kind in ("обл", "obl")
        fitting = tuple(p for p in places if name_key(p.district if of_district else p.municipality) in keys)
        places = fitting or places
    if postcode is not None:
        places = tuple(p for p in places if p.postcode == postcode) or places
    return places


def describe_places(places: tuple[Place, ...]) -> str:
    """For the clerk: the settlement with its municipality and district, or all between which the letter leaves open."""
    shown = [f"{place.type} {place.name}, община {place.municipality}, област {place.district}" for place in places]
    if len(shown) == 1:
        return f"в регистъра: {shown[0]}"
    more = f" и още {len(shown) - _MOST_SHOWN}" if len(shown) > _MOST_SHOWN else ""
    return f"{len(shown)} места с това име: {'; '.join(shown[:_MOST_SHOWN])}{more}"


_MOST_SHOWN = 4


def _with_type_word(text: str, knowledge: Knowledge) -> Iterator[Part]:
    for match in knowledge.address_grammar.town.finditer(text):
        start = match.start("rest")
        name, end = _place_name(text, start, match.group("rest"), knowledge, typed=True)
        if name:
            if match.group("code"):
                yield Part("postcode", _digits(match.group("code")), match.start("code"), match.end("code"))
            yield Part("settlement", name, match.start("type"), end)
            yield from _code_after(text, end, knowledge)
            yield from _house_in_village(text, _past_regions(text, end, knowledge))


_BEFORE_REGION = re.compile(
    rf"(?<!\w)(?i:от|в|във)[ ](?P<name>[{CAPITAL}][{SMALL}]{{3,}})(?=[ ,(]{{1,3}}(?i:общ|об[шщ]т?ина|обл))")
"""„от Хотънца, община Русе“: a settlement however it is spelt."""
_VILLAGE_HOUSE = re.compile(
    rf"(?:[ ](?:съм|сме))?[ ]?,?[ ]*(?:(?:(?:къща|дом)[ ])?{NUMBER_SIGN}\.?[ ]?(?P<number>{HOUSE})|"
    rf"(?:къща|дом)[ ](?P<house>{HOUSE}))(?![\w/-])"
)


def _past_regions(text: str, end: int, knowledge: Knowledge) -> int:
    """Where „, общ. Хасково, обл. Хасково“ ends that follows here, if it does."""
    for _ in range(2):
        comma = _COMMA.match(text, end)
        region = knowledge.address_grammar.region.match(text, comma.end()) if comma else None
        if region is None:
            break
        end = region.end()
    return end


_COMMA = re.compile(r"[ ]{0,2}[,(][ ]{0,2}")


def _house_in_village(text: str, end: int) -> Iterator[Part]:
    """„с. Семерджиево, № 27“: a village without street names."""
    match = _VILLAGE_HOUSE.match(text, end)
    if match:
        group = "number" if match.group("number") else "house"
        yield Part("number", match.group(group), end, match.end(group))


def _bare(text: str, knowledge: Knowledge) -> Iterator[Part]:
    """Names of the register without a type word, the longest at each place; not the names of municipalities."""
    regions = [match.span() for match in knowledge.address_grammar.region.finditer(text)]
    ends = [region_end for _, region_end in regions]
    for match in (*_BARE.finditer(text), *_CODE_AND_SMALL.finditer(text)):
        start = match.start("rest")
        at = bisect_right(ends, start)
        in_region = at < len(regions) and regions[at][0] <= start
        if in_region or _NOT_A_PLACE_AFTER.search(text[max(0, start - 16) : start]):
            continue
        name, end = _place_name(text, start, match.group("rest"), knowledge, typed=False)
        if not name or not (match.group("code") or _may_stand(text, start, knowledge)):
            continue
        if match.group("code"):
            yield Part("postcode", _digits(match.group("code")), match.start("code"), match.end("code"))
        yield Part("settlement", name, start, end, bare=not match.group("code"))
        yield from _code_after(text, end, knowledge)


def _may_stand(text: str, start: int, knowledge: Knowledge) -> bool:
    """Directly after a capitalised word a place stands only where that word ends a person's name."""
    near = text[max(0, start - 60) : start]
    before = _CAPITALISED_BEFORE.search(near)
    if before is None or _AGE_BEFORE.search(near):
        return True
    if _stands_after_family_name(text, start, before.group(), knowledge):
        return True
    names = names_in(before.group(), knowledge)
    return bool(names) and names[-1].certainty >= _SURE_NAME and names[-1].end == len(before.group().rstrip())


def _stands_after_family_name(text: str, start: int, before: str, knowledge: Knowledge) -> bool:
    """„Добрешкова София, ул. …“ on a line of a narrow table: a family name, whose first name stands above."""
    at, word = start - len(before), before.rstrip()
    if text[max(0, at - 1) : at].strip(" \n") or " " in word or not ends_as_surname(word, knowledge):
        return False
    town = _TOWN_THEN.match(text, start)
    return town is not None and bool(knowledge.address_grammar.part_word.match(text, town.end()))


_TOWN_THEN = re.compile(rf"[{CAPITAL}][{LETTER}-]+(?:[ ][{CAPITAL}][{LETTER}]+)?[ ]?,[ ]?")
_CAPITALISED_BEFORE = re.compile(
    rf"(?:(?<!\w)(?!(?i:от|в|във|из|на|ot|v|from|in|iz)[ ])[{CAPITAL}][{LETTER}.-]*[ ]){{1,4}}$")
_AGE_BEFORE = re.compile(r"(?i)(?<!\w)(?:на[ ])?\d{1,3}[ ]?(?:г\.?|год\.?|години)[ ,]{1,2}$")
"""„НА 78 Г СЕМЧИНОВО“."""
_SURE_NAME = 0.8


def _place_name(text: str, start: int, rest: str, knowledge: Knowledge, *, typed: bool) -> tuple[str, int]:
    """The longest beginning of `rest` that the register knows; after „гр.“ or „с.“ any capitalised words."""
    words = list(_PLACE_WORD.finditer(rest))[:4]
    for size in range(min(3, len(words)), 0, -1):
        shown = rest[: words[size - 1].end()].strip(' „“"»')
        seat = shown.removesuffix("-град")
        if seat != shown and knowledge.places_named(seat):
            return _titled(seat), start + words[size - 1].end()
        if knowledge.places_named(shown):
            return _titled(shown), start + words[size - 1].end()
    if not typed or _INITIAL.search(text[max(0, start - 3) : start]):
        return "", start  # an initial („С. Найденова“), or the preposition „с“
    match = _CAPITALISED.match(rest)
    return (_titled(match.group()), start + match.end()) if match else ("", start)


_PLACE_WORD = re.compile(r"(?<![^\s,.])(?!\d(?![a-z]))[^\s,.№]+")
"""Also of шльокавица („4avka“), and no number."""


def _digits(code: str) -> str:
    """A postcode in which the scanner may have taken a zero for a letter."""
    return code.replace("О", "0").replace("O", "0")


def _titled(name: str) -> str:
    return name.title() if (name.isupper() or name.islower()) and not name[:1].isdigit() else name


def _begins_another(text: str, end: int, knowledge: Knowledge) -> bool:
    """„… – Хасково 6300 Хасково, бул. …“: the code of the settlement after it."""
    follows = _NAME_AFTER_CODE.match(text, end)
    return follows is not None and bool(knowledge.places_named(follows.group(1)))


_NAME_AFTER_CODE = re.compile(rf"[ ]([{CAPITAL}][{LETTER}-]{{2,}}(?:[ ][{CAPITAL}][{LETTER}]{{2,}})?)(?!\w)")


def _code_after(text: str, end: int, knowledge: Knowledge) -> Iterator[Part]:
    match = _CODE_AFTER.match(text[end : end + 26])
    if match and not _begins_another(text, end + match.end(), knowledge):
        yield Part("postcode", _digits(match.group(1)), end + match.start(1), end + match.end(1))
