"""Files handed over by a person: taken in, waited for, told of one by one (`mailroom intake`)."""

import hashlib
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from mailroom import journey
from mailroom.engine.choice import engine_for
from mailroom.model.arrival import Incoming
from mailroom.model.base import ItemId, Value
from mailroom.model.item import Item, Status, Step
from mailroom.office import Office
from mailroom.store.queue import QueueFilter, View

LOOK_SECONDS = 0.2


class Filed(Value):
    """What became of one letter of one file."""

    file: str
    item: ItemId
    part: int
    """1, 2, … of the letters in the file."""
    number: str | None
    """The registration number; null when it was set aside, or is stuck."""
    status: Status
    done: bool
    """False when a step has failed too often: the reason says why."""
    reason: str = ""
    """Why it is set aside, waits for a person or is stuck."""

    def line(self) -> str:
        """For a terminal: file → number or reason."""
        part = f" ({self.part})" if self.part > 1 else ""
        return f"{self.file}{part} → {'; '.join(part for part in (self.number, self.reason) if part)}"


def file_all(office: Office, incoming: Iterable[Incoming], *, on_taken: Callable[[int], None],
             on_left: Callable[[int], None]) -> list[Filed]:
    """Take everything in, and wait until each letter is registered or set aside, or has failed too often.

    `on_taken` hears how many files are safe, `on_left` how many items still have a step to do. Raises TryAgain when
    disk or register do not take a file now: what was taken before stays taken, and a second run continues there.
    """
    office.prepare()
    taken: list[tuple[str, str]] = []
    engine = engine_for(office)
    engine.start(letters=False)
    try:
        for one in incoming:
            journey.receive(office, one)
            taken.append((one.file, hashlib.sha256(one.content).hexdigest()))
            on_taken(len(taken))
        _wait(office, on_left)
    finally:
        engine.stop()
    return [filed for file, sha256 in taken for filed in _what_became(office, file, sha256)]


def _wait(office: Office, on_left: Callable[[int], None]) -> None:
    """Until nothing has a step to do but what has failed too often."""
    while True:
        with office.store.reading() as register:
            left = register.items.unfinished()
        on_left(left)
        if left == 0 or left == _stuck(office):
            return
        time.sleep(LOOK_SECONDS)


def _stuck(office: Office) -> int:
    """How many items have failed as often as is allowed, and are only tried again later."""
    wanted = [QueueFilter(view=View.TROUBLE, today=office.now().date(), sealed=sealed) for sealed in (False, True)]
    with office.store.reading() as register:
        rows = [row for one in wanted for row in register.queue.rows(one, limit=1000)]
        items = [register.items.get(row.id) for row in rows]
    return sum(item is not None and item.attempts >= office.settings.limits.attempts for item in items)


def _what_became(office: Office, file: str, sha256: str) -> list[Filed]:
    """Every letter of the file as it stands now. Found by content, because an item that proved to be the same message
    as another has given its arrival to that one."""
    with office.store.reading() as register:
        items = [register.items.get(item_id) for item_id in sorted(register.arrivals.items_by_content(sha256))]
    return [_filed(Path(file).name, item) for item in items if item is not None]


def _filed(file: str, item: Item) -> Filed:
    number = item.entry.registration_number if item.entry else None
    return Filed(file=file, item=item.id, part=item.part, number=number, status=item.status,
                 done=item.step is Step.SETTLED, reason=_reason(item))


def _reason(item: Item) -> str:
    if item.step is not Step.SETTLED:
        return f"stuck at „{item.step}“: {item.trouble}"
    if item.noncorrespondence_type:
        return f"set aside: {item.noncorrespondence_type}"
    if item.sealed:
        return "restricted"
    if item.status is Status.IN_REVIEW and item.verdict:
        return f"waits for a person: {' '.join(item.verdict.review_reasons)}"
    return ""
