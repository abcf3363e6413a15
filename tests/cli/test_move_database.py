"""`mailroom move-database`: everything is on PostgreSQL afterwards, and work goes on there."""

import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import TownHall
from tests.cli.run import call
from tests.servers.postgres import Postgres

LETTER = """From: Петър Илиев <p.iliev@example.com>
To: delovodstvo@example.bg
Subject: Сигнал за дупка
Message-ID: <after-the-move@example.com>
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Здравейте, на улица „Роза“ № 5 има дупка. Моля да вземете мерки.

Петър Илиев
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def database(postgres: Postgres) -> str:
    """An empty one."""
    return postgres.url(f"t{uuid.uuid4().hex}")


@pytest.fixture
def data(town_hall: TownHall, tmp_path: Path) -> Path:
    """A register with letters, one of which refers to a later one, and one of which has a NUL in its subject."""
    copy = shutil.copytree(town_hall.data, tmp_path / "data")
    with closing(sqlite3.connect(copy / "register.db")) as register, register:
        register.execute("UPDATE item SET case_of = 3 WHERE id = 1")
        register.execute("UPDATE item SET subject = 'a' || char(0) || 'b' WHERE id = 2")
    return copy


def dump(data: Path) -> list[str]:
    """Everything that the file says."""
    with closing(sqlite3.connect(data / "register.db")) as register:
        return list(register.iterdump())


@pytest.mark.long
def test_what_was_moved_is_the_same_and_goes_on(data: Path, database: str, tmp_path: Path) -> None:
    """The export, the search and the proof say the same as before, the next letter gets the next number, and the file
    was only read."""
    exported = call("export", "--include-sealed", data=data).items()
    before = dump(data)
    moved = call("move-database", database, data=data)
    assert moved.status == 0, moved.err
    assert "same   item: " in moved.out and "same   item_search: " in moved.out
    assert dump(data) == before
    line = next(line for line in moved.out.splitlines() if "database_url = " in line).partition("database_url")[1:]
    configuration = data / "mailroom.toml"
    configuration.write_text("".join(line) + "\n" + configuration.read_text("utf-8"), "utf-8")
    (data / "register.db").unlink()
    there = call("export", "--include-sealed", data=data).items()
    assert [item | {"subject": ""} for item in there] == [item | {"subject": ""} for item in exported]
    (tmp_path / "letter.eml").write_text(LETTER, "utf-8")
    assert call("intake", tmp_path / "letter.eml", data=data).status == 0
    numbers = [item["registration_number"] for item in call("export", "--include-sealed", data=data).items()]
    assert len(numbers) == len(exported) + 1 and len(set(numbers) - {None}) == len([n for n in numbers if n])
    assert call("verify", data=data).status == 0, "a gap, or a chain that does not hold"
    assert "WRONG workers: none is heard of" in call("check", data=data).out, "letters wait to be sent"


def test_nothing_is_overwritten(data: Path, database: str) -> None:
    """A database that holds anything is refused, and so is a register that somebody has open."""
    with closing(sqlite3.connect(data / "register.db")) as service:
        service.execute("SELECT count(*) FROM item").fetchone()
        refused = call("move-database", database, data=data)
        assert refused.status == 1 and "stop the service" in refused.err
    assert call("move-database", database, data=data).status == 0
    again = call("move-database", database, data=data)
    assert again.status == 1 and "not empty" in again.err
    assert call("move-database", "mysql://localhost/mailroom", data=data).status == 2
