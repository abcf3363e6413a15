"""An example that travels with a rule pack, so that a clerk can see and check what the rules do."""

from datetime import date, datetime

from mailroom.model.arrival import Channel
from mailroom.model.base import Value
from mailroom.model.findings import Kind, Matter
from mailroom.model.verdict import Outcome


class Case(Value):
    """An example that comes with a pack: facts of a letter and what the pack must make of them."""

    title: str
    """In Bulgarian, for who reads a failing check."""
    kind: Kind
    matter: Matter | None = None
    anonymous: bool = False
    abusive: bool = False
    health_safety: bool = False
    protected_info: bool = False
    older_than_two_years: bool = False
    other_body: str | None = None
    channel: Channel = Channel.EMAIL
    received: datetime
    """Local time of the town; registered at the same moment."""
    inspection_needed: bool = False
    outcome: Outcome = Outcome.CONSIDER
    """Expected, as are the following fields."""
    urgent: bool = False
    sealed: bool = False
    restricted: bool = False
    needs_review: bool = False
    clause: str | None = None
    """Id of the deciding clause."""
    charter_due: date | None = None
    statute_due: date | None = None
