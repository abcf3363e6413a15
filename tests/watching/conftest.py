"""An invented town that can be watched."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom.config import MaildirSettings, OcrSettings, Settings, TroubleSettings
from mailroom.office import Office, open_office
from mailroom.store.backup import REGISTER, copy_database
from mailroom.store.store import Store


class Clock:
    """The office's clock, which a test moves."""

    at = datetime(2026, 11, 18, 8, 0, tzinfo=UTC)
    """A Wednesday, ten in the morning in the town."""

    def __call__(self) -> datetime:
        """Now."""
        return self.at


@pytest.fixture
def clock() -> Clock:
    """The clock."""
    return Clock()


@pytest.fixture(scope="session")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Rules, vocabulary and templates, read once."""
    opened = open_office(Settings(charter="primerovo", data_dir=tmp_path_factory.mktemp("ruled"),
                                  ocr=OcrSettings(workers=1)))
    yield opened
    opened.close()


@pytest.fixture
def office(tmp_path: Path, ruled: Office, clock: Clock) -> Iterator[Office]:
    """One mailbox and an empty register; room enough whatever disk the tests have."""
    settings = ruled.settings.model_copy(update={
        "data_dir": tmp_path, "troubles": TroubleSettings(disk_megabytes=0, disk_days=0),
        "maildirs": (MaildirSettings(name="delovodstvo@example.bg", path=tmp_path / "inbox"),)})
    copy_database(ruled.settings.data_dir / REGISTER, tmp_path / REGISTER)
    store = Store(settings.url, settings.originals_dir)
    yield replace(ruled, settings=settings, store=store, now=clock)
    store.close()
