"""The morning's digest is compiled from the register, and leaves with the proof that nothing is lost."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from mailroom import deadlines, morning
from mailroom.config import DigestSettings, MaildirSettings
from mailroom.model.base import SOFIA
from mailroom.model.findings import Kind, NonCorrespondence
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.verdict import Outcome
from mailroom.office import Office
from mailroom.registration.calendar import WorkingCalendar
from mailroom.verify import verify
from tests.reports.post import come_in, decide, finish, send

FRIDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 23)


def on(office: Office, day: date, **settings: object) -> Office:
    """The same office on that morning."""
    at = datetime(day.year, day.month, day.day, 8, 0, tzinfo=SOFIA)
    return replace(office, now=lambda: at, settings=office.settings.model_copy(update=settings))


def test_monday_tells_of_friday_and_the_weekend_by_kind_and_district(office: Office) -> None:
    with office.store.transaction() as register:
        come_in(register, FRIDAY - timedelta(days=1))
        for day in (FRIDAY, FRIDAY + timedelta(days=1)):
            finish(register, come_in(register, day, kind=Kind.COMPLAINT, district="Младост"), day)
        come_in(register, FRIDAY, district="неопределен", urgent=True)
        come_in(register, FRIDAY, sealed=True, district="Лозенец")
        come_in(register, MONDAY)
        come_in(register, FRIDAY, aside=NonCorrespondence.SPAM)
    told = morning.digest(on(office, MONDAY), MONDAY)
    assert told.came is not None
    assert (told.came.since, told.came.until) == (FRIDAY, FRIDAY + timedelta(days=2))
    assert (told.came.received, told.came.finished, told.came.urgent) == (3, 2, 1)
    assert [(one.name, one.number) for one in told.came.kinds] == [("жалба", 2), ("сигнал", 1)]
    assert [(one.name, one.number) for one in told.came.districts] == [("Младост", 2), ("неопределен", 1)]
    assert [point.received for point in told.course.points[-4:]] == [1, 2, 1, 0]
    assert told.counts.unconfirmed_noncorrespondence == 1 and told.open == 3


@pytest.mark.parametrize(("day", "until"), [
    (date(2026, 11, 16), date(2026, 11, 20)), (date(2026, 11, 19), date(2026, 11, 24)), (FRIDAY, date(2026, 11, 25)),
])
def test_nearly_due_is_this_week_and_never_less_than_three_working_days(
    small_office: Office, day: date, until: date
) -> None:
    assert morning.digest(on(small_office, day), day).due_soon_until == until


def test_the_most_overdue_come_first_however_many_newer_letters_there_are(small_office: Office) -> None:
    with small_office.store.transaction() as register:
        old = come_in(register, date(2026, 1, 5), charter=date(2026, 2, 4))
        for _ in range(morning.LINES + 5):
            come_in(register, FRIDAY, charter=FRIDAY + timedelta(days=2))
    told = morning.digest(on(small_office, MONDAY), MONDAY)
    assert told.overdue.total == morning.LINES + 6 and len(told.overdue.lines) == morning.LINES
    with small_office.store.reading() as register:
        entry = register.entries.of(old)
    assert entry is not None and told.overdue.lines[0].number == entry.registration_number


def test_letters_set_aside_are_told_by_their_clause_and_letters_that_came_back_by_their_number(
    small_office: Office
) -> None:
    with small_office.store.transaction() as register:
        for _ in range(2):
            come_in(register, FRIDAY, outcome=Outcome.NOT_CONSIDERED)
        decide(register, come_in(register, FRIDAY, outcome=Outcome.NOT_CONSIDERED), FRIDAY, Outcome.NOT_CONSIDERED,
               Outcome.NOT_CONSIDERED)
        for sealed in (False, True):
            send(register, come_in(register, FRIDAY, sealed=sealed), FRIDAY, OutgoingStatus.BOUNCED)
    told = morning.digest(on(small_office, MONDAY), MONDAY)
    assert [(one.waiting, one.decided) for one in told.set_aside] == [(2, 1)]
    assert told.returned.total == 1 and told.to_decide.total == 2


def test_items_whose_terms_moved_with_the_calendar_are_listed_with_the_day_before(small_office: Office) -> None:
    with small_office.store.transaction() as register:
        item_id = come_in(register, FRIDAY, charter=date(2026, 12, 21), statute=date(2027, 1, 20))
        come_in(register, FRIDAY, sealed=True, charter=date(2026, 12, 21), statute=date(2027, 1, 20))
    office = on(replace(small_office, calendar=WorkingCalendar((date(2026, 12, 21),))), MONDAY)
    moved = deadlines.recount(office)
    assert {one.item_id for one in moved} >= {item_id}
    told = morning.digest(office, MONDAY)
    assert [line.before for line in told.moved.lines] == [date(2026, 12, 21)] and told.moved.total == 1
    assert told.moved.lines[0].due == date(2026, 12, 22)


def test_the_digest_leaves_with_what_the_mailboxes_hold_and_the_register_does_not_know(
    small_office: Office, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("maildir")
    for part in ("new", "cur", "tmp"):
        (folder / part).mkdir()
    (folder / "new" / "1.letter").write_bytes(b"Subject: x\r\n\r\ny")
    office = on(small_office, MONDAY, digest=DigestSettings(recipients=("kmet@example.bg",)),
                maildirs=(MaildirSettings(name="center", path=folder),))
    verify(office, patience=0)
    told = morning.digest(office, MONDAY)
    assert told.proof is not None and [(one.source, one.there, one.missing) for one in told.proof.sources] == [
        ("center", 1, 1)]
    assert told.verified is not None and told.verified.faults == 1 and not told.quiet
    with office.store.reading() as register:
        assert told.history_head == register.history.head()
    (folder / "new" / "1.letter").unlink()
    assert morning.send_digest(office, MONDAY) and not morning.send_digest(office, MONDAY)
    with office.store.reading() as register:
        letters = register.outbox.with_status(OutgoingStatus.HELD, OutgoingStatus.QUEUED)
    assert len(letters) == 1 and "center: 0, всички са в регистъра." in letters[0].text
