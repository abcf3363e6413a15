"""Addresses abroad, as people from there and Bulgarians who live there write them.

A whole address is sure: street and house beside a foreign postcode and city („ul. Lipowa 18/3, 30-702 Kraków“,
„2214 W Addison St, Apt 3, Chicago, IL 60618“, „Flat 2, 5 Rose Lane, London NW1 6XE“); nothing else is then looked for
inside it. Without a postcode only streets are known whose words say what they are („Lindenstraße 40“, „14, rue …“).
"""

import re
from collections.abc import Iterator

from mailroom.folding import name_key
from mailroom.understanding.address_part import Part
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.names import CAPITAL, names_in

_CAPITAL = CAPITAL + "Α-ΩΆ-Ώ"
_WORD = rf"[{_CAPITAL}][\w'’.-]{{0,30}}"
_SMALL_WORD = (
    r"(?:de|del|dei|dello|della|delle|degli|di|da|do|dos|das|la|le|les|los|las|lo|du|des|der|den|dem|die|am|an|auf|im|in|zu|zum|"
    r"van|von|of|the|lui|e|y|i|и|і|[dl]['’][^\W\d_]{1,30})"
)
_KIND = (
    r"(?:ul\.|ulica|ulice|os\.|al\.|pl\.|str\.|strada|bd\.|rue|avenue|av\.|avda\.|boulevard|place|chemin|quai|impasse|"
    r"via|viale|corso|piazza|calle|c/|carrer|plaza|rua|ul|вул\.|ул\.|бул\.|улица|булевар)"
)
_STREET = rf"(?:{_KIND}[ ]?(?:{_SMALL_WORD}[ ]){{0,2}})?{_WORD}(?:[ ](?:{_WORD}|{_SMALL_WORD})){{0,4}}"
_SIGN = r"(?:(?:No|Nr|N|№|nr|no|br|бр|č\.p|д)\b[.:]?[ ]?)"
_HOUSE = rf"{_SIGN}?(?P<number>\d{{1,4}}(?:[ ]?[A-Za-zА-Яа-я](?!\w))?(?:-\d{{1,4}})?)"
_SLASHED = r"(?:[ ]?/[ ]?(?:\d{1,3}[ ]?/[ ]?)?(?P<slashed>\d{1,4}[A-Za-z]?(?!\w)))?"
"""„18/3“, and with the staircase „12/2/15“."""
_FLAT_WORD = (
    r"(?:Apartment|Apt|Appt|App|Flat|Unit|Suite|Ste|Wohnung|Whg|Top|Tür|lok|m|daire|D|ap|int|puerta|byt|бyt|кв|стан|"
    r"apartment|apt|flat|unit)\b\.?:?[ ]?#?|#[ ]?"
)
_FLAT = rf"(?:[ ,/]{{1,3}}(?:{_FLAT_WORD})(?P<flat>\d{{1,4}}[A-Za-z]?|[A-Z])(?!\w))?"
_FLOOR_WORD = r"(?:Stock|OG|Etage|étage|piso|piano|floor|kat|etaj|поверх|этаж|emelet)"
_FLOOR = (
    rf"(?:[ ,/]{{1,3}}(?:(?P<floor>\d{{1,2}})(?:\.|º|°|ª|er|e|th|nd|rd|st)?[ ]?{_FLOOR_WORD}|"
    rf"(?:{_FLOOR_WORD}|et|fl|Kat)\b\.?:?[ ]?(?P<floor_after>\d{{1,2}})|(?P<piso>\d{{1,2}})[º°ª][ ]?(?P<door>[A-Z])?)"
    r"(?!\w))?"
)
_ENTRANCE = r"(?:[ ,/]{1,3}(?:sc|Stiege|Haus|под)\b\.?[ ]?(?P<entrance>\w{1,2})(?!\w))?"
_GAP = r"(?:[ ]?[,;][ ]?\n?[ ]{0,4}|[ ]?\n(?:[ ]?\n)?[ ]{0,4}|[ ]?[–|][ ]?)"
"""A mail program may set each line of a signature as a paragraph of its own."""
_CODE = (
    r"(?:[A-Z]{1,2}[-–][ ]?)?"
    r"(?P<code>\d{2}-\d{3}|\d{4}-\d{3}|\d{3}[ ]\d{2}|\d{4}[ ]?[A-Z]{2}(?!\w)|\d{5,6}|\d{4})(?!\d)"
)
_CITY = rf"(?P<city>{_WORD}(?:[ -](?:{_WORD}|am|an|der|de|del|la|sur|upon|di)){{0,2}}(?<![.,-]))"
_WITH_CODE = re.compile(
    rf"(?<![\w.])(?P<street>{_STREET})[ ,]{{1,2}}{_HOUSE}{_SLASHED}{_ENTRANCE}{_FLOOR}{_FLAT}{_GAP}{_CODE}[ ]{_CITY}"
    r"(?![\w@])"
)
"""„Vinohradská 12, 120 00 Praha“, „Calle Mayor 5, 3º B\\n28013 Madrid“."""
_NUMBER_FIRST = re.compile(
    rf"(?<![\w.])(?:(?:{_FLAT_WORD})(?P<flat>\w{{1,4}})[ ,/]{{1,2}})?(?P<number>\d{{1,5}}[A-Za-z]?)[ ]?,?[ ]"
    rf"(?P<street>{_STREET}){_GAP}(?:{_CODE}[ ])?{_CITY}(?P<rest>{_GAP}{_WORD}(?:[ ]{_WORD})?)??"
    rf"(?:[ ]|{_GAP})(?P<after>[A-Z]{{1,2}}\d[A-Z\d]?[ ]\d[A-Z]{{2}})(?!\w)"
)
"""„Flat 2, 5 Rose Lane, London NW1 6XE“, perhaps with a county."""
_AMERICAN = re.compile(
    rf"(?<![\w.])(?P<number>\d{{1,5}}[A-Z]?)[ ](?P<street>(?:[A-Z\d][\w.'-]*[ ]){{1,4}}[A-Z][\w.]*){_FLAT}"
    rf"(?:{_GAP}|[ ]){_CITY}(?:,[ ]?|[ ])[A-Z]{{2,3}}[ ,]{{1,2}}"
    r"(?P<after>\d{5}(?:-\d{4})?|[A-Z]\d[A-Z][ ]?\d[A-Z]\d|\d{4})"
    r"(?!\w)"
)
"""„2214 W Addison St, Apt 3, Chicago, IL 60618“."""
_FRENCH = re.compile(
    rf"(?<![\w.])(?P<number>\d{{1,4}}(?:[ ]?(?:bis|ter|[A-Z]))?)[ ]?,?[ ](?P<street>{_STREET})"
    rf"{_FLOOR}{_FLAT}{_GAP}{_CODE}[ ]{_CITY}(?![\w@])"
)
"""„12 rue de Lyon, 75012 Paris“."""
_CITY_FIRST = re.compile(
    rf"(?<![\w.])(?:{_CODE}[ ])?{_CITY}(?:[ ](?P<after>\d{{4,6}}))?,[ ]"
    r"(?P<street>(?:[Ss]tr\.|[Ss]trada|[Bb]d\.|[Bb]ulevardul|[Aa]leea|[Șș]os\.|[Rr]ue|[Vv]ia|[Cc]alle)[ ]?"
    rf"{_WORD}(?:[ ]{_WORD}){{0,3}}|[A-ZÄÖÜ][\wäöüß-]*(?:straße|strasse|gasse|weg|platz|allee|ring|ufer))[ ,]{{1,2}}"
    rf"{_HOUSE}{_SLASHED}{_ENTRANCE}{_FLOOR}{_FLAT}(?!\w)"
)
"""„Giurgiu, str. Portului 7“."""
_CITY_LAST = re.compile(
    r"(?<![\w.])(?P<street>(?:[Ss]tr\.|[Ss]trada|[Bb]d\.|[Bb]ulevardul|[Aa]leea|[Șș]os\.|[Vv]ia|[Cc]alle)[ ]?"
    rf"{_WORD}(?:[ ]{_WORD}){{0,3}})[ ,]{{1,2}}{_HOUSE}{_SLASHED}{_ENTRANCE}{_FLOOR}{_FLAT}{_GAP}{_CITY}"
    r"(?=[ ]?(?:[,.\n]|$))"
)
"""„Str. Portului nr. 7, Giurgiu“."""
_WHOLE = (
    (re.compile(r"[A-Z]{2}[ ,]{1,2}(?:\d{4}|[A-Z]\d[A-Z])"), (_AMERICAN,)),
    (re.compile(r"[A-Z]\d[A-Z\d]?[ ]\d[A-Z]{2}"), (_NUMBER_FIRST,)),
    (re.compile(rf"{_CODE}[ ][{_CAPITAL}]"), (_FRENCH, _WITH_CODE)),
    (re.compile(r"(?i:tr\.|trada|bd\.|levardul|leea|os\.|rue|via|calle|stra(?:ß|ss)e|gasse|weg|platz|allee|ring|ufer)"),
     (_CITY_FIRST, _CITY_LAST)),
)
"""What stands in every match of these patterns, which are dear: most letters hold nothing of it."""
_BULGARIAN_CODE = re.compile(r"\d{4}")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ'’./ -]+")


def whole_abroad(text: str, knowledge: Knowledge) -> Iterator[tuple[Part, ...]]:
    """The parts of each address abroad that stands there with its city, one address after the other."""
    end = 0
    found = (match for needed, patterns in _WHOLE if needed.search(text)
             for pattern in patterns for match in pattern.finditer(text))  # fmt: skip
    for match in sorted(found, key=lambda match: (match.start(), -match.end())):
        if match.start() >= end and _is_abroad(match, knowledge):
            yield tuple(_parts(match))
            end = match.end()


def _is_abroad(match: re.Match[str], knowledge: Knowledge) -> bool:
    """Whether the city is none of the register, and nobody's name; four digits are a postcode of ours too."""
    named = match.groupdict()
    city = match.group("city")
    if knowledge.places_named(city) or knowledge.places_named(city.split()[0]):
        return False
    if match.re in (_CITY_FIRST, _CITY_LAST):
        return not _is_person(city, knowledge)
    code = named.get("code") or named.get("after") or ""
    ours = bool(_BULGARIAN_CODE.fullmatch(code)) and match.re is not _AMERICAN
    return not ours or bool(_LATIN.fullmatch(match.group("street") + city))


def _is_person(words: str, knowledge: Knowledge) -> bool:
    first = words.split()[0].lower()
    return first in knowledge.first_names or any(name.certainty >= _LIKELY for name in names_in(words, knowledge))


_LIKELY = 0.5
_FIELDS = {"street": "street", "number": "number", "slashed": "apartment", "flat": "apartment", "door": "apartment",
           "floor": "floor", "floor_after": "floor", "piso": "floor", "entrance": "entrance", "code": "postcode",
           "after": "postcode", "city": "settlement"}  # fmt: skip
"""Group of a pattern → field of `Address`."""


def _parts(match: re.Match[str]) -> Iterator[Part]:
    """Every part of one address in order; the last reaches to its end, the state between city and postcode included."""
    groups = [(group, field) for group, field in _FIELDS.items() if match.groupdict().get(group)]
    named = sorted((match.start(group), match.end(group), field, match.group(group)) for group, field in groups)
    for at, (start, end, field, value) in enumerate(named):
        after = named[at + 1][0] if at + 1 < len(named) else match.end()
        shown = _PROVINCE.sub("", value) if field == "settlement" else value
        yield Part(field, " ".join(shown.replace('"', "").split()), start, max(end, after))


_PROVINCE = re.compile(r"(?<=[^\W\d_]{3})[ ]\(?[A-Z]{2}\)?$")
"""„Milano MI“."""


# ---- streets alone ---------------------------------------------------------------------------------------------------


_STREET_WORD = r"(?:Street|Str\.?|St\b\.?|Blvd\.?|Boulevard|Avenue|Ave\.?|Road|Rd\.?|Lane|Square|Sq\.)"
_HOUSE_FIRST = re.compile(
    rf"(?<!\w)(?P<number>\d{{1,3}}[A-Za-z]?)[ ,]{{1,2}}(?P<street>(?:[A-Z][\w.'-]+[ ]){{1,3}}{_STREET_WORD})"
)
_RUE = re.compile(
    r"(?<!\w)(?P<number>\d{1,3}(?:[ ]?(?:bis|ter))?)[ ]?,?[ ](?P<street>"
    r"(?:rue|avenue|boulevard|place|chemin|allée|impasse|quai|cours|via|piazza|calle|strada|bulevardul)[ ]"
    r"(?:(?:de|du|des|la|le|les|del|della|lui)[ ]|(?:d|l)['’]){0,2}[A-ZÀ-Þ][\w'’-]+(?:[ ][A-ZÀ-Þ][\w'’-]+){0,2})")
"""„14, rue des Tilleuls“."""
_HOUSE_LAST = re.compile(
    rf"(?<!\w)(?P<street>(?:[A-Z][\w.'-]+[ ]){{1,3}}{_STREET_WORD}|"
    r"[A-ZÄÖÜ][\wäöüß.-]*(?:straße|strasse|str\.|gasse|weg|platz|allee|ring|damm|ufer)|"
    r"(?:[A-ZÄÖÜ][\wäöüß]+[ -]){1,2}(?:Straße|Strasse|Str\.|Gasse|Weg|Platz|Allee|Sok(?:ak|\.)|Cad(?:desi|\.))|"
    r"[\"“„]?[A-ZÇĞİÖŞÜ][\wçğıöşü]+(?:[ ][A-ZÇĞİÖŞÜ][\wçğıöşü]+)?[\"”“]?[ ]"
    r"(?:soka(?:k|ğı)|sok\.|caddesi|cad\.|bulvarı)|"
    r"(?:via|rue|calle|Via|Rue|Calle)[ ](?:[A-Z][\w.'-]+[ ]?){1,3})"
    r"[ ,]{1,2}(?:(?:No|Nr|N|№)[.:]?[ ]?)?(?P<number>\d{1,3}[A-Za-z]?)(?!\w)"
)
_STREETS = re.compile(
    r"(?i:str|st\b|blvd|bou?l|ave|road|rd|lane|sq|rue|place|chemin|all[ée]e|impasse|quai|cours|via|piazza|calle|gasse|"
    r"weg|platz|ring|damm|ufer|sok|cad)")
"""Of each word by which these patterns know a street some letters."""
_QUOTES = re.compile(r"[\"“”„]")
_FOREIGN_CITY = re.compile(
    r"[ ]*[,\n][ ]*(?:(?P<code>(?:[A-Z]{1,2}-)?\d{4,5})[ ]+)?(?P<city>[A-ZÄÖÜÇİŞ][\wäöüßçğış'-]+(?:[ ]am[ ][A-Z]\w+)?)"
    r"(?:[ ]+(?P<after>[A-Z]{1,2}\d{1,2}[A-Z]?[ ]\d[A-Z]{2}|\d{5}(?!\d)))?"
)
_VILLAGE_AFTER = re.compile(
    r"(?<!\w)([A-Z][\w'-]+)[ ]+(?:village|köyünden|köyünde|köyü|köy)\b|\b(?:village of)[ ]+([A-Z][\w'-]+)"
)


_LIVE_IN = re.compile(
    r"\b(?:(?:I|We|we|and)[ ](?:\w{2,12}[ ])?(?:live|reside)|[Ii]ch[ ](?:wohne|lebe)|wir[ ](?:wohnen|leben))[ ]in[ ]"
    r"(?P<city>[A-ZÄÖÜ][\wäöüß'-]+)(?=[ ]?[,.;!?)]|[ ](?:and|und|but)\b|$)")
"""„We live in Utrecht“: the town may be of no register."""
_FROM_CITY = re.compile(
    rf"(?i:(?<!\w)(?:живе[яе]м?|живущ\w{{0,3}}|живеещ\w{{0,3}}|пишем?(?:[ ]ви)?|пиша(?:[ ]ви)?|съм|сме)[ ]"
    rf"(?:[^\W\d]{{2,12}}[ ]){{0,3}}?"
    rf"(?:в|във|от)[ ])(?P<city>{_WORD}(?:[ -]{_WORD}){{0,2}})")


_KVARTIRA = re.compile(
    r"(?i)(?:під['’ʼ]?їзд|подъезд|будинок|буд\.|поверх|этаж|дом|д\.|вх\.|вход|корп\.)[ ]?\w{1,4},[ ]{0,2}"
    r"(?P<word>кв\.?|квартира)[ ]?(?P<flat>\d{1,4})(?!\w)")
"""In Ukrainian and Russian „кв. 22“ after an entrance is a flat, in Bulgarian a quarter."""


def streets_abroad(text: str) -> Iterator[Part]:
    """„14 Vasil Levski Street“, „Lindenstraße 40, 04177 Leipzig“, „Dragovishtitsa village“, „Konuş köyü“."""
    for pattern in (_HOUSE_FIRST, _RUE, _HOUSE_LAST) if _STREETS.search(text) else ():
        for match in pattern.finditer(text):
            yield Part("number", match.group("number"), match.start("number"), match.end("number"))
            street = _QUOTES.sub("", match.group("street")).strip()
            yield Part("street", street, match.start("street"), match.end("street"))
            yield from _foreign_city(text, match.end())
    for match in _KVARTIRA.finditer(text):
        yield Part("apartment", match.group("flat"), match.start("word"), match.end("flat"))
    for match in _VILLAGE_AFTER.finditer(text):
        yield Part("settlement", match.group(1) or match.group(2), match.start(), match.end())


def living_abroad(text: str, knowledge: Knowledge) -> Iterator[Part]:
    """„We live in Utrecht“, „живея в Лондон“: a city alone."""
    for match in _LIVE_IN.finditer(text):
        yield Part("settlement", match.group("city"), match.start("city"), match.end("city"))
    told = list(_FROM_CITY.finditer(text))
    cities = {name_key(city) for city in knowledge.lexicon.list("address.cities_abroad")} if told else set()
    for match in told:
        words = match.group("city").split()
        runs = (" ".join(words[:size]) for size in range(len(words), 0, -1))
        city = next((run for run in runs if name_key(run) in cities), "")
        if city:
            yield Part("settlement", city, match.start("city"), match.start("city") + len(city))


def _foreign_city(text: str, at: int) -> Iterator[Part]:
    """The city behind a foreign street, with its postcode before or after it."""
    match = _FOREIGN_CITY.match(text, at)
    if match is None:
        return
    for code in ("code", "after"):
        if match.group(code):
            yield Part("postcode", match.group(code), match.start(code), match.end(code))
    yield Part("settlement", match.group("city"), match.start("city"), match.end("city"))
