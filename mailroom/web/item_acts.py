"""What people do with an item from its page. Each refuses with its reason, beside what was typed.

Where the item was opened from a view, whatever finishes it leads to the next of that view (succession.py).
"""

from collections.abc import Callable

from starlette.responses import Response

from mailroom import deadlines, desk, merging, undoing
from mailroom.correspondence.letters import FIELDS as LETTER_FIELDS
from mailroom.errors import BadRequest, Conflict
from mailroom.model.entry import SuperiorDecision
from mailroom.model.item import Annulment, Item, Status
from mailroom.model.outgoing import LetterType
from mailroom.model.verdict import Outcome
from mailroom.web import fields
from mailroom.web.item import MARKS, SUPERIOR_BODY, item_page
from mailroom.web.rights import may_see
from mailroom.web.succession import TOLD, around, go_on, may_take_back
from mailroom.web.typed import is_key, read_date, read_parts
from mailroom.web.visit import Visit, see_other

STAYING = frozenset({"correct", "split", "write", "inspection", "undo", "join", "leave-case", "reopen"})
"""After these one looks at the item again."""


def acting(name: str, act: Callable[[Visit, Item], object]) -> Callable[[Visit], Response]:
    """An action on an item: done, and on to the next or back to its page; what cannot be done comes back with its
    reason. What the act says it was is told, where there is a sentence for that."""
    def handler(visit: Visit) -> Response:
        item = visit.item()
        try:
            told = act(visit, item)
        except BadRequest as error:
            now = visit.office.store.item(item.id)
            if now is None or not may_see(visit.staff, now, visit.office.pack):
                raise
            return item_page(visit, now, sentence=str(error), status=409 if isinstance(error, Conflict) else 400)
        now = visit.office.store.item(item.id)
        if now is None or not may_see(visit.staff, now, visit.office.pack):
            return see_other("/queue")
        done = told if isinstance(told, str) and told in TOLD else name
        return see_other(f"/items/{item.id}{around(visit, done=done)}") if name in STAYING else go_on(visit, now, done)

    return handler


def _override(visit: Visit, item: Item) -> None:
    outcome = visit.text("outcome")
    if outcome not in set(Outcome):
        raise BadRequest("Изберете решение от списъка.")
    desk.override(visit.office, visit.staff, item.id, visit.version(), Outcome(outcome), visit.text("reason"))


def _correct(visit: Visit, item: Item) -> None:
    if item.findings is None:
        raise BadRequest("Писмото още не е прочетено: опитайте отново след малко.")
    changed = fields.changed(visit.form, fields.current_values(item.findings))
    if not changed:
        raise BadRequest("Нищо не е променено: поправете поне едно поле.")
    desk.correct(visit.office, visit.staff, item.id, visit.version(), changed)


def _split(visit: Visit, item: Item) -> None:
    parts = read_parts(visit.text("parts"))
    if parts is None:
        raise BadRequest("Напишете страниците на всяко писмо, с точка и запетая между писмата: 1-2; 3; 4-6.")
    desk.split(visit.office, visit.staff, item.id, visit.version(), parts)


def _mark(visit: Visit, item: Item) -> None:
    status = visit.text("status")
    if status not in MARKS:
        raise BadRequest("Изберете състояние от списъка.")
    desk.mark(visit.office, visit.staff, item.id, visit.version(), Status(status))


def _annul(visit: Visit, item: Item) -> None:
    why = visit.text("why")
    if why not in set(Annulment):
        raise BadRequest("Изберете защо се анулира.")
    desk.annul(visit.office, visit.staff, item.id, visit.version(), Annulment(why))


def _assign(visit: Visit, item: Item) -> None:
    department, _, officer = visit.text("to").partition("/")
    desk.give_to(visit.office, visit.staff, item.id, visit.version(), department, officer or None)


def _extend(visit: Visit, item: Item) -> None:
    typed = visit.text("until")
    until = read_date(typed)
    if typed and until is None:
        raise BadRequest("Новият срок не е дата: напишете я като 31.12.2026.")
    desk.extend(visit.office, visit.staff, item.id, visit.version(), reason=visit.text("reason"),
                action=visit.text("action"), until=until, superior=_superior_decision(visit),
                ground=visit.text("ground"))


def _write(visit: Visit, item: Item) -> None:
    name = visit.text("letter")
    if name not in {letter_type.value for letter_type in LETTER_FIELDS}:
        raise BadRequest("Изберете писмо от списъка.")
    letter_type = LetterType(name)
    desk.write(visit.office, visit.staff, item.id, visit.version(), letter_type,
               {field: visit.text(field) for field in LETTER_FIELDS[letter_type]})


def _superior_decision(visit: Visit) -> SuperiorDecision | None:
    """The superior body's decision as typed: number and date, or neither."""
    number, typed = visit.text("superior_number"), visit.text("superior_on")
    on = read_date(typed)
    if not number and not typed:
        return None
    if not number or on is None:
        raise BadRequest("Решението на по-горестоящия орган има номер и дата: впишете и двете, датата като 31.12.2026.")
    return SuperiorDecision(body=visit.text("superior_body") or SUPERIOR_BODY, number=number, on=on)


def _merge(visit: Visit, item: Item) -> None:
    """Into the преписка of the number that was typed, or of the neighbour that was chosen."""
    typed = visit.text("into")
    if not typed:
        raise BadRequest("Напишете номера на преписката, с която да се слее.")
    with visit.office.store.reading() as register:
        found = register.items.by_number(typed.removeprefix("№").strip())
        other = register.items.get(found) if found is not None else None
    if other is None or not may_see(visit.staff, other, visit.office.pack):
        raise BadRequest("Няма преписка с такъв номер: проверете го и опитайте отново.")
    merging.merge(visit.office, visit.staff, item.id, visit.version(), other.id)


def _undo(visit: Visit, item: Item) -> str:
    typed = visit.text("deed")
    seen = int(typed) if is_key(typed) else None
    with visit.office.store.reading() as register:
        deed = register.undo.last(item.id)
        if deed is not None and not may_take_back(visit, register, deed):
            raise BadRequest("Това се връща назад от деловодството.")
    return f"undo-{undoing.undo(visit.office, visit.staff, item.id, visit.version(), seen)}"


confirm = acting("confirm", lambda visit, item: desk.confirm(visit.office, visit.staff, item.id, visit.version()))
override = acting("override", _override)
correct = acting("correct", _correct)
reclassify = acting(
    "reclassify", lambda visit, item: desk.reclassify(visit.office, visit.staff, item.id, visit.version()))
set_aside = acting(
    "set_aside", lambda visit, item: desk.set_one_aside(visit.office, visit.staff, item.id, visit.version()))
split = acting("split", _split)
mark = acting("mark", _mark)
annul = acting("annul", _annul)
assign = acting("assign", _assign)
extend = acting("extend", _extend)
inspection = acting("inspection", lambda visit, item: deadlines.note_inspection(
    visit.office, visit.staff, item.id, visit.version()))
write = acting("write", _write)
merge = acting("merge", _merge)
undo = acting("undo", _undo)

