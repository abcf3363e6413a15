"""Names of files, which come from scanners, old shares and other people's machines."""

import os
from pathlib import Path, PurePath

_NOT_POST = frozenset({"thumbs.db", "desktop.ini", ".ds_store"})
"""What Windows and macOS write into every folder that somebody opens."""
_NFS_LEFTOVER = ".nfs"
"""An NFS client's name for a file that was removed while open."""
_TEMPORARY_ENDINGS = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", "~")


def shown(path: PurePath) -> str:
    """A path as text that can be stored: a name that is not UTF-8 shows its octets."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def is_post(name: str) -> bool:
    """False for the files that an operating system leaves behind."""
    return name.lower() not in _NOT_POST and not name.startswith(_NFS_LEFTOVER)


def is_temporary(name: str) -> bool:
    """A name under which programs write what is not finished."""
    return name.startswith((".", "~")) or name.lower().endswith(_TEMPORARY_ENDINGS)


def move_into(source: Path, folder: Path) -> Path:
    """Move a file into a folder, which is made when missing, under a name that is free there; the new path.

    The free name is reserved first, because a rename would silently replace a file. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        target = folder / (source.name if number == 1 else f"{source.stem}-{number}{source.suffix}")
        try:
            target.touch(exist_ok=False)
        except FileExistsError:
            number += 1
            continue
        try:
            return source.replace(target)
        except OSError:
            target.unlink()
            raise
