"""Working through a view: an item is opened from one, and what is done with it leads to the next of the same view.

The view travels in the address (`?view=to_decide&…`) and nowhere else, so that two windows are two queues.
"""

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from mailroom.model.base import ItemId
from mailroom.model.item import Item
from mailroom.searchwords import terms_of
from mailroom.store.queue import QueueFilter, View
from mailroom.store.store import Register
from mailroom.store.undo import Deed
from mailroom.web.queue_address import Asked, read_asked
from mailroom.web.rights import Right, may_see, queue_filter
from mailroom.web.typed import is_key
from mailroom.web.visit import Visit, see_other

CARRIED = ("view", "q", "sort", "kind", "channel", "department", "district", "since", "until")
"""Parameters of the queue that an item's address carries on."""
LOOKED_AT = 20
"""Rows that are looked at for one that this reader may see."""
WORK = (View.URGENT, View.OVERDUE, View.TO_DECIDE, View.ILLEGIBLE, View.SET_ASIDE, View.BOUNCED, View.DUE_SOON)
"""Views in which something waits for somebody at the desk, the most pressing first."""


TOLD = {
    "confirm": "Решението е потвърдено.", "override": "Вашето решение е записано.", "correct": "Промените са записани.",
    "reclassify": "Върнато като кореспонденция: номерът ще се появи след миг.", "mark": "Състоянието е променено.",
    "split": "Записано. Всяко отделено писмо получава свой номер след миг.",
    "assign": "Преписката е възложена.", "release": "Писмото е пуснато.", "cancel": "Писмото е отменено.",
    "take-back": "Писмото е върнато: чака както преди.", "to-paper": "Писмото е при писмата за печат.",
    "to-mended-address": "Писмото тръгва към поправения адрес.",
    "write": "Писмото е съставено и чака да бъде пуснато: прегледайте го отдолу.",
    "inspection": "Отбелязано е, че е нужна проверка. Писмото до гражданина чака одобрение.",
    "extend": "Писмото за новия срок е съставено и чака одобрение. Срокът ще се промени, когато бъде одобрено.",
    "set_aside": "Потвърдено е, че не е писмо.", "merge": "Преписката е слята с другата.",
    "annul": "Регистрацията е анулирана: номерът остава зает.",
    "undo": "Последната промяна е върната назад.",
    "undo-split": "Страниците отново са едно писмо. Ако отделеното е получило номер, той остава и води към него.",
    "undo-reclassified": "Отново не е писмо. Ако е получило номер, той остава зает и е анулиран.",
    "undo-answer_filed": "Това не е нашият отговор: срокът на писмото отново тече.",
    "undo-joined_case": "Писмото отново е отделна преписка, както преди.",
    "undo-left_case": "Писмото отново е при преписката, както преди.",
    "join": "Писмото е присъединено към преписката.",
    "leave-case": "Писмото е отделна преписка.", "as-answer": "Записано: това е нашият отговор, срокът вече не тече.",
    "answered": "Отговорът е записан, срокът вече не тече.", "reopen": "Преписката е отворена отново.",
}
"""What the page says after an action."""

UNDOES: dict[str, frozenset[str]] = {
    "confirm": frozenset({"decided"}), "override": frozenset({"decided"}), "correct": frozenset({"corrected"}),
    "split": frozenset({"split", "kept_whole"}), "reclassify": frozenset({"reclassified"}),
    "as-answer": frozenset({"answer_filed"}), "inspection": frozenset({"inspection_needed"}),
    "annul": frozenset({"annulled"}),
    "mark": frozenset({"answered", "forwarded", "closed"}), "assign": frozenset({"assigned"}),
    "set_aside": frozenset({"set_aside_confirmed"}), "merge": frozenset({"merged"}),
    "answered": frozenset({"answered"}), "reopen": frozenset({"registered"}),
    "join": frozenset({"joined_case"}), "leave-case": frozenset({"left_case"}),
}
"""What is taken back after an action; after any other the last deed was something before it, and is named."""


RIGHT_OF = {"answered": Right.MARK, "forwarded": Right.MARK, "closed": Right.MARK, "registered": Right.MARK,
            "assigned": Right.ASSIGN, "inspection_needed": Right.EXTEND}
"""What it takes to have done a deed, and to take it back; any other was decided at the desk."""


def around(visit: Visit, **more: object) -> str:
    """The query that carries the view on, with what is added; empty where the item was opened by itself."""
    carried = [(name, visit.asked(name)) for name in CARRIED if visit.asked(name)]
    query = urlencode([*carried, *((name, str(value)) for name, value in more.items() if value)])
    return f"?{query}" if query else ""


def back_to_queue(visit: Visit) -> str:
    """The view's own page."""
    return f"/queue{around(visit)}"


def view_of(visit: Visit) -> View | None:
    """The view from which the item was opened; null where it was opened by itself."""
    name = visit.asked("view")
    return View(name) if name in set(View) else None


def next_in(visit: Visit, register: Register, item_id: ItemId | None) -> ItemId | None:
    """The item behind this one in the view, or its first where this was the last; null when no other is left."""
    asked = read_asked(visit.request.query_params)
    for before in (item_id, None):
        for row in register.queue.rows(wanted(visit, asked), before=before, limit=LOOKED_AT, sort=asked.sort):
            item = register.items.get(row.id) if row.id != item_id else None
            if item is not None and may_see(visit.staff, item, visit.office.pack):
                return item.id
    return None


def go_on(visit: Visit, item: Item, done: str) -> Response:
    """After something was done with the item: the next of its view, which tells of it; without a view, the item."""
    if view_of(visit) is None:
        return see_other(f"/items/{item.id}{around(visit, done=done)}")
    with visit.office.store.reading() as register:
        following = next_in(visit, register, item.id)
    place = f"/items/{following}" if following is not None else "/queue/done"
    return see_other(place + around(visit, done=done, of=item.id))


def open_next(visit: Visit) -> Response:
    """The view's first item, or that nothing is left; with `after`, the one behind that item."""
    after = visit.asked("after")
    with visit.office.store.reading() as register:
        following = next_in(visit, register, int(after) if is_key(after) else None)
    return see_other((f"/items/{following}" if following is not None else "/queue/done") + around(visit))


def show_done(visit: Visit) -> Response:
    """Nothing is left in this view; where something else waits, the way to it."""
    views = {view: queue_filter(visit.staff, view, visit.today) for view in WORK}
    with visit.office.store.reading() as register:
        counts = register.queue.counts(views)
        deed = last_deed(visit, register, None)
    return visit.page("done.html", view=view_of(visit), around=around(visit), **deed,
                      waiting=[(view, counts[view]) for view in WORK if counts[view]])


def wanted(visit: Visit, asked: Asked) -> QueueFilter:
    """What is asked for, within the person's rights."""
    rights = queue_filter(visit.staff, asked.view, visit.today, terms_of(asked.q))
    return rights.model_copy(update={
        "kind": asked.kind, "channel": asked.channel, "for_department": asked.department or None,
        "district": asked.district or None, "since": asked.since, "until": asked.until})


def may_take_back(visit: Visit, register: Register, deed: Deed) -> bool:
    """Whether the person may still do what the act of this deed has done: rights change."""
    return all(visit.may(RIGHT_OF.get(one.what, Right.DECIDE)) for one in register.undo.of_act(deed))


def last_deed(visit: Visit, register: Register, item: Item | None) -> dict[str, Any]:
    """What was done last, with this item or with the one before it, and whether this reader can take it back."""
    of = visit.asked("of")
    before = register.items.get(int(of)) if is_key(of) else item
    nothing = {"told": "", "told_of": None, "undoable": None, "deed_id": None, "told_what": "", "undoes_told": False}
    if before is None or not may_see(visit.staff, before, visit.office.pack):
        return nothing
    deed = register.undo.last(before.id)
    own = deed is not None and deed.who == visit.staff.login and may_take_back(visit, register, deed)
    return {"told": TOLD.get(visit.asked("done"), ""), "undoable": before if own else None,
            "deed_id": deed.id if deed is not None else None,
            "told_of": before if item is None or before.id != item.id else None,
            "told_what": deed.what if deed is not None else "",
            "undoes_told": deed is not None and deed.what in UNDOES.get(visit.asked("done"), ())}
