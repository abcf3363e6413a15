"""What every value of the model has in common."""

from calendar import monthrange
from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, PlainSerializer

ItemId = int
"""The register's own key of an item (one letter, however often it arrived)."""

SOFIA = ZoneInfo("Europe/Sofia")
"""The time of every date that people see and of every term (НОИИСРЕАУ 46)."""

MACHINE = "mailroom"
"""Who did it, in the history, when no person did."""

OutgoingId = int
"""The key of one outgoing letter in the outbox."""

Instant = Annotated[AwareDatetime, PlainSerializer(lambda at: at.isoformat(), return_type=str, when_used="json")]
"""A moment with its time zone; stored in UTC, shown in Europe/Sofia (НОИИСРЕАУ 46)."""


def day_of(at: datetime) -> date:
    """The day of a moment, as people here count days."""
    return at.astimezone(SOFIA).date()


def midnight(day: date) -> datetime:
    """The moment at which a day begins here."""
    return datetime.combine(day, time(), SOFIA)


def months_later(start: date, months: int) -> date:
    """The same day of a later month, or its last where that month is too short (ГПК чл. 60(3)); not moved to a working
    day."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


class Value(BaseModel):
    """A frozen value built from keywords; an unknown keyword is an error, so that a typo is never an empty field."""

    model_config = ConfigDict(frozen=True, extra="forbid")
