"""What stands behind a source in these tests: a register that remembers keys, and faults on request."""

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence

from mailroom.errors import TryAgain
from mailroom.model.arrival import Incoming
from mailroom.sources.source import Callbacks, Source, SourceState


class Desk:
    """Takes what sources bring. `refusals` times it says that it cannot be done now."""

    def __init__(self) -> None:
        self.taken: list[Incoming] = []
        self.states: list[SourceState] = []
        self.refusals = 0
        self.before_take: Callable[[Incoming], None] = lambda incoming: None
        self._changed = threading.Condition()

    @property
    def callbacks(self) -> Callbacks:
        """For a source."""
        return Callbacks(take=self._take, known=self._known, report=self._report)

    @property
    def contents(self) -> list[bytes]:
        """What was taken, in order."""
        return [incoming.content for incoming in self.taken]

    @property
    def troubles(self) -> list[str]:
        """What was reported."""
        return [state.trouble for state in self.states if state.trouble]

    def wait(self, holds: Callable[[], bool], seconds: float = 15) -> None:
        """Until something holds. Raises AssertionError with what is known instead."""
        with self._changed:
            assert self._changed.wait_for(holds, seconds), f"taken {self.taken}, troubles {self.troubles}"

    def _take(self, incoming: Sequence[Incoming]) -> None:
        for one in incoming:
            self.before_take(one)
        with self._changed:
            if self.refusals:
                self.refusals -= 1
                raise TryAgain("Дискът е пълен.")
            self.taken.extend(incoming)
            self._changed.notify_all()

    def _known(self, source: str, keys: Collection[str]) -> set[str]:
        return {incoming.key for incoming in self.taken if incoming.source == source} & set(keys)

    def _report(self, state: SourceState) -> None:
        with self._changed:
            self.states.append(state)
            self._changed.notify_all()


@contextlib.contextmanager
def watching(source: Source, desk: Desk) -> Iterator[None]:
    """The source runs in a thread, has looked once, and ends promptly when asked."""
    stop = threading.Event()
    thread = threading.Thread(target=source.run, args=(stop,))
    thread.start()
    try:
        desk.wait(lambda: bool(desk.states))
        yield
    finally:
        stop.set()
        thread.join(5)
        assert not thread.is_alive(), "a source must end soon after it was told to stop"


def eventually(holds: Callable[[], bool], seconds: float = 10) -> None:
    """Until something outside of the desk holds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to hold"
        time.sleep(0.02)
