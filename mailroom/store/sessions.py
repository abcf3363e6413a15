"""Log-ins that have not ended: each ends after its hours, when nobody uses it, and with the password."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select
from sqlmodel import Session as Transaction
from sqlmodel import col

from mailroom.model.access import Session, Stage
from mailroom.model.staff import Role, Staff
from mailroom.store.tables import DemandTable, SessionTable, StaffTable

SEEN_EVERY = timedelta(minutes=1)
"""So exactly is noted when a log-in was last used: a page costs no write."""
_WITH_PERSON = (select(SessionTable, StaffTable, col(DemandTable.role))
                .join(StaffTable, col(StaffTable.login) == col(SessionTable.login))
                .join(DemandTable, col(DemandTable.role) == col(StaffTable.role), isouter=True))
"""Asked once for every page: one question, put together once."""
_OF_TOKEN = _WITH_PERSON.where(col(SessionTable.token_sha256) == bindparam("token"))


class Sessions:
    """The log-ins inside one transaction."""

    def __init__(self, session: Transaction) -> None:
        self._session = session

    def start(self, login: str, token_sha256: str, csrf: str, *, stage: Stage, now: datetime, ends_at: datetime,
              address: str, agent: str) -> None:
        """Remember a log-in."""
        self._session.add(SessionTable(token_sha256=token_sha256, login=login, csrf_token=csrf, stage=stage,
                                       started_at=now, ends_at=ends_at, seen_at=now, address=address, agent=agent))
        if stage is Stage.OPEN:
            row = self._session.get_one(StaffTable, login)
            row.last_login_at = now
            self._session.add(row)
        self._session.flush()

    def get(self, token_sha256: str, now: datetime, idle: timedelta) -> Session | None:
        """The log-in of this token, as long as it has not ended and its person may log in."""
        found = self._session.execute(_OF_TOKEN, {"token": token_sha256}).first()
        if found is None or found[0].ends_at <= now or found[0].seen_at + idle <= now:
            return None
        return _value(*found)

    def of(self, login: str, now: datetime, idle: timedelta) -> tuple[Session, ...]:
        """A person's open log-ins, the newest first."""
        rows = _WITH_PERSON.where(col(SessionTable.login) == login, col(SessionTable.ends_at) > now,
                                  col(SessionTable.seen_at) > now - idle, col(SessionTable.stage) == Stage.OPEN)
        found = (_value(*row) for row in self._session.execute(rows.order_by(col(SessionTable.started_at).desc())))
        return tuple(one for one in found if one is not None)

    def use(self, token_sha256: str, now: datetime) -> None:
        """The person has opened a page or sent a form."""
        row = self._session.get(SessionTable, token_sha256)
        if row is not None:
            row.seen_at = now
            self._session.add(row)

    def end(self, token_sha256: str) -> None:
        """Log out."""
        self._session.exec(delete(SessionTable).where(col(SessionTable.token_sha256) == token_sha256))

    def end_one(self, login: str, token_sha256: str) -> None:
        """End one log-in of this person; of nobody else's."""
        self._session.exec(delete(SessionTable).where(
            col(SessionTable.token_sha256) == token_sha256, col(SessionTable.login) == login))

    def end_all(self, login: str, *, but: str = "") -> None:
        """Log a person out everywhere, but for the log-in of this token."""
        self._session.exec(delete(SessionTable).where(
            col(SessionTable.login) == login, col(SessionTable.token_sha256) != but))

    def forget_ended(self, before: datetime) -> None:
        """What has ended is of no use."""
        self._session.exec(delete(SessionTable).where(col(SessionTable.ends_at) < before))


def _value(row: SessionTable, person: StaffTable, demanding_role: str | None) -> Session | None:
    if not person.active:
        return None
    demanded = person.totp_secret is None and bool(person.password_hash) and demanding_role is not None
    return Session(
        token_sha256=row.token_sha256, staff=staff_value(person), csrf=row.csrf_token, stage=Stage(row.stage),
        started_at=row.started_at, ends_at=row.ends_at, seen_at=row.seen_at, address=row.address, agent=row.agent,
        must_change_password=person.must_change_password, must_have_second_factor=demanded,
        by_provider=not person.password_hash)


def staff_value(row: StaffTable) -> Staff:
    """The person of a row."""
    return Staff(login=row.login, name=row.name, role=Role(row.role), officer_id=row.officer_id,
                 department_id=row.department_id, email=row.email, active=row.active)
