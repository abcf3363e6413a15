"""What goes over the wire. The schema of the interface's description is made of these classes."""

import base64
from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from mailroom.model.base import Value
from mailroom.model.item import Status
from mailroom.web.typed import LARGEST_ID

MOST_ITEMS = 100
MOST_FILES = 20
_Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$")]
"""One line: nothing in it can become a header of the message."""
_MAIL = r"^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,5})?$"

_BASE64 = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


class Strict(BaseModel):
    """What another system sends: an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Problem(Value):
    """What went wrong (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: tuple["FieldProblem", ...] = ()


class FieldProblem(Value):
    """Which field is wrong, and why."""

    field: str
    detail: str


class Wanted(BaseModel):
    """Which items."""

    model_config = ConfigDict(frozen=True)

    after: int | None = Field(None, ge=1, le=LARGEST_ID, description="`next` of the page before.")
    limit: int = Field(50, ge=1, le=MOST_ITEMS)
    since: date | None = Field(None, description="Received on this day or later, Europe/Sofia.")
    until: date | None = Field(None, description="Received on this day or earlier, Europe/Sofia.")
    number: str | None = Field(None, max_length=100, description="Registration or case number: this one letter only.")


class Listed(Value):
    """A line of the list."""

    id: int
    registration_number: str | None
    received_at: str
    channel: str
    status: Status
    kind: str | None
    subject: str
    due: str | None
    department: str | None


class ItemPage(Value):
    """A page of the list, in order of receipt."""

    items: tuple[Listed, ...]
    next: int | None
    """What to give as `after` for the next page; null on the last."""


class Sender(Strict):
    """Who writes. Everything may be empty: an anonymous letter is registered too (АПК чл. 111)."""

    name: _Line = ""
    organisation: _Line = ""
    email: Annotated[str, StringConstraints(max_length=254, pattern=_MAIL)] = ""
    phone: Annotated[str, StringConstraints(max_length=40, pattern=r"^[0-9+() /-]*$")] = ""
    address: _Line = ""


class NewFile(Strict):
    """A file that comes along."""

    filename: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/\\]+$")]
    content_base64: Annotated[str, StringConstraints(pattern=_BASE64)] = Field(
        description="The octets in base 64 (RFC 4648, 4), without line breaks.")

    def octets(self) -> bytes:
        """The file itself."""
        return base64.b64decode(self.content_base64)


class NewLetter(Strict):
    """A letter to be registered."""

    subject: _Line = ""
    text: Annotated[str, StringConstraints(min_length=1, max_length=100_000, pattern=r"^[^\x00]*$")]
    sender: Sender = Sender()
    files: Annotated[list[NewFile], Field(max_length=MOST_FILES)] = Field(default_factory=list)
    channel: Literal["portal", "phone"] = "portal"
    received_at: AwareDatetime | None = Field(
        None, description="When the other system took it in (ЗЕУ чл. 32), with its zone: in the last 30 days; "
                          "null: now.")


class Received(Value):
    """What has become of a letter that this system handed over."""

    id: int
    received_at: str
    done: bool
    """False: it is safe and still being read; the number follows within seconds to minutes."""
    registration_number: str | None
    registered_at: str | None
    access_code: str | None
    """For the citizens' status page; null for a whistleblower's report."""
    due: str | None
