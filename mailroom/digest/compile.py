"""What the mayor's office has to know this morning, from the lines of the queue. Pure.

Whistleblowers' reports leave no trace here, not even in a number (ЗЗЛПСПОИН 31).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from mailroom.masking import mask_identifiers
from mailroom.model.base import ItemId, Value
from mailroom.model.figures import Course
from mailroom.model.item import DecisionState, ItemRow, Status
from mailroom.model.proof import HistoryHead, LastVerification, Proof

OPEN = frozenset({Status.ARRIVED, Status.REGISTERED, Status.IN_REVIEW})
"""States in which somebody still owes the citizen something."""


class DigestCounts(Value):
    """What the lines of the queue do not show."""

    unconfirmed_noncorrespondence: int = 0
    """Spam, newsletters, bounces and automatic replies that no person has confirmed yet."""
    held_letters: int = 0
    """Outgoing letters that a guard or a setting keeps back."""
    failed_letters: int = 0
    """Outgoing letters that the server did not take."""
    troubled: int = 0
    """Items whose last step failed."""
    illegible: int = 0
    """Items that a person must read and type."""
    troubles: tuple[str, ...] = ()
    """Technical troubles, one sentence each in Bulgarian: a mailbox that does not answer, a full disk."""


class Share(Value):
    """How many of one sort."""

    name: str
    """In Bulgarian."""
    number: int


class Came(Value):
    """What happened since the last working morning."""

    since: date
    until: date
    """Both inclusive."""
    received: int = 0
    finished: int = 0
    urgent: int = 0
    kinds: tuple[Share, ...] = ()
    districts: tuple[Share, ...] = ()


class SetAside(Value):
    """Letters that, by one clause, are not to be considered or not to be answered."""

    clause: str
    """Where the clause stands, or the law's duty where none speaks."""
    waiting: int
    """Proposed; a person has not decided."""
    decided: int
    """Decided so by a person since the last working morning."""


class DigestLine(Value):
    """One item as the digest shows it: of the citizen's words the subject alone, and of a restricted one none."""

    item_id: ItemId
    """For the page, whose lines lead to their items; a mail has no links into the house."""
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
    open: bool = True
    """Whether somebody still owes the citizen something."""
    before: date | None = None
    """The day to which it was worked before the calendar changed."""


class Listed(Value):
    """The first lines of a list, and how long it is."""

    lines: tuple[DigestLine, ...] = ()
    total: int = 0


class DigestData(Value):
    """The digest of one morning."""

    on: date
    due_soon_until: date
    came: Came | None
    """Null where nothing was counted."""
    course: Course
    """The last two weeks, for the picture."""
    urgent: Listed
    overdue: Listed
    due_soon: Listed
    to_decide: Listed
    moved: Listed
    """Items whose terms moved since the last working morning, because the calendar has changed."""
    returned: Listed
    """Items of which a letter to the citizen came back."""
    set_aside: tuple[SetAside, ...]
    open: int
    """All open items."""
    counts: DigestCounts
    proof: Proof | None
    """Null where the sources were never compared with the register."""
    verified: LastVerification | None
    history_head: HistoryHead | None
    """The history's last line: kept in a mailbox elsewhere, it shows a history that was written anew."""

    @property
    def quiet(self) -> bool:
        """Whether there is nothing that a person must do."""
        counts = self.counts
        lists = (self.urgent, self.overdue, self.due_soon, self.to_decide, self.moved, self.returned)
        return not (any(one.total for one in lists) or counts.troubled or counts.illegible
                    or counts.unconfirmed_noncorrespondence or counts.held_letters or counts.failed_letters
                    or counts.troubles or (self.proof and self.proof.missing)
                    or (self.verified and self.verified.faults))


class Beside(Value):
    """What stands beside the lines of the queue."""

    came: Came | None = None
    course: Course = Course(step="ден", points=())
    moved: tuple[tuple[ItemRow, date | None], ...] = ()
    """Items whose terms moved, each with the day to which it was worked before."""
    moved_total: int = 0
    returned: tuple[ItemRow, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    counts: DigestCounts = DigestCounts()
    totals: Mapping[str, int] = {}
    """How long the lists are, by name, where the lines are only their beginning."""
    open: int | None = None
    """How many items are open, where the lines are not all of them."""
    proof: Proof | None = None
    verified: LastVerification | None = None
    history_head: HistoryHead | None = None


def compile_digest(rows: Sequence[ItemRow], *, on: date, due_soon_until: date, found: Beside) -> DigestData:
    """Sort the open items of the queue into what needs somebody.

    on: the morning, Europe/Sofia; days are compared as dates, so that an item due today is not overdue.
    due_soon_until: the last day that counts as nearly due (the caller counts it by the registration calendar).
    An item may stand in several lists; each is ordered by due date.
    """
    live = sorted((row for row in rows if row.status in OPEN and row.noncorrespondence_type is None and not row.sealed),
                  key=_by_due)

    def listed(name: str, wanted: Iterable[ItemRow]) -> Listed:
        lines = tuple(_line(row, on) for row in wanted)
        return Listed(lines=lines, total=max(len(lines), found.totals.get(name, 0)))

    moved = tuple(_line(row, on, before) for row, before in found.moved if not row.sealed)
    return DigestData(
        on=on, due_soon_until=due_soon_until, came=found.came, course=found.course,
        urgent=listed("urgent", (row for row in live if row.urgent)),
        overdue=listed("overdue", (row for row in live if (due := _due(row)) and due < on)),
        due_soon=listed("due_soon", (row for row in live if (due := _due(row)) and on <= due <= due_soon_until)),
        to_decide=listed("to_decide", (row for row in live if _waits_for_decision(row))),
        moved=Listed(lines=moved, total=max(len(moved), found.moved_total)),
        returned=listed("returned", (row for row in found.returned if not row.sealed)),
        set_aside=found.set_aside, open=len(live) if found.open is None else found.open, counts=found.counts,
        proof=found.proof, verified=found.verified, history_head=found.history_head)


def _waits_for_decision(row: ItemRow) -> bool:
    return row.decision_state is DecisionState.PROPOSED and (row.needs_review or row.status is Status.IN_REVIEW)


def _due(row: ItemRow) -> date | None:
    return row.due.date if row.due else None


def _by_due(row: ItemRow) -> tuple[date, int]:
    return _due(row) or date.max, row.id


def _line(row: ItemRow, on: date, before: date | None = None) -> DigestLine:
    due, assigned = _due(row), row.assigned_to
    return DigestLine(
        item_id=row.id, number=row.registration_number or "без номер",
        kind=row.kind.value if row.kind else "",
        # The subject of a restricted item may name the employee whom it accuses.
        subject="" if row.restricted else mask_identifiers(row.subject),
        department=assigned.department if assigned else "",
        officer=(assigned.officer or "") if assigned else "",
        due=due,
        days_left=(due - on).days if due else None,
        open=row.status in OPEN,
        before=before,
    )
