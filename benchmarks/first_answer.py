"""How long a citizen waits: from delivery to the acknowledgement, and from the scanner to the registered text.

    .venv/bin/python -m benchmarks.first_answer [--mails N] [--scans N]

Runs the real service as its own process between a real Dovecot (IMAP over TLS, IDLE) and a real SMTP server, one letter
after the other, and prints the median, what 95 of 100 stay within, and the slowest. The page is A4 at 300 dpi with some
250 words.
"""

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.pages import a4_page
from benchmarks.row import Row
from tests.journeys.town import Town, citizen_mail
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer

MAILBOX = "center@primerovo.example.bg"


def main() -> None:
    """Measure and print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=20)
    parser.add_argument("--scans", type=int, default=5)
    asked = parser.parse_args()
    for row in rows(asked.mails, asked.scans):
        print(row, flush=True)


def rows(mails: int, scans: int) -> Iterator[Row]:
    """Mails, then scans."""
    with tempfile.TemporaryDirectory() as name, SmtpServer() as smtp, Dovecot(Authority(Path(name))) as dovecot:
        town = Town(Path(name) / "town", dovecot, smtp, (MAILBOX,))
        town.start()
        try:
            town.deliver(MAILBOX, citizen_mail(0))
            smtp.wait_for(1, seconds=60)
            yield row("mail delivered → acknowledgement handed over",
                      [mail_seconds(town, smtp, number) for number in range(1, mails + 1)], "95 of 100 within 2 s")
            yield row("scan dropped → registered with its text", [scan_seconds(town, n) for n in range(scans)],
                      "15 s")
        finally:
            town.close()


def mail_seconds(town: Town, smtp: SmtpServer, number: int) -> float:
    """One mail, all the way."""
    before = len(smtp.received)
    start = time.monotonic()
    town.deliver(MAILBOX, citizen_mail(number))
    smtp.wait_for(before + 1, seconds=60)
    return time.monotonic() - start


def scan_seconds(town: Town, number: int) -> float:
    """One page, until the export shows it with number and text; the export's own time is part of it."""
    content = a4_page(number)
    start = time.monotonic()
    (town.scans / f"page-{number}.pdf").write_bytes(content)
    while not any(item["source"]["file"] == f"page-{number}.pdf" and item["registration_number"] and item["text"]
                  for item in town.items()):
        time.sleep(0.1)
    return time.monotonic() - start


def row(what: str, seconds: list[float], wanted: str) -> Row:
    """One figure."""
    within = sorted(seconds)[math.ceil(0.95 * len(seconds)) - 1]
    return Row(what, f"median {statistics.median(seconds):.2f} s, 95 of 100 within {within:.2f} s, "
                     f"slowest {max(seconds):.2f} s, n {len(seconds)}", wanted)


if __name__ == "__main__":
    main()
