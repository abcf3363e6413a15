"""The register on both databases, and an office around it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mailroom.config import Settings
from mailroom.office import Office, open_office
from mailroom.store.store import Store
from tests.store.conftest import postgres, store

__all__ = ["postgres", "store"]

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
"""A Friday morning."""


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Rules and templates of the invented town, which are the same for every test."""
    office = open_office(Settings(charter="primerovo", data_dir=tmp_path_factory.mktemp("furnished")), now=lambda: NOW)
    yield office
    office.close()


@pytest.fixture
def office(furnished: Office, store: Store) -> Office:
    """An office with an empty register."""
    return replace(furnished, store=store)


@pytest.fixture
def small_office(furnished: Office, tmp_path: Path) -> Iterator[Office]:
    """The same on SQLite alone, where the database makes no difference."""
    opened = Store(f"sqlite:///{tmp_path / 'register.db'}", tmp_path / "originals")
    opened.migrate()
    yield replace(furnished, store=opened)
    opened.close()
