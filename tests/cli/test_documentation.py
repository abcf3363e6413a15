"""What can be done is written where its reader looks."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group

from mailroom.cli import app
from mailroom.cli.app import MODULES
from tests.cli.run import COMMAND, environment

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = (ROOT / "docs" / "COMMANDS.md").read_text("utf-8")


def commands() -> list[tuple[str, list[str]]]:
    """Every command with its options."""
    found = []

    def walk(command: Any, name: str) -> None:
        inner = command.list_commands(typer.Context(command)) if isinstance(command, TyperGroup) else ()
        for word in inner:
            walk(command.get_command(typer.Context(command), word), f"{name} {word}")
        if not inner:
            options = [option for parameter in getattr(command, "params", [])
                       for option in parameter.opts if option.startswith("--") and option != "--help"]
            found.append((name, options))

    walk(get_command(app), "mailroom")
    return found


@pytest.mark.parametrize(("command", "options"), commands(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_command_and_option_is_documented(command: str, options: list[str]) -> None:
    """In docs/COMMANDS.md, with each of its options."""
    _, there, section = COMMANDS.partition(f"`{command}")
    assert there, command
    section = section.partition("\n## ")[0]
    for option in options:
        if option not in ("--data", "--json"):
            assert option in section, f"{command} {option}"


def test_every_command_stands_in_the_table_by_which_it_is_loaded() -> None:
    """One that is missing there would be found by nobody."""
    whole = get_command(app)
    assert isinstance(whole, TyperGroup)
    for name in MODULES:
        whole.get_command(typer.Context(whole), name)
    loaded = {name for name, command in get_group(app).commands.items()
              if command.callback or isinstance(command, TyperGroup)}
    assert loaded == set(MODULES)


def test_a_command_loads_what_it_needs_and_not_the_whole_program(tmp_path: Path) -> None:
    """The whole takes seconds."""
    listed = subprocess.run([COMMAND, "users", "list", "--help"], env=environment(tmp_path) | {
        "PYTHONPROFILEIMPORTTIME": "1"}, capture_output=True, text=True, check=True, timeout=60)
    loaded = {line.rpartition("|")[2].strip() for line in listed.stderr.splitlines()}
    assert "mailroom.store.store" in loaded and "Everybody with a log-in" in listed.stdout
    assert not {"mailroom.web.app", "mailroom.office", "mailroom.service", "mailroom.cli.items"} & loaded


@pytest.mark.parametrize("word", ["git", "make run", "make test", "docs/ADDING_A_TOWN.md",
                                  "docs/screens/queue-1440.png", "mailroom check", "mailroom run", "LICENSE"])
def test_the_readme_tells_how_to_begin(word: str) -> None:
    """The prerequisite, the two commands, the way to a real mailbox."""
    assert word in README


def test_the_sizes_rest_on_what_was_measured_last() -> None:
    """Every figure of that table stands in the report of the benchmarks."""
    sizes, measured = (set(re.findall(r"(?<![\d.,])\d[\d.,]*\d(?![\d])", text)) for text in (
        (ROOT / "docs" / "SIZES.md").read_text("utf-8").partition("| what the sizes rest on")[2].partition("\n\n")[0],
        (ROOT / "benchmarks" / "README.md").read_text("utf-8")))
    assert len(sizes) > 10 and sizes <= measured, sizes - measured


def test_every_file_that_the_readme_names_is_there() -> None:
    """A map that leads nowhere is worse than none."""
    named = [part.rstrip("/") for part in README.split("`") if "/" in part and " " not in part and "<" not in part]
    for path in named:
        if path.startswith(("mailroom/", "docs/", "rules/", "templates/", "systemd/", "tests/", "benchmarks/")):
            assert (ROOT / path).exists(), path
