"""The counter: a letter that somebody brings, a complaint told by word of mouth, a telephone call.

    take_down    what the clerk has entered is kept, noted and taken through the journey at once: number, terms,
                 officer, and the receipt that the citizen waits for
    papers       the receipt, and for what was told the record to be signed (АПК чл. 29, ал. 5), as one PDF
    label        the code for the first page of the paper: scanned later, it joins by itself (journey.py)

What the clerk types stands; what is not typed (kind, danger, tone) is found in the words as in every letter.
"""

import os
import socket
from datetime import date, datetime, timedelta
from typing import Any

from mailroom import journey
from mailroom.correspondence.facts import town_hall
from mailroom.correspondence.pdf import page_pdf, pages_pdf
from mailroom.desk import noon_of
from mailroom.errors import BadRequest
from mailroom.intake.door import take_in_typed
from mailroom.model.arrival import Incoming
from mailroom.model.base import SOFIA, ItemId
from mailroom.model.findings import Address, Findings
from mailroom.model.item import Item, Step
from mailroom.model.letter import Letter
from mailroom.model.outgoing import OutgoingChannel
from mailroom.model.staff import Role, Staff
from mailroom.model.taken_down import Brought, TakenDown
from mailroom.office import Office
from mailroom.reading.codes import code_svg, new_label
from mailroom.understanding.corrections import check_corrections, corrected
from mailroom.understanding.understand import understand
from mailroom.words import FIELDS, word

SOURCE = "counter"
"""Name of the source on arrivals that a clerk has entered."""
LABELS_ON_A_SHEET = 24
"""Self-adhesive labels of 70 × 37 mm on A4."""
_HELD_FOR = timedelta(minutes=2)


def take_down(office: Office, staff: Staff, *, form: str, brought: Brought, text: str, fields: dict[str, Any],
              address: str = "", received_on: date | None = None, in_hand: bool = False, sheets: int | None = None,
              enclosures: str = "") -> ItemId:
    """Register what the clerk has entered; the same `form` sent twice makes one item.

    `fields` are typed fields by their correction paths. Raises BadRequest for what cannot be registered so.
    """
    fields = {path: value for path, value in fields.items() if value}
    check_corrections(fields)
    if not text and (brought.spoken or not fields.get("subject")):
        raise BadRequest("Напишете какво казва гражданинът: няколко думи стигат." if brought.spoken else
                         "Напишете поне за какво е писмото.")
    now = office.now()
    received_at = noon_of(received_on, now) if received_on else now
    taken = TakenDown(brought=brought, label=new_label(), by=staff.login, by_name=staff.name, at=now,
                      in_hand=in_hand and brought in (Brought.COUNTER, Brought.ORAL), sheets=sheets,
                      enclosures=enclosures, text=text, fields=fields, address=address)
    incoming = Incoming(source=SOURCE, key=form, file=f"{now.astimezone(SOFIA):%Y-%m-%d-%H%M%S}.txt",
                        content=record_of(taken, received_at).encode(), received_at=received_at,
                        channel=brought.channel)
    letter = letter_of(taken)
    item_id, new = take_in_typed(
        office.store, incoming, letter, taken, _corrections(office, staff, letter, taken, received_at.date()),
        owner=f"{socket.gethostname()}/{os.getpid()}", until=now + _HELD_FOR)
    if new:
        _go_through(office, item_id)
    return item_id


def _corrections(office: Office, staff: Staff, letter: Letter, taken: TakenDown, came: date) -> dict[str, Any]:
    """What was typed stands above what is found; what a clerk enters is a letter, however short. Raises BadRequest for
    a value that cannot be: behind this door nobody could put it right."""
    found = understand(letter, office.pack, office.knowledge, came)
    corrections = {**taken.fields, "noncorrespondence": None, **_address(office, found, taken.address)}
    if staff.role is Role.CONFIDENTIAL:
        corrections["matter"] = "whistleblower"  # nobody else may see what this officer enters
    corrected(found, corrections)
    return corrections


def _go_through(office: Office, item_id: ItemId) -> None:
    """Every step at once: the citizen waits for the number. What fails here the engine takes up again."""
    try:
        step = Step.READ
        while step is not Step.SETTLED:
            journey.STEPS[step](office, item_id)
            with office.store.reading() as register:
                step = register.items.step(item_id) or Step.SETTLED
    finally:
        with office.store.transaction() as register:
            register.items.release(item_id)


def letter_of(taken: TakenDown) -> Letter:
    """What was entered, as a letter that the finders can read; the typed fields are those of a form."""
    shown = {FIELDS[path]: str(value) for path, value in taken.fields.items() if path in _IN_THE_FORM}
    shown |= {FIELDS["address"]: taken.address} if taken.address else {}
    return Letter(channel=taken.brought.channel, media_type="text/plain", subject=taken.fields.get("subject"),
                  text=taken.words, form_fields=shown)


_IN_THE_FORM = ("sender_name", "organisation", "email", "phone")


def _address(office: Office, found: Findings, typed: str) -> dict[str, str]:
    """The typed line as the parts of an address; who names no place lives in the town."""
    if not typed:
        return {}
    address = found.address.value if found.address else Address(street=typed)
    contact = office.pack.contact
    if not address.settlement:
        address = address.model_copy(update={"settlement": contact.settlement,
                                             "postcode": address.postcode or contact.postcode})
    return {f"address.{part}": value for part, value in address if value}


def record_of(taken: TakenDown, received_at: datetime) -> str:
    """What was entered as plain text: the original of the item, kept under its digest."""
    at = received_at.astimezone(SOFIA)
    lines = [("Начин", word(taken.brought)), ("Получено", f"{at:%d.%m.%Y %H:%M:%S}"),
             ("Въвел", f"{taken.by_name} ({taken.by}), {taken.at.astimezone(SOFIA):%d.%m.%Y %H:%M:%S}"),
             *((FIELDS[path], str(value)) for path, value in taken.fields.items()),
             (FIELDS["address"], taken.address), ("Листа", str(taken.sheets or "")), ("Приложения", taken.enclosures),
             ("Етикет", taken.label)]
    head = "\n".join(f"{name}: {value}" for name, value in lines if value)
    return f"{head}\n\n{taken.text}\n"


# ---- what is printed ------------------------------------------------------------------------------------------------


def papers(office: Office, staff: Staff, item: Item, taken: TakenDown) -> bytes | None:
    """The record to be signed and the receipt, in that order; null where neither is due."""
    receipt = [letter.page_html for letter in item.letters if letter.channel is OutgoingChannel.HAND]
    pages = [*([protocol_html(office, item, taken)] if taken.brought.spoken else []), *receipt[:1]]
    if not pages:
        return None
    _note_printed(office, staff, item)
    return pages_pdf(pages)


def protocol_html(office: Office, item: Item, taken: TakenDown) -> str:
    """The record of what was told, with the label's code on it: signed and scanned, it joins its item."""
    return office.templates.sheet("protocol.html", _common(office, item, taken))


def label_pdf(office: Office, staff: Staff, item: Item, taken: TakenDown, *, place: int | None = None) -> bytes:
    """The label for a label printer (62 × 29 mm), or at this place (1 to 24) of a sheet of labels."""
    if place is not None and not 1 <= place <= LABELS_ON_A_SHEET:
        raise BadRequest(f"Мястото върху листа с етикети е от 1 до {LABELS_ON_A_SHEET}.")
    _note_printed(office, staff, item)
    return page_pdf(office.templates.sheet("label.html", {**_common(office, item, taken), "place": place}))


def _common(office: Office, item: Item, taken: TakenDown) -> dict[str, Any]:
    if item.entry is None:
        raise BadRequest("Номерът още не е даден: опитайте отново след малко.")
    contact = office.pack.contact
    return {"municipality": contact, "town_hall": town_hall(contact), "taken": taken, "brought": taken.brought.value,
            "number": item.entry.registration_number, "code": code_svg(taken.label), "received_at": item.received_at,
            "fields": [(FIELDS[path], value) for path, value in taken.fields.items() if path in _ON_THE_RECORD]}


_ON_THE_RECORD = ("sender_name", "organisation", "on_behalf_of", "phone", "email", "subject")


def _note_printed(office: Office, staff: Staff, item: Item) -> None:
    with office.store.transaction() as register:
        register.history.note("papers_printed", who=staff.login, at=office.now(), item_id=item.id)
