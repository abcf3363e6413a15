"""What is done once a day, and how each source does."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Date, bindparam, text, update
from sqlmodel import Session, col, select

from mailroom.model.base import Instant, Value
from mailroom.model.proof import Verification
from mailroom.store.tables import MilestoneTable, SourceStateTable, UtcDateTime

VERIFIED = "verify"
"""Name of the milestone: everything was proved, with what came of it."""

BACKUP = "backup"
"""Name of the milestone: a whole backup was made, and where."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class SourceHealth(Value):
    """How a source does."""

    source: str
    seen_at: Instant | None = None
    """When it last answered."""
    trouble: str = ""
    """Why it does not, in one sentence; empty when it does."""
    since: Instant | None = None
    """Since when the trouble lasts."""


class Daybook:
    """Milestones and source states inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def is_done(self, name: str, day: date) -> bool:
        """Whether this was done for that day."""
        return self._session.get(MilestoneTable, (name, day)) is not None

    def claim(self, name: str, day: date, at: datetime) -> bool:
        """Note that it is done for that day; false where it was done before. Whatever processes come to it at the same
        moment, the table's key lets one of them do it, and the others wait for that one's end."""
        added = self._session.connection().execute(
            text("INSERT INTO milestone (name, day, at, result) VALUES (:name, :day, :at, '') ON CONFLICT DO NOTHING")
            .bindparams(bindparam("day", type_=Date), bindparam("at", type_=UtcDateTime)),
            {"name": name, "day": day, "at": at})
        return bool(added.rowcount)

    def done(self, name: str, day: date, at: datetime, result: str = "") -> None:
        """Note that it was done, with its result."""
        self._session.merge(MilestoneTable(name=name, day=day, at=at, result=result))

    def begin(self, name: str, day: date, at: datetime, lease: timedelta) -> bool:
        """Note that this is being done for the day; false where another process has begun less than a lease ago."""
        self.claim(name, day, LONG_AGO)
        begun = self._session.exec(
            update(MilestoneTable).where(col(MilestoneTable.name) == name, col(MilestoneTable.day) == day,
                                         col(MilestoneTable.at) <= at - lease).values(at=at))
        return bool(begun.rowcount)

    def result(self, name: str, day: date) -> str | None:
        """What came of it; null when it was not done."""
        row = self._session.get(MilestoneTable, (name, day))
        return row.result if row else None

    def latest(self, name: str) -> tuple[date, str] | None:
        """The last day on which it was done, and what came of it; null when it never was."""
        row = self._session.exec(select(MilestoneTable).where(MilestoneTable.name == name)
                                 .order_by(col(MilestoneTable.day).desc()).limit(1)).first()
        return (row.day, row.result) if row else None

    def verification(self) -> Verification | None:
        """The last proof of numbers, history, originals and sources; null when there never was one."""
        latest = self.latest(VERIFIED)
        return Verification.model_validate_json(latest[1]) if latest else None

    def latest_at(self, name: str) -> datetime | None:
        """When it was last done; null when it never was."""
        rows = select(MilestoneTable.at).where(MilestoneTable.name == name).order_by(col(MilestoneTable.day).desc())
        return self._session.exec(rows.limit(1)).first()

    def first_since(self, name: str, day: date) -> tuple[datetime, str] | None:
        """When it was first done on this day or later, and what came of it; null when it was not."""
        rows = select(MilestoneTable).where(MilestoneTable.name == name, MilestoneTable.day >= day)
        row = self._session.exec(rows.order_by(col(MilestoneTable.day)).limit(1)).first()
        return (row.at, row.result) if row else None

    def report(self, source: str, now: datetime, trouble: str) -> None:
        """A source says that it works (empty trouble) or why it does not."""
        row = self._session.get(SourceStateTable, source) or SourceStateTable(source=source)
        if trouble:
            row.since = row.since or now
        else:
            row.seen_at, row.since = now, None
        row.trouble = trouble
        self._session.add(row)

    def sources(self) -> tuple[SourceHealth, ...]:
        """Every source that ever reported."""
        rows = self._session.exec(select(SourceStateTable).order_by(SourceStateTable.source))
        return tuple(SourceHealth(**row.model_dump()) for row in rows)
