"""The queue's rows and counts, the search, and what the migrations make of a register that is there already."""


from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from mailroom.store.store import Store


def test_models_and_migrations_agree(store: Store) -> None:
    with store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={
            "include_name": lambda name, kind, _: not (kind == "table" and str(name).startswith("item_search"))})
        assert compare_metadata(context, SQLModel.metadata) == []
