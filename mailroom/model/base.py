"""What every value of the model has in common."""

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


class Value(BaseModel):
    """A frozen value built from keywords; an unknown keyword is an error, so that a typo is never an empty field."""

    model_config = ConfigDict(frozen=True, extra="forbid")
