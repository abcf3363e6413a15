"""Everything that is measured, in one table.

    .venv/bin/python -m benchmarks [--long] [PART …]

The short form takes some fifteen minutes on two quiet cores; the long one hours: registers of a million letters, paper
letters read, a whole day of a town. Each part by itself, with what it can be asked for and what it tells besides:
`.venv/bin/python -m benchmarks.PART --help`. The parts run one after the other, each in a process of its own.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Iterable

from benchmarks import first_answer, intake, mail, pages, soak, understanding, web
from benchmarks.row import Row

PARTS: dict[str, tuple[Callable[[], Iterable[Row]], Callable[[], Iterable[Row]]]] = {
    "intake": (lambda: intake.rows(600, (1_000, 20_000)), lambda: intake.rows(2_000, (1_000, 1_000_000))),
    "first_answer": (lambda: first_answer.rows(20, 3), lambda: first_answer.rows(200, 20)),
    "mail": (lambda: mail.rows(100, 1), lambda: mail.rows(1_000, 3)),
    "pages": (lambda: pages.rows(10, 10), lambda: pages.rows(100, 40)),
    "web": (lambda: web.rows((10_000,)), lambda: web.rows((10_000, 1_000_000))),
    "understanding": (lambda: understanding.rows(("email",)), lambda: understanding.rows(("email", "paper", "short"))),
    "soak": (lambda: soak.rows(hours=3, speed=60), lambda: soak.rows(hours=24, speed=24)),
}
"""Part → its short and its long form."""


def main() -> None:
    """Print the table; ends with 1 when a part could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--only", choices=PARTS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only:
        for row in PARTS[asked.only][asked.long]():
            print(row, flush=True)
        return
    print(Row("what", "figure", "asked for"))
    print(f"{os.cpu_count()} cores, load of the machine {os.getloadavg()[0]:.1f}", flush=True)
    ended = [_run(part, asked.long) for part in asked.parts or PARTS]
    sys.exit(1 if any(ended) else 0)


def _run(part: str, is_long: bool) -> int:
    print(f"-- {part}", flush=True)
    return subprocess.run([sys.executable, "-m", "benchmarks", "--only", part, *(["--long"] if is_long else [])],
                          check=False).returncode


if __name__ == "__main__":
    main()
