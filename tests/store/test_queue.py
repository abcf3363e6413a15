"""The queue's rows and counts, the search, and what the migrations make of a register that is there already."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import event, text
from sqlmodel import SQLModel

from mailroom.model.arrival import Channel
from mailroom.model.base import SOFIA, ItemId
from mailroom.model.entry import Assignment, Clock, Due, Entry
from mailroom.model.findings import Address, Findings, Found, Kind, Script
from mailroom.model.item import ItemRow, Status
from mailroom.model.letter import Letter
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.verdict import Check, Outcome, Verdict
from mailroom.searchwords import terms_of
from mailroom.store.queue import QueueFilter, Sort, View
from mailroom.store.store import Register, Store
from tests.store.test_register import draft

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def findings(text_: str = "Тъмно", *, kind: Kind = Kind.SIGNAL) -> Findings:
    """What was understood of a letter."""
    no = Found[bool](value=False, confidence=1)
    return Findings(
        kind=Found(value=kind, confidence=1), anonymous=no, abusive=no, health_safety=no, protected_info=no,
        script=Found(value=Script.CYRILLIC, confidence=1), language=Found(value="bg", confidence=1),
        subject=Found(value=text_, confidence=1), sender_name=Found(value="Ана Белева", confidence=1),
        phone=Found(value="+359888123456", confidence=1), email=Found(value="a.beleva@example.com", confidence=1),
        address=Found(value=Address(settlement="Примерово", street="ул. Липа", number="12"), confidence=1))


def add(register: Register, said: str = "Лампите не светят.", *, status: Status = Status.REGISTERED, days: int = 0,
        due: date | None = None, department: str = "roads", officer: str | None = "petrov", number: int = 0,
        **verdict: Any) -> ItemId:
    """An item that was received, judged and registered."""
    item_id = register.items.add(channel=Channel.EMAIL, received_at=NOW - timedelta(days=days), heavy=False)
    register.items.keep_letter(item_id, Letter(channel=Channel.EMAIL, media_type="message/rfc822", text=said))
    register.items.keep_judgement(item_id, findings(), Verdict(outcome=Outcome.CONSIDER, pack_version="1", **verdict))
    if status is not Status.NOT_CORRESPONDENCE:
        clock = Clock(date=due, raw_date=due, basis="", explanation="") if due else None
        register.entries.add(Entry(
            item_id=item_id, registration_number=f"94-А-{number or item_id}/20.11.2026",
            case_number=f"94-А-{number or item_id}", series="94", year=2026, sequence=number or item_id,
            registered_at=NOW, access_code="7KXM-4QFA", due=Due(charter=clock),
            assigned_to=Assignment(department=department, department_id=department, officer_id=officer)))
    register.items.settle(item_id, status)
    return item_id


def ids(register: Register, view: View = View.ALL, **wanted: Any) -> list[ItemId]:
    """The rows of a view."""
    return [row.id for row in register.queue.rows(QueueFilter(view=view, today=TODAY, **wanted))]


def found(register: Register, query: str, **wanted: Any) -> list[ItemId]:
    """What a query finds."""
    return ids(register, terms=terms_of(query), **wanted)


def test_models_and_migrations_agree(store: Store) -> None:
    with store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "include_name": lambda name, kind, _: not (kind == "table" and str(name).startswith("item_search"))})
        # SQLite does not tell Alembic what a foreign key that was added later does when its row goes.
        known = {"add_fk", "remove_fk"} if store.is_sqlite else set()
        assert [one for one in compare_metadata(context, SQLModel.metadata) if one[0] not in known] == []


def test_every_view_has_its_rows_and_no_others(store: Store) -> None:
    with store.transaction() as register:
        items = {
            View.TO_DECIDE: add(register, status=Status.IN_REVIEW), View.URGENT: add(register, urgent=True),
            View.DUE_SOON: add(register, due=TODAY + timedelta(days=3)),
            View.OVERDUE: add(register, due=TODAY - timedelta(days=1)), View.UNASSIGNED: add(register, officer=None),
            View.SET_ASIDE: add(register, status=Status.NOT_CORRESPONDENCE),
            View.MINE: add(register, officer="koleva"), View.BOUNCED: add(register, status=Status.ANSWERED),
        }
        sealed = add(register, sealed=True, urgent=True)
        done = add(register, status=Status.CLOSED, urgent=True, due=TODAY - timedelta(days=9), officer=None)
        letter = register.outbox.put(draft(items[View.BOUNCED]), number="1", now=NOW)
        register.outbox.mark(letter, OutgoingStatus.BOUNCED)
    with store.reading() as register:
        assert {view: ids(register, view, me="koleva") for view in items} == {
            view: [item_id] for view, item_id in items.items()}
        is_open = set(items.values()) - {items[View.SET_ASIDE], items[View.BOUNCED]}
        assert set(ids(register, View.OPEN)) == is_open and done in ids(register) and sealed not in ids(register)
        assert ids(register, View.URGENT, sealed=True) == [sealed]
        counts = register.queue.counts({view: QueueFilter(view=view, today=TODAY, me="koleva") for view in View})
        assert all(counts[view] == 1 for view in items) and counts[View.ALL] == len(items) + 1
    with store.transaction() as register:
        register.outbox.mark(letter, OutgoingStatus.SENT)
        register.items.confirm_noncorrespondence(items[View.SET_ASIDE])
    with store.reading() as register:
        assert ids(register, View.BOUNCED) == ids(register, View.SET_ASIDE) == []


def test_terms_and_officers_that_change_are_seen_at_once(store: Store) -> None:
    with store.transaction() as register:
        item_id = add(register, due=TODAY - timedelta(days=1))
        register.entries.set_due(item_id, Due(charter=Clock(date=TODAY, raw_date=TODAY, basis="", explanation="")))
        register.entries.assign(item_id, Assignment(department="Правен", department_id="legal", officer_id="koleva"))
    with store.reading() as register:
        assert ids(register, View.OVERDUE) == [] and ids(register, View.DUE_SOON) == [item_id]
        assert ids(register, View.MINE, me="koleva") == ids(register, department_id="legal") == [item_id]
        assert ids(register, department_id="roads") == []


@pytest.mark.parametrize("sort", Sort)
def test_pages_follow_each_other_in_every_order(store: Store, sort: Sort) -> None:
    with store.transaction() as register:
        for days in (3, 1, 2, 1, 5):
            add(register, days=days, due=TODAY + timedelta(days=days % 3) if days < 5 else None)
    with store.reading() as register:
        wanted, before = QueueFilter(view=View.OPEN, today=TODAY), None
        pages: list[ItemRow] = []
        while rows := register.queue.rows(wanted, before=before, limit=2, sort=sort):
            pages += rows
            before = rows[-1].id
        assert len({row.id for row in pages}) == len(pages) == 5
        far = date.max
        keys = [(row.due.date or far if row.due else far, row.id) if sort is Sort.DUE else (row.received_at, row.id)
                for row in pages]
        assert keys == sorted(keys, reverse=sort is Sort.NEWEST)


def test_filters_narrow_a_view(store: Store) -> None:
    with store.transaction() as register:
        old, new = add(register, days=10), add(register, department="legal")
    with store.reading() as register:
        assert ids(register, for_department="legal") == [new] and ids(register, channel=Channel.PAPER) == []
        assert ids(register, kind=Kind.SIGNAL) == [new, old] and ids(register, kind=Kind.PRAISE) == []
        assert ids(register, since=TODAY) == [new] and ids(register, until=TODAY - timedelta(days=10)) == [old]
        came = (NOW - timedelta(days=10)).astimezone(SOFIA).date()
        assert ids(register, since=came, until=came) == [old]


QUESTIONS: list[dict[str, Any]] = [
    *({"view": view, "me": "koleva"} for view in View), {"view": View.ALL, "kind": Kind.SIGNAL},
    {"view": View.ALL, "for_department": "roads"}, {"view": View.ALL, "channel": Channel.PAPER},
    {"view": View.ALL, "district": "Изгрев"}, {"view": View.ALL, "since": TODAY, "until": TODAY},
    {"view": View.URGENT, "department_id": "roads", "not_named": "koleva"},
    {"view": View.ALL, "terms": terms_of("лампа")}, {"view": View.OPEN, "terms": terms_of("94-00-7")},
]


def orders(view: View) -> tuple[Sort, ...]:
    """Those in which a view has an index."""
    if view in (View.DUE_SOON, View.OVERDUE):
        return (Sort.DUE,)
    return (Sort.NEWEST, Sort.OLDEST, Sort.DUE) if view is View.OPEN else (Sort.NEWEST, Sort.OLDEST)


def test_no_question_looks_through_the_register_or_sorts_it(store: Store) -> None:
    """Whatever there is an index for; on few rows PostgreSQL would not take it, so it is told to. What its index of
    words has found is sorted, and each item then asked for by its key."""
    asked: list[tuple[str, Any]] = []
    event.listen(store._engine, "before_cursor_execute",
                 lambda _connection, _cursor, statement, parameters, *_: asked.append((statement, parameters)))
    with store.reading() as register:
        for question in QUESTIONS:
            wanted = QueueFilter(today=TODAY, **question)
            for sort in orders(wanted.view):
                register.queue.rows(wanted, sort=sort)
            register.queue.counts({wanted.view: wanted})
    with store._engine.connect() as connection:
        for setting in () if store.is_sqlite else ("enable_seqscan", "enable_sort"):
            connection.execute(text(f"SET {setting} = off"))
        explain = "EXPLAIN QUERY PLAN " if store.is_sqlite else "EXPLAIN "
        plans = [str(connection.exec_driver_sql(explain + statement, parameters).all())
                 for statement, parameters in tuple(asked) if "FROM item" in statement]
    assert len(plans) >= 3 * len(QUESTIONS) - 2
    for plan in plans:
        sorts = () if "CTE Scan on found" in plan and "id = found.item_id)" in plan else ("Sort",)
        assert not any(sign in plan for sign in (*sorts, "Seq Scan", "TEMP B-TREE", "SCAN item'")), plan


@pytest.mark.parametrize("view", [View.TO_DECIDE, View.UNASSIGNED])
def test_a_view_is_counted_from_an_index_alone(store: Store, view: View) -> None:
    """Also where the database has no statistics yet; PostgreSQL looks at the rows' pages as it likes."""
    if not store.is_sqlite:
        return
    asked: list[tuple[str, Any]] = []
    event.listen(store._engine, "before_cursor_execute",
                 lambda _connection, _cursor, statement, parameters, *_: asked.append((statement, parameters)))
    with store.reading() as register:
        register.queue.counts({view: QueueFilter(view=view, today=TODAY)})
    with store._engine.connect() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[-1][0]}", asked[-1][1]).all())
    assert "item USING COVERING INDEX" in plan, plan


def test_what_of_a_batch_can_be_taken_back_is_found_by_its_keys(store: Store) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(store._engine, "before_cursor_execute",
                 lambda _connection, _cursor, statement, parameters, *_: asked.append((statement, parameters)))
    with store.reading() as register:
        assert register.undo.still((1, 2), "koleva") == ()
    statement, parameters = asked[-1]
    with store._engine.connect() as connection:
        if not store.is_sqlite:
            connection.execute(text("SET enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN " if store.is_sqlite else "EXPLAIN "
        plan = str(connection.exec_driver_sql(explain + statement, parameters).all())
    assert "Seq Scan" not in plan and "SCAN undo'" not in plan and "undo" in plan, plan


FOUND = ("лампа", "лампата свети", "lampite", "лaмпи", "ЛАМПИ", "Белева Ана", "beleva", "ул. Липа 12", "lipa",
         "a.beleva@example.com", "0888 123 456", "+359 888 123456", "123456", "94-А-7/20.11.2026", "94-A-7", "94-а-7",
         "Белев*", "bele*")
NOT_FOUND = ("ламарина", "94-А-8", "0888 123 457", "лампи канал", "b.beleva@example.com", "7501020018",
             "'", '"', "а OR б", "NEAR(", "\\")


def test_a_letter_is_found_by_all_that_it_holds_and_by_nothing_else(store: Store) -> None:
    with store.transaction() as register:
        item_id = add(register, "Лампите не светят. ЕГН 7501020018", number=7)
    with store.reading() as register:
        assert [query for query in FOUND if found(register, query) != [item_id]] == []
        assert [query for query in NOT_FOUND if terms_of(query) and found(register, query)] == []


def test_a_corrected_letter_is_found_by_what_is_right_and_by_its_number(store: Store) -> None:
    with store.transaction() as register:
        item_id = add(register, number=7)
        right = findings().model_copy(update={"sender_name": Found(value="Румен Калев", confidence=1)})
        register.items.keep_judgement(item_id, right, Verdict(outcome=Outcome.CONSIDER, pack_version="1"))
    with store.reading() as register:
        assert found(register, "Калев") == found(register, "94-А-7") == [item_id] and found(register, "Ана") == []


def test_rights_and_pages_hold_in_a_search(store: Store) -> None:
    with store.transaction() as register:
        sealed, restricted = add(register, sealed=True), add(register, restricted=True)
        first, second = add(register), add(register, department="legal")
    with store.reading() as register:
        assert found(register, "лампа") == [second, first, restricted]
        assert found(register, "лампа", sealed=True) == [sealed]
        assert found(register, "лампа", department_id="roads", not_named="koleva") == [first]
        rows = register.queue.rows(QueueFilter(view=View.ALL, today=TODAY, terms=terms_of("лампа")), before=second)
        assert [row.id for row in rows] == [first, restricted]


def test_what_goes_cannot_be_found(store: Store) -> None:
    with store.transaction() as register:
        item_id = register.items.add(channel=Channel.EMAIL, received_at=NOW, heavy=False)
        register.items.keep_letter(item_id, Letter(channel=Channel.EMAIL, media_type="message/rfc822", text="Лампи"))
        register.items.keep_judgement(item_id, findings(), Verdict(outcome=Outcome.CONSIDER, pack_version="1"))
    with store._engine.begin() as connection:
        connection.execute(text("DELETE FROM item_document"))
        connection.execute(text("DELETE FROM item"))
        assert connection.execute(text("SELECT count(*) FROM item_search")).scalar() == 0


def test_a_letter_and_its_search_row_are_written_together_or_not_at_all(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction() as register:
        add(register)
        raise KeyError
    with store.reading() as register:
        assert found(register, "лампа") == []


def test_the_citizens_number_is_found_however_it_is_typed(store: Store) -> None:
    with store.transaction() as register:
        item_id = add(register, number=7)
    with store.reading() as register:
        for typed in ("94-А-7/20.11.2026", "94-A-7", " № 94-а-7 "):
            entry = register.entries.by_number(typed, NOW, NOW + timedelta(seconds=1))
            assert entry and entry.item_id == item_id, typed
        assert register.entries.by_number("94-А-7", NOW + timedelta(days=1), NOW + timedelta(days=2)) is None
        assert register.entries.by_number("94-А-70", NOW, NOW + timedelta(seconds=1)) is None


def test_a_register_of_before_is_found_and_sorted_after_the_migration(store: Store) -> None:
    """All that the queue and the search know is gone, as it was before; the migration brings it back."""
    with store.transaction() as register:
        item_id = add(register, status=Status.IN_REVIEW, due=TODAY, number=7, checks=(
            Check(name="anonymous", hit=True), Check(name="abusive", hit=False)))
        letter = register.outbox.put(draft(item_id), number="1", now=NOW)
        register.outbox.mark(letter, OutgoingStatus.BOUNCED)
    with store._engine.begin() as connection:
        for statement in ("DELETE FROM item_search", "UPDATE entry SET number_key = '', case_key = ''",
                          "UPDATE item SET work_by = '9999-12-31', department_id = NULL, officer_id = NULL, "
                          "bounced = (1 = 0), why = '[]'"):
            connection.execute(text(statement))
        migration = import_module("mailroom.store.migrations.versions.0009_a_queue_for_a_million_items")
        with Operations.context(MigrationContext.configure(connection)):
            migration._fill_from_entries(connection)
            migration._fill_from_documents(connection)
    with store.reading() as register:
        assert found(register, "лампа") == ids(register, View.DUE_SOON) == ids(register, View.BOUNCED) == [item_id]
        assert ids(register, department_id="roads") == [item_id]
        (row,) = register.queue.rows(QueueFilter(view=View.TO_DECIDE, today=TODAY))
        assert row.why == ("anonymous",) and register.entries.by_number("94-a-7", NOW, NOW + timedelta(seconds=1))
