"""Files that a person hands over: messages, mailboxes, scans, and folders of them."""

import email.parser
import email.policy
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO

from mailroom.errors import BadRequest
from mailroom.mediatype import EML, MSG, media_type_of
from mailroom.model.arrival import Channel, Incoming
from mailroom.sources.names import is_post, shown

SOURCE = "intake"
"""Name of the source on the arrivals of files that were handed over."""

BROWSER = "upload"
"""The same for files that came through the desk's page."""

_MBOX_LINE = re.compile(rb"From \S(?>.*?\d\d:\d\d).*\d{4}")
"""The line between two messages (RFC 4155): after an empty line, with a time and a year. Looser readers cut a letter in
two where one of its lines begins with „From “."""
_LONGEST_MBOX_LINE = 1024


def files_in(paths: Iterable[Path], channel: Channel | None, received_at: datetime | None) -> Iterator[Incoming]:
    """Everything in these files and folders, in the order given; a folder is walked in order of its names.

    The type of a file is judged by its content: a mailbox file is split into its messages, a Maildir is read as mail,
    and what is of no known type is handed over too, because a person has to see it. Hidden files of ordinary folders
    and what operating systems leave in them are passed over.

    `channel`: null for e-mail where the file is a message and paper where it is anything else.
    `received_at`: null for the time of the file; for a message, the date of its topmost Received field when it has one.
    That line was written by the municipality's own server on delivery. The Date field is the sender's word and never
    used.

    The key is the file's absolute path with the SHA-256 of the content: the same command given again is no second
    arrival, and neither is a mailbox file that has grown since. Raises BadRequest before the first file is read when a
    path is missing or not readable, and later when one becomes so.
    """
    files = [(file, name) for path in paths for file, name in _files(path)]
    for file, _ in files:
        if not os.access(file, os.R_OK):
            raise BadRequest(f"{shown(file)} cannot be read: check its permissions")
    return _incoming(files, channel, received_at)


def _incoming(
    files: Iterable[tuple[Path, str]], channel: Channel | None, received_at: datetime | None
) -> Iterator[Incoming]:
    for file, name in files:
        try:
            changed_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
            with file.open("rb") as opened:
                for content, part in _contents(opened):
                    is_mail = media_type_of(content) in (EML, MSG)
                    yield Incoming(
                        source=SOURCE,
                        key=f"{shown(file.resolve())}/{hashlib.sha256(content).hexdigest()}",
                        file=name + part,
                        content=content,
                        received_at=received_at or (is_mail and _delivered_at(content)) or changed_at,
                        channel=channel or (Channel.EMAIL if is_mail else Channel.PAPER),
                    )
        except OSError as error:
            raise BadRequest(f"{shown(file)} cannot be read: {error.strerror}") from error


def uploaded(file: BinaryIO, name: str, *, key: str, channel: Channel, received_at: datetime | None,
             now: datetime) -> Iterator[Incoming]:
    """Everything in one file that somebody has sent through the browser, as in `files_in`.

    `channel` is that of paper; a message is e-mail all the same. `received_at`: null for now, or for a message the date
    at which the municipality's own server took it. `key` tells this sending from every other one.
    """
    for content, part in _contents(file):
        is_mail = media_type_of(content) in (EML, MSG)
        yield Incoming(
            source=BROWSER, key=f"{key}/{hashlib.sha256(content).hexdigest()}{part}", file=shown(Path(name)) + part,
            content=content, received_at=received_at or (is_mail and _delivered_at(content)) or now,
            channel=Channel.EMAIL if is_mail else channel)


def _files(path: Path) -> list[tuple[Path, str]]:
    """The files under a path, each with the name that people see. Raises BadRequest."""
    try:
        if path.is_dir():
            return [(file, shown(file.relative_to(path))) for file in _walk(path)]
        path.stat()
    except OSError as error:
        raise BadRequest(f"{shown(path)} cannot be read: {error.strerror}") from error
    if not path.is_file():
        raise BadRequest(f"{shown(path)} is neither a file nor a folder")
    return [(path, shown(Path(path.name)))]


def _walk(folder: Path) -> Iterator[Path]:
    """Files in order of their names. Of a Maildir what is delivered (new, cur) and its subfolders. Raises OSError."""
    maildir = _is_maildir(folder)
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".")
        if path.is_dir() and not path.is_symlink():
            if not (maildir and path.name == "tmp") and (not hidden or _is_maildir(path)):
                yield from _walk(path)
        elif path.is_file() and not maildir and not hidden and is_post(path.name):
            yield path


def _is_maildir(folder: Path) -> bool:
    return all((folder / name).is_dir() for name in ("new", "cur"))


def _contents(file: BinaryIO) -> Iterator[tuple[bytes, str]]:
    """The file's content, or each message of a mailbox file with its number, one in memory at a time."""
    first = file.readline(_LONGEST_MBOX_LINE)
    if not _MBOX_LINE.match(first):
        yield first + file.read(), ""
        return
    for number, message in enumerate(_messages(file), start=1):
        yield message, f"#{number}"


def _messages(file: BinaryIO) -> Iterator[bytes]:
    """From behind the first „From “ line on. Without the empty line that a mailbox file adds after each message;
    „>From “ stays as it is, because nobody can tell whether it was written so."""
    lines: list[bytes] = []
    for line in file:
        if lines and not lines[-1].strip(b"\r\n") and _MBOX_LINE.match(line):
            yield b"".join(lines[:-1])
            lines = []
        else:
            lines.append(line)
    if lines and not lines[-1].strip(b"\r\n"):
        lines.pop()
    yield b"".join(lines)


def _delivered_at(content: bytes) -> datetime | None:
    """The date of the topmost Received field (RFC 5322 3.6.7). Null when it has none, or one in the future."""
    header = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(content[:1 << 18])
    _, semicolon, date = str(header.get("Received", "")).rpartition(";")
    if not semicolon:
        return None
    try:
        at = parsedate_to_datetime(date.strip())
    except (ValueError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)  # -0000: UTC, place unknown
    return at if at <= datetime.now(UTC) + timedelta(days=1) else None
