"""`mailroom init` and the configuration that it writes."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from mailroom.config import PACKAGE_ROOT, Section, Settings, load_settings
from tests.cli.conftest import TownHall
from tests.cli.run import call

EXAMPLE = (PACKAGE_ROOT / "mailroom.toml").read_text("utf-8")
NOT_WRITTEN = {"data_dir"}
"""Where the file lies, not what stands in it."""


def uncommented(text: str) -> str:
    """The example with every setting in force: `# name = …` and `# [[table]]` without their sign."""
    return re.sub(r"^# (?=\w+ = |\[)", "", text.replace("{charter}", "primerovo"), flags=re.MULTILINE)


def settings_of(model: type[BaseModel], table: str = "") -> list[tuple[str, str]]:
    """(table, setting) of everything that can be configured."""
    found = []
    for name, field in model.model_fields.items():
        inner = next((kind for kind in (field.annotation, *getattr(field.annotation, "__args__", ()))
                      if isinstance(kind, type) and issubclass(kind, Section)), None)
        found += settings_of(inner, f"{table}.{name}".strip(".")) if inner else [(table, name)]
    return found


@pytest.mark.parametrize(("table", "name"), settings_of(Settings))
def test_every_setting_stands_in_the_example(table: str, name: str) -> None:
    """Whoever reads mailroom.toml finds everything that can be set, each in its table."""
    if name in NOT_WRITTEN:
        return
    values = tomllib.loads(uncommented(EXAMPLE))
    for part in filter(None, table.split(".")):
        section = values[part]
        values = section[0] if isinstance(section, list) else section
    assert name in values


def test_every_setting_of_the_example_is_explained() -> None:
    """A setting without a word beside it is explained by the comment above it."""
    lines = EXAMPLE.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"# \w+ = ", line) and "  # " not in line:
            above = [other for other in lines[max(0, number - 12):number] if other.startswith("#")]
            assert above, line


def test_the_example_loads_with_everything_in_force(tmp_path: Path) -> None:
    """No example value is one that the program would refuse."""
    (tmp_path / "mailroom.toml").write_text(uncommented(EXAMPLE), "utf-8")
    settings = load_settings(tmp_path / "mailroom.toml")
    assert settings.mailboxes and settings.maildirs and settings.scan_folders and settings.smtp


def test_the_example_shows_the_defaults(tmp_path: Path) -> None:
    """A commented setting says what holds without it."""
    (tmp_path / "mailroom.toml").write_text(uncommented(EXAMPLE), "utf-8")
    shown, plain = load_settings(tmp_path / "mailroom.toml"), Settings(charter="primerovo")
    assert shown.ocr == plain.ocr
    assert shown.web == plain.web
    assert shown.digest == plain.digest
    assert shown.limits == plain.limits
    assert shown.outgoing.model_copy(update={"folder": None}) == plain.outgoing


def test_only_the_owner_may_read_the_data_directory(town_hall: TownHall) -> None:
    """Letters, configuration and register are closed to every other account."""
    for path in [town_hall.data, *town_hall.data.rglob("*")]:
        assert path.stat().st_mode & 0o077 == 0 or town_hall.data / "originals" in path.parents, path
    assert (town_hall.data / "originals").stat().st_mode & 0o077 == 0


def test_the_first_user_can_log_in_with_the_password_that_was_printed(town_hall: TownHall) -> None:
    """The password is shown once and is nowhere in the data directory."""
    told = town_hall.init.json()
    assert told["login"] == "admin"
    assert len(told["password"]) >= 12
    assert told["password"].encode() not in (town_hall.data / "register.db").read_bytes()
    listed = call("users", "list", "--json", data=town_hall.data).json()
    assert [(one["login"], one["role"], one["active"]) for one in listed] == [("admin", "admin", True)]
