"""From every schema that there ever was to this one: with rows in it, refused, failing, rehearsed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, Table, create_engine
from sqlmodel import SQLModel

from mailroom.errors import Misconfigured
from mailroom.intake.door import take_in
from mailroom.model.access import Account
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.item import Status
from mailroom.model.staff import Role, Staff
from mailroom.store.queue import QueueFilter, View
from mailroom.store.store import Store
from tests.store.test_queue import NOW, TODAY, add
from tests.store.test_register import draft

CONFIG = Config()
CONFIG.set_main_option("script_location", "mailroom.store:migrations")
REVISIONS = [one.revision for one in reversed(list(ScriptDirectory.from_config(CONFIG).walk_revisions()))]
OLD = REVISIONS[:-1]
FILLED = ("item", "item_document", "entry", "arrival", "outgoing", "history", "staff", "milestone", "source_state")
"""Of these the rows of today are put into the tables of before."""


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[dict[str, Any]]]]:
    """Rows as the register has them now, by table."""
    folder = tmp_path_factory.mktemp("today")
    store = Store(f"sqlite:///{folder / 'register.db'}", folder)
    store.migrate()
    take_in(store, Incoming(source="center@example.bg", key="1", file="1.eml", content=b"Subject: a\r\n\r\nb",
                            received_at=NOW, channel=Channel.EMAIL), NOW)
    with store.transaction() as register:
        for status in (Status.IN_REVIEW, Status.REGISTERED, Status.NOT_CORRESPONDENCE):
            item_id = add(register, status=status, due=TODAY)
        register.outbox.put(draft(item_id), number="1", now=NOW)
        register.people.add(Staff(login="koleva", name="Мария Колева", role=Role.CLERK), "hash")
        register.daybook.done("digest", TODAY, NOW)
        register.daybook.report("center@example.bg", NOW, "")
    with store._engine.connect() as connection:
        tables = _tables(connection)
        yield {name: [dict(row._mapping) for row in connection.execute(tables[name].select())] for name in FILLED}
    store.close()


OFTEN = {OLD[0], OLD[len(OLD) // 2], OLD[-1]}
"""Tried at every `make test`; the others, and all of them on PostgreSQL, at `make test-long`."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'register.db'}"
    url: str = request.getfixturevalue("postgres").url(f"u{tmp_path.name[-40:].lower().replace('-', '_')}")
    return url


def old_register(url: str, revision: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    """A register with the schema of then and letters in it."""
    engine = create_engine(url)
    with engine.begin() as connection:
        _upgrade(connection, revision)
        tables = _tables(connection)
        for name in FILLED:
            for row in rows[name] if name in tables else ():
                connection.execute(tables[name].insert().values(_as_then(tables[name], row)))
    engine.dispose()


def _upgrade(connection: Connection, revision: str) -> None:
    CONFIG.attributes["connection"] = connection
    command.upgrade(CONFIG, revision)


def _tables(connection: Connection) -> dict[str, Table]:
    metadata = MetaData()
    metadata.reflect(connection, only=lambda name, _: not name.startswith("item_search"))
    return dict(metadata.tables)


def _as_then(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """The row as far as the table of then knows its columns; what is unknown today and was needed then is a default."""
    given = {column.name: row[column.name] for column in table.columns if column.name in row}
    needed = {column.name: "" for column in table.columns if column.name not in row and not column.nullable
              and column.server_default is None}
    return given | needed


def _difference(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "include_name": lambda name, kind, _: not (kind == "table" and str(name).startswith("item_search"))})
        found = compare_metadata(context, SQLModel.metadata)
    return [one for one in found if one[0] not in ("add_fk", "remove_fk")]


@pytest.mark.parametrize("revision", [
    pytest.param(one, marks=() if one in OFTEN else pytest.mark.long) for one in OLD])
def test_every_register_of_before_comes_to_this_version_whole(
    revision: str, database: str, today: dict[str, list[dict[str, Any]]], tmp_path: Path
) -> None:
    """Every letter, number and outgoing letter is there and can be read; schema and models agree; nothing dangles."""
    old_register(database, revision, today)
    store = Store(database, tmp_path)
    done = store.migrate(asked_for=True, dump=False)
    assert (done.before, done.after) == (revision, REVISIONS[-1])
    assert _difference(store._engine) == []
    with store.reading() as register:
        items = [register.items.get(item_id) for item_id in register.items.ids()]
        letters = [letter for item in items if item for letter in item.letters]
        assert [item.status for item in items if item] == [row["status"] for row in today["item"]]
        assert len(register.queue.rows(QueueFilter(view=View.ALL, today=TODAY))) == 4 and len(letters) == 1
        entries = [item.entry.registration_number for item in items if item and item.entry]
        assert entries == [row["registration_number"] for row in today["entry"]]
        account = register.people.account("koleva")
        assert isinstance(account, Account) and account.staff.name == "Мария Колева"
        assert register.daybook.is_done("digest", TODAY)
    if store.is_sqlite:
        with store._engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    store.close()


def _contents(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [line for line in connection.iterdump() if "sqlite_sequence" not in line]


@pytest.fixture
def before(tmp_path: Path, today: dict[str, list[dict[str, Any]]]) -> Path:
    """A register of the first version."""
    old_register(f"sqlite:///{tmp_path / 'register.db'}", REVISIONS[0], today)
    return tmp_path / "register.db"


def opened(file: Path) -> Store:
    """It as a store."""
    return Store(f"sqlite:///{file}", file.parent)


def test_what_it_was_is_copied_before_it_is_changed(before: Path) -> None:
    """And of many copies the last three stay; a register that is up to date is left alone."""
    was, store = _contents(before), opened(before)
    made = Path(store.migrate().copy_of_before)
    assert _contents(made) == was != _contents(before)
    assert (made.stat().st_mode & 0o777, made.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert store.migrate().copy_of_before == ""
    store.close()
    for _ in range(3):
        for path in before.parent.glob("register.db*"):
            path.unlink()
        before.write_bytes(made.read_bytes() if made.exists() else b"")
        again = opened(before)
        made = Path(again.migrate().copy_of_before)
        again.close()
    assert len(list(made.parent.iterdir())) == 3


def test_an_upgrade_that_fails_leaves_the_register_as_it_was(before: Path) -> None:
    """Whatever stands in its way late: here an index that somebody made by hand."""
    with closing(sqlite3.connect(before)) as connection:
        connection.execute("CREATE INDEX ix_arrival_noted ON arrival (source)")
        connection.commit()
    was, store = _contents(before), opened(before)
    with pytest.raises(Misconfigured, match="the register is as it was"):
        store.migrate()
    rehearsed = store.rehearse_upgrade()
    store.close()
    assert _contents(before) == was
    assert "ix_arrival_noted" in rehearsed.fault


def test_a_rehearsal_changes_nothing_and_says_how_long_it_takes(before: Path) -> None:
    """On a copy, which goes again."""
    was, store = _contents(before), opened(before)
    found = store.rehearse_upgrade()
    assert (found.state.current, found.letters, found.fault) == (REVISIONS[0], 4, "")
    assert [step[:4] for step in found.state.pending] == REVISIONS[1:]
    assert found.seconds is not None
    assert _contents(before) == was
    store.close()
    assert {path.name for path in before.parent.iterdir()} <= {"register.db", "register.db-wal", "register.db-shm"}


def test_a_register_of_a_newer_version_is_refused(before: Path) -> None:
    """With a sentence, and untouched."""
    with closing(sqlite3.connect(before)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9042'")
        connection.commit()
    was, store = _contents(before), opened(before)
    with pytest.raises(Misconfigured, match="schema 9042 of a newer version"):
        store.migrate()
    store.close()
    assert _contents(before) == was


@pytest.mark.long
def test_on_postgresql_only_who_asks_upgrades_and_a_dump_is_made_before(
    postgres: Any, today: dict[str, list[dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other machines may still work with the version before."""
    url = postgres.url("asked")
    old_register(url, REVISIONS[0], today)
    monkeypatch.chdir(tmp_path)
    store = Store(url, tmp_path)
    with pytest.raises(Misconfigured, match="mailroom upgrade"):
        store.migrate()
    assert store.rehearse_upgrade().state.current == REVISIONS[0]
    done = store.migrate(asked_for=True)
    store.close()
    assert Path(done.copy_of_before).read_bytes().startswith(b"PGDMP")
