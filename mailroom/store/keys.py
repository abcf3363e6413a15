"""The town's own keys, the same for every process: made by the migration that first needed them, never shown."""

import hmac

from sqlmodel import Session

from mailroom.store.tables import TownKeyTable

RETURN_PATH = "return_path"
"""Signs the address to which undelivered letters come back."""


class Keys:
    """The keys inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, name: str) -> str:
        """The key of this name."""
        return self._session.get_one(TownKeyTable, name).value

    def mark_of_originals(self) -> str:
        """By which the folder of this register's originals is known; says nothing of the keys."""
        return hmac.new(self.get(RETURN_PATH).encode(), b"originals", "sha256").hexdigest()
