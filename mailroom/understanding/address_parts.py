"""Text → the parts of addresses where they stand: streets with numbers, quarters, blocks, entrances, floors, flats.

Settlements and postcodes are found in address_places.py; which parts make one address is for address_candidates.py.
"""

import re
from collections.abc import Iterator

from mailroom.folding import name_key
from mailroom.understanding.address_grammar import CAPITAL, LETTER, NUMBER_SIGN, SMALL, AddressGrammar, type_key
from mailroom.understanding.address_part import Part
from mailroom.understanding.knowledge import Knowledge


def find_parts(text: str, knowledge: Knowledge) -> Iterator[Part]:
    """Every part with its type word, in no order."""
    grammar = knowledge.address_grammar
    yield from _mahalas(text)
    for find, pattern in ((_street, grammar.street), (_quarter, grammar.quarter)):
        for match in pattern.finditer(text):
            if find is _quarter and _ENDS_MAHALA.search(text, max(0, match.start() - 20), match.end("type")):
                continue
            spaced = find is _quarter and " " in match.group("type")
            if spaced and _SPACED_OUT.search(text, max(0, match.start() - 4), match.start()):
                continue
            after = text[match.end("type") : match.end()]
            zone = "\n" in after and match.group("type").lower().endswith("зона")
            if not zone and not (len(match.group("type")) > _LONGEST_SHORT and ("." in after or "," in after)):
                yield from find(text, match, knowledge)
    yield from _postposed(text, grammar)
    yield from _flat(text, grammar)
    yield from _own_numbers(text)


ADVERBS = (
    r"(?:[ ,]{1,2}(?i:сега|точно|отсреща|насреща|(?:срещу|над|под|до)[ ](?:тях|него|нея|вас)|отгоре|наблизо|отдолу|"
    r"отстрани)){0,2}")
"""Between „сме“ and where that is."""
_LIVES_HERE = (
    r"(?<!\w)(?i:съм|сме|живея|живеем|(?:къщата|домът|входът)(?:[ ](?:ми|ни))?(?:[ ]е)?|наш(?:ата къща|ият дом)(?: е)?|"
    rf"s[uay]m|sme|z?h?jive(?:q|ya|ia|a|em)){ADVERBS}[ ,]{{1,2}}(?i:на[ ]|от[ ]|в[ ]|с[ ]|na[ ]|ot[ ])?"
)
_OWN_NUMBER = re.compile(rf"{_LIVES_HERE}(?P<number>{NUMBER_SIGN}\.?[ ]?(?P<house>\d{{1,3}}[{LETTER}]?)(?!\w))")
"""„Аз съм на номер 22“: the house, where the street is told elsewhere."""
_OWN_NUMBER_BARE = re.compile(
    rf"(?<!\w)(?i:аз|ние)[ ](?i:съм|сме|живея|живеем)[ ](?:в|от)[ ]"
    rf"(?P<number>(?P<house>\d{{1,3}}[{LETTER}]?))(?=[ ]?[,.;)])")
"""„Аз съм в 42, приземният етаж“; „на 42“ is an age."""
_OWN_NUMBER_AFTER = re.compile(
    rf"{_LIVES_HERE}(?P<number>(?P<house>\d{{1,3}}[{LETTER}]?)(?:[ ]?-?(?:ти|ви|ри|ми))?[ ]"
    r"(?i:номер|нумер|nomer))(?!\w)")
"""„ние сме на 33 номер“."""
_NUMBER_BESIDE_FLAT = re.compile(
    rf"(?:(?<=[ ]на[ ])|(?<=[ ]от[ ])|(?<=[ ]\())(?P<number>(?P<house>\d{{1,3}}[{LETTER}]?))"
    r"(?=[ ]?,[ ](?:(?:вх|ет|ап)\.|(?:вход|етаж|апартамент)[ ]|\d{1,2}-?(?:ти|ви|ри|ми)[ ]етаж))")
"""„живея отсреща на 115, ет. 6“: no street before it."""


def _own_numbers(text: str) -> Iterator[Part]:
    for pattern in (_OWN_NUMBER, _OWN_NUMBER_AFTER, _OWN_NUMBER_BARE, _NUMBER_BESIDE_FLAT):
        for match in pattern.finditer(text):
            yield Part("number", _house(match.group("house")), match.start("number"), match.end("number"))
    for match in _HOUSE_TOLD.finditer(text):
        yield Part("number", _house(match.group("house")), match.start(), match.end())


_HOUSE_TOLD = re.compile(
    rf"(?<!\w)(?i:(?:с[ ])?номер(?:ът|а)?[ ](?:(?:ми|ни)[ ])?"
    rf"(?:на[ ](?:къщата|дома|входа|портата)[ ](?:(?:ми|ни)[ ])?)?е|"
    rf"(?:къщата|домът)[ ](?:(?:ми|ни)[ ])?е[ ](?:с[ ])?{NUMBER_SIGN}|"
    rf"nomer(?:at|ut|a)?[ ](?:(?:mi|ni)[ ])?e)[ ](?P<house>\d{{1,3}}[{LETTER}]?)(?![\w/-]|[.,]\d|[ ]\d)")
"""„на ул. Осемнадесета, номерът е 6“."""
_SPACED_OUT = re.compile(r"(?<!\w)[^\W\d_][ ]$")
"""„Д Е К Л А Р А Ц И Я“ names no „К. Л.“."""
_ENDS_MAHALA = re.compile(rf"[{CAPITAL}][{SMALL}]{{3,15}}(?:на|ска|шка|чка|ва|ра|ма|ка)[ ](?i:махала)$")
_LONGEST_SHORT = 4
"""Letters of an abbreviation at most; after a longer word a dot ends the sentence."""

# ---- inside the house ------------------------------------------------------------------------------------------------


def _flat(text: str, grammar: AddressGrammar) -> Iterator[Part]:
    for match in grammar.chain.finditer(text):
        start = match.start()
        for name, value in match.groupdict().items():
            if value:
                yield Part(name, value, start, match.end(name))
                start = match.end(name)
    for match in grammar.block.finditer(text):
        yield from _block(text, match, grammar)
    for name, pattern in (("entrance", grammar.entrance), ("entrance", grammar.entrance_glued),
                          ("floor", grammar.floor),
                          ("floor", grammar.floor_after), ("apartment", grammar.apartment)):  # fmt: skip
        for match in pattern.finditer(text):
            value = match.group("free")
            yield Part(name, value if name == "entrance" else _flat_number(value), match.start(), match.end())
    for match in _FLAT_FIRST.finditer(text):
        yield Part("apartment", match.group("free"), match.start(), match.end())
    for match in _BESIDE_GROUND.finditer(text):
        yield Part("floor", match.group("free").lower(), match.start(), match.end())
    for match in _ONE_LETTER_EACH.finditer(text):
        for name in ("block", "entrance", "floor", "apartment"):
            if match.group(name):
                yield Part(name, match.group(name), match.start(name) - 2, match.end(name))
    for match in _SEVERAL_AT_ONCE.finditer(text):
        yield from _at_once(match)
    for pattern, value in grammar.floor_words if grammar.floor_word.search(text) else ():
        for match in pattern.finditer(text):
            yield Part("floor", value, match.start(), match.end())
    for pattern, value in grammar.entrance_words:
        for match in pattern.finditer(text):
            yield Part("entrance", value, match.start(), match.end())


_FLAT_FIRST = re.compile(
    r"(?<![\w.№-])(?P<free>\d{1,3})[ ]?-?[ ]?(?:ти|ри|ви|ми)?[ ]?(?i:ап|апартамент)(?!\w)\.?(?![ ]?№?[ ]?\d)")
"""„6 ет., 18 ап.“"""
_BESIDE_GROUND = re.compile(
    r"(?<=[\w“”\"])[ ]?,[ ](?:(?i:ет|етаж)\.?[ ])?"
    r"(?P<free>(?i:партерен|партер|надпартерен|полуподземен|сутерен|приземен))(?:[ ](?i:етаж|ет\.?))?(?!\w)")
"""„бл. 16, партер“."""
_ONE_LETTER_EACH = re.compile(
    r"(?<!\w)(?i:б)\.[ ]?(?P<block>\d{1,4}[А-Яа-я]?)[ ,]{1,2}(?i:в)\.[ ]?(?P<entrance>[А-Яа-я\d]{1,2})[ ,]{1,2}"
    r"(?:(?i:е)\.[ ]?(?P<floor>\d{1,2})[ ,]{1,2})?(?:(?i:а)\.[ ]?(?P<apartment>\d{1,3}))?(?!\w)")
"""„б.505,в.3,е.6,а.60“."""
_INSIDE_HOUSE = {"блок": "block", "бл": "block", "вход": "entrance", "вх": "entrance", "етаж": "floor", "ет": "floor",
                 "апартамент": "apartment", "ап": "apartment"}  # fmt: skip
_SEVERAL_AT_ONCE = re.compile(
    rf"(?P<types>(?i:{'|'.join(_INSIDE_HOUSE)})\.?(?:[ ]?[,/][ ]?(?i:{'|'.join(_INSIDE_HOUSE)})\.?){{1,3}})[ ]?:[ ]?"
    r"(?P<values>[„\"]?\w{1,4}[“\"]?(?:[ ]?[,/;][ ]?[„\"]?\w{1,4}[“\"]?){1,3})(?!\w)")


def _at_once(match: re.Match[str]) -> Iterator[Part]:
    """„Вход, етаж, апартамент: Б, 5, 19“ of a printed form."""
    types = [_INSIDE_HOUSE[type_key(word)] for word in re.split(r"[,/]", match.group("types"))]
    values = list(re.finditer(r"\w{1,4}", match.group("values")))
    if len(types) == len(values):
        start = match.start()
        for name, value in zip(types, values, strict=True):
            end = match.start("values") + value.end()
            yield Part(name, value.group(), start, end)
            start = end


def _block(text: str, match: re.Match[str], grammar: AddressGrammar) -> Iterator[Part]:
    """A block; „бл. 376 Г, ап. 52“ names its entrance, which nothing else does; „бл. 64 А, вх. 3“ does not."""
    value = " ".join((match.group("free") or match.group("quoted")).split())
    spaced = _ENTRANCE_OF_BLOCK.fullmatch(value)
    inside = _past(_GAP, text, match.end())
    if spaced and (grammar.floor.match(text, inside) or grammar.apartment.match(text, inside)):
        letter = match.start("free") + len(match.group("free").rstrip()) - 1
        yield Part("block", spaced.group("block"), match.start(), letter)
        yield Part("entrance", spaced.group("entrance"), letter, match.end())
        return
    numbered = _NUMBER_OF_NAMED.match(text, match.end()) if match.group("quoted") else None
    shown = f"{_house(value)} {numbered.group('number')}" if numbered else _house(value)
    yield Part("block", shown, match.start(), numbered.end() if numbered else match.end())


_NUMBER_OF_NAMED = re.compile(r"[ ](?P<number>\d{1,2})(?=[ ]?(?:[,;\n]|$))")
"""„бл. „Рига“ 5“."""


_ENTRANCE_OF_BLOCK = re.compile(r"(?P<block>\d{1,4})[ ](?P<entrance>[А-ЖA-G])")
_ROMAN = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6", "VII": "7", "VIII": "8", "IX": "9",
          "X": "10"}  # fmt: skip
_DIGIT_LOOKALIKES = str.maketrans("ОЗlІ|б", "031116")


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
    glued = _GLUED_HOUSE.search(name)
    if glued and text[:end].endswith(glued.group()):
        name, end = name[: glued.start()], end - len(glued.group())
    number = grammar.number.match(text, end)
    kind = grammar.type_word(match.group("type"), name)
    yield Part("street", f"{kind} {name}", match.start(), end)
    if number:
        yield Part("number", _house(number.group("sure") or number.group("house")), end, number.end())
        return
    told = _HOUSE_IN_WORDS.match(text, end)
    value = sum(grammar.house_words.get(word.lower(), 0) for word in told.group("words").split()) if told else 0
    if told and value:
        yield Part("number", str(value), end, told.end())
        return
    before = _NUMBER_BEFORE.search(text, max(0, match.start() - _LONGEST_NUMBER_BEFORE), match.start())
    if before:
        yield Part("number", _house(before.group("sure")), before.start(), before.end("sure"))


_GLUED_HOUSE = re.compile(rf"(?<=[{SMALL}]{{3}})\d{{1,3}}[{CAPITAL}{SMALL}]?$")
"""„ул.Борисова16А“."""
_HOUSE_IN_WORDS = re.compile(
    rf"[“”\"»]?[ ]?,?[ ](?:(?i:номер|№)[ ])?(?P<words>[{SMALL}]{{3,15}}(?:[ ]и[ ][{SMALL}]{{3,10}})?)"
    r"(?=[ ]?(?:[,;.\n]|$))")
"""„ул. „Тунджа“ двадесет и седем“."""
_NUMBER_BEFORE = re.compile(rf"{NUMBER_SIGN}\.?[ ]?(?P<sure>\d{{1,3}}[{LETTER}]?)[ ]?(?:,[ ]?)?(?:на|по|na)[ ]$")
"""„на номер 25 на ул. Околчица“."""
_LONGEST_NUMBER_BEFORE = 24


_POSTPOSED = re.compile(
    r"(?i)(?<!\w)(?P<name>(?:\d{1,3}-?(?:та|ва|ра|ма)|"
    r"(?:двадесет и |тридесет и )?(?:първа|втора|трета|четвърта|пета|"
    r"шеста|седма|осма|девета|десета|\w{2,8}надесета|двадесета|тридесета))[ ]улица)"
)


def _postposed(text: str, grammar: AddressGrammar) -> Iterator[Part]:
    """„Шеста улица № 2“."""
    for match in _POSTPOSED.finditer(text):
        number = grammar.number.match(text, match.end())
        if number:
            yield Part("street", match.group("name"), match.start(), match.end())
            yield Part("number", _house(number.group("sure") or number.group("house")), match.end(), number.end())


_QUARTER_POSTPOSED = re.compile(
    rf"(?<![\w-])(?P<name>(?:Горна|Долна|Средна|Нова|Стара|Голяма|Малка|Циганска|Турска|Българска|Влашка|"
    rf"[{CAPITAL}][{SMALL}]{{2,15}}(?:ска|шка|чка|ова|ева|ина))[ ](?i:махала))(?!\w)")
"""„Горна махала“."""


def _mahalas(text: str) -> Iterator[Part]:
    """„Горна махала, къща № 12“: the name before the type word, and a house without a street."""
    for match in _QUARTER_POSTPOSED.finditer(text):
        yield Part("quarter", match.group("name"), match.start(), match.end())
        house = _HOUSE_OF_MAHALA.match(text, match.end())
        if house:
            yield Part("number", _house(house.group("number")), match.end(), house.end())


_HOUSE_OF_MAHALA = re.compile(
    rf"[ ]?,?[ ](?:(?:къща|дом)[ ])?{NUMBER_SIGN}\.?[ ]?(?P<number>\d{{1,3}}[{CAPITAL}]?)(?!\w)")


_NUMBERED = re.compile(rf"(?P<name>\d{{2,4}})(?=[ ]*,?[ ]*{NUMBER_SIGN}[ ]?\d)")


def _numbered_street(text: str, start: int) -> tuple[str, int]:
    """„ул. 309 № 5“: a number is a street's name when a house number with its sign follows."""
    match = _NUMBERED.match(text, start)
    return (match.group("name"), match.end("name")) if match else ("", start)


def _quarter(text: str, match: re.Match[str], knowledge: Knowledge) -> Iterator[Part]:
    """A quarter; a number of one or two digits directly after the name belongs to it („Дружба 3“)."""
    grammar = knowledge.address_grammar
    name, end = _known_at(text, match.end(), knowledge)
    if not name:
        name, end = _name_at(text, match.end(), knowledge)
    if not name:
        name, end = _small_quarter(text, match)
    if not name:
        return
    kind = grammar.type_word(match.group("type"), name)
    last = _LAST_SMALL_WORD.match(text, end)
    if last and not grammar.part_word.match(text, last.start(1)):
        name, end = f"{name} {last.group(1)}", last.end()
    number = _QUARTER_NUMBER.match(text, end)
    quoted = text[end - 1] in '“”"»'
    if number and (not quoted or kind in _ESTATES or grammar.block.match(text, _past(_GAP, text, number.end()))):
        name, end = f"{name} {number.group(1)}", number.end()
    yield Part("quarter", f"{kind} {name}", match.start(), end)
    house = grammar.number.match(text, end)
    if house and kind not in _ESTATES:
        yield Part("number", _house(house.group("sure") or house.group("house")), end, house.end())


def _known_at(text: str, start: int, knowledge: Knowledge) -> tuple[str, int]:
    """„ж.к. „Студентски град““: a quarter of two words that the vocabulary knows, whatever the second says."""
    match = _TWO_OF_NAME.match(text, start)
    if match is None or name_key(match.group("name")) not in knowledge.quarters:
        return "", start
    return " ".join(match.group("name").split()), match.end()


_TWO_OF_NAME = re.compile(rf"[„“”\"«]?[ ]?(?P<name>[{LETTER}]{{3,}}[ ][{LETTER}]{{3,}})[“”\"»]?(?!\w)")


def _small_quarter(text: str, match: re.Match[str]) -> tuple[str, int]:
    """„м. текето,“: a name in small letters that is all that follows; after a number „м.“ and „кв.“ are measures."""
    name = _SMALL_QUARTER.match(text, match.end())
    if name is None or text[: match.start()].rstrip()[-1:].isdigit():
        return "", match.end()
    return name.group(), name.end()


_SMALL_QUARTER = re.compile(rf"[{SMALL}]{{4,}}(?:[ -][{SMALL}]{{3,}})?(?=[ ]?(?:[,;\n]|\.(?:\s|$)|$))")
_ESTATES = ("ж.к.", "zh.k.", "жк", "jk", "zhk", "j.k.")


_LAST_SMALL_WORD = re.compile(rf"[ ]([{SMALL}]{{3,}})(?=[ ]?(?:[,;\n]|\.(?:\s|$)|$))")
"""„кв. Червена звезда,“."""


_GAP = re.compile(r"[ ,;-]{0,4}")
_QUARTER_NUMBER = re.compile(rf"[ ]?-?[ ]?((?:\d{{1,2}}|[IVX]{{1,4}})-?[{CAPITAL}абвг]?)(?![\w./]|-\w)")
_NAME_WORD = re.compile(r"(?P<gap>[ ]{1,2}|[ ]?\n[ ]?)?(?P<word>[\w’'.-]*\w(?:-\n\w+)?\.?|\w)")
_ENDS_HERE = re.compile(r"[ ]?(?:[,;.\n]|$)")
_NUMBER_IN_WORDS = re.compile(r"(?i:номер|№)[ ](?P<word>[^\W\d_]{3,15})")
_NUMBER_NEXT = re.compile(rf"(?:{NUMBER_SIGN}\.?\s*\d)")
_ORDINAL = re.compile(r"\d{1,4}-?(?:ти|ви|ри|ра|ма|та|ва|th|ti|vi|ri|ra|ma|ta|va)$", re.IGNORECASE)
_FIRST_ORDINAL = re.compile(r"\d{1,4}-?(?:ти|ви|ри|ра|ма|та|ва|а|и|о|th|ti|vi|ri|ra|ma|ta|va)$", re.IGNORECASE)
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
    start = _past(_QUOTE, text, start)
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


def _past(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where the text goes on after what this pattern matches at this place, if it does."""
    match = pattern.match(text, at)
    return match.end() if match else at


_QUOTE = re.compile(r"[„“”\"«»]?[ ]?")


_ONE_BEFORE_DIGIT = re.compile(r"(?<!\w)[lІ](?=\d)")
_ZERO_AFTER_DIGIT = re.compile(r"(?<=\d)[ОO](?=-|\b)")


def _tidy(name: str) -> str:
    name = _ONE_BEFORE_DIGIT.sub("1", _ZERO_AFTER_DIGIT.sub("0", name))
    return " ".join(name.replace("-\n", "").split()).strip(" .,-–“”\"")


def _ends_before(text: str, match: re.Match[str], knowledge: Knowledge) -> bool:
    """Whether the name is over before this word: another part, a number or the town follows."""
    at = match.start("word")
    grammar = knowledge.address_grammar
    if grammar.part_word.match(text, at) or _NUMBER_NEXT.match(text, at) or grammar.chain.match(text, at):
        return True
    if match.group("word") in grammar.house_words and _ENDS_HERE.match(text, match.end()):
        return True
    told = _NUMBER_IN_WORDS.match(text, at)
    if told and told.group("word").lower() in grammar.house_words:
        return True
    if "\n" in (match.group("gap") or "") and not _goes_on_below(text, match):
        return True
    return _is_big_town(text, at, knowledge)


def _goes_on_below(text: str, match: re.Match[str]) -> bool:
    """A name goes on in the next line only when its number follows there at once („Христо\\nБотев 12“)."""
    return bool(_NUMBER_AT_ONCE.match(text[match.end() : match.end() + 12]))


_NUMBER_AT_ONCE = re.compile(rf"[ ,]{{0,2}}(?:{NUMBER_SIGN}\s?)?\d{{1,3}}[{LETTER}]?(?![\w.])")
_TWO_WORDS = re.compile(rf"([{LETTER}]+)(?:[ ]([{LETTER}]+))?(?P<number>[ ,№NoО]{{0,4}}\d{{1,3}}(?!\d))?")
_SMALL_WORD = re.compile(rf"[ ](?:[{SMALL}]{{1,4}}\.[ ]?){{0,2}}(?:(?:и|i{{1,3}}|iv)(?=[ ])|[{SMALL}][{SMALL}-]+)")
_JOINS = frozenset({"и", "i", "ii", "iii", "iv"})
_THEN_NUMBER = re.compile(rf"[“”\"]?[ ]*,?[ ]*(?:{NUMBER_SIGN}\.?[ ]?\d|\d|[^\W\d]+\d)")
_THEN = re.compile(r"[“”\"]?[ ]*,?[ ]*")
_ORDINAL_WORD = re.compile(
    r"(?i)[ ](?:(?:първ|втор|трет|четвърт|пет|шест|седм|осм|девет)[аи]|"
    r"(?:p[auy]rv|vtor|tret|(?:4|ch)etv[auy]rt|pet|(?:6|sh)est|sedm|osm|devet)[ai])\b"
)
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
            first and not word.endswith(".") and bool(_WORD_NEXT.match(after))
            and not grammar.part_word.match(after, 1))
    if word[0].isupper():
        return True
    if word in _BEFORE_A_PLACE:
        return False
    if word in ("и", "на", "i", "na", "де"):
        joins = word in _JOINS and bool(_SMALL_WORD.match(after)) and not grammar.part_word.match(after, 1)
        small = joins and _numbered_soon(after, grammar)
        return small or bool(_CAPITAL_NEXT.match(after) or _ORDINAL_WORD.match(after) or (
            word == "i" and _SIGN_NEXT.match(after)))
    if word.endswith(".") or word in ("д-р", "св"):
        if (first or len(word) <= _INITIAL) and _numbered_soon(after, grammar):
            return True
        return bool(_RANK.fullmatch(word)) and bool(_NAME_AFTER_RANK.match(after))
    return _numbered_soon(after, grammar)


_BEFORE_A_PLACE = frozenset({"в", "във", "до", "от", "край", "при", "v", "ot"})
"""„ул. Четиринадесета в с. Боримечково“: words that are part of no name."""
_WORD_NEXT = re.compile(rf"[ ][{LETTER}]{{3,}}")
_CAPITAL_NEXT = re.compile(rf"[ ]?(?:на[ ])?[{CAPITAL}]")
_SIGN_NEXT = re.compile(rf"[ ]?{NUMBER_SIGN}[ ]?\d")
_INITIAL = 3
"""Characters of „р.“ and „св.“."""
_RANK = re.compile(
    r"(?:св|ген|полк|подп|майор|кап|пор|д-р|проф|акад|доц|инж|арх|бр|о|г|sv|gen|polk|kap|d-r|prof|akad|inj|arh|br)\.?"
)
_NAME_AFTER_RANK = re.compile(rf"[ ]?(?:[{SMALL}]{{1,5}}\.[ ]?)?[{CAPITAL}]")
_MOST_SMALL = 3
"""Words in small letters of a street's name."""


def _numbered_soon(after: str, grammar: AddressGrammar) -> bool:
    """Whether at most two more small words lead to a house number or to another part."""
    at = words = 0
    while words < _MOST_SMALL:
        if _THEN_NUMBER.match(after, at) or grammar.part_word.match(after, _past(_THEN, after, at)):
            return True
        word = _SMALL_WORD.match(after, at)
        if word is None:
            return False
        words += word.group().strip() not in _JOINS
        at = word.end()
    return False
