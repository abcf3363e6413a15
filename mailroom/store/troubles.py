"""Troubles of the mailroom itself that are open, or whose end is still to be told. Several processes may look."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select

from mailroom.model.condition import OpenTrouble, Trouble
from mailroom.store.tables import TroubleTable


class Troubles:
    """The troubles inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def note(self, found: Iterable[Trouble], now: datetime) -> None:
        """These are there now: new ones are added, one that has ended is marked, and one that nobody was told of
        goes."""
        present = {trouble.key: trouble for trouble in found}
        known = {row.key: row for row in self._session.exec(select(TroubleTable).with_for_update())}
        for key, trouble in present.items():
            row = known.get(key) or TroubleTable(key=key, since=now)
            row.sentence, row.over_at = trouble.sentence, None
            self._session.add(row)
        for key in known.keys() - present.keys():
            row = known[key]
            if row.told_at is None:
                self._session.delete(row)
            elif row.over_at is None:
                row.over_at, row.tried_at = now, None
                self._session.add(row)
        self._session.flush()

    def open(self) -> tuple[OpenTrouble, ...]:
        """Those that last, the longest first."""
        rows = select(TroubleTable).where(col(TroubleTable.over_at).is_(None))
        return tuple(_value(row) for row in self._session.exec(rows.order_by(col(TroubleTable.since))))

    def take_to_tell(self, now: datetime, lease: timedelta) -> tuple[OpenTrouble, ...]:
        """What is to be told now and nobody else is telling: new troubles, and ends of those that were told."""
        untold = or_(col(TroubleTable.told_at).is_(None), col(TroubleTable.over_at).is_not(None))
        free = or_(col(TroubleTable.tried_at).is_(None), col(TroubleTable.tried_at) < now - lease)
        taken = []
        for row in self._session.exec(select(TroubleTable).where(untold, free).order_by(col(TroubleTable.since))):
            claim = update(TroubleTable).where(col(TroubleTable.key) == row.key, free).values(tried_at=now)
            if self._session.exec(claim).rowcount == 1:
                taken.append(_value(row))
        return tuple(taken)

    def told(self, troubles: Iterable[OpenTrouble], now: datetime) -> None:
        """These were told: an open one stays until it is over, an ended one is forgotten."""
        for trouble in troubles:
            mine = col(TroubleTable.key) == trouble.key
            if trouble.over_at is None:
                self._session.exec(update(TroubleTable).where(mine).values(told_at=now, tried_at=None))
            else:
                self._session.exec(delete(TroubleTable).where(mine, col(TroubleTable.over_at).is_not(None)))


def _value(row: TroubleTable) -> OpenTrouble:
    return OpenTrouble(**row.model_dump(exclude={"tried_at"}))
