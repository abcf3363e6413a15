"""The print run: letters on paper from the outbox to the post, none printed twice and none lost.

    prepare      what waits for the printer is laid together, in the evening by itself or at any time by a person
    printed      the chosen letters are at the printer; those left out wait for the next run
    again        the printer jammed: the same pages once more
    posted       letters were given to the post, one by one or all

How far a run is, the states of its letters say. Each step takes a letter only from the state before it, so whoever
presses second has nothing to print.
"""

from collections.abc import Sequence
from datetime import date, datetime

from mailroom.errors import BadRequest
from mailroom.model.base import MACHINE, SOFIA, OutgoingId
from mailroom.model.outgoing import OutgoingChannel, OutgoingStatus
from mailroom.model.staff import Staff
from mailroom.office import Office

MILESTONE = "print_run"


def prepare_evening_run(office: Office) -> int:
    """Prepare the day's run once its hour has come, once on a working day; how many letters were laid into it."""
    now = office.now().astimezone(SOFIA)
    if now.time() < office.settings.printing.at or not office.calendar.is_working(now.date()):
        return 0
    with office.store.reading() as register:
        if register.daybook.is_done(MILESTONE, now.date()):
            return 0
    with office.store.transaction() as register:
        if not register.daybook.claim(MILESTONE, now.date(), office.now()):
            return 0
        laid = register.print_runs.prepare(MACHINE, office.now())
        register.daybook.done(MILESTONE, now.date(), office.now(), str(laid))
    return laid


def next_evening_run(office: Office) -> datetime:
    """When letters that wait now will be laid together by themselves, in the town's time."""
    now = office.now().astimezone(SOFIA)
    with office.store.reading() as register:
        done = register.daybook.is_done(MILESTONE, now.date())
    day: date = now.date()
    if done or not office.calendar.is_working(day):
        day = office.calendar.add_working_days(day, 1)
    return datetime.combine(day, office.settings.printing.at, SOFIA)


def prepare(office: Office, staff: Staff) -> int:
    """Lay together what waits, before the evening. Raises BadRequest when nothing does."""
    with office.store.transaction() as register:
        laid = register.print_runs.prepare(staff.login, office.now())
    if not laid:
        raise BadRequest("Няма писма, които да чакат печат.")
    return laid


def printed(office: Office, staff: Staff, chosen: Sequence[OutgoingId], left_out: Sequence[OutgoingId] = ()) -> int:
    """The chosen letters go to the printer; those left out wait for the next run. Returns how many are printed.

    Raises BadRequest when none is left: a colleague was quicker.
    """
    with office.store.transaction() as register:
        register.print_runs.leave_out(left_out)
    done = _take(office, staff, chosen, OutgoingStatus.QUEUED, OutgoingStatus.PRINTED)
    if not done:
        raise BadRequest("Тези писма вече са отпечатани или спрени.")
    return done


def again(office: Office, staff: Staff, chosen: Sequence[OutgoingId]) -> None:
    """The same pages are printed once more; nothing changes but the history."""
    with office.store.transaction() as register:
        for outgoing_id in chosen:
            register.history.note("letter_reprinted", who=staff.login, at=office.now(), outgoing_id=outgoing_id,
                                  item_id=register.outbox.get(outgoing_id).item_id)


def posted(office: Office, staff: Staff, chosen: Sequence[OutgoingId]) -> int:
    """The printed letters were given to the post. Returns how many were. Raises BadRequest when none was left."""
    done = _take(office, staff, chosen, OutgoingStatus.PRINTED, OutgoingStatus.POSTED)
    if not done:
        raise BadRequest("Тези писма вече са отбелязани като дадени на пощата.")
    return done


def _take(office: Office, staff: Staff, chosen: Sequence[OutgoingId], before: OutgoingStatus,
          after: OutgoingStatus) -> int:
    """Take the letters on paper that are still in one state to the next; those that somebody else took are left."""
    now, done = office.now(), 0
    sent_at = now if after is OutgoingStatus.POSTED else None
    with office.store.transaction() as register:
        for outgoing_id in chosen:
            letter = register.outbox.get(outgoing_id)
            if letter.channel is OutgoingChannel.PRINT and register.outbox.take(outgoing_id, before, after,
                                                                                sent_at=sent_at):
                register.history.note(f"letter_{after}", who=staff.login, at=now, item_id=letter.item_id,
                                      outgoing_id=outgoing_id)
                done += 1
    return done
