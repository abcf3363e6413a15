"""Pages about the office itself: the mayor's digest, how the machine does."""

import shutil

from starlette.responses import Response

from mailroom import morning
from mailroom.model.outgoing import OutgoingStatus
from mailroom.store.queue import QueueFilter, View
from mailroom.web.visit import Visit

LITTLE_SPACE = 2 << 30
"""Octets free on disk below which the page warns."""
TROUBLES = 50


def show_digest(visit: Visit) -> Response:
    """The morning's digest, for a telephone as well."""
    return visit.page("digest.html", digest=morning.digest(visit.office, visit.today))


def show_health(visit: Visit) -> Response:
    """Sources, what is unfinished, what is stuck, the disk. No letters: of an item only its key and trouble."""
    office = visit.office
    with office.store.reading() as register:
        sources = register.daybook.sources()
        unfinished = register.items.unfinished()
        stuck = [row for sealed in (False, True) for row in register.queue.rows(
            QueueFilter(view=View.TROUBLE, today=visit.today, sealed=sealed), limit=TROUBLES)]
        letters = {status: len(register.outbox.with_status(status)) for status in (
            OutgoingStatus.QUEUED, OutgoingStatus.HELD, OutgoingStatus.FAILED, OutgoingStatus.BOUNCED)}
    disk = shutil.disk_usage(office.settings.data_dir)
    return visit.page("health.html", sources=sources, unfinished=unfinished, stuck=stuck, letters=letters, disk=disk,
                      little_space=disk.free < LITTLE_SPACE, off=office.letters_off_reason, pack=office.pack)
