"""Suggestions from the register of places for somebody who types an address: several of one name are all shown, each
with its municipality, and none is chosen for them."""

from collections.abc import Iterable, Iterator

from starlette.responses import JSONResponse, Response

from mailroom.folding import name_key
from mailroom.model.base import Value
from mailroom.understanding.knowledge import Place
from mailroom.web.visit import Visit

MOST = 12
"""Suggestions that are shown at once."""


class Suggestion(Value):
    """What may be taken over, and what it is."""

    value: str
    told: str


def suggest_places(visit: Visit) -> Response:
    """For a part of an address (`settlement`, `postcode`, `quarter`), what begins like what is typed."""
    part, typed = visit.asked("part"), visit.asked("q")
    ways = {"settlement": _settlements, "postcode": _postcodes, "quarter": _quarters}
    found = ways[part](visit, typed) if part in ways else iter(())
    once = {(one.value, one.told): one for one in found}
    return JSONResponse([one.model_dump() for one in list(once.values())[:MOST]])


def _settlements(visit: Visit, typed: str) -> Iterator[Suggestion]:
    key = name_key(typed)
    if not key:
        return
    named = visit.office.knowledge.places_named(typed)
    for place in sorted(_beginning(visit, key), key=lambda place: (
            place not in named, not _is_here(visit, place), place.name)):
        yield Suggestion(value=place.name, told=_told(place))


def _postcodes(visit: Visit, typed: str) -> Iterator[Suggestion]:
    """Those of the settlement that is typed; without one, those that begin with these digits."""
    named = visit.asked("settlement")
    places: Iterable[Place] = visit.office.knowledge.places_named(named) if named else (
        place for same in visit.office.knowledge.places.values() for place in same if typed)
    for place in sorted(places, key=lambda place: (not _is_here(visit, place), place.postcode)):
        if place.postcode.startswith(typed):
            yield Suggestion(value=place.postcode, told=f"{place.type} {place.name}, {_told(place)}")


def _quarters(visit: Visit, typed: str) -> Iterator[Suggestion]:
    for district, quarters in visit.office.pack.districts.items():
        for quarter in quarters:
            if typed.lower() in quarter.lower():
                yield Suggestion(value=quarter, told=f"район {district}")


def _beginning(visit: Visit, key: str) -> Iterator[Place]:
    for name, places in visit.office.knowledge.places.items():
        if name.startswith(key):
            yield from places


def _is_here(visit: Visit, place: Place) -> bool:
    """Whether it lies in the town's own municipality, as most letters' senders do."""
    return name_key(place.municipality) == name_key(visit.office.pack.contact.settlement)


def _told(place: Place) -> str:
    return f"{place.type}, общ. {place.municipality}, обл. {place.district}, {place.postcode}"
