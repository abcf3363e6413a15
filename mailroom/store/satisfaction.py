"""How satisfied citizens were with the answers that they got, in one figure each (НАО чл. 24)."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from mailroom.model.base import ItemId
from mailroom.store.tables import SatisfactionAskedTable, SatisfactionTable


class Satisfaction:
    """The figures inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, item_id: ItemId, score: int, at: datetime) -> None:
        """What the citizen says, from 1 (very dissatisfied) to 5; whoever thinks better of it says it again."""
        self._session.merge(SatisfactionTable(item_id=item_id, score=score, at=at))

    def ask(self, item_id: ItemId) -> str:
        """A fresh token for the link by which this letter's answer is rated."""
        token = secrets.token_urlsafe(16)
        self._session.add(SatisfactionAskedTable(token_sha256=_digest(token), item_id=item_id))
        self._session.flush()
        return token

    def asked_by(self, token: str) -> ItemId | None:
        """The item whose link has this token."""
        row = self._session.get(SatisfactionAskedTable, _digest(token))
        return row.item_id if row else None

    def scores(self, since: datetime, until: datetime) -> dict[int, int]:
        """How often each figure was given in [since, until)."""
        score = col(SatisfactionTable.score)
        given = select(score, func.count()).where(SatisfactionTable.at >= since, SatisfactionTable.at < until)
        return {row[0]: row[1] for row in self._session.connection().execute(given.group_by(score))}


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
