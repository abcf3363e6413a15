"""The register's database and the kept originals, opened once and shared by every thread."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.engine.url import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session

from mailroom.errors import Misconfigured, TryAgain, Unreachable
from mailroom.model.base import ItemId
from mailroom.model.item import Item
from mailroom.store import damage
from mailroom.store.access_log import AccessLog
from mailroom.store.arrivals import Arrivals
from mailroom.store.backups import Backups
from mailroom.store.cases import Cases
from mailroom.store.changes import Changes
from mailroom.store.counter import Counter
from mailroom.store.daybook import Daybook
from mailroom.store.dry_runs import DryRuns
from mailroom.store.entries import Entries
from mailroom.store.erasure import Erasure
from mailroom.store.examples import Examples
from mailroom.store.history import History
from mailroom.store.items import Items
from mailroom.store.keys import Keys
from mailroom.store.neighbours import Neighbours
from mailroom.store.originals import Originals
from mailroom.store.outbox import Outbox
from mailroom.store.places import Places
from mailroom.store.presence import Presence
from mailroom.store.print_runs import PrintRuns
from mailroom.store.proving import Proving
from mailroom.store.queue import Queue
from mailroom.store.ready import Ready, ReadyNow
from mailroom.store.reminders import Reminders
from mailroom.store.retention import Retention
from mailroom.store.satisfaction import Satisfaction
from mailroom.store.saved_views import SavedViews
from mailroom.store.search import Search
from mailroom.store.second_factors import SecondFactors
from mailroom.store.sessions import Sessions
from mailroom.store.staff import People
from mailroom.store.tallies import Tallies
from mailroom.store.tokens import Tokens
from mailroom.store.troubles import Troubles
from mailroom.store.undo import Undo
from mailroom.store.unscanned import Unscanned
from mailroom.store.upgrading import Rehearsal, SchemaState, Upgraded, letters_in, rehearse, room, schema_state, upgrade
from mailroom.store.vitals import Vitals

T = TypeVar("T")

BUSY_SECONDS = 30
_PASSES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
                     sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL})
"""What SQLite says when file or disk do not take it now (https://sqlite.org/rescode.html); the rest are errors of ours
or a damaged file."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.25, 5.0
ORIGINALS_KNOWN_BY = 50
"""Of the latest files one must lie in a folder that bears no mark yet; some may have been erased."""
ROWS_LOOKED_AT = 1000
"""Of each index, for SQLite's statistics."""
_HEARD_OF = {"connect_timeout": "10", "keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3",
             "tcp_user_timeout": "40000"}
"""A database machine that falls silent is noticed within a minute, and not after the kernel's two hours."""


class Register:
    """Everything that can be asked and changed, inside one transaction."""

    def __init__(self, session: Session) -> None:
        self.arrivals = Arrivals(session)
        self.search = Search(session)
        self.counter = Counter(session)
        self.items = Items(session)
        self.cases = Cases(session)
        self.queue = Queue(session)
        self.entries = Entries(session)
        self.outbox = Outbox(session)
        self.history = History(session)
        self.proving = Proving(session)
        self.people = People(session)
        self.sessions = Sessions(session)
        self.second_factors = SecondFactors(session)
        self.access_log = AccessLog(session)
        self.tokens = Tokens(session)
        self.unscanned = Unscanned(session)
        self.daybook = Daybook(session)
        self.backups = Backups(session)
        self.erasure = Erasure(session)
        self.retention = Retention(session)
        self.examples = Examples(session)
        self.places = Places(session)
        self.presence = Presence(session)
        self.neighbours = Neighbours(session)
        self.undo = Undo(session)
        self.reminders = Reminders(session)
        self.print_runs = PrintRuns(session)
        self.satisfaction = Satisfaction(session)
        self.tallies = Tallies(session)
        self.saved_views = SavedViews(session)
        self.keys = Keys(session)
        self.vitals = Vitals(session)
        self.troubles = Troubles(session)
        self.dry_runs = DryRuns(session)


class _WritingSession(Session):
    """Reads a row once in a transaction: of itself SQLAlchemy forgets what nobody refers to, and reads it again."""


def _hold(session: Session, row: object) -> None:
    session.info.setdefault("held", []).append(row)


event.listen(_WritingSession, "loaded_as_persistent", _hold)
event.listen(_WritingSession, "pending_to_persistent", _hold)


class Store:
    """One database and one folder of originals."""

    def __init__(self, url: str, originals: Path) -> None:
        self.url = url
        self.originals = Originals(originals)
        self._engine = _engine(url)
        # BEGIN IMMEDIATE takes SQLite's write lock at the start, so that two writers wait instead of failing half-way.
        self._writer = self._engine.execution_options(mailroom_writes=True)
        self._one_writer = threading.RLock() if self.is_sqlite else None
        self.announce: Callable[[Any, Sequence[Ready]], None] | None = None
        """Is told, with the driver's connection, what a transaction is about to make ready: the engine that works on
        several machines defers its jobs there, in the same transaction."""
        self._ending = threading.Event()

    @property
    def is_sqlite(self) -> bool:
        """Whether the register is one file beside us."""
        return self._engine.dialect.name == "sqlite"

    @property
    def conninfo(self) -> str:
        """The same PostgreSQL as libpq is told of it."""
        url = make_url(self.url).set(drivername="postgresql").update_query_dict(_HEARD_OF, append=False)
        return url.render_as_string(hide_password=False)

    def migrate(self, *, asked_for: bool = False, dump: bool = True) -> Upgraded:
        """Bring the database to this version's schema; does nothing when it is there. See upgrading.py.

        `asked_for`: by `mailroom upgrade`; `dump`: copy PostgreSQL before. Raises Misconfigured when the database
        cannot be reached or written, is of a newer version, or its upgrade fails; it is then as it was.
        """
        with self.connection() as connection:
            done = upgrade(connection, self.url, asked_for=asked_for, dump=dump)
            connection.commit()
        return done

    def recognise_originals(self) -> None:
        """From now on nothing is written into the folder of originals unless it is the one of this register. Raises
        Misconfigured where the folder has letters and the register none."""
        with self.reading() as register:
            self.originals.recognise(register.keys.mark_of_originals(),
                                     register.arrivals.latest_digests(ORIGINALS_KNOWN_BY))

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """A bare transaction, for who works on the tables as a whole; the caller commits.

        Raises Misconfigured when the database cannot be reached or written.
        """
        try:
            with damage.told(), self._writer.connect() as connection:
                yield connection
        except OperationalError as error:
            raise self._away(error) from error

    @property
    def place(self) -> str:
        """Where the database is, for people: without a password."""
        return make_url(self.url).render_as_string(hide_password=True)

    def rehearse_upgrade(self) -> Rehearsal:
        """What an upgrade would do: an SQLite register is upgraded as a copy, and that is measured.

        Raises Misconfigured when the database cannot be reached.
        """
        try:
            with damage.told(), self._engine.connect() as connection:
                state, letters = schema_state(connection), letters_in(connection)
                connection.rollback()
        except OperationalError as error:
            raise self._away(error) from error
        database = make_url(self.url).database
        if not self.is_sqlite or database is None:
            return Rehearsal(state=state, letters=letters, megabytes=0, needed_megabytes=0)
        size, needed, free = room(Path(database))
        words = self.damage()
        seconds, fault = None, damage.sentence(words) if words else ""
        if state.pending and not fault and free >= needed:
            seconds, fault = rehearse(Path(database), self._migrate_copy)
        elif state.pending and not fault:
            fault = f"{needed} MB are needed on {Path(database).parent}, {free} are free: make room"
        return Rehearsal(state=state, letters=letters, megabytes=size, needed_megabytes=needed, free_megabytes=free,
                         seconds=seconds, fault=fault)

    def _migrate_copy(self, file: Path) -> None:
        copy = Store(f"sqlite:///{file}", self.originals.folder)
        try:
            copy.migrate()
        finally:
            copy.close()

    def _away(self, error: OperationalError) -> Misconfigured:
        """As Unreachable, but where an SQLite file cannot be opened at all: no waiting mends that."""
        reason = " ".join(str(error.orig).split())
        code = getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF
        kind = Misconfigured if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY) else Unreachable
        return kind(f"database {self.place}: {reason}: check that it runs and that we may write there")

    def unreachable(self) -> str:
        """Why the database does not answer now, in its own words; empty when it does."""
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("SELECT 1")
        except DBAPIError as error:
            return " ".join(str(error.orig).split())
        return ""

    def changes(self) -> Changes:
        """Who hears of every change; of an SQLite register."""
        return Changes(Path(make_url(self.url).database or ""))

    def damage(self) -> str:
        """What is wrong with the file of an SQLite register, in SQLite's words; empty when all its pages agree. Reads
        the whole file."""
        if not self.is_sqlite:
            return ""
        try:
            with self._engine.connect() as connection:
                said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
        except (DBAPIError, sqlite3.DatabaseError) as error:
            said = str(error.orig if isinstance(error, DBAPIError) else error)
        return "" if said == "ok" else " ".join(said.split())

    def is_current(self) -> bool:
        """Whether the database has this version's schema; false also where there is none yet."""
        state = self.schema()
        return state.current == state.wanted

    def schema(self) -> SchemaState:
        """Which schema the database has. Raises Misconfigured when it cannot be reached."""
        try:
            with damage.told(), self._engine.connect() as connection:
                return schema_state(connection)
        except OperationalError as error:
            raise self._away(error) from error

    @contextmanager
    def transaction(self) -> Iterator[Register]:
        """A transaction that writes: all of it is committed, or nothing. Raises TryAgain while the database is away,
        locked or out of disk; where a connection is lost at the very end, it may have been committed."""
        with _away_told():
            if self._one_writer:
                # Threads of this process queue here fairly instead of polling SQLite's lock.
                with self._one_writer:
                    yield from self._write()
            else:
                yield from self._write()

    def insist(self, work: Callable[[Register], T]) -> T:
        """A transaction for what has happened already and must be written down: repeated while the database is away,
        so `work` must bear that. Raises TryAgain only when `give_up` was called meanwhile."""
        pause = _FIRST_PAUSE
        while True:
            try:
                with self.transaction() as register:
                    return work(register)
            except TryAgain:
                if self._ending.wait(pause):
                    raise
                pause = min(2 * pause, _LONGEST_PAUSE)

    def give_up(self) -> None:
        """The process is about to end: nobody insists any longer."""
        self._ending.set()

    def _write(self) -> Iterator[Register]:
        with _WritingSession(self._writer, expire_on_commit=False) as session:
            ready = ReadyNow(session) if self.announce else None
            register = Register(session)
            yield register
            register.search.write()
            register.history.write()
            if ready and self.announce:
                session.flush()
                if ready.found:
                    self.announce(session.connection().connection.driver_connection, tuple(ready.found.values()))
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Register]:
        """A transaction that only reads. Raises TryAgain while the database is away."""
        with _away_told(), Session(self._engine) as session:
            yield Register(session)
            session.rollback()

    def item(self, item_id: ItemId) -> Item | None:
        """One item with everything, or null."""
        with self.reading() as register:
            return register.items.get(item_id)

    def scrub(self) -> None:
        """Overwrite what the database keeps of removed and changed rows: SQLite in free pages, in its log and in the
        segments of the search index, PostgreSQL until its vacuum. Nobody else writes meanwhile, for seconds to minutes.

        Raises TryAgain when others are at work.
        """
        if self._one_writer is None:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")
            return
        with self._one_writer:
            raw = self._engine.raw_connection()
            try:
                cursor = raw.cursor()
                cursor.execute("INSERT INTO item_search (item_search) VALUES ('optimize')")
                cursor.execute("VACUUM")
                (busy, *_), = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlite3.OperationalError as error:
                raise TryAgain(f"the database cannot be cleaned now: {error}") from error
            finally:
                raw.close()
        if busy:
            raise TryAgain("the database cannot be cleaned now: others are reading")

    def refresh_statistics(self) -> None:
        """Tell SQLite how its tables and indexes are filled: without that it takes an index of all letters where one of
        a few hundred is there for the asking. PostgreSQL keeps its own statistics. Seconds, whatever the size."""
        if self._one_writer is None:
            return
        with self._one_writer, self._writer.begin() as connection:
            connection.exec_driver_sql(f"PRAGMA analysis_limit={ROWS_LOOKED_AT}")
            connection.exec_driver_sql("ANALYZE")

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


@contextmanager
def _away_told() -> Iterator[None]:
    """The driver's error for a database that does not answer now, as TryAgain; for a damaged one as Damaged."""
    try:
        with damage.told():
            yield
    except (DBAPIError, PoolTimeout) as error:
        if isinstance(error, DBAPIError) and not _passes(error):
            raise
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise TryAgain(f"database: {' '.join(str(reason).split())}") from error


def _passes(error: DBAPIError) -> bool:
    """Whether the same transaction may succeed later."""
    if isinstance(error.orig, sqlite3.Error):
        return getattr(error.orig, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF in _PASSES
    return error.connection_invalidated or isinstance(error, OperationalError)


def _engine(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True, connect_args=_HEARD_OF)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: Any) -> None:
    """SQLite as a database that survives a power cut: WAL, synchronous FULL; and our own BEGIN instead of sqlite3's."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("mailroom_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
