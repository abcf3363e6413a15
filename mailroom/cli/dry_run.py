"""A dry run from the command line: the run itself, what it has shown, and its end."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from mailroom import dry_run, export, service
from mailroom.cli.app import dry_runs
from mailroom.cli.common import Data, Json, day, log_as_configured, say, settings_of
from mailroom.config import Settings
from mailroom.dry_run import alone, days_of, folder_of, known_in, open_dry_office, real_register, take_staff_along
from mailroom.errors import BadRequest
from mailroom.leaving import leave_in_time
from mailroom.model.dry_run import DryDay
from mailroom.model.item import Item
from mailroom.office import Office
from mailroom.store.backup import REGISTER
from mailroom.store.store import Store


def run_dry(settings: Settings) -> None:
    """Until it is stopped, from where the last one stopped."""
    log_as_configured(settings)
    with alone(settings) as folder, _offices(settings, folder) as (office, real):
        take_staff_along(real, office.store)
        web = settings.web
        print("Dry run: nothing is changed in the mailboxes, nothing is sent. Pages: "
              f"http://{web.host}:{web.port}/dry-run\n"
              "What it has shown: mailroom dry-run report. Its end: Ctrl-C, then mailroom dry-run discard or go-live.",
              flush=True)
        service.run(office, public=False, known=known_in(office.store, real), on_stopping=leave_in_time)


def look_once(settings: Settings, as_json: bool) -> None:
    """What one look at the real mailboxes would do, in a throwaway register beside the real one."""
    with tempfile.TemporaryDirectory(prefix=".dry-run-", dir=settings.data_dir) as folder, \
            _offices(settings, Path(folder)) as (office, real):
        items = list(service.try_out(office, known=known_in(office.store, real)))
    _say_items(items, settings, as_json, f"{len(items)} new; nothing was changed, nothing was sent")


@contextmanager
def _offices(settings: Settings, folder: Path) -> Iterator[tuple[Office, Store | None]]:
    """The dry run's office and the real register, closed afterwards."""
    real = real_register(settings)
    office = open_dry_office(settings, folder)
    try:
        yield office, real
    finally:
        office.close()
        if real is not None:
            real.close()


def _say_items(items: list[Item], settings: Settings, as_json: bool, summary: str) -> None:
    shown = [export.as_dict(export.exported(item, charter=settings.charter)) for item in items]
    say(shown, as_json, [*map(_line, items), summary])


def _line(item: Item) -> str:
    """What would have become of one item; no words of the citizen."""
    file = item.arrivals[0].file
    if item.entry is None or item.findings is None or item.decision is None:
        return f"{file} → set aside: {item.noncorrespondence_type or item.trouble}"
    letters = ", ".join(f"{one.type} by {one.channel}" for one in item.letters) or "no letter"
    due = item.entry.due.date.isoformat() if item.entry.due.date else "no term"
    return (f"{file} → {item.entry.registration_number}, {item.findings.kind.value}, {item.decision.outcome}, "
            f"due {due}, {item.entry.assigned_to.department}, {letters}")


@dry_runs.command("report")
def report(
    since: Annotated[str | None, typer.Option("--since", metavar="DATE", help="From this day on.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="DATE", help="Until this day.")] = None,
    letters: Annotated[bool, typer.Option("--letters", help="A line for each letter too.")] = False,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """What would have been registered, answered and filtered, each day; the dry run may be at work."""
    settings = settings_of(data)
    first, last = day(since) if since else date.min, day(until) if until else date.max
    store = _dry_register(settings)
    try:
        days = [one for one in days_of(store) if first <= one.day <= last]
        items = [item for item in _items(store) if first <= item.received_at.date() <= last] if letters else []
    finally:
        store.close()
    say({"days": [one.model_dump(mode="json") for one in days], "letters": [_line(item) for item in items]}, as_json, [
        *map(_day_line, reversed(days)), *map(_line, items),
        f"{sum(one.came for one in days)} letters in {len(days)} days; nothing was changed, nothing was sent"])


def _day_line(one: DryDay) -> str:
    kinds = ", ".join(f"{kind} {number}" for kind, number in one.kinds.items())
    filtered = ", ".join(f"{reason} {number}" for reason, number in one.filtered.items())
    return (f"{one.day} came {one.came}: registered {one.registered}{f' ({kinds})' if kinds else ''}, of these "
            f"{one.for_a_person} for a person; letters that would have left {one.answered}, held {one.held}; set aside "
            f"{sum(one.filtered.values())}{f' ({filtered})' if filtered else ''}; not through {one.unfinished}")


@dry_runs.command("discard")
def discard(data: Data = None, as_json: Json = False) -> None:
    """Throw away everything that the dry run has made; the mailboxes were never touched."""
    settings = settings_of(data)
    dry_run.discard(settings)
    say({"removed": str(folder_of(settings))}, as_json, [
        f"{folder_of(settings)} is gone; „mailroom run“ takes in what lies in the mailboxes"])


@dry_runs.command("go-live")
def go_live(data: Data = None, as_json: Json = False) -> None:
    """Make what the dry run has registered the register; its letters stay held until a person lets them go."""
    settings = settings_of(data)
    kept = dry_run.go_live(settings)
    say({"register": str(settings.data_dir / REGISTER), "before": str(kept)}, as_json, [
        f"the dry run's register is the register now; the one of before: {kept}",
        "its letters wait on the page „Изходящи“: let go or cancel each. Then „mailroom run“"])


def _dry_register(settings: Settings) -> Store:
    folder = folder_of(settings)
    if not (folder / REGISTER).exists():
        raise BadRequest(f"{folder}: there is no dry run: „mailroom run --dry-run“ begins one")
    return Store(f"sqlite:///{folder / REGISTER}", folder / "originals")


def _items(store: Store) -> Iterator[Item]:
    """Without the sealed ones."""
    with store.reading() as register:
        ids = register.items.ids()
    for item_id in ids:
        item = store.item(item_id)
        if item is not None and not item.sealed:
            yield item
