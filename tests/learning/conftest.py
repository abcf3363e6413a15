"""An office of the invented town that these tests share: each looks at letters of its own."""

from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import make_msgid

import pytest

from mailroom.config import OcrSettings, Settings, packaged
from mailroom.model.staff import Role, Staff
from mailroom.office import open_office
from mailroom.understanding.knowledge import Knowledge, load_knowledge
from tests.journeys.conftest import Desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The short hand of these tests."""
    office = open_office(Settings(charter="primerovo", data_dir=tmp_path_factory.mktemp("learning"),
                                  ocr=OcrSettings(workers=1)))
    yield Desk(office)
    office.close()


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """What the finders know."""
    return load_knowledge(packaged("rules"))


@pytest.fixture(scope="session")
def clerk() -> Staff:
    """Somebody at the desk."""
    return Staff(login="m.koleva", name="Мария Колева", role=Role.CLERK)


def mail(text: str, **fields: str) -> EmailMessage:
    """A citizen's mail, each with a Message-ID of its own."""
    message = EmailMessage()
    defaults = {"From": "Мария Петкова <m.petkova@example.com>", "To": "center@primerovo.example.bg",
                "Subject": "Сигнал", "Message-ID": make_msgid(domain="example.com")}
    for name, value in {**defaults, **{key.replace("_", "-"): value for key, value in fields.items()}}.items():
        if value:
            message[name] = value
    message.set_content(text)
    return message
