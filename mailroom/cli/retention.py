"""Commands about how long letters are kept, and the acts by which they are destroyed."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from mailroom.cli.app import app
from mailroom.cli.common import Data, Json, day, say
from mailroom.cli.offices import office_of
from mailroom.errors import BadRequest
from mailroom.model.retention import Act
from mailroom.model.staff import Role, Staff
from mailroom.office import Office
from mailroom.retention import act_pdf, acts, approve, due, nomenclature, propose, withdraw

retention = typer.Typer(help="How long letters are kept, and acts of destruction.")
app.add_typer(retention, name="retention")

By = Annotated[str, typer.Option("--by", metavar="LOGIN", help="Who does it: a log-in of the staff.")]
ActId = Annotated[int, typer.Argument(metavar="ACT", help="As „retention acts“ lists it.")]


@retention.command("classes")
def classes(data: Data = None, as_json: Json = False) -> None:
    """The nomenclature: which class is kept for how long."""
    with office_of(data) as office:
        found = nomenclature(office).classes
    say([one.model_dump(mode="json") for one in found], as_json, [
        f"{one.id}  {f'{one.years} years' if one.years else 'for ever'}  {one.name}  ({one.basis})" for one in found])


@retention.command("due")
def list_due(data: Data = None, as_json: Json = False) -> None:
    """What is over its term, by class and by the year in which it was closed; nothing goes without an act."""
    with office_of(data) as office:
        found = due(office)
    say([one.model_dump(mode="json") for one in found], as_json, [
        *(f"{one.record_class.id}  {one.year}  {len(one.item_ids)} items  {one.record_class.name}" for one in found),
        *(["nothing is due"] if not found else ["next: mailroom retention propose CLASS YEAR --by LOGIN"])])


@retention.command("acts")
def list_acts(data: Data = None, as_json: Json = False) -> None:
    """The acts that were proposed, carried out and withdrawn."""
    with office_of(data) as office:
        found = acts(office)
    say([one.model_dump(mode="json") for one in found], as_json, [_line(one) for one in found])


@retention.command("propose")
def propose_act(
    record_class: Annotated[str, typer.Argument(metavar="CLASS")], year: Annotated[int, typer.Argument(metavar="YEAR")],
    by: By, data: Data = None, as_json: Json = False,
) -> None:
    """Propose an act for everything of a class that was closed in a year."""
    with office_of(data) as office:
        act = propose(office, _staff(office, by), record_class, year)
    say(act.model_dump(mode="json"), as_json, [
        _line(act), f"print it: mailroom retention print {act.id} FILE.pdf --by {by}",
        f"once it is signed, somebody else: mailroom retention approve {act.id} --number … --date … --approver …"])


@retention.command("print")
def print_act(
    act_id: ActId, file: Annotated[Path, typer.Argument(metavar="FILE.pdf")], by: By, data: Data = None,
) -> None:
    """The act to print and sign."""
    if file.exists():
        raise BadRequest(f"{file} exists already: name another file")
    with office_of(data) as office:
        file.write_bytes(act_pdf(office, _staff(office, by), act_id))
    print(file)


@retention.command("approve")
def approve_act(
    act_id: ActId, by: By,
    number: Annotated[str, typer.Option("--number", help="Of the signed act.")],
    dated: Annotated[str, typer.Option("--date", metavar="ISO", help="Of the signed act.")],
    approver: Annotated[str, typer.Option("--approver", help="Who has approved it: office and name.")],
    data: Data = None, as_json: Json = False,
) -> None:
    """Enter the approval of an act that somebody else proposed, and carry it out."""
    on: date = day(dated)
    with office_of(data) as office:
        act = approve(office, _staff(office, by), act_id, number=number, dated=on, approver=approver)
    say(act.model_dump(mode="json"), as_json, [
        _line(act),
        *(f"left out: item {item_id}, opened again or in one file with others" for item_id in act.left_out)])


@retention.command("withdraw")
def withdraw_act(act_id: ActId, by: By, data: Data = None) -> None:
    """Nothing comes of this act."""
    with office_of(data) as office:
        withdraw(office, _staff(office, by), act_id)
    print(f"act {act_id} is withdrawn; its items are due again")


def _staff(office: Office, login: str) -> Staff:
    """Whistleblowers' reports are destroyed on the page of their officer, where log-ins are proved."""
    with office.store.reading() as register:
        found = next((one for one in register.people.all() if one.login == login and one.active), None)
    if found is None:
        raise BadRequest(f"there is no active log-in „{login}“: mailroom users list")
    if found.role is Role.CONFIDENTIAL:
        raise BadRequest("acts about whistleblowers' reports are made in the browser alone")
    return found


def _line(act: Act) -> str:
    signed = f"  № {act.number}/{act.dated}, {act.approver}" if act.number else ""
    return f"{act.id}  {act.state}  {act.class_id}  {act.year}  {len(act.item_ids)} items  by {act.proposed_by}{signed}"
