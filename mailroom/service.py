"""The daemon: watchers, workers, what is due and the pages, in one process or apart.

It tells systemd when it is ready and that it lives (sd_notify(3)); SIGTERM and SIGINT let every thread finish the step
it is at, all of them side by side and within one deadline (leaving.py). A thread of a watcher or a page that ends by
itself ends the service, so that systemd starts it anew.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from types import FrameType

import sdnotify
import structlog

from mailroom import journey
from mailroom.dry_run import Known, known_in
from mailroom.engine.choice import Engine, engine_for
from mailroom.errors import MailroomError, TryAgain
from mailroom.filing import file_all
from mailroom.measures import ARRIVALS
from mailroom.model.arrival import Incoming
from mailroom.model.base import ItemId
from mailroom.model.item import Item
from mailroom.office import Office
from mailroom.sources.source import Source, SourceState
from mailroom.sources.table import sources_for
from mailroom.troubles import Watchman
from mailroom.web.app import staff_app
from mailroom.web.probes import probe_app
from mailroom.web.public import public_app
from mailroom.web.serve import serve

log = structlog.get_logger()

HEARTBEAT_SECONDS = 10.0
"""How often systemd hears from us; a third of WatchdogSec in systemd/mailroom.service at most."""
LONGEST_SILENCE = timedelta(seconds=120)
"""A worker that has not gone round for so long hangs; a single letter may take longer, but not on every lane."""
JOIN_SECONDS = 20.0
"""How long the parts are waited for, all together."""


def run(office: Office, *, watch: bool = True, work: bool = True, web: bool = True, public: bool = True,
        on_ready: Callable[[], None] = lambda: None, stop: threading.Event | None = None,
        known: Known | None = None,
        on_stopping: Callable[[MailroomError | None], object] = lambda _failure: None) -> None:
    """Run the chosen parts until told to stop. Raises what ended a part before that. `known`: see `sources_of`;
    `on_stopping` hears when the end begins, and of what ended a part."""
    stop = stop or threading.Event()
    parts = Parts(stop)
    if work or web:
        office.prepare()
    with _signals(stop), ExitStack() as running:
        engine = engine_for(office) if work else None
        sources = sources_of(office, known=known) if watch else ()  # a wrong one is told before anything has started
        running.callback(parts.join)
        if engine:
            engine.start()
            running.callback(engine.stop)
        running.callback(stop.set)  # the first that is called: the parts end while the engine does
        for source in sources:
            parts.start(f"source {source.name}", partial(source.run, stop))
        if work and not office.dry_run:
            parts.start("watchman", partial(Watchman(office).run, stop))
        settings = office.settings.web
        if web:
            parts.start("web", lambda: serve(staff_app(office), settings.host, settings.port, stop))
        if public:
            host, port = settings.public_host, settings.public_port
            parts.start("public web", lambda: serve(public_app(office), host, port, stop))
        metrics = office.settings.metrics
        if metrics.port and not web:
            parts.start("metrics", lambda: serve(probe_app(office), metrics.host, metrics.port, stop))
        office.thinking.allow()
        log.info("started", charter=office.pack.id, dry_run=office.dry_run, watch=watch, work=work, web=web,
                 public=public)
        on_ready()
        _live(office, engine, stop)
        log.info("stopping")
        on_stopping(parts.failure)
    if parts.failure:
        raise parts.failure


class Parts:
    """The threads of the service; one that ends before it is told to stops them all."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._threads: list[threading.Thread] = []
        self.failure: MailroomError | None = None
        """What ended a part before it was told to."""

    def start(self, name: str, work: Callable[[], object]) -> None:
        """Run a part in a thread of its own."""
        thread = threading.Thread(target=self._run, args=(name, work), name=f"mailroom-{name}", daemon=True)
        thread.start()
        self._threads.append(thread)

    def join(self) -> None:
        """Wait for all of them, but not for ever: nothing that they hold is lost when the process ends."""
        until = time.monotonic() + JOIN_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _run(self, name: str, work: Callable[[], object]) -> None:
        ended: MailroomError = TryAgain(f"{name} ended by itself")
        try:
            work()
        except MailroomError as error:
            ended = error
        finally:
            if not self._stop.is_set():
                log.error("part_failed", part=name, reason=str(ended))
                self.failure = ended
                self._stop.set()


def _live(office: Office, engine: Engine | None, stop: threading.Event) -> None:
    """Until told to stop: tell systemd that we live, as long as the workers go round."""
    with _systemd() as tell:
        tell("READY=1")
        while True:
            silent = engine is not None and office.now() - engine.last_turn > LONGEST_SILENCE
            if silent:
                log.error("workers_silent")
            else:
                tell("WATCHDOG=1")
            if stop.wait(HEARTBEAT_SECONDS):
                break
        tell("STOPPING=1")


@contextmanager
def _systemd() -> Iterator[Callable[[str], object]]:
    """Who listens for our state; nobody, where systemd has not started us."""
    if "NOTIFY_SOCKET" not in os.environ:
        yield lambda _state: None
        return
    notifier = sdnotify.SystemdNotifier()
    try:
        yield notifier.notify
    finally:
        if notifier.socket:
            notifier.socket.close()


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set the event; the handlers of before come back afterwards."""
    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def sources_of(office: Office, *, known: Known | None = None) -> tuple[Source, ...]:
    """The configured sources, which hand over to this office; `known` what is not to be taken, if not its register."""
    def take(incoming: Sequence[Incoming]) -> None:
        journey.receive_all(office, incoming)
        for one in incoming:
            ARRIVALS.labels(source=one.source).inc()

    def report(state: SourceState) -> None:
        with office.store.transaction() as register:
            register.daybook.report(state.name, office.now(), state.trouble)

    return tuple(sources_for(office.settings, take=take, known=known or known_in(office.store), report=report,
                             dry_run=office.dry_run))


def try_out(office: Office, *, known: Known) -> Iterator[Item]:
    """Take in once what lies in the sources and is not `known`, and yield what became of each item.

    The office is one of a dry run. Raises TryAgain when a source cannot be reached.
    """
    for source in sources_of(office, known=known):
        source.look_once()
    file_all(office, (), on_taken=lambda _count: None, on_left=lambda _left: None)
    with office.store.reading() as register:
        ids: tuple[ItemId, ...] = register.items.ids()
    for item_id in ids:
        item = office.store.item(item_id)
        if item is not None:
            yield item
