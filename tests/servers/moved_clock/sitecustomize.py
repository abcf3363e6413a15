"""Loaded by Python itself when this folder is on PYTHONPATH: the clock of the process follows a file (see clock.py)."""

import os
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

_LOOK_SECONDS = 0.05


def _moved(seconds: str) -> datetime:
    return datetime.fromtimestamp(time_machine.escape_hatch.time.time(), UTC) + timedelta(seconds=float(seconds))


_file = Path(os.environ["MOVED_CLOCK"])
_said = _file.read_text()
_clock = time_machine.travel(_moved(_said), tick=True).start()


def _follow(said: str) -> None:
    while True:
        now = _file.read_text()
        if now != said:
            said = now
            _clock.move_to(_moved(said))
        time.sleep(_LOOK_SECONDS)


threading.Thread(target=_follow, args=(_said,), daemon=True, name="moved-clock").start()
