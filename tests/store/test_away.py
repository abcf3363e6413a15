"""A database that does not answer now: told as TryAgain, waited out where something has happened already."""

import sqlite3
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom.errors import TryAgain
from mailroom.store import store as module
from mailroom.store.store import Register, Store


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Store, sqlite3.Connection]:
    """A register that somebody's database tool holds for itself."""
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.05)
    opened = Store(f"sqlite:///{tmp_path / 'register.db'}", tmp_path / "originals")
    opened.migrate()
    tool = sqlite3.connect(tmp_path / "register.db", isolation_level=None, check_same_thread=False)
    tool.execute("BEGIN EXCLUSIVE")
    return opened, tool


NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def keep(register: Register) -> str:
    register.daybook.done("kept", NOW.date(), NOW)
    return "kept"


def is_kept(opened: Store) -> bool:
    with opened.reading() as register:
        return register.daybook.is_done("kept", NOW.date())


def test_a_locked_register_is_told_as_what_passes(held: tuple[Store, sqlite3.Connection]) -> None:
    opened, tool = held
    with pytest.raises(TryAgain, match="locked"), opened.transaction() as register:
        keep(register)
    assert not is_kept(opened)
    tool.close()
    with opened.transaction() as register:
        keep(register)
    assert is_kept(opened)
    opened.close()


def test_what_has_happened_is_written_as_soon_as_the_register_takes_it(held: tuple[Store, sqlite3.Connection]) -> None:
    opened, tool = held
    written: list[str] = []
    writer = threading.Thread(target=lambda: written.append(opened.insist(keep)))
    writer.start()
    time.sleep(0.2)
    assert not written
    tool.close()
    writer.join()
    assert written == ["kept"] and is_kept(opened)
    opened.close()


def test_nobody_insists_when_the_process_ends(held: tuple[Store, sqlite3.Connection]) -> None:
    opened, tool = held
    opened.give_up()
    with pytest.raises(TryAgain):
        opened.insist(keep)
    tool.close()
    opened.close()
