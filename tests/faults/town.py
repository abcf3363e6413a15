"""A town whose lines, disk, clock and servers can be broken while letters come in, and what is counted afterwards."""

import re
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from imapclient.exceptions import IMAPClientError

from mailroom.config import load_settings
from mailroom.export import export_items
from mailroom.office import Office, open_office
from tests.journeys.town import COMMAND, Town, citizen_mail, wait_until
from tests.servers.clock import Clock
from tests.servers.disk import SmallDisk
from tests.servers.dovecot import Dovecot
from tests.servers.postgres import Postgres
from tests.servers.share import Share
from tests.servers.smtp import SmtpServer
from tests.servers.wire import Wire

FOLDER = "Деловодство"
"""The folder that is watched: one that colleagues can rename, as they cannot INBOX."""
SCAN = "До кмета на Община Примерово\n\nСИГНАЛ № {n}\n\nМоля да отстраните боклука пред блока.\n\n" \
       "Иван Стоянов Колев\nгр. Примерово, ул. Роза № {n}"
UNDERWAY = {"queued", "sending"}


class Counts(NamedTuple):
    """What must be 0, whatever has happened."""

    lost: int
    """Letters that were delivered and are in no item."""
    twice: int
    """Letters that are in more than one."""
    gaps: int
    """Numbers of a year's series that are missing, or given twice."""
    acknowledgements: int
    """Letters of which the citizen's server took more than one acknowledgement."""


@dataclass(frozen=True, kw_only=True)
class Around:
    """What stands around the town, and what is special about it."""

    dovecot: Dovecot
    smtp: SmtpServer
    wire: Wire
    """Between the town and its mailbox."""
    disk: SmallDisk | None = None
    clock: Clock | None = None
    share: Share | None = None
    """With the scanner's folder."""
    postgres: Postgres | None = None
    database_url: str = ""


class FaultyTown(Town):
    """One mailbox, one scanner, short patience; knows what was delivered and can tell what became of it."""

    def __init__(self, folder: Path, around: Around, moments: Random) -> None:
        self.around, self.moments = around, moments
        self.disk, self.clock, self.share = around.disk, around.clock, around.share
        self._mails = self._scans = 0
        self._poison = 0
        super().__init__(folder, around.dovecot, around.smtp, (f"{folder.name}@example.bg",),
                         within=_within(around), here=around.disk.here if around.disk else None)
        if around.share:
            self.scans = around.share.folder

    def _configuration(self, smtp: SmtpServer) -> str:
        address, = self.mailboxes
        database = f'database_url = "{self.around.database_url}"' if self.around.database_url else ""
        return f"""
charter = "primerovo"
{database}
[[mailboxes]]
name = "{address}"
host = "127.0.0.1"
port = {self.around.wire.port}
security = "none"
user = "{address}"
password_secret = "imap"
folder = "{FOLDER}"
poll_seconds = 0.5
idle_seconds = 4
timeout_seconds = 2

[[scan_folders]]
name = "scanner"
path = "{self.share.mount if self.share else 'scans'}"
polling = {'true' if self.share else 'false'}
stable_seconds = 0.3
poll_seconds = 0.5

[smtp]
host = "{smtp.host}"
port = {smtp.port}
security = "none"
timeout_seconds = 2

[outgoing]
breaker_per_hour = 100000

[ocr]
workers = 1

[web]
port = 0
public_port = 0
secure_cookies = false
"""

    # -- what comes in -------------------------------------------------------------------------------------------

    @property
    def address(self) -> str:
        """Of the one mailbox."""
        return self.mailboxes[0]

    def mail_comes(self, count: int, *, seconds: float = 0) -> None:
        """So many citizens write, one after the other, within about so many seconds."""
        for _ in range(count):
            self._mails += 1
            self._into_the_mailbox(citizen_mail(self._mails).as_bytes())
            time.sleep(self.moments.uniform(0, 2 * seconds / count))

    def poison_comes(self, content: bytes) -> bytes:
        """Something that is a letter only by its place in the mailbox; as it lies there, like no other."""
        self._poison += 1
        poison = content + b"\r\n%d\r\n" % self._poison
        self._into_the_mailbox(poison)
        return poison

    def scan_comes(self) -> None:
        """The scanner writes a page."""
        self._scans += 1
        self.scan(f"scan-{self._scans}.pdf", SCAN.format(n=self._scans))

    def next_scan(self) -> tuple[str, str]:
        """Name and text of a scan that somebody else writes in his own way."""
        self._scans += 1
        return f"scan-{self._scans}.pdf", SCAN.format(n=self._scans)

    def _into_the_mailbox(self, content: bytes) -> None:
        """The sending server tries until the mailbox takes it."""
        while True:
            try:
                self.around.dovecot.deliver(self.address, content, folder=FOLDER)
                return
            except (OSError, IMAPClientError):
                time.sleep(0.2)

    def pause(self, shortest: float, longest: float) -> None:
        """Some time between the two."""
        time.sleep(self.moments.uniform(shortest, longest))

    # -- who works on it -----------------------------------------------------------------------------------------

    def lives(self) -> bool:
        """Whether the service has not ended."""
        return self._process is not None and self._process.poll() is None

    def with_a_second(self, part: str, *, scans: int = 0) -> None:
        """A second service, or a part of it, runs beside the first while letters come in, and then ends somehow."""
        log = self.folder.parent / f"{self.folder.name}-second.log"
        with log.open("wb") as said:
            second = subprocess.Popen([*self._within, COMMAND, part], env=self._environment, stdin=subprocess.DEVNULL,
                                      stdout=said, stderr=said)
        try:
            wait_until(lambda: b'"started"' in log.read_bytes(), 120)
            for _ in range(scans):
                self.scan_comes()
            self.mail_comes(4, seconds=1)
            self.pause(0, 4 if scans else 1)
            assert second.poll() is None, log.read_text()
            if scans or self.moments.random() < 0.5:
                second.kill()
            else:
                second.terminate()
            second.wait(60)
        finally:
            second.kill()
            second.wait()

    # -- what became of it ---------------------------------------------------------------------------------------

    @cached_property
    def _office(self) -> Office:
        """A second look at the register, from outside of whatever the town lives in."""
        return open_office(load_settings(self.here / "mailroom.toml"), letters=False)

    def items(self) -> list[dict[str, Any]]:
        """What `mailroom export` prints, without its start each time where we see the register ourselves."""
        return super().items() if self.disk else list(export_items(self._office))

    def close(self) -> None:
        """End the service however it is, and our own look at its register."""
        super().close()
        if "_office" in vars(self):
            self._office.close()

    def through(self) -> bool:
        """Whether every letter has its number and its acknowledgement has left, or lies before a person."""
        items = self.items()
        done = [item for item in items if item["registration_number"] or item["status"] == "not_correspondence"]
        underway = [letter for item in items for letter in item["letters"]
                    if letter["channel"] == "email" and letter["status"] in UNDERWAY]
        return not underway and len(done) == len(items) >= self._mails + self._scans + self._poison

    def counts(self) -> Counts:
        """Of everything since the town was founded."""
        items = self.items()
        found = Counter(name for item in items for name in [_name(item)] if name)
        sent = [f"mail {number}" for number in range(1, self._mails + 1)]
        sent += [f"scan-{number}.pdf" for number in range(1, self._scans + 1)]
        poison = sum(_name(item) is None for item in items)
        written = Counter(to for one in self.around.smtp.received for to in one.recipients)
        return Counts(
            lost=sum(not found[name] for name in sent) + max(0, self._poison - poison),
            twice=sum(found[name] > 1 for name in sent) + max(0, poison - self._poison),
            gaps=_gaps(items),
            acknowledgements=sum(times > 1 for to, times in written.items() if to.startswith("citizen")))

    def log(self) -> str:
        """The end of what the service said."""
        return (self.folder.parent / f"{self.folder.name}.log").read_text("utf-8", "replace")[-6000:]


def _name(item: dict[str, Any]) -> str | None:
    """Which of our letters an item is; null for poison."""
    if item["channel"] == "paper":
        return str(item["source"]["file"])
    number = re.fullmatch(r"Сигнал за дупка (\d+)", item["subject"] or "")
    return f"mail {number[1]}" if number else None


def _gaps(items: list[dict[str, Any]]) -> int:
    years: dict[str, list[int]] = {}
    for item in items:
        if item["registration_number"]:
            years.setdefault(item["registered_at"][:4], []).append(int(item["case_number"].rsplit("-", 1)[1]))
    return sum(len(set(range(1, len(numbers) + 1)).symmetric_difference(numbers)) for numbers in years.values())


def _within(around: Around) -> Sequence[str]:
    if around.disk:
        return around.disk.within
    return around.clock.within if around.clock else ()


def lock_register(folder: Path) -> sqlite3.Connection:
    """Somebody's database tool holds the register for itself; closing the connection lets it go."""
    tool = sqlite3.connect(folder / "register.db", isolation_level=None, timeout=60, check_same_thread=False)
    tool.execute("BEGIN EXCLUSIVE")
    return tool
