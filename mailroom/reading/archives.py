"""The files inside an archive (.zip, .rar, .7z, .tar …), taken out in memory under limits (home of libarchive).

Nothing is written to disk, names are only shown, and an archive inside an archive stays closed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libarchive
from libarchive.exception import ArchiveError

from mailroom.model.letter import Fault
from mailroom.reading.faults import fault

MOST_FILES = 60
LARGEST_FILE = 40_000_000
LARGEST_TOTAL = 100_000_000
"""Octets, unpacked. A letter with its enclosures stays far below; a bomb does not."""
_PROGRAM = re.compile(
    r"\.(?:exe|scr|com|pif|bat|cmd|msi|js|jse|vbs|vbe|wsf|wsh|hta|lnk|ps1|jar|iso|img)\s*$", re.I)


@dataclass(frozen=True, kw_only=True)
class Member:
    """One file of an archive."""

    name: str
    content: bytes


def members(content: bytes) -> Iterator[Member | Fault]:
    """The files in their order; a fault where one, or the rest, cannot be taken out. Never raises."""
    taken = total = 0
    try:
        with libarchive.memory_reader(content) as archive:
            for entry in archive:
                if not entry.isfile:
                    continue
                if taken == MOST_FILES or total >= LARGEST_TOTAL:
                    yield fault("archive_too_large")
                    return
                octets = _unpacked(entry)
                if octets is None:
                    yield fault("archive_too_large")
                    return
                taken, total = taken + 1, total + len(octets)
                if octets:
                    yield Member(name=_name(entry.pathname), content=octets)
        if not taken:
            yield fault("damaged_archive")
    except (ArchiveError, MemoryError, ValueError, UnicodeError) as error:
        locked = any(word in str(error).lower() for word in ("passphrase", "encrypt", "password"))
        yield fault("archive_locked" if locked else "damaged_archive")


def holds_program(content: bytes) -> bool:
    """Whether a file in the archive is, by its name, one that a computer would run. Nothing is unpacked; an archive
    that cannot be opened holds none. Never raises."""
    seen = total = 0
    try:
        with libarchive.memory_reader(content) as archive:
            for entry in archive:
                seen, total = seen + 1, total + (entry.size or 0)
                if _PROGRAM.search(_name(entry.pathname)):
                    return True
                if seen >= MOST_FILES or total > LARGEST_TOTAL:
                    return False
    except (ArchiveError, MemoryError, ValueError, UnicodeError):
        return False
    return False


def _unpacked(entry: libarchive.entry.ArchiveEntry) -> bytes | None:
    """The file's octets; null as soon as there are more than allowed, whatever size the archive declares."""
    octets = bytearray()
    for block in entry.get_blocks():
        octets += block
        if len(octets) > LARGEST_FILE:
            return None
    return bytes(octets)


def _name(path: str | bytes | None) -> str:
    text = path.decode("cp866", "replace") if isinstance(path, bytes) else path or ""
    return text.replace("\\", "/").rpartition("/")[2]
