"""What is due now, found by state and never by „what happened in the last hour“, so that a missed day is caught up."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import structlog

from mailroom import deadlines, erasing, morning, printing, retention
from mailroom.counting import count
from mailroom.learning.night import learn
from mailroom.looking_later import look_later
from mailroom.model.base import SOFIA, day_of
from mailroom.office import Office
from mailroom.verify import verify

log = structlog.get_logger()

FORGET_ATTEMPTS_AFTER = timedelta(days=2)
PAGES_AT_A_TIME = 40
"""Pages of letters that are counted before anything else gets its turn: after an upgrade there may be many."""


STATISTICS = "statistics"
"""Name of the milestone in the daybook."""
LEARN_AT = time(3, 0)
"""When nobody waits."""
DAY_BEGINS = time(6, 0)
"""Until then what an erasure could not finish is finished: for minutes nobody can write."""
PROVE_AT = time(4, 30)
"""An hour after the timer of systemd, which does it where there is one."""
PROVE_LEASE = timedelta(hours=6)
"""After so long another process may begin: the one before was stopped."""
PROVING = "proving"
"""Name of the milestone: somebody is at it."""


def do_what_is_due(office: Office) -> None:
    """The figures brought up to date, terms counted anew where the calendar has changed, a working morning's digest,
    reminders and notices, its evening's print run, what a night's corrections teach, and what is kept for a while only
    forgotten."""
    now = office.now().astimezone(SOFIA)
    count(office, pages=PAGES_AT_A_TIME)
    moved = deadlines.recount(office)
    if moved:
        log.info("terms_recounted", moved=len(moved))
    if now.time() >= office.settings.digest.at and office.calendar.is_working(now.date()):
        with office.store.reading() as register:
            done = register.daybook.is_done("digest", now.date())
        if not done and morning.send_digest(office, now.date()):
            log.info("digest_queued", day=now.date().isoformat())
        _watch_terms(office, now)
    look_later(office)
    laid = printing.prepare_evening_run(office)
    if laid:
        log.info("print_run_prepared", letters=laid)
    with office.store.transaction() as register:
        register.people.forget_failures(office.now() - FORGET_ATTEMPTS_AFTER)
        register.sessions.forget_ended(office.now())
        register.access_log.forget(office.now() - timedelta(days=office.settings.web.access_log_days))
    if LEARN_AT <= now.time() < DAY_BEGINS:
        retention.carry_out_approved(office)
        erasing.finish(office)
    _learn(office, now)
    _refresh_statistics(office, now)


def prove_if_due(office: Office, go_on: Callable[[], bool]) -> None:
    """Prove the register once a day, from half past four on; by one process, and not on the day on which it was made.

    Raises TryAgain when `go_on` says no.
    """
    now, day = office.now(), office.today()
    if now.astimezone(SOFIA).time() < PROVE_AT:
        return
    with office.store.transaction() as register:
        latest, first = register.daybook.verification(), register.history.began_at()
        if (latest and latest.on >= day) or first is None or day_of(first) >= day:
            return
        if not register.daybook.begin(PROVING, day, now, PROVE_LEASE):
            return
    found = verify(office, go_on=go_on)
    log.info("proved", faults=found.fault_count, originals=found.originals, lines=found.lines)


def _watch_terms(office: Office, now: datetime) -> None:
    """Reminders, notices of a later answer and questions afterwards, once on a working morning."""
    with office.store.reading() as register:
        done = register.daybook.is_done("reminders", now.date())
    if not done:
        written = deadlines.draft_notices(office, now.date())
        asked = deadlines.ask_satisfaction(office, now.date())
        told = deadlines.remind(office, now.date())
        log.info("terms_watched", dates_told=told, notices_written=len(written), citizens_asked=asked)


def _learn(office: Office, now: datetime) -> None:
    """Once a day, from three in the morning on; on a day on which nothing ran then, later."""
    if now.time() < LEARN_AT:
        return
    with office.store.reading() as register:
        done = register.daybook.is_done("learning", now.date())
    if not done:
        lesson = learn(office)
        with office.store.transaction() as register:
            register.daybook.done("learning", now.date(), office.now())
        log.info("learned", letters=lesson.looked_at, heard=lesson.model is not None)


def _refresh_statistics(office: Office, now: datetime) -> None:
    """Every night, and at once where it was never done: after an upgrade the first day is a working day too."""
    with office.store.reading() as register:
        latest = register.daybook.latest(STATISTICS)
    if latest and (latest[0] >= now.date() or now.time() < LEARN_AT):
        return
    office.store.refresh_statistics()
    with office.store.transaction() as register:
        register.daybook.done(STATISTICS, now.date(), office.now())
