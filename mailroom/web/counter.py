"""The counter: a letter brought in, a complaint told, a call; entered on one page, its papers printed from the next."""

import secrets
from datetime import date
from typing import Any

from starlette.responses import Response

from mailroom import counter
from mailroom.errors import BadRequest
from mailroom.model.findings import AnswerChannel, Kind
from mailroom.model.item import Item
from mailroom.model.outgoing import OutgoingChannel
from mailroom.model.taken_down import Brought, TakenDown
from mailroom.web.letters import pdf_answer
from mailroom.web.rights import may_see
from mailroom.web.typed import is_key, read_date
from mailroom.web.visit import NotHere, Visit, see_other

TYPED = ("kind", "sender_name", "organisation", "on_behalf_of", "phone", "email", "preferred_channel", "subject")
"""Fields of Findings that are typed here; the address is one line."""
_LONGEST_FORM_KEY = 64


def show_form(visit: Visit) -> Response:
    """An empty form."""
    return _form_page(visit)


def _form_page(visit: Visit, *, sentence: str = "", status: int = 200) -> Response:
    asked = visit.asked("how")
    return visit.page("counter.html", status=status, sentence=sentence, typed=visit.form, ways=tuple(Brought),
                      way=asked if asked in set(Brought) else Brought.COUNTER, kinds=tuple(Kind),
                      channels=tuple(AnswerChannel), form=visit.text("form") or secrets.token_urlsafe(16))


def enter(visit: Visit) -> Response:
    """Register what was typed, and on to its papers."""
    try:
        item_id = counter.take_down(
            visit.office, visit.staff, form=form_key(visit), brought=_brought(visit), text=visit.text("text"),
            fields=_fields(visit), address=visit.text("address"), received_on=received_on(visit),
            in_hand=bool(visit.text("in_hand")), sheets=_sheets(visit), enclosures=visit.text("enclosures"))
    except BadRequest as error:
        return _form_page(visit, sentence=str(error), status=400)
    item = visit.office.store.item(item_id)
    if item is None or not may_see(visit.staff, item, visit.office.pack):
        return visit.page("counter_handed_on.html")
    return see_other(f"/counter/{item_id}?done=entered")


def form_key(visit: Visit) -> str:
    """What tells this form from every other one, with who has sent it. Raises BadRequest."""
    typed = visit.text("form")
    if not typed or len(typed) > _LONGEST_FORM_KEY:
        raise BadRequest("Страницата е непълна: отворете „Гише“ отново.")
    return f"{visit.staff.login}/{typed}"


def _brought(visit: Visit) -> Brought:
    typed = visit.text("how")
    if typed not in set(Brought):
        raise BadRequest("Изберете как е дошло.")
    return Brought(typed)


def _fields(visit: Visit) -> dict[str, Any]:
    fields: dict[str, Any] = {name: visit.text(name) for name in TYPED}
    if fields["kind"] not in {"", *Kind} or fields["preferred_channel"] not in {"", *AnswerChannel}:
        raise BadRequest("Изберете от списъка.")
    return fields


def received_on(visit: Visit) -> date | None:
    """The day of receipt as typed; null when none was. Raises BadRequest."""
    typed = visit.text("received_on")
    on = read_date(typed)
    if typed and on is None:
        raise BadRequest("Датата на получаване не е дата: напишете я като 31.12.2026.")
    return on


def _sheets(visit: Visit) -> int | None:
    typed = visit.text("sheets")
    if typed and not (is_key(typed) and 0 < int(typed) < 10_000):
        raise BadRequest("Броят на листата е число.")
    return int(typed) if typed else None


# ---- what was entered -----------------------------------------------------------------------------------------------


def show_entered(visit: Visit) -> Response:
    """The number, large enough to be read out, and what to print."""
    item, taken = _entered(visit)
    receipt = any(letter.channel is OutgoingChannel.HAND for letter in item.letters)
    with visit.office.store.reading() as register:
        scans = register.counter.scans_of(item.id)
    return visit.page("counter_entered.html", item=item, taken=taken, receipt=receipt, scans=scans,
                      told=visit.asked("done") == "entered", places=counter.LABELS_ON_A_SHEET)


def papers_pdf(visit: Visit) -> Response:
    """Record and receipt, for the printer."""
    item, taken = _entered(visit)
    content = counter.papers(visit.office, visit.staff, item, taken)
    if content is None:
        raise NotHere
    return pdf_answer(content, f"papers-{item.id}.pdf")


def label_pdf(visit: Visit) -> Response:
    """The label, alone or at a place of a sheet."""
    item, taken = _entered(visit)
    place = visit.asked("place")
    if place and not is_key(place):
        raise NotHere
    return pdf_answer(counter.label_pdf(visit.office, visit.staff, item, taken, place=int(place) if place else None),
                      f"label-{item.id}.pdf")


def _entered(visit: Visit) -> tuple[Item, TakenDown]:
    """The item that the path names, with what was entered for it. Raises NotHere for one that came by itself."""
    item = visit.item()
    with visit.office.store.reading() as register:
        taken = register.counter.of(item.id)
    if taken is None:
        raise NotHere
    return item, taken
