"""The queue: a view's rows with the counts of all views, search, older rows by key, the batch of what is no letter."""

from starlette.responses import Response

from mailroom import desk
from mailroom.model.item import ItemRow
from mailroom.searchwords import terms_of
from mailroom.store.queue import View
from mailroom.store.store import Register
from mailroom.web.rights import is_doubtful, may_see, queue_filter
from mailroom.web.typed import is_key
from mailroom.web.visit import Visit, see_other

ROWS = 50
VIEWS = (View.OPEN, View.TO_DECIDE, View.URGENT, View.DUE_SOON, View.OVERDUE, View.ILLEGIBLE, View.SET_ASIDE,
         View.BOUNCED, View.TROUBLE, View.ALL)
"""In the order of the tabs."""


def show_queue(visit: Visit) -> Response:
    """One page of one view."""
    return queue_page(visit, _view_asked(visit.asked("view")))


def confirm_set_aside(visit: Visit) -> Response:
    """The ticked rows are no correspondence."""
    ids = []
    with visit.office.store.reading() as register:
        for item_id in visit.numbers("item"):
            item = register.items.get(item_id)
            if item is not None and may_see(visit.staff, item, visit.office.pack):
                ids.append(item_id)
    done = desk.set_aside(visit.office, visit.staff, ids)
    return see_other(f"/queue?view=set_aside&done={done}")


def queue_page(visit: Visit, view: View) -> Response:
    """The queue in this view."""
    before = visit.asked("before")
    text = visit.asked("q")
    wanted = queue_filter(visit.staff, view, visit.today, terms_of(text))
    with visit.office.store.reading() as register:
        rows = register.queue.rows(wanted, before=int(before) if is_key(before) else None, limit=ROWS + 1)
        shown = [row for row in rows[:ROWS] if _is_for(visit, register, row)]
        counts = {name: register.queue.count(queue_filter(visit.staff, name, visit.today)) for name in VIEWS}
    done = visit.asked("done")
    return visit.page("queue.html", view=view, views=VIEWS, counts=counts, rows=shown, text=text,
                      older=rows[ROWS - 1].id if len(rows) > ROWS else None, is_first=not before,
                      done=int(done) if is_key(done) else None, refreshed=visit.now)


def _is_for(visit: Visit, register: Register, row: ItemRow) -> bool:
    """The few rows that may be about their reader are looked at as a whole."""
    if not is_doubtful(visit.staff, row):
        return True
    item = register.items.get(row.id)
    return item is not None and may_see(visit.staff, item, visit.office.pack)


def _view_asked(name: str) -> View:
    """The view of this name; the open items when there is none."""
    return View(name) if name in set(View) else View.OPEN
