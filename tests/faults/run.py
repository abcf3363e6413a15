"""One fault, so many times at random moments, in a town that goes on living."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from tests.faults.faults import Fault, Place, Strike
from tests.faults.town import Around, Counts, FaultyTown
from tests.journeys.town import wait_until
from tests.servers.clock import Clock
from tests.servers.disk import SmallDisk
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.share import Share
from tests.servers.smtp import SmtpServer
from tests.servers.wire import Wire

MAILS = 6
"""That come in around each blow."""
SECONDS = 1.5
"""In which they come; the blow falls somewhere within."""
START_SECONDS = 120
"""For the first letter of a new town, on however busy a machine."""
HEAD = "| fault | times | letters | lost | twice | gaps | acknowledgements more than one | all through within |\n" \
       "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
NOTHING = Counts(0, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of it."""

    fault: str
    times: int
    letters: int
    counts: Counts
    longest: float
    """Seconds from the mending until everything was through, the longest time."""

    def line(self) -> str:
        """A row of the table in docs/FAULTS.md."""
        return f"| {self.fault} | {self.times} | {self.letters} | {' | '.join(map(str, self.counts))} " \
               f"| {self.longest:.1f} s |"


@contextmanager
def living_town(name: str, place: Place, folder: Path, dovecot: Dovecot, smtp: SmtpServer,
                moments: Random) -> Iterator[FaultyTown]:
    """The town in which the fault will strike, its service running."""
    home = folder / f"{name}-{moments.randrange(1 << 40):x}"
    with ExitStack() as stack:
        around = _around(place, home, dovecot, smtp, stack)
        town = FaultyTown(home, around, moments)
        stack.callback(town.close)
        town.mail_comes(1)
        town.start()
        wait_until(town.through, START_SECONDS)
        yield town


def _around(place: Place, home: Path, dovecot: Dovecot, smtp: SmtpServer, stack: ExitStack) -> Around:
    """What a town of this place needs; ended with the stack."""
    around = Around(dovecot=dovecot, smtp=smtp, wire=stack.enter_context(Wire(dovecot.plain_port)))
    match place:
        case Place.ORDINARY:
            return around
        case Place.SMALL_DISK:
            return replace(around, disk=stack.enter_context(SmallDisk(home, megabytes=40)))
        case Place.OWN_CLOCK:
            return replace(around, clock=Clock(home.with_suffix(".clock")))
        case Place.SHARE:
            beside = home.with_suffix(".share")
            return replace(around, share=stack.enter_context(Share(beside / "server", beside / "mount")))
        case Place.POSTGRESQL:
            postgres = stack.enter_context(Postgres())
            return replace(around, postgres=postgres, database_url=postgres.url("register"))


def strike(town: FaultyTown, *blows: Strike, seconds: float = 60) -> float:
    """Once, while letters come in; how long it took afterwards until everything was through. Several blows fall side by
    side."""
    post = threading.Thread(target=town.mail_comes, args=(MAILS,), kwargs={"seconds": SECONDS})
    post.start()
    town.pause(0, SECONDS)
    with ThreadPoolExecutor(len(blows)) as threads:
        for falling in [threads.submit(blow, town) for blow in blows]:
            falling.result()
    post.join()
    mended = time.monotonic()
    wait_until(town.through, seconds)
    return time.monotonic() - mended


def endure(fault: Fault, town: FaultyTown, *, times: int) -> Outcome:
    """So many times; fails at the first time at which anything is lost, doubled or late."""
    longest, counts, before = 0.0, NOTHING, len(town.items())
    for number in range(1, times + 1):
        try:
            longest = max(longest, strike(town, fault.strike, seconds=fault.seconds))
            counts = town.counts()
            assert counts == NOTHING
        except AssertionError as failure:
            raise AssertionError(f"{fault.name}, time {number}: {failure}; {town.counts()}\n{town.log()}") from failure
    return Outcome(fault=fault.name, times=times, letters=len(town.items()) - before, counts=counts, longest=longest)


def end_well(town: FaultyTown) -> None:
    """The service ends when told to, and the register is proved."""
    town.stop()
    assert "ok" in town.run("verify")
