"""Mail from octets to findings: messages a second on one process and on two, beside mail-parser alone.

    .venv/bin/python -m benchmarks.mail [--mails 10 100 1000] [--rounds N]

The mails are the demo's and the letters of the tests, in the charsets and wrappings of Bulgarian mail programs, without
attachments that would have to be read by OCR. Each round takes all ways in turn: a bare loop that parses with
mail-parser and does nothing else, mailroom in one process, mailroom in two. The process is warm, as a service is, but
no mail is read twice in a round.

Two figures for one message: processor time, which other work on the machine disturbs little, and messages a second by
the clock, which it divides.
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cache
from itertools import islice

import mailparser

from benchmarks.row import Row
from mailroom.charter.pack import load_pack
from mailroom.config import packaged
from mailroom.demo.mails import as_eml, samples
from mailroom.model.arrival import Channel
from mailroom.model.pack import Pack
from mailroom.reading.letter import read_letter
from mailroom.reading.options import ReadingOptions
from mailroom.understanding.knowledge import Knowledge, load_knowledge
from mailroom.understanding.understand import understand
from tests.understanding.test_letters import CASES, Case

TOWN = "ruse"
PROCESSES = 2
CHARSETS = ("utf-8", "windows-1251", "utf-8", "koi8-r")
TRANSFERS = ("8bit", "base64", "quoted-printable")


def main() -> None:
    """Measure and print one line a number of mails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    mails = list(islice(own_mails(), max(asked.mails)))
    with ProcessPoolExecutor(PROCESSES) as pool:
        list(pool.map(_seconds, [mails[:50]] * (2 * PROCESSES)))
        _seconds(mails[:50])
        for count in asked.mails:
            print("\n".join(figures(mails[:count], asked.rounds, pool)), flush=True)


def rows(count: int, rounds: int) -> list[Row]:
    """Reading and understanding, for the table."""
    mails = list(islice(own_mails(), count))
    with ProcessPoolExecutor(PROCESSES) as pool:
        list(pool.map(_seconds, [mails[:50]] * (2 * PROCESSES)))
        _seconds(mails[:50])
        _, *told = figures(mails, rounds, pool)
    return [Row(f"{count} mails read and understood" if not at else "", line.strip()) for at, line in enumerate(told)]


def figures(mails: list[bytes], rounds: int, pool: ProcessPoolExecutor) -> list[str]:
    """One line for each way and one for the ratio; medians over the rounds."""
    bare, one, two, each = [], [], [], []
    for _ in range(rounds):
        bare.append(_of_a_message(_parse_only, mails))
        start = time.perf_counter()
        each += _seconds(mails)
        one.append(len(mails) / (time.perf_counter() - start))
        start = time.perf_counter()
        list(pool.map(_seconds, _dealt(mails)))
        two.append(len(mails) / (time.perf_counter() - start))
    middle, parsed = statistics.median(each), statistics.median(bare)
    last = statistics.quantiles(each, n=20)[-1]
    return [
        f"{len(mails)} mails, load of the machine {os.getloadavg()[0]:.1f}",
        f"  mailroom: median {1e3 * middle:.1f} ms, 95 in 100 within {1e3 * last:.1f} ms, "
        f"mean {1e3 * statistics.fmean(each):.1f} ms of processor time a message",
        f"  mail-parser alone: mean {1e3 * parsed:.1f} ms; mailroom {statistics.fmean(each) / parsed:.1f} times that",
        f"  by the clock: {statistics.median(one):.0f} messages a second in one process, "
        f"{statistics.median(two):.0f} in two",
    ]


def own_mails() -> Iterator[bytes]:
    """Mails without end, no two the same."""
    number = 0
    now = datetime.now(UTC)
    while True:
        for sample in samples().mail:
            yield _numbered(as_eml(sample, now), number)
        for case in CASES:
            if case.sender and not case.form:
                number += 1
                yield _numbered(mail_of(case, number), number)


def mail_of(case: Case, number: int, address: str = "maria@mail.example") -> bytes:
    """A test's letter as a mail; charset, transfer encoding and HTML by its number."""
    message = EmailMessage()
    charset = CHARSETS[number % len(CHARSETS)]
    text = case.text.encode(charset, "replace").decode(charset)
    message["From"], message["To"] = f"Мария Стоева <{address}>", "center@ruse.example"
    message["Subject"], message["Date"] = " ".join(case.subject.split()), "Mon, 02 Mar 2026 10:00:00 +0200"
    message.set_content(text, charset=charset, cte=TRANSFERS[number % len(TRANSFERS)])
    if number % 3 == 0:
        message.add_alternative(f"<html><body><p>{text}</p></body></html>", subtype="html")
    return message.as_bytes()


def _numbered(octets: bytes, number: int) -> bytes:
    return f"X-Number: {number}\n".encode() + octets


def _dealt(mails: list[bytes]) -> Iterable[list[bytes]]:
    """In as many parts as there are processes, long and short letters in each."""
    return (mails[part::PROCESSES] for part in range(PROCESSES))


@cache
def _known() -> tuple[Pack, Knowledge]:
    rules = packaged("rules")
    return load_pack(rules, TOWN), load_knowledge(rules)


def _seconds(mails: list[bytes]) -> list[float]:
    """Processor time from octets to findings, for each mail."""
    pack, knowledge = _known()
    taken = []
    for octets in mails:
        start = time.process_time()
        understand(read_letter(octets, Channel.EMAIL, ReadingOptions()), pack, knowledge)
        taken.append(time.process_time() - start)
    return taken


def _parse_only(octets: bytes) -> None:
    mailparser.parse_from_bytes(octets)


def _of_a_message(work: Callable[[bytes], None], mails: list[bytes]) -> float:
    start = time.process_time()
    for octets in mails:
        work(octets)
    return (time.process_time() - start) / len(mails)


if __name__ == "__main__":
    main()
