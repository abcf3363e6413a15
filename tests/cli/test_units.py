"""The systemd units, as systemd itself reads them."""

import re
import subprocess
from pathlib import Path

import pytest

from mailroom.leaving import STOP_SECONDS

UNITS = Path(__file__).parents[2] / "systemd"
PROGRAM = "/opt/mailroom/.venv/bin/mailroom"
MOST_EXPOSED = 2.0
"""systemd-analyze security: 0 is closed, 10 is open; below 2 it says OK."""


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units with a program that exists here."""
    for unit in UNITS.iterdir():
        (tmp_path / unit.name).write_text(unit.read_text("utf-8").replace(PROGRAM, "/bin/true"), "utf-8")
    return sorted(tmp_path.iterdir())


def test_systemd_finds_no_fault(units: list[Path]) -> None:
    """Not even a warning."""
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=60,
                          check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("name", sorted(path.name for path in UNITS.glob("*.service")))
def test_every_service_is_closed(units: list[Path], name: str) -> None:
    """A fault in a parser must not become a way into the machine."""
    unit = next(unit for unit in units if unit.name == name)
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", unit], capture_output=True, text=True,
                          timeout=60, check=False)
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert exposure is not None, done.stderr
    assert float(exposure.group(1)) < MOST_EXPOSED


def test_every_timer_has_its_service() -> None:
    """And the daemon is watched."""
    for timer in UNITS.glob("*.timer"):
        assert timer.with_suffix(".service").exists()
    for name in ("", "-watch", "-work@", "-web", "-web-public"):
        daemon = (UNITS / f"mailroom{name}.service").read_text("utf-8")
        assert "Type=notify" in daemon and "WatchdogSec=" in daemon


def test_systemd_waits_longer_than_the_service_needs_to_end() -> None:
    """Whoever is ended by SIGKILL counts as failed."""
    told = [int(seconds) for unit in UNITS.glob("*.service")
            for seconds in re.findall(r"^TimeoutStopSec=(\d+)$", unit.read_text("utf-8"), re.MULTILINE)]
    assert told and min(told) > 2 * STOP_SECONDS


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda unit: unit.name)
def test_the_program_may_close_its_reading_processes_in(unit: Path) -> None:
    """The calls for that are in no group of systemd's; without them letters would be read with the service's rights."""
    allowed = {call for line in unit.read_text("utf-8").splitlines() if line.startswith("SystemCallFilter=")
               and "~" not in line for call in line.partition("=")[2].split()}
    assert {"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp"} <= allowed
