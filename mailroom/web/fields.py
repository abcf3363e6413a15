"""The fields of an item as its page shows them and as its form gives them back.

A form brings each field twice: as the page showed it (`was.…`) and as it is now. Only what the person has changed
between the two is a correction, so that a page that is older than somebody else's change takes nothing of it back.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from starlette.datastructures import FormData

from mailroom.model.base import Value
from mailroom.model.findings import Address, AnswerChannel, Evidence, Findings, Found, Kind, Matter
from mailroom.model.item import Item
from mailroom.web.typed import plain
from mailroom.words import word

SHOWN = ("kind", "matter", "subject", "sender_name", "organisation", "on_behalf_of", "email", "phone", "address",
         "preferred_channel", "date_written", "follow_up_of", "district", "other_body")
"""Fields of Findings in the order of the page."""
ALWAYS_SHOWN = frozenset({"kind", "subject", "sender_name", "email", "phone", "address"})
"""Shown as missing when nothing was found: without them nobody can be answered."""
FACTS = ("anonymous", "abusive", "health_safety", "protected_info")
TYPED = ("subject", "sender_name", "organisation", "on_behalf_of", "email", "phone", "other_body", "follow_up_of")
"""Fields that a person corrects by typing."""
CHOSEN = {"kind": Kind, "matter": Matter, "preferred_channel": AnswerChannel}
ADDRESS = tuple(f"address.{part}" for part in Address.model_fields)
WAS = "was."
"""Before the name of a field: as the page showed it."""


class Shown(Value):
    """One field as the page shows it."""

    name: str
    value: str
    """Empty when nothing was found."""
    confidence: float = 0
    evidence: tuple[Evidence, ...] = ()
    by_person: bool = False


def shown_fields(item: Item) -> Iterator[Shown]:
    """The fields that were found, and those that are missed."""
    for name in SHOWN if item.findings else ():
        found: Found[Any] | None = getattr(item.findings, name)
        if found is None and name in ALWAYS_SHOWN:
            yield Shown(name=name, value="")
        elif found is not None:
            by_person = any(path.partition(".")[0] == name for path in item.corrections)
            yield Shown(name=name, value=_in_words(found.value), confidence=found.confidence, evidence=found.evidence,
                        by_person=by_person)


def current_values(findings: Findings) -> dict[str, str]:
    """Every field that a person may correct, as it stands in the form."""
    values = {}
    for name in (*CHOSEN, *TYPED, *FACTS):
        found: Found[Any] | None = getattr(findings, name)
        values[name] = "" if found is None else _as_typed(found.value)
    address = findings.address.value if findings.address else Address()
    for path in ADDRESS:
        values[path] = getattr(address, path.partition(".")[2]) or ""
    return values


def changed(form: FormData, current: Mapping[str, str]) -> dict[str, Any]:
    """The fields that the person has changed; an empty one removes what was found."""
    found: dict[str, Any] = {}
    for name, value in current.items():
        shown = plain(form.get(WAS + name, value))
        typed = plain(form.get(name, shown))
        if typed != shown and typed != value:
            found[name] = typed == "true" if name in FACTS else typed or None
    return found


def still_typed(form: FormData, current: Mapping[str, str]) -> dict[str, str]:
    """What the form showed when it comes back: what the person has typed, and the rest as it stands now."""
    values = dict(current)
    for name in current:
        shown = plain(form.get(WAS + name, ""))
        if name in form and plain(form[name]) != shown:
            values[name] = plain(form[name])
    return values


def in_one_line(address: Address) -> str:
    """As it is written on an envelope, but in one line."""
    place = " ".join(part for part in (address.postcode, address.settlement) if part)
    house = " ".join(part for part in (address.street, f"№ {address.number}" if address.number else "") if part)
    inside = [f"{short} {value}" for short, value in (
        ("бл.", address.block), ("вх.", address.entrance), ("ет.", address.floor), ("ап.", address.apartment)) if value]
    return ", ".join(part for part in (place, address.quarter, house, *inside) if part)


def _as_typed(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else " ".join(str(value).split())


def _in_words(value: Any) -> str:
    if isinstance(value, Address):
        return in_one_line(value)
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return word(value)
