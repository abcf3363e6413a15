"""docs/ADDING_A_TOWN.md says what can be written into a pack, and its examples are true."""

import re
import tomllib
from enum import StrEnum
from pathlib import Path

import pytest

from mailroom.charter.pack import CasesFile, CharterFile, PeopleFile, TownFile
from mailroom.model.base import Value
from mailroom.model.case import Case
from mailroom.model.findings import Kind, Matter
from mailroom.model.pack import Clause, ClauseSubject, Numbering, Officer, Route, Term, TermUnit
from mailroom.model.verdict import Outcome

GUIDE = (Path(__file__).parents[2] / "docs" / "ADDING_A_TOWN.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
LAW_ONLY = {"after_hours_next_day", "by_superior_body", "ground"}
"""Keys that only the statute's file needs."""


@pytest.mark.parametrize("shape", [Clause, Term, Numbering, Officer, Route, Case])
def test_every_key_is_explained(shape: type[Value]) -> None:
    """In the guide, by its name."""
    assert [key for key in shape.model_fields if key not in LAW_ONLY and not re.search(rf"\b{key}\b", GUIDE)] == []


@pytest.mark.parametrize("words", [ClauseSubject, Kind, Matter, TermUnit, Outcome])
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
