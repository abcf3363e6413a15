"""What the charter and the law make of a letter."""

from enum import StrEnum

from mailroom.model.base import Value
from mailroom.model.findings import Evidence
from mailroom.model.pack import Clause


class Outcome(StrEnum):
    """What is proposed to be done. Only a person may confirm anything but `consider` (АПК чл. 5)."""

    CONSIDER = "consider"
    NOT_CONSIDERED = "not_considered"
    NO_REPLY = "no_reply"
    INFORMATION_REFUSED = "information_refused"


class Check(Value):
    """One rule that was asked, and what it said: a verdict keeps hits and misses."""

    name: str
    """Name of the check in `charter/checks.py`."""
    hit: bool
    clause_id: str | None = None
    evidence: tuple[Evidence, ...] = ()


class Verdict(Value):
    """A proposal with its reasons."""

    outcome: Outcome
    urgent: bool = False
    """Health or safety: shown at once, overrides every clause that would set the letter aside."""
    sealed: bool = False
    """A whistleblower's report: one role sees it, everything else sees a neutral stub (ЗЗЛПСПОИН 31)."""
    restricted: bool = False
    """A corruption report, or a complaint about a named employee: not shown or assigned to that employee."""
    needs_review: bool = False
    review_reasons: tuple[str, ...] = ()
    """In Bulgarian, one sentence each, for the clerk."""
    clause: Clause | None = None
    """The clause that decides; null when nothing but the duty to consider speaks."""
    evidence: tuple[Evidence, ...] = ()
    """The words that triggered the clause."""
    checks: tuple[Check, ...] = ()
    pack_version: str
