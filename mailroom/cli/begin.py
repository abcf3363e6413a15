"""Commands that begin: a data directory, its check, the service and its parts, the demo."""

import logging
import secrets
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from mailroom import datadir, service
from mailroom.checkup import check_everything
from mailroom.cli.common import (
    OPERATOR,
    PASSWORD_OCTETS,
    Data,
    Json,
    app,
    log_as_configured,
    office_of,
    say,
    settings_of,
)
from mailroom.cli.dry_run import look_once, run_dry
from mailroom.config import CONFIG_NAME
from mailroom.demo.town import run_demo
from mailroom.engine.distributed import look_for_workers
from mailroom.logs import configure_logs
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


@app.command()
def run(
    data: Data = None,
    dry_run: Annotated[bool, typer.Option(
        "--dry-run", help="Beside the real mailboxes: read them, change nothing there, send nothing, and show what "
                          "would have been done, until stopped; a restart goes on where it was.")] = False,
    once: Annotated[bool, typer.Option(
        "--once", help="With --dry-run: look once, print what would be done, and end.")] = False,
    as_json: Json = False,
) -> None:
    """The whole service in one process: watchers, workers, what is due, web."""
    if once and not dry_run:
        raise typer.BadParameter("--once goes with --dry-run alone")
    if once:
        look_once(settings_of(data), as_json)
    elif dry_run:
        run_dry(settings_of(data))
    else:
        _serve(data, watch=True, work=True, web=True, public=False)


@app.command()
def watch(data: Data = None) -> None:
    """Only the watchers of mailboxes and folders."""
    _serve(data, watch=True, work=False, web=False, public=False)


@app.command()
def work(data: Data = None) -> None:
    """Only the workers and what is due."""
    _serve(data, watch=False, work=True, web=False, public=False)


@app.command()
def web(
    data: Data = None,
    public: Annotated[bool, typer.Option("--public", help="The citizens' status page alone.")] = False,
) -> None:
    """Only the staff's pages, or only the citizens' status page."""
    _serve(data, watch=False, work=False, web=not public, public=public)


def _serve(data: Path | None, *, watch: bool, work: bool, web: bool, public: bool) -> None:
    log_as_configured(settings_of(data))
    with office_of(data, patient=True) as office:
        office.templates.check()
        service.run(office, watch=watch, work=work, web=web, public=public)


@app.command()
def demo(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the staff's pages.")] = 8080,
    folder: Annotated[Path | None, typer.Option(
        "--folder", metavar="DIR", help="Where to keep the demo's data; default: a new folder under /tmp.")] = None,
) -> None:
    """A sample town with mail and scans coming in, the pages up, log-ins printed. Ctrl-C ends it."""
    configure_logs(level=logging.WARNING)
    run_demo(port=port, folder=folder)
