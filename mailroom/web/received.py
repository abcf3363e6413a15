"""The day of receipt of a whole pile in one key: what was scanned today may have come yesterday."""

from datetime import date, timedelta

from starlette.responses import Response

from mailroom import desk
from mailroom.errors import BadRequest
from mailroom.model.arrival import Arrival
from mailroom.model.base import ItemId, Value, day_of
from mailroom.model.item import Item
from mailroom.store.store import Register
from mailroom.web.rights import may_see
from mailroom.web.typed import read_date
from mailroom.web.visit import NotHere, Visit, see_other

_SHOWN_FOR = timedelta(days=7)
_MOST = 60


class ScannedFile(Value):
    """One file of paper, with those of its letters that the person may see."""

    arrival: Arrival
    items: tuple[Item, ...]
    days: tuple[date, ...]
    """Of receipt, as they stand."""


def show_files(visit: Visit) -> Response:
    """What came on paper in the last days."""
    return _files_page(visit)


def _files_page(visit: Visit, *, sentence: str = "", status: int = 200) -> Response:
    with visit.office.store.reading() as register:
        arrivals = register.arrivals.on_paper_since(visit.now - _SHOWN_FOR, _MOST)
        files = [found for arrival in arrivals if (found := _file(visit, register, arrival))]
    return visit.page("received.html", status=status, sentence=sentence, files=files, changed=visit.asked("done"),
                      before=visit.office.calendar.previous_working(visit.today - timedelta(days=1)))


def _file(visit: Visit, register: Register, arrival: Arrival) -> ScannedFile | None:
    """The file, unless nothing in it is for this person or its day was typed at the counter."""
    seen = tuple(item for item in map(register.items.get, _letters(register, arrival.item_id))
                 if item is not None and may_see(visit.staff, item, visit.office.pack))
    days = {day_of(item.received_at) for item in seen}
    return ScannedFile(arrival=arrival, items=seen, days=tuple(sorted(days))) if seen else None


def _letters(register: Register, item_id: ItemId) -> tuple[ItemId, ...]:
    """The letters of the file that came as this item; what was entered at the counter has its own day."""
    ids = (item_id, *register.items.siblings(item_id))
    return tuple(one for one in ids if register.counter.of(one) is None)


def set_day(visit: Visit) -> Response:
    """All letters of the file came on that day, also those that this person may not see."""
    item = visit.item()
    on = read_date(visit.text("before") or visit.text("on"))
    try:
        if on is None:
            raise BadRequest("Датата на получаване не е дата: напишете я като 31.12.2026.")
        with visit.office.store.reading() as register:
            letters = _letters(register, item.id)
        if not letters:
            raise NotHere
        desk.receive_on(visit.office, visit.staff, letters, on)
    except BadRequest as error:
        return _files_page(visit, sentence=str(error), status=400)
    return see_other(f"/received?done={item.id}")
