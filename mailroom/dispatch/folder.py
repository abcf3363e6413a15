"""Letters written into a folder instead of being sent: for the demo and for trying out."""

import os
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path

from mailroom.dispatch.message import POLICY, build_message
from mailroom.errors import TryAgain
from mailroom.model.base import OutgoingId
from mailroom.model.outgoing import Outgoing


def file_name(outgoing_id: OutgoingId) -> str:
    """How the file of a letter is called."""
    return f"{outgoing_id:06d}.eml"


def _nothing() -> None:
    """Nobody wants to know when the file is written."""


class Folder:
    """A folder of .eml files, one a letter; delivered twice, a letter is still one file."""

    def __init__(self, path: Path, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path = path
        self._now = now

    def deliver(
        self, outgoing: Outgoing, from_name: str, from_address: str, before_data: Callable[[], None] = _nothing,
        back_to: str = "",
    ) -> None:
        """Write the letter under a temporary name, then under its own. Raises TryAgain when the disk refuses."""
        message = build_message(outgoing, from_name=from_name, from_address=from_address, now=self._now())
        before_data()
        name = file_name(outgoing.id)
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            temporary = self._path / f".{name}.tmp"
            with temporary.open("wb") as file:
                file.write(message.as_bytes(policy=POLICY))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self._path / name)
        except OSError as error:
            raise TryAgain(f"{self._path / name}: {error.strerror or error}") from error

    def connection(self) -> nullcontext["Folder"]:
        """A folder needs none."""
        return nullcontext(self)

    def check(self) -> None:
        """Whether the folder can be written to. Raises TryAgain."""
        try:
            self._path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise TryAgain(f"{self._path}: {error.strerror or error}") from error
        if not os.access(self._path, os.W_OK):
            raise TryAgain(f"{self._path}: no right to write there")
