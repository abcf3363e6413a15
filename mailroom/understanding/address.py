"""The sender's postal address: parsed from Bulgarian layouts, and only when the text makes it the sender's own.

The parser (`parse_addresses`) finds parts („ул. …“, „бл. …“) and joins neighbouring ones into candidates.
`find_address` then asks of each candidate whose it is: one after „адрес“, „живущ в“, beside the sender's name or in the
signature is the sender's; the place of the problem, the addressee's block and the town hall's own address are not.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mailroom.model.findings import Address, Evidence, Found
from mailroom.understanding.address_grammar import CAPITAL, LETTER, NUMBER_SIGN, SMALL, AddressGrammar, type_key
from mailroom.understanding.folding import name_key
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.names import names_in
from mailroom.understanding.sender import places_of_sender
from mailroom.understanding.view import View


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


def find_address(view: View, _: Mapping[str, Any]) -> Found[Address] | None:
    """The sender's address with the words that make it the sender's."""
    value = view.form_value("form_address")
    if value:
        written = parse_addresses(value, view.knowledge, bare_quarter=True)
        if written:
            joined = Candidate([part for candidate in written for part in candidate.parts])
            return Found(
                value=joined.address(),
                confidence=0.95,
                evidence=(Evidence(text=value, why="полето за адрес във формуляра"),),
            )
    candidates = parse_addresses(view.clear, view.knowledge)
    if len(candidates) > 4 * _MOST:
        candidates = [*candidates[: 2 * _MOST], *candidates[-2 * _MOST :]]
    names = places_of_sender(view)
    for candidate in candidates:
        _weigh(view, candidate, names)
    good = sorted((c for c in candidates if c.score >= 3), key=lambda c: -c.score)[:_MOST]
    if not good:
        return None
    best = good[0]
    for other in good[1:]:
        if _same_house(best.address(), other.address()) or (
            other.names.isdisjoint(best.names)
            and (other.names & {"apartment", "floor", "entrance", "settlement"} or abs(other.start - best.end) < 90)
        ):
            best.parts.extend(other.parts)
    address = best.address()
    evidence = view.quote(best.start, good[0].end, "; ".join(best.why) or "адрес в писмото")
    return Found(value=address, confidence=min(1.0, 0.4 + best.score / 14), evidence=(evidence,))


def _same_house(one: Address, other: Address) -> bool:
    """Whether two mentions are of one house: what both name is equal, and both name a street with number or a block."""
    a, b = one.model_dump(exclude_none=True), other.model_dump(exclude_none=True)
    shared = a.keys() & b.keys()
    return bool(shared & {"street", "block"}) and all(name_key(a[name]) == name_key(b[name]) for name in shared)


def _weigh(view: View, candidate: Candidate, names: tuple[tuple[int, int], ...]) -> None:
    """Add up what speaks for and against the candidate's being the sender's own address."""
    text, start = view.clear, candidate.start
    line_start, line_end = view.line_around(start, candidate.end)
    before = text[max(0, line_start - 1 if start - line_start < 3 else line_start, start - 60) : start]
    line = text[line_start:line_end]
    words = len(line.split())
    candidate.score += 0.25 * len(candidate.names)
    for weight, why in _reasons(view, candidate, names, before, line, words):
        candidate.score += weight
        if weight > 0:
            candidate.why.append(why)


def _reasons(
    view: View, candidate: Candidate, names: tuple[tuple[int, int], ...], before: str, line: str, words: int
) -> Iterator[tuple[float, str]]:
    lexicon = view.knowledge.lexicon
    own = _trigger(before, lexicon.list("address.own_before"), 24)
    if own:
        group = own in ("живущи", "живеещи", "жители на", "живеем")
        yield (3 if candidate.names & {"number", "block"} else -4) if group else 5, f"след „{own}“"
    elif any(
        _FROM_PLACE.fullmatch(view.clear[end : candidate.start]) for _, end in names if 0 <= candidate.start - end < 60
    ):
        own = "името на подателя"
        yield 5, "след името на подателя"
    elif _trigger(before, lexicon.list("address.other_before"), 14) and words > 6:
        yield -5, ""
    if _of_town_hall(view, candidate):
        yield -8 if not own else -4, ""
    near = min((_lines_between(view.clear, start, candidate) for start, _ in names), key=_distance, default=99)
    if near == 0 and words <= 22:
        yield 4, "на реда с името на подателя"
    elif 0 < near <= 4:
        yield 3.5, "под името на подателя"
    elif -2 <= near < 0 and words <= 12:
        yield 2, "над името на подателя"
    tail = view.lines[view.tail_start].start if view.tail_start < len(view.lines) else len(view.clear)
    head = view.lines[view.body_start].start if view.body_start < len(view.lines) else len(view.clear)
    if candidate.start >= tail and words <= 14:
        yield 2, "в подписа"
        if not _LETTERS.search(_without(view.clear, candidate, line)):
            yield 1, "ред само с адрес"
    elif candidate.start < head and words <= 22:
        yield 2, "в началото на писмото"
    elif not own and words > 14:
        yield -3, ""
    if _addressee_block(view, candidate.start) and not own:
        yield -6, ""
    if candidate.names == {"settlement"} and _place_of_writing(line, candidate) and not own:
        yield -2.6, ""
    if (
        candidate.names <= {"settlement", "postcode"}
        and candidate.parts[0].bare
        and near != 0
        and not own
        and words > 5
    ):
        yield -3, ""


_FROM_PLACE = re.compile(r"\s*[,–-]?\s*(?:(?:от|жител\w*\s+на|живущ\w*\s+(?:в|на))\s+)?")
_MOST = 40
"""Addresses in a letter that are compared with each other."""
_FAR = 1_000
"""Characters: farther apart nothing belongs together."""
_ADDRESSEE_LINES = 15
_LETTERS = re.compile(r"[^\W\d_]{3,}")


def _without(text: str, candidate: Candidate, line: str) -> str:
    """What else stands on the candidate's line."""
    for part in candidate.parts:
        line = line.replace(text[part.start : part.end], " ", 1)
    return line


def _distance(lines: int) -> int:
    """Lines below a name are nearer to it than lines above."""
    return lines if lines >= 0 else 2 * -lines


def _trigger(before: str, words: tuple[str, ...], reach: int) -> str:
    """Which of these words stands within `reach` characters before the address."""
    tail = before[-(reach + 25) :].lower()
    for word in sorted(words, key=len, reverse=True):
        for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", tail):
            if len(tail) - match.end() <= reach:
                return word
    return ""


def _lines_between(text: str, name_at: int, candidate: Candidate) -> int:
    """How many written lines the candidate stands below the name; 0 on its line, negative above."""
    if not -_FAR < candidate.start - name_at < _FAR:
        return 99
    if candidate.start >= name_at:
        between = text[name_at : candidate.start]
        return sum(bool(part.strip()) for part in between.split("\n")[1:-1]) + (1 if "\n" in between else 0)
    between = text[candidate.end : name_at]
    return -(sum(bool(part.strip()) for part in between.split("\n")[1:-1]) + 1) if "\n" in between else 0


def _of_town_hall(view: View, candidate: Candidate) -> bool:
    """Whether it is the municipality's own address."""
    hall = name_key(view.pack.contact.address)
    address = candidate.address()
    if not address.street or not hall:
        return False
    street = name_key(re.sub(r"^(?:ул|бул|пл)\.\s*", "", address.street))
    return bool(street) and street in hall and (address.number is None or name_key(address.number) in hall)


def _addressee_block(view: View, start: int) -> bool:
    """Whether the line belongs to „До …“: the block of lines from it to the next blank line or „от“."""
    inside = False
    at = view.line_at(start)
    for line in view.lines[max(0, at - _ADDRESSEE_LINES) : at + 1]:
        text = line.text.strip()
        if not text or re.match(r"(?i)(?:от|from)\b", text) or names_in(text, view.knowledge)[:1]:
            inside = False
        if re.match(r"(?i)(?:до|to)\b(?:\s|$|:)|г-н кмета|the mayor|господин кмета|община|municipality|кмета на", text):
            inside = True
    return inside


def _place_of_writing(line: str, candidate: Candidate) -> bool:
    """„гр. Русе, 09.03.2026 г.“ and a place alone on its line tell where the letter was written."""
    place = candidate.parts[0].value
    rest = line.replace(place, "", 1)
    return not re.search(
        r"[^\W\d_]{3,}",
        re.sub(
            r"(?i)\b(?:гр|град|село|януари|февруари|март|април|май|юни|юли|август|септември|октомври|ноември|"
            r"декември|с уважение|дата)\b",
            "",
            rest,
        ),
    )


def parse_addresses(text: str, knowledge: Knowledge, *, bare_quarter: bool = False) -> list[Candidate]:
    """Every group of address parts in the text, in order. `bare_quarter` takes „Младост 3, бл. 306“ at its word."""
    parts = _without_overlap(sorted(_parts(text, knowledge), key=lambda part: (part.start, -part.end)))
    groups: list[list[Part]] = []
    for part in parts:
        if groups and _joined(text[max(p.end for p in groups[-1]) : part.start]) and _fits(groups[-1], part):
            groups[-1].append(part)
        else:
            groups.append([part])
    found = []
    for group in groups:
        group = _with_bare_quarter(text, group, knowledge, alone=bare_quarter)
        if any(not part.bare for part in group) or _stands_as_place(text, group[0]):
            found.append(Candidate(group))
    return found


def _fits(group: list[Part], part: Part) -> bool:
    """A second street or settlement begins another address."""
    names = {p.name for p in group}
    return part.name not in names or part.name in ("postcode",)


def _joined(between: str) -> bool:
    """Whether nothing but punctuation, regions and words that say nothing stands between two parts."""
    if len(between) >= 60 or between.count("\n") > 1:
        return False
    stripped = re.sub(
        rf"(?i)\b(?:общ(?:ина)?|обл(?:аст)?|р-н|район|obshtina|ob6tina|obsht|"
        rf"oblast)\b\.?\s*[„\"]?[{LETTER}]+(?:[ -][{CAPITAL}][{SMALL}]+)?[“\"]?"
        r"|\b(?:кантора|офис|магазин|п\.?\s?к\.?|пощенски код|българия|bulgaria|в|във|на|живущ\w*|адрес\w*|гр|v|"
        r"na)\b\.?\s*\d{0,3}",
        "", between)  # fmt: skip
    return not re.search(r"[\w]", stripped)


def _without_overlap(parts: list[Part]) -> list[Part]:
    kept: list[Part] = []
    for part in parts:
        if kept and part.start < kept[-1].end:
            if kept[-1].bare and not part.bare:
                kept[-1] = part
            continue
        kept.append(part)
    return kept


def _stands_as_place(text: str, part: Part) -> bool:
    """A bare place name counts only at the end of a line, after a comma, a name or the line's start."""
    line_start = text.rfind("\n", 0, part.start) + 1
    after = text[part.end : part.end + 3]
    before = text[line_start : part.start].rstrip()
    ends = (
        not after.strip(" .,")
        or after.startswith(("\n", ",", ".\n"))
        or bool(re.match(r"\s+(?:тел|TEL|ТЕЛ|Тел)", text[part.end : part.end + 5]))
    )
    words = before.split()
    return (
        ends
        and len(words) <= 6
        and not re.search(r"(?i)(?:община|общ|обл|област|район|към|за|в|във|до|от|на|из|край)\.?$", before)
    )


def _with_bare_quarter(text: str, group: list[Part], knowledge: Knowledge, *, alone: bool) -> list[Part]:
    """„Младост 3, бл. 306“: a name directly before the block is the quarter when nothing else says where it is."""
    names = {part.name for part in group}
    if "block" not in names or names & {"quarter", "street"}:
        return group
    block = next(part for part in group if part.name == "block")
    line_start = max(text.rfind("\n", 0, block.start) + 1, *(p.end for p in group if p.end <= block.start), 0)
    before = text[line_start : block.start]
    match = re.search(
        rf"((?:[{CAPITAL}][{SMALL}]+|[IVX]+)(?:[ -](?:[{CAPITAL}]?[{SMALL}]{{2,}}|"
        rf"[IVX]+))?(?:[ ]\d{{1,2}}[А-Я]?)?)[ ,]{{1,3}}$",
        before,
    )
    if (
        not match
        or knowledge.places_named(match.group(1))
        or any(name.certainty >= 0.5 for name in names_in(match.group(1), knowledge))
        or (before[: match.start()].strip(" ,.:-") and not alone)
    ):
        return group
    quarter = Part("quarter", match.group(1), line_start + match.start(1), line_start + match.end(1))
    return sorted([*group, quarter], key=lambda part: part.start)


def _parts(text: str, knowledge: Knowledge) -> Iterator[Part]:
    grammar = knowledge.address_grammar
    for match in grammar.street.finditer(text):
        yield from _street(text, match, grammar)
    for match in grammar.quarter.finditer(text):
        yield from _quarter(text, match, grammar)
    for match in grammar.block.finditer(text):
        value = " ".join((match.group("free") or match.group("quoted")).split())
        yield Part("block", re.sub(r"(?<=\d)\s+(?=\w)", "", value), match.start(), match.end())
    for name, pattern in (("entrance", grammar.entrance), ("floor", grammar.floor), ("floor", grammar.floor_after),
                          ("apartment", grammar.apartment)):  # fmt: skip
        for match in pattern.finditer(text):
            yield Part(name, match.group("free"), match.start(), match.end())
    for pattern, value in grammar.floor_words:
        for match in pattern.finditer(text):
            yield Part("floor", value, match.start(), match.end())
    yield from _settlements(text, knowledge, grammar)
    for match in _POSTCODE.finditer(text):
        yield Part("postcode", match.group(1), match.start(), match.end())
    yield from _foreign(text)


def _street(text: str, match: re.Match[str], grammar: AddressGrammar) -> Iterator[Part]:
    """A street with its house number."""
    name, end = _name_at(text, match.end(), grammar)
    if not name:
        return
    number = grammar.number.match(text, end)
    kind = grammar.canonical.get(type_key(match.group("type")), match.group("type"))
    yield Part("street", f"{kind} {name}", match.start(), end)
    if number:
        value = number.group("sure") or number.group("house")
        yield Part("number", re.sub(r"\s", "", value), end, number.end())


def _quarter(text: str, match: re.Match[str], grammar: AddressGrammar) -> Iterator[Part]:
    """A quarter; a number of one or two digits directly after the name belongs to it („Дружба 3“)."""
    name, end = _name_at(text, match.end(), grammar)
    if not name:
        return
    number = re.compile(rf"[ ]?-?[ ]?(\d{{1,2}}[{CAPITAL}]?)(?![\w./]|-\w)").match(text, end)
    if number and text[end - 1] not in '“”"»':
        name, end = f"{name} {number.group(1)}", number.end()
    kind = grammar.canonical.get(type_key(match.group("type")), match.group("type"))
    yield Part("quarter", f"{kind} {name}", match.start(), end)


_POSTCODE = re.compile(r"(?i)(?<!\w)(?:п\.?\s?к\.?|пощ(?:енски|\.)\s?код)[ :№]{0,2}(\d{4})(?!\d)")
_NAME_WORD = re.compile(r"[ ]?([\w’'.-]*\w\.?|\w)")
_NUMBER_NEXT = re.compile(rf"{NUMBER_SIGN}\s*\d")
_ORDINAL = re.compile(r"\d{1,3}-?(?:ти|ви|ри|ра|ма|та|ва|а|и|о|th)$", re.IGNORECASE)


def _name_at(text: str, start: int, grammar: AddressGrammar) -> tuple[str, int]:
    """The name of a street or quarter that begins at `start`, and where it ends; an empty name when there is none.

    In quotation marks it is what stands between them. Without them it is capitalised words and ordinals, small words
    that streets have („шосе“, „май“), and other small words only when a number or another part follows at once.
    """
    quoted = grammar.quoted.match(text, start)
    if quoted:
        return " ".join(quoted.group("quoted").split()).strip(" .,"), quoted.end()
    end, words = start, 0
    while words < 5 and (match := _NAME_WORD.match(text, end)):
        word = match.group(1)
        if words and (grammar.part_word.match(text, match.start(1)) or _NUMBER_NEXT.match(text, match.start(1))):
            break
        if not _belongs(text, match, grammar, first=not words):
            break
        end, words = match.end(), words + 1
        if word.endswith(".") and len(word) > 5:
            break
    name = " ".join(text[start:end].split()).strip(" .,-–")
    return (name, end) if name and not name.isdigit() else ("", start)


def _belongs(text: str, match: re.Match[str], grammar: AddressGrammar, *, first: bool) -> bool:
    """Whether this word is part of the name."""
    word, after = match.group(1), text[match.end() : match.end() + 40]
    if word[0].isdigit():
        return bool(_ORDINAL.match(word)) or (first and bool(re.match(rf"[ ][{CAPITAL}{SMALL}]{{3,}}", after)))
    if word[0].isupper() or word.lower().rstrip(".") in grammar.street_words:
        return True
    if word in ("и", "на", "св.", "св", "i", "na", "де", "д-р", "полк.", "ген.", "кап."):
        return bool(re.match(rf"[ ]?(?:на[ ])?[{CAPITAL}]", after))
    goes_on = re.match(rf"(?:[ ][{SMALL}]{{3,}})?[ ]*(?P<comma>,?)[ ]*(?P<next>{NUMBER_SIGN}[ ]?\d|\d|\w*)", after)
    if goes_on is None:
        return False
    follows = goes_on.group("next")
    if not follows:
        return False
    numbered = not follows[0].isalpha() or (len(follows) > 1 and follows[-1].isdigit())
    return numbered or bool(grammar.part_word.match(after, goes_on.start("next")))


def _settlements(text: str, knowledge: Knowledge, grammar: AddressGrammar) -> Iterator[Part]:
    for match in grammar.town.finditer(text):
        start = match.start("rest")
        name, end = _place_name(text, start, match.group("rest"), knowledge, typed=True)
        if name:
            if match.group("code"):
                yield Part("postcode", match.group("code"), match.start("code"), match.end("code"))
            yield Part("settlement", name, match.start("type"), end)
            yield from _postcode_after(text, end)
    for match in re.finditer(
        r"(?<![\w.„\"“-])(?:(?P<code>\d{4})[ ,]{1,3})?"
        rf"(?P<rest>[{CAPITAL}][{LETTER}]{{2,}}(?:[ -][{CAPITAL}]?[{LETTER}]{{2,}}){{0,2}})",
        text,
    ):
        if re.search(
            r"(?i)(?:община|общ|област|обл|район|р-н|ул|бул|кв|пл|ж\.?к|кмета на|obshtina|"
            r"municipality of)\.?\s*[„\"]?$",
            text[max(0, match.start("rest") - 16) : match.start("rest")],
        ):
            continue
        name, end = _place_name(text, match.start("rest"), match.group("rest"), knowledge, typed=False)
        if name:
            bare = not match.group("code")
            if not bare:
                yield Part("postcode", match.group("code"), match.start("code"), match.end("code"))
            yield Part("settlement", name, match.start("rest"), end, bare=bare)
            yield from _postcode_after(text, end)


def _place_name(text: str, start: int, rest: str, knowledge: Knowledge, *, typed: bool) -> tuple[str, int]:
    """The longest beginning of `rest` that the register knows; after „гр.“ or „с.“ any capitalised words."""
    words = list(re.finditer(r"[^\s,.]+", rest))[:4]
    for size in range(min(3, len(words)), 0, -1):
        shown = rest[: words[size - 1].end()].strip(' „“"')
        if knowledge.places_named(shown):
            return _titled(shown), start + words[size - 1].end()
    if not typed:
        return "", start
    if re.search(r"(?:\b[СSC]\.|\b[сСcC])\s*$", text[max(0, start - 3) : start]):
        return "", start  # an initial („С. Найденова“), or the preposition „с“
    match = re.match(rf"[{CAPITAL}][{LETTER}-]+(?:[ ][{CAPITAL}][{SMALL}-]+){{0,2}}", rest)
    return (_titled(match.group()), start + match.end()) if match else ("", start)


def _titled(name: str) -> str:
    return name.title() if name.isupper() or name.islower() else name


def _postcode_after(text: str, end: int) -> Iterator[Part]:
    match = re.match(
        r"[ ,“\"]{0,3}(?:п\.?\s?к\.?|п\.?\s?код|пощ(?:енски|\.)\s?код|p\.?k\.?)?[ :№]{0,2}(\d{4})(?!\d|[.-]\d|\s*г\b)",
        text[end : end + 24],
    )
    if match:
        yield Part("postcode", match.group(1), end + match.start(1), end + match.end(1))


def _foreign(text: str) -> Iterator[Part]:
    """„14 Vasil Levski Street“, „Dragovishtitsa village“, „Konuş köyü“."""
    for match in re.finditer(
        r"(?<![\w])(\d{1,3}[A-Za-z]?)[ ]+((?:[A-Z][\w.'-]+[ ]){1,3}(?:Street|Str\.?|St\.|Blvd\.?|Boulevard|Avenue|"
        r"Ave\.?))",
        text,
    ):
        yield Part("number", match.group(1), match.start(1), match.end(1))
        yield Part("street", match.group(2).strip(), match.start(2), match.end(2))
    for match in re.finditer(
        r"(?<![\w])([A-Z][\w'-]+)[ ]+(?:village|köyünden|köyünde|köyü|köy)\b|\b(?:village of)[ ]+([A-Z][\w'-]+)", text
    ):
        name = match.group(1) or match.group(2)
        yield Part("settlement", name, match.start(), match.end())
