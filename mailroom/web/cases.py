"""The case of an item as its page shows it: what belongs together, and what may. Acts on it: case_acts.py."""

from collections.abc import Collection

from mailroom.case_file import is_copy
from mailroom.model.base import Instant, ItemId, Value
from mailroom.model.item import Item, ItemRow, Status
from mailroom.store.store import Register
from mailroom.web.rights import may_see_row
from mailroom.web.visit import Visit


class Member(Value):
    """One letter of the case."""

    id: ItemId
    number: str
    """Empty for a copy of our own answer."""
    received_at: Instant
    subject: str
    sender: str
    status: Status


class CaseView(Value):
    """What the item's page shows of its case."""

    number: str = ""
    members: tuple[Member, ...] = ()
    """As far as the reader may see them; the item is one."""
    suggestion: Member | None = None
    is_own_mail: bool = False
    """The municipality wrote it: it may be the answer to what is suggested."""
    told: str = ""


def case_view(visit: Visit, register: Register, item: Item) -> CaseView:
    """The case of this item, for this reader."""
    first = item.case_of or item.id
    begun = item.entry if first == item.id else register.entries.of(first)
    suggested = _rows_seen(visit, register, [item.suggested_case]) if item.suggested_case else []
    own = bool(suggested) and item.letter is not None and is_copy(visit.office, register, item.letter)
    members = register.cases.members_of(first)
    # Most letters are a case by themselves, of which nothing is shown.
    rows = _rows_seen(visit, register, members) if len(members) > 1 or item.case_of else []
    return CaseView(
        number=begun.case_number if begun else "",
        members=tuple(_member(row) for row in sorted(rows, key=lambda row: (row.id != first, row.id))),
        suggestion=_member(suggested[0]) if suggested else None, is_own_mail=own)


def _rows_seen(visit: Visit, register: Register, ids: Collection[ItemId]) -> list[ItemRow]:
    """The rows of these items, as far as the reader may see them."""
    verdicts = register.items.verdicts(ids)
    return [row for row in register.queue.rows_of(ids)
            if may_see_row(visit.staff, row, verdicts.get(row.id), visit.office.pack)]


def _member(row: ItemRow) -> Member:
    return Member(id=row.id, number=row.registration_number or "", sender=row.sender, received_at=row.received_at,
                  status=row.status, subject=row.subject)
