"""Prints the table of docs/FAULTS.md: `python -m tests.faults [--times 20] [--seed S] [FAULT …]`."""

import argparse
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

from tests.faults.faults import FAULTS, Fault, Place
from tests.faults.run import HEAD, end_well, endure, living_town
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer


def main() -> int:
    """Every fault in turn; status 1 when one of them did harm."""
    options = argparse.ArgumentParser(prog="python -m tests.faults")
    options.add_argument("faults", nargs="*", metavar="FAULT", help=f"Default: all of {', '.join(FAULTS)}.")
    options.add_argument("--times", type=int, default=20)
    options.add_argument("--seed", type=int, default=secrets.randbits(30), help="The same moments again.")
    asked = options.parse_args()
    print(f"seed {asked.seed}\n{HEAD}", flush=True)
    chosen = [FAULTS[name] for name in asked.faults or FAULTS]
    with (tempfile.TemporaryDirectory(prefix="faults-") as folder, Dovecot(Authority(Path(folder))) as dovecot,
          SmtpServer() as smtp):
        harmed = [not _harmless([fault for fault in chosen if fault.place is place], Path(folder), dovecot, smtp,
                                times=asked.times, seed=asked.seed) for place in Place]
    return 1 if any(harmed) else 0


def _harmless(faults: Sequence[Fault], folder: Path, dovecot: Dovecot, smtp: SmtpServer, *, times: int,
              seed: int) -> bool:
    """All of one place in one town, and after harm the rest of them in a new one."""
    if not faults:
        return True
    place, done = faults[0].place, 0
    smtp.forget()
    try:
        with living_town(place.name.lower(), place, folder, dovecot, smtp, Random(f"{seed} {faults[0].name}")) as town:
            for fault in faults:
                done += 1
                print(endure(fault, town, times=times).line(), flush=True)
            end_well(town)
    except AssertionError as failure:
        print(failure, file=sys.stderr, flush=True)
        _harmless(faults[max(1, done):], folder, dovecot, smtp, times=times, seed=seed)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
