"""The folder of originals is a share that may go, and leaves an empty mount point behind: nothing is written there."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom.errors import Misconfigured, TryAgain
from mailroom.intake.door import take_in
from mailroom.model.arrival import Channel, Incoming
from mailroom.store.originals import MARK, Originals
from mailroom.store.store import Store

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def letter(number: int) -> Incoming:
    return Incoming(content=b"From: a@example.com\r\n\r\n%d" % number, channel=Channel.EMAIL, source="box",
                    key=str(number), received_at=NOW, file=f"{number}.eml")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path / 'register.db'}", tmp_path / "originals")
    opened.migrate()
    opened.recognise_originals()
    yield opened
    opened.close()


def unmount(folder: Path) -> Path:
    away = folder.with_name("away")
    folder.rename(away)
    folder.mkdir()
    return away


def mount(away: Path, folder: Path) -> None:
    folder.rmdir()
    away.rename(folder)


def test_nothing_is_taken_in_while_only_the_mount_point_is_there_and_all_when_it_is_back(store: Store) -> None:
    take_in(store, letter(1), NOW)
    folder = store.originals.folder
    away = unmount(folder)
    with pytest.raises(TryAgain, match="mount it"):
        take_in(store, letter(2), NOW)
    assert not any(folder.iterdir())
    mount(away, folder)
    take_in(store, letter(2), NOW)
    with store.reading() as register:
        assert all(store.originals.is_whole(sha256) for sha256 in register.arrivals.latest_digests(5))
        assert len(register.arrivals.latest_digests(5)) == 2


def test_what_is_erased_while_it_is_away_is_not_believed_to_be_gone(store: Store) -> None:
    take_in(store, letter(1), NOW)
    with store.reading() as register:
        sha256, = register.arrivals.latest_digests(1)
    away = unmount(store.originals.folder)
    with pytest.raises(TryAgain):
        store.originals.remove(sha256)
    mount(away, store.originals.folder)
    assert store.originals.remove(sha256)


def test_a_folder_of_an_earlier_version_gets_its_mark_and_an_empty_one_does_not(store: Store) -> None:
    take_in(store, letter(1), NOW)
    mark = store.originals.folder / MARK
    mark.unlink()
    store.recognise_originals()
    assert store.originals.trouble() == "" and mark.is_file()
    away = unmount(store.originals.folder)
    store.recognise_originals()
    assert "is not there" in store.originals.trouble() and not mark.exists()
    mount(away, store.originals.folder)


def test_the_folder_of_another_register_is_refused(store: Store) -> None:
    take_in(store, letter(1), NOW)
    mark = store.originals.folder / MARK
    mark.unlink()
    mark.write_text("0" * 64)
    with pytest.raises(TryAgain, match="another register"):
        take_in(store, letter(2), NOW)


def test_a_register_without_letters_does_not_begin_beside_letters(store: Store, tmp_path: Path) -> None:
    """It was lost, or an empty database was named: numbers would be given a second time."""
    beside = Store(f"sqlite:///{tmp_path / 'another.db'}", store.originals.folder)
    beside.migrate()
    beside.recognise_originals()
    store.recognise_originals()  # a folder that is empty too is anybody's
    take_in(store, letter(1), NOW)
    for mark in ("of another", ""):
        (store.originals.folder / MARK).unlink()
        (store.originals.folder / MARK).write_text(mark)
        with pytest.raises(Misconfigured, match="mailroom restore"):
            beside.recognise_originals()
    beside.close()


def test_a_share_that_hangs_holds_up_nobody_who_looks(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    originals.recognise("m", ())
    (tmp_path / MARK).unlink()
    os.mkfifo(tmp_path / MARK)
    assert "does not answer" in originals.trouble_within(0.2) and "does not answer" in originals.trouble_within(0.2)
    (tmp_path / MARK).write_text("m")
    (tmp_path / MARK).unlink()
    (tmp_path / MARK).write_text("m")
    assert originals.trouble_within(5) == ""
