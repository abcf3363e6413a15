"""The backups that were made, inside one transaction: what was erased since still lies in them until they go."""

from datetime import datetime

from sqlmodel import Session, col, select

from mailroom.model.backup import KeptBackup
from mailroom.store.tables import BackupTable


class Backups:
    """The list of backups."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, *, file: str, made_at: datetime, size: int, sha256: str, encrypted: bool, whole: bool,
            rotated: bool) -> KeptBackup:
        """A backup was made."""
        row = BackupTable(file=file, made_at=made_at, size=size, sha256=sha256, encrypted=encrypted, whole=whole,
                          rotated=rotated)
        self._session.add(row)
        self._session.flush()
        return _value(row)

    def removed(self, backup_id: int, at: datetime) -> None:
        """A backup is no more."""
        row = self._session.get_one(BackupTable, backup_id)
        row.removed_at = at
        self._session.add(row)

    def kept(self) -> tuple[KeptBackup, ...]:
        """Those that were not removed, the newest first."""
        rows = select(BackupTable).where(col(BackupTable.removed_at).is_(None)).order_by(
            col(BackupTable.made_at).desc(), col(BackupTable.id).desc())
        return tuple(_value(row) for row in self._session.exec(rows))

    def last_whole(self) -> KeptBackup | None:
        """The newest that holds everything; null when there is none."""
        return next((backup for backup in self.kept() if backup.whole), None)


def _value(row: BackupTable) -> KeptBackup:
    return KeptBackup(**row.model_dump())
