"""How long the figures take: counting a register for the first time, then what the pages show.

    .venv/bin/python -m benchmarks.many 100000 DIRECTORY
    .venv/bin/python -m benchmarks.figures DIRECTORY [--database URL]

Dashboard of a year, yearly report, its version for the public and the morning's digest, each ten times.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.many import open_town
from mailroom import counting, morning
from mailroom.model.base import SOFIA
from mailroom.reporting.report import period_of

TIMES = 10


def main() -> None:
    """Count, look, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    office = open_town(asked.directory, asked.database)
    start, worked = time.monotonic(), time.process_time()
    counting.count(office)
    print(f"counted what was not counted yet: {time.monotonic() - start:.1f} s, "
          f"of which this process worked {time.process_time() - worked:.1f} s")
    today = office.now().astimezone(SOFIA).date()
    period = period_of(today.year)
    tell("dashboard, 30 days", lambda: counting.dashboard(office, 30))
    tell("dashboard, a year", lambda: counting.dashboard(office, 365))
    tell("report of a year", lambda: counting.report(office, period))
    tell("report of a year, public", lambda: counting.report(office, period, public=True))
    tell("digest", lambda: morning.digest(office, today))
    office.close()


def tell(name: str, work: Callable[[], object]) -> None:
    """Do it some times, and print how long it took, in milliseconds."""
    times, worked = [], time.process_time()
    for _ in range(TIMES):
        start = time.monotonic()
        work()
        times.append((time.monotonic() - start) * 1000)
    worked = (time.process_time() - worked) / TIMES * 1000
    print(f"{name}: median {statistics.median(times):.0f} ms, slowest {max(times):.0f} ms, worked {worked:.0f} ms")


if __name__ == "__main__":
    main()
