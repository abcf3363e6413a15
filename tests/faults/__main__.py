"""Prints the table of docs/FAULTS.md: `python -m tests.faults [--times 20] [--seed S] [FAULT …]`."""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from tests.faults.faults import FAULTS
from tests.faults.run import HEAD, endure
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
    rows, harmed = [HEAD], 0
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        authority = Authority(Path(folder))
        with Dovecot(authority) as dovecot, SmtpServer() as smtp:
            for name in asked.faults or FAULTS:
                try:
                    rows.append(endure(FAULTS[name], Path(folder), dovecot, smtp, times=asked.times,
                                       seed=asked.seed).line())
                    print(rows[-1], flush=True)
                except AssertionError as failure:
                    harmed += 1
                    print(failure, file=sys.stderr, flush=True)
                smtp.forget()
    print("\n".join(rows))
    return 1 if harmed else 0


if __name__ == "__main__":
    sys.exit(main())
