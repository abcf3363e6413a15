"""A power cut or a crash at any moment of taking much mail at once: what the register knows is whole on the disk."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom.intake.door import take_in_all
from mailroom.model.arrival import Channel, Incoming
from mailroom.store.store import Store

LETTERS = 5
NOW = datetime(2026, 11, 20, 9, 12, 3, tzinfo=UTC)
DIE_AT = "MAILROOM_TEST_DIE_AT"
"""Before which call of fsync(2) the process ends, without a word to anybody."""
TAKE = """
import os, sys
from pathlib import Path
from tests.store.test_crash_while_taking import DIE_AT, letters, register_in
from mailroom.intake.door import take_in_all
from tests.store.test_crash_while_taking import NOW

calls, fsync = [], os.fsync

def counted(descriptor):
    calls.append(descriptor)
    if len(calls) == int(os.environ[DIE_AT]):
        os._exit(9)
    fsync(descriptor)

store = register_in(Path(sys.argv[1]))
os.fsync = counted
take_in_all(store, letters(), NOW)
"""


def letters() -> list[Incoming]:
    """Mail that came together."""
    return [Incoming(source="center@example.bg", key=str(number), file=f"{number}.eml", received_at=NOW,
                     content=b"From: a@example.com\r\nSubject: %d\r\n\r\nText" % number, channel=Channel.EMAIL)
            for number in range(LETTERS)]


def register_in(folder: Path) -> Store:
    """The town's register."""
    store = Store(f"sqlite:///{folder / 'register.db'}", folder / "originals")
    store.migrate()
    return store


@pytest.mark.parametrize("die_at", [LETTERS, LETTERS + 2, 99])
def test_whenever_the_service_dies_no_arrival_is_noted_without_its_original(tmp_path: Path, die_at: int) -> None:
    """And a second look takes everything, each once."""
    store = register_in(tmp_path)
    done = subprocess.run([sys.executable, "-c", TAKE, tmp_path], env={**os.environ, DIE_AT: str(die_at)}, check=False)
    assert done.returncode == (0 if die_at == 99 else 9)
    with store.reading() as register:
        noted = register.arrivals.digests()
    assert len(noted) == (LETTERS if die_at == 99 else 0)
    assert all(store.originals.is_whole(sha256) for sha256 in noted)
    items = take_in_all(store, letters(), NOW)
    with store.reading() as register:
        assert register.items.ids() == tuple(sorted(set(items)))
        assert len(register.arrivals.keys("center@example.bg")) == len(set(items)) == LETTERS
        assert all(store.originals.is_whole(sha256) for sha256 in register.arrivals.digests())
    store.close()


def test_mail_of_equal_content_that_comes_together_is_one_item(tmp_path: Path) -> None:
    """Two keys, two arrivals, one letter."""
    store = register_in(tmp_path)
    first, *_ = letters()
    again = first.model_copy(update={"key": "again"})
    assert len(set(take_in_all(store, [first, again], NOW))) == 1
    with store.reading() as register:
        assert register.arrivals.keys("center@example.bg") == {"0", "again"}
    store.close()
