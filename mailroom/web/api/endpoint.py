"""What the table of the interface consists of."""

from dataclasses import dataclass

from pydantic import BaseModel

from mailroom.model.access import Scope
from mailroom.web.api.gate import Handler


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A path, who answers, what the key must allow, and what goes in and out."""

    path: str
    method: str = "GET"
    handler: Handler
    scope: Scope
    summary: str
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    gives: type[BaseModel]
    statuses: tuple[int, ...] = (200,)
    """With which it gives that."""
    refuses: tuple[int, ...] = ()
    """Besides 401, 403 and 429."""
