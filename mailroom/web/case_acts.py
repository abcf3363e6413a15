"""What people do with the case of an item from its page: join, leave, take a mail as our answer, record one, reopen.

They refuse as every other act does (item_acts.py): beside what was typed; and what finishes the item leads on.
"""

from mailroom import desk
from mailroom.errors import BadRequest
from mailroom.model.base import ItemId
from mailroom.model.item import Item, Status
from mailroom.registration.belonging import split_number
from mailroom.web.item_acts import acting
from mailroom.web.rights import may_see
from mailroom.web.typed import is_key, read_date
from mailroom.web.visit import Visit


def _other(visit: Visit, item: Item) -> ItemId:
    """The item that was meant, if the person may see it. Raises BadRequest."""
    chosen, typed = visit.text("other"), visit.text("number")
    with visit.office.store.reading() as register:
        number, on = split_number(typed)
        found = (int(chosen),) if is_key(chosen) else (
            register.cases.by_number(typed, None) or register.cases.by_number(number, on))
        for other_id in found:
            other = register.items.get(other_id)
            if other is not None and other_id != item.id and may_see(visit.staff, other, visit.office.pack):
                return other_id
    raise BadRequest("Няма друго писмо с такъв номер: проверете номера и опитайте отново.")


def _record_answer(visit: Visit, item: Item) -> None:
    on = read_date(visit.text("on"))
    if on is None:
        raise BadRequest("Впишете деня на отговора като 31.12.2026.")
    desk.record_answer(visit.office, visit.staff, item.id, visit.version(), number=visit.text("number"), on=on)


def _reopen(visit: Visit, item: Item) -> None:
    if item.status not in (Status.ANSWERED, Status.FORWARDED, Status.CLOSED, Status.ANNULLED):
        raise BadRequest("Преписката е отворена.")
    desk.mark(visit.office, visit.staff, item.id, visit.version(), Status.REGISTERED)


join = acting("join", lambda visit, item: desk.join_case(
    visit.office, visit.staff, item.id, visit.version(), _other(visit, item)))
leave = acting("leave-case", lambda visit, item: desk.leave_case(
    visit.office, visit.staff, item.id, visit.version()))
as_answer = acting("as-answer", lambda visit, item: desk.take_as_answer(
    visit.office, visit.staff, item.id, visit.version()))
answered = acting("answered", _record_answer)
reopen = acting("reopen", _reopen)
