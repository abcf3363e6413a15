"""Letters that came while the antivirus was away are looked at when it is back.

A letter never waits for clamd: what came meanwhile has its number, was shown and perhaps opened, and its page says that
nobody has looked at its file. What is found later locks the file, brings the letter before a person, stands in its
history and is told by the second channel.
"""

import structlog

from mailroom.model.base import MACHINE, ItemId
from mailroom.office import Office
from mailroom.reading.faults import has_virus, with_virus
from mailroom.store.store import Register

log = structlog.get_logger()

AT_ONCE = 100
"""Files that are looked at before anything else that is due has its turn."""
FOUND = "late_virus"
"""Name of the milestone in the daybook: in how many files something was found on a day."""


def look_later(office: Office) -> int:
    """Look at the files that wait, the oldest first; in how many something was found. Nothing while clamd is away."""
    with office.store.reading() as register:
        waiting = register.unscanned.oldest(AT_ONCE)
    if not waiting or not office.antivirus.answers():
        return 0
    return sum(_look(office, sha256) for sha256 in waiting)


def _look(office: Office, sha256: str) -> bool:
    """Whether something was found. A file that clamd does not take, though it is well, is not asked about again."""
    try:
        virus = office.antivirus.virus_in(office.store.originals.path(sha256))
    except OSError:
        return _forget_erased(office, sha256)
    if virus is None and not office.antivirus.answers():
        return False
    what = "not_looked_at" if virus is None else "virus_found" if virus else "looked_at_later"
    with office.store.transaction() as register:
        items = register.unscanned.items_of(sha256)
        if any(register.items.step(item_id, lock=True) is None for item_id in items) or not (
                register.unscanned.remove(sha256)):
            return False
        for item_id in items:
            register.history.note(what, who=MACHINE, at=office.now(), item_id=item_id, sha256=sha256,
                                  **({"name": virus} if virus else {}))
            if virus:
                _lock(register, item_id, virus)
        if virus:
            _count(office, register)
    return bool(virus)


def _forget_erased(office: Office, sha256: str) -> bool:
    """A file of which no letter speaks any more; one that cannot be opened now is looked at later."""
    with office.store.transaction() as register:
        if not register.unscanned.items_of(sha256):
            register.unscanned.remove(sha256)
    return False


def _lock(register: Register, item_id: ItemId, virus: str) -> None:
    """Nobody is handed the file any more, and the letter is judged again, as one for a person."""
    item = register.items.get(item_id)
    if item and item.letter and not has_virus(item.letter):
        register.items.keep_scan(item_id, with_virus(item.letter, virus))


def _count(office: Office, register: Register) -> None:
    day = office.today()
    before = int(register.daybook.result(FOUND, day) or 0)
    register.daybook.done(FOUND, day, office.now(), result=str(before + 1))
    log.warning("virus_found_later")
