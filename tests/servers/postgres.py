"""A real PostgreSQL: a throwaway cluster of its own, reached by a socket in its own folder."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self


class Postgres:
    """A database server; `url(name)` makes an empty database and tells where it is."""

    def __init__(self) -> None:
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not folders:
            raise RuntimeError("PostgreSQL is missing: apt-get install postgresql")
        self._bin = folders[-1]
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]

    def __enter__(self) -> Self:
        if os.geteuid() == 0:
            # The server refuses to run as root; Debian's package brings a user for it.
            shutil.chown(self._folder, "postgres", "postgres")
        data = self._folder / "data"
        self._run("initdb", "--pgdata", data, "--auth", "trust", "--username", "mailroom", "--encoding", "UTF8",
                  "--locale", "C", "--no-sync")
        self.start()
        return self

    def start(self) -> None:
        """Serve; after a stop with everything that was committed."""
        self._run("pg_ctl", "--pgdata", self._folder / "data", "--wait", "--log", self._folder / "log", "--options",
                  f"-c listen_addresses='' -p {self._port} -k {self._folder} -F", "start")

    def stop(self) -> None:
        """End every connection at once, as a power cut of that machine would."""
        self._run("pg_ctl", "--pgdata", self._folder / "data", "--mode", "immediate", "stop")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def url(self, name: str) -> str:
        """SQLAlchemy address of a new, empty database."""
        self._run("createdb", "--host", self._folder, "--port", str(self._port), "--username", "mailroom", name)
        return f"postgresql+psycopg://mailroom@/{name}?host={self._folder}&port={self._port}"

    def _run(self, command: str, *arguments: str | Path) -> None:
        user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        subprocess.run([self._bin / command, *arguments], check=True, stdout=subprocess.DEVNULL, user=user,
                       cwd=self._folder, stdin=subprocess.DEVNULL)
