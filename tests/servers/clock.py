"""A clock of its own for a Python program, moved while the program and its children run (home of time-machine)."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

_HOOK = Path(__file__).with_name("moved_clock")


class Clock:
    """Tells the time to commands run by `within`: ours, and as far from it as it was moved. Durations (CLOCK_MONOTONIC)
    stay true, as they do when a machine's clock is set.

    libfaketime would do for any program; Debian 12's breaks sleeping (clock_nanosleep) when it leaves durations alone.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        path = os.pathsep.join([str(_HOOK), *filter(None, [os.environ.get("PYTHONPATH")])])
        self.within = ("env", f"PYTHONPATH={path}", f"MOVED_CLOCK={file}")
        self.move(timedelta())

    def move(self, by: timedelta) -> None:
        """From now on it goes so far before or behind ours."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(str(by.total_seconds()))
        fresh.rename(self._file)

    def set(self, to: datetime) -> None:
        """It is this moment now."""
        self.move(to - datetime.now(UTC))
