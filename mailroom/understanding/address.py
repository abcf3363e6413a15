"""The sender's postal address: parsed from Bulgarian layouts, and only when the text makes it the sender's own.

1. The parts in the text (address_parts.py, address_places.py), by the words of rules/lexicon (address_grammar.py).
2. Neighbouring parts are a candidate (address_candidates.py).
3. Whose is it (address_owner.py)?
4. The choice, and what other mentions of the same home add to it: here.
5. A settlement that the scanner misread is put right with the register (address_mended.py).
"""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from mailroom.folding import name_key
from mailroom.model.findings import Address, Evidence, Found
from mailroom.understanding.address_candidates import Candidate, parse_addresses
from mailroom.understanding.address_grammar import type_key
from mailroom.understanding.address_mended import (
    mended_postcode,
    mended_settlement,
    mended_street,
    settlement_before,
)
from mailroom.understanding.address_owner import follows_name, told_by, weigh
from mailroom.understanding.address_part import Part
from mailroom.understanding.address_parts import find_parts
from mailroom.understanding.address_places import describe_places, places_meant
from mailroom.understanding.bounds import bounded
from mailroom.understanding.organisation import place_of_organisation
from mailroom.understanding.sender import choose_sender, places_of_sender
from mailroom.understanding.view import View

_MOST = 40
"""Addresses in a letter that are compared with each other."""
_ENOUGH = 3
"""Weight from which an address is taken for the sender's."""
_SURELY = 10
"""Weight from which an entrance, floor and flat under the sender's name are told though nothing says of which house."""
_ALONE = {"settlement", "quarter", "street", "block"}
"""An address has one of these; a floor alone is none."""
_NEAR = 90
"""Characters between two pieces of one address on different lines."""
_SAME_MATTER = 400
"""Characters between a street and a house on it that is told later."""
_CROSSED = re.compile(r"[“”\"»]?[ ,]{0,2}(?:и|с|със|до|към|i|s|do)[ ]")
_LONGEST_FIELD = 1_000
_LONGEST_PART = 60
_LABEL_PARTS = re.compile(r"[/,]| и ")
_DATED = re.compile(
    r"[ ]*,?[ ]*(?:\d{1,2}[.][ ]?\d{1,2}[.][ ]?\d{2,4}|\d{1,2}[ ]?[а-я]{3,9}[ ]\d{4}|\d{4}-\d\d-\d\d)"
)
_QUOTE_MARKS = re.compile(r"(?m)^[ \t]*(?:>[ \t]?)+")


def find_address(view: View, _: Mapping[str, Any]) -> Found[Address] | None:
    """The sender's address with the words that make it the sender's."""
    return _from_form(view) or _from_text(view) or _from_subject(view) or _from_history(view)


def _from_form(view: View) -> Found[Address] | None:
    """From the field for it, or after „Адрес“ inside another field of a form that was taken apart wrongly."""
    value = view.form_value("form_address")
    written = parse_addresses(value, view.knowledge) if value else []
    parts = _parts_of_form(view)
    if parts and not {"number", "block"} & {name for candidate in written for name in candidate.names}:
        value = ", ".join(filter(None, (parts, value)))
        written = parse_addresses(value, view.knowledge)
    if not written:
        own = view.knowledge.lexicon.list("address.own_before")
        for field in map(bounded, view.letter.form_fields.values()):
            if field and len(field) < _LONGEST_FIELD:
                written = [c for c in parse_addresses(field, view.knowledge) if told_by(field[: c.start], own)]
                value = field
            if written:
                break
    if not written:
        return None
    joined = Candidate([part for candidate in written for part in candidate.parts])
    return Found(value=joined.address(), confidence=0.95,
                 evidence=(Evidence(text=value, why="полето за адрес във формуляра"),))  # fmt: skip


def _parts_of_form(view: View) -> str:
    """„Улица: Борисова“, „№: 12“, „Вход: А“ as one address: each value with the type word of its field."""
    words, pieces = view.knowledge.address_grammar.form_parts, list[str]()
    for label, value in view.letter.form_fields.items():
        types = [words[key] for name in _LABEL_PARTS.split(label) if (key := type_key(name)) in words]
        if types and value and len(value) < _LONGEST_PART:
            typed = any(not part.bare for part in find_parts(value, view.knowledge)) or value.startswith("№")
            block = "бл." in types and any(piece.startswith(("ж.к.", "кв.")) for piece in pieces)
            pieces.append(value if typed else f"{'бл.' if block else types[0]} {value}".strip())
    return ", ".join(pieces) if len(pieces) > 1 else ""


def _from_text(view: View) -> Found[Address] | None:
    candidates = parse_addresses(view.clear, view.knowledge, _quarters_here(view))
    if len(candidates) > 4 * _MOST:
        candidates = [*candidates[: 2 * _MOST], *candidates[-2 * _MOST :]]
    names = tuple(sorted({*places_of_sender(view), *place_of_organisation(view)}))
    for candidate in candidates:
        weigh(view, candidate, names)
    _take_crossings_down(view, candidates)
    candidates += [*_on_same_street(candidates), *_in_same_house(view, candidates)]
    enough = [candidate for candidate in candidates if candidate.score >= _ENOUGH]
    good = sorted((c for c in enough if c.names & _ALONE), key=lambda c: -c.score)[:_MOST]
    good += [candidate for candidate in enough if not candidate.names & _ALONE][:_MOST]
    good = good if good and good[0].names & _ALONE else [c for c in good if c.score >= _SURELY and len(c.names) > 1]
    if not good:
        return None
    best, end = good[0], good[0].end
    for other in good[1:]:
        if _same_house(best.address(), other.address()) or _adds(best, other):
            best.parts.extend(other.parts)
    if best.names & {"street", "block"} and "settlement" not in best.names:
        best.parts.extend(_place_of_writing(view, candidates) or _place_of_group(view, candidates))
    evidence = view.quote(best.start, end, "; ".join(best.why) or "адрес в писмото")
    address, mended = mended_settlement(view, best.address())
    before = settlement_before(view, best.start) if address.street and not address.settlement else None
    if before is not None:
        address, mended = address.model_copy(update={"settlement": before[0].name}), (before[1],)
    address, mended_too = mended_postcode(view, address)
    address, called = mended_street(view, address)
    return Found(value=address, confidence=min(1.0, 0.4 + best.score / 14),
                 evidence=(evidence, *mended, *mended_too, *called, *_in_register(view, best)))  # fmt: skip


def _quarters_here(view: View) -> frozenset[str]:
    """Keys of quarters' names that only villages of other municipalities bear: „Здравец“ in a letter to Русе."""
    knowledge = view.knowledge
    own = {place.municipality for place in knowledge.places_named(view.pack.contact.settlement) if place.type == "гр."}
    villages_here = {key for key, where in knowledge.quarters_of_villages.items() if not own.isdisjoint(where)}
    return knowledge.quarters - villages_here


def _take_crossings_down(view: View, candidates: list[Candidate]) -> None:
    """„между ул. Тракия и ул. Христо Ботев“: two streets without numbers side by side are a place, and no home."""
    for one, other in pairwise(candidates):
        crossed = one.names == {"street"} and "street" in other.names and "number" not in other.names
        if crossed and _CROSSED.fullmatch(view.clear, one.end, other.start):
            one.score -= _ENOUGH + 5
            other.score -= _ENOUGH + 5


def _on_same_street(candidates: list[Candidate]) -> Iterator[Candidate]:
    """„пред ул. „Тича“ 5 … Аз съм на № 7“: a house told alone is on the street told last, or else on the next one."""
    streets = [one for one in candidates if "street" in one.names]
    for house in candidates:
        if "number" not in house.names or house.names & {"street", "quarter", "block"} or house.score < _ENOUGH:
            continue
        near = [one for one in streets if abs(one.start - house.start) < _SAME_MATTER]
        before = [one for one in near if one.start < house.start]
        for told in (before[-1:] or near[:1]):
            street = [part for part in told.parts if part.name in ("postcode", "settlement", "quarter", "street")
                      and part.name not in house.names]  # fmt: skip
            yield Candidate([*house.parts, *street], house.score + 0.5, [*house.why])


def _in_same_house(view: View, candidates: list[Candidate]) -> Iterator[Candidate]:
    """„На ул. Александровска 99 има кафене. Живея над него, ет. 2“: a floor alone is of the house told before."""
    for flat in candidates:
        before = view.clear[max(0, flat.start - _NEAR) : flat.start]
        if not flat.names <= {"entrance", "floor", "apartment"} or not _ABOVE_IT.search(before):
            continue
        houses = [one for one in candidates if one.names & {"number", "block"}]
        for house in [one for one in houses if 0 < flat.start - one.start < _SAME_MATTER][-1:]:
            parts = [part for part in house.parts if part.name not in flat.names]
            yield Candidate([*parts, *flat.parts], _ENOUGH + 1, ["живее в същата сграда"])
    for match in _AT_THE_SAME.finditer(view.clear):
        told = [one for one in candidates if one.names & {"number", "block"} and one.start < match.start()]
        for house in told[-1:]:
            yield Candidate(list(house.parts), _ENOUGH + 1, ["живее на същия адрес"])


_AT_THE_SAME = re.compile(
    r"(?<!\w)(?i:живея|живеем|обитавам|съм|сме)[ ](?:[а-я]{2,10}[ ]){0,3}(?:на[ ]същия[ ]адрес|"
    r"в[ ](?:същата[ ](?:сграда|кооперация|къща)|същия[ ](?:блок|вход)))(?!\w)")
"""„Аз обитавам тавана на същия адрес.“"""
_ABOVE_IT = re.compile(
    r"(?i)(?<!\w)(?:живея|живеем|jive?(?:q|a|ya|em)|съм|сме|sme|sam|sum)[ ](?:точно[ ]|tochno[ ])?"
    r"(?:(?:над|под|nad|pod)[ ](?:него|нея|тях|nego|neya|tqh|tyah|заведението|магазина|кафето|бара)|отгоре|отдолу|"
    r"otgore|собствени[кч]\w*[ ](?:съм[ ])?на|в[ ]същ\w{2,3}[ ](?:блок|вход|сграда|кооперация|къща))[^.!?\n]{0,15}$")


def _in_register(view: View, best: Candidate) -> Iterator[Evidence]:
    """What the register knows of the settlement: one place with its municipality, or several to choose from."""
    part = next((part for part in best.parts if part.name == "settlement"), None)
    if part is None:
        return
    near = view.clear[max(0, best.start - _NEAR) : best.end + _NEAR]
    places = places_meant(part.value, near, best.address().postcode, view.knowledge)
    if places:
        yield view.quote(part.start, part.end, describe_places(places))


def _adds(best: Candidate, other: Candidate) -> bool:
    """Whether another mention only says what the first leaves open."""
    house = not best.names & {"street", "quarter", "block"} and bool(other.names & {"number", "block"})
    house = house or (other.names == {"number"} and "block" not in best.names)
    return other.names.isdisjoint(best.names) and bool(
        house or other.names & {"apartment", "floor", "entrance", "settlement"} or abs(other.start - best.end) < _NEAR
    )


def _place_of_writing(view: View, candidates: list[Candidate]) -> list[Part]:
    """„Семчиново, 3 август 2026 г.“ names the settlement of a street that is written without one."""
    for candidate in candidates:
        if candidate.names <= {"settlement", "postcode"} and _DATED.match(view.clear, candidate.end):
            return candidate.parts
    return []


def _place_of_group(view: View, candidates: list[Candidate]) -> list[Part]:
    """„от жители на с. Голяновци“ names the settlement of those who sign with their streets alone."""
    for candidate in candidates:
        before = view.clear[max(0, candidate.start - _LONGEST_PART) : candidate.start]
        if candidate.names <= {"settlement", "postcode"} and _OF_GROUP.search(before):
            return candidate.parts
    return []


_OF_GROUP = re.compile(
    r"(?i)(?<!\w)(?:жители(?:те)?|живущи(?:те)?|обитатели(?:те)?|собственици(?:те)?|съселяни|хората)[ ](?:на|в|от)[ ]$")


def _from_history(view: View) -> Found[Address] | None:
    """From the sender's own earlier letter quoted below: only directly after the sender's name."""
    sender = choose_sender(view)
    if sender is None or not view.letter.quoted.strip():
        return None
    quoted = _QUOTE_MARKS.sub("", bounded(view.letter.quoted))
    for candidate in parse_addresses(quoted, view.knowledge, _quarters_here(view))[:_MOST]:
        if candidate.names != {"settlement"} and follows_name(quoted[: candidate.start], sender.name, view.knowledge):
            shown = " ".join(quoted[candidate.start : candidate.end].split())
            evidence = Evidence(text=shown, why="след името на подателя в предишното му писмо")
            return Found(value=candidate.address(), confidence=0.6, evidence=(evidence,))
    return None


def _from_subject(view: View) -> Found[Address] | None:
    """„Молба от Станка Войнова, ул. Муткурова 60“: after the sender's name or „адрес“."""
    sender, own = choose_sender(view), view.knowledge.lexicon.list("address.own_before")
    for candidate in parse_addresses(view.subject, view.knowledge, _quarters_here(view))[:_MOST]:
        before = view.subject[: candidate.start]
        named = sender is not None and follows_name(before, sender.name, view.knowledge)
        if candidate.names & {"number", "block"} and (named or told_by(before, own)):
            shown = view.subject[candidate.start : candidate.end]
            evidence = Evidence(text=shown, why="в темата на писмото")
            return Found(value=candidate.address(), confidence=0.7, evidence=(evidence,))
    return None


def _same_house(one: Address, other: Address) -> bool:
    """Whether two mentions are of one house: what both name is equal, and one says more or both name the street."""
    a, b = one.model_dump(exclude_none=True), other.model_dump(exclude_none=True)
    shared = a.keys() & b.keys()
    told = shared & {"street", "block"} or (a.keys() == {"settlement"} and shared)
    return bool(told) and all(name_key(a[name]) == name_key(b[name]) for name in shared)
