"""One item: the original beside what was understood, why it was decided so, its letters and history, and what to do."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from starlette.responses import Response

from mailroom import deadlines, desk
from mailroom.correspondence.letters import FIELDS as LETTER_FIELDS
from mailroom.correspondence.letters import SET_ASIDE, missing_details
from mailroom.errors import BadRequest, Conflict
from mailroom.mediatype import EML
from mailroom.model.base import Value
from mailroom.model.entry import Extension, Ground, SuperiorDecision
from mailroom.model.findings import Address, AnswerChannel, Evidence, Findings, Found, Kind, Matter
from mailroom.model.item import DecisionState, HistoryLine, Item, Status
from mailroom.model.outgoing import LetterType
from mailroom.model.verdict import Outcome
from mailroom.registration.routing import accused
from mailroom.registration.terms import extension_for, extension_grounds, inspection_matters
from mailroom.web.cases import case_view
from mailroom.web.rights import may_open_file, may_open_original, may_release, may_see
from mailroom.web.typed import in_ranges, read_date, read_parts
from mailroom.web.visit import Visit, see_other
from mailroom.why import why
from mailroom.words import FIELDS, word

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
}
"""What the page says after an action."""

SHOWN = ("kind", "matter", "subject", "sender_name", "organisation", "on_behalf_of", "email", "phone", "address",
         "preferred_channel", "date_written", "follow_up_of", "district", "other_body")
"""Fields of Findings in the order of the page."""
ALWAYS_SHOWN = frozenset({"kind", "subject", "sender_name", "email", "phone", "address"})
"""Shown as missing when nothing was found: without them nobody can be answered."""
FACTS = ("anonymous", "abusive", "health_safety", "protected_info")
TYPED = ("subject", "sender_name", "organisation", "on_behalf_of", "email", "phone", "other_body", "follow_up_of")
"""Fields that a person corrects by typing."""
CHOSEN = {"kind": Kind, "matter": Matter, "preferred_channel": AnswerChannel}
ADDRESS = tuple(f"address.{part}" for part in Address.model_fields)
SUPERIOR_BODY = "областният управител"
"""Who stands above a mayor where nobody else is named."""
MARKS = (Status.ANSWERED, Status.FORWARDED, Status.CLOSED)
_UNDECIDED = (Status.REGISTERED, Status.IN_REVIEW)


class Shown(Value):
    """One field as the page shows it."""

    name: str
    value: str
    """Empty when nothing was found."""
    confidence: float = 0
    evidence: tuple[Evidence, ...] = ()
    by_person: bool = False


def show_item(visit: Visit) -> Response:
    """The page of one item."""
    return item_page(visit, visit.item())


def item_page(visit: Visit, item: Item, *, sentence: str = "", status: int = 200) -> Response:
    """The page of one item, with a sentence when the last action could not be done; what was typed stays typed."""
    with visit.office.store.reading() as register:
        history = register.history.of(item.id)
        names = {person.login: person.name for person in register.people.all()}
        siblings = [register.items.get(sibling) for sibling in register.items.siblings(item.id)]
    findings = item.findings
    return visit.page(
        "item.html", status=status, item=item, history=[(line, _details(line)) for line in history], names=names,
        sentence=sentence, told=TOLD.get(visit.asked("done"), ""), case=case_view(visit, item),
        typed=visit.form, open=may_open_original(item),
        fields=list(_fields(item)) if findings else [], facts=FACTS,
        values=current_values(findings) if findings else {}, has_html=_may_have_html(item),
        extension=_extension(visit, item), grounds=_grounds(visit, item), superior_body=SUPERIOR_BODY,
        inspection=_inspection(visit, item), letters_to_write=_letters_to_write(item), letter_fields=LETTER_FIELDS,
        asked_to=visit.asked("do"),
        may_release=may_release, pack=visit.office.pack, spoken=why(item, visit.office.pack),
        barred=accused(item.verdict, visit.office.pack) if item.verdict else frozenset(), typed_fields=TYPED,
        chosen_fields=CHOSEN, address_fields=ADDRESS, outcomes=tuple(Outcome), marks=MARKS,
        undecided=_waits_for_decision(item), Status=Status, in_ranges=in_ranges,
        file_open=may_open_file(visit.staff, siblings, visit.office.pack))


# ---- what to do -----------------------------------------------------------------------------------------------------


def _acting(name: str, act: Callable[[Visit, Item], object]) -> Callable[[Visit], Response]:
    """An action on an item: done, and back to its page; what cannot be done comes back with its reason."""
    def handler(visit: Visit) -> Response:
        item = visit.item()
        try:
            act(visit, item)
        except BadRequest as error:
            now = visit.office.store.item(item.id)
            if now is None or not may_see(visit.staff, now, visit.office.pack):
                raise
            return item_page(visit, now, sentence=str(error), status=409 if isinstance(error, Conflict) else 400)
        now = visit.office.store.item(item.id)
        visible = now is not None and may_see(visit.staff, now, visit.office.pack)
        return see_other(f"/items/{item.id}?done={name}" if visible else "/queue")

    return handler


def _override(visit: Visit, item: Item) -> None:
    outcome = visit.text("outcome")
    if outcome not in set(Outcome):
        raise BadRequest("Изберете решение от списъка.")
    desk.override(visit.office, visit.staff, item.id, visit.version(), Outcome(outcome), visit.text("reason"))


def _correct(visit: Visit, item: Item) -> None:
    if item.findings is None:
        raise BadRequest("Писмото още не е прочетено: опитайте отново след малко.")
    changed = _changed(visit, current_values(item.findings))
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


confirm = _acting("confirm", lambda visit, item: desk.confirm(visit.office, visit.staff, item.id, visit.version()))
override = _acting("override", _override)
correct = _acting("correct", _correct)
reclassify = _acting(
    "reclassify", lambda visit, item: desk.reclassify(visit.office, visit.staff, item.id, visit.version()))
split = _acting("split", _split)
mark = _acting("mark", _mark)
assign = _acting("assign", _assign)
extend = _acting("extend", _extend)
inspection = _acting("inspection", lambda visit, item: deadlines.note_inspection(
    visit.office, visit.staff, item.id, visit.version()))
write = _acting("write", _write)


def _changed(visit: Visit, current: dict[str, str]) -> dict[str, Any]:
    """The fields that the person has changed; an empty one removes what was found."""
    changed: dict[str, Any] = {}
    for name, value in current.items():
        if name not in visit.form or visit.text(name) == value:
            continue
        typed = visit.text(name)
        changed[name] = typed == "true" if name in FACTS else typed or None
    return changed


# ---- what is shown --------------------------------------------------------------------------------------------------


def current_values(findings: Findings) -> dict[str, str]:
    """Every field that a person may correct, as it stands in the form."""
    values = {}
    for name in (*CHOSEN, *TYPED, *FACTS):
        found: Found[Any] | None = getattr(findings, name)
        values[name] = "" if found is None else _as_typed(found.value)
    address = findings.address.value if findings.address else Address()
    for path in ADDRESS:
        values[path] = getattr(address, path.partition(".")[2]) or ""
    return values


def _as_typed(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else " ".join(str(value).split())


def _fields(item: Item) -> Iterator[Shown]:
    assert item.findings is not None
    for name in SHOWN:
        found: Found[Any] | None = getattr(item.findings, name)
        if found is None and name in ALWAYS_SHOWN:
            yield Shown(name=name, value="")
        elif found is not None:
            by_person = any(path.partition(".")[0] == name for path in item.corrections)
            yield Shown(name=name, value=_in_words(found.value), confidence=found.confidence, evidence=found.evidence,
                        by_person=by_person)


def _in_words(value: Any) -> str:
    if isinstance(value, Address):
        return in_one_line(value)
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return word(value)


def in_one_line(address: Address) -> str:
    """As it is written on an envelope, but in one line."""
    place = " ".join(part for part in (address.postcode, address.settlement) if part)
    house = " ".join(part for part in (address.street, f"№ {address.number}" if address.number else "") if part)
    inside = [f"{short} {value}" for short, value in (
        ("бл.", address.block), ("вх.", address.entrance), ("ет.", address.floor), ("ап.", address.apartment)) if value]
    return ", ".join(part for part in (place, address.quarter, house, *inside) if part)


def _may_have_html(item: Item) -> bool:
    """Whether the original has an HTML form; of what was read long ago only opening it tells for certain."""
    letter = item.letter
    if letter is None or letter.head is None or letter.media_type != EML:
        return False
    return letter.head.media_type != "text/plain" if letter.has_html is None else letter.has_html


def _waits_for_decision(item: Item) -> bool:
    """Whether a person has to agree or decide otherwise; what is simply considered needs nobody (АПК чл. 5)."""
    decision = item.decision
    if decision is None or decision.state is DecisionState.CONFIRMED or item.status not in _UNDECIDED:
        return False
    return item.status is Status.IN_REVIEW or decision.outcome is not Outcome.CONSIDER


def _extension(visit: Visit, item: Item) -> Extension | None:
    """What an extension would be; null where there is no term."""
    if item.entry is None or item.findings is None or item.entry.due.date is None:
        return None
    matter = item.findings.matter.value if item.findings.matter else None
    return extension_for(item.entry.due, item.findings.kind.value, matter, pack=visit.office.pack,
                         calendar=visit.office.calendar, on=visit.today)


def _inspection(visit: Visit, item: Item) -> bool:
    """Whether the term depends on an inspection, of which nobody has said yet that it is needed."""
    if item.entry is None or item.findings is None or item.entry.inspection_needed:
        return False
    return inspection_matters(item.findings, visit.office.pack)


def _letters_to_write(item: Item) -> list[LetterType]:
    """The letters that make sense for this item as it stands."""
    if item.entry is None:
        return []
    if item.sealed:
        return [LetterType.WHISTLEBLOWER_RECEIPT]
    decision = item.decision
    outcome = decision.outcome if decision and decision.state is DecisionState.CONFIRMED else None
    offered = [(LetterType.MISSING_DETAILS, bool(missing_details(item))), (LetterType.FORWARDING, True),
               (LetterType.NOT_CONSIDERED, outcome in SET_ASIDE),
               (LetterType.INFORMATION_REFUSED, outcome is Outcome.INFORMATION_REFUSED)]
    return [letter_type for letter_type, fits in offered if fits]


def _grounds(visit: Visit, item: Item) -> tuple[Ground, ...]:
    """The law's own reasons to extend this item's term."""
    if item.entry is None or item.findings is None:
        return ()
    matter = item.findings.matter.value if item.findings.matter else None
    return extension_grounds(item.entry.due, item.findings.kind.value, matter, pack=visit.office.pack,
                             calendar=visit.office.calendar)


def _details(line: HistoryLine) -> str:
    """What the line of the history adds, in words."""
    said = line.details
    if line.what == "decided":
        return word(Outcome(said["outcome"]))
    if line.what == "corrected":
        return ", ".join(FIELDS.get(name, name) for name in said["fields"]).lower()
    return str(said.get("number") or "")
