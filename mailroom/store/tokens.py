"""Keys of the town's other systems; the secret itself is kept nowhere."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from mailroom.errors import BadRequest
from mailroom.model.access import ApiToken, Scope
from mailroom.store.tables import ApiTokenTable

USED_EVERY = timedelta(hours=1)
"""So exactly is noted when a key was last used."""


class Tokens:
    """The keys inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, name: str, token_sha256: str, scopes: Iterable[Scope], *, department_id: str | None, created_by: str,
            now: datetime, expires_at: datetime) -> ApiToken:
        """A new key."""
        row = ApiTokenTable(name=name, token_sha256=token_sha256, scopes=sorted(scopes), department_id=department_id,
                            created_by=created_by, created_at=now, expires_at=expires_at)
        self._session.add(row)
        self._session.flush()
        return _value(row)

    def by_digest(self, token_sha256: str, now: datetime) -> ApiToken | None:
        """The key of this digest, if it is still good."""
        row = self._session.exec(select(ApiTokenTable).where(ApiTokenTable.token_sha256 == token_sha256)).first()
        if row is None or row.revoked_at is not None or row.expires_at <= now:
            return None
        return _value(row)

    def use(self, token_id: int, now: datetime) -> None:
        """The key opens something."""
        row = self._row(token_id)
        row.last_used_at = now
        self._session.add(row)

    def revoke(self, token_id: int, now: datetime) -> ApiToken:
        """The key opens nothing any more. Raises BadRequest when there is none."""
        row = self._row(token_id)
        row.revoked_at = row.revoked_at or now
        self._session.add(row)
        return _value(row)

    def all(self) -> tuple[ApiToken, ...]:
        """Every key that ever was, the newest first."""
        return tuple(_value(row) for row in
                     self._session.exec(select(ApiTokenTable).order_by(col(ApiTokenTable.id).desc())))

    def _row(self, token_id: int) -> ApiTokenTable:
        row = self._session.get(ApiTokenTable, token_id)
        if row is None:
            raise BadRequest(f"Няма ключ с номер {token_id}.")
        return row


def _value(row: ApiTokenTable) -> ApiToken:
    return ApiToken(id=row.id or 0, name=row.name, scopes=tuple(Scope(scope) for scope in row.scopes),
                    department_id=row.department_id, created_by=row.created_by, created_at=row.created_at,
                    expires_at=row.expires_at, revoked_at=row.revoked_at, last_used_at=row.last_used_at)
