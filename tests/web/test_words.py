"""Every value of the model has its Bulgarian word, and every page can be rendered with it."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

import mailroom
from mailroom.charter import checks
from mailroom.model.findings import Findings
from mailroom.understanding.corrections import ADDRESS_FIELDS
from mailroom.web.fields import ADDRESS, CHOSEN, FACTS, SHOWN, TYPED
from mailroom.words import CHECKS, FIELDS, HISTORY, WORDS, word


@pytest.mark.parametrize("kind", WORDS)
def test_every_member_has_a_word(kind: type[StrEnum]) -> None:
    assert set(WORDS[kind]) == set(kind)
    assert all(re.fullmatch(r"[А-Яа-я0-9 .,()–-]+", name) for name in WORDS[kind].values())


def test_null_has_no_word() -> None:
    assert word(None) == ""


def test_every_field_shown_or_typed_exists_and_has_a_name() -> None:
    shown = {*SHOWN, *FACTS, *TYPED, *CHOSEN}
    assert shown <= set(Findings.model_fields) and shown <= set(FIELDS) and set(ADDRESS) <= set(FIELDS)
    assert set(ADDRESS) == set(ADDRESS_FIELDS)


def test_every_line_that_the_program_writes_into_the_history_has_a_name() -> None:
    """Found in the source, so that a new kind of line does not show up in English."""
    source = "\n".join(path.read_text("utf-8") for path in Path(mailroom.__file__).parent.rglob("*.py"))
    written = set(re.findall(r'\.note\("(\w+)", who=', source))
    assert written and written <= set(HISTORY)


def test_every_check_of_a_verdict_has_a_name() -> None:
    public = {name for name, value in vars(checks).items()
              if callable(value) and getattr(value, "__module__", "") == checks.__name__ and name.islower()
              and not name.startswith("_")}
    assert public == set(CHECKS)
