"""Asks ClamAV about what comes in (clamd(8), INSTREAM).

clamd runs beside the mailroom or not at all: a letter never waits for it. Where it does not answer the letter goes its
way and is looked at later (looking_later.py), and its page, the health page and `mailroom check` say so.

The protocol is spoken here: the libraries for it are unmaintained (clamd 2014, pyClamd 2017), for asyncio, or leave a
socket behind at every refused connection (clamdpy 0.2), and it is three lines long.
"""

import socket
import struct
from pathlib import Path
from typing import BinaryIO

import structlog

from mailroom.config import AntivirusSettings
from mailroom.logs import described

log = structlog.get_logger()

_CHUNK_OCTETS = 1 << 16
_PING_SECONDS = 3
_LONGEST_ANSWER = 4096
_FOUND, _CLEAN = " FOUND", "stream: OK"
_NAME_SIGNS = 80


class Antivirus:
    """One clamd. Safe to be called from several threads: each question has a connection of its own."""

    def __init__(self, settings: AntivirusSettings) -> None:
        self._settings = settings

    @property
    def wanted(self) -> bool:
        """Whether one is configured, or is there where Debian puts it."""
        where = self._settings.socket
        return bool(where) and (not where.startswith("/") or Path(where).exists() or self._settings.needed)

    def virus_in(self, file: Path) -> str | None:
        """The name of what was found in this file; empty for nothing, and where nobody is to look; null when clamd
        cannot be asked, or does not take the file.

        Raises OSError when the file cannot be opened.
        """
        if not self.wanted:
            return ""
        with file.open("rb") as content:
            try:
                answer = self._ask(b"zINSTREAM\0", self._settings.seconds, content)
            except OSError as error:
                log.warning("not_looked_at_for_viruses", sha256=file.name, trouble=described(error))
                return None
        if answer.endswith(_FOUND):
            return answer.removeprefix("stream: ").removesuffix(_FOUND)[:_NAME_SIGNS]
        if answer == _CLEAN:
            return ""
        log.warning("not_looked_at_for_viruses", sha256=file.name, trouble=answer[:_NAME_SIGNS])
        return None

    def answers(self) -> bool:
        """Whether clamd is there and well."""
        try:
            return self._ask(b"zPING\0", _PING_SECONDS) == "PONG"
        except OSError:
            return False

    def _ask(self, command: bytes, seconds: float, content: BinaryIO | None = None) -> str:
        """One command, with a file after it: chunks with their length, and an empty one."""
        with self._connected(seconds) as connection, connection.makefile("rb") as answers:
            connection.sendall(command)
            if content is not None:
                while chunk := content.read(_CHUNK_OCTETS):
                    connection.sendall(struct.pack("!L", len(chunk)) + chunk)
                connection.sendall(struct.pack("!L", 0))
            return answers.read(_LONGEST_ANSWER).rstrip(b"\0\n").decode("utf-8", "replace")

    def _connected(self, seconds: float) -> socket.socket:
        where = self._settings.socket
        if not where.startswith("/"):
            host, _, port = where.rpartition(":")
            return socket.create_connection((host, int(port)), timeout=seconds)
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(seconds)
            connection.connect(where)
        except OSError:
            connection.close()
            raise
        return connection
