"""What is done once a day, and how each source does."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from mailroom.model.base import Instant, Value
from mailroom.store.tables import MilestoneTable, SourceStateTable


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

    def done(self, name: str, day: date, at: datetime, result: str = "") -> None:
        """Note that it was done, with its result."""
        self._session.merge(MilestoneTable(name=name, day=day, at=at, result=result))

    def result(self, name: str, day: date) -> str | None:
        """What came of it; null when it was not done."""
        row = self._session.get(MilestoneTable, (name, day))
        return row.result if row else None

    def latest(self, name: str) -> tuple[date, str] | None:
        """The last day on which it was done, and what came of it; null when it never was."""
        row = self._session.exec(select(MilestoneTable).where(MilestoneTable.name == name)
                                 .order_by(col(MilestoneTable.day).desc()).limit(1)).first()
        return (row.day, row.result) if row else None

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
