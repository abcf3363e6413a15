"""What is asked for every letter that comes in is answered by an index, however many letters there are."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from mailroom.store.store import Register, Store

NOW = datetime(2026, 11, 20, 9, 12, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
QUESTIONS: dict[str, tuple[Callable[[Register], Any], str]] = {
    "the oldest item that is ready": (
        lambda register: register.items.claim("me", NOW, HOUR, heavy_too=True), "ix_item_ready"),
    "automatic letters of the last hour": (
        lambda register: register.outbox.automatic_since(NOW - HOUR, at_most=501), "ix_outgoing_created_at"),
    "automatic letters to an address": (
        lambda register: register.outbox.automatic_letters_to("a@example.com", NOW - HOUR), "ix_outgoing_to"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_letter_that_comes_in_never_makes_the_register_be_looked_through(tmp_path: Path, question: str) -> None:
    """By the plan of SQLite, without any statistics, as on the first day after a move."""
    ask, index = QUESTIONS[question]
    store = Store(f"sqlite:///{tmp_path / 'register.db'}", tmp_path / "originals")
    store.migrate()
    asked: list[tuple[str, Any]] = []
    event.listen(store._engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3])))
    with store.transaction() as register:
        ask(register)
    (statement, values), = [one for one in asked if one[0].startswith("SELECT")]
    with Session(store._engine) as session:
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
    assert any(index in step[3] for step in plan), plan
    assert not any("ix_outgoing_ready" in step[3] for step in plan), plan
    store.close()
