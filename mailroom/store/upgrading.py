"""The register's schema: which it has, which this version needs, and the way from one to the other.

1. A register of a newer version is refused before a line of it is read.
2. One with letters in it is copied before its schema is touched: SQLite into `before-upgrade/` beside it, the last
   three kept. PostgreSQL is brought up to date by `mailroom upgrade` alone, which copies it with pg_dump: other
   machines may still work with the version before.
3. All migrations run in one transaction: when one of them fails, the register is as it was.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from mailroom.errors import Misconfigured
from mailroom.model.base import Value
from mailroom.store import pg_tools
from mailroom.store.backup import copy_database
from mailroom.store.turns import MIGRATION, take_turn

BEFORE = "before-upgrade"
_KEPT = 3
_MEGABYTE = 1 << 20
_ROOM = 3.5
"""Times the register's size that must be free: its copy, and what the migrations write before they are committed;
once more for a rehearsal."""


class SchemaState(Value):
    """Which schema a register has."""

    current: str | None
    """Null for an empty database."""
    wanted: str
    pending: tuple[str, ...] = ()
    """What is still to be done, each in a line; the first first."""
    newer: bool = False
    """It is of a version that is not known here."""


class Rehearsal(Value):
    """What an upgrade would do."""

    state: SchemaState
    letters: int
    megabytes: int
    needed_megabytes: int
    free_megabytes: int | None = None
    """Null where the register lies on a server."""
    seconds: float | None = None
    """Measured on a copy; null where nothing is to be done, or the register lies on a server."""
    fault: str = ""
    """Why it would not work."""


class Upgraded(Value):
    """What an upgrade has done."""

    before: str | None
    after: str
    copy_of_before: str = ""
    """The file from which the register can be taken back; empty where there was nothing to keep."""
    seconds: float = 0


def upgrade(connection: Connection, url: str, *, asked_for: bool, dump: bool = True) -> Upgraded:
    """Bring the database to this version's schema inside the connection's transaction; the caller commits.

    `asked_for`: by `mailroom upgrade`, and not merely by a start. `dump`: copy PostgreSQL before. Raises Misconfigured.
    """
    take_turn(connection, MIGRATION)
    config = _config(connection)
    state = schema_state(connection, config)
    refuse_newer(state)
    kept, began = "", time.monotonic()
    if state.pending and letters_in(connection):
        kept = _keep(make_url(url), state, asked_for=asked_for, dump=dump)
    if state.pending:
        _migrate(connection, config, state)
    return Upgraded(before=state.current, after=state.wanted, copy_of_before=kept, seconds=time.monotonic() - began)


def schema_state(connection: Connection, config: Config | None = None) -> SchemaState:
    """Which schema it has, and what is still to be done."""
    script = ScriptDirectory.from_config(config or _config(connection))
    wanted = script.get_current_head()
    assert wanted is not None
    current = MigrationContext.configure(connection).get_current_revision()
    known = [one.revision for one in script.walk_revisions()]
    if current is not None and current not in known:
        return SchemaState(current=current, wanted=wanted, newer=True)
    steps = [one for one in script.walk_revisions() if current is None or one.revision > current]
    return SchemaState(current=current, wanted=wanted,
                       pending=tuple(f"{one.revision} {one.doc}" for one in reversed(steps)))


def refuse_newer(state: SchemaState) -> None:
    """Raises Misconfigured for a register that a newer version has written."""
    if state.newer:
        raise Misconfigured(
            f"the register has the schema {state.current} of a newer version, this one knows {state.wanted}: install "
            "that version again, or restore the backup made before the upgrade")


def letters_in(connection: Connection) -> int:
    """How many letters the register holds, whatever its version."""
    if not inspect(connection).has_table("item"):
        return 0
    return int(connection.execute(text("SELECT count(*) FROM item")).scalar_one())


def rehearse(file: Path, migrate: Callable[[Path], object]) -> tuple[float, str]:
    """Migrate a copy of an SQLite register: how many seconds it took, and what went wrong."""
    with tempfile.TemporaryDirectory(prefix=".upgrade-check-", dir=file.parent) as folder:
        copy = Path(folder) / file.name
        copy_database(file, copy)
        began = time.monotonic()
        try:
            migrate(copy)
        except Misconfigured as error:
            return time.monotonic() - began, str(error)
        return time.monotonic() - began, ""


def room(file: Path) -> tuple[int, int, int]:
    """Megabytes of an SQLite register, those that its upgrade needs, and those that are free."""
    octets = sum(path.stat().st_size for path in file.parent.glob(f"{file.name}*"))
    free = shutil.disk_usage(file.parent).free
    return octets // _MEGABYTE, int(octets * _ROOM) // _MEGABYTE + 1, free // _MEGABYTE


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "mailroom.store:migrations")
    config.attributes["connection"] = connection
    return config


def _migrate(connection: Connection, config: Config, state: SchemaState) -> None:
    try:
        command.upgrade(config, "head")
        connection.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        reason = str(error.orig).partition("\n")[0] if isinstance(error, DBAPIError) else type(error).__name__
        raise Misconfigured(
            f"the upgrade from {state.current} to {state.wanted} failed ({reason}): nothing was changed, the register "
            "is as it was. Start the version before again, and report this line") from error


def _keep(url: URL, state: SchemaState, *, asked_for: bool, dump: bool) -> str:
    """Copy the register as it is; the copy's name."""
    if url.get_backend_name() == "sqlite":
        assert url.database is not None
        return str(_copy(Path(url.database), state))
    if not asked_for:
        raise Misconfigured(
            f"the register has the schema {state.current}, this version needs {state.wanted}: stop every process on "
            "every machine, then run „mailroom upgrade“ on one of them")
    return str(_dump(url, state)) if dump else ""


def _copy(file: Path, state: SchemaState) -> Path:
    size, needed, free = room(file)
    if free < needed:
        raise Misconfigured(f"the upgrade of the register ({size} MB) needs {needed} MB free on {file.parent}, there "
                            f"are {free}: make room; nothing was changed")
    folder = file.parent / BEFORE
    folder.mkdir(mode=0o700, exist_ok=True)
    made = folder / f"register-{state.current}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.db"
    unfinished = made.with_suffix(".unfinished")
    copy_database(file, unfinished)
    unfinished.chmod(0o600)
    with unfinished.open("rb") as written:
        os.fsync(written.fileno())
    unfinished.rename(made)
    for old in sorted(folder.glob("register-*.db"), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
        old.unlink()
    return made


def _dump(url: URL, state: SchemaState) -> Path:
    """pg_dump's own format, in the current folder."""
    made = Path.cwd() / f"register-{state.current}-{datetime.now(UTC):%Y%m%dT%H%M%S}.dump"
    pg_tools.dump(url.render_as_string(hide_password=False), made)
    made.chmod(0o600)
    return made
