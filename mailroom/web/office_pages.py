"""Pages about the office itself: the mayor's digest, how the machine does."""

from starlette.responses import Response

from mailroom import morning
from mailroom.condition import look_at
from mailroom.model.outgoing import OutgoingStatus
from mailroom.office import Office
from mailroom.store.queue import QueueFilter, View
from mailroom.web.visit import Visit

TROUBLES = 50


def show_digest(visit: Visit) -> Response:
    """The morning's digest, for a telephone as well."""
    return visit.page("digest.html", digest=morning.digest(visit.office, visit.today))


def show_health(visit: Visit) -> Response:
    """Sources, what is unfinished, what is stuck, proofs, the disk. No letters: of an item only its key and trouble."""
    office = visit.office
    condition = look_at(office)
    with office.store.reading() as register:
        stuck = [row for sealed in (False, True) for row in register.queue.rows(
            QueueFilter(view=View.TROUBLE, today=visit.today, sealed=sealed), limit=TROUBLES)]
        troubles = register.troubles.open()
    letters = {status: condition.letters.get(status, 0) for status in (
        OutgoingStatus.QUEUED, OutgoingStatus.HELD, OutgoingStatus.FAILED, OutgoingStatus.BOUNCED)}
    return visit.page("health.html", condition=condition, stuck=stuck, letters=letters, troubles=troubles,
                      off=office.letters_off_reason, pack=office.pack, antivirus=_antivirus(office))


def _antivirus(office: Office) -> str:
    """Whether somebody looks for viruses: `answers`, `silent`, or `none`."""
    if not office.antivirus.wanted:
        return "none"
    return "answers" if office.antivirus.answers() else "silent"
