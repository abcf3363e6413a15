"""Backup and restore: one file that holds all that is needed to start again elsewhere.

    mailroom.toml     the configuration; and where they lie in the data directory, the town's own rules/, templates/,
                      lexicon/ and certificates/
    register.db       the register, copied by SQLite's online backup while the service runs; or
    register.dump     the register as pg_dump writes it, one snapshot while others write
    originals/…       every original that the register knows
    manifest.json     version, time, how much is inside and the SHA-256 of the register

It is a tar file; with recipients it goes through age on its way to the disk, so that nothing lies there in the clear.

The register is copied first. Originals are kept before the register speaks of them and never changed; so every one that
the copy names is on disk by then, unless an erasure comes in between, which the backup then tells.
"""

import hashlib
import io
import json
import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from sqlalchemy import create_engine, text
from sqlalchemy.engine.url import make_url

from mailroom.config import load_settings
from mailroom.errors import BadRequest
from mailroom.model.base import Value
from mailroom.store import damage, encryption, pg_tools
from mailroom.store.originals import Originals

MANIFEST, REGISTER, ORIGINALS, CONFIG = "manifest.json", "register.db", "originals", "mailroom.toml"
DUMP = "register.dump"
FORMAT = 1
PAGE = 1000
_ALL_FILES = text("SELECT sha256 FROM arrival WHERE sha256 <> '' "
                  "UNION SELECT copy_sha256 FROM item WHERE copy_sha256 IS NOT NULL ORDER BY 1")


class Backup(Value):
    """What a backup file says of itself."""

    format: int = FORMAT
    made_at: str
    originals: int
    register_sha256: str
    damaged: tuple[str, ...] = ()
    """SHA-256 of originals that the register knows and that are missing or changed. A backup without them is better
    than none, so they are told and not a reason to stop."""


class Written(Value):
    """A backup file that was written."""

    backup: Backup
    size: int
    sha256: str
    """Of the file, as it lies on disk."""


def write_backup(file: Path, *, data_dir: Path, url: str, extra: tuple[Path, ...], now: datetime,
                 recipients: Sequence[str] = ()) -> Written:
    """Write a consistent backup while the service runs: temporary name, fsync, rename.

    url: SQLAlchemy address of the register. extra: further folders inside `data_dir` to take along. recipients: public
    keys of age; none: in the clear. Raises BadRequest when the file exists already.
    """
    if file.exists():
        raise BadRequest(f"{file} exists already: name another file")
    if not file.parent.is_dir():
        raise BadRequest(f"{file.parent} is no folder: make it first")
    encryption.check_recipients(recipients)
    with damage.told(), tempfile.TemporaryDirectory(prefix=".mailroom-backup-", dir=file.parent) as folder:
        snapshot, unfinished = _copy_register(url, Path(folder)), Path(folder) / "backup.tar"
        with unfinished.open("xb") as raw:
            os.chmod(raw.fileno(), 0o600)  # noqa: PTH101 - by descriptor, before the first octet
            counted = _Counted(raw)
            with _sink(counted, recipients) as sink, tarfile.open(fileobj=sink, mode="w|") as tar:
                backup = _fill(tar, snapshot, url, data_dir, extra, now)
            raw.flush()
            os.fsync(raw.fileno())
        unfinished.rename(file)
    _sync_folder(file.parent)
    return Written(backup=backup, size=counted.size, sha256=counted.digest.hexdigest())


class _Counted:
    """A file that is written, with its size and digest so far."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self.size, self.digest = 0, hashlib.sha256()

    def write(self, octets: bytes) -> int:
        """Write all of them."""
        self.size += len(octets)
        self.digest.update(octets)
        return self._raw.write(octets)

    def flush(self) -> None:
        """To the system."""
        self._raw.flush()


def _sink(counted: _Counted, recipients: Sequence[str]) -> AbstractContextManager[BinaryIO]:
    raw = cast(BinaryIO, counted)
    return encryption.encrypted(raw, recipients) if recipients else nullcontext(raw)


def read_backup(file: Path, data_dir: Path, *, identity: Path | None = None, database_url: str = "") -> Backup:
    """Put a backup into an empty folder; every octet is checked against its digest.

    identity: file with the key of an encrypted backup. database_url: an empty database for the backup of a PostgreSQL
    register; empty: the one named in its mailroom.toml. Raises BadRequest when the folder is not empty, the key is
    another or the file is no whole backup; the folder is then as it was.
    """
    if data_dir.exists() and any(data_dir.iterdir()):
        raise BadRequest(f"{data_dir} is not empty: restore into an empty folder, so that nothing is overwritten")
    if not file.is_file():
        raise BadRequest(f"{file} does not exist: name a file that „mailroom backup“ has written")
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".mailroom-restore-", dir=data_dir.parent) as folder:
        unpacked = Path(folder) / "data"
        unpacked.mkdir(mode=0o700)
        with file.open("rb") as raw, _plain(raw, file, identity) as source:
            _unpack_all(source, unpacked, file)
        backup = _checked(unpacked, file, database_url)
        if data_dir.exists():
            data_dir.rmdir()
        unpacked.rename(data_dir)
    _sync_folder(data_dir.parent)
    return backup


def _plain(raw: BinaryIO, file: Path, identity: Path | None) -> AbstractContextManager[BinaryIO]:
    if not encryption.is_encrypted(file):
        return nullcontext(raw)
    if identity is None:
        raise BadRequest(f"{file} is encrypted: give the file with the key as --identity")
    return encryption.decrypted(raw, identity)


def _unpack_all(source: BinaryIO, folder: Path, file: Path) -> None:
    try:
        with tarfile.open(fileobj=source, mode="r|") as tar:
            for member in tar:
                _unpack(tar, member, folder)
    except (tarfile.TarError, EOFError) as error:
        raise BadRequest(f"{file} is no whole backup: {error}") from error


def _copy_register(url: str, folder: Path) -> Path:
    """A consistent copy of the register; where it lies."""
    if make_url(url).get_backend_name() == "sqlite":
        copy_database(Path(make_url(url).database or ""), folder / REGISTER)
        return folder / REGISTER
    pg_tools.dump(url, folder / DUMP)
    return folder / DUMP


def copy_database(source: Path, target: Path) -> None:
    """SQLite's online backup: a consistent copy, also of what still lies in the write-ahead log."""
    address = f"{source.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True)) as old, closing(sqlite3.connect(target)) as new:
        # All in one step: in WAL mode nobody waits for a reader, and a copy in steps starts again at every write.
        old.backup(new, pages=-1)
        new.execute("PRAGMA journal_mode=DELETE")


def _digests(url: str) -> Iterator[str]:
    """Every file of which this register speaks, in the order of their names."""
    engine = create_engine(url)
    try:
        with engine.connect().execution_options(yield_per=PAGE) as connection:
            for (sha256,) in connection.execute(_ALL_FILES):
                yield sha256
    finally:
        engine.dispose()


def _fill(tar: tarfile.TarFile, snapshot: Path, url: str, data_dir: Path, extra: tuple[Path, ...],
          now: datetime) -> Backup:
    for folder in extra:
        for path in _files(folder):
            tar.add(path, str(path.relative_to(data_dir)), recursive=False)
    tar.add(data_dir / CONFIG, CONFIG)
    tar.add(snapshot, snapshot.name)
    originals, damaged, count = Originals(data_dir / ORIGINALS), [], 0
    # A dump cannot be asked: what the register knows by now is what it knew then and a little more.
    for sha256 in _digests(f"sqlite:///{snapshot}" if snapshot.name == REGISTER else url):
        if not originals.is_whole(sha256):
            damaged.append(sha256)
            continue
        path, count = originals.path(sha256), count + 1
        tar.add(path, str(path.relative_to(data_dir)))
    with snapshot.open("rb") as copied:
        register_sha256 = hashlib.file_digest(copied, "sha256").hexdigest()
    backup = Backup(made_at=now.isoformat(), originals=count, register_sha256=register_sha256, damaged=tuple(damaged))
    said = json.dumps(backup.model_dump(), indent=1).encode()
    manifest = tarfile.TarInfo(MANIFEST)
    manifest.size, manifest.mode = len(said), 0o600
    tar.addfile(manifest, io.BytesIO(said))
    return backup


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


def _checked(folder: Path, file: Path, database_url: str) -> Backup:
    """The manifest, after everything it promises was found. Raises BadRequest."""
    register = folder / (DUMP if (folder / DUMP).is_file() else REGISTER)
    for needed in (folder / MANIFEST, register, folder / CONFIG):
        if not needed.is_file():
            raise BadRequest(f"{file} is no whole backup: {needed.name} is missing")
    backup = Backup.model_validate_json((folder / MANIFEST).read_bytes())
    if backup.format != FORMAT:
        raise BadRequest(f"{file} was made by a newer version: restore it with that version")
    with register.open("rb") as copied:
        if hashlib.file_digest(copied, "sha256").hexdigest() != backup.register_sha256:
            raise BadRequest(f"{file} is damaged: the register is not what was backed up")
    (folder / MANIFEST).unlink()
    url = f"sqlite:///{register}"
    if register.name == DUMP:
        url = _restore_dump(register, database_url or load_settings(folder / CONFIG).database_url)
    originals = Originals(folder / ORIGINALS)
    return backup.model_copy(update={"damaged": tuple(
        sha256 for sha256 in _digests(url) if not originals.is_whole(sha256))})


def _restore_dump(dump: Path, url: str) -> str:
    if not url:
        raise BadRequest("the backup is of a register on PostgreSQL: name an empty database with --database-url")
    pg_tools.restore(url, dump)
    dump.unlink()
    return url


def _sync_folder(folder: Path) -> None:
    """A new name is on disk only when its folder is (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
