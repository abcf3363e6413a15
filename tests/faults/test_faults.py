"""Whatever breaks: nothing lost, nothing twice, no gap in the numbers, never two acknowledgements."""

import os
import secrets
from pathlib import Path
from random import Random

import pytest

from tests.faults.faults import FAULTS, Place
from tests.faults.hostile import MOST_OCTETS, take_in
from tests.faults.run import NOTHING, end_well, endure, living_town, strike
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer

HOSTILE = int(os.environ.get("MAILROOM_FAULTS_HOSTILE", "10000"))
TIMES = int(os.environ.get("MAILROOM_FAULTS_TIMES", "20"))
SEED = int(os.environ.get("MAILROOM_FAULTS_SEED", "0")) or secrets.randbits(30)
"""Printed with each fault; set in the environment, the same moments come again."""


def test_a_bad_day(tmp_path: Path, dovecot: Dovecot, smtp_server: SmtpServer) -> None:
    """The faults that cost little, at the same time."""
    with living_town("bad-day", Place.ORDINARY, tmp_path, dovecot, smtp_server, Random(SEED)) as town:
        strike(town, *(fault.strike for fault in FAULTS.values() if fault.quick))
        assert town.counts() == NOTHING, f"seed {SEED}\n{town.log()}"


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", FAULTS)
def test_many_times_at_random_moments(name: str, tmp_path: Path, dovecot: Dovecot, smtp_server: SmtpServer) -> None:
    print(f"{name}: seed {SEED}")
    fault = FAULTS[name]
    with living_town(name, fault.place, tmp_path, dovecot, smtp_server, Random(SEED)) as town:
        endure(fault, town, times=TIMES)
        end_well(town)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_hostile_files_are_items_and_eat_no_memory(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    taken = take_in(tmp_path, HOSTILE, SEED)
    assert not taken.missing and not taken.complaint
    assert sum(taken.most_octets) < MOST_OCTETS
