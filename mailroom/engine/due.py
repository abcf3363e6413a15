"""What is due now, found by state and never by „what happened in the last hour“, so that a missed day is caught up."""

from datetime import timedelta

import structlog

from mailroom import journey
from mailroom.office import Office

log = structlog.get_logger()

FORGET_ATTEMPTS_AFTER = timedelta(days=2)


def do_what_is_due(office: Office) -> None:
    """The digest of a working morning, and yesterday's failed log-ins forgotten."""
    now = office.now().astimezone(journey.SOFIA)
    if now.time() >= office.settings.digest.at and office.calendar.is_working(now.date()):
        with office.store.reading() as register:
            done = register.daybook.is_done("digest", now.date())
        if not done and journey.send_digest(office, now.date()):
            log.info("digest_queued", day=now.date().isoformat())
    with office.store.transaction() as register:
        register.people.forget_failures(office.now() - FORGET_ATTEMPTS_AFTER)
