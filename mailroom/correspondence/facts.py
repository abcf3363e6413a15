"""What every letter about an item knows: the facts that the templates turn into sentences."""

from typing import Any

from mailroom.correspondence.envelope import Way, postal_lines
from mailroom.correspondence.salutation import salutation
from mailroom.correspondence.templates import ON_PAPER
from mailroom.model.entry import Assignment, Entry
from mailroom.model.findings import Findings, Found, Kind, Matter
from mailroom.model.item import Item
from mailroom.model.outgoing import OutgoingChannel
from mailroom.model.pack import Contact, Pack

SURE_ENOUGH = 0.5
"""Below this confidence a letter speaks of „Вашето писмо“: better plain than wrong."""

REPORTING_KINDS = frozenset({Kind.SIGNAL, Kind.PROPOSAL, Kind.CORRUPTION_REPORT})
"""Kinds whose senders are told of their rights (АПК 114(2)); a complaint about conduct is a signal in law."""


def facts(item: Item, entry: Entry, pack: Pack, *, way: Way, from_address: str, public_url: str) -> dict[str, Any]:
    """The names that every letter's templates may use; `templates/base/README.txt` explains them to who edits one."""
    findings = item.findings
    kind = _sure_kind(findings)
    return {
        "kind": kind.value if kind else "other",
        "number": entry.registration_number,
        "joined_case": entry.case_number if entry.joined else "",
        "access_code": entry.access_code,
        "received_at": item.received_at,
        "registered_at": entry.registered_at,
        "came_by": item.channel.value,
        "goes_by": way.channel.value,
        "to_lines": way.to.splitlines(),
        # Whatever way it goes, its page is the letter on paper: a mail that does not arrive is printed.
        ON_PAPER: {"goes_by": OutgoingChannel.PRINT.value,
                   "to_lines": (postal_lines(findings) if findings else []) or way.to.splitlines()},
        "salutation": salutation(_value(findings.sender_name) if findings else None,
                                 _value(findings.organisation) if findings else None),
        "due": entry.due.date,
        "worker": worker(entry.assigned_to, pack.contact),
        "municipality": pack.contact,
        "town_hall": town_hall(pack.contact),
        "town_phone": _full_phone(pack.contact.phones[0], pack.contact) if pack.contact.phones else "",
        "from_address": from_address,
        "public_url": public_url,
        "language": findings.language.value if findings else "bg",
        "preferred": _preferred(findings),
    }


def rights_are_explained(findings: Findings | None) -> bool:
    """Whether the letter tells the rights of who sends a signal or a proposal (АПК 114(2), 107(4))."""
    kind, matter = _sure_kind(findings), _value(findings.matter) if findings else None
    return kind in REPORTING_KINDS or (kind is Kind.COMPLAINT and matter is Matter.CONDUCT)


def worker(assigned: Assignment, contact: Contact) -> dict[str, str]:
    """Who works on it and how to reach them; where a department has no telephone, the town hall's is given."""
    own_phone = _full_phone(assigned.phone, contact)
    return {
        "officer": assigned.officer or "",
        "department": assigned.department,
        "phone": own_phone or (_full_phone(contact.phones[0], contact) if contact.phones else ""),
        "extension": assigned.extension,
        "email": assigned.email or (contact.emails[0] if contact.emails else ""),
    }


def town_hall(contact: Contact) -> str:
    """„пл. Свобода 6, 7000 Русе“."""
    return ", ".join(part for part in (contact.address, f"{contact.postcode} {contact.settlement}".strip()) if part)


def _full_phone(phone: str, contact: Contact) -> str:
    """A short local number gets the town's area code: „881 881“ means nothing outside Русе."""
    digits = sum(character.isdigit() for character in phone)
    local = phone and digits <= 6 and not phone.startswith(("0", "+"))
    return f"{contact.area_code} {phone}" if local and contact.area_code else phone


def _sure_kind(findings: Findings | None) -> Kind | None:
    return findings.kind.value if findings and findings.kind.confidence >= SURE_ENOUGH else None


def _preferred(findings: Findings | None) -> str:
    return findings.preferred_channel.value.value if findings and findings.preferred_channel else ""


def _value(found: Found[Any] | None) -> Any:
    return found.value if found else None

