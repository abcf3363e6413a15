"""A register's file that is no whole database any more: told in one sentence, with what to do."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError

from mailroom.errors import Damaged

_CODES = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
"""https://sqlite.org/rescode.html"""


def sentence(words: str) -> str:
    """`words`: SQLite's own."""
    return (f"the register's file is damaged ({words}): stop the service, keep the file as it is, and put the last "
            "backup into a new folder („mailroom restore“); what has come since still lies in the mailboxes and in "
            "originals/")


@contextmanager
def told() -> Iterator[None]:
    """The driver's error for such a file, as Damaged."""
    try:
        yield
    except (DBAPIError, sqlite3.DatabaseError) as error:
        found = error.orig if isinstance(error, DBAPIError) else error
        if getattr(found, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF not in _CODES:
            raise
        raise Damaged(sentence(str(found))) from error
