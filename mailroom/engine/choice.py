"""Which engine works on a register: one process on SQLite, any number of machines on PostgreSQL."""

from datetime import datetime
from typing import Protocol

from mailroom.engine.distributed import DistributedEngine
from mailroom.engine.inline import InlineEngine
from mailroom.office import Office


class Engine(Protocol):
    """What keeps items moving until it is told to stop."""

    last_turn: datetime
    """When it last went round: for the watchdog."""

    def start(self, *, letters: bool = True) -> None:
        """Begin. Without `letters` only the items move: nothing leaves, and nothing that is due is done."""

    def stop(self) -> None:
        """Finish what is being done, and come back."""


def engine_for(office: Office) -> Engine:
    """The engine of this office's register."""
    return InlineEngine(office) if office.store.is_sqlite else DistributedEngine(office)
