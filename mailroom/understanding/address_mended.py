"""Settlements, streets and postcodes that the scanner misread, put right where the register leaves no doubt.

The evidence is the postcode beside it, or else the municipality to which the letter came; one settlement alone must be
near enough to what was read. A street that nobody is called and no place, but for one letter that print makes alike, is
called after them, or else after the one word that it can be. What was read stays as evidence, and the letter's text is
not touched.
"""

import re
from collections.abc import Sequence

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Hamming

from mailroom.dictionary import is_word
from mailroom.folding import name_key
from mailroom.model.findings import Address, Evidence
from mailroom.understanding.address_places import describe_places
from mailroom.understanding.knowledge import Knowledge, Place
from mailroom.understanding.names import ends_as_surname, read_for
from mailroom.understanding.view import View

_SHORTEST = 5
"""Letters of a name from which likeness says something."""
_SHORTEST_SEAT = 4
"""Letters of the town's own name from which one letter may be misread."""
_LIKE_BESIDE_CODE, _LIKE_IN_MUNICIPALITY, _LIKE_BY_HAND = 70, 82, 75
"""Likeness in percent that is asked for where the postcode agrees, and where only the municipality does; and there on a
page written by hand, which a person reads in any case."""
_CLEARLY = 8
"""So much less like must be the next one."""
_ALIKE = ({"3", "5"}, {"3", "8"}, {"5", "6"}, {"6", "8"}, {"0", "6"}, {"0", "8"}, {"0", "9"}, {"1", "7"}, {"1", "4"},
          {"2", "7"}, {"5", "8"}, {"9", "8"}, {"4", "9"})  # fmt: skip
"""Digits that a scanner takes for each other."""


def mended_settlement(view: View, address: Address) -> tuple[Address, tuple[Evidence, ...]]:
    """The address with its settlement as the register has it, and what was read; both unchanged where it was typed,
    where the register knows it, or where more than one can have been meant."""
    read = address.settlement
    if not view.scanned or not read or view.knowledge.places_named(read):
        return address, ()
    place = _seat(view, read) or (_meant(view, read, address.postcode) if len(name_key(read)) >= _SHORTEST else None)
    if place is None:
        return address, ()
    why = f"прочетено от скенера, поправено: {describe_places((place,))}"
    return address.model_copy(update={"settlement": place.name}), (Evidence(text=read, why=why),)


def settlement_before(view: View, start: int) -> tuple[Place, Evidence] | None:
    """The settlement of the municipality that stands as „с. …“ before a street that begins here, in whatever signs the
    scanner read it („С. басар4обо, ул. …“); null where none or more than one can be meant."""
    told = _MISREAD_VILLAGE.search(view.clear[max(0, start - _LONGEST_VILLAGE) : start]) if view.scanned else None
    place = _meant(view, told.group("name"), None) if told and len(told.group("name")) >= _SHORTEST else None
    if told is None or place is None:
        return None
    why = f"прочетено от скенера, поправено: {describe_places((place,))}"
    return place, Evidence(text=told.group("name"), why=why)


_MISREAD_VILLAGE = re.compile(r"(?i)(?<!\w)[сc][.,]?[ ](?P<name>[^\W_][\w/-]{3,16})[ ]?[,.]{0,2}[ ]?$")
_LONGEST_VILLAGE = 24


def mended_postcode(view: View, address: Address) -> tuple[Address, tuple[Evidence, ...]]:
    """The address with its postcode as the register has it for the settlement, where the scanner misread one of the
    first two digits, which tell the district; unchanged where that leaves a doubt."""
    read = address.postcode
    if not view.scanned or not read or not address.settlement:
        return address, ()
    codes = {place.postcode for place in view.knowledge.places_named(address.settlement) if place.postcode}
    own = {place.postcode for place in _of_municipality(view, view.knowledge.places_named(address.settlement))}
    meant = [code for code in codes if _is_misread(read, code) or (code in own and _differs_in_one(read, code))]
    if len(meant) != 1 or any(code[:2] == read[:2] for code in codes):
        return address, ()
    why = f"прочетено от скенера, поправено: {meant[0]} {address.settlement}"
    return address.model_copy(update={"postcode": meant[0]}), (Evidence(text=read, why=why),)


def mended_street(view: View, address: Address) -> tuple[Address, tuple[Evidence, ...]]:
    """The address with a street of one word of which the scanner misread one letter („Гулово“ → „Тулово“), where the
    word itself is nothing and one settlement or first name alone can have been meant, or else one word."""
    street = _ONE_WORD.fullmatch(address.street or "")
    if not view.scanned or street is None or _may_be_called(street.group("name"), view.knowledge):
        return address, ()
    read = street.group("name")
    meant = {word for word in read_for(read.lower()) if _names_somebody(word, view.knowledge)}
    if len(meant) != 1:
        return address, ()
    name = f"{street.group('type')}{meant.pop().capitalize()}"
    return address.model_copy(update={"street": name}), (
        Evidence(text=read, why=f"прочетено от скенера, поправено: {name}"),)


_ONE_WORD = re.compile(r"(?P<type>(?:ул|бул|пл)\. )(?P<name>[А-Я][а-я]{4,})")


def _may_be_called(name: str, knowledge: Knowledge) -> bool:
    """Whether a street may be called so: a place, a person or any other word."""
    return _names_somebody(name, knowledge) or ends_as_surname(name, knowledge) or is_word(name.lower())


def _names_somebody(name: str, knowledge: Knowledge) -> bool:
    return name_key(name) in knowledge.first_names or bool(knowledge.places_named(name))


def _differs_in_one(read: str, code: str) -> bool:
    return len(read) == len(code) and Hamming.distance(read, code) == 1


def _is_misread(read: str, code: str) -> bool:
    """Whether one digit alone was taken for another that looks like it."""
    differing = [{one, other} for one, other in zip(read, code, strict=False) if one != other]
    return len(read) == len(code) and len(differing) == 1 and differing[0] in _ALIKE


def _seat(view: View, read: str) -> Place | None:
    """The town to which the letter came, from which most letters come, where one letter of it was misread."""
    seat = view.pack.contact.settlement
    if len(read) != len(seat) or len(seat) < _SHORTEST_SEAT or Hamming.distance(read.lower(), seat.lower()) != 1:
        return None
    return next((place for place in view.knowledge.places_named(seat) if place.type == "гр."), None)


def _meant(view: View, read: str, postcode: str | None) -> Place | None:
    register = [place for named in view.knowledge.places.values() for place in named]
    for places, like in (
        ([place for place in register if postcode and place.postcode == postcode], _LIKE_BESIDE_CODE),
        (_of_municipality(view, register), _LIKE_IN_MUNICIPALITY if view.letter.legible else _LIKE_BY_HAND),
    ):
        names = {index: name_key(place.name) for index, place in enumerate(places)}
        close = process.extract(name_key(read), names, scorer=fuzz.ratio, score_cutoff=like, limit=2)
        if close and (len(close) == 1 or close[0][1] - close[1][1] >= _CLEARLY):
            return places[close[0][2]]
    return None


def _of_municipality(view: View, register: Sequence[Place]) -> list[Place]:
    """The settlements of the municipality to which the letter came."""
    seats = view.knowledge.places_named(view.pack.contact.settlement)
    own = {place.municipality for place in seats if place.type == "гр."}
    return [place for place in register if place.municipality in own]
