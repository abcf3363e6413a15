"""Commands that keep: backup, restoring, proof."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mailroom.cli.common import (
    Data,
    Json,
    app,
    office_of,
    say,
    settings_of,
)
from mailroom.condition import BACKUP
from mailroom.config import Settings
from mailroom.errors import BadRequest, Misconfigured
from mailroom.model.base import SOFIA
from mailroom.model.proof import HistoryHead, read_head
from mailroom.store.backup import REGISTER, read_backup, write_backup
from mailroom.store.store import Store
from mailroom.verify import verify as verify_register


@app.command()
def backup(file: Annotated[Path, typer.Argument(metavar="FILE")], data: Data = None, as_json: Json = False) -> None:
    """Write all that is needed to start again elsewhere into one file; the service may be running."""
    settings = settings_of(data)
    if settings.database_url:
        raise Misconfigured("database_url: the register lies on a server: take it with pg_dump, and the folder "
                            f"{settings.originals_dir} with it")
    own = tuple(folder for folder in (settings.rules_dir, settings.templates_dir, settings.local_lexicon)
                if folder and folder.is_dir() and folder.is_relative_to(settings.data_dir))
    made = write_backup(file, data_dir=settings.data_dir, database=settings.data_dir / REGISTER, extra=own,
                        now=datetime.now(SOFIA))
    _note_backup(settings, datetime.now(SOFIA))
    outside = [str(folder) for folder in (settings.rules_dir, settings.templates_dir) if folder and folder not in own]
    say({"file": str(file), **made.model_dump()}, as_json, [
        f"{file}: register and {made.originals} originals; it holds citizens' letters: keep it where only you can read",
        *(f"not inside, as it lies outside the data directory: {folder}" for folder in outside)])
    _complain_of_originals(made.damaged)


def _note_backup(settings: Settings, now: datetime) -> None:
    """So that its age can be watched."""
    store = Store(settings.url, settings.originals_dir)
    with store.transaction() as register:
        register.daybook.done(BACKUP, now.date(), now)
    store.close()


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    data: Annotated[Path | None, typer.Option(
        "--data", metavar="DIR", help="An empty or new folder; default: $MAILROOM_DATA, else the current one.")] = None,
    as_json: Json = False,
) -> None:
    """Put a backup into an empty data directory, and verify it."""
    folder = data or Path(os.environ.get("MAILROOM_DATA", "."))
    restored = read_backup(file, folder.resolve())
    with office_of(folder) as office, office.store.reading() as register:
        faults = [*register.entries.faults(), *register.history.faults()]
    say({"data": str(folder), "faults": faults, **restored.model_dump()}, as_json, [
        f"{folder}: register and {restored.originals} originals of {restored.made_at}",
        *(faults or ["verified: numbers, history and originals are whole"]),
        "Passwords are not in a backup: give the secrets again, then „mailroom check“."])
    _complain_of_originals(restored.damaged)
    raise typer.Exit(1 if faults else 0)


def _complain_of_originals(damaged: tuple[str, ...]) -> None:
    if damaged:
        raise BadRequest(f"{len(damaged)} originals are missing or changed, the first is {damaged[0]}: take them from "
                         "an older backup")


@app.command()
def verify(
    head: Annotated[list[str] | None, typer.Option(
        "--head", metavar="MARK", help="A mark of the history as a digest shows it, „12345 3f2a 9c1e 77b0 d4e2“; "
                                       "may be given several times.")] = None,
    data: Data = None, as_json: Json = False,
) -> None:
    """Prove the register: numbers, history chain, originals, mail servers and folders against register."""
    with office_of(data) as office:
        found = verify_register(office, heads=[_head(text) for text in head or ()])
    looked_at = (f"{found.numbers} numbers, {found.lines} lines of history, {found.heads} earlier marks, "
                 f"{found.originals} originals, {found.sources} sources")
    say(found.model_dump(mode="json"), as_json, [
        *(f"WRONG {fault}" for fault in found.faults), *([f"WRONG and {found.more} more"] if found.more else ()),
        *(f"note  {note}" for note in found.notes),
        f"{'ok   ' if not found.faults else 'looked at'} {looked_at}"])
    raise typer.Exit(1 if found.faults else 0)


def _head(text: str) -> HistoryHead:
    head = read_head(text)
    if head is None:
        raise typer.BadParameter(f"„{text}“ is no mark of the history: copy it from the digest, a number and "
                                 "four groups of four characters")
    return head
