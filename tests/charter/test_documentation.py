"""docs/ADDING_A_TOWN.md says what can be written into a pack, and its examples are true."""

import re
import shutil
import subprocess
import tomllib
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import pytest

from mailroom.charter.pack import CasesFile, CharterFile, PeopleFile, TownFile, check_pack, load_pack
from mailroom.model.arrival import Channel
from mailroom.model.base import SOFIA, Value
from mailroom.model.case import Case
from mailroom.model.findings import Kind, Matter
from mailroom.model.pack import (
    Clause,
    ClauseSubject,
    ContactPoint,
    CountedFrom,
    Demand,
    Numbering,
    Officer,
    Route,
    Term,
    TermUnit,
)
from mailroom.model.verdict import Outcome
from mailroom.registration.calendar import WorkingCalendar
from mailroom.registration.terms import due_for_kind

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "ADDING_A_TOWN.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
LAW_ONLY = {"after_hours_next_day", "by_superior_body", "ground"}
"""Keys that only the statute's file needs."""


@pytest.mark.parametrize("shape", [Clause, Term, Numbering, ContactPoint, Officer, Route, Case])
def test_every_key_is_explained(shape: type[Value]) -> None:
    """In the guide, by its name."""
    assert [key for key in shape.model_fields if key not in LAW_ONLY and not re.search(rf"\b{key}\b", GUIDE)] == []


@pytest.mark.parametrize("words", [ClauseSubject, Demand, Kind, Matter, TermUnit, CountedFrom, Outcome])
def test_every_word_that_can_be_chosen_is_listed(words: type[StrEnum]) -> None:
    """With what it means in Bulgarian."""
    assert [word.value for word in words if f"`{word.value}`" not in GUIDE] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.split("\n")[0] for example in EXAMPLES])
def test_every_example_is_well_formed(example: str) -> None:
    """As the file whose section it stands in, districts apart (a part of town.toml)."""
    values = tomllib.loads(example)
    if "clause" in values:
        assert CharterFile.model_validate(values).clause
    elif "case" in values:
        assert CasesFile.model_validate(values).case
    elif "route" in values:
        assert PeopleFile.model_validate(values).route
    elif "contact" in values:
        assert TownFile.model_validate(values).numbering
    else:
        assert set(values) == {"districts"}


def test_the_readme_adds_a_sixth_town_by_doing_it(tmp_path: Path) -> None:
    """Its two commands, run as they stand, make a town whose deadline is the one that it shows."""
    shutil.copytree(ROOT / "rules", tmp_path / "rules")
    commands = re.findall(r"^(?:cp|sed) .*novgrad.*$", README, re.MULTILINE)
    subprocess.run(["sh", "-ec", "\n".join(commands)], cwd=tmp_path, check=True)
    assert len(commands) == 2 and check_pack(tmp_path / "rules", "novgrad") == []
    received = datetime(2026, 11, 20, 10, tzinfo=SOFIA)
    due = due_for_kind(Kind.COMPLAINT, None, channel=Channel.EMAIL, received_at=received, registered_at=received,
                       pack=load_pack(tmp_path / "rules", "novgrad"), calendar=WorkingCalendar())
    for clock in (due.charter, due.statute):
        assert clock is not None and f"{clock.date} ({clock.basis}): {clock.explanation}" in README
