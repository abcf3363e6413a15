"""What the passing of days asks for: terms counted anew, reminders, notices drafted in time, a question afterwards.

1. A day is declared non-working, or the rules change: every open item is counted anew; which ones moved is written into
   their history, and whoever works on them is told.
2. On a working morning whoever works on an item hears that one of its clocks, or a duty on the way, is near or past;
   once for each clock, its date and stage.
3. A term is near and nobody has written to the citizen: the notice of a later answer is drafted and waits for a
   person; where the municipality wants it, one that stays within the law's term leaves by itself.
4. Some days after the answer the citizen is asked whether it was of use, where the municipality wants that.

Everything is found by the state of the register, so that a missed day is caught up, and done in one transaction an
item, so that a crash repeats nothing that was done.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

import structlog

from mailroom import desk, journey
from mailroom.config import LateNotice
from mailroom.correspondence.letters import write_satisfaction
from mailroom.correspondence.reminder import Reminder, ReminderStage, write_reminder
from mailroom.errors import BadRequest
from mailroom.masking import mask_identifiers
from mailroom.model.base import MACHINE, ItemId, OutgoingId, Value, midnight
from mailroom.model.entry import Due, Extension, Ground
from mailroom.model.item import Item, ItemRow, Status
from mailroom.model.outgoing import LetterType, OutgoingChannel, OutgoingStatus
from mailroom.model.pack import ClauseSubject
from mailroom.model.staff import Staff
from mailroom.model.verdict import Outcome
from mailroom.office import Office
from mailroom.registration.terms import due_again, extension_for, extension_grounds, inspection_matters
from mailroom.store.items import OPEN
from mailroom.store.queue import QueueFilter, View
from mailroom.store.store import Register

log = structlog.get_logger()

MOVED = "moved"
"""Name of the milestone that says which items moved on a day, each with the day to which it was worked before."""
RECOUNTED = "recounted"
"""Name of the milestone that says by which calendar, and with how long a history, all open items were counted."""
PAGE = 100
"""Items looked at in one transaction: a citizen's mail does not wait long behind it."""
NOTICE_REASON = "Работата по случая още не е приключила и изисква повече време."
"""True of every open item; a person who knows more writes more."""
NOTICE_HINT = "Съставено от програмата, защото срокът наближава: отговорете в срок и го отменете, или го одобрете."
GROUND_HINT = ("Съставено от програмата, защото законният срок наближава: одобрете го само ако посоченото основание е "
               "вярно.")
INSPECTION_REASON = "Необходимо е да извършим проверка."
NOT_ON_ITS_WAY = (OutgoingStatus.DRAFT, OutgoingStatus.CANCELLED, OutgoingStatus.BOUNCED, OutgoingStatus.FAILED)
ASKED_FOR = timedelta(days=30)
"""Answers older than this before the day of asking are not asked about any more."""


class Moved(Value):
    """An item whose date to work to has moved by a new count."""

    item_id: ItemId
    before: date | None
    now: date | None
    sealed: bool = False


# ---- the calendar has changed ---------------------------------------------------------------------------------------


def recount(office: Office) -> tuple[Moved, ...]:
    """Count every open item anew that was counted by another calendar or by other rules; those that moved. Looking for
    them means looking through all open ones: not again while nothing has happened to any letter."""
    with office.store.reading() as register:
        seen = f"{office.counted_by} {register.history.last()[0]}"
        if register.daybook.result(RECOUNTED, office.today()) == seen:
            return ()
    moved: list[Moved] = []
    while ids := _counted_otherwise(office):
        with office.store.transaction() as register:
            told = [one for item_id in ids if (one := _recount_one(office, register, item_id))]
            _tell_moved(office, register, told)
            _note_moved(office, register, told)
        moved.extend(told)
        if len(ids) < PAGE:
            break
    with office.store.transaction() as register:
        register.daybook.done(RECOUNTED, office.today(), office.now(), result=seen)
    return tuple(moved)


def _counted_otherwise(office: Office) -> tuple[ItemId, ...]:
    """Nearly always there is nothing to count: whoever writes need not wait to learn that."""
    with office.store.reading() as register:
        return register.entries.counted_otherwise(office.counted_by, OPEN, PAGE)


def _note_moved(office: Office, register: Register, moved: Sequence[Moved]) -> None:
    """For the next digest; a sealed item is not for the mayor's office."""
    shown = [(one.item_id, one.before.isoformat() if one.before else None) for one in moved if not one.sealed]
    if shown:
        day = office.today()
        known = json.loads(register.daybook.result(MOVED, day) or "[]")
        register.daybook.done(MOVED, day, office.now(), json.dumps([*known, *shown]))


def _recount_one(office: Office, register: Register, item_id: ItemId) -> Moved | None:
    item = register.items.get(item_id)
    if item is None or item.entry is None or item.findings is None or item.entry.counted_by == office.counted_by:
        return None
    before = item.entry.due
    now = due_again(item, item.findings, item.entry, pack=office.pack, calendar=office.calendar,
                    inspection_needed=item.entry.inspection_needed)
    register.entries.set_due(item_id, now, counted_by=office.counted_by)
    if _dates(before) == _dates(now):
        return None
    register.history.note("recounted", who=MACHINE, at=office.now(), item_id=item_id, before=before.date,
                          due=now.date)
    return Moved(item_id=item_id, before=before.date, now=now.date, sealed=item.sealed)


def _dates(due: Due) -> list[date | None]:
    return [clock.date if clock else None for clock in (due.charter, due.statute, *(duty.clock for duty in due.duties))]


def _tell_moved(office: Office, register: Register, moved: Sequence[Moved]) -> None:
    found: dict[str, list[Reminder]] = {}
    for one in moved:
        item = register.items.get(one.item_id)
        if item is not None and item.entry is not None and item.verdict is not None and one.now is not None:
            line = Reminder(number=item.entry.registration_number, stage=ReminderStage.MOVED, clock="answer",
                            due=one.now, before=one.before, sealed=item.sealed)
            found.setdefault(item.entry.assigned_to.email, []).append(line)
    _send(office, register, found)


# ---- reminders ------------------------------------------------------------------------------------------------------


def remind(office: Office, day: date) -> int:
    """Tell whoever works on them which items have a date near or past; how many dates were told of."""
    horizon = office.calendar.add_working_days(day, office.settings.terms.remind_working_days)
    told = 0
    with office.store.transaction() as register:
        if not register.daybook.claim("reminders", day, office.now()):
            return 0
        found: dict[str, list[Reminder]] = {}
        for row in _open_rows(register, day):
            for clock, due in _running(row):
                stage = _stage(due, day, horizon)
                if stage is None or register.reminders.is_done(row.id, clock, due, stage):
                    continue
                if clock == ClauseSubject.CONFIRM_RECEIPT and _is_confirmed(register, row.id):
                    continue
                if not register.reminders.claim(row.id, clock, due, stage, office.now()):
                    continue
                email = row.assigned_to.email if row.assigned_to else ""
                found.setdefault(email, []).append(_reminder(row, clock, due, stage))
                told += 1
        _send(office, register, found)
        register.daybook.done("reminders", day, office.now(), str(told))
    return told


def _is_confirmed(register: Register, item_id: ItemId) -> bool:
    """Whether the receipt that the law wants has left, or is leaving."""
    return any(letter.type is LetterType.WHISTLEBLOWER_RECEIPT and letter.status not in NOT_ON_ITS_WAY
               for letter in register.outbox.of_item(item_id))


def _stage(due: date, day: date, horizon: date) -> ReminderStage | None:
    if due < day:
        return ReminderStage.OVERDUE
    return ReminderStage.NEAR if due <= horizon else None


def _running(row: ItemRow) -> Iterator[tuple[str, date]]:
    """The dates of an open item that somebody must keep, by name."""
    if row.due is None:
        return
    for name, clock in (("charter", row.due.charter), ("statute", row.due.statute)):
        if clock is not None:
            yield name, clock.date
    for duty in row.due.duties:
        yield duty.name, duty.clock.date


def _reminder(row: ItemRow, clock: str, due: date, stage: ReminderStage) -> Reminder:
    hidden = row.sealed or row.restricted
    return Reminder(number=row.registration_number or "", stage=stage, clock=clock, due=due, sealed=row.sealed,
                    kind="" if row.sealed or row.kind is None else row.kind.value,
                    subject="" if hidden else mask_identifiers(row.subject))


def _open_rows(register: Register, day: date) -> Iterator[ItemRow]:
    """Every open item, sealed ones too, the newest first."""
    for sealed in (False, True):
        wanted, before = QueueFilter(view=View.OPEN, today=day, sealed=sealed), None
        while rows := register.queue.rows(wanted, before=before, limit=PAGE):
            yield from (row for row in rows if row.status in OPEN)
            before = rows[-1].id


def _send(office: Office, register: Register, found: dict[str, list[Reminder]]) -> None:
    """One message for each who is to be told; what would go to a watched mailbox stays in the queue alone."""
    for email, lines in found.items():
        if "@" not in email or email.lower() in office.own_addresses:
            continue
        draft = write_reminder(lines, office.pack, office.templates, recipient=email, from_address=office.from_address,
                               queue_url=office.settings.web.staff_url, now=office.now())
        journey.put_in_outbox(office, register, draft, "")


# ---- notices of a later answer --------------------------------------------------------------------------------------


def draft_notices(office: Office, day: date) -> tuple[OutgoingId, ...]:
    """Write the notice for every item whose nearest date is near or past and whose sender was told nothing yet."""
    if office.settings.terms.late_notice is LateNotice.OFF:
        return ()
    horizon = office.calendar.add_working_days(day, office.settings.terms.remind_working_days)
    with office.store.reading() as register:
        ids = [row.id for row in _open_rows(register, day)
               if row.due and row.due.date and row.due.date <= horizon and not row.sealed]
    written = []
    for item_id in ids:
        with office.store.transaction() as register:
            item = register.items.get(item_id, lock=True)  # another process may be at the same
            outgoing_id = _draft_notice(office, register, item, day) if item else None
            if outgoing_id is not None:
                written.append(outgoing_id)
    return tuple(written)


def _draft_notice(office: Office, register: Register, item: Item, day: date) -> OutgoingId | None:
    """The notice of one item; null where one was written before, or none may be given without a person."""
    entry, findings = item.entry, item.findings
    if entry is None or findings is None or not _is_considered(item):
        return None
    if any(letter.type is LetterType.EXTENSION for letter in item.letters):
        return None
    matter = findings.matter.value if findings.matter else None
    offered = extension_for(entry.due, findings.kind.value, matter, pack=office.pack, calendar=office.calendar, on=day)
    if not offered.allowed or offered.by_superior_body:
        return None
    grounds = extension_grounds(entry.due, findings.kind.value, matter, pack=office.pack, calendar=office.calendar)
    ground = usual_ground(offered, entry.due, grounds)
    if ground is None and goes_beyond_law(offered, entry.due):
        return None
    try:
        outgoing_id = desk.put_extension(
            office, register, item, reason=ground.words if ground else NOTICE_REASON,
            ground=ground.clause_id if ground else "", who=MACHINE,
            hold_reason=GROUND_HINT if ground else NOTICE_HINT)
    except BadRequest as error:
        log.info("no_notice", item=item.id, reason=str(error))
        return None
    if ground is None and office.settings.terms.late_notice is LateNotice.SEND:
        _let_go(office, register, item, outgoing_id)
    return outgoing_id


def goes_beyond_law(offered: Extension, due: Due) -> bool:
    """Whether the new date lies after the statutory one, so that only the law's own extension carries it."""
    return due.statute is not None and offered.until > due.statute.date


def usual_ground(offered: Extension, due: Due, grounds: Iterable[Ground]) -> Ground | None:
    """The first of the law's reasons for which the town itself may extend so far; null where a notice is enough, or
    where somebody above has to decide."""
    return next((one for one in grounds if not one.by_superior_body), None) if goes_beyond_law(offered, due) else None


def _is_considered(item: Item) -> bool:
    """Whether an answer is owed, as far as anybody has decided or proposed."""
    return item.decision is not None and item.decision.outcome is Outcome.CONSIDER and item.status in OPEN


def _let_go(office: Office, register: Register, item: Item, outgoing_id: OutgoingId) -> None:
    """Send the notice without a person, unless one has to look at the item first or a guard forbids it."""
    draft = register.outbox.get(outgoing_id)
    permission = journey.permission(office, register, item, draft)
    if office.letters_off_reason or item.status is not Status.REGISTERED or (
            draft.channel is OutgoingChannel.EMAIL and not permission.allowed):
        return
    register.outbox.by_machine(outgoing_id)
    desk.approve(office, register, draft, who=MACHINE)


# ---- an inspection --------------------------------------------------------------------------------------------------


def note_inspection(office: Office, staff: Staff, item_id: ItemId, version: int) -> OutgoingId | None:
    """An inspection (проверка) must be made: a promise that holds only without one holds no more, and the citizen is
    told why and by when the answer comes. The letter waits for approval; null where there is nobody to write to.

    Raises BadRequest where the charter's term does not depend on an inspection.
    """
    with desk.changing(office, item_id, version) as (register, item):
        entry, findings = item.entry, item.findings
        if entry is None or findings is None or not inspection_matters(findings, office.pack):
            raise BadRequest("Срокът на това писмо не зависи от проверка.")
        if entry.inspection_needed:
            raise BadRequest("Вече е отбелязано, че е нужна проверка.")
        due = due_again(item, findings, entry, pack=office.pack, calendar=office.calendar, inspection_needed=True)
        register.undo.note(item_id, "inspection_needed", who=staff.login, at=office.now())
        letter = _tell_of_inspection(office, register, item, due, staff)
        register.entries.set_inspection_needed(item_id, True)
        register.entries.set_due(item_id, due)
        register.history.note("inspection_needed", who=staff.login, at=office.now(), item_id=item_id, due=due.date)
    return letter


def _tell_of_inspection(office: Office, register: Register, item: Item, due: Due, staff: Staff) -> OutgoingId | None:
    assert item.entry is not None
    before = item.entry.due.date
    if due.date is None or before is None or due.date <= before:
        return None
    try:
        return desk.put_notice(office, register, item, reason=INSPECTION_REASON, new_date=due.date, who=staff.login)
    except BadRequest as error:
        log.info("no_notice", item=item.id, reason=str(error))
        return None


# ---- afterwards -----------------------------------------------------------------------------------------------------


def ask_satisfaction(office: Office, day: date) -> int:
    """Ask whoever was answered some days ago whether it was of use, once; how many were asked.

    The figure is given on the citizens' page; without its address nobody is asked, for an answer by mail would come in
    as a letter and get a number.
    """
    after = office.settings.terms.ask_satisfaction_after_days
    if not after or not office.settings.web.public_url:
        return 0
    until = midnight(day) - timedelta(days=after - 1)
    asked = 0
    with office.store.transaction() as register:
        for item_id in sorted(register.outbox.without(LetterType.SATISFACTION, what=Status.ANSWERED,
                                                      since=until - ASKED_FOR, until=until)):
            item = register.items.get(item_id, lock=True)
            asked += item is not None and _ask_one(office, register, item)
    return asked


def _ask_one(office: Office, register: Register, item: Item) -> bool:
    """Only who was answered, and nobody whose letter is not everybody's to see."""
    entry, verdict = item.entry, item.verdict
    if any(letter.type is LetterType.SATISFACTION for letter in item.letters):
        return False  # by another process, just before we had the item's lock
    if item.status is not Status.ANSWERED or entry is None or verdict is None or verdict.sealed or verdict.restricted:
        return False
    public_url = office.settings.web.public_url
    draft = write_satisfaction(item, entry, office.pack, office.templates, from_address=office.from_address,
                               public_url=public_url, now=office.now(),
                               rating_url=f"{public_url.rstrip('/')}/r/{register.satisfaction.ask(item.id)}")
    if draft is None or draft.channel is not OutgoingChannel.EMAIL:
        return False
    if not journey.permission(office, register, item, draft).allowed:
        return False
    journey.put_in_outbox(office, register, draft, entry.registration_number)
    return True

