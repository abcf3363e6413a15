"""How satisfied citizens were with the answers that they got, in one figure each (НАО чл. 24)."""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from mailroom.model.base import ItemId
from mailroom.store.tables import SatisfactionTable


class Satisfaction:
    """The figures inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, item_id: ItemId, score: int, at: datetime) -> None:
        """What the citizen says, from 1 (very dissatisfied) to 5; whoever thinks better of it says it again."""
        self._session.merge(SatisfactionTable(item_id=item_id, score=score, at=at))

    def scores(self, since: datetime, until: datetime) -> dict[int, int]:
        """How often each figure was given in [since, until)."""
        score = col(SatisfactionTable.score)
        given = select(score, func.count()).where(SatisfactionTable.at >= since, SatisfactionTable.at < until)
        return {row[0]: row[1] for row in self._session.connection().execute(given.group_by(score))}
