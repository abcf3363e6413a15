"""What the commands share: their options, the settings of a data directory, how they answer."""

import json
from collections.abc import Collection, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from mailroom.config import Settings, find_config, load_settings
from mailroom.errors import Misconfigured
from mailroom.logs import configure_logs
from mailroom.model.base import SOFIA

OPERATOR = "command line"
"""Who did it, in the history, when it was done here."""
DATABASES = ("sqlite:///", "postgresql+psycopg://")
PASSWORD_OCTETS = 12

Data = Annotated[Path | None, typer.Option(
    "--data", metavar="DIR", help="Data directory; default: $MAILROOM_DATA, else the current folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of lines.")]
Charter = Annotated[str | None, typer.Option(
    "--charter", metavar="ID", help="Rule pack of the municipality; a data directory accepts only its own.")]


def settings_of(data: Path | None, charter: str | None = None) -> Settings:
    """The settings of the data directory. Raises Misconfigured when another municipality's charter is asked for."""
    path = find_config(data)
    settings = load_settings(path)
    if charter is not None and charter != settings.charter:
        raise Misconfigured(f"{path}: this data directory belongs to „{settings.charter}“, not to „{charter}“: one "
                            "municipality has one data directory; make another with „mailroom init“")
    if settings.database_url and not settings.database_url.startswith(DATABASES):
        raise Misconfigured(f"{path}: database_url must begin with {' or '.join(DATABASES)}, or be empty")
    return settings


def log_as_configured(settings: Settings) -> None:
    """For a service: every line, where [logs] says."""
    logs = settings.logs
    configure_logs(file=logs.file, rotate_megabytes=logs.rotate_megabytes, keep=logs.keep)


def say(value: Any, as_json: bool, lines: Iterator[str] | list[str]) -> None:
    """JSON, or the lines for people."""
    if as_json:
        print(json.dumps(value, ensure_ascii=False, indent=1))
    else:
        for line in lines:
            print(line)


def moment(text: str) -> datetime:
    """ISO 8601; without a zone it is the town's time, without a time it is noon: a moment inside working hours."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"„{text}“ is no date or time: write 2026-11-20 or 2026-11-20T16:30") from error
    if len(text) <= len("2026-11-20"):
        at = at.replace(hour=12)
    return at if at.tzinfo else at.replace(tzinfo=SOFIA)


def day(text: str) -> date:
    """A date as ISO 8601 has it."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"„{text}“ is no date: write 2026-11-20") from error


def check_reference(what: str, wanted: str | None, known: Collection[str]) -> None:
    """Raises BadParameter for what the rule pack does not have."""
    if wanted is not None and wanted not in known:
        raise typer.BadParameter(f"there is no {what} „{wanted}“ in the rule pack: one of {', '.join(sorted(known))}")
