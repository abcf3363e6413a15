"""Keep the original bytes, then note the arrival; nothing else.

After `take_in` returns, the letter is safe: its octets are synced to disk and its arrival is committed. Only then may a
source settle the message on the server or move the file.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mailroom.mediatype import SCAN_TYPES
from mailroom.model.arrival import Incoming
from mailroom.model.base import ItemId
from mailroom.model.letter import Letter
from mailroom.model.taken_down import TakenDown
from mailroom.store.items import NewItem
from mailroom.store.originals import Kept
from mailroom.store.store import Register, Store


def take_in(store: Store, incoming: Incoming, now: datetime) -> ItemId:
    """Keep and note one incoming thing; returns the item that it belongs to. May be repeated after a crash.

    The same arrival again (equal source and key) changes nothing. The same octets again are a further arrival of the
    item that they made, never a second item. Raises TryAgain when disk or database do not take it now.
    """
    return take_in_all(store, [incoming], now)[0]


def take_in_all(store: Store, incoming: Sequence[Incoming], now: datetime) -> list[ItemId]:
    """The same for many at once: all are synced, then all are noted in one transaction, or none."""
    kept = store.originals.keep_all([one.content for one in incoming])
    with store.transaction() as register:
        for sha256 in sorted({one.sha256 for one in kept}):  # in one order, so that no two wait for each other
            register.arrivals.wait_for(sha256)
        for one, its in zip(incoming, kept, strict=True):
            store.originals.keep_again(its, one.content)
        return _note_all(register, list(zip(incoming, kept, strict=True)), now)


def _note_all(register: Register, arrived: Sequence[tuple[Incoming, Kept]], now: datetime) -> list[ItemId]:
    """What is new by a few statements, then what came before, or twice among these."""
    new = _new_among(register, arrived)
    made = dict(zip(new, register.items.add_all([
        NewItem(channel=one.channel, received_at=one.received_at, heavy=kept.media_type in SCAN_TYPES)
        for one, kept in (arrived[at] for at in new)]), strict=True))
    register.arrivals.note_all([(item_id, *arrived[at]) for at, item_id in made.items()], now)
    for at, item_id in made.items():
        one, kept = arrived[at]
        register.history.note("arrived", who="mailroom", at=now, item_id=item_id, source=one.source,
                              sha256=kept.sha256)
    return [made[at] if at in made else _note_again(register, one, kept, now)
            for at, (one, kept) in enumerate(arrived)]


def _new_among(register: Register, arrived: Sequence[tuple[Incoming, Kept]]) -> list[int]:
    """Where those stand of which neither the arrival nor the octets were known before."""
    keys = {(source, key) for source in {one.source for one, _ in arrived} for key in register.arrivals.known(
        source, [one.key for one, _ in arrived if one.source == source])}
    files = register.arrivals.known_files({kept.sha256 for _, kept in arrived})
    new = []
    for at, (one, kept) in enumerate(arrived):
        if (one.source, one.key) not in keys and kept.sha256 not in files:
            new.append(at)
            keys.add((one.source, one.key))
            files.add(kept.sha256)
    return new


def _note_again(register: Register, incoming: Incoming, kept: Kept, now: datetime) -> ItemId:
    known = register.arrivals.item_by_key(incoming.source, incoming.key)
    if known is not None:
        return known
    return _link(register, register.arrivals.items_by_content(kept.sha256), incoming, kept, now)


def take_in_typed(store: Store, incoming: Incoming, letter: Letter, taken: TakenDown, corrections: dict[str, Any], *,
                  owner: str, until: datetime) -> tuple[ItemId, bool]:
    """Keep and note what a clerk has entered; the item, and whether it is new: a form that is sent twice makes one.

    Nothing is left to read, and the fields that were typed stand from the beginning. `owner` holds the item until its
    number is there, which it gets at once.
    """
    kept = store.originals.keep(incoming.content)
    with store.transaction() as register:
        register.arrivals.wait_for(kept.sha256)
        store.originals.keep_again(kept, incoming.content)
        known = register.arrivals.item_by_key(incoming.source, incoming.key)
        if known is not None:
            return known, False
        item_id = register.items.add(channel=incoming.channel, received_at=incoming.received_at, heavy=False)
        register.items.hold(item_id, owner, until)
        register.arrivals.note(item_id, incoming, kept, taken.at)
        register.items.keep_letter(item_id, letter)
        register.items.correct(item_id, corrections)
        register.counter.add(item_id, taken)
        register.history.note("taken_down", who=taken.by, at=taken.at, item_id=item_id, sha256=kept.sha256)
        return item_id, True


def _link(register: Register, twins: tuple[ItemId, ...], incoming: Incoming, kept: Kept, now: datetime) -> ItemId:
    """A further arrival. Of the letters of one scan batch the first stands for the file, as arrivals are unique."""
    register.arrivals.note(twins[0], incoming, kept, now)
    register.history.note("arrived_again", who="mailroom", at=now, item_id=twins[0], source=incoming.source,
                          sha256=kept.sha256)
    return twins[0]
