"""Commands about people with a log-in. They need the register alone, and load no more than that."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from mailroom.charter.pack import load_pack
from mailroom.cli.app import users
from mailroom.cli.common import OPERATOR, PASSWORD_OCTETS, Data, Json, check_reference, say, settings_of
from mailroom.config import Settings
from mailroom.model.staff import Role, Staff
from mailroom.store.store import Store
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
    settings = settings_of(data)
    pack = load_pack(settings.rules, settings.charter)
    check_reference("officer", officer, {one.id for one in pack.officers})
    check_reference("department", department, {one.id for one in pack.departments})
    password = _password(password_file)
    staff = Staff(login=login, name=name, role=role, officer_id=officer, department_id=department, email=email)
    with _store_of(settings) as store, store.transaction() as register:
        register.people.add(staff, hash_password(password))
        register.history.note("user_added", who=OPERATOR, at=datetime.now(UTC), login=login, role=role)
    _tell_password(login, password, password_file, as_json)


@users.command("passwd")
def users_passwd(login: str, password_file: PasswordFile = None, data: Data = None, as_json: Json = False) -> None:
    """Give somebody a new password, and end their open log-ins."""
    password = _password(password_file)
    with _store_of(settings_of(data)) as store, store.transaction() as register:
        register.people.set_password_hash(login, hash_password(password))
        register.history.note("user_password", who=OPERATOR, at=datetime.now(UTC), login=login)
    _tell_password(login, password, password_file, as_json)


@users.command("disable")
def users_disable(login: str, data: Data = None) -> None:
    """Let somebody log in no more; the history keeps the name."""
    with _store_of(settings_of(data)) as store, store.transaction() as register:
        register.people.disable(login)
        register.history.note("user_disabled", who=OPERATOR, at=datetime.now(UTC), login=login)
    print(f"{login} may not log in any more")


@users.command("list")
def users_list(data: Data = None, as_json: Json = False) -> None:
    """Everybody with a log-in."""
    with _store_of(settings_of(data)) as store, store.reading() as register:
        staff = register.people.all()
    say([one.model_dump(mode="json") for one in staff], as_json,
         [f"{one.login:16} {one.role:12} {'' if one.active else '(disabled) '}{one.name}" for one in staff])


@contextmanager
def _store_of(settings: Settings) -> Iterator[Store]:
    """The register, closed afterwards."""
    store = Store(settings.url, settings.originals_dir)
    try:
        store.migrate()
        yield store
    finally:
        store.close()


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
