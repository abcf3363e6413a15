"""One worker process and two on one PostgreSQL register: pages read a minute, and mails registered a second.

    .venv/bin/python -m benchmarks.distributed [--pages N] [--mails N] [--rounds N] [--long]

Each worker is `mailroom work` with one reading process (Tesseract with OMP_THREAD_LIMIT=1, one page at a time), as on
machines of one core each. Scans of one A4 page (benchmarks/pages.py) and mails of as many citizens are taken in first,
so that every job waits; then the workers are started. Counted is from the second letter of each worker until nothing is
left for one of them, as the history has it, so that the workers' start and the last letter count for nothing.
The processor time is that of the workers with all that they have started; the database's own comes on top and shares
their cores.

Asked for: two workers at least 1.8 times one, on scans. Some four minutes; `--long`, with 60 pages and three rounds,
half an hour.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine, create_engine, text

from benchmarks.intake import own_mails
from benchmarks.pages import a4_page
from benchmarks.processes import Processes
from mailroom import journey
from mailroom.config import Settings
from mailroom.engine.distributed import attach
from mailroom.model.arrival import Channel, Incoming
from mailroom.office import open_office, utc_now
from tests.servers.postgres import Postgres

COMMAND = Path(sys.executable).parent / "mailroom"
CONFIGURATION = """charter = "primerovo"
database_url = "{url}"
[ocr]
workers = 1
"""
DONE = "SELECT count(*), max(at) FROM history WHERE what IN ('registered', 'set_aside')"
LOOK_SECONDS = 1.0
"""Seldom: who asks takes from the same two cores; when a letter was done, the history says."""
LONGEST = 3600
"""Seconds after which a run has failed."""


class Pace(NamedTuple):
    """How quickly something went."""

    a_minute: float
    """Letters, by the clock."""
    cpu: float
    """Seconds of processor time a letter, in the workers."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--mails", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--long", action="store_true", help="60 pages, 1,000 mails, three rounds")
    asked = parser.parse_args()
    pages, mails, rounds = (60, 1000, 3) if asked.long else (asked.pages, asked.mails, asked.rounds)
    with Postgres() as server:
        for what, letters in (("scans", list(scans(pages))), ("mails", list(post(mails)))):
            found = [[measured(server, letters, workers) for workers in (1, 2)] for _ in range(rounds)]
            for line in told(what, found):
                print(line, flush=True)


def told(what: str, rounds: Sequence[Sequence[Pace]]) -> Iterator[str]:
    """The figures of both, and how many times as quick two are."""
    for position, workers in enumerate(("one worker", "two workers")):
        paces = [paces[position] for paces in rounds]
        yield (f"{what}, {workers}: {statistics.median(pace.a_minute for pace in paces):.1f} a minute, "
               f"{statistics.median(pace.cpu for pace in paces):.2f} s of processor time each")
    times = [two.a_minute / one.a_minute for one, two in rounds]
    wanted = " (asked for: 1.80)" if what == "scans" else ""
    yield f"{what}: two workers {statistics.median(times):.2f} times one{wanted}, lowest round {min(times):.2f}"


def scans(count: int) -> Iterator[Incoming]:
    """Files of one page each."""
    for number in range(count):
        yield _incoming(f"{number}.pdf", a4_page(number), Channel.PAPER)


def post(count: int) -> Iterator[Incoming]:
    """Mails of as many citizens."""
    for number, octets in enumerate(own_mails(count)):
        yield _incoming(f"{number}.eml", octets, Channel.EMAIL)


def _incoming(name: str, content: bytes, channel: Channel) -> Incoming:
    return Incoming(source="benchmark", key=name, file=name, content=content, received_at=utc_now(), channel=channel)


def measured(server: Postgres, letters: Sequence[Incoming], workers: int) -> Pace:
    """These letters in a register of their own, worked on by so many processes."""
    url = server.url(f"b{uuid.uuid4().hex}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "mailroom.toml").write_text(CONFIGURATION.format(url=url), "utf-8")
        take_in(folder, url, letters)
        register = create_engine(url)
        with _at_work(folder, workers) as running:
            processes = [Processes(process.pid) for process in running]
            first, began = _wait(register, running, 2 * workers)
            before = _cpu(processes)
            last, ended = _wait(register, running, len(letters) - workers)
            cpu = _cpu(processes) - before
            _wait(register, running, len(letters))
        register.dispose()
    return Pace(60 * (last - first) / (ended - began).total_seconds(), cpu / (last - first))


def take_in(folder: Path, url: str, letters: Iterable[Incoming]) -> None:
    """Everything lies in the register, with its job, before anybody works."""
    office = open_office(Settings(charter="primerovo", data_dir=folder, database_url=url))
    attach(office)
    for letter in letters:
        journey.receive(office, letter)
    office.close()


@contextmanager
def _at_work(folder: Path, workers: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    environment = {**os.environ, "MAILROOM_DATA": str(folder)}
    with (folder / "log").open("wb") as log:
        running = [subprocess.Popen([COMMAND, "work"], env=environment, stdin=subprocess.DEVNULL, stdout=log,
                                    stderr=log) for _ in range(workers)]
        try:
            yield running
        finally:
            for process in running:
                process.terminate()
            for process in running:
                process.wait()


def _cpu(processes: Iterable[Processes]) -> float:
    return sum(one.cpu_seconds() for one in processes)


def _wait(register: Engine, running: Iterable[subprocess.Popen[bytes]], count: int) -> tuple[int, datetime]:
    """Until so many are done: how many there are then, and when the last of them was. An error when a worker ends."""
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        with register.connect() as connection:
            done, last = connection.execute(text(DONE)).one()
        if done >= count:
            return int(done), last
        if any(process.poll() is not None for process in running):
            raise RuntimeError("a worker ended by itself; what it said is in its log")
        time.sleep(LOOK_SECONDS)
    raise RuntimeError(f"only {done} of {count} letters were done within {LONGEST} s")


if __name__ == "__main__":
    main()
