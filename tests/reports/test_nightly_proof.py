"""The register is proved every night, by one process, and what is found is kept."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mailroom import morning
from mailroom.config import DigestSettings
from mailroom.engine.due import prove_if_due
from mailroom.errors import TryAgain
from mailroom.intake.door import take_in
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.proof import HistoryHead, Part, Verification
from mailroom.office import Office
from mailroom.verify import verify
from tests.reports.conftest import NOW
from tests.store.test_proof import meddle

NIGHT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
"""Five in the morning in Bulgaria, a day after the first letter."""


def go_on() -> bool:
    return True


def at(office: Office, now: datetime) -> Office:
    return replace(office, now=lambda: now)


def with_letter(office: Office) -> Office:
    take_in(office.store, Incoming(source="center@example.bg", key="1", file="a.eml", channel=Channel.EMAIL,
                                   content=b"Subject: a\r\n\r\nb", received_at=NOW), NOW)
    return office


def found(office: Office) -> Verification | None:
    with office.store.reading() as register:
        return register.daybook.verification()


def test_once_a_night_and_not_before(office: Office) -> None:
    for too_early in (NOW, NOW + timedelta(hours=8), NIGHT - timedelta(hours=2)):
        prove_if_due(at(with_letter(office), too_early), go_on)
        assert found(office) is None
    prove_if_due(at(office, NIGHT), go_on)
    first = found(office)
    assert first is not None and (first.at, first.originals, first.lines, first.faults) == (NIGHT, 1, 1, ())
    prove_if_due(at(office, NIGHT + timedelta(hours=1)), go_on)
    assert found(office) == first


def test_one_process_does_it_and_another_after_it_was_stopped(office: Office) -> None:
    with pytest.raises(TryAgain):
        prove_if_due(at(with_letter(office), NIGHT), lambda: False)
    prove_if_due(at(office, NIGHT + timedelta(hours=1)), go_on)
    assert found(office) is None
    prove_if_due(at(office, NIGHT + timedelta(hours=7)), go_on)
    assert found(office) is not None


def test_a_rewritten_history_is_found_by_the_digest_that_was_sent(
    small_office: Office, rewritten: Callable[[Office], None]
) -> None:
    monday = NOW + timedelta(days=3)
    office = at(replace(with_letter(small_office), settings=small_office.settings.model_copy(
        update={"digest": DigestSettings(recipients=("kmet@example.bg",))})), monday)
    with office.store.reading() as register:
        head = register.history.head()
    assert morning.send_digest(office, monday.date())
    assert verify(office).faults == () and verify(office).heads == 1
    rewritten(office)
    told = verify(office)
    assert told.parts == (Part.HEADS,) and "was rewritten" in told.faults[0]
    meddle(office.store, "DELETE FROM outgoing", "DELETE FROM milestone")
    assert verify(office).parts == () and verify(office, heads=[head]).parts == (Part.HEADS,)


@pytest.fixture
def rewritten() -> Callable[[Office], None]:
    """Somebody writes the whole history anew, with a chain that holds."""
    def rewrite(office: Office) -> None:
        with office.store.reading() as register:
            lines = register.history.lines_after(0)
        meddle(office.store, "DELETE FROM history")
        with office.store.transaction() as register:
            for line in lines:
                register.history.note(line.what, who="petrov", at=line.at, item_id=line.item_id)
    return rewrite


def test_what_the_digest_shows_can_be_typed(small_office: Office) -> None:
    with with_letter(small_office).store.reading() as register:
        head = register.history.head()
    text = morning.write_digests(
        replace(small_office, settings=small_office.settings.model_copy(
            update={"digest": DigestSettings(recipients=("kmet@example.bg",))})), NOW.date())[0].text
    assert f"Знак на историята: {head.said}\n" in text
    assert isinstance(head, HistoryHead) and head.number == 1


def test_a_file_of_no_letter_is_told_and_is_no_fault(small_office: Office) -> None:
    with_letter(small_office).store.originals.keep(b"left by a stop in the middle")
    told = verify(small_office)
    assert told.faults == () and "1 files" in told.notes[0]


def test_a_number_that_the_history_does_not_know_and_one_that_it_knows_otherwise_are_found(
    small_office: Office
) -> None:
    office = with_letter(small_office)
    meddle(office.store, "INSERT INTO entry (item_id, registration_number, case_number, number_key, case_key, "
                         "joined_case, series, year, sequence, registered_at, access_code, due, department_id, "
                         "assigned_to, inspection_needed, counted_by) VALUES (1, '94-00-1/20.11.2026', '94-00-1', '', "
                         "'', '', '94', 2026, 1, '2026-11-20 09:00:00', 'A', '{}', 'registry', '{}', false, '')",
           "INSERT INTO series (series, year, last) VALUES ('94', 2026, 1)")
    assert "the history knows nothing of number 94-00-1/20.11.2026" in " ".join(verify(office).faults)
    with office.store.transaction() as register:
        register.history.note("registered", who="mailroom", at=NOW, item_id=1, number="94-00-2/20.11.2026")
    assert "was given to item 1 and stands as 94-00-1/20.11.2026" in " ".join(verify(office).faults)
