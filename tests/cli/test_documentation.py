"""What can be done is written where its reader looks."""

from pathlib import Path

import pytest
from typer.main import get_command

from mailroom.cli import app

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
COMMANDS = (Path(__file__).parents[2] / "docs" / "COMMANDS.md").read_text("utf-8")


def commands() -> list[tuple[str, list[str]]]:
    """Every command with its options."""
    found = []

    def walk(command: object, name: str) -> None:
        inner = getattr(command, "commands", {})
        for word, one in inner.items():
            walk(one, f"{name} {word}")
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


@pytest.mark.parametrize("word", ["git", "make run", "make test", "docs/ADDING_A_TOWN.md",
                                  "docs/screens/queue-1440.png", "mailroom check", "mailroom run", "LICENSE"])
def test_the_readme_tells_how_to_begin(word: str) -> None:
    """The prerequisite, the two commands, the way to a real mailbox."""
    assert word in README


def test_every_file_that_the_readme_names_is_there() -> None:
    """A map that leads nowhere is worse than none."""
    root = Path(__file__).parents[2]
    named = [part.rstrip("/") for part in README.split("`") if "/" in part and " " not in part and "<" not in part]
    for path in named:
        if path.startswith(("mailroom/", "docs/", "rules/", "templates/", "systemd/", "tests/", "benchmarks/")):
            assert (root / path).exists(), path
