"""Staff, and the failed attempts that the rate limits count."""

from datetime import datetime

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from mailroom.errors import BadRequest
from mailroom.model.access import Account
from mailroom.model.staff import Staff
from mailroom.store.second_factors import SecondFactors
from mailroom.store.sessions import Sessions, staff_value
from mailroom.store.tables import AttemptTable, DemandTable, RecoveryCodeTable, StaffTable

_KNOWN_EMAILS = "emails"
"""Where a session keeps them."""
_EMAILS = select(StaffTable.email).where(StaffTable.email != "")
_NAMES = select(StaffTable.login, StaffTable.name)


class People:
    """The staff inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, staff: Staff, password_hash: str, *, must_change: bool = False) -> None:
        """A new log-in. `must_change`: the password was chosen by somebody else. Raises BadRequest when it is taken."""
        if self._session.get(StaffTable, staff.login):
            raise BadRequest(f"Потребителското име „{staff.login}“ вече съществува.")
        self._session.add(StaffTable(**staff.model_dump(mode="json"), password_hash=password_hash,
                                     must_change_password=must_change))
        self._session.flush()

    def get(self, login: str) -> Staff | None:
        """The person of this log-in, active or not."""
        row = self._session.get(StaffTable, login)
        return staff_value(row) if row else None

    def all(self) -> tuple[Staff, ...]:
        """Everybody, by log-in."""
        return tuple(staff_value(row) for row in self._session.exec(select(StaffTable).order_by(StaffTable.login)))

    def names(self) -> dict[str, str]:
        """Log-in → name, of everybody."""
        return dict(self._session.exec(_NAMES).all())

    def emails(self) -> tuple[str, ...]:
        """Everybody's address, of who has one; asked for once in a transaction, for all the letters in it."""
        known: tuple[str, ...] | None = self._session.info.get(_KNOWN_EMAILS)
        if known is None:
            known = self._session.info[_KNOWN_EMAILS] = tuple(self._session.connection().execute(_EMAILS).scalars())
        return known

    def password_hash(self, login: str) -> str | None:
        """The argon2 hash of an active person; null for anybody else."""
        row = self._session.get(StaffTable, login)
        return row.password_hash if row and row.active else None

    def set_password_hash(self, login: str, password_hash: str, *, must_change: bool = False) -> None:
        """A new password ends every open log-in. `must_change`: it was chosen by somebody else."""
        row = self._row(login)
        row.password_hash, row.must_change_password = password_hash, must_change
        self._session.add(row)
        Sessions(self._session).end_all(login)

    def change_password(self, login: str, password_hash: str, *, stays: str) -> None:
        """A new password that the person has chosen; every open log-in ends but the one of this token."""
        row = self._row(login)
        row.password_hash, row.must_change_password = password_hash, False
        self._session.add(row)
        Sessions(self._session).end_all(login, but=stays)

    def change(self, staff: Staff) -> None:
        """Another name, role, department, address, or the log-in stopped or allowed again; a new role or a stop ends
        every open log-in. Raises BadRequest when there is no such person."""
        row = self._row(staff.login)
        if (row.role, row.active) != (staff.role, staff.active):
            Sessions(self._session).end_all(staff.login)
        for name, value in staff.model_dump(mode="json").items():
            setattr(row, name, value)
        self._session.add(row)
        self._session.flush()

    def disable(self, login: str) -> None:
        """The person may not log in any more; the history keeps the name."""
        self.change(staff_value(self._row(login)).model_copy(update={"active": False}))

    def accounts(self) -> tuple[Account, ...]:
        """Everybody with what their log-in has, by log-in."""
        return tuple(self._account(row) for row in self._session.exec(select(StaffTable).order_by(StaffTable.login)))

    def account(self, login: str) -> Account:
        """One person's log-in. Raises BadRequest when there is none."""
        return self._account(self._row(login))

    def _account(self, row: StaffTable) -> Account:
        return Account(
            staff=staff_value(row), has_password=bool(row.password_hash), has_second_factor=row.totp_secret is not None,
            recovery_codes=SecondFactors(self._session).codes_left(row.login), last_login_at=row.last_login_at)

    # -- single sign-on ----------------------------------------------------------------------------------------

    def copy_from(self, others: "People") -> None:
        """Everybody of another register, second factors included, as they are there now."""
        for table in (StaffTable, RecoveryCodeTable, DemandTable):
            for row in others._session.exec(select(table)):
                self._session.merge(table(**row.model_dump()))
        self._session.flush()

    def by_subject(self, subject: str) -> Staff | None:
        """The person tied to this issuer and subject, active or not."""
        row = self._session.exec(select(StaffTable).where(StaffTable.oidc_subject == subject)).first()
        return staff_value(row) if row else None

    def tie(self, login: str, subject: str) -> bool:
        """Tie a log-in to a subject, once and for ever; false when it is tied to another already."""
        row = self._row(login)
        if row.oidc_subject not in (None, subject):
            return False
        row.oidc_subject = subject
        self._session.add(row)
        self._session.flush()
        return True

    # -- rate limits -------------------------------------------------------------------------------------------

    def note_failure(self, door: str, subject: str, now: datetime) -> None:
        """A failed attempt at a door (`login`, `status`) by a subject (a log-in, a network address)."""
        self._session.add(AttemptTable(door=door, subject=subject, at=now))

    def forget_failure(self, door: str, subject: str, at: datetime) -> None:
        """What was noted beforehand was no failure."""
        self._session.exec(delete(AttemptTable).where(
            col(AttemptTable.door) == door, col(AttemptTable.subject) == subject, col(AttemptTable.at) == at))

    def failures(self, door: str, subject: str, since: datetime) -> int:
        """How many attempts have failed since then."""
        return self._session.exec(select(func.count()).select_from(AttemptTable).where(
            AttemptTable.door == door, AttemptTable.subject == subject, AttemptTable.at >= since)).one()

    def forget_failures(self, before: datetime) -> None:
        """Old attempts are of no use."""
        self._session.exec(delete(AttemptTable).where(col(AttemptTable.at) < before))

    def _row(self, login: str) -> StaffTable:
        row = self._session.get(StaffTable, login)
        if row is None:
            raise BadRequest(f"Няма потребител „{login}“.")
        return row
