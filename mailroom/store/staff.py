"""Staff, their log-ins, and the failed attempts that the rate limits count."""

from datetime import datetime

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from mailroom.errors import BadRequest
from mailroom.model.staff import Role, Staff
from mailroom.store.tables import AttemptTable, SessionTable, StaffTable


class People:
    """The staff inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, staff: Staff, password_hash: str) -> None:
        """A new log-in. Raises BadRequest when it is taken."""
        if self._session.get(StaffTable, staff.login):
            raise BadRequest(f"Потребителското име „{staff.login}“ вече съществува.")
        self._session.add(StaffTable(**staff.model_dump(mode="json"), password_hash=password_hash))
        self._session.flush()

    def get(self, login: str) -> Staff | None:
        """The person of this log-in, active or not."""
        row = self._session.get(StaffTable, login)
        return _value(row) if row else None

    def all(self) -> tuple[Staff, ...]:
        """Everybody, by log-in."""
        return tuple(_value(row) for row in self._session.exec(select(StaffTable).order_by(StaffTable.login)))

    def password_hash(self, login: str) -> str | None:
        """The argon2 hash of an active person; null for anybody else."""
        row = self._session.get(StaffTable, login)
        return row.password_hash if row and row.active else None

    def set_password_hash(self, login: str, password_hash: str) -> None:
        """A new password ends every open log-in."""
        row = self._row(login)
        row.password_hash = password_hash
        self._session.add(row)
        self.end_sessions_of(login)

    def disable(self, login: str) -> None:
        """The person may not log in any more; the history keeps the name."""
        row = self._row(login)
        row.active = False
        self._session.add(row)
        self.end_sessions_of(login)

    # -- log-ins -----------------------------------------------------------------------------------------------

    def start_session(self, login: str, token_sha256: str, csrf_token: str, now: datetime, ends_at: datetime) -> None:
        """Remember a log-in."""
        self._session.add(SessionTable(token_sha256=token_sha256, login=login, csrf_token=csrf_token, started_at=now,
                                       ends_at=ends_at))

    def by_session(self, token_sha256: str, now: datetime) -> tuple[Staff, str] | None:
        """Person and CSRF token of a log-in that has not ended."""
        row = self._session.get(SessionTable, token_sha256)
        if row is None or row.ends_at <= now:
            return None
        staff = self.get(row.login)
        return (staff, row.csrf_token) if staff and staff.active else None

    def end_session(self, token_sha256: str) -> None:
        """Log out."""
        self._session.exec(delete(SessionTable).where(col(SessionTable.token_sha256) == token_sha256))

    def end_sessions_of(self, login: str) -> None:
        """Log a person out everywhere."""
        self._session.exec(delete(SessionTable).where(col(SessionTable.login) == login))

    # -- rate limits -------------------------------------------------------------------------------------------

    def note_failure(self, door: str, subject: str, now: datetime) -> None:
        """A failed attempt at a door (`login`, `status`) by a subject (a log-in, a network address)."""
        self._session.add(AttemptTable(door=door, subject=subject, at=now))

    def failures(self, door: str, subject: str, since: datetime) -> int:
        """How many attempts have failed since then."""
        return self._session.exec(select(func.count()).select_from(AttemptTable).where(
            AttemptTable.door == door, AttemptTable.subject == subject, AttemptTable.at >= since)).one()

    def forget_failures(self, before: datetime) -> None:
        """Old attempts are of no use."""
        self._session.exec(delete(AttemptTable).where(col(AttemptTable.at) < before))
        self._session.exec(delete(SessionTable).where(col(SessionTable.ends_at) < before))

    def _row(self, login: str) -> StaffTable:
        row = self._session.get(StaffTable, login)
        if row is None:
            raise BadRequest(f"Няма потребител „{login}“.")
        return row


def _value(row: StaffTable) -> Staff:
    return Staff(login=row.login, name=row.name, role=Role(row.role), officer_id=row.officer_id,
                 department_id=row.department_id, email=row.email, active=row.active)
