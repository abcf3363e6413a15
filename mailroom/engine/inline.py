"""The default engine: a few threads in the daemon that take what is ready from our own database.

Lanes keep a citizen's mail from waiting behind a scanner's batch: some threads take anything, one takes only what is
quick to read. Letters go out on a thread of their own, and one makes searchable copies when nothing else is to be done.
Nothing is remembered here: after a crash the items' states and
the claims' leases say what is left to do.

A lane that finds nothing sleeps until somebody has changed the register, whichever process it was; what has only become
due by the clock it finds by looking every second.
"""

import threading
from collections.abc import Callable
from contextlib import nullcontext

import structlog

from mailroom.engine.attempt import (
    MAILS_TOGETHER,
    attempt_copy,
    attempt_item,
    attempt_letter,
    attempt_together,
    hold_unsure,
)
from mailroom.engine.clock import ClockWatch, put_forward
from mailroom.engine.due import do_what_is_due, prove_if_due
from mailroom.engine.owner import LETTER_LEASE, item_lease, may_live, this_process
from mailroom.errors import MailroomError
from mailroom.memory import give_back
from mailroom.office import Office

log = structlog.get_logger()

LISTEN_SECONDS = 0.05
"""For a change of the register; some microseconds."""
LOOK_SECONDS = 1.0
"""Without any: for what was to wait for a while."""
FAILED_SECONDS = 0.2
LETTERS_TOGETHER = 16
"""Handed over on one connection."""
CLOCK_SECONDS = 1.0
TAKE_OVER_SECONDS = 10.0
"""Another process on the same register, „mailroom intake“ for one, may die while we live."""
DUE_SECONDS = 30.0
MEMORY_SECONDS = 10.0
COPY_SECONDS = 5.0


class InlineEngine:
    """Threads that keep the items of one office moving."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._stop = threading.Event()
        self._owner = this_process()
        self._lease = item_lease(office.settings.ocr)
        self._threads: list[threading.Thread] = []
        self._changes = office.store.changes()
        self._bell = _Bell()
        self._clock = ClockWatch(office.now())
        self.last_turn = office.now()
        """When a thread last went round: for the watchdog."""

    def start(self, *, letters: bool = True) -> None:
        """Take over what a dead predecessor has left, then start the threads.

        Without `letters` only the items move: nothing leaves, and nothing that is due is done.
        """
        take_over(self._office)
        lanes: list[tuple[str, Callable[[], bool]]] = [
            (f"any-{number}", self._work_on_anything) for number in range(self._office.settings.ocr.workers)]
        lanes.append(("quick", self._work_on_quick))
        self._start("listener", self._listen, LISTEN_SECONDS)
        self._start("take-over", self._take_over, TAKE_OVER_SECONDS)
        self._start("memory", self._give_back_memory, MEMORY_SECONDS)
        if letters:
            lanes.append(("letters", self._send_some))
            self._start("clock", self._watch_clock, CLOCK_SECONDS)
            self._start("due", self._due, DUE_SECONDS)
            self._start("proof", self._prove, DUE_SECONDS)
            self._start("copies", self._copy_one, COPY_SECONDS)
        for name, work in lanes:
            self._start_lane(name, work)

    def stop(self) -> None:
        """Let every thread finish the step it is at."""
        self._stop.set()
        self._bell.ring()
        self._office.store.give_up()
        for thread in self._threads:
            thread.join()
        self._changes.close()

    def _start(self, name: str, work: Callable[[], bool], pause: float) -> None:
        """A thread that does its work at this pace."""
        self._run(name, work, lambda _rung: self._stop.wait(pause))

    def _start_lane(self, name: str, work: Callable[[], bool]) -> None:
        """A thread that works as soon as there is something to do."""
        self._run(name, work, lambda rung: self._bell.wait(rung, LOOK_SECONDS))

    def _run(self, name: str, work: Callable[[], bool], rest: Callable[[int], object]) -> None:
        thread = threading.Thread(target=self._loop, args=(work, rest), name=f"mailroom-{name}", daemon=True)
        thread.start()
        self._threads.append(thread)

    def _loop(self, work: Callable[[], bool], rest: Callable[[int], object]) -> None:
        """Work while there is any, then rest. The database being away is waited out."""
        while not self._stop.is_set():
            rung = self._bell.rung
            try:
                busy = work()
                self.last_turn = self._office.now()
            except Exception as error:  # noqa: BLE001 - a thread that dies would stop a lane without a sign
                log.error("lane_failed", thread=threading.current_thread().name, trouble=type(error).__name__)
                busy = False
                self._stop.wait(FAILED_SECONDS)
            if not busy:
                rest(rung)

    def _listen(self) -> bool:
        if self._changes.heard():
            self._bell.ring()
        return False

    def _work_on_anything(self) -> bool:
        return self._work_on_some(heavy_too=True)

    def _work_on_quick(self) -> bool:
        return self._work_on_some(heavy_too=False)

    def _work_on_some(self, *, heavy_too: bool) -> bool:
        """The oldest item, whatever it is; and where it is a small mail, the small mails behind it with it."""
        now = self._office.now()
        with self._office.store.transaction() as register:
            first = register.items.claim(self._owner, now, self._lease, heavy_too=heavy_too)
            if first is None:
                return False
            mails = register.items.claim_mails(first, self._owner, now, self._lease, MAILS_TOGETHER)
        left = set(mails or [first])
        try:
            left -= attempt_together(self._office, mails) if mails else set()
            for item_id in sorted(left):
                if not self._stop.is_set() and attempt_item(self._office, item_id):
                    left.discard(item_id)
        finally:
            if left:
                self._office.store.insist(lambda register: register.items.release(*left))
        return True

    def _send_some(self) -> bool:
        """Letters that are ready together go over one connection."""
        office = self._office
        with office.store.transaction() as register:
            letters = register.outbox.claim(self._owner, office.now(), LETTER_LEASE, limit=LETTERS_TOGETHER)
        with office.transport.connection() if letters and office.transport else nullcontext() as carrier:
            for letter in letters:
                if self._stop.is_set():
                    office.store.insist(lambda register: register.outbox.release_all_of([self._owner]))
                    break
                attempt_letter(office, letter, carrier)
        return bool(letters)

    def _copy_one(self) -> bool:
        with self._office.store.reading() as register:
            item_id = register.items.copy_due(self._office.now())
        if item_id is None:
            return False
        attempt_copy(self._office, item_id)
        return True

    def _due(self) -> bool:
        try:
            do_what_is_due(self._office)
        except MailroomError as error:
            log.warning("due_failed", trouble=type(error).__name__)
        return False

    def _take_over(self) -> bool:
        take_over(self._office)
        return False

    def _give_back_memory(self) -> bool:
        give_back()
        return False

    def _watch_clock(self) -> bool:
        back = self._clock.set_back_by(self._office.now())
        if back:
            self._office.store.insist(lambda register: put_forward(register, self._office.now(), back))
        return False

    def _prove(self) -> bool:
        """Apart from what else is due: it reads every original, which may take hours."""
        try:
            prove_if_due(self._office, lambda: not self._stop.is_set())
        except MailroomError as error:
            log.warning("proof_failed", trouble=type(error).__name__)
        return False


class _Bell:
    """Wakes the lanes; who was not asleep yet when it rang does not fall asleep."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.rung = 0
        """How often."""

    def ring(self) -> None:
        """There may be something to do."""
        with self._condition:
            self.rung += 1
            self._condition.notify_all()

    def wait(self, rung: int, seconds: float) -> None:
        """Until it has rung since it had rung so often, or so long."""
        with self._condition:
            self._condition.wait_for(lambda: self.rung != rung, seconds)


def take_over(office: Office) -> None:
    """Claims of processes that are gone are free again; a letter that was on the wire is shown to a person."""
    with office.store.reading() as register:
        owners = {*register.items.claim_owners(), *register.outbox.claim_owners()}
        dead = [owner for owner in owners if not may_live(owner)]
        unsure = register.outbox.unsure([owner for owner in owners if owner not in dead])
    if dead:  # nearly never: whoever writes need not wait to learn that nobody is
        with office.store.transaction() as register:
            register.items.release_all_of(dead)
            register.outbox.release_all_of(dead)
    for outgoing_id in unsure:
        hold_unsure(office, outgoing_id, "програмата спря, докато го предаваше.")
