"""Backup and restore: consistent while the service writes, whole or not at all."""

import io
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom import backing_up
from mailroom.config import load_settings
from mailroom.errors import BadRequest
from mailroom.intake.door import take_in
from mailroom.model.arrival import Channel, Incoming
from mailroom.store.backup import read_backup, write_backup
from mailroom.store.store import Store

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory with a configuration."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "mailroom.toml").write_text('charter = "primerovo"\n', "utf-8")
    return folder


@pytest.fixture
def store(data: Path) -> Iterator[Store]:
    """The register in it, open."""
    opened = Store(f"sqlite:///{data / 'register.db'}", data / "originals")
    opened.migrate()
    yield opened
    opened.close()


def take(store: Store, number: int) -> None:
    """One letter comes in."""
    take_in(store, Incoming(source="test", key=str(number), file=f"{number}.eml", content=b"letter %d" % number,
                            received_at=NOW, channel=Channel.EMAIL), NOW)


def back_up(data: Path, file: Path) -> None:
    """As the command does it."""
    write_backup(file, data_dir=data, url=f"sqlite:///{data / 'register.db'}", extra=(), now=NOW)


def test_what_was_backed_up_comes_back(data: Path, store: Store, tmp_path: Path) -> None:
    """Register, originals and configuration, while the register is open and its log not yet written back."""
    for number in range(3):
        take(store, number)
    back_up(data, tmp_path / "backup.tar")
    restored = tmp_path / "elsewhere"
    told = read_backup(tmp_path / "backup.tar", restored)
    assert (told.originals, told.damaged) == (3, ())
    again = Store(f"sqlite:///{restored / 'register.db'}", restored / "originals")
    with again.reading() as register:
        assert len(register.items.ids()) == 3
        assert register.history.faults() == []
        assert all(again.originals.is_whole(sha256) for sha256 in register.arrivals.digests())
    again.close()
    assert (restored / "mailroom.toml").read_text("utf-8") == (data / "mailroom.toml").read_text("utf-8")
    assert sorted(path.name for path in restored.iterdir()) == ["mailroom.toml", "originals", "register.db"]


def test_a_backup_taken_while_letters_come_in_is_consistent(data: Path, store: Store, tmp_path: Path) -> None:
    """Every original that the copied register names is inside."""
    stop = threading.Event()

    def keep_coming() -> None:
        number = 0
        while not stop.is_set():
            take(store, number)
            number += 1

    coming = threading.Thread(target=keep_coming)
    coming.start()
    try:
        for number in range(3):
            back_up(data, tmp_path / f"{number}.tar")
    finally:
        stop.set()
        coming.join()
    for number in range(3):
        assert read_backup(tmp_path / f"{number}.tar", tmp_path / f"restored-{number}").damaged == ()


def test_the_towns_own_rules_and_templates_travel_along(data: Path, store: Store, tmp_path: Path) -> None:
    """Where they lie in the data directory."""
    own = data / "templates" / "acknowledgement"
    own.mkdir(parents=True)
    (own / "subject.txt").write_text("Получихме писмото Ви", "utf-8")
    write_backup(tmp_path / "backup.tar", data_dir=data, url=f"sqlite:///{data / 'register.db'}",
                 extra=(data / "templates",), now=NOW)
    read_backup(tmp_path / "backup.tar", tmp_path / "restored")
    kept = tmp_path / "restored" / "templates" / "acknowledgement" / "subject.txt"
    assert kept.read_text("utf-8") == "Получихме писмото Ви"


@pytest.mark.parametrize("folder", ["rules", "templates", "lexicon", "certificates"])
def test_everything_of_the_towns_own_that_lies_in_the_data_directory_is_inside(
    data: Path, store: Store, tmp_path: Path, folder: str
) -> None:
    """Without the certificates that it trusts, a mailroom started elsewhere would vouch for nobody's signature."""
    (data / folder).mkdir()
    (data / folder / "own").write_text("own", "utf-8")
    settings = load_settings(data / "mailroom.toml").model_copy(update={
        "rules_dir": data / "rules", "templates_dir": data / "templates"})
    assert backing_up.back_up(settings, tmp_path / "backup.tar", NOW).outside == ()
    read_backup(tmp_path / "backup.tar", tmp_path / "restored")
    assert (tmp_path / "restored" / folder / "own").read_text("utf-8") == "own"


def test_only_its_owner_may_read_a_backup(data: Path, store: Store, tmp_path: Path) -> None:
    """It holds citizens' letters."""
    back_up(data, tmp_path / "backup.tar")
    assert (tmp_path / "backup.tar").stat().st_mode & 0o777 == 0o600


def test_nothing_is_overwritten(data: Path, store: Store, tmp_path: Path) -> None:
    """Neither a file by a backup, nor a folder by a restore."""
    back_up(data, tmp_path / "backup.tar")
    before = (tmp_path / "backup.tar").read_bytes()
    with pytest.raises(BadRequest, match="exists already"):
        back_up(data, tmp_path / "backup.tar")
    assert (tmp_path / "backup.tar").read_bytes() == before
    with pytest.raises(BadRequest, match="not empty"):
        read_backup(tmp_path / "backup.tar", data)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["backup.tar", "data"]


def test_a_missing_original_is_told_and_the_rest_is_saved(data: Path, store: Store, tmp_path: Path) -> None:
    """A backup without it is better than none."""
    take(store, 1)
    take(store, 2)
    with store.reading() as register:
        lost = register.arrivals.digests()[0]
    store.originals.path(lost).unlink()
    told = write_backup(tmp_path / "backup.tar", data_dir=data, url=f"sqlite:///{data / 'register.db'}",
                        extra=(), now=NOW)
    assert told.backup.damaged == (lost,)
    assert read_backup(tmp_path / "backup.tar", tmp_path / "restored").damaged == (lost,)


def test_a_broken_file_restores_nothing(data: Path, store: Store, tmp_path: Path) -> None:
    """Cut off, changed inside, or something else altogether: one sentence, and no folder is left behind."""
    take(store, 1)
    back_up(data, tmp_path / "backup.tar")
    whole = (tmp_path / "backup.tar").read_bytes()
    broken = {
        "cut": whole[:len(whole) // 2],
        "changed": whole.replace(b"SQLite format 3", b"SQLite format 4"),
        "other": b"not a tar at all" * 100,
        "empty": b"",
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadRequest):
            read_backup(tmp_path / name, tmp_path / "restored")
    assert not (tmp_path / "restored").exists()
    assert not list(tmp_path.glob(".mailroom-*"))


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "originals/../../outside"])
def test_a_name_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    """Whoever made the file, it writes nowhere but in the folder."""
    file = tmp_path / "evil.tar"
    with tarfile.open(file, "w") as tar:
        member = tarfile.TarInfo(name)
        member.size = 4
        tar.addfile(member, io.BytesIO(b"evil"))
    with pytest.raises(BadRequest, match="outside"):
        read_backup(file, tmp_path / "restored")
    assert not (tmp_path / "outside").exists()


def test_the_copy_is_one_file(data: Path, store: Store, tmp_path: Path) -> None:
    """What lay in the write-ahead log is in the copy itself."""
    take(store, 1)
    back_up(data, tmp_path / "backup.tar")
    read_backup(tmp_path / "backup.tar", tmp_path / "restored")
    with closing(sqlite3.connect(tmp_path / "restored" / "register.db")) as copied:
        assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copied.execute("SELECT count(*) FROM arrival").fetchone() == (1,)
