"""PostgreSQL's own tools: pg_dump takes one consistent snapshot while others write, pg_restore puts it back."""

import os
import subprocess
from pathlib import Path

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine.url import URL, make_url

from mailroom.errors import BadRequest, Misconfigured

PACKAGE = "postgresql-client"


def dump(url: str, file: Path) -> None:
    """Write the whole database into one file, in pg_dump's own format. Raises Misconfigured with what pg_dump says."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")


def restore(url: str, file: Path) -> None:
    """Put a dump into an empty database: all of it or nothing. Raises BadRequest when something is there already."""
    engine = create_engine(url)
    try:
        tables = inspect(engine).get_table_names()
    finally:
        engine.dispose()
    if tables:
        place = make_url(url).render_as_string(hide_password=True)
        raise BadRequest(f"{place} is not empty: make a new database, so that nothing is overwritten")
    _run("pg_restore", url, "--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", str(file))


def _run(tool: str, url: str, *arguments: str) -> None:
    parsed = make_url(url)
    # The password goes by the environment: a command line can be read by everybody on the machine.
    environment = os.environ | ({"PGPASSWORD": parsed.password} if parsed.password else {})
    try:
        done = subprocess.run([tool, f"--dbname={_address(parsed)}", *arguments], env=environment, capture_output=True,
                              text=True, stdin=subprocess.DEVNULL, check=False)
    except FileNotFoundError as error:
        raise Misconfigured(f"{tool} is missing: apt-get install {PACKAGE}") from error
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise Misconfigured(f"{tool}: {said[0] if said else f'exit status {done.returncode}'}")


def _address(url: URL) -> str:
    """As libpq reads it, without driver and password."""
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
