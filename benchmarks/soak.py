"""A day of a small town, replayed quickly: whether memory and open files stay as they were, and nothing is left to do.

    .venv/bin/python -m benchmarks.soak [--hours 24] [--speed 60] [--mails 240] [--scans 60]

The real service as its own process between a real Dovecot, a real SMTP server and a folder into which a scanner
writes. Mails and scans come as they do in a day, most of them in the morning; among the mails newsletters, automatic
replies and letters that come twice; a clerk looks at the queue and searches it. 24 hours at 60 times speed
take 24 minutes, at 24 times an hour. Fewer hours are the first of the office's day, from eight in the morning.

Memory is what the processes hold alone and their shares of what they hold together (PSS), sampled every few seconds.
"""

import argparse
import contextlib
import http.client
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from benchmarks.intake import MAILBOX, Register, ask, free_ports
from benchmarks.mail import mail_of
from benchmarks.pages import a4_page
from benchmarks.processes import Processes
from benchmarks.row import Row
from mailroom.config import Settings
from mailroom.model.access import Stage
from mailroom.model.staff import Role, Staff
from mailroom.office import open_office
from mailroom.web.visit import digest_of
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer
from tests.understanding.test_letters import CASES

MAILS, SCANS = 240, 60
"""Of a whole day: a town of some thirty thousand."""
BY_HOUR = (14, 12, 10, 7, 8, 7, 7, 6, 4, 3, 3, 2, 2, 2, 1, 1, 1, 0, 0, 0, 1, 1, 3, 5)
"""In which parts of a hundred mail comes, from eight in the morning on."""
SAMPLE_SECONDS = 4.0
LAST_SECONDS = 300
"""So long the service has after the last letter."""
TOKEN = "soak"
START_SECONDS = 60.0
LEFT = """SELECT (SELECT count(*) FROM item WHERE step <> 'settled')
    + (SELECT count(*) FROM outgoing WHERE status IN ('queued', 'sending') AND channel = 'email')"""


class Sample(NamedTuple):
    """The service at one moment."""

    memory: int
    descriptors: int
    threads: int


class Day(NamedTuple):
    """How it went."""

    files: int
    """That came."""
    items: int
    acknowledged: int
    left: int
    """Steps and letters that were still to be done when patience ended."""
    samples: list[Sample]


def main() -> None:
    """Live through the day and tell; ends with 1 when something was left to do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--speed", type=float, default=60)
    parser.add_argument("--mails", type=int, default=MAILS)
    parser.add_argument("--scans", type=int, default=SCANS)
    asked = parser.parse_args()
    day = live_through(asked.hours, asked.speed, asked.mails, asked.scans)
    for row in told(day, asked.hours, asked.speed):
        print(row)
    sys.exit(1 if day.left else 0)


def rows(hours: float, speed: float) -> list[Row]:
    """For the table."""
    return told(live_through(hours, speed, MAILS, SCANS), hours, speed)


def told(day: Day, hours: float, speed: float) -> list[Row]:
    """Memory and descriptors when everything was warm and at the end, and what was left."""
    quarter = max(1, len(day.samples) // 4)
    early, late = day.samples[quarter:2 * quarter] or day.samples, day.samples[-quarter:]

    def medians(name: str) -> tuple[float, float]:
        before, after = (statistics.median(getattr(sample, name) for sample in part) for part in (early, late))
        return before, after

    before, after = medians("memory")
    return [
        Row(f"{hours:g} hours of a small town at {speed:g} times speed: memory",
            f"{before / 2**20:.0f} MB, at the end {after / 2**20:.0f} MB ({after / before - 1:+.1%})", "flat"),
        Row("  open descriptors", "{:.0f}, at the end {:.0f}".format(*medians("descriptors")), "none leaked"),
        Row("  threads", "{:.0f}, at the end {:.0f}".format(*medians("threads"))),
        Row("  files that came, items, acknowledgements handed over, left to do",
            f"{day.files}, {day.items}, {day.acknowledged}, {day.left}", "0 left")]


def live_through(hours: float, speed: float, mails: int, scans: int) -> Day:
    """The day."""
    with tempfile.TemporaryDirectory() as name, SmtpServer() as smtp, Dovecot(Authority(Path(name))) as dovecot:
        town = Register(Path(name) / "town", dovecot, smtp, ports=free_ports())
        let_clerk_in(town.folder)
        town.start()
        try:
            service = Service(town)
            service.until_up()
            start, post = time.monotonic(), Post(town, dovecot)
            comings = sorted(comes_at(hours, mails, scans), key=lambda coming: coming[0])
            for after, kind in comings:
                service.until(start + after / speed)
                post.bring(kind)
            service.until(start + 3600 * hours / speed)
            left = service.until_done()
            town.stop()
            items = int(ask(town.database, "SELECT count(*) FROM item")[0][0])
            return Day(len(comings), items, len(smtp.received), left, service.samples)
        finally:
            town.close()


# ---- what comes -----------------------------------------------------------------------------------------------------


def comes_at(hours: float, mails: int, scans: int) -> Iterator[tuple[float, str]]:
    """Seconds after eight in the morning, and what comes then; scans in the office's first hours."""
    chosen = random.Random(8)
    for kind, count, weights in (("mail", mails, BY_HOUR), ("scan", scans, BY_HOUR[:8])):
        for hour in chosen.choices(range(len(weights)), weights=weights, k=count):
            after = 3600 * (hour + chosen.random())
            if after < 3600 * hours:
                yield after, kind if kind == "scan" else chosen.choices(KINDS, weights=(82, 7, 5, 6))[0]


KINDS = ("letter", "newsletter", "automatic", "again")


class Post:
    """Brings what comes."""

    def __init__(self, town: Register, dovecot: Dovecot) -> None:
        self._town, self._dovecot = town, dovecot
        self._cases = cycle([case for case in CASES if case.sender and not case.form])
        self._count = 0
        self._last = b""

    def bring(self, kind: str) -> None:
        """One mail or scan."""
        self._count += 1
        if kind == "scan":
            self._town.scan_file(f"scan-{self._count}.pdf", a4_page(self._count))
            return
        mail = self._last if kind == "again" and self._last else self._mail(kind)
        with self._dovecot.mailbox(MAILBOX, None) as client:
            client.append("INBOX", mail)
        self._last = mail

    def _mail(self, kind: str) -> bytes:
        name = f"{kind}.{self._count}@mail.example"
        mark = {"newsletter": "List-Unsubscribe: <https://shop.example/leave>\nPrecedence: bulk\n",
                "automatic": "Auto-Submitted: auto-replied\n"}.get(kind, "")
        return f"Message-ID: <{name}>\n{mark}".encode() + mail_of(next(self._cases), self._count, name)


# ---- the service ----------------------------------------------------------------------------------------------------


def let_clerk_in(folder: Path) -> None:
    """A log-in of a clerk, for the pages."""
    office = open_office(Settings(charter="primerovo", data_dir=folder))
    with office.store.transaction() as register:
        register.people.add(Staff(login="clerk", name="Мария Колева", role=Role.CLERK, officer_id="koleva"), "-")
        register.sessions.start("clerk", digest_of(TOKEN), "-", stage=Stage.OPEN, now=office.now(),
                                ends_at=office.now() + timedelta(days=1), address="127.0.0.1", agent="benchmark")
    office.close()


class Service:
    """The running service, looked at from outside."""

    def __init__(self, town: Register) -> None:
        self._town = town
        self._processes = Processes(town.pid)
        self._sample_at = 0.0
        self.samples: list[Sample] = []

    def until_up(self) -> None:
        """Wait until the pages answer."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(ConnectionRefusedError):
                self._look_at_pages()
                return
            time.sleep(0.2)
        raise TimeoutError(f"the service does not answer within {START_SECONDS:.0f} s")

    def until(self, moment: float) -> None:
        """Wait until a moment of the monotonic clock; meanwhile a clerk looks at pages."""
        while (left := moment - time.monotonic()) > 0:
            if time.monotonic() >= self._sample_at:
                self._sample_at = time.monotonic() + SAMPLE_SECONDS
                self._look_at_pages()
                self.samples.append(Sample(self._processes.memory(), self._processes.descriptors(),
                                           self._processes.threads()))
            time.sleep(min(left, 0.5))

    def until_done(self) -> int:
        """Wait until nothing is left to do; how much was left when patience ended."""
        end = time.monotonic() + LAST_SECONDS
        while (left := self._left()) and time.monotonic() < end:
            self.until(time.monotonic() + 1)
        self.until(time.monotonic() + 3 * SAMPLE_SECONDS)
        return left

    def _left(self) -> int:
        return int(ask(self._town.database, LEFT)[0][0])

    def _look_at_pages(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._town.ports[0], timeout=30)
        for path in ("/queue?view=open", "/queue?view=all&q=дупка"):
            connection.request("GET", quote(path, safe="/?=&"), headers={"Cookie": f"mailroom={TOKEN}"})
            answer = connection.getresponse()
            assert answer.read() and answer.status == 200, (path, answer.status)
        connection.close()


if __name__ == "__main__":
    main()
