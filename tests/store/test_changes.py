"""Whoever sleeps until there is something to do hears of every change, and of nothing else."""

from datetime import UTC, datetime
from pathlib import Path

from mailroom.store.store import Store

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def note(store: Store, what: str) -> None:
    with store.transaction() as register:
        register.history.note(what, who="me", at=NOW)


def test_a_change_is_heard_once_whoever_made_it(tmp_path: Path) -> None:
    ours, another = (Store(f"sqlite:///{tmp_path / 'register.db'}", tmp_path / "originals") for _ in range(2))
    ours.migrate()
    changes = ours.changes()
    assert changes.heard(), "what was before counts as new"
    assert not changes.heard()
    with ours.reading() as register:
        register.items.ids()
    with ours.transaction() as register:
        register.items.claim("me", NOW, NOW - NOW, heavy_too=True)  # there is none
    assert not changes.heard()
    for store in (ours, another):
        note(store, "tried")
        assert changes.heard() and not changes.heard()
    changes.close()
    ours.close()
    another.close()


def test_a_file_that_is_not_there_is_not_made_and_is_heard_when_it_is_back(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'register.db'}", tmp_path / "originals")
    changes = store.changes()
    assert not changes.heard() and not (tmp_path / "register.db").exists()
    store.migrate()
    assert changes.heard()
    changes.close()
    store.close()
