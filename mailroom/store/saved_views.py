"""Views of the queue that a person keeps under a name: the filters as the address of the page has them."""

from sqlalchemy import delete
from sqlmodel import Session, col, select

from mailroom.errors import BadRequest
from mailroom.model.base import Value
from mailroom.store.tables import SavedViewTable

MOST = 20
"""Of one person: more would not be found again."""


class SavedView(Value):
    """One of them."""

    id: int
    name: str
    query: str


class SavedViews:
    """The views inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, login: str) -> tuple[SavedView, ...]:
        """Those of one person, in the order in which they were made."""
        rows = select(SavedViewTable).where(SavedViewTable.login == login).order_by(col(SavedViewTable.id))
        return tuple(SavedView(id=row.id or 0, name=row.name, query=row.query) for row in self._session.exec(rows))

    def keep(self, login: str, name: str, query: str) -> None:
        """Keep a view; one of the same name gives way. Raises BadRequest when there are too many."""
        row = self._session.exec(select(SavedViewTable).where(
            SavedViewTable.login == login, SavedViewTable.name == name)).first()
        if row is None and len(self.of(login)) >= MOST:
            raise BadRequest(f"Запазени са вече {MOST} изгледа: махнете някой, който не ползвате.")
        row = row or SavedViewTable(login=login, name=name, query=query)
        row.query = query
        self._session.add(row)
        self._session.flush()

    def drop(self, login: str, view_id: int) -> None:
        """Forget one of one's own; somebody else's is left alone."""
        self._session.exec(delete(SavedViewTable).where(
            col(SavedViewTable.id) == view_id, col(SavedViewTable.login) == login))
