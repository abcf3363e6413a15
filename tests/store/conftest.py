"""The store on both databases."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailroom.store.store import Store
from tests.servers.postgres import Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One PostgreSQL for the whole run."""
    with Postgres() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty register, once on each database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'register.db'}"
    else:
        url = request.getfixturevalue("postgres").url(f"t{uuid.uuid4().hex}")
    opened = Store(url, tmp_path / "originals")
    opened.migrate()
    yield opened
    opened.close()
