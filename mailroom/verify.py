"""Proves the register: what it says, what lies on disk and what lies on the mail servers agree.

| asked | wrong when |
| --- | --- |
| numbers | a number of a yearly series is missing, or beyond its counter |
| originals | the bytes under a SHA-256 are missing or changed |
| history | a line was changed or removed after it was written |
| sources | something lies in a mailbox or folder that the register does not know, and stays unknown |

A source that cannot be reached is told, but is no fault of the register.
"""

import time
from collections.abc import Collection, Sequence

from mailroom.config import Settings
from mailroom.errors import TryAgain
from mailroom.model.arrival import Incoming
from mailroom.model.base import Value, day_of
from mailroom.model.proof import Proof, SourceProof
from mailroom.office import Office
from mailroom.sources.source import Source, SourceState
from mailroom.sources.table import sources_for

DONE, COMPARED = "verify", "compared"
"""Names of the milestones in the daybook: everything proved, the sources alone."""
LOOKS = 3
PATIENCE_SECONDS = 5.0
"""Between two looks at a source: what has just come in is being taken by the service."""
SHOWN = 5


class _Look(Value):
    """What one source was found to hold."""

    source: str
    there: int = 0
    unknown: tuple[str, ...] = ()
    """Keys that the register does not know."""
    trouble: str = ""
    """Why it could not be looked at."""


class Verification(Value):
    """What was looked at and what is wrong."""

    originals: int
    """How many originals were read and compared."""
    sources: int
    """How many sources were reached and compared."""
    faults: tuple[str, ...] = ()
    """One sentence each; empty when all is well."""
    notes: tuple[str, ...] = ()
    """What could not be looked at, and why."""


def verify(office: Office, *, patience: float = PATIENCE_SECONDS) -> Verification:
    """Look at everything; changes nothing but the daybook, where the day's result is noted."""
    with office.store.reading() as register:
        faults = [*register.entries.faults(), *register.history.faults()]
        digests = register.arrivals.digests()
    faults += [f"original {sha256}: missing or changed on disk; take it from a backup"
               for sha256 in digests if not office.store.originals.is_whole(sha256)]
    looks = [_look(office, source, patience) for source in look_only(office.settings)]
    notes = tuple(f"source „{look.source}“ was not compared: {look.trouble}" for look in looks if look.trouble)
    faults += [f"source „{look.source}“: {len(look.unknown)} not in the register, first: "
               f"{', '.join(sorted(look.unknown)[:SHOWN])}; is „mailroom run“ running?"
               for look in looks if look.unknown]
    found = Verification(originals=len(digests), sources=len(looks) - len(notes), faults=tuple(faults), notes=notes)
    _keep(office, looks)
    _note(office, found)
    return found


def compare(office: Office, *, patience: float = PATIENCE_SECONDS) -> Proof:
    """Look at the sources alone, which takes seconds: for the morning's digest. The result is noted in the daybook."""
    return _keep(office, [_look(office, source, patience) for source in look_only(office.settings)])


def _keep(office: Office, looks: Sequence[_Look]) -> Proof:
    now = office.now()
    proof = Proof(at=now, sources=tuple(
        SourceProof(source=look.source, there=None if look.trouble else look.there, missing=len(look.unknown))
        for look in looks))
    with office.store.transaction() as register:
        register.daybook.done(COMPARED, day_of(now), now, result=proof.model_dump_json())
    return proof


def _look(office: Office, source: Source, patience: float) -> _Look:
    try:
        there, unknown = _unknown(office, source, patience)
    except TryAgain as error:
        return _Look(source=source.name, trouble=str(error))
    return _Look(source=source.name, there=there, unknown=tuple(unknown))


def _note(office: Office, found: Verification) -> None:
    now = office.now()
    with office.store.transaction() as register:
        register.daybook.done(DONE, now.date(), now, result="\n".join(found.faults))


def look_only(settings: Settings) -> tuple[Source, ...]:
    """The sources, able to list what lies in them and to take nothing."""
    def take(_incoming: Incoming) -> None:
        raise TryAgain("nothing is taken in now")

    def report(_state: SourceState) -> None:
        """What a look finds is told by its own answer."""

    return tuple(sources_for(settings, take=take, known=lambda _name, _keys: set(), report=report))


def _known(office: Office, name: str, keys: Collection[str]) -> set[str]:
    with office.store.reading() as register:
        return register.arrivals.known(name, keys)


def _unknown(office: Office, source: Source, patience: float) -> tuple[int, set[str]]:
    """How many keys lie in the source, and those that are not in the register at any of several looks."""
    unknown: set[str] | None = None
    keys: Collection[str] = ()
    for look in range(LOOKS):
        if look:
            time.sleep(patience)
        keys = source.list_keys()
        missing = set(keys) - _known(office, source.name, keys)
        unknown = missing if unknown is None else unknown & missing
        if not unknown:
            break
    return len(keys), unknown or set()
