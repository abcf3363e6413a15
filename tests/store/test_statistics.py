"""SQLite knows how its indexes are filled, so that a view of a few letters does not look at all of them."""

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from mailroom.model.findings import NonCorrespondence
from mailroom.store.queue import QueueFilter, View
from mailroom.store.store import Store
from tests.reports.post import come_in

DAY = date(2026, 11, 20)


def test_a_view_is_counted_by_its_own_index_once_the_statistics_are_there(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'register.db'}", tmp_path / "originals")
    store.migrate()
    with store.transaction() as register:
        for number in range(60):
            come_in(register, DAY, aside=NonCorrespondence.SPAM if number % 20 == 0 else None)
    store.refresh_statistics()
    with store._engine.connect() as connection:
        plan = str(connection.execute(text(
            "EXPLAIN QUERY PLAN SELECT count(*) FROM item WHERE item.sealed = 0 AND status = 'not_correspondence' "
            "AND NOT noncorrespondence_confirmed")).all())
    with store.reading() as register:
        assert register.queue.count(QueueFilter(view=View.SET_ASIDE, today=DAY)) == 3
    store.close()
    assert "ix_item_view_set_aside" in plan


def test_what_is_of_one_file_with_a_letter_is_found_by_keys_among_many_that_are_not(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'register.db'}", tmp_path / "originals")
    store.migrate()
    with store.transaction() as register:
        item_id = come_in(register, DAY)
    with store._engine.begin() as connection:
        columns = ", ".join(row[1] for row in connection.exec_driver_sql("PRAGMA table_info(item)")
                            if row[1] != "id")
        connection.exec_driver_sql(
            "WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 3000) "
            f"INSERT INTO item ({columns}) SELECT {columns} FROM item, number")
    store.refresh_statistics()
    asked: list[tuple[str, Any]] = []
    event.listen(store._engine, "before_cursor_execute",
                 lambda _connection, _cursor, statement, parameters, *_: asked.append((statement, parameters)))
    with store.reading() as register:
        assert register.items.siblings(item_id) == ()
    statement, parameters = asked[-1]
    with store._engine.connect() as connection:
        plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())
    store.close()
    assert "SCAN item" not in plan, plan
