"""Erases the content of items from everywhere, and says what it cannot reach.

In this order, so that a crash leaves nothing half known:

1. every table is walked and the reason noted, in one transaction (store/erasure.py): the stub is all there is;
2. files of which no other letter speaks are removed, and letters of ours in the folder of outgoing mail;
3. what the corrections teach is learned anew, without the erased ones;
4. the database overwrites what it keeps of removed rows.

Steps 2 to 4 are repeated until they are done (`finish`). Backups still hold what was erased until they go: the plan
lists them. So may mailboxes and folders from which the letters came.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime

from mailroom.backing_up import still_holding
from mailroom.dispatch.folder import file_name
from mailroom.errors import BadRequest, TryAgain
from mailroom.learning.night import learn
from mailroom.model.backup import StillThere
from mailroom.model.base import ItemId
from mailroom.model.erasure import ErasureDone, ErasurePlan, Ground
from mailroom.model.item import Item, Step
from mailroom.model.outgoing import OutgoingStatus
from mailroom.office import Office
from mailroom.registration.access_code import new_access_code
from mailroom.store.backup import REGISTER
from mailroom.store.history import ERASED
from mailroom.store.items import OPEN
from mailroom.store.store import Register

PAGE = 200
"""Items of an act whose traces are looked for at once."""
MaySee = Callable[[Item], bool]
"""Whether whoever erases may see this item; what may not be seen does not exist."""


def plan(office: Office, item_ids: Collection[ItemId], may_see: MaySee) -> ErasurePlan:
    """What erasing these items would mean. Raises BadRequest for an item that is not there, or not for this person."""
    with office.store.reading() as register:
        return _plan(office, register, item_ids, may_see)


def erase(office: Office, item_ids: Collection[ItemId], may_see: MaySee, *, who: str, ground: Ground,
          basis: str) -> ErasureDone:
    """Erase these items, and bounces of letters about them. Raises BadRequest with what stands in the way."""
    if not basis.strip():
        raise BadRequest("Напишете основанието: то остава в регистъра на мястото на съдържанието.")
    planned, words = _erase_rows(office, item_ids, may_see, who=who, ground=ground, basis=basis)
    try:
        files, clean = finish(office), True
    except TryAgain:
        files, clean = planned.files, False
    with office.store.reading() as register:
        leftovers = register.erasure.leftovers(words)
    return ErasureDone(plan=planned, files=files, leftovers=leftovers, clean=clean)


def destroy(office: Office, item_ids: Collection[ItemId], may_see: MaySee, *, who: str,
            basis: str) -> tuple[ItemId, ...]:
    """Destroy what an approved act names, file by file in short transactions; the items that had to be left out. May be
    repeated after a crash. What is left on the disk goes by `finish`, which the caller calls, or the night."""
    left_out: list[ItemId] = []
    wanted = sorted(item_ids)
    for start in range(0, len(wanted), PAGE):
        page = wanted[start:start + PAGE]
        groups = _strike_out_first(office, page)
        for group in groups:
            try:
                if not group <= set(item_ids):
                    raise BadRequest("В същия файл са и писма, които се пазят.")
                _erase_rows(office, sorted(group), may_see, who=who, ground=Ground.ACT, basis=basis)
            except BadRequest:
                left_out += sorted(group & set(item_ids))
    return tuple(dict.fromkeys(left_out))


def _strike_out_first(office: Office, item_ids: Collection[ItemId]) -> list[frozenset[ItemId]]:
    """What lies in one file goes together. Digests and notes that name the items are emptied for all of them at once,
    before it is forgotten by which words they are known."""
    with office.store.transaction() as register:
        gone = register.erasure.of_all(item_ids)
        there = [item_id for item_id in item_ids if item_id not in gone]
        groups = [frozenset({item_id, *register.erasure.sharing_a_file([item_id])}) for item_id in there]
        items = [item for item_id in there if (item := register.items.get(item_id))]
        if items:
            numbers = [item.entry.registration_number for item in items if item.entry]
            register.erasure.strike_out(register.erasure.words_of(there), numbers,
                                        min(item.received_at for item in items))
    return list(dict.fromkeys(groups))


def _erase_rows(office: Office, item_ids: Collection[ItemId], may_see: MaySee, *, who: str, ground: Ground,
                basis: str) -> tuple[ErasurePlan, frozenset[str]]:
    """Every table, in one transaction; what was done, and by which words it can be recognised elsewhere."""
    now = office.now()
    with office.store.transaction() as register:
        planned = _plan(office, register, item_ids, may_see)
        if planned.obstacles:
            raise BadRequest(" ".join(planned.obstacles))
        items = [item for item_id in planned.item_ids if (item := register.items.get(item_id))]
        words = register.erasure.words_of(planned.item_ids)
        for item in items:
            register.erasure.erase(item.id, by=who, at=now, ground=ground, basis=basis.strip(),
                                   access_code=new_access_code())
            register.history.note(ERASED, who=who, at=now, item_id=item.id, ground=ground, basis=basis.strip())
        if ground is not Ground.ACT:
            register.erasure.strike_out(words, planned.numbers, min(item.received_at for item in items))
    return planned, words


def finish(office: Office) -> int:
    """Remove what erased items still have on the disk; how many files went. Does nothing when all is clean."""
    with office.store.reading() as register:
        unfinished = register.erasure.unfinished()
    if not unfinished:
        return 0
    removed = sum(_remove_files(office, item_id) for item_id in unfinished)
    learn(office)
    office.store.scrub()
    with office.store.transaction() as register:
        for item_id in unfinished:
            register.erasure.cleaned(item_id)
    return removed


def _remove_files(office: Office, item_id: ItemId) -> int:
    """In a transaction of its own for each file: whoever takes in the same octets waits (intake/door.py)."""
    with office.store.transaction() as register:
        files, letters = register.erasure.files_to_remove(item_id)
        for sha256 in files:
            register.arrivals.wait_for(sha256)
        still_alone, _ = register.erasure.files_to_remove(item_id)
        removed = sum(office.store.originals.remove(sha256) for sha256 in still_alone)
    folder = office.settings.outgoing.folder
    if folder:
        for letter in letters:
            (folder / file_name(letter)).unlink(missing_ok=True)
    return removed


def _plan(office: Office, register: Register, item_ids: Collection[ItemId], may_see: MaySee) -> ErasurePlan:
    chosen = [_item(register, item_id, may_see) for item_id in dict.fromkeys(item_ids)]
    if not chosen:
        raise BadRequest("Няма избрани преписки.")
    about = [item for item_id in sorted(register.erasure.machine_mail_about([item.id for item in chosen]))
             if (item := register.items.get(item_id)) and item.sealed == chosen[0].sealed]
    items = [*chosen, *(item for item in about if item.entry is None and register.erasure.of(item.id) is None)]
    since = min(arrival.noted_at for item in items for arrival in item.arrivals) if any(
        item.arrivals for item in items) else min(item.received_at for item in items)
    return ErasurePlan(
        item_ids=tuple(item.id for item in items),
        numbers=tuple(item.entry.registration_number for item in items if item.entry),
        letters=sum(len(item.letters) for item in items),
        files=len({sha256 for item in items for sha256 in _files(item)}),
        obstacles=tuple(_obstacles(register, items)), still_at=tuple(_still_at(office, items)),
        backups=(*still_holding(office.store, since, office.settings.backup.keep, office.now()),
                 *_other_registers(office, since)))


def _other_registers(office: Office, since: datetime) -> Iterator[StillThere]:
    """Copies of the register inside the data directory: what an upgrade has kept, a dry run, one that was put aside.
    They go by their own ways, or by hand."""
    data = office.settings.data_dir
    folders = [folder for folder in data.iterdir() if folder.is_dir() and folder != office.settings.originals_dir]
    found = [*data.glob("*.db*"), *(file for folder in folders for file in folder.rglob("*.db*"))]
    for file in sorted(found):
        made_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        if made_at >= since and not (file.parent == data and file.name.startswith(REGISTER)):
            yield StillThere(file=str(file), made_at=made_at, encrypted=False, expires=None)


def _item(register: Register, item_id: ItemId, may_see: MaySee) -> Item:
    item = register.items.get(item_id)
    if item is None or not may_see(item):
        raise BadRequest("Няма такава преписка, или тя не е за Вас.")
    return item


def _files(item: Item) -> Iterator[str]:
    yield from (arrival.sha256 for arrival in item.arrivals)
    yield from (scan.sha256 for scan in item.scans)
    if item.copy_sha256:
        yield item.copy_sha256


def _obstacles(register: Register, items: Collection[Item]) -> Iterator[str]:
    for item in items:
        name = item.entry.registration_number if item.entry else f"вътрешен № {item.id}"
        if register.erasure.of(item.id):
            yield f"{name} вече е заличена."
        elif item.step is not Step.SETTLED:
            yield f"{name} още се обработва: опитайте отново след малко."
        elif item.status in OPEN:
            yield f"{name} е отворена: първо я приключете."
        elif any(letter.status is OutgoingStatus.SENDING for letter in item.letters):
            yield f"По {name} в момента излиза писмо: опитайте отново след малко."
    others = register.erasure.sharing_a_file([item.id for item in items])
    if others:
        rows = register.queue.rows_of(sorted(others))
        names = ", ".join(row.registration_number or f"вътрешен № {row.id}" for row in rows if not row.sealed)
        yield (f"В същия сканиран файл са и други писма: {names or 'не се показват тук'}. Файлът не може да се изтрие, "
               "докато те се пазят: изберете и тях, ако и за тях има основание.")


def _still_at(office: Office, items: Collection[Item]) -> Iterator[str]:
    """Sources in which the letters may lie: nothing of ours deletes there."""
    places = {place.name for place in office.settings.sources}
    for item in items:
        for arrival in item.arrivals:
            if arrival.source in places:
                yield f"{arrival.source}: {arrival.file or arrival.key}, получено {arrival.received_at:%d.%m.%Y}"
