"""Backup and restore: one file that holds all that is needed to start again elsewhere.

    manifest.json     version, time, what is inside and the SHA-256 of the register
    mailroom.toml     the configuration, and the town's own rules/ and templates/ where they lie in the data directory
    register.db       the register, copied by SQLite's online backup while the service runs
    originals/…       every original that the register knows

The register is copied first. Originals are kept before the register speaks of them, and are never changed or removed;
so every one that the copy names is on disk by then.
"""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path, PurePosixPath

from mailroom.errors import BadRequest
from mailroom.model.base import Value
from mailroom.store.originals import Originals

MANIFEST, REGISTER, ORIGINALS, CONFIG = "manifest.json", "register.db", "originals", "mailroom.toml"
FORMAT = 1


class Backup(Value):
    """What a backup file says of itself."""

    format: int = FORMAT
    made_at: str
    originals: int
    register_sha256: str
    damaged: tuple[str, ...] = ()
    """SHA-256 of originals that the register knows and that are missing or changed. A backup without them is better
    than none, so they are told and not a reason to stop."""


def write_backup(file: Path, *, data_dir: Path, database: Path, extra: tuple[Path, ...], now: datetime) -> Backup:
    """Write a consistent backup while the service runs: temporary name, fsync, rename.

    `extra`: further folders inside `data_dir` to take along. Raises BadRequest when the file exists already.
    """
    if file.exists():
        raise BadRequest(f"{file} exists already: name another file")
    if not file.parent.is_dir():
        raise BadRequest(f"{file.parent} is no folder: make it first")
    with tempfile.TemporaryDirectory(prefix=".mailroom-backup-", dir=file.parent) as folder:
        snapshot, unfinished = Path(folder) / REGISTER, Path(folder) / "backup.tar"
        _copy_database(database, snapshot)
        originals = Originals(data_dir / ORIGINALS)
        digests, damaged = _whole(originals, _digests(snapshot))
        with snapshot.open("rb") as copied:
            register_sha256 = hashlib.file_digest(copied, "sha256").hexdigest()
        backup = Backup(made_at=now.isoformat(), originals=len(digests), register_sha256=register_sha256,
                        damaged=tuple(damaged))
        with unfinished.open("xb") as raw:
            os.chmod(raw.fileno(), 0o600)  # noqa: PTH101 - by descriptor, before the first octet
            with tarfile.open(fileobj=raw, mode="w") as tar:
                _fill(tar, backup, snapshot, data_dir, extra, digests)
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.rename(file)
    _sync_folder(file.parent)
    return backup


def read_backup(file: Path, data_dir: Path) -> Backup:
    """Put a backup into an empty folder; every octet is checked against its digest.

    Raises BadRequest when the folder is not empty or the file is no whole backup; the folder is then as it was.
    """
    if data_dir.exists() and any(data_dir.iterdir()):
        raise BadRequest(f"{data_dir} is not empty: restore into an empty folder, so that nothing is overwritten")
    if not file.is_file():
        raise BadRequest(f"{file} does not exist: name a file that „mailroom backup“ has written")
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".mailroom-restore-", dir=data_dir.parent) as folder:
        unpacked = Path(folder) / "data"
        unpacked.mkdir(mode=0o700)
        try:
            with tarfile.open(file, mode="r:") as tar:
                for member in tar:
                    _unpack(tar, member, unpacked)
        except (tarfile.TarError, EOFError) as error:
            raise BadRequest(f"{file} is no whole backup: {error}") from error
        backup = _checked(unpacked, file)
        if data_dir.exists():
            data_dir.rmdir()
        unpacked.rename(data_dir)
    _sync_folder(data_dir.parent)
    return backup


def _copy_database(source: Path, target: Path) -> None:
    """SQLite's online backup: a consistent copy, also of what still lies in the write-ahead log."""
    address = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as old, closing(sqlite3.connect(target)) as new:
        # All in one step: in WAL mode nobody waits for a reader, and a copy in steps starts again at every write.
        old.backup(new, pages=-1)
        new.execute("PRAGMA journal_mode=DELETE")


def _digests(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [sha256 for (sha256,) in connection.execute(
            "SELECT sha256 FROM arrival UNION SELECT copy_sha256 FROM item WHERE copy_sha256 IS NOT NULL ORDER BY 1")]


def _whole(originals: Originals, digests: list[str]) -> tuple[list[str], list[str]]:
    """Those that are as they were kept, and those that are not."""
    whole = [sha256 for sha256 in digests if originals.is_whole(sha256)]
    return whole, sorted(set(digests) - set(whole))


def _fill(tar: tarfile.TarFile, backup: Backup, snapshot: Path, data_dir: Path, extra: tuple[Path, ...],
          digests: list[str]) -> None:
    said = json.dumps(backup.model_dump(), indent=1).encode()
    manifest = tarfile.TarInfo(MANIFEST)
    manifest.size, manifest.mode = len(said), 0o600
    tar.addfile(manifest, io.BytesIO(said))
    for folder in extra:
        for path in _files(folder):
            tar.add(path, str(path.relative_to(data_dir)), recursive=False)
    tar.add(data_dir / CONFIG, CONFIG)
    tar.add(snapshot, REGISTER)
    originals = Originals(data_dir / ORIGINALS)
    for sha256 in digests:
        path = originals.path(sha256)
        tar.add(path, str(path.relative_to(data_dir)))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """One file, under a relative name without `..`; anything else is not ours."""
    name = PurePosixPath(member.name)
    if member.isdir():
        return
    if not member.isfile() or name.is_absolute() or ".." in name.parts:
        raise BadRequest(f"the backup holds „{member.name}“, which no backup of ours holds")
    content = tar.extractfile(member)
    assert content is not None
    path = folder.joinpath(*name.parts)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("xb") as file:
        while block := content.read(1 << 20):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(0o440 if name.parts[0] == ORIGINALS else 0o600)


def _checked(folder: Path, file: Path) -> Backup:
    """The manifest, after everything it promises was found. Raises BadRequest."""
    for needed in (MANIFEST, REGISTER, CONFIG):
        if not (folder / needed).is_file():
            raise BadRequest(f"{file} is no whole backup: {needed} is missing")
    backup = Backup.model_validate_json((folder / MANIFEST).read_bytes())
    if backup.format != FORMAT:
        raise BadRequest(f"{file} was made by a newer version: restore it with that version")
    with (folder / REGISTER).open("rb") as register:
        if hashlib.file_digest(register, "sha256").hexdigest() != backup.register_sha256:
            raise BadRequest(f"{file} is damaged: the register is not what was backed up")
    (folder / MANIFEST).unlink()
    _, damaged = _whole(Originals(folder / ORIGINALS), _digests(folder / REGISTER))
    return backup.model_copy(update={"damaged": tuple(damaged)})


def _sync_folder(folder: Path) -> None:
    """A new name is on disk only when its folder is (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
