"""Commands that begin: a data directory, its check, the service and its parts, the demo."""

import logging
import secrets
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from mailroom import datadir, export, service
from mailroom.checkup import check_everything
from mailroom.cli.common import OPERATOR, PASSWORD_OCTETS, Data, Json, app, office_of, say, settings_of
from mailroom.config import CONFIG_NAME, Settings
from mailroom.demo.town import run_demo
from mailroom.logs import configure_logs
from mailroom.model.item import Item
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
    found = []
    for finding in check_everything(settings_of(data), try_mail=try_mail):
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
        "--dry-run", help="Read what lies in the mailboxes, change nothing there, send nothing, print what would be "
                          "done, and end.")] = False,
    as_json: Json = False,
) -> None:
    """The whole service in one process: watchers, workers, what is due, web."""
    if dry_run:
        _dry_run(settings_of(data), as_json)
        return
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
    configure_logs()
    with office_of(data) as office:
        office.templates.check()
        service.run(office, watch=watch, work=work, web=web, public=public)


def _dry_run(settings: Settings, as_json: bool) -> None:
    """What one look at the real mailboxes would do, in a throwaway register beside the real one."""
    with tempfile.TemporaryDirectory(prefix=".dry-run-", dir=settings.data_dir) as folder:
        real = open_office(settings)

        def known(name: str, keys: Collection[str]) -> set[str]:
            with real.store.reading() as register:
                return register.arrivals.known(name, keys)

        trial = open_office(service.without_consequences(settings, Path(folder)))
        try:
            items = list(service.try_out(trial, known=known))
        finally:
            trial.close()
            real.close()
    shown = [export.as_dict(export.exported(item, charter=settings.charter)) for item in items]
    say(shown, as_json, [*map(_dry_line, items), f"{len(items)} new; nothing was changed, nothing was sent"])


def _dry_line(item: Item) -> str:
    """What would have become of one item; no words of the citizen."""
    file = item.arrivals[0].file
    if item.entry is None or item.findings is None or item.decision is None:
        return f"{file} → set aside: {item.noncorrespondence_type or item.trouble}"
    letters = ", ".join(f"{one.type} by {one.channel}" for one in item.letters) or "no letter"
    due = item.entry.due.date.isoformat() if item.entry.due.date else "no term"
    return (f"{file} → {item.entry.registration_number}, {item.findings.kind.value}, {item.decision.outcome}, "
            f"due {due}, {item.entry.assigned_to.department}, {letters}")


@app.command()
def demo(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the staff's pages.")] = 8080,
    folder: Annotated[Path | None, typer.Option(
        "--folder", metavar="DIR", help="Where to keep the demo's data; default: a new folder under /tmp.")] = None,
) -> None:
    """A sample town with mail and scans coming in, the pages up, log-ins printed. Ctrl-C ends it."""
    configure_logs(level=logging.WARNING)
    run_demo(port=port, folder=folder)
