"""Commands that begin: a data directory, and its check."""

import secrets
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from mailroom import datadir
from mailroom.checkup import check_everything
from mailroom.cli.app import app
from mailroom.cli.common import OPERATOR, PASSWORD_OCTETS, Data, Json, say, settings_of
from mailroom.config import CONFIG_NAME
from mailroom.engine.distributed import look_for_workers
from mailroom.model.staff import Role, Staff
from mailroom.office import open_office
from mailroom.web.passwords import hash_password


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="The data directory to make.")] = Path(),
    charter: Annotated[str, typer.Option("--charter", metavar="ID", help="Rule pack of the municipality.")] = "ruse",
    as_json: Json = False,
) -> None:
    """Write a commented mailroom.toml and the data directory, and make the first staff user."""
    settings = datadir.make_data_dir(folder, charter)
    password = secrets.token_urlsafe(PASSWORD_OCTETS)
    first = Staff(login="admin", name="Администратор", role=Role.ADMIN)
    office = open_office(settings)
    with office.store.transaction() as register:
        register.people.add(first, hash_password(password))
        register.history.note("user_added", who=OPERATOR, at=office.now(), login=first.login, role=first.role)
    office.close()
    say({"data": str(settings.data_dir), "charter": charter, "login": first.login, "password": password}, as_json, [
        f"Data directory {settings.data_dir} for the charter „{charter}“ is ready.",
        f"First log-in: {first.login} / {password}   (shown this once; „mailroom users passwd“ makes a new one)",
        f"Next: edit {settings.data_dir / CONFIG_NAME}, then „mailroom check“ and „mailroom run“ there.",
    ])


@app.command()
def check(
    data: Data = None,
    try_mail: Annotated[bool, typer.Option(
        "--try-mail", help="Also send one letter to ourselves: do the servers take plus-addresses?")] = False,
    as_json: Json = False,
) -> None:
    """Look at configuration, charters, templates, OCR languages, disk, mailboxes and outgoing mail."""
    found, settings = [], settings_of(data)
    for finding in chain(check_everything(settings, try_mail=try_mail), look_for_workers(settings)):
        found.append(finding)
        if not as_json:
            remedy = f": {finding.remedy}" if finding.remedy else ""
            print(f"{'ok   ' if finding.ok else 'WRONG'} {finding.what}{remedy}", flush=True)
    if as_json:
        say([finding.model_dump() for finding in found], as_json, [])
    raise typer.Exit(0 if all(finding.ok for finding in found) else 1)
