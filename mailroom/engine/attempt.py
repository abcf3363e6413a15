"""One step on one item, and what its failure means. The only catch-all of the program stands here.

| what was raised | what happens |
| --- | --- |
| TryAgain | the step is repeated later, with growing pauses, for ever; the trouble is shown |
| NeedsPerson | the item goes on without that step's result and comes before a person |
| Unsure (letters) | held: only a person repeats it |
| anything else | logged by its type, repeated; after `limits.attempts` failures a person must look |
"""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from mailroom import journey, measures
from mailroom.dispatch.transport import Carrier
from mailroom.errors import BadRequest, NeedsPerson, TryAgain, Unsure
from mailroom.logs import described
from mailroom.model.base import MACHINE, ItemId, OutgoingId
from mailroom.model.item import Step
from mailroom.model.letter import Fault, Letter
from mailroom.model.outgoing import OutgoingStatus
from mailroom.office import Office
from mailroom.store.outbox import ON_ITS_WAY
from mailroom.store.store import Register

log = structlog.get_logger()

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=15)
MAILS_TOGETHER = 16
"""Small mails that are read by one call and registered in one transaction."""
NOT_READ = "Писмото не можа да бъде прочетено от програмата. Отворете оригинала и попълнете полетата на ръка."


def pause_after(failures: int) -> timedelta:
    """How long to wait before the next attempt: doubled each time."""
    doublings = min(failures, 16)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def attempt_item(office: Office, item_id: ItemId) -> bool:
    """Take one item through every step that it still has to do, as far as it goes; whether it is settled."""
    step = _step_of(office, item_id)
    while step is not None and step is not Step.SETTLED:
        try:
            with measures.step(step):
                journey.STEPS[step](office, item_id)
        except TryAgain as error:
            _postpone(office, item_id, step, str(error))
            return False
        except NeedsPerson as error:
            _go_on_without(office, item_id, step, str(error))
        except Exception as error:  # noqa: BLE001 - the one loop that must survive everything
            if not _postpone(office, item_id, step, described(error)):
                return False
            _go_on_without(office, item_id, step, NOT_READ)
        after = _step_of(office, item_id)
        if after is step:
            return False
        step = after
    return step is Step.SETTLED


def attempt_together(office: Office, item_ids: Sequence[ItemId]) -> set[ItemId]:
    """Take small mails through all their steps at once; those that are settled. When one of them fails nothing has
    happened to any, and each goes by itself: then the failure is counted against the one that makes it."""
    try:
        journey.go_together(office, item_ids)
    except Exception as error:  # noqa: BLE001 - whatever it is, it comes again when its letter goes by itself
        log.warning("together_failed", items=len(item_ids), trouble=described(error))
    with office.store.reading() as register:
        return register.items.settled(item_ids)


def attempt_copy(office: Office, item_id: ItemId) -> None:
    """Make a scan's searchable copy; what fails is told to the log and not tried again, since the original is there."""
    try:
        journey.copy(office, item_id)
    except TryAgain as error:
        log.warning("copy_waits", item=item_id, trouble=str(error))
    except Exception as error:  # noqa: BLE001 - a copy that cannot be made must not stop the others
        log.error("copy_failed", item=item_id, trouble=described(error))
        _give_up_copy(office, item_id)


def _give_up_copy(office: Office, item_id: ItemId) -> None:
    with office.store.transaction() as register:
        item = register.items.get(item_id)
        if item and item.letter:
            register.items.keep_copy(item_id, item.letter, None)


def _step_of(office: Office, item_id: ItemId) -> Step | None:
    with office.store.reading() as register:
        return register.items.step(item_id)


def _postpone(office: Office, item_id: ItemId, step: Step, trouble: str) -> bool:
    """Note the failure and when to try again; in the history when another trouble begins, so that whoever looks at the
    queue sees it. True when it has failed too often."""
    def note(register: Register) -> int:
        item = register.items.get(item_id)
        if item and item.trouble != trouble:
            register.history.note("step_failed", who=MACHINE, at=office.now(), item_id=item_id, step=step)
        return register.items.postpone(item_id, office.now() + pause_after(item.attempts if item else 0), trouble)

    failures = office.store.insist(note)
    measures.FAILURES.labels(where=step).inc()
    log.warning("step_failed", item=item_id, step=step, failures=failures, trouble=trouble)
    return failures >= office.settings.limits.attempts


def _go_on_without(office: Office, item_id: ItemId, step: Step, sentence: str) -> None:
    """What could not be read becomes an empty letter with its fault, so that it is registered and a person sees it.

    Judging and registering have no such way out: they stay visible with their trouble until the cause is mended.
    """
    if step is not Step.ARRIVED:
        return
    item = office.store.item(item_id)
    if item is None:
        return
    journey.keep_letter(office, item_id, Letter(
        channel=item.channel, media_type=item.arrivals[0].media_type, legible=False,
        faults=(Fault(code="reading_failed", sentence=sentence),)))


def attempt_letter(office: Office, outgoing_id: OutgoingId, carrier: Carrier | None = None) -> None:
    """Hand one letter over; what fails is tried again, held or shown. `carrier` as in journey.deliver."""
    try:
        journey.deliver(office, outgoing_id, carrier)
        measures.LETTERS.labels(outcome="done").inc()
    except TryAgain as error:
        _postpone_letter(office, outgoing_id, str(error))
    except NeedsPerson as error:
        _mark(office, outgoing_id, OutgoingStatus.FAILED, trouble=str(error))
    except Unsure as error:
        hold_unsure(office, outgoing_id, str(error))
    except BadRequest as error:
        log.info("letter_not_sent", outgoing=outgoing_id, reason=str(error))
    except Exception as error:  # noqa: BLE001 - the one loop that must survive everything
        log.error("letter_failed", outgoing=outgoing_id, trouble=described(error))
        _mark(office, outgoing_id, OutgoingStatus.FAILED, trouble=described(error))


def hold_unsure(office: Office, outgoing_id: OutgoingId, why: str) -> None:
    """Nobody knows whether the letter arrived: a second one may only be sent by a person."""
    _mark(office, outgoing_id, OutgoingStatus.HELD,
          hold_reason=f"Не е сигурно дали писмото е пристигнало: {why} Пуснете го отново само ако не е.")


def _postpone_letter(office: Office, outgoing_id: OutgoingId, trouble: str) -> None:
    def note(register: Register) -> int:
        attempts = register.outbox.get(outgoing_id).attempts
        return register.outbox.postpone(outgoing_id, office.now() + pause_after(attempts), trouble)

    attempts = office.store.insist(note)
    measures.LETTERS.labels(outcome="postponed").inc()
    log.warning("letter_postponed", outgoing=outgoing_id, attempts=attempts)


def _mark(office: Office, outgoing_id: OutgoingId, status: OutgoingStatus, *, trouble: str = "",
          hold_reason: str = "") -> None:
    def note(register: Register) -> None:
        if register.outbox.get(outgoing_id).status not in ON_ITS_WAY:
            return  # a person has stopped it meanwhile
        item_id = register.outbox.mark(outgoing_id, status, trouble=trouble, hold_reason=hold_reason)
        register.history.note(f"letter_{status}", who=MACHINE, at=office.now(), outgoing_id=outgoing_id,
                              item_id=item_id)

    office.store.insist(note)
    measures.LETTERS.labels(outcome=status).inc()
    log.warning("letter_stopped", outgoing=outgoing_id, status=status)
