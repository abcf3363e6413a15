"""Proves the register: what it says, what lies on disk and what lies on the mail servers agree.

| asked | wrong when |
| --- | --- |
| file | the pages of an SQLite register do not agree with each other |
| numbers | a number of a yearly series is missing, given twice, or beyond its counter |
| history | a line was changed, put in or removed after it was written |
| register | a number or an arrival is not as the history tells, or the history knows nothing of it |
| heads | the history is not the one whose mark went out with an earlier digest |
| originals | the bytes under a SHA-256 are missing or changed |
| sources | something lies in a mailbox or folder that the register does not know, and stays unknown |

A source that cannot be reached is told, but is no fault of the register; so is what was taken from a mailbox and was
then deleted there, and a file that belongs to no letter. Everything is read a page at a time and in short transactions,
so that memory stays small and nobody waits.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from mailroom.config import Settings, Settle
from mailroom.errors import TryAgain
from mailroom.model.arrival import Incoming
from mailroom.model.base import Value, day_of
from mailroom.model.proof import HistoryHead, Part, Proof, SourceProof, Verification
from mailroom.office import Office
from mailroom.sources.source import Source, SourceState
from mailroom.sources.table import sources_for
from mailroom.store import damage
from mailroom.store.daybook import VERIFIED
from mailroom.store.history import Chain

COMPARED = "compared"
"""Name of the milestone in the daybook: the sources alone were compared."""
LOOKS = 3
PATIENCE_SECONDS = 5.0
"""Between two looks at a source: what has just come in is being taken by the service."""
SHOWN = 5
TOLD = 20
"""Faults of one part that are told one by one; the rest are counted."""


class _Look(Value):
    """What one source was found to hold."""

    source: str
    there: int = 0
    unknown: tuple[str, ...] = ()
    """Keys that the register does not know."""
    gone: int = 0
    """How many were taken from it and do not lie in it any more, though nothing of ours moves them."""
    trouble: str = ""
    """Why it could not be looked at."""


class _Findings:
    """The faults and the counts, as they come."""

    def __init__(self, go_on: Callable[[], bool]) -> None:
        self._go_on = go_on
        self._told: dict[Part, list[str]] = {}
        self._more = 0
        self.counts = {"lines": 0, "numbers": 0, "originals": 0, "heads": 0}
        self.notes: list[str] = []

    def add(self, part: Part, faults: Iterable[str]) -> None:
        """Faults of one part."""
        told = self._told.setdefault(part, [])
        for fault in faults:
            if len(told) < TOLD:
                told.append(fault)
            else:
                self._more += 1

    def counted(self, what: str, number: int = 1) -> None:
        """So much was looked at. Raises TryAgain when the service stops meanwhile."""
        self.counts[what] += number
        if not self._go_on():
            raise TryAgain("the verification was broken off, as the service stops")

    def result(self, office: Office, looks: Sequence[_Look]) -> Verification:
        """All of it."""
        return Verification(
            at=office.now(), **self.counts, sources=sum(not look.trouble for look in looks), more=self._more,
            faults=tuple(fault for part in Part for fault in self._told.get(part, ())),
            parts=tuple(part for part in Part if self._told.get(part)), notes=tuple(self.notes))


def verify(office: Office, *, heads: Sequence[HistoryHead] = (), patience: float = PATIENCE_SECONDS,
           go_on: Callable[[], bool] = lambda: True) -> Verification:
    """Look at everything; changes nothing but the daybook, where the day's result is noted.

    heads: marks of the history that were kept elsewhere, as digests show them.
    Raises TryAgain when `go_on` says no.
    """
    findings = _Findings(go_on)
    _prove_file(office, findings)
    _prove_numbers(office, findings)
    _prove_history(office, findings)
    _prove_heads(office, findings, heads)
    _prove_originals(office, findings)
    looks = [_look(office, source, patience) for source in look_only(office.settings)]
    _tell_sources(findings, looks)
    found = findings.result(office, looks)
    _keep(office, looks)
    _note(office, found)
    return found


def compare(office: Office, *, patience: float = PATIENCE_SECONDS) -> Proof:
    """Look at the sources alone, which takes seconds: for the morning's digest. The result is noted in the daybook."""
    return _keep(office, [_look(office, source, patience) for source in look_only(office.settings)])


# -- the register ----------------------------------------------------------------------------------------------------

def _prove_file(office: Office, findings: _Findings) -> None:
    words = office.store.damage()
    findings.add(Part.REGISTER, [damage.sentence(words)] if words else [])


def _prove_numbers(office: Office, findings: _Findings) -> None:
    with office.store.reading() as register:
        findings.add(Part.NUMBERS, register.entries.faults())
        findings.counted("numbers", register.entries.count())
        findings.add(Part.REGISTER, register.proving.unsaid_numbers(TOLD + 1))


def _prove_history(office: Office, findings: _Findings) -> None:
    chain = Chain()
    while True:
        with office.store.reading() as register:
            lines = register.history.lines_after(chain.number)
            if not lines:
                return
            findings.add(Part.HISTORY, (fault for line in lines for fault in chain.faults_of(line)))
            findings.add(Part.HISTORY, chain.unexplained(register.history))
            findings.add(Part.REGISTER, register.proving.contradictions(lines))
        findings.counted("lines", len(lines))


def _prove_heads(office: Office, findings: _Findings, heads: Sequence[HistoryHead]) -> None:
    with office.store.reading() as register:
        # A digest that goes to five people shows one mark five times.
        for head in {head.said: head for head in (*register.proving.heads(), *heads)}.values():
            fault = register.history.head_fault(head)
            findings.add(Part.HEADS, [fault] if fault else [])
            findings.counted("heads")


# -- files -----------------------------------------------------------------------------------------------------------

def _prove_originals(office: Office, findings: _Findings) -> None:
    originals = office.store.originals
    away = originals.trouble()
    if away:
        findings.add(Part.ORIGINALS, [f"{away}; no original was looked at"])
        return
    for sha256 in _digests(office):
        if not originals.is_whole(sha256):
            findings.add(Part.ORIGINALS, [f"original {sha256}: missing or changed on disk; take it from a backup"])
        findings.counted("originals")
    strays = 0
    for names in originals.folders():
        with office.store.reading() as register:
            strays += len(set(names) - register.proving.known(names))
    if strays:
        findings.notes.append(f"{strays} files in {originals.folder} belong to no letter: a stop in the middle leaves "
                              "such; they do no harm, and what they hold came in again")


def _digests(office: Office) -> Iterator[str]:
    """Every file that must be on disk: originals in the order of their names, then searchable copies."""
    last = ""
    while page := _page_of_originals(office, last):
        yield from page
        last = page[-1]
    item_id = 0
    while copies := _page_of_copies(office, item_id):
        yield from (sha256 for _, sha256 in copies)
        item_id = copies[-1][0]


def _page_of_originals(office: Office, last: str) -> Sequence[str]:
    with office.store.reading() as register:
        return register.proving.originals_after(last)


def _page_of_copies(office: Office, last: int) -> Sequence[tuple[int, str]]:
    with office.store.reading() as register:
        return register.proving.copies_after(last)


# -- sources ---------------------------------------------------------------------------------------------------------

def _tell_sources(findings: _Findings, looks: Sequence[_Look]) -> None:
    for look in looks:
        if look.trouble:
            findings.notes.append(f"source „{look.source}“ was not compared: {look.trouble}")
        if look.gone:
            findings.notes.append(f"source „{look.source}“: {look.gone} that were taken in are not there any more: "
                                  "somebody has deleted or moved them; the register keeps their originals")
        if look.unknown:
            findings.add(Part.SOURCES, [
                f"source „{look.source}“: {len(look.unknown)} not in the register, first: "
                f"{', '.join(sorted(look.unknown)[:SHOWN])}; is „mailroom run“ running?"])


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
    gone = _gone(office, source.name, there) if source.name in _left_in_place(office.settings) else 0
    return _Look(source=source.name, there=len(there), unknown=tuple(unknown), gone=gone)


def _left_in_place(settings: Settings) -> set[str]:
    """Sources in which what was taken stays where it was."""
    return {one.name for one in settings.sources if one.settle is Settle.LEAVE}


def _gone(office: Office, name: str, there: Collection[str]) -> int:
    """How many came from the source and are not there any more."""
    gone, last = 0, ""
    while keys := _page_of_keys(office, name, last):
        gone += sum(key not in there for key in keys)
        last = keys[-1]
    return gone


def _page_of_keys(office: Office, name: str, last: str) -> Sequence[str]:
    with office.store.reading() as register:
        return register.proving.keys_after(name, last)


def _note(office: Office, found: Verification) -> None:
    with office.store.transaction() as register:
        register.daybook.done(VERIFIED, found.on, found.at, result=found.model_dump_json())


def look_only(settings: Settings) -> tuple[Source, ...]:
    """The sources, able to list what lies in them and to take nothing."""
    def take(_incoming: Sequence[Incoming]) -> None:
        raise TryAgain("nothing is taken in now")

    def report(_state: SourceState) -> None:
        """What a look finds is told by its own answer."""

    return tuple(sources_for(settings, take=take, known=lambda _name, _keys: set(), report=report, dry_run=True))


def _known(office: Office, name: str, keys: Collection[str]) -> set[str]:
    with office.store.reading() as register:
        return register.arrivals.known(name, keys)


def _unknown(office: Office, source: Source, patience: float) -> tuple[set[str], set[str]]:
    """The keys that lie in the source, and those that are not in the register at any of several looks."""
    unknown: set[str] | None = None
    keys: set[str] = set()
    for look in range(LOOKS):
        if look:
            time.sleep(patience)
        keys = source.list_keys()
        missing = keys - _known(office, source.name, keys)
        unknown = missing if unknown is None else unknown & missing
        if not unknown:
            break
    return keys, unknown or set()
