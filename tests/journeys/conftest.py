"""An office of the invented town, with everything real, and mail that goes to the tests' SMTP server."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailroom import journey
from mailroom.config import OcrSettings, OutgoingSettings, Security, Settings, SmtpSettings
from mailroom.dispatch.transport import transport_for
from mailroom.engine.attempt import attempt_item, attempt_letter
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.base import ItemId
from mailroom.model.item import Item
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.staff import Role, Staff
from mailroom.office import Learned, Office, open_office
from mailroom.store.store import Store
from tests.servers.smtp import SmtpServer

AUTHSERV = "mx.primerovo.example.bg"
OFFICER = "Иван Тодоров <i.todorov@example.bg>"
CAME = datetime(2026, 11, 20, 8, 12, 3, tzinfo=UTC)
"""A Friday morning."""
TODAY = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
"""The morning after, on which every test begins, whatever day it is run: terms are counted from registration too."""


def clock() -> Callable[[], datetime]:
    """A clock that goes on from TODAY."""
    began = datetime.now(UTC)
    return lambda: TODAY + (datetime.now(UTC) - began)


@pytest.fixture(scope="session")
def _furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Rules, vocabulary and reading processes, which are the same for every test."""
    opened = open_office(Settings(charter="primerovo", data_dir=tmp_path_factory.mktemp("furnished"),
                                  ocr=OcrSettings(workers=1)))
    yield opened
    with suppress(FileNotFoundError):
        opened.close()


@pytest.fixture
def office(tmp_path: Path, smtp_server: SmtpServer, _furnished: Office) -> Iterator[Office]:
    """An empty register of the invented town."""
    settings = Settings(
        charter="primerovo", data_dir=tmp_path,
        smtp=SmtpSettings(host=smtp_server.host, port=smtp_server.port, security=Security.NONE),
        outgoing=OutgoingSettings(trusted_authserv_id=AUTHSERV, undo_seconds=0), ocr=OcrSettings(workers=1))
    store = Store(settings.url, settings.originals_dir)
    store.migrate()
    yield replace(_furnished, settings=settings, store=store, learned=Learned(), transport=transport_for(settings),
                  now=clock())
    store.close()


@pytest.fixture
def clerk() -> Staff:
    """Somebody at the desk."""
    return Staff(login="m.koleva", name="Мария Колева", role=Role.CLERK)


class Desk:
    """What a test does in one line: let a letter come in and go through; send what waits."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._keys = iter(range(1, 10_000))

    def come_in(self, content: bytes | EmailMessage, *, source: str = "center@primerovo.example.bg",
                channel: Channel = Channel.EMAIL, file: str = "letter") -> Item:
        """Receive one thing and take it through every step; the item that it belongs to now."""
        octets = content.as_bytes() if isinstance(content, EmailMessage) else content
        item_id = journey.receive(self.office, Incoming(
            source=source, key=str(next(self._keys)), file=file, content=octets, received_at=CAME, channel=channel))
        attempt_item(self.office, item_id)
        with self.office.store.reading() as register:
            ids = register.items.ids()
        return self.item(item_id if item_id in ids else ids[-1])

    def item(self, item_id: ItemId) -> Item:
        """The item as it stands now."""
        item = self.office.store.item(item_id)
        assert item is not None
        return item

    def send(self) -> None:
        """Try to deliver every queued mail once."""
        with self.office.store.reading() as register:
            waiting = register.outbox.with_status(OutgoingStatus.QUEUED)
        for outgoing in waiting:
            attempt_letter(self.office, outgoing.id)


@pytest.fixture
def desk(office: Office) -> Desk:
    """The short hand of these tests."""
    return Desk(office)


@pytest.fixture
def officer(desk: Desk) -> str:
    """The address of an officer of the town."""
    staff = Staff(login="i.todorov", name="Иван Тодоров", role=Role.OFFICER, email="i.todorov@example.bg")
    with desk.office.store.transaction() as register:
        register.people.add(staff, "-")
    return OFFICER


@pytest.fixture
def mail() -> Callable[..., EmailMessage]:
    """A citizen's mail: `mail("text", From=…, Subject=…)`."""
    def write(text: str, **fields: str) -> EmailMessage:
        message = EmailMessage()
        defaults = {"From": "Мария Петкова <m.petkova@example.com>", "To": "center@primerovo.example.bg",
                    "Subject": "Сигнал", "Message-ID": "<letter-1@example.com>"}
        for name, value in {**defaults, **{key.replace("_", "-"): value for key, value in fields.items()}}.items():
            if value:
                message[name] = value
        message.set_content(text)
        return message

    return write
