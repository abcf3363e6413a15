"""An hour of fuzzing guided by coverage: `python -m tests.fuzz [--minutes 60] [mail] [words] [--keep FOLDER]`.

libFuzzer by way of Atheris (`.venv/bin/pip install atheris==3.0.0`; it is not among the locked packages, being needed
by nothing else) changes the mails and letters of the tests and keeps what reaches new lines of the product. One process
at a time, the targets in turn; what ends a turn (an exception, twenty seconds over one input, two gigabytes of memory)
is kept in the folder under the name of the target, and the next turn goes on. Exit status 1 when there is any.

What is found goes into the ordinary tests as an example. `make test-long` runs the same properties without Atheris
(tests/understanding/test_fuzz.py).
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.understanding.test_fuzz import DAMAGE, MAILS, WORDS, own_mails
from tests.understanding.test_letters import CASES

TARGETS = ("mail", "words")
TURN_SECONDS = 600
SECONDS_EACH = 20
"""Nothing may take longer; the instrumented product on a busy machine takes ten times what it takes otherwise."""
MEGABYTES = 2048
LONGEST = 20_000
"""Octets of an input."""
_EVERY = 5
"""Of so many letters of the tests one is a seed; each turn begins with all of them."""


def main() -> int:
    """The targets in turn until the time is up; says what was found."""
    arguments = _arguments()
    corpus = arguments.keep
    for target in arguments.targets:
        _write_seeds(corpus, target)
    end, turn = time.monotonic() + 60 * arguments.minutes, 0
    while (left := end - time.monotonic()) > 1:
        target = arguments.targets[turn % len(arguments.targets)]
        shortest = 60 * arguments.minutes / len(arguments.targets)
        _fuzz(corpus, target, int(max(1, min(left, TURN_SECONDS, shortest))))
        turn += 1
    found = sorted(path for path in corpus.glob("found-*") if path.is_file())
    for path in found:
        print(path)
    print(f"{turn} turns, {len(found)} found")
    return 1 if found else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("targets", nargs="*", help=" ".join(TARGETS))
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--keep", type=Path, help="folder for the corpus and what is found; a new one otherwise")
    arguments = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        parser.error("Atheris is missing: .venv/bin/pip install atheris==3.0.0")
    arguments.targets = arguments.targets or list(TARGETS)
    if unknown := set(arguments.targets) - set(TARGETS):
        parser.error(f"no such target: {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    arguments.keep = arguments.keep or Path(tempfile.mkdtemp(prefix="mailroom-fuzz-"))
    return arguments


def _write_seeds(corpus: Path, target: str) -> None:
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    seeds = [path.read_bytes() for path in MAILS] + list(own_mails()[::_EVERY]) if target == "mail" else [
        case.text.encode() for case in CASES]
    for number, octets in enumerate(seeds):
        if len(octets) <= LONGEST:
            (folder / f"seed-{number}").write_bytes(octets)
    words = DAMAGE if target == "mail" else tuple(word.encode() for word in WORDS)
    lines = ("".join(f"\\x{octet:02x}" for octet in word) for word in words if word)
    (corpus / f"{target}.dict").write_text("".join(f'"{line}"\n' for line in lines))


def _fuzz(corpus: Path, target: str, seconds: int) -> None:
    """One turn. libFuzzer writes what it found under the artifact prefix and ends."""
    subprocess.run(
        [sys.executable, "-m", "tests.fuzz.target", target, str(corpus / target), f"-max_total_time={seconds}",
         f"-timeout={SECONDS_EACH}", f"-rss_limit_mb={MEGABYTES}", f"-max_len={LONGEST}", "-len_control=0",
         f"-dict={corpus / target}.dict", f"-artifact_prefix={corpus}/found-{target}-", "-print_final_stats=1"],
        env={**os.environ, "PYTHONHASHSEED": "0"}, check=False)


if __name__ == "__main__":
    sys.exit(main())
