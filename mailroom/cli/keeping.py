"""Commands that keep: backup, restoring, proof."""

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from mailroom.backing_up import back_up, still_holding
from mailroom.cli.app import app
from mailroom.cli.common import Data, Json, say, settings_of
from mailroom.cli.offices import office_of
from mailroom.errors import BadRequest
from mailroom.model.base import SOFIA
from mailroom.model.proof import HistoryHead, read_head
from mailroom.store.backup import read_backup
from mailroom.store.daybook import LONG_AGO
from mailroom.store.encryption import new_identity
from mailroom.store.store import Store
from mailroom.verify import verify as verify_register


@app.command()
def backup(
    file: Annotated[Path | None, typer.Argument(
        metavar="[FILE]", help="Default: a new file in the folder of [backup], where the oldest then goes.")] = None,
    data: Data = None, as_json: Json = False,
) -> None:
    """Write all that is needed to start again elsewhere into one file; the service may be running."""
    made = back_up(settings_of(data), file, datetime.now(SOFIA))
    how = "encrypted" if made.encrypted else (
        "it holds citizens' letters in the clear: keep it where only you can read, or set recipients in [backup]")
    say({"file": made.file, "encrypted": made.encrypted, "removed": list(made.removed), **made.backup.model_dump()},
        as_json, [f"{made.file}: register and {made.backup.originals} originals; {how}",
                  *(f"removed {gone}" for gone in made.removed),
                  *(f"not inside, as it lies outside the data directory: {folder}" for folder in made.outside)])
    _complain_of_originals(made.backup.damaged)


@app.command("backup-key")
def backup_key(file: Annotated[Path, typer.Argument(metavar="FILE")], as_json: Json = False) -> None:
    """Make a key for encrypted backups: the secret one into FILE, the public one for recipients in mailroom.toml.

    Keep FILE away from this machine, at two places: without it no backup can be opened.
    """
    if file.exists():
        raise BadRequest(f"{file} exists already: name another file")
    identity, recipient = new_identity()
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(f"# mailroom: opens the backups that were made for {recipient}\n{identity}\n")
    say({"file": str(file), "recipient": recipient}, as_json, [
        f"{file}: keep it away from this machine, at two places; without it no backup can be opened",
        "into mailroom.toml:", "[backup]", f'recipients = ["{recipient}"]'])


@app.command()
def backups(data: Data = None, as_json: Json = False) -> None:
    """The backups that were made and are still there, the newest first, and until when."""
    with office_of(data) as office:
        there = still_holding(office.store, LONG_AGO, office.settings.backup.keep, office.now())
    say([one.model_dump(mode="json") for one in there], as_json, [
        f"{one.made_at.astimezone(SOFIA):%Y-%m-%d %H:%M}  {one.file}  "
        f"{'encrypted' if one.encrypted else 'in the clear'}{'' if one.there else ', moved away'}  "
        f"{f'until about {one.expires}' if one.expires else 'until somebody removes it'}" for one in there])


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    data: Annotated[Path | None, typer.Option(
        "--data", metavar="DIR", help="An empty or new folder; default: $MAILROOM_DATA, else the current one.")] = None,
    identity: Annotated[Path | None, typer.Option(
        "--identity", metavar="KEY", help="The file with the secret key of an encrypted backup.")] = None,
    database_url: Annotated[str, typer.Option(
        help="An empty PostgreSQL database; default: the one in the mailroom.toml of the backup.")] = "",
    as_json: Json = False,
) -> None:
    """Put a backup into an empty data directory, and verify it."""
    folder = data or Path(os.environ.get("MAILROOM_DATA", "."))
    restored = read_backup(file, folder.resolve(), identity=identity, database_url=database_url)
    settings = settings_of(folder)
    if database_url:
        settings = settings.model_copy(update={"database_url": database_url})
    store = Store(settings.url, settings.originals_dir)
    store.migrate(asked_for=True, dump=False)
    with store.reading() as register:
        faults = [*register.entries.faults(), *register.history.faults()]
    store.close()
    say({"data": str(folder), "faults": faults, **restored.model_dump()}, as_json, [
        f"{folder}: register and {restored.originals} originals of {restored.made_at}",
        *(faults or ["verified: numbers, history and originals are whole"]),
        *([f"write database_url into {folder}/mailroom.toml"] if database_url else ()),
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
