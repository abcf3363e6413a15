"""What the passing of days does to the items of an office: found by their state, on whatever morning one looks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest

from mailroom import deadlines, undoing
from mailroom import desk as actions
from mailroom.config import LateNotice, TermSettings
from mailroom.engine.due import do_what_is_due
from mailroom.errors import BadRequest
from mailroom.model.base import SOFIA
from mailroom.model.item import Item, Status
from mailroom.model.outgoing import LetterType, Outgoing, OutgoingStatus
from mailroom.model.staff import Role, Staff
from mailroom.office import Office
from mailroom.registration.calendar import WorkingCalendar
from tests.journeys.conftest import Desk

Mail = Callable[..., EmailMessage]

SIGNAL = """Здравейте,

сигнализирам, че на ул. „Липа“ пред № 9 пейката е надраскана и има изхвърлени вестници. Моля да вземете мерки.

Мария Петкова
гр. Примерово, ул. „Липа“ № 7
"""
COMPLAINT = """Здравейте,

оплаквам се от служителката на гише 3, която отказа да ме обслужи.

Мария Петкова
гр. Примерово, ул. „Липа“ № 7
"""
OFFICER = "i.todorov@example.bg"


@pytest.fixture
def signal(desk: Desk, mail: Mail) -> Item:
    """Thirty days by the charter (21 December 2026), two months by the law (20 January 2027)."""
    return desk.come_in(mail(SIGNAL))


@pytest.fixture
def complaint(desk: Desk, mail: Mail) -> Item:
    """Fourteen days by the charter where no inspection is needed (4 December 2026)."""
    return desk.come_in(mail(COMPLAINT))


def on(office: Office, day: date, **terms: object) -> Office:
    """The same office on a morning, with these settings of its terms."""
    at = datetime(day.year, day.month, day.day, 7, 30, tzinfo=UTC)
    settings = office.settings.model_copy(update={"terms": TermSettings(**terms)})
    return replace(office, now=lambda: at, settings=settings)


def letters(office: Office, letter_type: LetterType) -> list[Outgoing]:
    """Every letter of this type, in any state."""
    with office.store.reading() as register:
        return [one for one in register.outbox.with_status(*OutgoingStatus) if one.type is letter_type]


def due(desk: Desk, item: Item) -> date | None:
    entry = desk.item(item.id).entry
    return entry.due.date if entry else None


@pytest.mark.parametrize(("day", "told"), [
    (date(2026, 12, 15), []),
    (date(2026, 12, 16), ["наближава", "отговор по хартата: 21.12.2026 г."]),
    (date(2026, 12, 22), ["изтекъл", "отговор по хартата: 21.12.2026 г."]),
    (date(2027, 1, 15), ["изтекъл", "отговор по хартата: 21.12.2026 г.", "наближава",
                         "отговор по закона: 20.01.2027 г."]),
])
def test_the_officer_hears_of_each_clock_whatever_mornings_were_missed(desk: Desk, signal: Item, day: date,
                                                                      told: list[str]) -> None:
    """Three working days before each, and when it is past; found by state and not by what happened lately."""
    office = on(desk.office, day)
    deadlines.remind(office, day)
    texts = [one.text for one in letters(office, LetterType.REMINDER)]
    assert len(texts) == bool(told) and all(words in texts[0] for words in told)
    assert not told or "Петкова" not in texts[0]


def test_nobody_is_told_the_same_thing_twice(desk: Desk, signal: Item) -> None:
    """Once for each clock, its date and its stage; when the date has moved, again."""
    days = [date(2026, 12, 16), date(2026, 12, 17), date(2026, 12, 22), date(2026, 12, 23)]
    assert [deadlines.remind(on(desk.office, day), day) for day in days] == [1, 0, 1, 0]
    assert {one.to for one in letters(desk.office, LetterType.REMINDER)} == {OFFICER}


def test_a_whistleblowers_receipt_is_reminded_of_until_it_has_left(desk: Desk, signal: Item) -> None:
    """Its officer hears of seven days, by mail that says nothing of the report; a draft is no receipt."""
    officer = Staff(login="a.vasileva", name="Анна Василева", role=Role.CONFIDENTIAL)
    actions.correct(desk.office, officer, signal.id, signal.version, {"matter": "whistleblower"})
    near, past = date(2026, 11, 25), date(2026, 11, 30)
    assert deadlines.remind(on(desk.office, near), near) == 1
    told = letters(desk.office, LetterType.REMINDER)[0]
    assert told.to == "a.vasileva@example.bg" and "потвърждение до подателя: 27.11.2026 г." in told.text
    assert "94-" not in told.text + told.subject and "Преписка с ограничен достъп" in told.text
    receipt = actions.write(desk.office, officer, signal.id, desk.item(signal.id).version,
                            LetterType.WHISTLEBLOWER_RECEIPT, {"uin": "26-000417"})
    actions.release(desk.office, officer, receipt)
    assert deadlines.remind(on(desk.office, past), past) == 0


def test_what_is_answered_is_not_reminded_of(desk: Desk, signal: Item, clerk: Staff) -> None:
    """The clocks have stopped."""
    actions.mark(desk.office, clerk, signal.id, signal.version, Status.ANSWERED)
    assert deadlines.remind(on(desk.office, date(2027, 3, 1)), date(2027, 3, 1)) == 0


def test_a_new_day_off_moves_what_is_open_and_says_so(desk: Desk, signal: Item, complaint: Item, clerk: Staff) -> None:
    """A decision of the government in December: the ends that fell on that day roll on, in the history and to the
    officer; what is closed stays as it was told, and nothing is counted twice."""
    actions.mark(desk.office, clerk, complaint.id, complaint.version, Status.ANSWERED)
    office = replace(desk.office, calendar=WorkingCalendar([date(2026, 12, 21), date(2026, 12, 4)]))
    assert [(one.before, one.now) for one in deadlines.recount(office)] == [(date(2026, 12, 21), date(2026, 12, 22))]
    assert due(desk, signal) == date(2026, 12, 22) and due(desk, complaint) == date(2026, 12, 4)
    with office.store.reading() as register:
        line = next(one for one in register.history.of(signal.id) if one.what == "recounted")
    assert (line.details["before"], line.details["due"]) == ("2026-12-21", "2026-12-22")
    assert "21.12.2026 г. → 22.12.2026 г." in letters(office, LetterType.REMINDER)[0].text
    assert deadlines.recount(office) == ()
    assert [one.now for one in deadlines.recount(desk.office)] == [date(2026, 12, 21)], "and back"


def test_a_notice_is_drafted_when_a_term_nears_and_waits_for_a_person(desk: Desk, signal: Item, clerk: Staff) -> None:
    """The charter's own term moves to the law's date; the letter is there, and leaves when somebody approves it."""
    assert deadlines.draft_notices(on(desk.office, date(2026, 12, 15)), date(2026, 12, 15)) == ()
    written = deadlines.draft_notices(on(desk.office, date(2026, 12, 16)), date(2026, 12, 16))
    letter = letters(desk.office, LetterType.EXTENSION)[0]
    assert written == (letter.id,) and letter.status is OutgoingStatus.DRAFT and "наближава" in letter.hold_reason
    assert "Кога ще отговорим: до 20 януари 2027 г." in letter.text and due(desk, signal) == date(2026, 12, 21)
    assert deadlines.draft_notices(on(desk.office, date(2026, 12, 17)), date(2026, 12, 17)) == ()
    actions.cancel(desk.office, clerk, letter.id)
    assert deadlines.draft_notices(on(desk.office, date(2026, 12, 18)), date(2026, 12, 18)) == (), "a person said no"


def test_by_the_municipalitys_policy_a_charters_own_notice_leaves_by_itself(desk: Desk, signal: Item) -> None:
    """Inside the law's term; the new date holds with the letter, and the letter says that a machine sent it."""
    office = on(desk.office, date(2026, 12, 16), late_notice=LateNotice.SEND)
    deadlines.draft_notices(office, date(2026, 12, 16))
    letter = letters(office, LetterType.EXTENSION)[0]
    assert letter.status is OutgoingStatus.QUEUED and letter.auto_submitted
    assert due(desk, signal) == date(2027, 1, 20)


@pytest.mark.parametrize(("kind", "day", "written"), [
    ("signal", date(2027, 1, 18), 1), ("gdpr_request", date(2026, 12, 18), 1), ("inquiry", date(2026, 11, 26), 0),
    ("proposal", date(2027, 1, 18), 0),
])
def test_beyond_the_laws_term_nothing_leaves_without_a_person(desk: Desk, signal: Item, clerk: Staff, kind: str,
                                                             day: date, written: int) -> None:
    """Where the law gives a reason of its own the draft waits; where the superior body decides, or the law allows
    nothing, there is none."""
    actions.correct(desk.office, clerk, signal.id, signal.version, {"kind": kind})
    office = on(desk.office, day, late_notice=LateNotice.SEND)
    assert len(deadlines.draft_notices(office, day)) == written
    held = [one for one in letters(office, LetterType.EXTENSION) if one.status is not OutgoingStatus.QUEUED]
    assert len(held) == (written if kind != "signal" else 0)


def test_switched_off_nothing_is_drafted(desk: Desk, signal: Item) -> None:
    """Reminders are sent all the same."""
    office = on(desk.office, date(2026, 12, 16), late_notice=LateNotice.OFF)
    assert deadlines.draft_notices(office, date(2026, 12, 16)) == ()


def test_an_inspection_ends_a_promise_that_holds_only_without_one(desk: Desk, complaint: Item, signal: Item,
                                                                 clerk: Staff) -> None:
    """The law's term alone is left, and the citizen is told why and until when."""
    assert due(desk, complaint) == date(2026, 12, 4)
    letter = deadlines.note_inspection(desk.office, clerk, complaint.id, complaint.version)
    assert due(desk, complaint) == date(2027, 1, 20) and letter is not None
    text = next(one.text for one in desk.item(complaint.id).letters if one.id == letter)
    assert "Необходимо е да извършим проверка." in text and "до 20 януари 2027 г." in text
    with pytest.raises(BadRequest, match="Вече"):
        deadlines.note_inspection(desk.office, clerk, complaint.id, desk.item(complaint.id).version)
    with pytest.raises(BadRequest, match="не зависи"):
        deadlines.note_inspection(desk.office, clerk, signal.id, signal.version)
    actions.correct(desk.office, clerk, complaint.id, desk.item(complaint.id).version, {"phone": "+359888000417"})
    assert due(desk, complaint) == date(2027, 1, 20), "a correction does not forget it"


def test_an_inspection_that_was_noted_by_a_slip_is_taken_back_until_the_citizen_knows(desk: Desk, clerk: Staff,
                                                                                     complaint: Item) -> None:
    deadlines.note_inspection(desk.office, clerk, complaint.id, complaint.version)
    undoing.undo(desk.office, clerk, complaint.id, desk.item(complaint.id).version)
    after = desk.item(complaint.id)
    assert after.entry == complaint.entry and after.letters[-1].status is OutgoingStatus.CANCELLED
    letter = deadlines.note_inspection(desk.office, clerk, complaint.id, after.version)
    assert letter is not None
    with desk.office.store.transaction() as register:
        register.outbox.mark(letter, OutgoingStatus.POSTED)
    with pytest.raises(BadRequest, match="вече тръгна"):
        undoing.undo(desk.office, clerk, complaint.id, desk.item(complaint.id).version)


def test_who_was_answered_is_asked_once_where_the_municipality_wants_it(desk: Desk, signal: Item,
                                                                       clerk: Staff) -> None:
    """Some days after, and only who really was answered."""
    actions.mark(desk.office, clerk, signal.id, signal.version, Status.ANSWERED)
    today = desk.office.now().astimezone(SOFIA).date()
    later = date.fromordinal(today.toordinal() + 5)
    assert deadlines.ask_satisfaction(on(desk.office, later), later) == 0
    assert deadlines.ask_satisfaction(on(desk.office, today, ask_satisfaction_after_days=5), today) == 0
    without_page = on(desk.office, later, ask_satisfaction_after_days=5)
    assert deadlines.ask_satisfaction(without_page, later) == 0
    web = without_page.settings.web.model_copy(update={"public_url": "https://spravka.primerovo.example"})
    office = replace(without_page, settings=without_page.settings.model_copy(update={"web": web}))
    assert [deadlines.ask_satisfaction(office, later) for _ in range(2)] == [1, 0]
    letter = letters(office, LetterType.SATISFACTION)[0]
    assert letter.auto_submitted and "Доволни ли сте" in letter.text
    token = letter.text.partition("https://spravka.primerovo.example/r/")[2].split()[0]
    with office.store.reading() as register:
        assert register.satisfaction.asked_by(token) == signal.id
        assert register.satisfaction.asked_by("guessed") is None


def test_it_is_all_done_on_a_working_morning_once(desk: Desk, signal: Item) -> None:
    """Not on a Saturday, not before the hour of the digest, and not a second time on the same day."""
    for at in (datetime(2026, 12, 19, 9, tzinfo=UTC), datetime(2026, 12, 18, 4, tzinfo=UTC)):
        do_what_is_due(replace(desk.office, now=lambda at=at: at))  # type: ignore[misc]
        assert letters(desk.office, LetterType.REMINDER) == []
    for _ in range(2):
        do_what_is_due(replace(desk.office, now=lambda: datetime(2026, 12, 18, 9, tzinfo=UTC)))
    assert len(letters(desk.office, LetterType.REMINDER)) == 1
    assert len(letters(desk.office, LetterType.EXTENSION)) == 1
