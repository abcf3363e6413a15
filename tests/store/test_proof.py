"""The proof finds what was changed beside the program, and an erased item leaves the history provable."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlmodel import Session

from mailroom.intake.door import take_in
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.proof import HistoryHead, read_head
from mailroom.store.store import Store

NOW = datetime(2026, 11, 20, 9, 12, 3, 250, tzinfo=UTC)
LINES = 5


def write_lines(store: Store, number: int = LINES) -> None:
    """As many lines of one item each."""
    for key in range(1, number + 1):
        take_in(store, Incoming(source="center@example.bg", key=str(key), file="a.eml", channel=Channel.EMAIL,
                                content=b"Subject: %d\r\n\r\n" % key, received_at=NOW), NOW)


def meddle(store: Store, *statements: str) -> None:
    """Somebody with the database's password."""
    with Session(store._writer) as session:
        for statement in statements:
            session.connection().execute(text(statement))
        session.commit()


def faults(store: Store) -> list[str]:
    with store.reading() as register:
        return register.history.faults()


SHIFTED = ("UPDATE history SET sequence = -sequence - 1 WHERE sequence > 2", "UPDATE history SET sequence = -sequence "
           "WHERE sequence < 0", "INSERT INTO history (sequence, at, who, what, item_id, details, salt, details_hash, "
           "old_hash, previous_hash, hash) SELECT 3, at, who, what, item_id, details, salt, details_hash, old_hash, "
           "hash, hash FROM history WHERE sequence = 2")


@pytest.mark.parametrize(("statements", "told"), [
    (("UPDATE history SET who = 'nobody' WHERE sequence = 3",), ["line 3 was changed"]),
    (("UPDATE history SET details = '{}' WHERE sequence = 3",), ["line 3 was changed"]),
    (("UPDATE history SET details = '', salt = '' WHERE sequence = 3",), ["line 3 says nothing"]),
    (("UPDATE history SET at = '2026-11-19 09:00:00' WHERE sequence = 1",), ["line 1 was changed"]),
    (("UPDATE history SET hash = previous_hash WHERE sequence = 5",), ["line 5 was changed"]),
    (("DELETE FROM history WHERE sequence = 1",), ["line 1 is missing", "line 2 was changed"]),
    (("DELETE FROM history WHERE sequence IN (2, 3)",), ["lines 2 to 3 are missing", "line 4 was changed"]),
    (SHIFTED, ["line 3 was changed", "line 4 was changed", "line 5 was changed", "line 6 was changed"]),
])
def test_an_edited_a_removed_and_an_inserted_line_are_found(
    store: Store, statements: Sequence[str], told: list[str]
) -> None:
    write_lines(store)
    assert faults(store) == []
    meddle(store, *statements)
    found = faults(store)
    assert len(found) == len(told) and all(part in fault for part, fault in zip(told, found, strict=True)), found


def test_lines_whose_item_is_erased_say_nothing_any_more_and_the_chain_still_holds(store: Store) -> None:
    write_lines(store)
    with store.transaction() as register:
        assert register.history.erase_details(2) == 1
        register.history.note("erased", who="secretary", at=NOW, item_id=2, basis="ОРЗД чл. 17")
    assert faults(store) == []
    with store.reading() as register:
        assert [line.details for line in register.history.of(2)] == [{}, {"basis": "ОРЗД чл. 17"}]
    meddle(store, "UPDATE history SET what = 'read' WHERE sequence = 2")
    assert ["line 2 was changed" in fault for fault in faults(store)] == [True]


def test_the_same_details_of_two_lines_look_different_in_the_chain(store: Store) -> None:
    with store.transaction() as register:
        for _ in range(2):
            register.history.note("read", who="mailroom", at=NOW, item_id=1, sender="Иван")
    with store.reading() as register:
        one, other = register.history.lines_after(0)
    assert one.details == other.details and one.details_hash != other.details_hash


def test_a_history_that_was_rewritten_as_a_whole_is_found_by_a_mark_kept_elsewhere(store: Store) -> None:
    write_lines(store)
    with store.reading() as register:
        head = register.history.head()
    kept = read_head(f"Знак на историята: {head.said}\nи още 12")
    assert kept is not None and kept.number == LINES and head.mark.startswith(kept.mark)
    write_lines(store, LINES + 1)
    with store.reading() as register:
        assert register.history.head_fault(kept) is None
    meddle(store, "DELETE FROM history")
    with store.transaction() as register:
        for item_id in range(1, LINES + 3):
            register.history.note("arrived", who="mailroom", at=NOW, item_id=item_id)
    assert faults(store) == []
    with store.reading() as register:
        assert "was rewritten" in (register.history.head_fault(kept) or "")
    meddle(store, f"DELETE FROM history WHERE sequence >= {LINES}")
    with store.reading() as register:
        assert "not there any more" in (register.history.head_fault(kept) or "")


@pytest.mark.parametrize("statement", [
    "UPDATE arrival SET sha256 = 'f' WHERE item_id = 2",
    "DELETE FROM arrival WHERE item_id = 2",
])
def test_an_arrival_that_is_not_as_the_history_tells_is_found(store: Store, statement: str) -> None:
    write_lines(store)
    with store.reading() as register:
        assert register.proving.contradictions(register.history.lines_after(0)) == []
    meddle(store, statement)
    with store.reading() as register:
        (told,) = register.proving.contradictions(register.history.lines_after(0))
    assert "history line 2, item 2" in told


OLD_LINES = [(1, "mailroom", "arrived", 1, '{"sha256": "aa"}'), (2, "mailroom", "read", 1, '{"faults": []}'),
             (3, "ivanova", "decided", 1, '{"outcome": "consider"}')]


def old_register(path: Path) -> str:
    """A register of before with three lines; the hash of the last."""
    store, config, previous = Store(f"sqlite:///{path}", path.parent), Config(), "0" * 64
    config.set_main_option("script_location", "mailroom.store:migrations")
    with store._writer.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
        for number, who, what, item_id, details in OLD_LINES:
            said = [previous, number, NOW.isoformat(), who, what, item_id, details]
            mark = hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()
            connection.execute(
                text("INSERT INTO history (sequence, at, who, what, item_id, details, previous_hash, hash) "
                     "VALUES (:number, '2026-11-20 09:12:03.000250', :who, :what, :item_id, :details, "
                     ":previous, :mark)"),
                {"number": number, "who": who, "what": what, "item_id": item_id, "details": details,
                 "previous": previous, "mark": mark})
            previous = mark
        connection.execute(text("INSERT INTO milestone (name, day, at, result) VALUES "
                                "('verify', '2026-11-19', '2026-11-19 03:30:00', 'one fault\nanother')"))
        connection.commit()
    store.close()
    return previous


BEFORE = "0018"


def test_an_older_register_keeps_its_chain_its_marks_and_what_was_found(tmp_path: Path) -> None:
    mark = old_register(tmp_path / "register.db")
    store = Store(f"sqlite:///{tmp_path / 'register.db'}", tmp_path)
    store.migrate()
    assert faults(store) == []
    with store.reading() as register:
        assert register.history.head_fault(HistoryHead(number=None, mark=mark[:16])) is None
        assert register.history.head_fault(HistoryHead(number=None, mark="0123456789abcdef")) is not None
        found = register.daybook.verification()
    assert found is not None and found.faults == ("one fault", "another")
    store.close()


def test_a_line_that_was_changed_before_the_migration_is_still_found_after_it(tmp_path: Path) -> None:
    old_register(tmp_path / "register.db")
    store = Store(f"sqlite:///{tmp_path / 'register.db'}", tmp_path)
    meddle(store, "UPDATE history SET who = 'petrov' WHERE sequence = 2")
    store.migrate()
    assert [fault[:24] for fault in faults(store)] == ["history: line 2 was chan"]
    store.close()
