"""The office of a data directory, for the commands that need one."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from mailroom.cli.common import settings_of
from mailroom.config import Settings
from mailroom.engine.distributed import attach
from mailroom.errors import Unreachable
from mailroom.office import Office, open_office
from mailroom.sources.source import BackOff

_LONGEST_WAIT_SECONDS = 10

log = structlog.get_logger()


@contextmanager
def office_of(data: Path | None, *, charter: str | None = None, letters: bool = True,
              patient: bool = False) -> Iterator[Office]:
    """The office of the data directory, closed afterwards. `patient`: wait for a database that starts later than we."""
    settings = settings_of(data, charter)
    office = (_open_patiently if patient else open_office)(settings, letters=letters)
    try:
        attach(office)
        yield office
    finally:
        office.close()


def _open_patiently(settings: Settings, *, letters: bool) -> Office:
    back_off = BackOff(_LONGEST_WAIT_SECONDS)
    while True:
        try:
            return open_office(settings, letters=letters)
        except Unreachable as error:
            log.warning("database_awaited", trouble=str(error))
            time.sleep(back_off.seconds())
