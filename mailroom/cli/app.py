"""The application, and which module has which command: a module is loaded when its command is called.

All of them together hold the whole program, whose loading takes seconds; who lists the users needs no page of the web.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

MODULES = {
    "init": "begin", "check": "begin",
    "run": "serving", "watch": "serving", "work": "serving", "web": "serving", "demo": "serving",
    "dry-run": "dry_run", "troubles": "watching",
    "intake": "items", "export": "items", "deadline": "items", "explain": "items", "digest": "items", "report": "items",
    "learn": "items", "letter": "items", "separators": "items",
    "users": "people", "tokens": "keys",
    "held": "personal", "erase": "personal", "retention": "retention",
    "backup": "keeping", "backup-key": "keeping", "backups": "keeping", "restore": "keeping", "verify": "keeping",
    "upgrade": "upgrading", "move-database": "moving",
}
"""Command or group of commands → the module of this package in which it stands."""


class Commands(TyperGroup):
    """The commands, as they are asked for."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # Names stand for what was not loaded yet: enough to list them, and to guess which one was meant.
        self.commands = {**{name: TyperCommand(name) for name in MODULES}, **self.commands}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """One of them; null when there is none of this name."""
        if cmd_name not in MODULES:
            return None
        import_module(f"mailroom.cli.{MODULES[cmd_name]}")
        return get_group(app).commands[cmd_name]


app = typer.Typer(name="mailroom", cls=Commands, add_completion=False, rich_markup_mode=None,
                  pretty_exceptions_enable=False,
                  help="The mailroom of a municipality: reads, registers and answers its post.")
users = typer.Typer(help="Staff and their roles.")
tokens = typer.Typer(help="Keys of the town's other systems.")
letter = typer.Typer(help="Letters that the municipality writes.")
dry_runs = typer.Typer(help="What a dry run has shown, and its end.")
app.add_typer(users, name="users")
app.add_typer(tokens, name="tokens")
app.add_typer(letter, name="letter")
app.add_typer(dry_runs, name="dry-run")
