"""An extension through the office: who may, what the citizen is told, and from when the new date holds."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest

from mailroom import desk as actions
from mailroom.deadlines import recount
from mailroom.errors import BadRequest
from mailroom.model.base import OutgoingId
from mailroom.model.entry import SuperiorDecision
from mailroom.model.item import Item
from mailroom.model.outgoing import LetterType, OutgoingStatus
from mailroom.model.staff import Staff
from mailroom.office import Office
from mailroom.registration.calendar import WorkingCalendar
from tests.journeys.conftest import Desk

Mail = Callable[..., EmailMessage]

SIGNAL = """Здравейте,

сигнализирам, че на ул. „Липа“ пред № 9 е оставена купчина строителни отпадъци. Моля да вземете мерки.

Мария Петкова
гр. Примерово, ул. „Липа“ № 7
"""
DECISION = SuperiorDecision(body="областният управител", number="РД-17", on=date(2026, 11, 20))
REASON = "Чакаме становище от водоснабдителното дружество."


@pytest.fixture
def desk(office: Office) -> Desk:
    """On a morning on which the terms still run."""
    return Desk(replace(office, now=lambda: datetime(2026, 11, 23, 8, tzinfo=UTC)))


@pytest.fixture
def signal(desk: Desk, mail: Mail) -> Item:
    """A signal with thirty days by the charter and two months by the law."""
    return desk.come_in(mail(SIGNAL))


def extended(desk: Desk, item: Item, clerk: Staff, **more: object) -> OutgoingId:
    """Written at the desk, with the item as it stands."""
    now = desk.item(item.id)
    values: dict[str, object] = {"reason": REASON, "action": "", "until": None, **more}
    return actions.extend(desk.office, clerk, now.id, now.version, **values)  # type: ignore[arg-type]


def due(desk: Desk, item: Item) -> date | None:
    entry = desk.item(item.id).entry
    return entry.due.date if entry else None


def test_a_notice_that_is_cancelled_before_it_left_brings_the_old_date_back(desk: Desk, signal: Item,
                                                                           clerk: Staff) -> None:
    """A citizen who was told nothing is owed what was promised."""
    before = due(desk, signal)
    letter = extended(desk, signal, clerk)
    actions.release(desk.office, clerk, letter)
    assert due(desk, signal) == date(2027, 1, 20)
    actions.cancel(desk.office, clerk, letter)
    assert due(desk, signal) == before
    actions.release(desk.office, clerk, extended(desk, signal, clerk))
    assert due(desk, signal) == date(2027, 1, 20), "and it can be granted again"


def test_a_second_draft_takes_the_place_of_the_first(desk: Desk, signal: Item, clerk: Staff) -> None:
    """One notice waits, not two with two dates."""
    extended(desk, signal, clerk, until=date(2027, 1, 8))
    extended(desk, signal, clerk, until=date(2027, 1, 15))
    letters = [one for one in desk.item(signal.id).letters if one.type is LetterType.EXTENSION]
    assert [one.status for one in letters] == [OutgoingStatus.CANCELLED, OutgoingStatus.DRAFT]
    actions.release(desk.office, clerk, letters[1].id)
    assert due(desk, signal) == date(2027, 1, 15)


def test_a_correction_keeps_the_extension_unless_it_is_another_kind_of_letter(desk: Desk, signal: Item,
                                                                             clerk: Staff) -> None:
    """A telephone number changes no term; what proves to be an inquiry has the term of an inquiry."""
    actions.release(desk.office, clerk, extended(desk, signal, clerk, superior=DECISION))
    assert due(desk, signal) == date(2027, 2, 22)
    actions.correct(desk.office, clerk, signal.id, desk.item(signal.id).version, {"phone": "+359888000417"})
    assert due(desk, signal) == date(2027, 2, 22)
    actions.correct(desk.office, clerk, signal.id, desk.item(signal.id).version, {"kind": "inquiry"})
    assert due(desk, signal) == date(2026, 11, 27)


def test_a_notice_that_waits_falls_when_the_letter_proves_to_be_another_kind(desk: Desk, signal: Item,
                                                                            clerk: Staff) -> None:
    """Its date was a signal's; approving it would give an inquiry two months."""
    letter = extended(desk, signal, clerk)
    actions.correct(desk.office, clerk, signal.id, desk.item(signal.id).version, {"kind": "inquiry"})
    with pytest.raises(BadRequest):
        actions.release(desk.office, clerk, letter)
    assert due(desk, signal) == date(2026, 11, 27)


def test_a_date_that_was_proposed_before_the_calendar_changed_is_counted_once_more(desk: Desk, signal: Item,
                                                                                  clerk: Staff) -> None:
    """Drafted for 8 January; meanwhile that day is declared non-working; then it is approved."""
    letter = extended(desk, signal, clerk, until=date(2027, 1, 8))
    office = replace(desk.office, calendar=WorkingCalendar([date(2027, 1, 8)]))
    recount(office)
    actions.release(office, clerk, letter)
    recount(office)
    assert due(desk, signal) == date(2027, 1, 11)


def test_the_law_extends_once_and_the_desk_says_so(desk: Desk, signal: Item, clerk: Staff) -> None:
    """With the article, and what to do instead."""
    with pytest.raises(BadRequest, match="номера и датата"):
        extended(desk, signal, clerk, until=date(2027, 2, 1))
    actions.release(desk.office, clerk, extended(desk, signal, clerk, until=date(2027, 2, 1), superior=DECISION))
    with pytest.raises(BadRequest, match="вече е удължен веднъж"):
        extended(desk, signal, clerk, until=date(2027, 2, 10), superior=DECISION)


def test_a_reason_of_the_laws_list_needs_no_typing(desk: Desk, signal: Item, clerk: Staff) -> None:
    """Its words stand in the letter, with the decision's number and date and the article in full words."""
    with pytest.raises(BadRequest, match="причината"):
        extended(desk, signal, clerk, reason="")
    letter = extended(desk, signal, clerk, reason="", ground="apk.121_extension", superior=DECISION)
    text = next(one for one in desk.item(signal.id).letters if one.id == letter).text
    assert "Защо: Налагат го особено важни причини." in text
    assert ("Срокът по чл. 121 от Административнопроцесуалния кодекс е удължен до 22 февруари 2027 г. "
            "Реши го областният управител с решение № РД-17 от 20 ноември 2026 г.") in text
    with desk.office.store.reading() as register:
        written = [line for line in register.history.of(signal.id) if line.what == "extension_written"]
    assert [line.details["superior_decision"] for line in written] == ["РД-17/2026-11-20"]
