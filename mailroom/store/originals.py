"""The original bytes of every letter, under their SHA-256, never changed and never overwritten.

The folder may be a share of another machine. When that is gone, its empty mount point is a folder like any other, and a
letter that is written there is lost to everybody who mounts the share again. So the folder bears a mark of its
register: without it nothing is written there, and nothing is believed to be missing.
"""

import contextlib
import hashlib
import os
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

from mailroom.errors import Misconfigured, TryAgain
from mailroom.mediatype import media_type_of
from mailroom.model.base import Value

MARK = ".register"
"""Name of the file with the mark."""
_AT_ONCE = 8
"""So many files wait for the disk side by side: the file system makes one journal commit of it."""


class Kept(Value):
    """Bytes that are safe on disk."""

    sha256: str
    size: int
    media_type: str


class Originals:
    """A folder of files named by their content: `ab/cd/abcd…`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mark = ""
        self._known: tuple[str, ...] = ()
        self._looking: threading.Thread | None = None
        self._seen = ""

    def recognise(self, mark: str, known: Iterable[str]) -> None:
        """From now on the folder counts as there only when it bears this mark. `known`: some digests that lie in it, by
        which the folder of an earlier version or out of a backup is recognised and gets its mark; of a register without
        letters any folder does that has none either.

        Raises Misconfigured where the register has no letter and the folder has: the register was lost, or it is
        another one, and would give numbers a second time.
        """
        self._mark, self._known = mark, tuple(known)
        if self._known or self._mark_found() == mark:
            return
        if next(self.folder.glob("??/??/*"), None) is not None:
            raise Misconfigured(
                f"{self.folder} holds letters and the register none: it was lost, or is another one, and would give "
                "numbers a second time: put the last backup into a new folder („mailroom restore“), or correct "
                "database_url")
        self._leave_mark()

    def trouble(self) -> str:
        """Why the folder is not the one of the register; empty when it is."""
        try:
            found = self._mark_found()
        except OSError as error:
            return f"{self.folder} cannot be read: {error.strerror}"
        if found == self._mark:
            return ""
        if found:
            return f"{self.folder} belongs to another register (by the mark {MARK} in it): mount the right one"
        if any(self.path(sha256).exists() for sha256 in self._known):
            self._leave_mark()
            return ""
        return f"{self.folder} is not there, or empty as the place where nothing is mounted: mount it"

    def trouble_within(self, seconds: float) -> str:
        """The same, also where the folder does not answer: a share that hangs, hangs whoever asks it."""
        if self._looking is None or not self._looking.is_alive():
            self._looking = threading.Thread(target=self._look, name="mailroom-originals", daemon=True)
            self._looking.start()
        self._looking.join(seconds)
        return f"{self.folder} does not answer" if self._looking.is_alive() else self._seen

    def check(self) -> None:
        """Raises TryAgain when the folder is not the one of the register."""
        trouble = self.trouble()
        if trouble:
            raise TryAgain(f"originals: {trouble}")

    def _look(self) -> None:
        self._seen = self.trouble()

    def _mark_found(self) -> str:
        if not self._mark:
            return ""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return (self.folder / MARK).read_text("ascii", "replace").strip()
        return ""

    def _leave_mark(self) -> None:
        """Where that cannot be done nothing can be kept either, which whoever tries it is told."""
        with contextlib.suppress(OSError):
            self._make_folders(())
            _write_beside(self.folder / MARK, self._mark.encode()).rename(self.folder / MARK)
            _sync_folder(self.folder)

    def path(self, sha256: str) -> Path:
        """Where the bytes of this digest lie, or would lie."""
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def keep(self, content: bytes) -> Kept:
        """Write the bytes, synced to disk together with every folder that names them; the same bytes are kept once.

        Raises TryAgain when the disk does not take them: the source must then be left untouched.
        """
        return self.keep_all([content])[0]

    def keep_all(self, contents: Sequence[bytes]) -> list[Kept]:
        """The same for many at once, whose waiting for the disk then overlaps: returns when all are safe."""
        self.check()
        named = [(hashlib.sha256(content).hexdigest(), content) for content in contents]
        paths = {self.path(sha256): content for sha256, content in named}
        try:
            self._make_folders(paths)
            with ThreadPoolExecutor(min(len(paths), _AT_ONCE)) as threads:
                self._write({path: content for path, content in paths.items() if not path.exists()}, threads)
                folders = {folder for path in paths for folder in (path.parent, path.parent.parent, self.folder)}
                list(threads.map(_sync_folder, folders))
        except OSError as error:
            raise TryAgain(f"the original could not be written to {self.folder}: {error.strerror}") from error
        self.check()  # the share may have gone meanwhile
        return [Kept(sha256=sha256, size=len(content), media_type=media_type_of(content)) for sha256, content in named]

    def read(self, sha256: str) -> bytes:
        """The bytes of this digest. Raises FileNotFoundError."""
        return self.path(sha256).read_bytes()

    def keep_again(self, kept: Kept, content: bytes) -> None:
        """The same bytes of an earlier letter were just erased, while these came in: then they are written anew."""
        if not self.path(kept.sha256).exists():
            self.keep(content)

    def remove(self, sha256: str) -> bool:
        """The letter was erased, and no other speaks of these bytes; whether they were there.

        Raises TryAgain when nobody can tell.
        """
        self.check()
        path = self.path(sha256)
        if not path.exists():
            return False
        path.unlink()
        _sync_folder(path.parent)
        return True

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

    def _write(self, contents: Mapping[Path, bytes], threads: Executor) -> None:
        """Temporary names, fsync, rename, to be followed by fsync of the folders: after a power cut each file is whole
        or absent."""
        begun = {path: threads.submit(_write_beside, path, content) for path, content in contents.items()}
        failures = [error for error in (one.exception() for one in begun.values()) if error is not None]
        for path, written in begun.items():
            if not failures:
                written.result().rename(path)
            elif written.exception() is None:
                written.result().unlink(missing_ok=True)
        if failures:
            raise failures[0]

    def _make_folders(self, paths: Iterable[Path]) -> None:
        """Those in which the files will lie. The folder of all of them is synced where it is new; the others follow."""
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
            _sync_folder(self.folder.parent)
        for path in paths:
            path.parent.mkdir(parents=True, exist_ok=True)


def _write_beside(path: Path, content: bytes) -> Path:
    """Write under a temporary name beside `path` and sync; the temporary name."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o440)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _sync_folder(folder: Path) -> None:
    """A new name is on disk only when its folder is (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
