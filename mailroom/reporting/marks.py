"""To which figures one letter counts. Pure.

What people see is counted by the days of the town. A letter that is merged or annulled is finished without having kept
or missed a term; one that is not considered, by a person's decision, is owed no answer and keeps no term either.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from mailroom.model.base import day_of
from mailroom.model.figures import NO_DAY, By, ItemFacts, Mark, Measure
from mailroom.model.item import Status
from mailroom.model.verdict import Outcome

RULES = "1"
"""Raised whenever this module counts otherwise than before: every letter is then counted anew."""
OPEN = (Status.REGISTERED, Status.IN_REVIEW)
DONE = (Status.ANSWERED, Status.FORWARDED, Status.CLOSED)
_GONE = (*DONE, Status.MERGED, Status.ANNULLED)


def marks_of(facts: ItemFacts | None) -> Counter[Mark]:
    """Every figure to which the letter counts; none for null (a sealed one), and none while it is on its way in."""
    return Counter() if facts is None else Counter(_marks(facts))


def _marks(facts: ItemFacts) -> Iterator[Mark]:
    came = day_of(facts.received_at)
    if facts.noncorrespondence is not None:
        if facts.status is Status.NOT_CORRESPONDENCE:
            yield Mark(came, Measure.SET_ASIDE, By.TYPE, facts.noncorrespondence)
        return
    if facts.status not in OPEN + _GONE:
        return
    yield from _by_all(facts, came, Measure.RECEIVED)
    if facts.urgent:
        yield Mark(came, Measure.URGENT, By.ALL, "")
    if facts.status in OPEN:
        yield from _waiting(facts)
    elif facts.finished_at is not None:
        yield from _finished(facts, came, day_of(facts.finished_at))
    yield from _decided(facts)
    yield from _letters(facts)


def _by_all(facts: ItemFacts, day: date, measure: Measure) -> Iterator[Mark]:
    yield Mark(day, measure, By.ALL, "")
    yield Mark(day, measure, By.KIND, facts.kind or "")
    yield Mark(day, measure, By.CHANNEL, facts.channel)
    yield Mark(day, measure, By.DISTRICT, facts.district)
    yield Mark(day, measure, By.DEPARTMENT, facts.department)


def _by_kind_and_department(facts: ItemFacts, day: date, measure: Measure) -> Iterator[Mark]:
    yield Mark(day, measure, By.ALL, "")
    yield Mark(day, measure, By.KIND, facts.kind or "")
    yield Mark(day, measure, By.DEPARTMENT, facts.department)


def _waiting(facts: ItemFacts) -> Iterator[Mark]:
    due = min((day for day in (facts.charter_due, facts.statute_due) if day), default=NO_DAY)
    yield from _by_all(facts, due, Measure.WAITING)
    if facts.decided is None and facts.proposed not in (None, Outcome.CONSIDER):
        yield Mark(NO_DAY, Measure.AGAINST, By.CLAUSE, facts.clause)


def _finished(facts: ItemFacts, came: date, done: date) -> Iterator[Mark]:
    yield from _by_all(facts, done, Measure.FINISHED)
    yield Mark(done, Measure.FINISHED, By.STATUS, facts.status)
    if facts.status not in DONE or (facts.status is Status.CLOSED and facts.decided not in (None, Outcome.CONSIDER)):
        return
    statute = facts.forwarding_due if facts.status is Status.FORWARDED else None
    for due, kept, late in ((facts.charter_due, Measure.CHARTER_KEPT, Measure.CHARTER_LATE),
                            (statute or facts.statute_due, Measure.STATUTE_KEPT, Measure.STATUTE_LATE)):
        if due is not None:
            yield from _by_kind_and_department(facts, done, kept if done <= due else late)
    if facts.status is Status.ANSWERED:
        days = max(0, (done - came).days)
        yield Mark(done, Measure.DAYS, By.ALL, str(days))
        yield Mark(done, Measure.DAYS, By.KIND, f"{facts.kind or ''}/{days}")


def _decided(facts: ItemFacts) -> Iterator[Mark]:
    if facts.decided is None or facts.decided_at is None:
        return
    day = day_of(facts.decided_at)
    clause = facts.clause if facts.proposed not in (None, Outcome.CONSIDER) else ""
    measures = [Measure.DECIDED]
    if facts.decided is not facts.proposed:
        measures.append(Measure.OVERTURNED)
    if facts.decided is not Outcome.CONSIDER:
        measures.append(Measure.REFUSED)
    for measure in measures:
        yield Mark(day, measure, By.ALL, "")
        yield Mark(day, measure, By.CLAUSE, clause)


def _letters(facts: ItemFacts) -> Iterator[Mark]:
    if facts.extended_at is not None:
        yield from _by_kind_and_department(facts, day_of(facts.extended_at), Measure.EXTENDED)
    for letter in facts.letters:
        day = day_of(letter.sent_at)
        for measure in (Measure.SENT, Measure.RETURNED) if letter.returned else (Measure.SENT,):
            yield Mark(day, measure, By.ALL, "")
            yield Mark(day, measure, By.CHANNEL, letter.channel)
        yield Mark(day, Measure.SENT, By.TYPE, letter.type)

