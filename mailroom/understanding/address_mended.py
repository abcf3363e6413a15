"""Settlements that the scanner misread, put right where the register leaves no doubt.

The evidence is the postcode beside it, or else the municipality to which the letter came; one settlement alone must be
near enough to what was read. What was read stays as evidence, and the letter's text is not touched.
"""

from rapidfuzz import fuzz, process

from mailroom.folding import name_key
from mailroom.model.findings import Address, Evidence
from mailroom.model.letter import TextSource
from mailroom.understanding.address_places import describe_places
from mailroom.understanding.knowledge import Place
from mailroom.understanding.view import View

_SHORTEST = 5
"""Letters of a name from which likeness says something."""
_LIKE_BESIDE_CODE, _LIKE_IN_MUNICIPALITY = 70, 82
"""Likeness in percent that is asked for where the postcode agrees, and where only the municipality does."""
_CLEARLY = 8
"""So much less like must be the next one."""


def mended_settlement(view: View, address: Address) -> tuple[Address, tuple[Evidence, ...]]:
    """The address with its settlement as the register has it, and what was read; both unchanged where it was typed,
    where the register knows it, or where more than one can have been meant."""
    read = address.settlement
    scanned = any(page.text_source is TextSource.OCR for page in view.letter.pages)
    if not scanned or not read or len(name_key(read)) < _SHORTEST or view.knowledge.places_named(read):
        return address, ()
    place = _meant(view, read, address.postcode)
    if place is None:
        return address, ()
    why = f"прочетено от скенера, поправено: {describe_places((place,))}"
    return address.model_copy(update={"settlement": place.name}), (Evidence(text=read, why=why),)


def _meant(view: View, read: str, postcode: str | None) -> Place | None:
    register = [place for named in view.knowledge.places.values() for place in named]
    for places, like in (
        ([place for place in register if postcode and place.postcode == postcode], _LIKE_BESIDE_CODE),
        (_of_municipality(view, register), _LIKE_IN_MUNICIPALITY),
    ):
        names = {index: name_key(place.name) for index, place in enumerate(places)}
        close = process.extract(name_key(read), names, scorer=fuzz.ratio, score_cutoff=like, limit=2)
        if close and (len(close) == 1 or close[0][1] - close[1][1] >= _CLEARLY):
            return places[close[0][2]]
    return None


def _of_municipality(view: View, register: list[Place]) -> list[Place]:
    """The settlements of the municipality to which the letter came."""
    seats = view.knowledge.places_named(view.pack.contact.settlement)
    own = {place.municipality for place in seats if place.type == "гр."}
    return [place for place in register if place.municipality in own]
