"""The whole register from SQLite to PostgreSQL, proved before it counts.

1. The file is opened so that nobody else can: a service that is running is found out, not copied from under.
2. In one transaction of the target, which must be empty: this version's schema; every table, row by row; the search
   index; the sequences.
3. In the same transaction everything is read back: each table's rows and the hash of all that they say, the search
   index, the numbers and the history's chain. Only when all is equal is it committed; else the target stays empty.

The file is only read.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    ForeignKeyConstraint,
    NullPool,
    Table,
    Text,
    cast,
    create_engine,
    inspect,
    text,
)
from sqlalchemy import select as select_rows
from sqlalchemy.schema import AddConstraint, DropConstraint
from sqlmodel import Session, SQLModel

from mailroom.errors import BadRequest, Misconfigured
from mailroom.model.base import Value
from mailroom.store.search import POSTGRESQL_ROWS, SQLITE_ROWS, as_tsvector
from mailroom.store.store import Register, Store
from mailroom.store.upgrading import schema_state, upgrade

STREAMED = {"yield_per": 2000}
"""So many rows are held in memory, however many there are."""
NUL, SHOWN_NUL = "\0", "\ufffd"
"""PostgreSQL keeps no NUL in a text; some broken mails have one in their subject."""
SEARCH_INDEX, VERSION = "item_search", "alembic_version"


class Moved(Value):
    """One table that is the same on both sides."""

    table: str
    rows: int
    sha256: str
    """Of all its rows, whatever their order."""


def move(file: Path, target: Store, *, on_copied: Callable[[str, int], None],
         on_proved: Callable[[Moved], None]) -> tuple[Moved, ...]:
    """Copy the register in `file` into the empty database of `target`. `on_copied` hears of each table with its rows,
    `on_proved` of each that was read back and is the same.

    Raises BadRequest when the target is not empty, the file is in use or anything differs afterwards, and
    Misconfigured when the file is of another version or the target cannot be reached. The target is then as it was.
    """
    with _alone(file) as source, target.connection() as connection:
        _refuse_unless_empty(connection, target.place)
        upgrade(connection, target.url, asked_for=True, dump=False)
        tables = SQLModel.metadata.sorted_tables
        _refuse_unknown(source, tables)
        for table in reversed(tables):
            connection.execute(table.delete())  # what migrations put into an empty register
        with _without_references_to_itself(connection, tables):
            for table in tables:
                on_copied(table.name, _copy(source, connection, table))
        _copy_search_index(source, connection)
        _set_sequences(connection, tables)
        moved = []
        for same in _proved(source, connection, tables):
            on_proved(same)
            moved.append(same)
        _prove_chain(connection)
        connection.commit()
    return tuple(moved)


@contextmanager
def _alone(file: Path) -> Iterator[Connection]:
    """A connection that shuts everybody else out, and finds out whether anybody is in."""
    def connect() -> sqlite3.Connection:
        opened = sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=1, isolation_level=None)
        opened.execute("PRAGMA locking_mode=EXCLUSIVE")
        try:
            opened.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            opened.close()
            raise BadRequest(f"{file}: the register is in use: stop the service and its timers first (systemctl stop "
                             "'mailroom*'), so that no letter comes in beside the move") from error
        opened.execute("COMMIT")
        return opened

    if not file.is_file():
        raise Misconfigured(f"{file} does not exist: there is no register on SQLite to move")
    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    with engine.connect() as connection:
        schema = schema_state(connection)
        if schema.current != schema.wanted:
            raise Misconfigured(f"{file} has the schema {schema.current}, this version {schema.wanted}: run „mailroom "
                                "upgrade“ first")
        yield connection


def _refuse_unless_empty(connection: Connection, place: str) -> None:
    found = inspect(connection).get_table_names()
    if found:
        raise BadRequest(f"database {place} is not empty (it has {len(found)} tables, the first is „{min(found)}“): "
                         "make a new database (createdb), nothing is overwritten")


def _refuse_unknown(source: Connection, tables: Iterable[Table]) -> None:
    """What we do not know, we would leave behind without a word."""
    known = {table.name for table in tables} | {VERSION}
    unknown = [name for name in inspect(source).get_table_names()
               if name not in known and not name.startswith(SEARCH_INDEX)]
    if unknown:
        raise BadRequest(f"the register has a table „{unknown[0]}“ that this version does not know: it would not be "
                         "moved; drop it, or report this line")


# -- copying ---------------------------------------------------------------------------------------------------------

def _copy(source: Connection, target: Connection, table: Table) -> int:
    """All rows of one table; how many there were."""
    write = [column.type.dialect_impl(target.dialect).bind_processor(target.dialect) for column in _columns(table)]
    names = ", ".join(target.dialect.identifier_preparer.quote(column.name) for column in table.columns)
    name = target.dialect.identifier_preparer.format_table(table)
    assert target.connection.driver_connection is not None
    count = 0
    with target.connection.driver_connection.cursor().copy(f"COPY {name} ({names}) FROM STDIN") as copy:
        for count, row in enumerate(_rows(source, table), 1):  # noqa: B007 - told at the end
            copy.write_row([process(value) if process and value is not None else value
                            for process, value in zip(write, row, strict=True)])
    return count


def _columns(table: Table) -> list[ColumnElement[Any]]:
    """JSON by its letters, which PostgreSQL keeps too: a null inside it is not the same as none."""
    return [cast(column, Text) if isinstance(column.type, JSON) else column for column in table.columns]


def _rows(connection: Connection, table: Table) -> Iterator[Sequence[Any]]:
    """Every row, as our types have it."""
    found = connection.execute(select_rows(*_columns(table)), execution_options=STREAMED)
    for row in found:
        yield [value.replace(NUL, SHOWN_NUL) if isinstance(value, str) else value for value in row]


@contextmanager
def _without_references_to_itself(connection: Connection, tables: Iterable[Table]) -> Iterator[None]:
    """A letter may refer to one that comes later in the table: these references are checked when all are there."""
    constraints = []
    for table in tables:
        for found in inspect(connection).get_foreign_keys(table.name):
            if found["referred_table"] == table.name:
                constraints.append(ForeignKeyConstraint(
                    found["constrained_columns"], [f"{table.name}.{name}" for name in found["referred_columns"]],
                    name=found["name"], ondelete=found["options"].get("ondelete"), table=table))
    for constraint in constraints:
        connection.execute(DropConstraint(constraint))
    yield
    for constraint in constraints:
        connection.execute(AddConstraint(constraint))


def _copy_search_index(source: Connection, target: Connection) -> None:
    assert target.connection.driver_connection is not None
    with target.connection.driver_connection.cursor().copy(f"COPY {SEARCH_INDEX} (item_id, words) FROM STDIN") as copy:
        for item_id, words in source.execute(text(SQLITE_ROWS), execution_options=STREAMED):
            copy.write_row([item_id, as_tsvector(words.split())])


def _set_sequences(connection: Connection, tables: Iterable[Table]) -> None:
    """The next row gets the next number."""
    for table in tables:
        column = table.autoincrement_column
        if column is not None:
            name = connection.dialect.identifier_preparer.format_table(table)
            connection.execute(text(
                f"SELECT setval(pg_get_serial_sequence('{name}', '{column.name}'), max({column.name})) FROM {name} "
                f"HAVING max({column.name}) IS NOT NULL AND "
                f"pg_get_serial_sequence('{name}', '{column.name}') IS NOT NULL"))


# -- proving ---------------------------------------------------------------------------------------------------------

def _proved(source: Connection, target: Connection, tables: Iterable[Table]) -> Iterator[Moved]:
    """What is the same on both sides, table by table. Raises BadRequest at the first that is not."""
    for table in tables:
        yield _same(table.name, _hashed(_rows(source, table)), _hashed(_rows(target, table)))
    here = source.execute(text(SQLITE_ROWS), execution_options=STREAMED)
    there = target.execute(text(POSTGRESQL_ROWS), execution_options=STREAMED)
    yield _same(SEARCH_INDEX, _hashed([item_id, sorted(set(words.split()))] for item_id, words in here),
                _hashed([item_id, sorted(words)] for item_id, words in there))


def _same(table: str, here: tuple[int, str], there: tuple[int, str]) -> Moved:
    if here != there:
        raise BadRequest(f"table „{table}“: {here[0]} rows with hash {here[1][:12]} were copied and {there[0]} rows "
                         f"with hash {there[1][:12]} are there: nothing was moved; please report this line")
    return Moved(table=table, rows=here[0], sha256=here[1])


def _hashed(rows: Iterable[Sequence[Any]]) -> tuple[int, str]:
    """How many rows there are, and one hash of all of them: the sum of the rows' own, which needs no order."""
    count, total = 0, 0
    for row in rows:
        count += 1
        said = json.dumps(list(row), sort_keys=True, ensure_ascii=False, default=_told).encode("utf-8", "surrogatepass")
        total += int.from_bytes(hashlib.sha256(said).digest())
    return count, f"{total % (1 << 256):064x}"


def _told(value: Any) -> str:
    return value.hex() if isinstance(value, bytes | memoryview) else str(value)


def _prove_chain(connection: Connection) -> None:
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        register = Register(session)
        faults = [*register.entries.faults(), *register.history.faults()]
    if faults:
        raise BadRequest(f"the register itself is at fault, before any move: {faults[0]}; nothing was moved; "
                         "„mailroom verify“ tells all")
