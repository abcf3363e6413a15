"""An invented town, its citizens and one line of its register, for the tests of letters."""

from datetime import date, datetime
from functools import cache
from typing import Any

from mailroom.config import packaged
from mailroom.correspondence.templates import Templates
from mailroom.model.arrival import Channel
from mailroom.model.base import SOFIA
from mailroom.model.entry import Assignment, Clock, Due, Entry
from mailroom.model.findings import Address, Findings, Found, Kind, Script
from mailroom.model.item import Item, Status, Step
from mailroom.model.letter import Letter, Mailbox, MailHead
from mailroom.model.outgoing import LetterType, Outgoing, OutgoingChannel
from mailroom.model.pack import Contact, Numbering, Pack
from mailroom.model.verdict import Outcome, Verdict

RECEIVED = datetime(2026, 11, 20, 10, 42, 5, tzinfo=SOFIA)
NOW = datetime(2026, 11, 20, 10, 43, tzinfo=SOFIA)
FROM = "center@primerovo.example"
SENDING: dict[str, Any] = {"from_address": FROM, "public_url": "https://spravka.primerovo.example", "now": NOW}

PACK = Pack(
    id="primerovo", version="1", charter_title="Харта на клиента", charter_source="https://primerovo.example",
    numbering=Numbering(case="94-00-{seq}", registration="{case}/{date:%d.%m.%Y}"),
    contact=Contact(name="Община Примерово", identifier="000000000", settlement="Примерово", postcode="9999",
                    address="пл. „Свобода“ 1", phones=("881 881",), emails=(FROM,), area_code="0999"),
)
ADDRESS = Address(postcode="9999", settlement="Примерово", street="ул. Борисова", number="12", entrance="А", floor="3",
                  apartment="8")
ENTRY = Entry(
    item_id=7, registration_number="94-00-17/20.11.2026", case_number="94-00-17", series="94", year=2026, sequence=17,
    registered_at=datetime(2026, 11, 20, 10, 42, 9, tzinfo=SOFIA), access_code="K7QF-2M9X",
    due=Due(statute=Clock(date=date(2026, 12, 21), raw_date=date(2026, 12, 20), basis="АПК чл. 121", explanation="…")),
    assigned_to=Assignment(department="дирекция „Екология“", department_id="eco", officer="Иван Тодоров",
                           phone="0999 881 725", extension="210", email="todorov@primerovo.example"),
)


@cache
def packaged_templates() -> Templates:
    """Those that come with the program."""
    return Templates(packaged("templates"), None)


def found(value: Any, confidence: float = 1.0) -> Found[Any]:
    """A value without evidence."""
    return Found(value=value, confidence=confidence)


def findings(**changes: Any) -> Findings:
    """Of a signal by Мария Петрова, with a mail and a postal address. Values are wrapped; None takes a field away."""
    values: dict[str, Any] = {
        "kind": Kind.SIGNAL, "anonymous": False, "abusive": False, "health_safety": False, "protected_info": False,
        "sender_name": "Мария Петрова", "email": "petrova@citizen.example", "address": ADDRESS,
        "script": Script.CYRILLIC, "language": "bg",
    }
    values |= changes
    return Findings(**{
        name: value if value is None or isinstance(value, Found | tuple) else found(value)
        for name, value in values.items()
    })


def verdict(**changes: Any) -> Verdict:
    """To be considered."""
    return Verdict(**{"outcome": Outcome.CONSIDER, "pack_version": "1", **changes})


def mail_head(*fields: tuple[str, str], **changes: Any) -> MailHead:
    """The head of a citizen's mail, with further fields."""
    return MailHead(**{
        "message_id": "<one@citizen.example>", "from_": (Mailbox(address="petrova@citizen.example"),),
        "return_path": "petrova@citizen.example", "fields": fields, **changes,
    })


def letter(*fields: tuple[str, str], **changes: Any) -> Letter:
    """A citizen's mail with these further header fields."""
    return Letter(**{
        "channel": Channel.EMAIL, "media_type": "message/rfc822", "subject": "Тайният ми повод",
        "text": "Неповторимите думи на гражданката.", "head": mail_head(*fields), **changes,
    })


def item(*, channel: Channel = Channel.EMAIL, read: Letter | None = None, judged: Verdict | None = None,
         **changes: Any) -> Item:
    """An item with these findings."""
    return Item(id=7, version=1, step=Step.JUDGED, status=Status.REGISTERED, channel=channel, received_at=RECEIVED,
                letter=read or letter(), findings=findings(**changes), verdict=judged or verdict())


def outgoing(**changes: Any) -> Outgoing:
    """An acknowledgement in the outbox."""
    return Outgoing(**{
        "id": 3, "type": LetterType.ACKNOWLEDGEMENT, "item_id": 7, "channel": OutgoingChannel.EMAIL,
        "to": "petrova@citizen.example", "subject": "Получихме Вашия сигнал, № 94-00-17/20.11.2026",
        "text": "Уважаема госпожо Петрова,\n", "html": "<p>Уважаема госпожо Петрова,</p>",
        "page_html": "<p>Уважаема</p>", "message_id": "<fixed.1@primerovo.example>",
        "in_reply_to": "<one@citizen.example>", "references": ("<one@citizen.example>",),
        "number": "94-00-17/20.11.2026", "created_at": NOW, **changes,
    })
