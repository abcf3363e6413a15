"""Commands that run until they are stopped: the service and its parts, the demo."""

import logging
from pathlib import Path
from typing import Annotated

import typer

from mailroom import service
from mailroom.cli.app import app
from mailroom.cli.common import Data, Json, log_as_configured, settings_of
from mailroom.cli.dry_run import look_once, run_dry
from mailroom.cli.offices import office_of
from mailroom.demo.town import run_demo
from mailroom.leaving import leave_in_time
from mailroom.logs import configure_logs


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
        service.run(office, watch=watch, work=work, web=web, public=public, on_stopping=leave_in_time)


@app.command()
def demo(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the staff's pages.")] = 8080,
    folder: Annotated[Path | None, typer.Option(
        "--folder", metavar="DIR", help="Where to keep the demo's data; default: a new folder under /tmp.")] = None,
) -> None:
    """A sample town with mail and scans coming in, the pages up, log-ins printed. Ctrl-C ends it."""
    configure_logs(level=logging.WARNING)
    run_demo(port=port, folder=folder)
