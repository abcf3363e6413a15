"""Hears whether anybody has changed an SQLite register, this process or another, without asking any table."""

import sqlite3
from pathlib import Path

_DATA_VERSION = "PRAGMA data_version"
"""Another number once any other connection has committed (https://sqlite.org/pragma.html#pragma_data_version)."""


class Changes:
    """A connection of its own, which is used for nothing else: its own commits it would not hear. For one thread at a
    time."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None

    def heard(self) -> bool:
        """Whether anything was committed since this was asked last; false while the file does not answer."""
        try:
            version = self._ask()
        except sqlite3.Error:
            self.close()
            return False
        changed, self._version = version != self._version, version
        return changed

    def close(self) -> None:
        """Listen no more, until asked again."""
        if self._connection:
            self._connection.close()
        self._connection = self._version = None

    def _ask(self) -> int:
        if self._connection is None:
            # „rw“: a file that is not there is not made.
            self._connection = sqlite3.connect(f"{self._file.absolute().as_uri()}?mode=rw", uri=True,
                                               isolation_level=None, check_same_thread=False)
        # All of it is fetched: a statement that is not at its end would keep the log from being cut.
        (version,), = self._connection.execute(_DATA_VERSION).fetchall()
        return int(version)
