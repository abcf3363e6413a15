"""One line of the table that `make bench` prints."""

from typing import NamedTuple


class Row(NamedTuple):
    """One thing that was measured."""

    what: str
    figure: str
    wanted: str = ""
    """What was asked for; empty where nothing was."""

    def __str__(self) -> str:
        return f"{self.what:<66} {self.figure:<50} {self.wanted}".rstrip()
