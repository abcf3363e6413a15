"""Alembic's entry: runs the migrations on the connection that the store hands over."""

from alembic import context
from sqlmodel import SQLModel

from mailroom.store import tables

assert tables.ItemTable.metadata is SQLModel.metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
