"""Commands about people with a log-in, and the keys of the town's other systems."""

import secrets
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from mailroom.cli.common import OPERATOR, PASSWORD_OCTETS, Data, Json, office_of, say, tokens, users
from mailroom.model.access import Scope
from mailroom.model.staff import Role, Staff
from mailroom.web.api_keys import LONGEST_DAYS, make_key, revoke_key
from mailroom.web.passwords import hash_password

PasswordFile = Annotated[Path | None, typer.Option(
    "--password-file", metavar="FILE",
    help="Take the password from the first line of this file, „-“ for standard input; default: one is made and shown "
         "once.")]


@users.command("add")
def users_add(
    login: str,
    name: Annotated[str, typer.Option("--name", help="As it stands in the history.")],
    role: Annotated[Role, typer.Option("--role")],
    officer: Annotated[str | None, typer.Option("--officer", metavar="ID", help="Officer of the rule pack.")] = None,
    department: Annotated[str | None, typer.Option(
        "--department", metavar="ID", help="Department of the rule pack.")] = None,
    email: Annotated[str, typer.Option("--email", metavar="ADDRESS", help="Where news for this person goes.")] = "",
    password_file: PasswordFile = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Add a log-in."""
    with office_of(data) as office:
        _check_reference("officer", officer, {one.id for one in office.pack.officers})
        _check_reference("department", department, {one.id for one in office.pack.departments})
        password = _password(password_file)
        staff = Staff(login=login, name=name, role=role, officer_id=officer, department_id=department, email=email)
        with office.store.transaction() as register:
            register.people.add(staff, hash_password(password))
            register.history.note("user_added", who=OPERATOR, at=office.now(), login=login, role=role)
    _tell_password(login, password, password_file, as_json)


@users.command("passwd")
def users_passwd(login: str, password_file: PasswordFile = None, data: Data = None, as_json: Json = False) -> None:
    """Give somebody a new password, and end their open log-ins."""
    password = _password(password_file)
    with office_of(data) as office, office.store.transaction() as register:
        register.people.set_password_hash(login, hash_password(password))
        register.history.note("user_password", who=OPERATOR, at=office.now(), login=login)
    _tell_password(login, password, password_file, as_json)


@users.command("disable")
def users_disable(login: str, data: Data = None) -> None:
    """Let somebody log in no more; the history keeps the name."""
    with office_of(data) as office, office.store.transaction() as register:
        register.people.disable(login)
        register.history.note("user_disabled", who=OPERATOR, at=office.now(), login=login)
    print(f"{login} may not log in any more")


@users.command("list")
def users_list(data: Data = None, as_json: Json = False) -> None:
    """Everybody with a log-in."""
    with office_of(data) as office, office.store.reading() as register:
        staff = register.people.all()
    say([one.model_dump(mode="json") for one in staff], as_json,
         [f"{one.login:16} {one.role:12} {'' if one.active else '(disabled) '}{one.name}" for one in staff])


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
        _check_reference("department", department, {one.id for one in office.pack.departments})
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


def _check_reference(what: str, wanted: str | None, known: Collection[str]) -> None:
    if wanted is not None and wanted not in known:
        raise typer.BadParameter(f"there is no {what} „{wanted}“ in the rule pack: one of {', '.join(sorted(known))}")


def _password(file: Path | None) -> str:
    """From the file, from standard input, or made up."""
    if file is None:
        return secrets.token_urlsafe(PASSWORD_OCTETS)
    text = sys.stdin.readline() if str(file) == "-" else file.read_text("utf-8").partition("\n")[0]
    password = text.rstrip("\r\n")
    if not password:
        raise typer.BadParameter(f"the password in {file} is empty: write it on the first line")
    return password


def _tell_password(login: str, password: str, file: Path | None, as_json: bool) -> None:
    """A made-up password is shown this once; one that was given is not repeated."""
    made = password if file is None else None
    say({"login": login, "password": made}, as_json,
         [f"{login}: password set" if made is None else f"{login} / {made}   (shown this once)"])
