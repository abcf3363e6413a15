"""A register's file that is no whole database any more: whoever opens it is told what to do, in one sentence."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom.checkup import check_everything
from mailroom.config import Settings
from mailroom.errors import Damaged
from mailroom.store.backup import write_backup
from mailroom.store.store import Store

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "mailroom.toml").write_text('charter = "primerovo"\n', "utf-8")
    store = Store(f"sqlite:///{tmp_path / 'register.db'}", tmp_path / "originals")
    store.migrate()
    store.close()
    return tmp_path


@pytest.fixture
def store(data: Path) -> Iterator[Store]:
    """Opened when it is asked for the first time."""
    opened = Store(f"sqlite:///{data / 'register.db'}", data / "originals")
    yield opened
    opened.close()


def read(store: Store, _data: Path) -> None:
    with store.reading() as register:
        register.items.ids()


def write(store: Store, _data: Path) -> None:
    with store.transaction() as register:
        register.history.note("tried", who="me", at=NOW)


def back_up(store: Store, data: Path) -> None:
    write_backup(data / "backup.tar", data_dir=data, url=store.url, extra=(), now=NOW)


@pytest.mark.parametrize("use", [
    read, write, back_up, lambda store, _data: store.schema(), lambda store, _data: store.migrate(),
    lambda store, _data: store.rehearse_upgrade()], ids=["read", "write", "backup", "schema", "upgrade", "rehearsal"])
def test_what_is_no_database_is_told_with_the_remedy(
    data: Path, store: Store, use: Callable[[Store, Path], object]
) -> None:
    (data / "register.db").write_bytes(b"no database at all" * 500)
    with pytest.raises(Damaged, match="mailroom restore"):
        use(store, data)


def test_pages_that_nobody_has_read_yet_are_found_by_a_rehearsal(data: Path, store: Store) -> None:
    """As a disk leaves them that has lost what was written."""
    with (data / "register.db").open("r+b") as file:
        file.seek(40_000)
        file.write(b"\xff" * 40_000)
    assert "mailroom restore" in store.rehearse_upgrade().fault


def test_a_whole_register_is_called_so(store: Store) -> None:
    assert store.damage() == "" and store.rehearse_upgrade().fault == ""


@pytest.mark.long
def test_the_check_reads_a_small_file_whole(data: Path, store: Store) -> None:
    """A large one the nightly proof."""
    test_pages_that_nobody_has_read_yet_are_found_by_a_rehearsal(data, store)
    settings = Settings(charter="primerovo", data_dir=data)
    assert any("mailroom restore" in one.remedy for one in check_everything(settings) if not one.ok)
