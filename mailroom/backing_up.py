"""The backups of a register: written while the service runs, the oldest removed when enough newer ones are there.

A backup is counted as good when every original was in it and its file is still what was written. The newest `keep` good
ones stay, whatever their age; a night on which the backup fails therefore removes nothing.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from mailroom.config import Settings
from mailroom.errors import Misconfigured
from mailroom.model.backup import KeptBackup, StillThere
from mailroom.model.base import SOFIA, Value, day_of
from mailroom.store.backup import Backup, Written, write_backup
from mailroom.store.daybook import BACKUP
from mailroom.store.store import Register, Store


class Made(Value):
    """A backup that was made, and what went for it."""

    file: str
    backup: Backup
    encrypted: bool
    removed: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    """Folders of the town's own that are not in it, as they lie elsewhere."""


def back_up(settings: Settings, file: Path | None, now: datetime) -> Made:
    """Write a backup into this file, or into the folder of the nightly ones, where the oldest then goes.

    Raises Misconfigured without either, BadRequest when it cannot be written.
    """
    target = file or _nightly(settings, now)
    towns = (settings.rules_dir, settings.templates_dir, settings.local_lexicon, settings.trusted_certificates)
    folders = [folder for folder in towns if folder and folder.is_dir()]
    own = tuple(folder for folder in folders if folder.is_relative_to(settings.data_dir))
    written = write_backup(target, data_dir=settings.data_dir, url=settings.url, extra=own, now=now.astimezone(SOFIA),
                           recipients=settings.backup.recipients)
    removed = _remember(settings, target.resolve(), written, now, rotated=file is None)
    return Made(file=str(target), backup=written.backup, encrypted=bool(settings.backup.recipients), removed=removed,
                outside=tuple(str(folder) for folder in folders if folder not in own))


def _nightly(settings: Settings, now: datetime) -> Path:
    folder = settings.backup.folder
    if folder is None:
        raise Misconfigured("where to? Name a file, or set folder = \"…\" in [backup] of mailroom.toml")
    suffix = ".tar.age" if settings.backup.recipients else ".tar"
    return folder / f"mailroom-{now.astimezone(SOFIA):%Y%m%d-%H%M%S}{suffix}"


def _remember(settings: Settings, file: Path, written: Written, now: datetime, *, rotated: bool) -> tuple[str, ...]:
    """Note the backup in the register, and remove those of which there are enough. A register of an older version,
    which is backed up before it is brought to this one, remembers nothing."""
    store = Store(settings.url, settings.originals_dir)
    try:
        if not store.is_current():
            return ()
        with store.transaction() as register:
            register.backups.add(
                file=str(file), made_at=now, size=written.size, sha256=written.sha256, rotated=rotated,
                encrypted=bool(settings.backup.recipients), whole=not written.backup.damaged)
            if not written.backup.damaged:
                register.daybook.done(BACKUP, day_of(now), now, result=str(file))
        return _rotate(store, settings.backup.keep, now) if rotated else ()
    finally:
        store.close()


def _rotate(store: Store, keep: int, now: datetime) -> tuple[str, ...]:
    with store.reading() as register:
        nightly = [backup for backup in register.backups.kept() if backup.rotated]
    surplus = surplus_of(nightly, keep)
    for backup in surplus:
        Path(backup.file).unlink(missing_ok=True)
        with store.transaction() as register:
            register.backups.removed(backup.id, now)
    return tuple(backup.file for backup in surplus)


def surplus_of(nightly: Iterable[KeptBackup], keep: int) -> tuple[KeptBackup, ...]:
    """Of backups from the newest on, those that have `keep` good ones before them."""
    good, surplus = 0, []
    for backup in nightly:
        if good >= keep:
            surplus.append(backup)
        elif is_good(backup):
            good += 1
    return tuple(surplus)


def is_good(backup: KeptBackup) -> bool:
    """Whether it holds everything and its file is what was written; reads the whole file."""
    path = Path(backup.file)
    if not backup.whole or not path.is_file() or path.stat().st_size != backup.size:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == backup.sha256


def still_holding(store: Store, since: datetime, keep: int, now: datetime) -> tuple[StillThere, ...]:
    """The backups made since something came in: what was erased from the register still lies in them, the newest
    first, and in their copies on other machines. One of the nightly ones goes when `keep` newer ones are there, one a
    night."""
    with store.reading() as register:
        kept = register.backups.kept()
    nightly = [backup.id for backup in kept if backup.rotated]

    def expires(backup: KeptBackup) -> datetime | None:
        return now + timedelta(days=max(1, keep - nightly.index(backup.id))) if backup.rotated else None

    return tuple(StillThere(file=backup.file, made_at=backup.made_at, encrypted=backup.encrypted,
                            expires=day_of(at) if (at := expires(backup)) else None,
                             there=Path(backup.file).exists())
                 for backup in kept if backup.made_at >= since)


def trouble_with_last(register: Register) -> str:
    """Why the last backup would not do, however fresh it is; empty when it would, or where none was made yet."""
    last = register.backups.last_whole()
    if last is None:
        return ""
    if not Path(last.file).exists():
        return f"the last backup {last.file} is not there any more: find out who took it, and run „mailroom backup“"
    if not last.encrypted:
        return (f"the last backup {last.file} is not encrypted: „mailroom backup-key FILE“ makes a key; put the public "
                "one into recipients of [backup] in mailroom.toml")
    return ""
