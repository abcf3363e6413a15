"""The case of an item on its page: what belongs together, what may, and the answer that was given."""

from collections.abc import Collection

from starlette.responses import Response

from mailroom import desk
from mailroom.case_file import is_copy
from mailroom.errors import BadRequest
from mailroom.model.base import Instant, ItemId, Value
from mailroom.model.item import Item, ItemRow, Status
from mailroom.registration.belonging import split_number
from mailroom.store.store import Register
from mailroom.web.rights import may_see, may_see_row
from mailroom.web.typed import is_key, read_date
from mailroom.web.visit import Visit, see_other

TOLD = {
    "join": "Писмото е присъединено към преписката.", "leave-case": "Писмото е отделна преписка.",
    "as-answer": "Записано: това е нашият отговор, срокът вече не тече.",
    "answered": "Отговорът е записан, срокът вече не тече.", "reopen": "Преписката е отворена отново.",
}
"""What the page says after an action."""


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
        suggestion=_member(suggested[0]) if suggested else None, is_own_mail=own,
        told=TOLD.get(visit.asked("done"), ""))


def _rows_seen(visit: Visit, register: Register, ids: Collection[ItemId]) -> list[ItemRow]:
    """The rows of these items, as far as the reader may see them."""
    verdicts = register.items.verdicts(ids)
    return [row for row in register.queue.rows_of(ids)
            if may_see_row(visit.staff, row, verdicts.get(row.id), visit.office.pack)]


def _seen(visit: Visit, register: Register, item_id: ItemId) -> Item | None:
    item = register.items.get(item_id)
    return item if item and may_see(visit.staff, item, visit.office.pack) else None


def _member(row: ItemRow) -> Member:
    return Member(id=row.id, number=row.registration_number or "", sender=row.sender, received_at=row.received_at,
                  status=row.status, subject=row.subject)


# ---- what to do -----------------------------------------------------------------------------------------------------


def join(visit: Visit) -> Response:
    """Put the item into the case of another: the suggested one, or that of a typed number."""
    item = visit.item()
    desk.join_case(visit.office, visit.staff, item.id, visit.version(), _other(visit, item))
    return _done(visit, item, "join")


def _other(visit: Visit, item: Item) -> ItemId:
    """The item that was meant, if the person may see it. Raises BadRequest."""
    chosen, typed = visit.text("other"), visit.text("number")
    with visit.office.store.reading() as register:
        number, on = split_number(typed)
        found = (int(chosen),) if is_key(chosen) else (
            register.cases.by_number(typed, None) or register.cases.by_number(number, on))
        for other in found:
            if other != item.id and _seen(visit, register, other):
                return other
    raise BadRequest("Няма друго писмо с такъв номер: проверете номера и опитайте отново.")


def leave(visit: Visit) -> Response:
    """Take the item out of the case, or answer the suggestion with no."""
    item = visit.item()
    desk.leave_case(visit.office, visit.staff, item.id, visit.version())
    return _done(visit, item, "leave-case")


def as_answer(visit: Visit) -> Response:
    """The item is our own answer to the letter that is suggested."""
    item = visit.item()
    desk.take_as_answer(visit.office, visit.staff, item.id, visit.version())
    return _done(visit, item, "as-answer")


def answered(visit: Visit) -> Response:
    """An answer that left by another way, with its number and day."""
    item, on = visit.item(), read_date(visit.text("on"))
    if on is None:
        raise BadRequest("Впишете деня на отговора като 31.12.2026.")
    desk.record_answer(visit.office, visit.staff, item.id, visit.version(), number=visit.text("number"), on=on)
    return _done(visit, item, "answered")


def reopen(visit: Visit) -> Response:
    """It was not answered after all."""
    item = visit.item()
    if item.status not in (Status.ANSWERED, Status.CLOSED):
        raise BadRequest("Преписката е отворена.")
    desk.mark(visit.office, visit.staff, item.id, visit.version(), Status.REGISTERED)
    return _done(visit, item, "reopen")


def _done(visit: Visit, item: Item, name: str) -> Response:
    now = visit.office.store.item(item.id)
    visible = now is not None and may_see(visit.staff, now, visit.office.pack)
    return see_other(f"/items/{item.id}?done={name}" if visible else "/queue")
