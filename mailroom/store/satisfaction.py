"""How satisfied citizens were with the answers that they got, in one figure each (НАО чл. 24)."""

from collections import Counter
from datetime import datetime

from sqlmodel import Session, select

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
        given = select(SatisfactionTable.score).where(SatisfactionTable.at >= since, SatisfactionTable.at < until)
        return dict(Counter(self._session.exec(given)))
