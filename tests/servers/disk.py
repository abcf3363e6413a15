"""A small disk of its own, which can be filled to the last octet and emptied again."""

import contextlib
import os
import subprocess
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Self

_CHUNKS = (1 << 20, 1 << 12, 1)


class SmallDisk:
    """A file system in memory, mounted on a folder where only commands run by `within` see it: in a mount namespace
    of its own (unshare(1)), for which no rights of root are needed where the kernel lets users have such. Used as a
    context manager. Raises RuntimeError where the kernel does not.
    """

    def __init__(self, folder: Path, *, megabytes: int) -> None:
        self._folder, self._megabytes = folder, megabytes
        self._holder: subprocess.Popen[str] | None = None

    @property
    def within(self) -> tuple[str, ...]:
        """What stands before a command that is to see the disk."""
        assert self._holder is not None
        user = () if os.geteuid() == 0 else ("--user", "--preserve-credentials")
        return ("nsenter", "--target", str(self._holder.pid), "--mount", *user)

    @property
    def here(self) -> Path:
        """Where everybody else finds it."""
        assert self._holder is not None
        return Path(f"/proc/{self._holder.pid}/root{self._folder}")

    def fill(self, moments: Random) -> None:
        """Take all that is left but some octets, fewer than a letter needs."""
        left = moments.randrange(1 << 14)
        with self._ballast.open("ab", buffering=0) as file:
            for size in _CHUNKS[:-1]:
                with contextlib.suppress(OSError):
                    while True:
                        if file.write(bytes(size)) < size:
                            break
        os.truncate(self._ballast, max(0, self._ballast.stat().st_size - left))

    def free(self) -> None:
        """Somebody has cleared up."""
        self._ballast.unlink()

    @property
    def _ballast(self) -> Path:
        return self.here / "ballast"

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
        self._holder = subprocess.Popen(
            ["unshare", *user, "--mount", "sh", "-c",
             f"mount -t tmpfs -o size={self._megabytes}m none '{self._folder}' && echo mounted && exec sleep infinity"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._holder.stdout is not None and self._holder.stderr is not None
        if not self._holder.stdout.readline():
            told = self._holder.stderr.read()
            self._end()
            raise RuntimeError(f"no mount namespace can be had here: {told}")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._end()

    def _end(self) -> None:
        assert self._holder is not None
        self._holder.kill()
        self._holder.communicate()
