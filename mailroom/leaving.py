"""Leaving in time: who was told to stop ends within one deadline, whatever hangs in it.

Every step may be cut off anywhere (journey.py), so a process that is ended in the middle of a letter loses nothing: the
next one goes on. systemd would end it too (TimeoutStopSec), but later, and would call that a failure.
"""

import os
import threading
from functools import partial

import structlog

from mailroom.errors import MailroomError, exit_status

log = structlog.get_logger()

STOP_SECONDS = 25.0
"""For everything together: sources, letters that are read or handed over, pages that are open, reading processes, the
database. Less than a third of TimeoutStopSec in systemd/."""
_TELL_SECONDS = 1.0
"""The log may be what hangs."""


def leave_in_time(failure: MailroomError | None, seconds: float = STOP_SECONDS) -> None:
    """From now on this process has so long to end by itself; then it is ended. `failure`: why it stops, when nobody has
    asked it to; so says its exit status."""
    status = 0 if failure is None else exit_status(failure)
    timer = threading.Timer(seconds, partial(_leave, status))
    timer.daemon = True
    timer.start()


def _leave(status: int) -> None:
    busy = sorted(thread.name for thread in threading.enumerate() if thread is not threading.current_thread())
    teller = threading.Thread(target=log.warning, args=("left_in_the_middle",), kwargs={"threads": busy}, daemon=True)
    teller.start()
    teller.join(_TELL_SECONDS)
    os._exit(status)
