"""Notices that the machine's clock was set back: what was put off by the wrong time would wait for as long."""

import time
from datetime import datetime, timedelta

import structlog

from mailroom.engine.attempt import LONGEST_PAUSE
from mailroom.store.store import Register

log = structlog.get_logger()

_BACK = timedelta(minutes=1)
"""Less is the ordinary work of NTP."""


class ClockWatch:
    """Compares the clock with the time that has really passed (CLOCK_MONOTONIC, which nobody sets)."""

    def __init__(self, now: datetime) -> None:
        self._latest = now - _passed()
        """When the machine started, by the clock as it was furthest ahead."""

    def set_back_by(self, now: datetime) -> timedelta:
        """How far the clock was set back since it was asked for last; zero when it was not."""
        started = now - _passed()
        back = self._latest - started
        self._latest = started
        return back if back > _BACK else timedelta()


def _passed() -> timedelta:
    return timedelta(seconds=time.monotonic())


def put_forward(register: Register, now: datetime, back: timedelta) -> None:
    """What was put off while the clock was so far ahead is tried in its time again: later attempts, and letters that
    wait for a person's second thought."""
    moved = register.items.put_forward(now + LONGEST_PAUSE) + register.outbox.put_forward(now, back)
    log.warning("clock_set_back", seconds=int(back.total_seconds()), put_forward=moved)
