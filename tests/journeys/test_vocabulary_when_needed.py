"""The vocabulary is read by who understands letters, before the first of them, and by nobody else."""

from pathlib import Path

import pytest

from mailroom import filing
from mailroom.config import Settings
from mailroom.errors import Misconfigured
from mailroom.office import open_office


def test_a_broken_one_is_told_before_a_letter_is_taken_and_holds_up_nothing_else(tmp_path: Path) -> None:
    settings = Settings(charter="primerovo", data_dir=tmp_path)
    settings.local_lexicon.mkdir()
    (settings.local_lexicon / "ours.toml").write_text("= broken", "utf-8")
    office = open_office(settings)
    try:
        with pytest.raises(Misconfigured, match=r"ours\.toml"):
            filing.file_all(office, (), on_taken=lambda _count: None, on_left=lambda _left: None)
        with office.store.reading() as register:
            assert register.people.all() == ()
    finally:
        office.close()
