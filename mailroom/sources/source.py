"""What every source is: something that finds post and hands it to the intake, and settles it only afterwards."""

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

import structlog

from mailroom.errors import TryAgain
from mailroom.model.arrival import Incoming
from mailroom.model.base import Instant, Value

log = structlog.get_logger()


class SourceState(Value):
    """How a source is doing, for the health page, the digest and the metrics."""

    name: str
    connected: bool
    """False while the server, the share or the folder cannot be reached."""
    looked_at: Instant | None = None
    """When a full look last came to its end; null when none has since the start."""
    trouble: str = ""
    """One sentence in Bulgarian: what is wrong and what happens next. Empty when all is well."""


@dataclass(frozen=True, kw_only=True)
class Callbacks:
    """What a source calls. Sources stand below the intake and may not import it."""

    take: Callable[[Sequence[Incoming]], None]
    """Returns when the bytes of all are synced to disk and their arrivals are committed. Raises TryAgain when that
    cannot be done now: the source leaves the messages untouched and comes back."""
    known: Callable[[str, Collection[str]], set[str]]
    """Source name, keys → those that are in the register already."""
    report: Callable[[SourceState], None]
    """Called after every look and on every trouble, from any thread."""


class Source(Protocol):
    """One place where post comes in."""

    @property
    def name(self) -> str:
        """As configured, and as written on every arrival."""

    def run(self, stop: threading.Event) -> None:
        """Watch until told to stop. An error of the outside is reported and the watch goes on, ever more slowly."""

    def look_once(self) -> int:
        """Take in everything that is there now; how many were new. Raises TryAgain when the outside, or the register,
        does not answer."""

    def list_keys(self) -> set[str]:
        """The keys of everything that lies in the source now, to compare with the register. Raises TryAgain."""


class Reporter:
    """Tells how a source is doing, and remembers when it last looked. What cannot be told now, because the register is
    away too, is told by the next look. The log has the beginning of every trouble, and its end."""

    def __init__(self, name: str, report: Callable[[SourceState], None]) -> None:
        self._name = name
        self._report = report
        self._looked_at: datetime | None = None
        self._trouble = ""

    def looked(self, trouble: str = "") -> None:
        """A look came to its end; `trouble` tells what it could not take."""
        self._looked_at = datetime.now(UTC)
        self._tell(connected=True, trouble=trouble)

    def refused(self, trouble: str) -> None:
        """The source is there, but the register does not take anything now."""
        self._tell(connected=True, trouble=trouble)

    def failed(self, trouble: str) -> None:
        """The source cannot be reached."""
        self._tell(connected=False, trouble=trouble)

    def _tell(self, *, connected: bool, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            log.warning("source_in_trouble", source=self._name, connected=connected, trouble=trouble)
        elif self._trouble and not trouble:
            log.info("source_well_again", source=self._name)
        self._trouble = trouble
        state = SourceState(name=self._name, connected=connected, looked_at=self._looked_at, trouble=trouble)
        try:
            self._report(state)
        except TryAgain as error:
            log.warning("source_untold", source=self._name, connected=connected, trouble=str(error))


class BackOff:
    """Waits 1, 2, 4 … seconds, never longer than `longest`, until something succeeds."""

    def __init__(self, longest: float = 300) -> None:
        self._longest = longest
        self._next = 1.0

    def wait(self, stop: threading.Event) -> None:
        """Wait, or return at once when told to stop."""
        stop.wait(self.seconds())

    def seconds(self) -> float:
        """How long to wait this time; twice as long the next time."""
        now = min(self._next, self._longest)
        self._next = min(self._next * 2, self._longest)
        return now

    def reset(self) -> None:
        """It has succeeded."""
        self._next = 1.0
