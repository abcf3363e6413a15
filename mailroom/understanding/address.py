"""The sender's postal address: parsed from Bulgarian layouts, and only when the text makes it the sender's own.

1. The parts in the text (address_parts.py, address_places.py), by the words of rules/lexicon (address_grammar.py).
2. Neighbouring parts are a candidate (address_candidates.py).
3. Whose is it (address_owner.py)?
4. The choice, and what other mentions of the same home add to it: here.
"""

from collections.abc import Mapping
from typing import Any

from mailroom.model.findings import Address, Evidence, Found
from mailroom.understanding.address_candidates import Candidate, parse_addresses
from mailroom.understanding.address_owner import weigh
from mailroom.understanding.folding import name_key
from mailroom.understanding.sender import places_of_sender
from mailroom.understanding.view import View

_MOST = 40
"""Addresses in a letter that are compared with each other."""


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
        weigh(view, candidate, names)
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
