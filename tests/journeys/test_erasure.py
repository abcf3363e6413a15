"""Erasing an item: its words stand nowhere any more, a stub stays, and everything else goes on."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from mailroom import desk as acts
from mailroom import morning
from mailroom.config import DigestSettings
from mailroom.dispatch.transport import transport_for
from mailroom.erasing import erase, finish, plan
from mailroom.errors import BadRequest
from mailroom.holdings import find, holdings, report_html
from mailroom.intake.door import take_in
from mailroom.learning.night import learn
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.base import ItemId
from mailroom.model.erasure import Ground
from mailroom.model.findings import Kind
from mailroom.model.item import Item, Status
from mailroom.model.staff import Role, Staff
from mailroom.office import Office
from mailroom.store.erasure import FATES, GONE
from mailroom.store.store import Store
from mailroom.verify import verify
from tests.journeys.conftest import CAME, Desk

EGN = "7501020018"
TELLTALES = ("Незабравка", "nezabravka@example.net", "nezabravka%40example.net", "0888123456", "+359888123456",
             EGN, "Шипченска", "Дупката пред входа", "Синигер", "дупка-незабравка")
"""Strings that only the erased letter brought, or that only were written because of it."""
BASIS = "ОРЗД чл. 17, ал. 1, б. „б“, искане № 12"
LETTER = f"""Здравейте,

казвам се Росица Синигер Незабравка, ЕГН {EGN}, тел. 0888123456, живея в гр. Примерово, ул. Шипченска № 7, вх. А, ап. 3.
На улицата зее дупка пред входа. Моля да я запълните.

Росица Незабравка
nezabravka@example.net
"""
OTHER = "Уличното осветление на ул. Тиха не свети от седмица.\n\nПетър Друг, ул. Тиха 1, Примерово"


@pytest.fixture
def secretary() -> Staff:
    return Staff(login="s.ivanova", name="Стела Иванова", role=Role.SECRETARY)


@pytest.fixture
def folder_office(office: Office, tmp_path: Path) -> Office:
    """Letters go into a folder inside the data directory, a digest is written, two letters are worked on."""
    settings = office.settings.model_copy(update={
        "digest": DigestSettings(recipients=("kmet@primerovo.example.bg",)), "smtp": None,
        "outgoing": office.settings.outgoing.model_copy(update={"folder": tmp_path / "out"})})
    return replace(office, settings=settings, transport=transport_for(settings))


def everything_in(data: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of the data directory, the database's own files too."""
    for path in sorted(data.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(data)), path.read_bytes()


def columns_with(database: Path, words: tuple[str, ...]) -> list[str]:
    """Every column of every table, those of the search index too, that holds one of the words in any spelling."""
    found = []
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, item_search, row)")
        tables = [name for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'item_search_%'")]
        for table in [*tables, "vocabulary"]:
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                said = " ".join(map(str, row)).encode().decode("unicode_escape", "ignore") + " ".join(map(str, row))
                found += [f"{table}: {word}" for word in words if word.lower() in said.lower()]
    return found


def spelled(word: str) -> tuple[bytes, ...]:
    """As a file may hold it."""
    return word.encode(), word.lower().encode(), word.encode("utf-16-be"), word.encode("unicode_escape")


@pytest.fixture
def told(folder_office: Office, clerk: Staff, mail: Callable[..., EmailMessage]) -> Iterator[tuple[Office, Desk, Item]]:
    """The letter to be erased, after everything that happens to a letter, and another."""
    desk = Desk(folder_office)
    desk.come_in(mail(OTHER, Message_ID="<other@example.com>", Subject="Осветление"))
    item = desk.come_in(mail(LETTER, From="Росица Незабравка <nezabravka@example.net>", Subject="Дупката пред входа",
                             Message_ID="<nezabravka-1@example.net>"), file="дупка-незабравка.eml")
    assert item.entry is not None
    acts.correct(folder_office, clerk, item.id, item.version, {"sender_name": "Росица С. Незабравка"})
    acts.correct(folder_office, clerk, item.id, desk.item(item.id).version, {"kind": Kind.COMPLAINT.value})
    desk.send()
    morning.send_digest(folder_office, CAME.date())
    learn(folder_office)
    with folder_office.store.transaction() as register:
        register.daybook.report("scanner", CAME, "Файлът „дупка-незабравка.eml“ не може да се прочете.")
        register.people.add(clerk, "hash")
        register.saved_views.keep(clerk.login, "нейните", "q=nezabravka%40example.net")
    version = desk.item(item.id).version
    acts.mark(folder_office, clerk, item.id, version, Status.CLOSED)
    yield folder_office, desk, desk.item(item.id)


def visible(item: Item) -> bool:
    return not item.sealed


def wipe(office: Office, *item_ids: ItemId) -> None:
    erase(office, item_ids, visible, who="s.ivanova", ground=Ground.REQUEST, basis=BASIS)


def test_its_words_stand_nowhere_in_the_data_directory_and_in_no_column(
    told: tuple[Office, Desk, Item], tmp_path: Path
) -> None:
    office, _, item = told
    before = columns_with(tmp_path / "register.db", TELLTALES)
    assert {word for word in TELLTALES if any(word in one for one in before)} >= {"Незабравка", EGN, "Шипченска"}
    assert {one.partition(":")[0] for one in before} >= {
        "item", "item_document", "outgoing", "arrival", "undo", "example", "source_state", "saved_view"}
    assert {name.partition("/")[0] for name, content in everything_in(tmp_path) if b"nezabravka@" in content} >= {
        "originals", "out"}
    wipe(office, item.id)
    assert columns_with(tmp_path / "register.db", TELLTALES) == []
    assert [(name, word) for name, content in everything_in(tmp_path) for word in TELLTALES
            for one in spelled(word) if one in content] == []


def test_the_stub_keeps_number_dates_and_kind_and_the_proof_holds(told: tuple[Office, Desk, Item]) -> None:
    office, desk, item = told
    wipe(office, item.id)
    stub = desk.item(item.id)
    assert stub.entry is not None and item.entry is not None and item.findings and stub.findings and stub.letter
    assert (stub.entry.registration_number, stub.received_at, stub.findings.kind.value, stub.status) == (
        item.entry.registration_number, item.received_at, Kind.COMPLAINT, Status.CLOSED)
    assert stub.letter.text == GONE
    with office.store.reading() as register:
        why = register.erasure.of(item.id)
        history = register.history.of(item.id)
    assert why is not None and (why.by, why.basis) == ("s.ivanova", BASIS)
    assert history[-1].what == "erased" and history[-1].details["basis"] == BASIS
    assert {line.what for line in history if line.details} == {"registered", "erased"}
    found = verify(office)
    assert found.faults == () and found.originals == 1 and found.heads == 1


@pytest.mark.long
def test_the_other_letter_is_as_it_was_and_is_still_found(told: tuple[Office, Desk, Item]) -> None:
    office, desk, item = told
    (other,) = (one for one in find(office, ["Петър Друг"]) if one.id != item.id)
    before = desk.item(other.id)
    wipe(office, item.id)
    assert desk.item(other.id) == before
    assert office.store.originals.is_whole(before.arrivals[0].sha256)
    assert find(office, ["Незабравка"]) == () and [row.id for row in find(office, ["осветление"])] == [other.id]


def test_what_still_lies_in_the_mailbox_is_not_taken_in_again(told: tuple[Office, Desk, Item]) -> None:
    office, _, item = told
    (arrival,) = item.arrivals
    content = office.store.originals.read(arrival.sha256)
    wipe(office, item.id)
    with office.store.reading() as register:
        assert register.arrivals.known(arrival.source, [arrival.key, "other"]) == {arrival.key}
    again = Incoming(source=arrival.source, key=arrival.key, file="a.eml", content=content, received_at=CAME,
                     channel=Channel.EMAIL)
    assert take_in(office.store, again, CAME) == item.id
    elsewhere = again.model_copy(update={"source": "mayor@primerovo.example.bg"})
    assert take_in(office.store, elsewhere, CAME + timedelta(days=1)) != item.id


@pytest.mark.long
def test_an_open_letter_an_unknown_one_and_one_without_a_reason_are_refused(
    told: tuple[Office, Desk, Item]
) -> None:
    office, _, item = told
    (other,) = (one for one in find(office, ["Петър Друг"]) if one.id != item.id)
    assert plan(office, [other.id], visible).obstacles
    with pytest.raises(BadRequest, match="отворена"):
        wipe(office, other.id)
    with pytest.raises(BadRequest, match="Няма такава"):
        wipe(office, 4711)
    with pytest.raises(BadRequest, match="Няма такава"):
        erase(office, [item.id], lambda _item: False, who="x", ground=Ground.REQUEST, basis=BASIS)
    with pytest.raises(BadRequest, match="основанието"):
        erase(office, [item.id], visible, who="x", ground=Ground.REQUEST, basis=" ")
    wipe(office, item.id)
    with pytest.raises(BadRequest, match="вече е заличена"):
        wipe(office, item.id)


@pytest.mark.long
def test_other_registers_in_the_data_directory_are_told(told: tuple[Office, Desk, Item], tmp_path: Path) -> None:
    office, _, item = told
    (tmp_path / "before-upgrade").mkdir()
    (tmp_path / "before-upgrade" / "register-0021.db").write_bytes(b"an older register")
    assert [Path(one.file).name for one in plan(office, [item.id], visible).backups] == ["register-0021.db"]


def test_a_stop_in_the_middle_is_made_good(told: tuple[Office, Desk, Item]) -> None:
    """The files go on the next occasion, whatever ended the first."""
    office, desk, item = told
    broken = replace(office, store=_FailingToRemove(office.store.url, office.store.originals.folder))
    with pytest.raises(OSError, match="away"):
        wipe(broken, item.id)
    assert desk.item(item.id).letter is not None and office.store.originals.is_whole(item.arrivals[0].sha256)
    assert finish(office) == 1
    assert not office.store.originals.path(item.arrivals[0].sha256).exists() and finish(office) == 0
    broken.store.close()


class _FailingToRemove(Store):
    """A share that goes away."""

    def __init__(self, url: str, originals: Path) -> None:
        super().__init__(url, originals)
        self.originals.remove = self._remove  # type: ignore[method-assign]

    def _remove(self, sha256: str) -> bool:
        raise OSError("away")


def test_everything_that_is_held_on_a_person_is_found_and_told(told: tuple[Office, Desk, Item]) -> None:
    office, _, item = told
    for asked in ("Росица Незабравка", "nezabravka@example.net", "0888 123 456", EGN, "ул. Шипченска"):
        assert [row.id for row in find(office, [asked])] == [item.id], asked
    page = report_html(office, EGN, holdings(office, [item.id], visible))
    for fact in ("Дупката пред входа", "nezabravka@example.net", "зее дупка", "потвърждение за получаване"):
        assert fact in page, fact
    assert EGN not in page
    assert holdings(office, [item.id], lambda _item: False) == ()


def test_every_table_of_the_register_was_thought_of() -> None:
    """Whoever adds a table says what becomes of an erased letter in it."""
    assert set(FATES) == {*SQLModel.metadata.tables, "item_search"}
