"""One after the other, where two transactions must not do the same at the same time."""

from sqlalchemy import Connection, text
from sqlmodel import Session

OTHERS_WAIT = {"key_share": True}
"""SELECT … FOR NO KEY UPDATE: for who would change the row too, not for who only refers to it."""
HISTORY = "history"
"""Each line is chained to the one before."""
NUMBERS = "numbers"
"""Who gives many numbers in one transaction."""
MIGRATION = "migration"
"""Machines that start together."""


def take_turn(on: Session | Connection, what: str) -> None:
    """Whoever asks for the same turn waits until this transaction has ended. SQLite has one writer anyway."""
    connection = on.connection() if isinstance(on, Session) else on
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:what, 0))"), {"what": what})
