"""The original bytes of every letter, under their SHA-256, never changed and never overwritten."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mailroom.errors import TryAgain
from mailroom.mediatype import media_type_of
from mailroom.model.base import Value


class Kept(Value):
    """Bytes that are safe on disk."""

    sha256: str
    size: int
    media_type: str


class Originals:
    """A folder of files named by their content: `ab/cd/abcd…`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the bytes of this digest lie, or would lie."""
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def keep(self, content: bytes) -> Kept:
        """Write the bytes, synced to disk together with every folder that names them; the same bytes are kept once.

        Raises TryAgain when the disk does not take them: the source must then be left untouched.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self.path(sha256)
        try:
            if not path.exists():
                self._write(path, content)
            _sync_folder(path.parent)
        except OSError as error:
            raise TryAgain(f"the original could not be written to {path.parent}: {error.strerror}") from error
        return Kept(sha256=sha256, size=len(content), media_type=media_type_of(content))

    def read(self, sha256: str) -> bytes:
        """The bytes of this digest. Raises FileNotFoundError."""
        return self.path(sha256).read_bytes()

    def is_whole(self, sha256: str) -> bool:
        """Whether the bytes are there and still have this digest."""
        path = self.path(sha256)
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256

    def folders(self) -> Iterator[list[str]]:
        """What lies there, the names of one folder at a time; unfinished ones left out."""
        for folder in sorted(self.folder.glob("??/??")):
            yield [path.name for path in folder.iterdir() if not path.name.startswith(".")]

    def _write(self, path: Path, content: bytes) -> None:
        """Temporary name, fsync, rename, fsync of the folder: after a power cut the file is whole or absent."""
        self._make_folder(path.parent)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".new-")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(0o440)
            Path(temporary).rename(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _make_folder(self, folder: Path) -> None:
        """Create the folder and sync every parent that got a new name."""
        if folder.is_dir():
            return
        if folder != self.folder:
            self._make_folder(folder.parent)
        folder.mkdir(parents=True, exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """A new name is on disk only when its folder is (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
