"""Parts of addresses → candidates: neighbouring parts between which nothing stands but punctuation and regions."""

import re
from dataclasses import dataclass, field

from mailroom.model.findings import Address
from mailroom.understanding.address_grammar import CAPITAL, LETTER, SMALL
from mailroom.understanding.address_parts import Part, find_parts
from mailroom.understanding.address_places import find_places
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.names import names_in


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


def parse_addresses(text: str, knowledge: Knowledge, *, bare_quarter: bool = False) -> list[Candidate]:
    """Every group of address parts in the text, in order. `bare_quarter` takes „Младост 3, бл. 306“ at its word."""
    parts = [*find_parts(text, knowledge), *find_places(text, knowledge)]
    parts = _without_overlap(sorted(parts, key=lambda part: (part.start, -part.end)))
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


_LONGEST_GAP = 75
"""Characters between two parts of one address; „общ. …, обл. …“ stands there at its longest."""
_SAYS_NOTHING = re.compile(
    rf"(?i)\b(?:общ(?:ина)?|обл(?:аст)?|р-н|район|obshtina|ob6tina|obsht|obsh|obl|"
    rf"oblast|raion|rayon|rajon)\b\.?\s*[„\"]?(?-i:[{LETTER}]+(?:[ -][{CAPITAL}][{LETTER}]+){{0,2}})[“\"]?"
    r"|\b(?:кантора|офис|магазин|п\.?\s?к\.?|пощенски код|българия|bulgaria|в|във|на|живущ\w*|адрес\w*|гр|v|"
    r"na|и)\b\.?\s*\d{0,3}"
)


def _joined(between: str) -> bool:
    """Whether nothing but punctuation, regions and words that say nothing stands between two parts."""
    if len(between) >= _LONGEST_GAP or between.count("\n") > 1:
        return False
    return not re.search(r"[\w]", _SAYS_NOTHING.sub("", between))


def _without_overlap(parts: list[Part]) -> list[Part]:
    kept: list[Part] = []
    for part in parts:
        if kept and part.start < kept[-1].end:
            if kept[-1].bare and not part.bare:
                kept[-1] = part
            continue
        kept.append(part)
    return kept


_NO_PLACE_BEFORE = re.compile(r"(?i)(?:община|общ|обл|област|район|към|за|в|във|до|от|на|из|край)\.?$")


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
    return ends and len(before.split()) <= 6 and not _NO_PLACE_BEFORE.search(before)


_BARE_QUARTER = re.compile(
    rf"((?:[{CAPITAL}][{SMALL}]+|[IVX]+)(?:[ -](?:[{CAPITAL}]?[{SMALL}]{{2,}}|"
    rf"[IVX]+))?(?:[ ]\d{{1,2}}[А-Я]?)?)[ ,]{{1,3}}$"
)


def _with_bare_quarter(text: str, group: list[Part], knowledge: Knowledge, *, alone: bool) -> list[Part]:
    """„Младост 3, бл. 306“: a name directly before the block is the quarter when nothing else says where it is."""
    names = {part.name for part in group}
    if "block" not in names or names & {"quarter", "street"}:
        return group
    block = next(part for part in group if part.name == "block")
    line_start = max(text.rfind("\n", 0, block.start) + 1, *(p.end for p in group if p.end <= block.start), 0)
    before = text[line_start : block.start]
    match = _BARE_QUARTER.search(before)
    if (
        not match
        or knowledge.places_named(match.group(1))
        or any(name.certainty >= 0.5 for name in names_in(match.group(1), knowledge))
        or (before[: match.start()].strip(" ,.:-") and not alone)
    ):
        return group
    quarter = Part("quarter", match.group(1), line_start + match.start(1), line_start + match.end(1))
    return sorted([*group, quarter], key=lambda part: part.start)
