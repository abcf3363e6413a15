"""A register with many letters, made quickly: what a town has after years.

    .venv/bin/python -m benchmarks.many ITEMS DIRECTORY [--database URL]

Some hundred e-mails (letters/email) go through the real journey. All further items are copies of their rows with
numbers, dates, states, senders, addresses and searchable words of their own, written past the program in bulk, indexes
last. Received over ten years, the newest last; 3 % are open, as far as a busy town lets them lie; every twelfth letter
goes on with an earlier case. A million takes four minutes on two cores, and 12 GB.
"""

import argparse
import hashlib
import json
import random
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine.url import make_url
from sqlalchemy.schema import CreateIndex
from sqlmodel import Session, SQLModel, select

from mailroom import journey
from mailroom.config import Settings, WebSettings
from mailroom.engine.attempt import attempt_item
from mailroom.folding import number_key
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.findings import Findings
from mailroom.model.item import Status, Step
from mailroom.model.letter import Letter
from mailroom.model.staff import Role, Staff
from mailroom.office import Office, open_office
from mailroom.registration.access_code import new_access_code
from mailroom.searchwords import findable, tokens_of
from mailroom.store.history import hash_of_details
from mailroom.store.search import POSTGRESQL_INDEX
from mailroom.store.tables import ArrivalTable, DocumentTable, EntryTable, ItemTable, OutgoingTable

LETTERS = Path(__file__).resolve().parent / "letters" / "email"
PROTOTYPES = 120
"""Mails that really go through the journey."""
YEARS = 10
AT_ONCE = 20_000
"""Items written at once."""
WORDS = 12
"""Further searchable words of each letter, rare and common ones mixed as in real letters (Zipf)."""
VOCABULARY = 30_000
FIRST_NAMES = Path(__file__).resolve().parents[1] / "rules" / "names" / "first_names.txt"
FAMILIES = ("Иванов", "Петров", "Димитров", "Колев", "Стоянов", "Ангелов", "Маринов", "Тодоров", "Николов", "Радев",
            "Савов", "Чолаков", "Бояджиев", "Караджов", "Велчев", "Найденов", "Захариев", "Милушев", "Ганчев", "Попов")
"""As common as they are; further family names are made of first names, as fathers' names are."""
STREETS = ("Борисова", "Липа", "Роза", "Шипка", "Опълченска", "Дунав", "Изгрев", "Хан Аспарух", "Цар Симеон",
           "Плиска", "Александровска", "Чаталджа", "Зора", "Люлякова", "Рила", "Пирин", "Отец Паисий", "Войводова",
           "Житна", "Ела")
CONTINUED = 1 / 12
"""Share of the letters that go on with a case."""
LIVE = (Status.REGISTERED, Status.IN_REVIEW)
_NOTHING_SAID = hash_of_details("", "{}")

Row = dict[str, Any]


@dataclass(frozen=True)
class Prototype:
    """The rows of one letter that went through the journey."""

    item: Row
    arrival: Row
    entry: Row | None
    outgoing: tuple[Row, ...]
    tokens: str


def main() -> None:
    """Make one register."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("items", type=int)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    start = time.monotonic()
    office = open_town(asked.directory, asked.database)
    fill(office, asked.items)
    office.close()
    print(f"{asked.items} items in {asked.directory}: {time.monotonic() - start:.0f} s")


def open_town(directory: Path, database: str = "") -> Office:
    """An office of the sample town in this folder."""
    directory.mkdir(parents=True, exist_ok=True)
    return open_office(Settings(charter="primerovo", data_dir=directory, database_url=database,
                                web=WebSettings(secure_cookies=False)))


def fill(office: Office, items: int, *, seed: int = 7) -> None:
    """Letters until there are so many, and one clerk."""
    with office.store.transaction() as register:
        register.people.add(Staff(login="clerk", name="Мария Колева", role=Role.CLERK, officer_id="koleva"), "-")
    made = prototypes(office)
    with office.store.reading() as register:
        lines, head = register.history.last()
    maker = Maker(made, items, lines=lines, head=head, departments=[one.id for one in office.pack.departments],
                  now=office.now(), random=random.Random(seed))
    with Sqlite(office.store.url) if office.store.is_sqlite else Postgresql(office.store.url) as target:
        target.begin()
        for batch in maker.batches():
            for table, rows in batch.items():
                target.write(table, rows)
            target.copy_documents()
        target.finish()
    office.store.refresh_statistics()  # as the service does every night


def prototypes(office: Office) -> list[Prototype]:
    """Mails that go through the journey, as rows."""
    for path in sorted(LETTERS.glob("*.eml"), key=lambda path: path.stat().st_size)[:PROTOTYPES]:
        item_id = journey.receive(office, Incoming(
            source="delovodstvo@example.bg", key=path.name, file=path.name, content=path.read_bytes(),
            channel=Channel.EMAIL, received_at=office.now() - timedelta(days=365 * YEARS)))
        attempt_item(office, item_id)
    with Session(office.store._engine) as session:
        items = session.exec(select(ItemTable).where(ItemTable.step == Step.SETTLED)).all()
        return [_prototype(session, item) for item in items]


def _prototype(session: Session, item: ItemTable) -> Prototype:
    document = session.get_one(DocumentTable, item.id)
    entry = session.get(EntryTable, item.id)
    arrival = session.exec(select(ArrivalTable).where(ArrivalTable.item_id == item.id)).first()
    outgoing = session.exec(select(OutgoingTable).where(OutgoingTable.item_id == item.id)).all()
    assert arrival and document.letter and document.findings
    tokens = findable(Letter.model_validate_json(document.letter), Findings.model_validate_json(document.findings), ())
    # Of the acknowledgement its beginning alone: ten million kilobytes of equal text would measure nothing.
    return Prototype(item=_plain(item), arrival=_plain(arrival),
                     entry=_plain(entry) if entry else None,
                     outgoing=tuple(_plain(letter) | {"text": letter.text[:400], "html": "", "page_html": ""}
                                    for letter in outgoing),
                     tokens=" ".join(tokens))


def _plain(row: SQLModel) -> Row:
    """The row as both databases take it."""
    return {name: json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict)
            else _moment(value) if isinstance(value, datetime)
            else int(value) if isinstance(value, bool) else None if value is None else
            value if isinstance(value, int) else str(value)
            for name, value in row.model_dump().items()}


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


# ---- the copies -----------------------------------------------------------------------------------------------------


class Maker:
    """Makes rows from item `len(prototypes) + 1` on."""

    def __init__(self, made: Sequence[Prototype], items: int, *, lines: int, head: str, departments: Sequence[str],
                 now: datetime, random: random.Random) -> None:
        self._made, self._items, self._now, self._random = made, items, now, random
        self._departments = departments
        self._lines, self._head = lines, head
        self._begun: list[int] = []
        self._words = [f"z{number}" for number in range(VOCABULARY)]
        self._weights = list(accumulate(1 / (rank + 10) for rank in range(VOCABULARY)))
        self._firsts = [(name, " ".join(tokens_of(name))) for name in _first_names()]
        self._families = [(name, " ".join(tokens_of(name))) for name in (*FAMILIES * 20, *_fathers_names())]
        self._streets = [" ".join(tokens_of(name)) for name in STREETS]

    def batches(self) -> Iterator[dict[str, list[Row]]]:
        """Rows by table, in the order in which the foreign keys want them."""
        first = max(made.item["id"] for made in self._made) + 1
        for start in range(first, self._items + 1, AT_ONCE):
            ids = range(start, min(start + AT_ONCE, self._items + 1))
            words = self._random.choices(self._words, cum_weights=self._weights, k=WORDS * len(ids))
            batch: dict[str, list[Row]] = {name: [] for name in (
                "item", "arrival", "entry", "outgoing", "history", "item_search", "copied")}
            for number, item_id in enumerate(ids):
                self._add(batch, item_id, words[number * WORDS:(number + 1) * WORDS])
            yield batch

    def _add(self, batch: dict[str, list[Row]], item_id: int, words: Sequence[str]) -> None:
        made = self._random.choice(self._made)
        came = self._now - timedelta(days=365 * YEARS) * (1 - item_id / self._items)
        name, found_by = self._citizen()
        begun = self._begun_case(item_id) if made.entry else None
        case, nth = f"95-00-{begun or item_id}", f"-{item_id}" if begun else ""
        number, due = f"{case}{nth}/{came:%d.%m.%Y}", f"{came + timedelta(days=30):%Y-%m-%d}"
        # Nobody is a neighbour by chance: a file, a batch, a message and mostly also a sender of its own.
        item = made.item | {"id": item_id, "received_at": _moment(came), "twin_key": None, "sender": name,
                            "batch_id": None, "message_id": "", "case_of": begun,
                            "sender_email": f"citizen{self._random.randrange(self._items // 3 + 1)}@example.com",
                            "urgent": int(self._random.random() < 0.03), "legible": int(self._random.random() > 0.03)}
        item |= self._state(item_id, bool(made.entry))
        tokens = f"{made.tokens} {found_by} {' '.join(words)}"
        if made.entry:
            department = self._random.choice(self._departments)
            officer = None if self._random.random() < 0.2 else made.entry["officer_id"]
            item |= {"work_by": due, "department_id": department, "officer_id": officer}
            batch["entry"].append(made.entry | {
                "item_id": item_id, "registration_number": number, "case_number": case,
                "number_key": number_key(number), "case_key": number_key(case), "series": "many", "year": came.year,
                "sequence": item_id,
                "registered_at": _moment(came), "access_code": new_access_code(), "due_date": due,
                "due": made.entry["due"].replace(made.entry["due_date"] or "-", due), "department_id": department,
                "officer_id": officer})
            tokens += f" {case} {number} {item_id} {came:%d} {came:%m} {came:%Y}"
        batch["item"].append(item)
        batch["copied"].append({"item_id": item_id, "made": made.item["id"]})
        batch["arrival"].append(_without_id(made.arrival) | {
            "item_id": item_id, "key": f"many-{item_id}", "sha256": f"{item_id:064x}",
            "received_at": item["received_at"]})
        batch["outgoing"] += (_without_id(letter) | {
            "item_id": item_id, "message_id": f"<{item_id}.{nth}@many.example.bg>" if letter["message_id"] else "",
            "created_at": item["received_at"], "number": number, "status": self._letter_status(letter, item)}
            for nth, letter in enumerate(made.outgoing))
        batch["item_search"].append({"id": item_id, "words": tokens})
        batch["history"] += (self._line(item_id, what, item["received_at"])
                             for what in ("arrived", "read", "registered"))

    def _begun_case(self, item_id: int) -> int | None:
        """The item whose case this one goes on with; null for one that begins its own."""
        if self._begun and self._random.random() < CONTINUED:
            return self._random.choice(self._begun)
        self._begun.append(item_id)
        return None

    def _citizen(self) -> tuple[str, str]:
        """A name, and by what else than the letter's words it is found: the name, a street, a house, a telephone."""
        first, first_tokens = self._random.choice(self._firsts)
        father, father_tokens = self._random.choice(self._families)
        family, family_tokens = self._random.choice(self._families)
        ending, has_father = "а" if first[-1] in "ая" else "", self._random.random() < 0.5
        name = f"{first} {father}{ending} {family}{ending}" if has_father else f"{first} {family}{ending}"
        phone = self._random.randrange(1_000_000, 10_000_000)
        tokens = (first_tokens, father_tokens if has_father else "", family_tokens, self._random.choice(self._streets),
                  str(self._random.randrange(1, 120)), f"t{phone}", f"t{phone % 1_000_000:06}")
        return name, " ".join(filter(None, tokens))

    def _state(self, item_id: int, is_letter: bool) -> Row:
        """New ones are open, old ones seldom."""
        chance = self._random.random()
        is_open = item_id > 0.98 * self._items or self._random.random() < 0.01
        if not is_letter:
            return {"status": Status.NOT_CORRESPONDENCE, "noncorrespondence_confirmed": int(not is_open)}
        if is_open:
            return {"status": LIVE[chance < 0.15], "needs_review": int(chance < 0.15)}
        done = Status.ANSWERED if chance < 0.8 else Status.CLOSED if chance < 0.92 else Status.FORWARDED
        return {"status": done, "bounced": int(self._random.random() < 0.003), "needs_review": 0}

    def _letter_status(self, letter: Row, item: Row) -> str:
        return "bounced" if item["bounced"] and letter["channel"] == "email" else "sent"

    def _line(self, item_id: int, what: str, at: str) -> Row:
        self._lines += 1
        previous, self._head = self._head, hashlib.sha256(f"{self._head}{item_id}{what}".encode()).hexdigest()
        return {"sequence": self._lines, "at": at, "who": "mailroom", "what": what, "item_id": item_id, "details": "{}",
                "salt": "", "details_hash": _NOTHING_SAID, "old_hash": "",
                "previous_hash": previous, "hash": self._head}


def _first_names() -> list[str]:
    return [name for line in FIRST_NAMES.read_text("utf-8").splitlines() if not line.startswith("#")
            for name in line.split()]


def _fathers_names() -> list[str]:
    """As they are made of the names of men that end in a consonant."""
    return [f"{name}ов" for name in _first_names() if name[-1] not in "аеиоуюяй"]


def _without_id(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "id"}


# ---- the databases --------------------------------------------------------------------------------------------------

COPIED = "CREATE TEMPORARY TABLE copied (item_id INTEGER, made INTEGER)"
COPY_DOCUMENTS = ("INSERT INTO item_document SELECT copied.item_id, letter, findings, verdict FROM copied "
                  "JOIN item_document ON item_document.item_id = copied.made")
"""What was read and understood is many times as much as all else: the database copies it by itself."""

def _index_statements(database: str) -> tuple[list[str], list[str]]:
    """To drop and to make the indexes that are no constraints."""
    dialect = make_url(f"{database}://").get_dialect()()
    indexes = [index for table in SQLModel.metadata.sorted_tables for index in table.indexes
               if table.name in ("item", "arrival", "entry", "outgoing", "history")]
    return ([f"DROP INDEX {index.name}" for index in indexes],
            [str(CreateIndex(index).compile(dialect=dialect)) for index in indexes])


class Sqlite:
    """Writes in bulk into SQLite, without waiting for the disk."""

    def __init__(self, url: str) -> None:
        self._connection = sqlite3.connect(make_url(url).database or "", isolation_level=None)
        self._drop, self._make = _index_statements("sqlite")

    def __enter__(self) -> "Sqlite":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def begin(self) -> None:
        """Indexes are made at the end."""
        for statement in ("PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000", COPIED, *self._drop):
            self._connection.execute(statement)

    def write(self, table: str, rows: Sequence[Row]) -> None:
        """All rows in one transaction."""
        if not rows:
            return
        names = ", ".join(f'"{name}"' for name in rows[0]).replace('"id"', '"rowid"') if table == "item_search" \
            else ", ".join(f'"{name}"' for name in rows[0])
        self._connection.execute("BEGIN")
        self._connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(rows[0]))})",
                                     (tuple(row.values()) for row in rows))
        self._connection.execute("COMMIT")

    def copy_documents(self) -> None:
        """Of the items just written."""
        for statement in ("BEGIN", COPY_DOCUMENTS, "DELETE FROM copied", "COMMIT"):
            self._connection.execute(statement)

    def finish(self) -> None:
        """The indexes."""
        for statement in self._make:
            self._connection.execute(statement)


class Postgresql:
    """Writes in bulk into PostgreSQL, by COPY."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
        self._drop, self._make = _index_statements("postgresql")

    def __enter__(self) -> "Postgresql":
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def begin(self) -> None:
        """Indexes are made at the end."""
        for statement in ("SET synchronous_commit = off", "SET default_toast_compression = lz4", COPIED, *self._drop,
                          "DROP INDEX ix_item_search_words"):
            self._connection.execute(statement)

    def write(self, table: str, rows: Sequence[Row]) -> None:
        """All rows by one COPY."""
        if not rows:
            return
        names = ", ".join("item_id" if table == "item_search" and name == "id" else f'"{name}"' for name in rows[0])
        with self._connection.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(tuple(row.values()))

    def copy_documents(self) -> None:
        """Of the items just written."""
        for statement in (COPY_DOCUMENTS, "TRUNCATE copied"):
            self._connection.execute(statement)

    def finish(self) -> None:
        """The indexes, the counters behind the keys, and what autovacuum would do in its time."""
        for statement in ("SET maintenance_work_mem = '512MB'", *self._make, POSTGRESQL_INDEX,
                          *(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                            for table in ("item", "arrival", "outgoing")), "VACUUM ANALYZE"):
            self._connection.execute(statement)


if __name__ == "__main__":
    main()
