"""Commands about a person's data: what is held, and erasing it."""

from pathlib import Path
from typing import Annotated

import typer

from mailroom.cli.app import app
from mailroom.cli.common import OPERATOR, Data, Json, say
from mailroom.cli.offices import office_of
from mailroom.erasing import erase as erase_items
from mailroom.erasing import plan
from mailroom.errors import BadRequest
from mailroom.holdings import find, holdings, report_pdf
from mailroom.model.access import Seen
from mailroom.model.base import ItemId
from mailroom.model.erasure import ErasureDone, ErasurePlan, Ground
from mailroom.model.item import Item
from mailroom.office import Office
from mailroom.words import word

Numbers = Annotated[list[str], typer.Argument(metavar="NUMBER…", help="Registration numbers, or „#12“: item 12.")]


def may_see(item: Item) -> bool:
    """A whistleblower's report is for its officer alone, who has a page for it (ЗЗЛПСПОИН 31)."""
    return not item.sealed


@app.command("held")
def held(
    words: Annotated[list[str], typer.Argument(metavar="WORDS…", help="Name, address, telephone, e-mail or ЕГН.")],
    only: Annotated[list[str] | None, typer.Option(
        "--only", metavar="NUMBER", help="Of what was found only these; may be given several times.")] = None,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE.pdf", help="Write all of it here.")] = None,
    data: Data = None, as_json: Json = False,
) -> None:
    """What is held on a person (ОРЗД 15): a list, and with --report a page with everything."""
    with office_of(data) as office:
        rows = find(office, words)
        chosen = set(_ids(office, only)) if only else {row.id for row in rows}
        rows = tuple(row for row in rows if row.id in chosen)
        if report:
            _refuse_existing(report)
            found = holdings(office, [row.id for row in rows], may_see)
            report.write_bytes(report_pdf(office, ", ".join(words), found))
            report.chmod(0o600)
            with office.store.transaction() as register:
                for one in found:
                    register.access_log.note(OPERATOR, Seen.HELD, one.item.id, one.number, sealed=False,
                                             now=office.now())
    say([row.model_dump(mode="json", include={"id", "registration_number", "received_at", "kind", "status", "sender"})
         for row in rows], as_json, [
        *(f"{row.registration_number or f'#{row.id}'}  {row.received_at:%Y-%m-%d}  "
          f"{word(row.kind) if row.kind else ''}  {row.sender}" for row in rows),
        f"{len(rows)} items" + (f"; {report} holds all of it: read it before it goes out" if report else "")])


@app.command("erase")
def erase(
    numbers: Numbers,
    basis: Annotated[str, typer.Option("--basis", help="The legal reason, as the stub will show it.")],
    ground: Annotated[Ground, typer.Option("--ground", help="request: the person asked; unlawful: never to be kept.")] =
    Ground.REQUEST,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this it is only told what would be done.")] = False,
    data: Data = None, as_json: Json = False,
) -> None:
    """Erase the content of items from everywhere; number, dates, kind and the reason stay (ОРЗД чл. 17)."""
    if ground is Ground.ACT:
        raise typer.BadParameter("what is destroyed by an act is destroyed by „mailroom retention“")
    with office_of(data) as office:
        ids = _ids(office, numbers)
        if not yes:
            planned = plan(office, ids, may_see)
            say(planned.model_dump(mode="json"), as_json, [*_told(planned), "nothing was done: add --yes"])
            raise typer.Exit(1 if planned.obstacles else 0)
        done = erase_items(office, ids, may_see, who=OPERATOR, ground=ground, basis=basis)
        with office.store.transaction() as register:
            for item_id, number in zip(done.plan.item_ids, done.plan.numbers, strict=False):
                register.access_log.note(OPERATOR, Seen.ERASED, item_id, number, sealed=False, now=office.now())
    say(done.model_dump(mode="json"), as_json, [*_told(done.plan), *_told_done(done)])


def _told(planned: ErasurePlan) -> list[str]:
    return [
        f"items: {', '.join(planned.numbers) or '–'} ({len(planned.item_ids)} with bounces of letters about them)",
        f"with them: {planned.letters} letters of ours, {planned.files} files",
        *(f"STOP  {obstacle}" for obstacle in planned.obstacles),
        *(f"may still lie in {place}: delete it there too" for place in planned.still_at),
        *(f"still in the backup {backup.file}{'' if backup.there else ' (moved away)'} "
          f"{f'until about {backup.expires}' if backup.expires else 'until somebody removes it'}"
          for backup in planned.backups)]


def _told_done(done: ErasureDone) -> list[str]:
    return [f"erased; {done.files} files removed",
            *([] if done.clean else ["the database is busy: what it keeps of removed rows goes in the night"]),
            *(f"words of it stand elsewhere too: {one.table} {one.key}"
              + (f" (item {one.item_id})" if one.item_id else "") for one in done.leftovers)]


def _ids(office: Office, numbers: list[str]) -> list[ItemId]:
    with office.store.reading() as register:
        found = {number: int(number[1:]) if number.startswith("#") and number[1:].isdecimal()
                 else register.items.by_number(number) for number in numbers}
    for number, item_id in found.items():
        if item_id is None:
            raise BadRequest(f"there is no item {number}: „mailroom held NAME“ lists what there is")
    return [item_id for item_id in found.values() if item_id is not None]


def _refuse_existing(file: Path) -> None:
    if file.exists():
        raise BadRequest(f"{file} exists already: name another file")
