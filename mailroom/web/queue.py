"""The queue: a view's rows with the counts of all views, filters, search, batches, and what each person keeps of it.

The page renews itself (queue.js) by asking for its own address with the tag that it was given: while nothing has
happened in the register the answer is 304, before any row is looked at.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.responses import Response

from mailroom import desk, undoing
from mailroom.errors import BadRequest
from mailroom.masking import mask_identifiers
from mailroom.model.arrival import Channel
from mailroom.model.base import ItemId, Value
from mailroom.model.item import Item, ItemRow, Status
from mailroom.searchwords import terms_of
from mailroom.store.queue import BY_DUE, MOST_COUNTED, ROWS_KEPT, QueueFilter, Sort, View
from mailroom.store.store import Register, Store
from mailroom.store.undo import Deed
from mailroom.web.item import MARKS
from mailroom.web.language import language
from mailroom.web.queue_address import Asked, read_asked, read_query
from mailroom.web.render import part
from mailroom.web.rights import is_doubtful, may_see, may_see_row, queue_filter
from mailroom.web.succession import may_take_back, wanted
from mailroom.web.typed import is_key
from mailroom.web.visit import Visit, see_other

ROWS = 50
VIEWS = (View.OPEN, View.TO_DECIDE, View.URGENT, View.DUE_SOON, View.OVERDUE, View.MINE, View.UNASSIGNED,
         View.ILLEGIBLE, View.SET_ASIDE, View.BOUNCED, View.TROUBLE, View.ALL)
"""In the order of the tabs."""
VERSION = version("mailroom")
LONGEST_NAME = 40
"""Characters of a saved view's name."""


# ---- the page -------------------------------------------------------------------------------------------------------


def show_queue(visit: Visit) -> Response:
    """One page of one view; 304 for whoever has it already."""
    asked, store = read_asked(visit.request.query_params), visit.office.store
    with store.reading() as register:
        head = register.history.last()
    tag = _tag(visit, head)
    if visit.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers={"etag": tag})
    page = _page(visit, asked, tag, _counts(store, head, queue_filter(visit.staff, View.OPEN, visit.today)))
    page.headers["etag"] = tag
    return page


def _tag(visit: Visit, head: tuple[int, str]) -> str:
    """Changes when anything that the page shows may have changed: the history, the day, the reader, the program."""
    said = (head, visit.today, visit.staff.login, visit.staff.role, language(), VERSION, visit.csrf,
            visit.request.url.query)
    return f'"{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}"'


def _page(visit: Visit, asked: Asked, tag: str, counts: dict[View, int]) -> Response:
    names_person = bool(asked.q) and mask_identifiers(asked.q) != asked.q
    with visit.office.store.reading() as register:
        found = () if names_person else _rows(visit, register, asked)
        shown = _for(visit, register, found[:ROWS])
        told = _told(visit, register)
        saved = [(one, read_query(one.query)) for one in register.saved_views.of(visit.staff.login)]
    return visit.page(
        "queue.html", asked=asked, tag=tag, view=asked.view, views=_views(visit), counts=counts, most=MOST_COUNTED,
        rows=shown, older=asked.but(before=found[ROWS - 1].id) if len(found) > ROWS else None, told=told,
        saved=saved, names_person=names_person, misread=_misread(visit, asked), pack=visit.office.pack, by_due=BY_DUE,
        sorts=tuple(Sort), channels=tuple(Channel), marks=MARKS, refreshed=visit.now, row_html=_row_html)


def _misread(visit: Visit, asked: Asked) -> list[str]:
    """Days that were typed and are none: the list is as if they had not been."""
    return [typed for name in ("since", "until") if (typed := visit.asked(name)) and getattr(asked, name) is None]


@lru_cache(maxsize=128)
def _counts(store: Store, _head: tuple[int, str], rights: QueueFilter) -> dict[View, int]:
    """How many rows every view has for these rights: counted once for all who ask until the history goes on."""
    with store.reading() as register:
        return register.queue.counts({view: rights.model_copy(update={"view": view}) for view in VIEWS})


def _rows(visit: Visit, register: Register, asked: Asked) -> tuple[ItemRow, ...]:
    """One more than the page shows, to know whether there are older ones."""
    if asked.q and not terms_of(asked.q):
        return ()
    return register.queue.rows(wanted(visit, asked), before=asked.before, limit=ROWS + 1, sort=asked.sort)


def _views(visit: Visit) -> tuple[View, ...]:
    """„Mine“ only for whom something can be given to."""
    return VIEWS if visit.staff.officer_id else tuple(view for view in VIEWS if view is not View.MINE)


def _for(visit: Visit, register: Register, rows: tuple[ItemRow, ...]) -> list[ItemRow]:
    """Of the few rows that may be about their reader the verdict is looked at too."""
    doubtful = [row.id for row in rows if is_doubtful(visit.staff, row)]
    verdicts = register.items.verdicts(doubtful)
    return [row for row in rows if row.id not in doubtful
            or may_see_row(visit.staff, row, verdicts.get(row.id), visit.office.pack)]


@lru_cache(maxsize=ROWS_KEPT)
def _row_html(row: ItemRow, around: str, today: date, ticks: bool, confirms: bool, extends: bool,
              _language: str) -> Markup:
    """A row of the table, kept as long as nothing in it changes: a queue shows the same fifty to everybody all day."""
    return part("queue_row.html", "line", row, around, today, ticks, confirms, extends)


# ---- many at once ---------------------------------------------------------------------------------------------------


def confirm_set_aside(visit: Visit) -> Response:
    """The ticked rows are no correspondence."""
    items = [item for item, _ in _ticked(visit)]
    done = desk.set_aside(visit.office, visit.staff, [item.id for item in items])
    return _back(visit, done, deeds=_deeds(visit, [item.id for item in items if not item.noncorrespondence_confirmed]),
                 usual=View.SET_ASIDE)


def assign_ticked(visit: Visit) -> Response:
    """The ticked rows are given to a department or officer."""
    department, officer = visit.text("to"), visit.text("officer") or None
    if not department:
        raise BadRequest("Изберете звеното, на което да се възложат отметнатите писма.")
    return _each(visit, lambda item, seen: desk.give_to(
        visit.office, visit.staff, item.id, seen, department, officer))


def mark_ticked(visit: Visit) -> Response:
    """The ticked rows are answered, forwarded, closed."""
    status = visit.text("status")
    if status not in MARKS:
        raise BadRequest("Изберете състояние от списъка.")
    return _each(visit, lambda item, seen: desk.mark(visit.office, visit.staff, item.id, seen, Status(status)))


def _each(visit: Visit, act: Callable[[Item, int], None]) -> Response:
    """Do it to each, in a transaction of its own: what somebody else has changed meanwhile is left and told."""
    refusals: list[BadRequest] = []
    done: list[ItemId] = []
    for item, seen in _ticked(visit):
        try:
            act(item, seen)
            done.append(item.id)
        except BadRequest as error:
            refusals.append(error)
    if refusals and not done:
        raise refusals[0]
    return _back(visit, len(done), len(refusals), deeds=_deeds(visit, done))


def _deeds(visit: Visit, ids: Iterable[ItemId]) -> list[int]:
    """What this person has just done with each of these, to be taken back together."""
    with visit.office.store.reading() as register:
        last = [register.undo.last(item_id) for item_id in ids]
    return [deed.id for deed in last if deed is not None and deed.who == visit.staff.login]


def undo_batch(visit: Visit) -> Response:
    """A batch is taken back, but for what somebody has gone on with since."""
    with visit.office.store.reading() as register:
        deeds = register.undo.still(visit.numbers("deed")[:ROWS], visit.staff.login)
    done = sum(_is_undone(visit, deed) for deed in deeds)
    if not done:
        raise BadRequest("Няма какво да се върне назад: писмата са променени междувременно.")
    return _back(visit, done, len(deeds) - done, undone=True)


def _is_undone(visit: Visit, deed: Deed) -> bool:
    """Take this deed back where it is the last that was done with its item; whether that was so."""
    with visit.office.store.reading() as register:
        item, last = register.items.get(deed.item_id), register.undo.last(deed.item_id)
        may = may_take_back(visit, register, deed)
    if item is None or last != deed or not may or not may_see(visit.staff, item, visit.office.pack):
        return False
    try:
        undoing.undo(visit.office, visit.staff, item.id, item.version)
    except BadRequest:
        return False  # somebody was quicker
    return True


def _ticked(visit: Visit) -> list[tuple[Item, int]]:
    """The ticked items that the person may see, with the version that was seen. A box says `item.version`."""
    ticked = []
    with visit.office.store.reading() as register:
        for said in map(str, visit.form.getlist("item")):
            key, _, seen = said.partition(".")
            item = register.items.get(int(key)) if is_key(key) else None
            if item is not None and may_see(visit.staff, item, visit.office.pack):
                ticked.append((item, int(seen) if is_key(seen) else 0))
    if not ticked:
        raise BadRequest("Не сте отметнали нито едно писмо.")
    return ticked


def _back(visit: Visit, done: int, left: int = 0, *, deeds: Iterable[int] = (), undone: bool = False,
          usual: View = View.OPEN) -> Response:
    """To the page from which it was sent."""
    page = read_query(visit.text("back") or f"view={usual}").but()
    told = {"undone" if undone else "done": done, "left": left, "deeds": "-".join(map(str, deeds))}
    return see_other(f"{page}&{urlencode({name: value for name, value in told.items() if value or name == 'done'})}")


class Told(Value):
    """What the last batch did."""

    done: int
    """How many rows it has changed."""
    left: int = 0
    """How many it had to leave."""
    is_undone: bool = False
    deeds: tuple[int, ...] = ()
    """What of it can still be taken back."""


def _told(visit: Visit, register: Register) -> Told | None:
    """What the last batch did; null without one."""
    done, left = visit.asked("undone") or visit.asked("done"), visit.asked("left")
    if not is_key(done):
        return None
    ids = [int(typed) for typed in visit.asked("deeds").split("-")[:ROWS] if is_key(typed)]
    deeds = register.undo.still(ids, visit.staff.login) if ids else ()
    return Told(done=int(done), left=int(left) if is_key(left) else 0, is_undone=bool(visit.asked("undone")),
                deeds=tuple(deed.id for deed in deeds))


# ---- what each person keeps -----------------------------------------------------------------------------------------


def save_view(visit: Visit) -> Response:
    """Keep the filters of the page under a name."""
    name = visit.text("name")[:LONGEST_NAME]
    if not name:
        raise BadRequest("Напишете име, под което да се запази изгледът.")
    asked = read_query(visit.text("back")).model_copy(update={"before": None})
    with visit.office.store.transaction() as register:
        register.saved_views.keep(visit.staff.login, name, asked.query)
    return see_other(asked.but())


def drop_view(visit: Visit) -> Response:
    """Forget one of the kept views."""
    typed = visit.text("view")
    if is_key(typed):
        with visit.office.store.transaction() as register:
            register.saved_views.drop(visit.staff.login, int(typed))
    return see_other(read_query(visit.text("back")).but())
