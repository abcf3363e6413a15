"""The pages about one person's data: what is held on them, a report to give, and erasing it (holdings.py, erasing.py).

The confidential officer finds whistleblowers' reports alone, everybody else never one.
"""

from collections.abc import Iterable

from starlette.responses import Response

from mailroom import erasing, holdings
from mailroom.errors import BadRequest
from mailroom.model.access import Seen
from mailroom.model.base import ItemId
from mailroom.model.erasure import Ground
from mailroom.model.item import Item
from mailroom.model.staff import Role
from mailroom.web.letters import pdf_answer
from mailroom.web.rights import may_see
from mailroom.web.visit import Visit

GROUNDS = (Ground.REQUEST, Ground.UNLAWFUL)
"""Of a person's data; what is over its term goes by an act."""


def show_search(visit: Visit) -> Response:
    """The question, and what is found."""
    asked = visit.asked("q")
    found = holdings.find(visit.office, asked.split(";"), sealed=visit.staff.role is Role.CONFIDENTIAL) if asked else ()
    visible = {item.id for item in _items(visit, [row.id for row in found])}
    return visit.page("personal_data.html", asked=asked, rows=[row for row in found if row.id in visible])


def report(visit: Visit) -> Response:
    """Everything that is held of the ticked items, to print."""
    items = _ticked(visit)
    _note(visit, items, Seen.HELD)
    found = holdings.holdings(visit.office, [item.id for item in items], lambda item: _sees(visit, item))
    return pdf_answer(holdings.report_pdf(visit.office, visit.text("q"), found), "personal-data.pdf")


def show_plan(visit: Visit) -> Response:
    """What erasing the ticked items would mean."""
    items = _ticked(visit)
    planned = erasing.plan(visit.office, [item.id for item in items], lambda item: _sees(visit, item))
    return visit.page("erasure.html", plan=planned, items=items, grounds=GROUNDS, done=None)


def erase(visit: Visit) -> Response:
    """Erase the items that were shown."""
    if visit.text("ground") not in GROUNDS:
        raise BadRequest("Изберете защо се заличава.")
    items = _ticked(visit)
    done = erasing.erase(visit.office, [item.id for item in items], lambda item: _sees(visit, item),
                         who=visit.staff.login, ground=Ground(visit.text("ground")), basis=visit.text("basis"))
    _note(visit, items, Seen.ERASED)
    return visit.page("erasure.html", plan=done.plan, items=items, grounds=GROUNDS, done=done)


def _sees(visit: Visit, item: Item) -> bool:
    return may_see(visit.staff, item, visit.office.pack)


def _items(visit: Visit, item_ids: Iterable[ItemId]) -> list[Item]:
    with visit.office.store.reading() as register:
        items = [item for item_id in item_ids if (item := register.items.get(item_id))]
    return [item for item in items if _sees(visit, item)]


def _ticked(visit: Visit) -> list[Item]:
    items = _items(visit, dict.fromkeys(visit.numbers("id")))
    if not items:
        raise BadRequest("Отметнете поне една преписка.")
    return items


def _note(visit: Visit, items: Iterable[Item], what: Seen) -> None:
    """In the access log, of every item, whatever is in it."""
    with visit.office.store.transaction() as register:
        for item in items:
            register.access_log.note(visit.staff.login, what, item.id,
                                     item.entry.registration_number if item.entry else "", sealed=item.sealed,
                                     now=visit.now)
