"""What the mayor's office has to know this morning, from the lines of the queue. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date

from mailroom.masking import mask_identifiers
from mailroom.model.base import Value
from mailroom.model.item import DecisionState, ItemRow, Status

OPEN = frozenset({Status.ARRIVED, Status.REGISTERED, Status.IN_REVIEW})
"""States in which somebody still owes the citizen something."""


class DigestCounts(Value):
    """What the lines of the queue do not show."""

    unconfirmed_noncorrespondence: int = 0
    """Spam, newsletters, bounces and automatic replies that no person has confirmed yet."""
    held_letters: int = 0
    """Outgoing letters that a guard or a setting keeps back."""
    undelivered_letters: int = 0
    """Outgoing letters that bounced or failed: to be printed, or the address corrected."""
    troubles: tuple[str, ...] = ()
    """Technical troubles, one sentence each in Bulgarian: a mailbox that does not answer, a full disk."""


class DigestLine(Value):
    """One item as the digest shows it: of the citizen's words the subject alone, and of a restricted one none."""

    number: str
    kind: str
    """Value of Kind; empty where unknown."""
    subject: str
    """With ЕГН and the like masked; empty for a restricted item."""
    department: str
    officer: str
    due: date | None
    days_left: int | None
    """Calendar days to the due date; negative when it is past."""


class DigestData(Value):
    """The digest of one morning."""

    on: date
    due_soon_until: date
    urgent: tuple[DigestLine, ...]
    overdue: tuple[DigestLine, ...]
    due_soon: tuple[DigestLine, ...]
    to_decide: tuple[DigestLine, ...]
    troubled: int
    """Items whose last step failed."""
    illegible: int
    """Items that a person must read and type."""
    sealed: int
    """Open items of restricted access (ЗЗЛПСПОИН 31): a number and nothing else."""
    open: int
    """All open items, sealed ones left out."""
    counts: DigestCounts

    @property
    def quiet(self) -> bool:
        """Whether there is nothing that a person must do."""
        counts = self.counts
        return not (self.urgent or self.overdue or self.due_soon or self.to_decide or self.troubled or self.illegible
                    or counts.unconfirmed_noncorrespondence or counts.held_letters or counts.undelivered_letters
                    or counts.troubles)


def compile_digest(
    rows: Sequence[ItemRow], *, on: date, due_soon_until: date, counts: DigestCounts = DigestCounts()  # noqa: B008 - frozen
) -> DigestData:
    """Sort the open items of the queue into what needs somebody.

    on: the morning, Europe/Sofia; days are compared as dates, so that an item due today is not overdue.
    due_soon_until: the last day that counts as nearly due, the third working day after `on` (the caller counts it by
        the registration calendar).
    An item may stand in several lists: each list is complete, ordered by due date.
    """
    live = [row for row in rows if row.status in OPEN and row.noncorrespondence_type is None]
    known = sorted((row for row in live if not row.sealed), key=_by_due)
    return DigestData(
        on=on,
        due_soon_until=due_soon_until,
        urgent=_lines((row for row in known if row.urgent), on),
        overdue=_lines((row for row in known if (due := _due(row)) and due < on), on),
        due_soon=_lines((row for row in known if (due := _due(row)) and on <= due <= due_soon_until), on),
        to_decide=_lines((row for row in known if _waits_for_decision(row)), on),
        troubled=sum(bool(row.trouble) for row in known),
        illegible=sum(not row.legible for row in known),
        sealed=len(live) - len(known),
        open=len(known),
        counts=counts,
    )


def _waits_for_decision(row: ItemRow) -> bool:
    return row.decision_state is DecisionState.PROPOSED and (row.needs_review or row.status is Status.IN_REVIEW)


def _due(row: ItemRow) -> date | None:
    return row.due.date if row.due else None


def _by_due(row: ItemRow) -> tuple[date, int]:
    return _due(row) or date.max, row.id


def _lines(rows: Iterable[ItemRow], on: date) -> tuple[DigestLine, ...]:
    return tuple(_line(row, on) for row in rows)


def _line(row: ItemRow, on: date) -> DigestLine:
    due, assigned = _due(row), row.assigned_to
    return DigestLine(
        number=row.registration_number or "без номер",
        kind=row.kind.value if row.kind else "",
        # The subject of a restricted item may name the employee whom it accuses.
        subject="" if row.restricted else mask_identifiers(row.subject),
        department=assigned.department if assigned else "",
        officer=(assigned.officer or "") if assigned else "",
        due=due,
        days_left=(due - on).days if due else None,
    )
