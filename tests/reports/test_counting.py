"""The figures follow the register, whatever happens to a letter and whenever they are counted."""

import random
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from mailroom.counting import count
from mailroom.model.arrival import Channel
from mailroom.model.figures import NO_DAY, By, Measure
from mailroom.model.findings import Kind, NonCorrespondence
from mailroom.model.item import Status
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.verdict import Outcome
from mailroom.office import Office
from tests.reports.post import change, come_in, decide, finish, send, shake

DAY = date(2026, 11, 2)
EVERYTHING = (date(2000, 1, 1), NO_DAY)


def sums(office: Office) -> Counter[tuple[str, str, str]]:
    with office.store.reading() as register:
        return register.tallies.sums(*EVERYTHING)


def days(office: Office) -> Counter[tuple[date, str]]:
    with office.store.reading() as register:
        return register.tallies.by_day(*EVERYTHING, tuple(Measure))


def asked(office: Office, statement: str) -> list[Any]:
    """Straight to the database."""
    with office.store._engine.begin() as connection:
        result = connection.execute(text(statement))
        return list(result) if result.returns_rows else []


def test_counting_again_and_again_gives_what_counting_once_gives(office: Office) -> None:
    chance = random.Random(7)
    for seed in range(3):
        shake(office.store, 12, seed)
        with office.store.transaction() as register:
            for item_id in chance.sample(register.items.ids(), 6):
                change(register, item_id, DAY + timedelta(days=chance.randrange(20)), chance)
        assert count(office)
    followed = sums(office), days(office)
    asked(office, "UPDATE tally_state SET rules = 'older'")
    assert count(office)
    assert (sums(office), days(office)) == followed
    assert followed[0][Measure.RECEIVED, By.ALL, ""] > 15


def test_nothing_changes_when_nothing_has_happened(office: Office) -> None:
    shake(office.store, 8, 1)
    count(office)
    before = sums(office)
    assert count(office, pages=0) is False
    assert count(office, pages=1) is True and sums(office) == before


def test_a_letter_counts_where_it_came_and_where_it_was_finished(small_office: Office) -> None:
    with small_office.store.transaction() as register:
        item_id = come_in(register, DAY, kind=Kind.COMPLAINT, channel=Channel.COUNTER, district="Младост",
                          department="eco", charter=DAY + timedelta(days=14), statute=DAY + timedelta(days=60))
    count(small_office)
    assert days(small_office) == {(DAY, Measure.RECEIVED): 1, (DAY + timedelta(days=14), Measure.WAITING): 1}
    with small_office.store.transaction() as register:
        finish(register, item_id, DAY + timedelta(days=20))
    count(small_office)
    found = sums(small_office)
    assert (Measure.WAITING, By.ALL, "") not in found
    for by, value in ((By.KIND, "complaint"), (By.CHANNEL, "counter"), (By.DISTRICT, "Младост"),
                      (By.DEPARTMENT, "eco")):
        assert found[Measure.RECEIVED, by, value] == found[Measure.FINISHED, by, value] == 1
    assert found[Measure.CHARTER_LATE, By.ALL, ""] == found[Measure.STATUTE_KEPT, By.ALL, ""] == 1
    assert found[Measure.DAYS, By.ALL, "20"] == found[Measure.DAYS, By.KIND, "complaint/20"] == 1


@pytest.mark.parametrize("status", [Status.MERGED, Status.ANNULLED])
def test_what_is_merged_or_annulled_neither_keeps_nor_misses_a_term(small_office: Office, status: Status) -> None:
    with small_office.store.transaction() as register:
        finish(register, come_in(register, DAY, charter=DAY, statute=DAY), DAY + timedelta(days=9), status)
    count(small_office)
    found = sums(small_office)
    assert found[Measure.FINISHED, By.STATUS, status] == 1
    assert not any(found[measure, By.ALL, ""] for measure in (Measure.CHARTER_LATE, Measure.STATUTE_LATE, Measure.DAYS))


def test_a_sealed_letter_counts_nowhere_even_when_it_was_counted_before(small_office: Office) -> None:
    with small_office.store.transaction() as register:
        come_in(register, DAY, sealed=True, urgent=True, district="Лозенец")
        known = register.items.get(come_in(register, DAY, district="Лозенец"))
    count(small_office)
    assert sums(small_office)[Measure.RECEIVED, By.DISTRICT, "Лозенец"] == 1
    assert known is not None and known.findings is not None and known.verdict is not None
    with small_office.store.transaction() as register:
        register.items.keep_judgement(known.id, known.findings, known.verdict.model_copy(update={"sealed": True}))
        register.history.note("corrected", who="m.koleva", at=known.received_at, item_id=known.id)
    count(small_office)
    assert not sums(small_office)
    assert not asked(small_office, "SELECT * FROM tally") and not asked(small_office, "SELECT * FROM tally_item")


def test_a_decision_of_a_person_counts_by_the_clause_that_was_proposed(small_office: Office) -> None:
    refused, overturned, waiting = Outcome.NOT_CONSIDERED, Outcome.CONSIDER, Outcome.NOT_CONSIDERED
    with small_office.store.transaction() as register:
        for outcome in (refused, overturned):
            decide(register, come_in(register, DAY, outcome=Outcome.NOT_CONSIDERED), DAY, outcome,
                   Outcome.NOT_CONSIDERED)
        come_in(register, DAY, outcome=waiting)
        decide(register, come_in(register, DAY), DAY, Outcome.CONSIDER, Outcome.CONSIDER)
    count(small_office)
    found = sums(small_office)
    clause = "primerovo.anonymity"
    assert found[Measure.DECIDED, By.CLAUSE, clause] == 2 and found[Measure.DECIDED, By.CLAUSE, ""] == 1
    assert found[Measure.OVERTURNED, By.CLAUSE, clause] == found[Measure.OVERTURNED, By.ALL, ""] == 1
    assert found[Measure.REFUSED, By.CLAUSE, clause] == found[Measure.AGAINST, By.CLAUSE, clause] == 1
    assert not found[Measure.CHARTER_LATE, By.ALL, ""] and found[Measure.FINISHED, By.ALL, ""] == 1


def test_letters_that_left_extensions_and_spam_are_counted_apart(small_office: Office) -> None:
    with small_office.store.transaction() as register:
        item_id = come_in(register, DAY)
        send(register, item_id, DAY)
        send(register, item_id, DAY, OutgoingStatus.BOUNCED)
        register.history.note("extended", who="n.radev", at=small_office.now(), item_id=item_id)
        come_in(register, DAY, aside=NonCorrespondence.SPAM)
    count(small_office)
    found = sums(small_office)
    assert found[Measure.RECEIVED, By.ALL, ""] == found[Measure.SET_ASIDE, By.TYPE, "spam"] == 1
    assert found[Measure.SENT, By.ALL, ""] == 2 and found[Measure.RETURNED, By.CHANNEL, "email"] == 1
    assert found[Measure.EXTENDED, By.KIND, "signal"] == 1
    with small_office.store.transaction() as register:
        register.history.note("extension_undone", who="n.radev", at=small_office.now(), item_id=item_id)
    count(small_office)
    assert not sums(small_office)[Measure.EXTENDED, By.ALL, ""]
