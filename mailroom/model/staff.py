"""People who work with the register, and what each may see and do."""

from enum import StrEnum

from mailroom.model.base import Value


class Role(StrEnum):
    """Roles of the staff (ЗМСМА 43: the secretary answers for the registry)."""

    CLERK = "clerk"
    """Деловодител: the whole queue but sealed items."""
    OFFICER = "officer"
    """Служител: the items given to the own department."""
    SECRETARY = "secretary"
    """Секретар: all a clerk may, and approves extensions and overrides."""
    MAYOR = "mayor"
    """Кабинет на кмета: reads, and gets the digest."""
    CONFIDENTIAL = "confidential"
    """Служител по ЗЗЛПСПОИН: sealed items, and only those."""
    ADMIN = "admin"
    """Администратор: users and technical state; no letters."""


class Staff(Value):
    """One person with a log-in."""

    login: str
    name: str
    role: Role
    officer_id: str | None = None
    """The officer of the pack that this person is; decides what must not be shown or assigned to them."""
    department_id: str | None = None
    email: str = ""
    active: bool = True
