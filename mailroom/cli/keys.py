"""Commands about the keys of the town's other systems."""

from typing import Annotated

import typer

from mailroom.cli.app import tokens
from mailroom.cli.common import OPERATOR, Data, Json, check_reference, say
from mailroom.cli.offices import office_of
from mailroom.model.access import Scope
from mailroom.web.api_keys import LONGEST_DAYS, make_key, revoke_key


@tokens.command("add")
def tokens_add(
    name: Annotated[str, typer.Argument(help="The system that gets it, as people call it.")],
    scope: Annotated[list[Scope], typer.Option("--scope", help="What it may do; may be given twice.")],
    department: Annotated[str | None, typer.Option(
        "--department", metavar="ID", help="Only letters of this department of the rule pack.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=LONGEST_DAYS, help="How long it is good.")] = 365,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Make a key for another system; its secret is shown once."""
    with office_of(data) as office:
        check_reference("department", department, {one.id for one in office.pack.departments})
        made, secret = make_key(office, OPERATOR, name, scope, department_id=department, days=days)
    say({**made.model_dump(mode="json"), "secret": secret}, as_json,
         [f"{made.id} {made.name}: {secret}   (shown this once; good until {made.expires_at:%Y-%m-%d})"])


@tokens.command("revoke")
def tokens_revoke(number: Annotated[int, typer.Argument(metavar="NUMBER")], data: Data = None) -> None:
    """Take a key back."""
    with office_of(data) as office:
        gone = revoke_key(office, OPERATOR, number)
    print(f"{gone.id} {gone.name}: opens nothing any more")


@tokens.command("list")
def tokens_list(data: Data = None, as_json: Json = False) -> None:
    """Every key that ever was."""
    with office_of(data) as office, office.store.reading() as register:
        known, now = register.tokens.all(), office.now()
    say([one.model_dump(mode="json") for one in known], as_json, [
        f"{one.id:4} {'revoked' if one.revoked_at else 'expired' if one.expires_at <= now else 'good   '} "
        f"until {one.expires_at:%Y-%m-%d}  {'+'.join(one.scopes):14} {one.department_id or 'all':14} {one.name}"
        for one in known])
