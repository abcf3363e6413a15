"""`mailroom upgrade`: the register brought to this version's schema, with a copy of what it was."""

from typing import Annotated

import typer

from mailroom.cli.app import app
from mailroom.cli.common import Data, Json, say, settings_of
from mailroom.store.store import Store
from mailroom.store.upgrading import Rehearsal, refuse_newer


@app.command()
def upgrade(
    check: Annotated[bool, typer.Option(
        "--check", help="Change nothing: rehearse it on a copy, and say what it needs and how long it takes.")] = False,
    backup: Annotated[bool, typer.Option(
        "--backup/--no-backup", help="PostgreSQL: copy the database with pg_dump before; SQLite is always copied.",
    )] = True,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Bring the register to this version's schema; when that fails, it is as it was."""
    settings = settings_of(data)
    store = Store(settings.url, settings.originals_dir)
    try:
        if check:
            _tell(store.rehearse_upgrade(), as_json)
            return
        done = store.migrate(asked_for=True, dump=backup)
    finally:
        store.close()
    kept = [f"as it was before: {done.copy_of_before}"] if done.copy_of_before else []
    say(done.model_dump(), as_json, [
        f"schema {done.after} is there already: nothing to do" if done.before == done.after else
        f"schema {done.before or 'none'} → {done.after} in {done.seconds:.1f} s", *kept])


def _tell(found: Rehearsal, as_json: bool) -> None:
    refuse_newer(found.state)
    lines = [f"schema {found.state.current or 'none'}, this version needs {found.state.wanted}; {found.letters} "
             "letters", *(f"to do {step}" for step in found.state.pending)]
    if found.fault:
        lines.append(f"WRONG {found.fault}")
    elif not found.state.pending:
        lines.append("ok    nothing to do")
    elif found.seconds is not None:
        lines.append(f"ok    rehearsed on a copy in {found.seconds:.1f} s; {found.megabytes} MB, needs "
                     f"{found.needed_megabytes} MB free, {found.free_megabytes} are. Stop the service before")
    else:
        lines.append("note  a register on a server is not rehearsed: stop every process, then „mailroom upgrade“, "
                     "which makes a pg_dump in the current folder first")
    say(found.model_dump(), as_json, lines)
    raise typer.Exit(1 if found.fault else 0)
