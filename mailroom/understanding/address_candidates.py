"""Parts of addresses → candidates: neighbouring parts between which nothing stands but punctuation and regions."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from mailroom.folding import name_key
from mailroom.model.findings import Address
from mailroom.understanding.address_foreign import living_abroad, streets_abroad, whole_abroad
from mailroom.understanding.address_grammar import CAPITAL, LETTER, NUMBER_SIGN, SMALL
from mailroom.understanding.address_part import Part
from mailroom.understanding.address_parts import find_parts
from mailroom.understanding.address_places import find_places
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.names import ends_as_surname, names_in


@dataclass(slots=True)
class Candidate:
    """Neighbouring parts, with how much speaks for their being the sender's."""

    parts: list[Part]
    score: float = 0.0
    why: list[str] = field(default_factory=list)

    @property
    def start(self) -> int:
        """Offset of the first part."""
        return self.parts[0].start

    @property
    def end(self) -> int:
        """Offset after the last part."""
        return max(part.end for part in self.parts)

    @property
    def names(self) -> set[str]:
        """Which fields it has."""
        return {part.name for part in self.parts}

    def address(self) -> Address:
        """As a value; the first part of each kind counts."""
        values: dict[str, str] = {}
        for part in self.parts:
            values.setdefault(part.name, part.value)
        return Address(**values)


def parse_addresses(text: str, knowledge: Knowledge, local: frozenset[str] = frozenset()) -> list[Candidate]:
    """Every group of address parts in the text, in order; `local` are keys of names that mean a quarter of the town,
    though some village elsewhere bears them too."""
    text = _SEVERAL_ENTRANCES.sub(lambda match: " " * len(match.group()), text)
    text = _OR_OTHERWISE.sub(lambda match: " " * len(match.group()), text)
    abroad = [list(parts) for parts in whole_abroad(text, knowledge)]
    parts = [*find_parts(text, knowledge), *streets_abroad(text), *find_places(text, knowledge)]
    parts = [part for part in parts if not (part.bare and part.name == "settlement" and (
        name_key(part.value) in local or _begins_name(text, part, knowledge)))]  # fmt: skip
    parts += [] if abroad else living_abroad(text, knowledge)
    parts = _without_municipalities(text, parts, knowledge)
    parts = [*_known_quarters(text, parts, knowledge, local), *parts]
    parts += list(_bare_quarters(text, parts, knowledge))
    parts += list(_quarters_after(text, parts, knowledge))
    parts += list(_labelled_quarters(text, parts, knowledge))
    parts += list(_codes_before(text, parts))
    parts += list(_codes_after(text, parts))
    parts += list(_bare_streets(text, parts, knowledge))
    parts += list(_streets_after_town(text, parts, knowledge))
    parts += list(_quoted_streets(text, parts, knowledge))
    parts += list(_streets_lived_in(text, parts, knowledge))
    parts += list(_streets_before_town(text, parts, knowledge))
    parts += list(_streets_after_name(text, parts, knowledge))
    parts += list(_small_towns(text, parts, knowledge))
    parts = _without_overlap(sorted(_outside(parts, abroad), key=lambda part: (part.start, -part.end)))
    groups = sorted([*_grouped(text, parts, knowledge), *abroad], key=lambda group: group[0].start)
    return [
        Candidate(group)
        for group in groups
        if any(not part.bare for part in group) or _stands_as_place(text, group[0], knowledge)
    ]


def _begins_name(text: str, part: Part, knowledge: Knowledge) -> bool:
    """„Владимир Тинчев“ is a person, though a village is called Владимир."""
    after = _WORD_AFTER.match(text, part.end)
    return after is not None and name_key(part.value) in knowledge.first_names and ends_as_surname(
        after.group("word"), knowledge)  # fmt: skip


_WORD_AFTER = re.compile(rf"[ ](?P<word>[{CAPITAL}][{LETTER}-]+)")
_BESIDE = re.compile(r"[ ]?[,(–-][ ]?|[ ]")
_COMMA = re.compile(r"[ ]?,[ ]?")
_VILLAGE_TYPE = re.compile(r"(?i:[сcs]\.|село[ ])")


def _without_municipalities(text: str, parts: list[Part], knowledge: Knowledge) -> list[Part]:
    """„село Петърч, Костинброд“, „1186 София, с. Герман“: a town directly beside a village of its municipality only
    says which village that is; the village reaches over it."""
    places = sorted((part for part in parts if part.name == "settlement"), key=lambda part: part.start)
    for one, other in pairwise(places):
        behind = other.bare and _BESIDE.fullmatch(text, one.end, other.start)
        before = _COMMA.fullmatch(text, one.end, other.start) and _VILLAGE_TYPE.match(text, other.start)
        village, town = (one, other) if behind else (other, one)
        if one in parts and (behind or before) and _is_seat_of(town.value, village.value, knowledge):
            parts = [part for part in parts if part not in (one, other)]
            parts.append(replace(village, start=one.start, end=other.end, bare=False))
    return parts


def _is_seat_of(town: str, village: str, knowledge: Knowledge) -> bool:
    """Whether a village of the one name belongs to the municipality of the town that has the other."""
    of = {place.municipality for place in knowledge.places_named(village) if place.type != "гр."}
    here = {place.municipality for place in knowledge.places_named(town) if place.type == "гр."}
    return name_key(town) != name_key(village) and (not of.isdisjoint(here) or name_key(town) in map(name_key, of))


def _grouped(text: str, parts: list[Part], knowledge: Knowledge) -> list[list[Part]]:
    """Parts that belong together, in order."""
    groups: list[list[Part]] = []
    for part in parts:
        if groups and _joined(text[max(p.end for p in groups[-1]) : part.start], knowledge) and _fits(groups[-1], part):
            groups[-1].append(part)
        else:
            before = groups[-1] if groups else []
            groups.append([*_begun_on_line(text, before, part, knowledge), *_code_of_next(text, before, part), part])
    return groups


def _outside(parts: list[Part], whole: list[list[Part]]) -> list[Part]:
    """The parts that lie in none of these whole addresses."""
    spans = [(address[0].start, address[-1].end) for address in whole]
    return [part for part in parts if not any(part.start < end and start < part.end for start, end in spans)]


_OR_OTHERWISE = re.compile(
    r"(?i)(?:(?<=гр)|(?<=гр\.)|(?<=ж\.к\.)|(?<=жк)|(?<=жк\.)|(?<=ул)|(?<=ул\.)|(?<=бул\.))[ ]?"
    r"(?:\((?:с|кв|бул|гр|ул|жк)\.?\)|/[ ]?(?:с|кв|бул|ул|жк)(?:\.|(?=[ ])))")
"""„гр. (с) …“, „жк/кв. …“: a printed form's other type word."""
_ENTRANCE_LETTER = rf"[„\"]?[{CAPITAL}\d][“”\"]?"
_SEVERAL_ENTRANCES = re.compile(
    rf"(?<!\w)(?i:вх\.?|вход|входове|входовете)[ ]?{_ENTRANCE_LETTER}(?:,[ ]?{_ENTRANCE_LETTER})?"
    rf"[ ](?:и|до)[ ](?:(?i:вх\.?|вход)[ ]?)?{_ENTRANCE_LETTER}(?!\w)[ ]?,?")
"""„вх. А и вх. Б“: of all of a house, and nobody's own."""


def _begun_on_line(text: str, group: list[Part], part: Part, knowledge: Knowledge) -> list[Part]:
    """The parts taken from the end of this group that stand on the line of this part, which another address begins:
    „ЕС, бл. „Вежен“, вх. 1“ above „7000 Русе, ул. „Тича“ 3, бл. „Вежен““."""
    line = text.rfind("\n", 0, part.start) + 1
    here = [p for p in group if p.start >= line]
    if not here or len(here) == len(group) or not _fits(here, part):
        return []
    if here[0].name not in ("postcode", "settlement") or not _joined(text[max(p.end for p in here) : part.start],
                                                                     knowledge):  # fmt: skip
        return []
    del group[len(group) - len(here) :]
    return here


def _code_of_next(text: str, group: list[Part], part: Part) -> list[Part]:
    """The postcode taken from the end of this group that stands directly before another settlement:
    „Колегия – Хасково 6300 Хасково, бул. …“."""
    if part.name != "settlement" or len(group) < 2 or group[-1].name != "postcode":
        return []
    return [group.pop()] if text[group[-1].end : part.start] == " " else []


def _fits(group: list[Part], part: Part) -> bool:
    """A second street or settlement begins another address."""
    names = {p.name for p in group}
    return part.name not in names or part.name in ("postcode",)


_LONGEST_GAP = 75
"""Characters between two parts of one address; „общ. …, обл. …“ stands there at its longest."""
_SAYS_NOTHING = re.compile(
    r"(?i)\b(?:(?:[^\W\d_]{3,15}[ ])?(?:промишлена|индустриална|стопанска|складова) зона|"
    r"кантора|офис|магазин|п\.?\s?к\.?|пощенски код|българия|bulgaria|bulgariq|r\.? ?bulgaria|в|във|на|"
    r"столична[ ]община|ви пишем?а?|живущ\w*|адрес\w*|съм|сме|гр|v|na|и|парцел|упи|стая|звънец|"
    r"република|republic of|бг|bg|in|секция|където[ ]живе[яе]м?|кадето[ ]живе[яе]м?|долния|горния)\b\.?\s*\d{0,3}"
)


_NEXT = re.compile(r"[.!?]\s+(?:На|В|Във|И|Na|V|I)\b|\n[ \t]*[-•*–][ \t]")
"""Another sentence, or another entry of a list."""


def _joined(between: str, knowledge: Knowledge) -> bool:
    """Whether nothing but punctuation, regions and words that say nothing stands between two parts."""
    if len(between) >= _LONGEST_GAP or between.count("\n") > 1 or _NEXT.search(between):
        return False
    return not re.search(r"[\w]", _SAYS_NOTHING.sub("", knowledge.address_grammar.region.sub("", between)))


def _without_overlap(parts: list[Part]) -> list[Part]:
    kept: list[Part] = []
    for part in parts:
        if kept and part.start < kept[-1].end:
            if kept[-1].bare and not part.bare:
                kept[-1] = part
            continue
        kept.append(part)
    return kept


_FROM_ALONE = re.compile(r"(?i)(?<!\w)(?:от|ot|iz)[ ]$")
_I_AM = re.compile(r"[ ](?:съм|сме|sum|sam|sym|sme)\b")
"""„от Тетово съм“."""
_FROM = re.compile(
    rf"(?:^|[\n,.:;!])[ ]*(?P<name>[{CAPITAL}][^\n,;:]{{4,40}}?)[ ,]{{1,2}}(?:от|ОТ|ot|OT|from|iz|из|ИЗ)[ ]$")
_I_FROM = re.compile(
    rf"(?<!\w)(?i:съм|казвам[ ]се|пише[ ]ви)[ ](?:[{CAPITAL}][{SMALL}]{{2,15}}[ ]){{1,3}}(?i:от)[ ]$")
"""„аз съм Нели от Бъзън“."""
_NO_PLACE_BEFORE = re.compile(r"(?i)(?:кметство|община|общ|обл|област|район|към|за|в|във|до|от|на|из|край)\.?$")


def _stands_as_place(text: str, part: Part, knowledge: Knowledge) -> bool:
    """A bare place name counts at the end of a line, after a comma, a name or the line's start, and after „живея в“."""
    before = text[max(0, part.start - 30) : part.start]
    if knowledge.address_grammar.lives.search(before) or (_FROM_ALONE.search(before) and _I_AM.match(text, part.end)):
        return True
    if _I_FROM.search(text, max(0, part.start - _LONGEST_GAP), part.start):
        return True
    named = _FROM.search(text[max(0, part.start - _LONGEST_GAP) : part.start])
    if named and any(name.certainty >= _LIKELY and name.end == len(named.group("name"))
                     for name in names_in(named.group("name"), knowledge)):  # fmt: skip
        return True
    line_start = max(text.rfind("\n", 0, part.start) + 1, part.start - _LONGEST_GAP)
    after = text[part.end : part.end + 3]
    if _IS_LABEL.match(text, part.end):
        return False
    before = text[line_start : part.start].rstrip()
    ends = (
        not after.strip(" .,")
        or after.startswith(("\n", ",", ".\n"))
        or bool(re.match(r"\s+(?:тел|TEL|ТЕЛ|Тел)", text[part.end : part.end + 5]))
    )
    if before.endswith(("–", "-")) and _of_organisation(before, knowledge):
        return False
    return ends and len(before.split()) <= 6 and not _NO_PLACE_BEFORE.search(before)


_IS_LABEL = re.compile(r"[ .…_]{0,30}:")
"""„Раздел...: да“ of a form names no place."""


def _of_organisation(before: str, knowledge: Knowledge) -> bool:
    """„РЗИ – Русе“ names an office and nobody's town; „Иван Петров – Русе“ does."""
    head = before.rstrip("–- ")
    return bool(head) and not any(name.end == len(head) for name in names_in(head, knowledge))


_BARE_QUARTER = re.compile(
    rf"[„\"«]?(?P<word>(?:[{CAPITAL}][{LETTER}]+|[46][a-z]+)(?:[ -](?:[{CAPITAL}]?[{LETTER}]{{2,}}|[IVX]+))?)[“”\"»]?"
    rf"(?:[ ]?-?[ ]?(?P<number>\d{{1,2}}[{CAPITAL}]?|(?<=[ ])[А-Г]))?[ ]?[ ,]{{1,3}}$"
)
_QUOTES = ("„", '"', "«")
_NO_QUARTER = re.compile(
    rf"^(?:Аз|Ние)[ ]|(?i:[ -](?:на|в|във|от|до|при|за|с|със|и|пред|към|по|na|v|ot|do|za))$|^[{CAPITAL}]{{2}}$")
"""„Домоуправителят на бл. 5“, „председател на ЕС, бл. 5“."""
_BEFORE_QUARTER = re.compile(r"(?:^|[\n,.:;(–-]|(?i:(?<!\w)(?:район|в|във|на|от|до|v|ot|in|from|кв|квартал)))[ ]*$")
_QUOTED_AFTER = re.compile(rf"[ ,]{{0,2}}[„\"«]([{CAPITAL}][{LETTER}]+(?:[ -]\w+)?)[“\"»”]")
"""„бл. 3 „Чавдар““."""
_LONGEST_QUARTER = 40


def _bare_quarters(text: str, parts: list[Part], knowledge: Knowledge) -> Iterator[Part]:
    """„Младост 3, бл. 306“: a name directly before the block is the quarter when nothing else says where it is."""
    ends = sorted(part.end for part in parts if part.name in ("street", "quarter", "number"))
    for block in parts:
        if block.name != "block":
            continue
        quoted = _QUOTED_AFTER.match(text, block.end)
        if quoted and not _is_name(quoted.group(1), knowledge):
            yield Part("quarter", quoted.group(1), quoted.start(1), quoted.end())
            continue
        at = bisect_right(ends, block.start)
        low = max(0, block.start - _LONGEST_QUARTER, ends[at - 1] if at else 0)
        if at and not text[ends[at - 1] : block.start].strip(" ,;-"):
            continue
        match = _BARE_QUARTER.search(text[low : block.start])
        if match is None:
            continue
        word, start = _without_town(match.group("word"), low + match.start(), knowledge)
        if _NO_QUARTER.search(word):
            continue
        plain = not match.group("number") and not match.group().startswith(_QUOTES)
        known = not plain and name_key(word) in knowledge.quarters
        if (plain and knowledge.places_named(word)) or (_is_name(word, knowledge) and not known):
            continue
        if start > low + match.start() or _BEFORE_QUARTER.search(text[max(0, start - 12) : start]):
            yield Part("quarter", " ".join(filter(None, (word, match.group("number")))), start,
                       low + match.end(match.lastgroup or 0), bare=True)  # fmt: skip


_MAY_BE_QUARTER = re.compile(
    rf"(?<![\w.„\"“«-])(?=(?P<words>(?:[{CAPITAL}][{LETTER}]+|[46][a-z]+)"
    rf"(?:[ -](?:[{LETTER}]+(?:-\d{{1,2}})?|[БB]-\d{{1,2}})){{0,2}}))")
_SMALL_BEFORE = re.compile(
    rf"(?<![\w.-])(?P<words>[{SMALL}4]{{3,}}(?:[ -][{SMALL}4]{{3,}}){{0,2}})"
    r"(?:[ ]?-?[ ]?\d{1,2}[абвг]?)?(?:[ ]на)?[ ,]{1,2}$")
_NUMBER_OF_QUARTER = re.compile(rf"[ ]?-?[ ]?(?:\d{{1,2}}[{CAPITAL}абвг]?|(?<=[ ])[А-ДIV]{{1,3}})(?![\w/]|[.-]\w)")
_CAPITAL_BEFORE = re.compile(rf"(?<!\w)(?!(?i:от|в|във|на|кв|квартал|ot|v)[ ])[{CAPITAL}][{LETTER}.]*[ ]$")
_BLOCK_NEXT = re.compile(r"[ ,)]{1,3}(?i:бл|блок|bl|blok)\b")
"""No village has blocks: a name that a village bears too is a quarter here."""
_NO_QUARTER_BEFORE = re.compile(
    r"(?i)(?<!\w)(?:район|р-н|общ\w*|обл\w*|парк|училище|дг|оу|су|стадион|театър|фирма|хотел)\.?[ ]$")
_CAPITAL_AFTER = re.compile(rf"[ ][{CAPITAL}][{SMALL}]{{2,}}")


def _known_quarters(text: str, parts: list[Part], knowledge: Knowledge, local: frozenset[str]) -> Iterator[Part]:
    """„Здравец Изток, ул. Рила 5“, „живея в Чародейка“: quarters that the vocabulary knows, without „кв.“; in small
    letters only directly before a block or street."""
    for match in _MAY_BE_QUARTER.finditer(text):
        if not _beside_a_name(text, match, knowledge):
            yield from _known_quarter(text, match.start(), match.group("words"), knowledge, local)
    for part in parts:
        if part.name in ("block", "street"):
            yield from _small_quarter_before(text, part.start, knowledge)


def _small_quarter_before(text: str, end: int, knowledge: Knowledge) -> Iterator[Part]:
    """„пламен делчев, здравец изток бл 12“."""
    low = max(0, end - _LONGEST_QUARTER)
    match = _SMALL_BEFORE.search(text[low:end])
    words = match.group("words").split(" ") if match else []
    for size in range(len(words), 0, -1):
        name = " ".join(words[-size:])
        if match and name_key(name) in knowledge.quarters:
            yield from _known_quarter(text, low + match.end("words") - len(name), name, knowledge, knowledge.quarters)
            return


def _beside_a_name(text: str, match: re.Match[str], knowledge: Knowledge) -> bool:
    """„Надежда Иванова“ and „Васил Левски“ are people, „район Оборище“ is a district, „Русе Дружба 2“ is no name."""
    near = text[max(0, match.start() - 20) : match.start()]
    before = _CAPITAL_BEFORE.search(near)
    if _NO_QUARTER_BEFORE.search(near):
        return True
    return before is not None and not knowledge.places_named(before.group().strip())


def _known_quarter(text: str, start: int, words: str, knowledge: Knowledge, local: frozenset[str]) -> Iterator[Part]:
    """The longest beginning of these words that is a quarter, with its number; one of `local` whatever follows."""
    pieces = words.split(" ")
    for size in range(len(pieces), 0, -1):
        name = " ".join(pieces[:size])
        if name_key(name) not in knowledge.quarters:
            continue
        end = start + len(name)
        number = _NUMBER_OF_QUARTER.match(text, end)
        if number is not None and _is_house(text, number):
            yield Part("street", name, start, end)
            yield Part("number", number.group().strip(" -"), number.start(), number.end())
            return
        end = number.end() if number is not None else end
        sure = number is not None or name_key(name) in local or _BLOCK_NEXT.match(text, end)
        if sure or not (_CAPITAL_AFTER.match(text, end) or knowledge.places_named(name)):
            bare = not name.lower().endswith(" град")  # else „град, София“ would be the town with its type word
            yield Part("quarter", " ".join(text[start:end].split()), start, end, bare=bare)
        return


def _is_house(text: str, number: re.Match[str]) -> bool:
    """„Бенковски 18“: quarters have no such numbers, streets of their names do; unless a block follows."""
    told = number.group().strip(" -")
    return told.isdigit() and int(told) > _MOST_QUARTERS and _BLOCK_NEXT.match(text, number.end()) is None


_MOST_QUARTERS = 10
"""„Люлин 10“ is the highest number of a quarter."""
_QUARTER_AFTER = re.compile(
    rf"[ ]*,?[ ](?:в|във|на|от(?=[ ][„\"]))[ ][„\"]?"
    rf"(?P<word>[{CAPITAL}][{SMALL}]{{3,}}(?:[ ][{CAPITAL}][{SMALL}]{{1,}})?(?:[ ][1-9]\d?(?!\w))?)"
    rf"[“\"]?(?=[ ,.;!?\n]|$)"
)


def _quarters_after(text: str, parts: list[Part], knowledge: Knowledge) -> Iterator[Part]:
    """„блок 12 на Здравец Изток“, „ул. Хан Крум 7 в Долапите“: a name after the house is the quarter."""
    others, taken = knowledge.lexicon.list("address.not_quarters"), {part.start for part in parts if not part.bare}
    for house in parts:
        if house.name not in ("block", "number"):
            continue
        match = _QUARTER_AFTER.match(text, house.end)
        if match is None or match.start("word") in taken:
            continue
        word = match.group("word")
        person = any(name.certainty > _LIKELY for name in names_in(word, knowledge))
        known = name_key(word) in knowledge.not_names or bool(knowledge.places_named(word))
        if not person and not known and word.split()[0].lower() not in others:
            yield Part("quarter", word, match.start(), match.end("word"))


_LABELLED_QUARTER = re.compile(
    rf"(?:(?i:адрес\w{{0,3}}|address)[ ]?[:\t][ ]?|(?<!\w)(?:в|във)[ ])"
    rf"(?P<word>[{CAPITAL}][{SMALL}]{{2,20}}(?:[ -][{LETTER}]{{2,20}})?),[ ]$")


def _labelled_quarters(text: str, parts: list[Part], knowledge: Knowledge) -> Iterator[Part]:
    """„Адрес: Горна поляна, ул. Роза 3“: what stands between the label and the street, and is no settlement."""
    for street in parts:
        low = max(0, street.start - _LONGEST_GAP)
        match = _LABELLED_QUARTER.search(text[low : street.start]) if street.name == "street" else None
        if match and not knowledge.places_named(match.group("word")) and not _is_name(match.group("word"), knowledge):
            yield Part("quarter", match.group("word"), low + match.start("word"), low + match.end("word"), bare=True)


_BARE_STREET = re.compile(
    rf"(?:(?<=\n)|(?<=\A)|(?<=[,;–-][ ]))[ \t]*"
    rf"(?P<quote>[„\"])?(?P<name>(?:[{CAPITAL}][{SMALL}]{{1,4}}\.[ ]?)?[{CAPITAL}][{SMALL}]{{2,}}"
    rf"(?:[ ][{CAPITAL}][{SMALL}]{{2,}}){{0,2}})[“”\"]?[ ]"
    rf"(?:{NUMBER_SIGN}\.?[ ]?)?(?P<number>\d{{1,3}}(?:[ ]?[{CAPITAL}{SMALL}])?)(?=[ ]?,)"
)
_CODE_ALONE = re.compile(r"(?:^|\n|[,;:][ ]?)[ \t]*(?P<code>(?!19|20[0-3])[1-9]\d{3})[ ,]{1,2}$")


def _codes_before(text: str, parts: list[Part]) -> Iterator[Part]:
    """„6300, ул. „Единство“ 19“: a postcode without its town."""
    for part in parts:
        if part.name not in ("street", "quarter") or part.bare:
            continue
        low = max(0, part.start - _LONGEST_GAP)
        match = _CODE_ALONE.search(text[low : part.start])
        if match:
            yield Part("postcode", match.group("code"), low + match.start("code"), low + match.end("code"))


def _codes_after(text: str, parts: list[Part]) -> Iterator[Part]:
    """„ул. „Велико Търново“ № 3, ет. 1, 7000“: a postcode that ends an address."""
    for part in parts:
        if part.name in ("number", "block", "entrance", "floor", "apartment"):
            match = _CODE_LAST.match(text, part.end)
            if match:
                yield Part("postcode", match.group("code"), match.start("code"), match.end("code"))


_CODE_LAST = re.compile(r"[ ]?,[ ](?P<code>(?!19|20[0-3])[1-9]\d{3})(?=[ ]?(?:\.?$|\.?\n|[,;]))")
_CLOSING = "“”\""
_FLAT_NEXT = re.compile(r"[ ]?,[ \t]*\n?[ \t]*")
_NAMED = rf"(?:[{CAPITAL}][{SMALL}]{{2,}}|[{CAPITAL}]{{3,}})"
_STREET_IN_TOWN = (
    rf"[ ]{{0,2}}[,–-]?[ ]{{1,2}}(?:на[ ])?[„\"«]?(?P<name>(?:[{CAPITAL}][{SMALL}]{{0,4}}\.[ ]?)?"
    rf"{_NAMED}(?:[ ](?:{_NAMED}|[{SMALL}]{{3,}})){{0,2}})"
    rf"[“”\"»]?[ ]?,?[ ]?(?:{NUMBER_SIGN}\.?[ ]?)?(?P<number>\d{{1,3}}[{CAPITAL}{SMALL}]?)"
)
_STREET_AFTER_TOWN = re.compile(rf"{_STREET_IN_TOWN}(?=[ ]?(?:[,.;!?)\n]|$))")
"""„Русе, Шипка 9“, „в Хасково, „Драгоман“ 17“."""
_ORDINAL_AFTER_TOWN = re.compile(
    rf"[ ]{{0,2}},?[ ]{{1,2}}(?:на[ ])?[„\"«]?"
    rf"(?P<name>(?:(?:Два|Три)(?:десет|йсет)[ ]и[ ](?i:първа|втора|трета|четвърта|"
    rf"пета|шеста|седма|осма|девета)|\d{{1,3}}-?(?:та|ва|ра|ма)))[“”\"»]?[ ]?,?[ ]?(?:{NUMBER_SIGN}\.?[ ]?)?"
    rf"(?P<number>\d{{1,3}}[{CAPITAL}{SMALL}]?)(?![\w-]|[.]\d)")
"""„с. Злокучене, Двадесет и втора № 7“."""
_QUARTER_WITH_STREETS = re.compile(r"(?:кв|kv)\b")
"""„кв. Куба, Янтра 7“: among blocks a name with a number is no street."""
_STREET_BEFORE_FLAT = re.compile(rf"{_STREET_IN_TOWN}(?=[ ,;]{{1,3}})")


def _bare_streets(text: str, parts: list[Part], knowledge: Knowledge) -> Iterator[Part]:
    """„Борисова 15, ет. 2“: a name and a number before an entrance, a floor or a flat is a street."""
    inside = {part.start: part.name for part in parts if part.name in ("entrance", "floor", "apartment")}
    taken = sorted((part.start, part.end) for part in parts if part.name in ("street", "quarter", "block"))
    for match in _BARE_STREET.finditer(text) if inside else ():
        name, follows = match.group("name"), _FLAT_NEXT.match(text, match.end())
        flat = inside.get(follows.end(), "") if follows else ""
        if not flat or (flat != "entrance" and _is_village(name, knowledge)):
            continue
        at = bisect_right(taken, (match.end(), 0))
        quoted = match.group("quote") and text[match.end("name")] in _CLOSING
        person = not quoted and any(found.certainty >= _SURE_PERSON for found in names_in(name, knowledge))
        if (at and taken[at - 1][1] > match.start("name")) or person:
            continue
        yield Part("street", name, match.start("name"), match.end("name"))
        yield Part("number", match.group("number").replace(" ", ""), match.start("number"), match.end("number"))


def _streets_after_town(text: str, parts: list[Part], knowledge: Knowledge) -> Iterator[Part]:
    """„Русе, Шипка 9“: a name with a number directly after the settlement is a street, unless a block says that it is a
    quarter."""
    starts = {part.start: part.name for part in parts if not part.bare}
    for town in parts:
        if town.name not in ("settlement", "postcode") and not _QUARTER_WITH_STREETS.match(town.value):
            continue
        ordinal = _ORDINAL_AFTER_TOWN.match(text, town.end)
        if ordinal:
            yield Part("street", ordinal.group("name"), ordinal.start("name"), ordinal.end("name"))
            yield Part("number", ordinal.group("number"), ordinal.start("number"), ordinal.end("number"))
            continue
        match = _STREET_AFTER_TOWN.match(text, town.end)
        if match is None or _next_part(text, match.end(), starts) in ("block", "quarter"):
            match = _STREET_BEFORE_FLAT.match(text, town.end)
            if match is None or _next_part(text, match.end(), starts) not in ("entrance", "floor", "apartment"):
                continue
        name = match.group("name")
        if not all(word[0].isupper() or word in knowledge.address_grammar.street_words for word in name.split()):
            continue
        if match.start("name") in starts or knowledge.address_grammar.part_word.match(name) or name.lower() in _MONTHS:
            continue
        yield Part("street", " ".join(match.group("name").split()), match.start("name"), match.end("name"))
        yield Part("number", match.group("number"), match.start("number"), match.end("number"))


_HOUSE_OF_NAME = (
    rf"(?P<name>(?:[{CAPITAL}][{SMALL}]{{0,4}}\.[ ]?){{0,2}}{_NAMED}(?:[ ](?:{_NAMED}|[{SMALL}]{{3,}})){{0,2}})"
    rf"[ ](?:{NUMBER_SIGN}\.?[ ]?)?(?P<number>\d{{1,3}}[{CAPITAL}]?(?:[ ][{CAPITAL}](?=[ ]?,))?)(?![\w/-]|[.:]\d)")
_LIVED_IN = re.compile(
    rf"(?<!\w)(?i:жив(?:ея|еем|уща?|ущи|еещ[аи]?)|обитаваме?|намираме?[ ]се|съм|сме|(?:[ ](?:ми|ни))[ ]е|"
    rf"на[ ]адрес|адрес(?::|[ ]?[=-]?>{{1,2}}|[ ]?[–-])?|jive(?:q|ya|ia|em)|zhive(?:ya|em))[ ]"
    rf"(?:(?i:сега|постоянно)[ ]|(?:[{SMALL}]{{2,10}}[ ]){{1,4}}[–:-][ ])?"
    rf"(?:(?i:на|на[ ]адрес:?|na)[ ])?{_HOUSE_OF_NAME}")
_LIVED_IN_SMALL = re.compile(
    rf"(?<!\w)(?i:живе[яе]м?|живущ[аи]?|съм|сме|z?h?jive(?:q|ya|ia|a|em)|sme|sam|sum)[ ]"
    rf"(?:(?:в|v)[ ](?P<town>[{SMALL}]{{4,}}(?:[ ][{SMALL}]{{3,}})?)[ ])?"
    rf"(?:на|na)[ ](?P<name>[{SMALL}]{{3,}}(?:[ ][{SMALL}]{{3,}})?)[ ](?P<number>\d{{1,3}}[{SMALL}]?)(?![\w/-]|[.:]\d)")
"""„живея в хасково на раковски 22“."""
_ON_STREET = re.compile(
    rf"(?<!\w)(?i:на|от|до|пред|срещу|зад|при|адреса?[ ](?:ми|ни)[ ]–)[ ]{_HOUSE_OF_NAME}"
    r"(?=[ ]?(?:[,;!?)(–\n]|\.(?!\d)|$)|[ ](?:и|в|във|бл|вх|вход|ет|ап|дето|където|там)(?!\w))")
"""„мазето на Котовск 5 (вх. Б)“, „къщата на Добруджа 50, дето съм роден“."""
_NUMBER_ON_STREET = re.compile(
    rf"(?<!\w){NUMBER_SIGN}\.?[ ]?\d{{1,3}}[{LETTER}]?[ ](?:на|по)[ ]"
    rf"(?P<name>[„\"]?{_NAMED}(?:[ ]{_NAMED})?[“\"]?)(?=[ ]?(?:[,;.!?)\n]|$))")
"""„сме отсреща, номер 14 на Чипровци“."""
_NUMBER_THEN_STREET = re.compile(
    r"(?:^|[\n,;])[ ]*(?P<number>\d{1,3}[A-Z]?)[ ](?P<name>[A-Z][a-z]{2,}(?:[ ][A-Z][a-z]{2,}){0,2})[ ]?,[ ]?\n?[ ]*$")
"""„12 Peta, Semchinovo“: as in the countries of those who write so."""
_BEFORE_TOWN = re.compile(rf"(?:^|[\n,;|–])[ ]*{_HOUSE_OF_NAME}[ ]?(?:[,|–-][ ]?|,?[ ]?\n[ ]*|[ ])$")
"""„Мария Колева, Шипка 22, Русе“."""


def _streets_lived_in(text: str, parts: list[Part], knowledge: Knowledge) -> Iterator[Part]:
    """A name with a number directly after „живея на“ is a street, where nothing else says what it is."""
    taken = {part.start for part in parts if not (part.bare and part.name == "settlement")}
    for match in _LIVED_IN.finditer(text):
        if match.start("name") not in taken and not _no_house(text, match.end("number"), knowledge):
            yield from _house_of(match, 0, knowledge)
    for match in _ON_STREET.finditer(text):
        free = match.start("name") not in taken and not knowledge.places_named(match.group("name"))
        if free and not _no_house(text, match.end("number"), knowledge):
            yield from _house_of(match, 0, knowledge)
    for match in _NUMBER_ON_STREET.finditer(text):
        name = match.group("name").strip("„“\"")
        if match.start("name") not in taken and name_key(name) not in knowledge.quarters and name_key(
                name) not in knowledge.not_names:  # fmt: skip
            yield Part("street", name, match.start("name"), match.end("name"))
    for match in _LIVED_IN_SMALL.finditer(text):
        name, town = match.group("name"), match.group("town")
        part_word = knowledge.address_grammar.part_word.match(name)
        if match.start("name") in taken or part_word or _no_house(text, match.end("number"), knowledge):
            continue
        yield Part("street", name, match.start("name"), match.end("name"))
        yield Part("number", match.group("number"), match.start("number"), match.end("number"))
        if town and any(place.type == "гр." for place in knowledge.places_named(town)):
            yield Part("settlement", town.title(), match.start("town"), match.end("town"))


def _streets_before_town(text: str, parts: list[Part], knowledge: Knowledge) -> Iterator[Part]:
    """A name with a number directly before a settlement is a street, unless it is a village's or a person's."""
    taken = sorted((part.start, part.end) for part in parts if part.name in ("street", "quarter", "block", "number"))
    for town in parts:
        if town.name not in ("settlement", "postcode"):
            continue
        low = max(0, town.start - _LONGEST_GAP)
        match = _BEFORE_TOWN.search(text[low : town.start]) or _NUMBER_THEN_STREET.search(text[low : town.start])
        if match is None or any(start < town.start and low + match.start("name") < end for start, end in taken):
            continue
        person = any(name.certainty >= _SURE_PERSON for name in names_in(match.group("name"), knowledge))
        if not person and not _is_village(match.group("name"), knowledge):
            yield from _house_of(match, low, knowledge)


_AFTER_NAME = re.compile(
    rf"(?m)^[ \t]*(?P<who>[{CAPITAL}][^\n,;\d]{{4,50}}?)[ ]?(?:[,–-]|\n)[ ]*{_HOUSE_OF_NAME}"
    rf"(?=[ ]?(?:,[^\n]{{0,30}})?\.?[ ]*$)")
"""„Вълко Банов, Тулча 5“, also on two lines."""


def _streets_after_name(text: str, parts: list[Part], knowledge: Knowledge) -> Iterator[Part]:
    """A name with a number that ends a line, directly after a person's name, is a street."""
    taken = sorted((part.start, part.end) for part in parts if part.name in ("street", "quarter", "block", "number"))
    for match in _AFTER_NAME.finditer(text):
        who = match.group("who").strip()
        known = any(name.certainty >= _SURE_PERSON and name.end == len(who) for name in names_in(who, knowledge))
        free = not any(start < match.end() and match.start("name") < end for start, end in taken)
        if known and free and not _is_village(match.group("name"), knowledge):
            yield from _house_of(match, 0, knowledge)


def _house_of(match: re.Match[str], low: int, knowledge: Knowledge) -> Iterator[Part]:
    """The street and the house of a match in text that begins at `low`; nothing where the name is another word."""
    name = match.group("name")
    words = name.split()
    if not all(word[0].isupper() or word in knowledge.address_grammar.street_words for word in words):
        return
    if knowledge.address_grammar.part_word.match(name) or name.lower() in _MONTHS or (
            name_key(name) in knowledge.quarters or words[0].lower() in knowledge.lexicon.list("address.not_streets")):
        return
    yield Part("street", " ".join(words), low + match.start("name"), low + match.end("name"))
    yield Part("number", match.group("number").replace(" ", ""), low + match.start("number"), low + match.end("number"))


def _no_house(text: str, end: int, knowledge: Knowledge) -> bool:
    """„живея на Балкана 20 години“."""
    word = _NEXT_WORD.match(text, end)
    return word is not None and word.group("word").lower() in knowledge.lexicon.list("address.not_houses")


_NEXT_WORD = re.compile(r"[ ]?(?P<word>[^\W\d_]+)")
_QUOTED_STREET = re.compile(
    rf"(?<!\w)(?i:на|от|в|за|до|при|пред|срещу|откъм|живе[^\W\d_]{{1,3}}|адрес[^\W\d_]{{0,3}}|"
    rf"номер[^\W\d_]{{0,2}}[ ]е)[ ]?(?:[–:,=-]|[=-]?>{{1,2}})?[ ]"
    rf"[„\"«](?P<name>[{CAPITAL}][^„“”\"«»\n]{{2,30}})[“”\"»][ ]?[,(]?[ ]?"
    rf"(?:{NUMBER_SIGN}\.?[ ]?)?(?P<number>\d{{1,3}}[{CAPITAL}{SMALL}]?)(?=[ ]?(?:[,.;!?)\n]|$|в[ ]|във[ ]|и[ ]))")
"""„живея на „Граф Игнатиев“ 36“."""


def _quoted_streets(text: str, parts: list[Part], knowledge: Knowledge) -> Iterator[Part]:
    """A name in quotation marks with a number after „на“ is a street, where nothing else says what it is."""
    taken = {part.start for part in parts}
    for match in _QUOTED_STREET.finditer(text):
        if match.start("name") not in taken and not knowledge.address_grammar.part_word.search(match.group("name")):
            yield Part("street", match.group("name"), match.start("name"), match.end("name"))
            yield Part("number", match.group("number"), match.start("number"), match.end("number"))


def _next_part(text: str, end: int, starts: Mapping[int, str]) -> str:
    """Which part with a type word begins after nothing but punctuation; empty for none."""
    gap = _PUNCTUATION.match(text, end)
    return starts.get(gap.end() if gap else end, "")


_PUNCTUATION = re.compile(r"[ ,;.]{0,4}\n?[ ]{0,2}")
_SMALL_TOWN = re.compile(
    rf"[ ]?,?[ ](?:(?:в|във|на|гр|град|v|in)[ ])?(?P<name>[{SMALL}]{{4,}}(?:[ ][{SMALL}]{{3,}})?)(?![\w.])")


def _small_towns(text: str, parts: list[Part], knowledge: Knowledge) -> Iterator[Part]:
    """„живея на ул хан кубрат 22 ап 15 в хасково“: a town in small letters directly after a house or flat."""
    for part in parts:
        if part.name in ("street", "quarter"):
            yield from _small_town_before(text, part.start, knowledge)
        if part.name not in ("number", "block", "apartment", "floor", "entrance"):
            continue
        match = _SMALL_TOWN.match(text, part.end)
        if match is None:
            continue
        for name in (match.group("name"), match.group("name").split()[0]):
            if any(place.type == "гр." for place in knowledge.places_named(name)):
                start = match.start("name")
                yield Part("settlement", name.title(), start, start + len(name), bare=True)
                break


def _small_town_before(text: str, end: int, knowledge: Knowledge) -> Iterator[Part]:
    """„софия ул тинтява 15“."""
    low = max(0, end - _LONGEST_QUARTER)
    match = _SMALL_TOWN_BEFORE.search(text[low:end])
    for name in (match.group("name"), match.group("name").split()[-1]) if match else ():
        if any(place.type == "гр." for place in knowledge.places_named(name)):
            start = low + match.end("name") - len(name) if match else low
            yield Part("settlement", name.title(), start, start + len(name), bare=True)
            break


_SMALL_TOWN_BEFORE = re.compile(rf"(?<!\w)(?P<name>(?:[{SMALL}]{{3,}}[ ])?[{SMALL}]{{4,}})[ ,]{{1,3}}$")
_MONTHS = ("януари", "февруари", "март", "април", "май", "юни", "юли", "август", "септември", "октомври", "ноември",
           "декември")  # fmt: skip


def _is_village(name: str, knowledge: Knowledge) -> bool:
    """Whether the register has a village of this name; houses there have numbers and no streets. Towns give streets
    their names („Плиска 14, вх. Б“)."""
    return any(place.type != "гр." for place in knowledge.places_named(name))


def _without_town(words: str, start: int, knowledge: Knowledge) -> tuple[str, int]:
    """„РУСЕ ДРУЖБА“ without the town before the quarter."""
    first, _, rest = words.partition(" ")
    if rest and any(place.type == "гр." for place in knowledge.places_named(first)):
        return rest, start + len(first) + 1
    return words, start


def _is_name(word: str, knowledge: Knowledge) -> bool:
    return any(name.certainty >= _LIKELY for name in names_in(word, knowledge))


_SURE_PERSON = 0.85
"""Certainty from which a name with a number and a flat after it is still no street („Цар Самуил 44, вх. Б“ is one)."""
_LIKELY = 0.5
"""Certainty from which two words are taken for a person's name."""
