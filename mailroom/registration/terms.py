"""How long the municipality has: two clocks, counted by ГПК чл. 60 and explained in words.

The charter's promise and the statute's term run side by side; the earlier is worked to. What is counted:

1. months end on the same day of the month, or on its last one (60(3)); days begin the day after the event (60(5));
2. a last day on which nobody works gives way to the first working day after it (60(6)); days inside are not skipped;
3. what came after hours counts from the next working day where the law says so (АПК 29(6)). The words allow two
   readings, that day being the event or the first day; the earlier result is taken;
4. an extension is counted from the unrolled end of the first term (ГПК 63(2) by analogy): again the earlier result;
5. the law extends a term once, while it runs; the term of a signal or proposal only by the superior body's decision.
"""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from mailroom.errors import BadRequest
from mailroom.model.arrival import Channel
from mailroom.model.base import SOFIA, day_of, months_later
from mailroom.model.entry import Clock, Due, Duty, Entry, Extension, Ground, SuperiorDecision
from mailroom.model.findings import Findings, Kind, Matter
from mailroom.model.item import Item
from mailroom.model.pack import Clause, ClauseSubject, Contact, CountedFrom, Pack, Term, TermUnit
from mailroom.registration.calendar import WorkingCalendar
from mailroom.registration.words import in_words, term_in_words

ORAL = (Channel.PHONE,)
"""Channels by which nothing written comes in."""

Reading = tuple[Kind, Matter | None]
"""One way to understand what a letter is."""

EVERY_READING: tuple[Reading, ...] = (*((kind, None) for kind in Kind), (Kind.REQUEST, Matter.CERTIFICATE),
                                      (Kind.COMPLAINT, Matter.APPEAL), (Kind.COMPLAINT, Matter.CONDUCT))
"""What an unreadable letter may turn out to be."""


class Received(NamedTuple):
    """When and how a letter came, on the town's clock."""

    at: datetime
    registered: date
    channel: Channel
    inspection_needed: bool
    for_another_body: bool


def count(start: date, term: Term, calendar: WorkingCalendar, *, basis: str = "") -> Clock:
    """The end of a term that starts with an event on `start` (ГПК чл. 60), with the explanation in words."""
    raw = raw_end(start, term, calendar)
    end = calendar.next_working(raw)
    words = f"{in_words(start)} + {term_in_words(term)} = {in_words(raw)} ({calendar.name(raw)})"
    if end != raw:
        words += f" → {in_words(end)} ({calendar.name(end)})"
    return Clock(date=end, raw_date=raw, basis=basis, explanation=words)


def raw_end(start: date, term: Term, calendar: WorkingCalendar) -> date:
    """The last day before rolling."""
    match term.unit:
        case TermUnit.DAYS:
            return start + timedelta(days=term.amount)
        case TermUnit.WORKING_DAYS:
            return calendar.add_working_days(start, term.amount)
        case TermUnit.MONTHS:
            return months_later(start, term.amount)


def due_for(findings: Findings, *, channel: Channel, received_at: datetime, registered_at: datetime, pack: Pack,
            calendar: WorkingCalendar, inspection_needed: bool = False, legible: bool = True) -> Due:
    """Both clocks of a letter. Where its kind is doubtful, the shortest term that may apply."""
    return due_for_kind(
        findings.kind.value, findings.matter.value if findings.matter else None, channel=channel,
        received_at=received_at, registered_at=registered_at, pack=pack, calendar=calendar,
        inspection_needed=inspection_needed, for_another_body=findings.other_body is not None,
        may_be=EVERY_READING if findings.kind_is_doubtful or not legible else ())


def due_again(item: Item, findings: Findings, entry: Entry, *, pack: Pack, calendar: WorkingCalendar,
              inspection_needed: bool) -> Due:
    """Both clocks of a letter that has its number, counted anew; the extensions that were granted stay."""
    fresh = due_for(findings, channel=item.channel, received_at=item.received_at, registered_at=entry.registered_at,
                    pack=pack, calendar=calendar, inspection_needed=inspection_needed,
                    legible=item.letter is None or item.letter.legible)
    return recounted(entry.due, fresh, calendar)


def inspection_matters(findings: Findings, pack: Pack) -> bool:
    """Whether the charter promises such a letter a term that holds only where no inspection (проверка) is needed."""
    matter = findings.matter.value if findings.matter else None
    return any(clause.without_inspection_only and clause.term is not None
               for clause in pack.charter_clauses(ClauseSubject.REPLY_TERM, findings.kind.value, matter))


def due_for_kind(kind: Kind, matter: Matter | None, *, channel: Channel, received_at: datetime, registered_at: datetime,
                 pack: Pack, calendar: WorkingCalendar, inspection_needed: bool = False,
                 for_another_body: bool = False, may_be: Iterable[Reading] = ()) -> Due:
    """Both clocks for a kind and matter, and the duties that fall due before the answer.

    `received_at` and `registered_at` are instants; days are those of Europe/Sofia. `inspection_needed`: a проверка must
    be made, so that a clause which holds only without one does not apply. `for_another_body`: it must be passed on.
    `may_be`: further readings of a doubtful letter; the shortest term of all is taken.
    """
    came = Received(received_at.astimezone(SOFIA), day_of(registered_at), channel, inspection_needed,
                    for_another_body)
    readings = tuple(dict.fromkeys(((kind, matter), *may_be)))
    promised = [clause for reading in readings for clause in pack.charter_clauses(ClauseSubject.REPLY_TERM, *reading)]
    lawful = [clause for reading in readings for clause in pack.statute_clauses(ClauseSubject.REPLY_TERM, *reading)]
    return Due(charter=_earliest(promised, came, pack.contact, calendar, charter=True),
               statute=_earliest(lawful, came, pack.contact, calendar, charter=False),
               duties=_duties(kind, matter, came, pack, calendar))


def _duties(kind: Kind, matter: Matter | None, came: Received, pack: Pack,
            calendar: WorkingCalendar) -> tuple[Duty, ...]:
    """What the law wants done before the answer, the earliest first."""
    subjects = [ClauseSubject.CONFIRM_RECEIPT, *([ClauseSubject.FORWARDING] if came.for_another_body else [])]
    found = [Duty(name=subject.value, clock=clock) for subject in subjects
             if (clock := _earliest(pack.statute_clauses(subject, kind, matter), came, pack.contact, calendar,
                                    charter=False))]
    return tuple(sorted(found, key=lambda duty: duty.clock.date))


def recounted(old: Due, fresh: Due, calendar: WorkingCalendar) -> Due:
    """A count made anew (of another calendar, of a corrected letter) with the extensions that were granted before."""
    return fresh.model_copy(update={"charter": _extended_as(old.charter, fresh.charter, calendar),
                                    "statute": _extended_as(old.statute, fresh.statute, calendar)})


def _extended_as(old: Clock | None, fresh: Clock | None, calendar: WorkingCalendar) -> Clock | None:
    if fresh is None or old is None or old.extended_to is None:
        return fresh
    moved = _moved(fresh, calendar.next_working(old.extended_to), old.extended_to, old.basis)
    return moved.model_copy(update={"extended_to": old.extended_to}) if moved else None


def _earliest(clauses: Iterable[Clause], came: Received, contact: Contact, calendar: WorkingCalendar, *,
              charter: bool) -> Clock | None:
    """The clock of the clause that ends first; null where none lays down a term."""
    clocks = (_clock(clause, clause.term, came, contact, calendar, charter=charter)
              for clause in clauses if clause.term is not None and _applies(clause, came))
    return min(clocks, key=lambda clock: (clock.date, clock.raw_date), default=None)


def _applies(clause: Clause, came: Received) -> bool:
    """The conditions that lie outside kind and matter."""
    if clause.written_only and came.channel in ORAL:
        return False
    if clause.without_inspection_only and came.inspection_needed:
        return False
    return clause.since is None or came.at.date() >= clause.since


def _clock(clause: Clause, term: Term, came: Received, contact: Contact, calendar: WorkingCalendar, *,
           charter: bool) -> Clock:
    """One clause's term, counted from its own start."""
    basis = clause.id if charter else clause.source
    if term.counted_from is CountedFrom.REGISTRATION:
        clock = count(came.registered, term, calendar, basis=basis)
        return clock.model_copy(update={"explanation": f"от регистрирането: {clock.explanation}"})
    if not term.after_hours_next_day or _in_hours(came.at, contact, calendar):
        return count(came.at.date(), term, calendar, basis=basis)
    first = calendar.next_working(came.at.date() + timedelta(days=1))
    clock = count(first - timedelta(days=1), term, calendar, basis=basis)
    note = (f"получено извън работното време на {in_words(came.at.date())}, първият ден е {in_words(first)} "
            f"(АПК чл. 29, ал. 6): ")
    return clock.model_copy(update={"explanation": note + clock.explanation})


def _in_hours(at: datetime, contact: Contact, calendar: WorkingCalendar) -> bool:
    """Whether a letter came on a working day not after the end of working hours; early in the morning is in time."""
    return calendar.is_working(at.date()) and at.time().replace(second=0, microsecond=0) <= time.fromisoformat(
        contact.closes)


def extended(due: Due, findings: Findings, *, pack: Pack, calendar: WorkingCalendar, until: date | None = None,
             superior: SuperiorDecision | None = None, ground: str = "", on: date | None = None) -> Extension:
    """The extension that a person asks for, when it may be given; `until` null: as far as is usual.

    Raises BadRequest, saying what can be done instead. The other arguments are those of `extension_for`.
    """
    found = extension_for(due, findings.kind.value, findings.matter.value if findings.matter else None, pack=pack,
                          calendar=calendar, until=until, superior=superior, ground=ground, on=on)
    if not found.allowed:
        raise BadRequest(found.explanation)
    if found.by_superior_body and superior is None:
        raise BadRequest(f"{found.explanation} Впишете номера и датата на решението му, преди да удължите срока.")
    return found


def extension_for(due: Due, kind: Kind, matter: Matter | None, *, pack: Pack, calendar: WorkingCalendar,
                  until: date | None = None, superior: SuperiorDecision | None = None, ground: str = "",
                  on: date | None = None) -> Extension:
    """What an extension would be and who must agree; never raises.

    Up to the statutory date a notice under the charter is enough. Beyond it only the law extends, once and while the
    term runs; the term of a signal or a proposal only through the superior body. Without `until` the statutory date is
    proposed where the charter promised an earlier one and nobody above has decided, else the law's own shortest
    extension.

    superior: the superior body's decision, where there is one. ground: clause id of the one reason to extend for; empty
    for any that carries. on: the day on which it is asked; null: a term that has run out is not looked for.
    """
    now = due.date
    if now is None:
        return _refusal(due, date.max, "За това писмо няма срок, който да се удължи.")
    options = _lawful_extensions(due, kind, matter, pack, calendar, ground)
    latest = max((clock.date for _, clock in options), default=None)
    if until is None and due.statute and due.statute.date > now and superior is None and not ground:
        until = due.statute.date
    until = until or min((clock.date for _, clock in options), default=now + timedelta(days=1))
    wanted, until = until, calendar.next_working(until)
    if due.statute is not None and until > due.statute.date:
        refused = _not_beyond(due.statute, options, latest, until, superior, on)
        if refused:
            return _refusal(due, until, refused, latest)
    if until <= now or (on and until < on):
        return _refusal(due, until, f"Новата дата трябва да е след {in_words(max(now, on or now))}", latest)
    if due.statute is None or until <= due.statute.date:
        return _by_notice(due, wanted, until, _notice(pack, kind, matter), latest)
    clause, clock = min((option for option in options if until <= option[1].date), key=lambda option: option[1].date)
    return _by_law(due, wanted, until, clause, clock)


def extension_grounds(due: Due, kind: Kind, matter: Matter | None, *, pack: Pack,
                      calendar: WorkingCalendar) -> tuple[Ground, ...]:
    """The law's own list of reasons to extend this term, each with how far it carries; empty where there is none, or
    where the term was extended already."""
    if due.statute is None or due.statute.extended_to:
        return ()
    return tuple(Ground(clause_id=clause.id, words=clause.ground, basis=clause.source, latest=clock.date,
                        by_superior_body=clause.by_superior_body)
                 for clause, clock in _lawful_extensions(due, kind, matter, pack, calendar))


def _lawful_extensions(due: Due, kind: Kind, matter: Matter | None, pack: Pack, calendar: WorkingCalendar,
                       ground: str = "") -> list[tuple[Clause, Clock]]:
    """The law's extensions of this term, each counted from its unrolled end; with `ground` that one alone."""
    if due.statute is None:
        return []
    clauses = pack.statute_clauses(ClauseSubject.EXTENSION, kind, matter)
    return [(clause, count(due.statute.raw_date, clause.term, calendar, basis=clause.source))
            for clause in clauses if clause.term and ground in ("", clause.id)]


def _not_beyond(statute: Clock, options: list[tuple[Clause, Clock]], latest: date | None, until: date,
                superior: SuperiorDecision | None, on: date | None) -> str:
    """Why the statutory term cannot be moved to this day, and what can be done; empty where it can."""
    if statute.extended_to:
        return (f"Законният срок вече е удължен веднъж, до {in_words(statute.date)} Второ удължаване законът "
                f"({statute.basis}) не допуска. Отговорете в срок, дори с междинен отговор.")
    reaching = [clause for clause, clock in options if until <= clock.date]
    if not reaching:
        return _too_far(statute, latest)
    decided = superior.on if superior and all(clause.by_superior_body for clause in reaching) else on
    if decided and decided > statute.date:
        return (f"Законният срок изтече на {in_words(statute.date)} и вече не може да се удължи ({statute.basis}). "
                f"Отговорете веднага.")
    return "Решението на по-горестоящия орган е с бъдеща дата." if superior and on and superior.on > on else ""


def _notice(pack: Pack, kind: Kind, matter: Matter | None) -> Clause | None:
    """The charter's clause on telling the citizen that the answer will be late."""
    clauses = pack.charter_clauses(ClauseSubject.EXTENSION, kind, matter)
    return clauses[0] if clauses else None


def _by_notice(due: Due, wanted: date, until: date, clause: Clause | None, latest: date | None) -> Extension:
    """Within the statutory term: a notice to the citizen is enough."""
    why = "Законният срок не се променя" if due.statute else "Закон не определя срок"
    return Extension(
        until=until, allowed=True, latest=latest, basis=clause.source if clause else "АПК чл. 12",
        quote=clause.quote if clause else "",
        explanation=f"{why}; стига уведомление до подателя с причините и новата дата {in_words(until)}",
        due=due.model_copy(update={"charter": _moved(due.charter, until, wanted, clause.id if clause else "")}))


def _by_law(due: Due, wanted: date, until: date, clause: Clause, clock: Clock) -> Extension:
    """Beyond the statutory term, by the law's own extension."""
    who = ("Законният срок може да бъде продължен само от по-горестоящия орган" if clause.by_superior_body
           else "Законният срок може да бъде удължен с уведомление до подателя")
    moved = f" Посоченият ден е неработен; следващият работен е {in_words(until)}" if wanted != until else ""
    return Extension(
        until=until, allowed=True, by_superior_body=clause.by_superior_body, latest=clock.date, basis=clause.source,
        quote=clause.quote,
        explanation=f"{who} ({clause.source}), най-късно до {in_words(clock.date)}: {clock.explanation}.{moved}",
        due=due.model_copy(update={"charter": _moved(due.charter, until, wanted, clause.source),
                                   "statute": _moved(due.statute, until, wanted, clause.source)}))


def _moved(clock: Clock | None, until: date, wanted: date, basis: str) -> Clock | None:
    """The clock with its new date; its own basis stays where nothing else carries the change."""
    if clock is None:
        return None
    if clock.date >= until:
        return clock
    return Clock(date=until, raw_date=until, basis=basis or clock.basis, extended_to=wanted,
                 explanation=f"{clock.explanation}; удължен до {in_words(until)}")


def _too_far(statute: Clock, latest: date | None) -> str:
    """Why nobody may extend so far, and what can be done."""
    if latest is None:
        return (f"Законът ({statute.basis}) не допуска удължаване след {in_words(statute.date)} Отговорете в срок, "
                f"дори с междинен отговор.")
    return f"Законът допуска удължаване най-късно до {in_words(latest)} Изберете дата дотогава."


def _refusal(due: Due, until: date, explanation: str, latest: date | None = None) -> Extension:
    """No extension: the clocks stay."""
    basis = due.statute.basis if due.statute else due.charter.basis if due.charter else ""
    return Extension(until=until, allowed=False, latest=latest, basis=basis, explanation=explanation, due=due)
