"""From the mail server to the register: messages a second, beside a bare loop over the same messages.

    .venv/bin/python -m benchmarks.intake [--mails N] [--items 1000 100000] [--registers DIRECTORY]

The real service as its own process between a real Dovecot (IMAP over TLS) and a real SMTP server; SQLite with
synchronous=FULL, every original synced. The mails (letters of the tests, each of another citizen, in the charsets of
Bulgarian mail programs) lie in the mailbox before the service starts.

bare       a loop that fetches each message, parses it with mail-parser, writes it to a file and syncs file and folder
received   bytes synced and arrival committed, by `mailroom watch` alone, and by `mailroom run` beside everything else
registered the number given (or set aside as no correspondence), while `mailroom run` also receives and answers

Registered means that the number is given and committed; the acknowledgement follows in a lane of its own (how long a
citizen waits for it: benchmarks/first_answer.py). All times are those that the service itself noted, from the first to
the last. With several `--items` the same mails come into registers that already hold so many (benchmarks/many.py);
`--registers` keeps those, because a million letters take half an hour to make.
"""

import argparse
import os
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

import mailparser
from imapclient import IMAPClient

from benchmarks.mail import mail_of
from benchmarks.many import fill, open_town
from benchmarks.processes import Processes
from benchmarks.row import Row
from tests.journeys.town import Town
from tests.servers.authority import Authority
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtp import SmtpServer
from tests.understanding.test_letters import CASES

MAILBOX = "center@primerovo.example.bg"
ROUND_SECONDS = 600
"""After so long a round has failed."""
QUIET, QUIET_FOR = 6.0, 40
"""Less of the processor in so many seconds, in which it is looked once what is due, and nothing is being done."""


class Register(Town):
    """A town whose register may lie elsewhere and hold letters already, and whose pages have ports that we know."""

    def __init__(self, folder: Path, dovecot: Dovecot, smtp: SmtpServer, database: Path | None = None,
                 ports: tuple[int, int] = (0, 0)) -> None:
        """ports: of the staff's and of the citizens' pages; 0 for any."""
        self._database, self.ports = database, ports
        super().__init__(folder, dovecot, smtp, (MAILBOX,))
        if database:  # by its mark the folder of originals is known to be this register's
            shutil.rmtree(self.folder / "originals", ignore_errors=True)
            (self.folder / "originals").symlink_to(database.parent / "originals")

    def _configuration(self, smtp: SmtpServer) -> str:
        told = f'database_url = "sqlite:///{self._database}"\n' if self._database else ""
        pages = super()._configuration(smtp).replace("\nport = 0\npublic_port = 0\n",
                                                     "\nport = {}\npublic_port = {}\n".format(*self.ports))
        return told + pages

    @property
    def database(self) -> Path:
        """The register's file."""
        return self._database or self.folder / "register.db"


class Pace(NamedTuple):
    """How quickly something went."""

    a_second: float
    """Messages, by the clock, from the first to the last."""
    cpu: float
    """Milliseconds of processor time a message, of all processes that belong to it."""
    main: float
    """The same of the service's main process alone, where one thread runs at a time."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--items", type=int, nargs="*", default=[])
    parser.add_argument("--registers", type=Path)
    parser.add_argument("--bare", nargs=4, metavar=("HOST", "PORT", "CA", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.bare:
        host, port, ca_file, folder = asked.bare
        bare_loop(host, int(port), ca_file, Path(folder))
        return
    for row in rows(asked.mails, asked.items, asked.registers):
        print(row, flush=True)


def rows(mails: int, items: Sequence[int], registers: Path | None = None) -> Iterator[Row]:
    """The ways one after the other, then the registers of different sizes."""
    with tempfile.TemporaryDirectory() as name, SmtpServer() as smtp, Dovecot(Authority(Path(name))) as dovecot:
        folder = Path(name)
        preload(dovecot, own_mails(mails))
        bare = by_bare_loop(dovecot, folder / "bare", mails)
        yield Row("mail by a bare loop: fetch, parse, sync to disk", _told(bare))
        received = by_watch(Register(folder / "watch", dovecot, smtp), mails)
        yield Row("received by `mailroom watch`",
               f"{_told(received)}, {received.a_second / bare.a_second:.2f} of bare", "0.5 of bare")
        received, registered = by_run(Register(folder / "run", dovecot, smtp), mails)
        yield Row("received by `mailroom run`, beside its other work",
               f"{_told(received)}, {received.a_second / bare.a_second:.2f} of bare", "0.5 of bare")
        yield Row("registered by `mailroom run`", _told(registered), "50 a second")
    first: Pace | None = None
    for count in items:
        pace = with_items(count, mails, registers)
        first = first or pace
        yield Row(f"registered by `mailroom run` with {count:,} items",
               f"{_told(pace)}, {pace.a_second / first.a_second:.2f} of the first, CPU {pace.cpu / first.cpu:.2f}",
               "0.90 of the first")


def _told(pace: Pace) -> str:
    return f"{pace.a_second:.0f} a second, {pace.cpu:.1f} ms ({pace.main:.1f} main process)"


# ---- the mails ------------------------------------------------------------------------------------------------------


def own_mails(count: int) -> Iterator[bytes]:
    """Letters of as many citizens; no two equal, and none that an earlier run has sent."""
    cases = [case for case in CASES if case.sender and not case.form]
    run = uuid.uuid4().hex[:8]
    for number, case in islice(enumerate(cycle(cases)), count):
        name = f"{run}.{number}@mail.example"
        yield f"Message-ID: <{name}>\n".encode() + mail_of(case, number, f"citizen.{name}")


def preload(dovecot: Dovecot, mails: Iterator[bytes]) -> None:
    """Put them into the mailbox on one connection."""
    with dovecot.mailbox(MAILBOX) as client:
        for mail in mails:
            client.append("INBOX", mail)


# ---- the ways -------------------------------------------------------------------------------------------------------


def by_bare_loop(dovecot: Dovecot, folder: Path, mails: int) -> Pace:
    """The least that somebody would write, in a process of its own."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.intake", "--bare", dovecot.host, str(dovecot.tls_port),
         str(dovecot.ca_file), str(folder)], check=True, capture_output=True, text=True)
    seconds, cpu = map(float, done.stdout.split())
    assert len(list(folder.iterdir())) == mails
    return Pace(mails / seconds, 1000 * cpu / mails, 1000 * cpu / mails)


def bare_loop(host: str, port: int, ca_file: str, folder: Path) -> None:
    """Fetch, parse, sync, one message after the other; prints seconds by the clock and of the processor."""
    with IMAPClient(host, port, ssl_context=ssl.create_default_context(cafile=ca_file)) as client:
        client.plain_login(MAILBOX, PASSWORD)
        client.select_folder("INBOX", readonly=True)
        directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        start, cpu = time.monotonic(), time.process_time()
        for uid in client.search("ALL"):
            content = client.fetch([uid], ["BODY.PEEK[]", "INTERNALDATE"])[uid][b"BODY[]"]
            mailparser.parse_from_bytes(content)
            with (folder / f"{uid}.eml").open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.fsync(directory)
        print(time.monotonic() - start, time.process_time() - cpu)


def by_watch(town: Register, mails: int) -> Pace:
    """`mailroom watch`: receives and does nothing else."""
    with _service(town, "watch") as processes:
        cpu = _cpu_of(processes, town, _RECEIVED, mails)
    return Pace(_pace(town, _ARRIVED_AT, mails), *cpu)


def by_run(town: Register, mails: int) -> tuple[Pace, Pace]:
    """`mailroom run`: received, and registered or set aside. Processor time counts all of it in both."""
    with _service(town, "run") as processes:
        cpu = _cpu_of(processes, town, _SETTLED, mails)
    return Pace(_pace(town, _ARRIVED_AT, mails), *cpu), Pace(_pace(town, _DONE_AT, mails), *cpu)


def _cpu_of(processes: Processes, town: Register, question: str, mails: int) -> tuple[float, float]:
    """Milliseconds a message until so many more are done, of all processes and of the main one; what the start of the
    service takes is left out."""
    begun = _count(town, question)
    first = _wait(town, question, begun + 1)
    all_before, main_before = processes.cpu_seconds(), processes.own_cpu_seconds()
    last = _wait(town, question, begun + mails)
    each = 1000 / (last - first)
    return each * (processes.cpu_seconds() - all_before), each * (processes.own_cpu_seconds() - main_before)


def with_items(count: int, mails: int, registers: Path | None) -> Pace:
    """How quickly mails are registered where there are so many letters already."""
    with tempfile.TemporaryDirectory() as name, SmtpServer() as smtp, Dovecot(Authority(Path(name))) as dovecot:
        directory = (registers or Path(name)).resolve() / f"sqlite-{count}"
        if not directory.exists():
            office = open_town(directory)
            fill(office, count)
            office.close()
        do_the_days_work(Register(Path(name) / "before", dovecot, smtp, directory / "register.db"))
        preload(dovecot, own_mails(mails))
        return by_run(Register(Path(name) / "town", dovecot, smtp, directory / "register.db"), mails)[1]


def do_the_days_work(town: Register) -> None:
    """What a service does once a day with so many letters (figures, reminders, learning) is not what is measured."""
    with _service(town, "run") as processes:
        used = QUIET
        while used >= QUIET:
            before = processes.cpu_seconds()
            time.sleep(QUIET_FOR)
            used = processes.cpu_seconds() - before


_RECEIVED = "SELECT count(*) FROM arrival"
_SETTLED = "SELECT count(*) FROM item WHERE step = 'settled'"
_ARRIVED_AT = "SELECT at FROM history WHERE what = 'arrived' ORDER BY sequence DESC LIMIT ?"
_DONE_AT = "SELECT at FROM history WHERE what IN ('registered', 'set_aside') ORDER BY sequence DESC LIMIT ?"


@contextmanager
def _service(town: Register, command: str) -> Iterator[Processes]:
    town.start(command)
    try:
        yield Processes(town.pid)
        town.stop()
    finally:
        town.close()


def _wait(town: Register, question: str, wanted: int) -> int:
    """Until the answer is so much; how much it is then."""
    end = time.monotonic() + ROUND_SECONDS
    while (count := _count(town, question)) < wanted:
        if time.monotonic() > end:
            raise TimeoutError(f"{count} of {wanted} after {ROUND_SECONDS} s")
        time.sleep(0.1)
    return count


def _count(town: Register, question: str) -> int:
    return int(ask(town.database, question)[0][0])


def _pace(town: Register, question: str, mails: int) -> float:
    """Of the last so many lines of the history, by their own times."""
    moments = [datetime.fromisoformat(at) for (at,) in ask(town.database, question, mails)]
    return (len(moments) - 1) / (max(moments) - min(moments)).total_seconds()


def ask(database: Path, question: str, *values: int) -> list[tuple[Any, ...]]:
    """Look into the register beside the service, for reading only."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    try:
        return connection.execute(question, values).fetchall()
    finally:
        connection.close()


def free_ports() -> tuple[int, int]:
    """Two that nobody listens on."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])


if __name__ == "__main__":
    main()
