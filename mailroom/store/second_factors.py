"""Second factors: the secret of each person's telephone, the codes for who has lost it, and which roles need one."""

from collections.abc import Iterable

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from mailroom.model.staff import Role
from mailroom.store.tables import DemandTable, RecoveryCodeTable, StaffTable


class SecondFactors:
    """The second factors inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, login: str) -> tuple[str, int] | None:
        """The secret, locked (vault.py), and the last time step whose code was taken; null for who has none."""
        row = self._session.get(StaffTable, login)
        return (row.totp_secret, row.totp_step) if row and row.totp_secret else None

    def secrets(self) -> dict[str, str]:
        """Log-in → secret, of everybody who has one."""
        rows = self._session.exec(select(StaffTable.login, StaffTable.totp_secret))
        return {login: secret for login, secret in rows if secret}

    def replace_secret(self, login: str, secret: str) -> None:
        """The same secret, kept in another way."""
        row = self._session.get_one(StaffTable, login)
        row.totp_secret = secret
        self._session.add(row)

    def set(self, login: str, secret: str, step: int, codes_sha256: Iterable[str]) -> None:
        """From now on the person needs a code; the recovery codes of before are void."""
        row = self._session.get_one(StaffTable, login)
        row.totp_secret, row.totp_step = secret, step
        self._session.add(row)
        self.replace_codes(login, codes_sha256)

    def remove(self, login: str) -> None:
        """The password alone does again."""
        row = self._session.get_one(StaffTable, login)
        row.totp_secret, row.totp_step = None, 0
        self._session.add(row)
        self.replace_codes(login, ())

    def take_step(self, login: str, step: int) -> None:
        """The code of this time step has been used."""
        row = self._session.get_one(StaffTable, login)
        row.totp_step = step
        self._session.add(row)

    def replace_codes(self, login: str, codes_sha256: Iterable[str]) -> None:
        """New recovery codes instead of the old ones."""
        self._session.exec(delete(RecoveryCodeTable).where(col(RecoveryCodeTable.login) == login))
        for code in codes_sha256:
            self._session.add(RecoveryCodeTable(login=login, code_sha256=code))
        self._session.flush()

    def use_code(self, login: str, code_sha256: str) -> bool:
        """Strike a recovery code out; false when the person has no such code."""
        used = self._session.exec(delete(RecoveryCodeTable).where(
            col(RecoveryCodeTable.login) == login, col(RecoveryCodeTable.code_sha256) == code_sha256))
        return used.rowcount == 1

    def codes_left(self, login: str) -> int:
        """How many recovery codes the person still has."""
        return self._session.exec(
            select(func.count()).select_from(RecoveryCodeTable).where(RecoveryCodeTable.login == login)).one()

    def demanded(self) -> frozenset[Role]:
        """Roles that need a second factor."""
        return frozenset(Role(role) for role in self._session.exec(select(DemandTable.role)))

    def demand(self, roles: Iterable[Role]) -> None:
        """These roles need one, and no others."""
        self._session.exec(delete(DemandTable))
        for role in roles:
            self._session.add(DemandTable(role=role))
        self._session.flush()
