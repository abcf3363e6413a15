"""The command that moves a register from one machine's file to the server of many."""

from typing import Annotated

import typer
from sqlalchemy.engine.url import make_url

from mailroom.cli.app import app
from mailroom.cli.common import Data, Json, say, settings_of
from mailroom.config import CONFIG_NAME, Settings
from mailroom.engine.distributed import attach
from mailroom.engine.inline import take_over
from mailroom.errors import BadRequest
from mailroom.office import open_office
from mailroom.store.moving import move
from mailroom.store.store import Store

DRIVER = "postgresql+psycopg"


@app.command("move-database")
def move_database(
    url: Annotated[str, typer.Argument(metavar="URL", help="An empty database: postgresql://mailroom@host/mailroom")],
    data: Data = None, as_json: Json = False,
) -> None:
    """Copy the whole register from SQLite to an empty PostgreSQL database, and prove that it is the same."""
    settings = settings_of(data)
    file = settings.sqlite_file
    if file is None:
        raise BadRequest("database_url: the register lies on PostgreSQL already")
    address = _address(url)
    target = Store(address, settings.originals_dir)

    def tell(line: str) -> None:
        if not as_json:
            print(line, flush=True)

    try:
        moved = move(file, target, on_copied=lambda table, rows: tell(f"copied {table}: {rows} rows"),
                     on_proved=lambda one: tell(f"same   {one.table}: {one.rows} rows, {one.sha256[:12]}"))
    finally:
        target.close()
    _make_ready(settings, address)
    line = f'database_url = "{make_url(address).set(password=None).render_as_string()}"'
    say({"line": line, "tables": [one.model_dump() for one in moved]}, as_json, [
        f"moved and proved: {len(moved)} tables, {sum(one.rows for one in moved)} rows, numbers and history",
        f"Now write into {settings.data_dir / CONFIG_NAME}:   {line}",
        "The password stands in no file of ours: PGPASSFILE names the one that libpq reads (docs/SIZES.md).",
        f"Then start the service and „mailroom verify“. {file} was only read: keep it until a backup is made."])


def _address(url: str) -> str:
    """As SQLAlchemy takes it, whichever way people write it. Raises BadParameter for another kind of database."""
    scheme, there, rest = url.partition("://")
    if not there or scheme not in ("postgresql", "postgres", DRIVER):
        raise typer.BadParameter(f"„{url.rpartition('@')[2]}“ is no address of a PostgreSQL database: write "
                                 "postgresql://mailroom@db.example.bg/mailroom")
    return f"{DRIVER}://{rest}"


def _make_ready(settings: Settings, address: str) -> None:
    """The jobs' tables; and what was held by processes that have ended is free."""
    office = open_office(settings.model_copy(update={"database_url": address}))
    try:
        attach(office)
        take_over(office)
    finally:
        office.close()
