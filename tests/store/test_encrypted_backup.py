"""Backups are encrypted on their way to the disk, on both databases, and enough good ones are always kept."""

import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mailroom.backing_up import back_up, is_good, still_holding, surplus_of, trouble_with_last
from mailroom.config import BackupSettings, Settings
from mailroom.errors import BadRequest, Misconfigured
from mailroom.intake.door import take_in
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.backup import KeptBackup
from mailroom.store.backup import read_backup, write_backup
from mailroom.store.encryption import new_identity
from mailroom.store.store import Store
from tests.servers.postgres import Postgres

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
SECRET_WORDS = b"Subject: a citizen's words\r\n\r\n"


@pytest.fixture
def key(tmp_path: Path) -> tuple[Path, str]:
    """The file with the secret key, and the public one."""
    identity, recipient = new_identity()
    file = tmp_path / "key.txt"
    file.write_text(f"# a comment\n{identity}\n", "utf-8")
    return file, recipient


@pytest.fixture
def data(tmp_path: Path, store: Store) -> Path:
    """The data directory of the register."""
    (tmp_path / "mailroom.toml").write_text('charter = "primerovo"\n', "utf-8")
    return tmp_path


def settings_of(data: Path, store: Store, recipient: str, keep: int = 3) -> Settings:
    folder = data / "backups"
    folder.mkdir(exist_ok=True)
    return Settings(charter="primerovo", data_dir=data, database_url="" if store.is_sqlite else store.url,
                    backup=BackupSettings(folder=folder, recipients=(recipient,), keep=keep))


def take(store: Store, number: int) -> None:
    take_in(store, Incoming(source="test", key=str(number), file="a.eml", content=SECRET_WORDS + b"%d" % number,
                            received_at=NOW, channel=Channel.EMAIL), NOW)


@pytest.fixture
def empty_url(store: Store, request: pytest.FixtureRequest) -> str:
    """Where to restore a dump."""
    if store.is_sqlite:
        return ""
    server: Postgres = request.getfixturevalue("postgres")
    return server.url(f"r{uuid.uuid4().hex}")


@pytest.fixture
def mail_comes_in(store: Store) -> Iterator[None]:
    """Letters, one after the other, until the test ends."""
    take(store, 0)
    stop = threading.Event()

    def keep_coming() -> None:
        number = 1
        while not stop.wait(0.002):
            take(store, number)
            number += 1

    coming = threading.Thread(target=keep_coming)
    coming.start()
    yield
    stop.set()
    coming.join()


@pytest.mark.usefixtures("mail_comes_in")
def test_what_was_backed_up_while_mail_came_in_comes_back_whole_and_only_with_the_key(
    data: Path, store: Store, key: tuple[Path, str], empty_url: str, tmp_path: Path
) -> None:
    identity, recipient = key
    made = back_up(settings_of(data, store, recipient), None, NOW)
    file = Path(made.file)
    assert made.encrypted and file.name == "mailroom-20261121-013000.tar.age"
    content = file.read_bytes()
    assert SECRET_WORDS not in content and b"register" not in content and file.stat().st_mode & 0o777 == 0o600
    other = tmp_path / "other.txt"
    other.write_text(new_identity()[0], "utf-8")
    for wrong in (None, other):
        with pytest.raises(BadRequest, match="key"):
            read_backup(file, tmp_path / "restored", identity=wrong, database_url=empty_url)
    told = read_backup(file, tmp_path / "restored", identity=identity, database_url=empty_url)
    assert told.damaged == () and told.originals >= 1
    again = Store(empty_url or f"sqlite:///{tmp_path / 'restored' / 'register.db'}", tmp_path / "restored/originals")
    assert again.is_current()
    with again.reading() as register:
        assert len(register.items.ids()) <= told.originals and register.history.faults() == []
        assert all(again.originals.is_whole(sha256) for sha256 in register.arrivals.digests())
    again.close()


@pytest.mark.parametrize("spoil", [lambda whole: whole[:-70], lambda whole: whole[:900],
                                   lambda whole: whole[:-70] + b"x" + whole[-69:]])
def test_an_encrypted_file_that_was_cut_or_changed_restores_nothing(
    spoil: "type[bytes]", tmp_path: Path, key: tuple[Path, str]
) -> None:
    (tmp_path / "mailroom.toml").write_text('charter = "primerovo"\n', "utf-8")
    store = Store(f"sqlite:///{tmp_path / 'register.db'}", tmp_path / "originals")
    store.migrate()
    take(store, 1)
    store.close()
    write_backup(tmp_path / "whole", data_dir=tmp_path, url=store.url, extra=(), now=NOW, recipients=[key[1]])
    (tmp_path / "spoiled").write_bytes(spoil((tmp_path / "whole").read_bytes()))
    with pytest.raises(BadRequest):
        read_backup(tmp_path / "spoiled", tmp_path / "restored", identity=key[0])
    assert not (tmp_path / "restored").exists() and not list(tmp_path.glob(".mailroom-*"))


def test_the_oldest_go_and_never_the_last_good_one(small: tuple[Settings, Store]) -> None:
    settings, store = small
    made = [Path(back_up(settings, None, NOW + timedelta(days=day)).file) for day in range(5)]
    assert [file.exists() for file in made] == [False, False, True, True, True]
    made[4].write_bytes(b"damaged")
    with store.reading() as register:
        kept = [backup for backup in register.backups.kept() if backup.rotated]
    assert [is_good(backup) for backup in kept] == [False, True, True]
    next_one = back_up(settings, None, NOW + timedelta(days=5))
    assert next_one.removed == () and made[2].exists()


def test_a_night_on_which_an_original_was_missing_removes_nothing(small: tuple[Settings, Store]) -> None:
    settings, store = small
    made = [back_up(settings, None, NOW + timedelta(days=day)) for day in range(3)]
    with store.reading() as register:
        store.originals.path(register.arrivals.digests()[0]).unlink()
    worse = [back_up(settings, None, NOW + timedelta(days=day)) for day in range(3, 6)]
    assert all(one.backup.damaged and not one.removed for one in worse)
    assert all(Path(one.file).exists() for one in made)
    with store.reading() as register:
        last = register.backups.last_whole()
        assert last is not None and last.file == made[-1].file and trouble_with_last(register) == ""
        Path(last.file).unlink()
        assert "not there any more" in trouble_with_last(register)


def kept(number: int, *, whole: bool = True) -> KeptBackup:
    return KeptBackup(id=number, file="/nowhere", made_at=NOW, size=1, sha256="", encrypted=True, whole=whole,
                      rotated=True)


def test_nothing_is_surplus_where_nothing_is_good() -> None:
    assert surplus_of([kept(number) for number in range(20)], 3) == ()


def test_the_backups_that_still_hold_an_erased_letter_are_told_with_the_day_on_which_they_go(
    small: tuple[Settings, Store], tmp_path: Path
) -> None:
    settings, store = small
    before, since = NOW, NOW + timedelta(days=1)
    back_up(settings, None, before)
    back_up(settings, None, since)
    back_up(settings, tmp_path / "by-hand.tar.age", since)
    now = since + timedelta(hours=2)
    found = still_holding(store, since, settings.backup.keep, now)
    assert [(Path(one.file).name, one.expires) for one in found] == [
        ("by-hand.tar.age", None), ("mailroom-20261122-013000.tar.age", date(2026, 11, 25))]


@pytest.fixture
def small(tmp_path: Path, key: tuple[Path, str]) -> Iterator[tuple[Settings, Store]]:
    """A register on SQLite with one letter, and where its backups go."""
    store = Store(f"sqlite:///{tmp_path / 'register.db'}", tmp_path / "originals")
    store.migrate()
    take(store, 1)
    (tmp_path / "mailroom.toml").write_text('charter = "primerovo"\n', "utf-8")
    yield settings_of(tmp_path, store, key[1]), store
    store.close()


def test_a_wrong_key_in_the_settings_is_told_before_anything_is_written(small: tuple[Settings, Store]) -> None:
    settings = small[0].model_copy(update={"backup": small[0].backup.model_copy(update={"recipients": ("age1nokey",)})})
    with pytest.raises(Misconfigured, match="age1nokey"):
        back_up(settings, None, NOW)
    assert settings.backup.folder is not None and not list(settings.backup.folder.iterdir())
