"""Post of an invented town put straight into a register: what comes of it is known beforehand."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mailroom.model.arrival import Channel
from mailroom.model.base import ItemId
from mailroom.model.entry import Assignment, Clock, Due, Entry
from mailroom.model.findings import Kind, NonCorrespondence
from mailroom.model.item import Decision, DecisionState, Status
from mailroom.model.letter import Letter
from mailroom.model.outgoing import Draft, LetterType, OutgoingChannel, OutgoingStatus
from mailroom.model.pack import Clause, ClauseSubject
from mailroom.model.verdict import Outcome, Verdict
from mailroom.store.store import Register, Store
from tests.correspondence.samples import findings

ANONYMITY = Clause(id="primerovo.anonymity", subject=ClauseSubject.ANONYMITY, quote="Анонимните не се разглеждат.",
                   source="Харта на клиента на Община Примерово")
_SEQUENCES = iter(range(1, 1_000_000))


def noon(day: date) -> datetime:
    """A moment of that day that is the same day everywhere in Europe."""
    return datetime(day.year, day.month, day.day, 10, 0, tzinfo=UTC)


def come_in(register: Register, day: date, *, kind: Kind = Kind.SIGNAL, channel: Channel = Channel.EMAIL,
            district: str = "", department: str = "registry", charter: date | None = None, statute: date | None = None,
            outcome: Outcome = Outcome.CONSIDER, aside: NonCorrespondence | None = None, **verdict: Any) -> ItemId:
    """One letter, registered on the day on which it came."""
    at = noon(day)
    item_id = register.items.add(channel=channel, received_at=at, heavy=False)
    register.history.note("arrived", who="mailroom", at=at, item_id=item_id)
    register.items.keep_letter(item_id, Letter(channel=channel, media_type="message/rfc822", text="Писмо"))
    clause = ANONYMITY if outcome is Outcome.NOT_CONSIDERED else None
    register.items.keep_judgement(
        item_id, findings(kind=kind, district=district or None, noncorrespondence=aside),
        Verdict(outcome=outcome, clause=clause, pack_version="1", needs_review=outcome is not Outcome.CONSIDER,
                **verdict))
    if aside is not None:
        register.items.settle(item_id, Status.NOT_CORRESPONDENCE)
        register.history.note("set_aside", who="mailroom", at=at, item_id=item_id)
        return item_id
    sequence = next(_SEQUENCES)
    register.entries.add(Entry(
        item_id=item_id, registration_number=f"94-00-{sequence}/{day:%d.%m.%Y}", case_number=f"94-00-{sequence}",
        series="94", year=day.year, sequence=sequence, registered_at=at, access_code="ABCD2345",
        due=Due(charter=_clock(charter), statute=_clock(statute)),
        assigned_to=Assignment(department="Отдел", department_id=department)))
    register.items.settle(item_id, Status.REGISTERED if outcome is Outcome.CONSIDER else Status.IN_REVIEW)
    register.history.note("registered", who="mailroom", at=at, item_id=item_id)
    return item_id



def _clock(day: date | None) -> Clock | None:
    return Clock(date=day, raw_date=day, basis="АПК чл. 121", explanation="…") if day else None


def finish(register: Register, item_id: ItemId, day: date, status: Status = Status.ANSWERED) -> None:
    """Somebody answers, forwards or closes it on that day."""
    register.items.set_status(item_id, status)
    register.history.note(status, who="m.koleva", at=noon(day), item_id=item_id)


def decide(register: Register, item_id: ItemId, day: date, outcome: Outcome, proposed: Outcome) -> None:
    """A person decides, as at the desk."""
    register.items.decide(item_id, Decision(outcome=outcome, state=DecisionState.CONFIRMED, by="m.koleva",
                                            at=noon(day)))
    register.items.set_status(item_id, Status.REGISTERED if outcome is Outcome.CONSIDER else Status.CLOSED)
    register.history.note("decided", who="m.koleva", at=noon(day), item_id=item_id, outcome=outcome, proposed=proposed)


def send(register: Register, item_id: ItemId, day: date, status: OutgoingStatus = OutgoingStatus.SENT,
         letter_type: LetterType = LetterType.EXTENSION) -> None:
    """A letter about it leaves."""
    draft = Draft(type=letter_type, item_id=item_id, channel=OutgoingChannel.EMAIL, to="a@citizen.example",
                  subject="Писмо", text="Писмо")
    outgoing_id = register.outbox.put(draft, number="", now=noon(day))
    register.outbox.mark(outgoing_id, status, sent_at=noon(day))
    register.history.note("letter_sent", who="mailroom", at=noon(day), item_id=item_id, outgoing_id=outgoing_id)


def shake(store: Store, items: int, seed: int) -> None:
    """Many letters, to many of which something happens afterwards, at random."""
    chance = random.Random(seed)
    first = date(2026, 1, 1)
    with store.transaction() as register:
        for _ in range(items):
            day = first + timedelta(days=chance.randrange(300))
            outcome = chance.choice((Outcome.CONSIDER, Outcome.CONSIDER, Outcome.NOT_CONSIDERED))
            item_id = come_in(
                register, day, kind=chance.choice(tuple(Kind)), channel=chance.choice(tuple(Channel)),
                district=chance.choice(("Младост", "Лозенец", "")), department=chance.choice(("registry", "eco")),
                charter=day + timedelta(days=30), statute=day + timedelta(days=60), outcome=outcome,
                aside=chance.choice((None, None, None, NonCorrespondence.SPAM)), urgent=chance.random() < 0.1,
                sealed=chance.random() < 0.05)
            change(register, item_id, day + timedelta(days=chance.randrange(90)), chance)


def change(register: Register, item_id: ItemId, day: date, chance: random.Random) -> None:
    """Something that happens to a letter."""
    item = register.items.get(item_id)
    assert item is not None and item.verdict is not None
    if item.entry is None:
        return
    what = chance.randrange(5)
    if what == 0:
        finish(register, item_id, day, chance.choice((Status.ANSWERED, Status.FORWARDED, Status.ANNULLED)))
    elif what == 1:
        decide(register, item_id, day, chance.choice((Outcome.CONSIDER, Outcome.NOT_CONSIDERED)), item.verdict.outcome)
    elif what == 2:
        send(register, item_id, day, chance.choice((OutgoingStatus.SENT, OutgoingStatus.BOUNCED)))
    elif what == 3:
        register.history.note("extended", who="n.radev", at=noon(day), item_id=item_id)
