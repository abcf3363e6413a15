"""Who holds a claim, and for how long: a process by machine, number and start.

By its start too, so that another process that later gets its number, as after a restart of the machine, is not taken
for it.
"""

import os
import socket
from datetime import timedelta
from pathlib import Path

from mailroom.config import OcrSettings

LETTER_LEASE = timedelta(minutes=5)
"""How long a letter that is being handed over is held."""
_START_FIELD = 19
"""Of /proc/<pid>/stat behind the command's name: clock ticks from the machine's start to its own (proc(5), 22)."""


def item_lease(ocr: OcrSettings) -> timedelta:
    """How long an item is held: as long as the longest letter may be read."""
    return timedelta(seconds=ocr.letter_seconds + ocr.max_pages * ocr.page_seconds)


def this_process() -> str:
    """The name under which this process claims: `host/pid/start`."""
    return f"{socket.gethostname()}/{os.getpid()}/{_start_of(os.getpid())}"


def may_live(owner: str) -> bool:
    """Whether the process of this name may still be at work: one of another machine may, one of ours is asked."""
    host, _, process = owner.partition("/")
    pid, _, start = process.partition("/")
    if host != socket.gethostname():
        return True
    if int(pid) == os.getpid():
        return owner == this_process()  # else a predecessor of our number, as in a container
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another user's
    return not start or _start_of(int(pid)) in ("", start)


def _start_of(pid: int) -> str:
    """Empty where the kernel does not tell."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    return told.rpartition(")")[2].split()[_START_FIELD]
