"""Two letters that say the same, worked on as one: the one gives its work to the other and keeps its number.

Nothing of it is lost: it stays in the register as merged, its history and letters stay with it, and the other's history
names it. A citizen is owed the earlier of the two terms, so a letter is only merged into one whose term ends no later.
"""

from mailroom.desk import changing, stop_letter
from mailroom.errors import BadRequest
from mailroom.model.base import ItemId
from mailroom.model.entry import Entry
from mailroom.model.item import Item, Status
from mailroom.model.outgoing import STILL_HERE, LetterType
from mailroom.model.staff import Staff
from mailroom.office import Office
from mailroom.store.store import Register


def merge(office: Office, staff: Staff, item_id: ItemId, version: int, into: ItemId) -> None:
    """Work on this item as part of the other one from now on. Raises BadRequest, saying what can be done instead."""
    with changing(office, item_id, version, reaching=lambda _: (into,)) as (register, item):
        other = register.items.get(into)
        if other is None:
            raise BadRequest("Такава преписка няма: проверете номера.")
        check(item, other)
        now = office.now()
        act = register.undo.note(item_id, "merged", who=staff.login, at=now)
        _stop_letters(office, register, staff, item, act)
        put_into(office, register, staff, item, other)


def put_into(office: Office, register: Register, staff: Staff, item: Item, other: Item) -> None:
    """The one is worked on as part of the other, and both histories name the other number, where it has one."""
    now = office.now()
    register.neighbours.merge(item.id, other.id)
    for one, its, what, of in ((item, other, "merged", "into"), (other, item, "joined", "merged")):
        number = {"number": its.entry.registration_number} if its.entry else {}
        register.history.note(what, who=staff.login, at=now, item_id=one.id, **{of: its.id}, **number)


def check(item: Item, other: Item) -> None:
    """Refuse what would lose a citizen's right or a number."""
    if item.id == other.id:
        raise BadRequest("Преписката не може да се слее със себе си.")
    if item.entry is None or other.entry is None:
        raise BadRequest("Сливат се само регистрирани преписки: и двете трябва да имат номер.")
    if item.sealed != other.sealed:
        raise BadRequest("Поверителен сигнал не се слива с обикновена преписка.")
    if item.status is Status.MERGED or other.status in (Status.MERGED, Status.ANNULLED):
        raise BadRequest("Една от двете вече е слята или анулирана: отворете тази, по която се работи.")
    if ends_sooner(item.entry, other.entry):
        raise BadRequest(f"Срокът на тази преписка изтича по-рано. Слейте другата, № "
                         f"{other.entry.registration_number}, с тази: така важи по-ранният срок.")


def ends_sooner(one: Entry, other: Entry) -> bool:
    """Whether the term of the one ends before that of the other."""
    ours, theirs = one.due.date, other.due.date
    return ours is not None and (theirs is None or ours < theirs)


def _stop_letters(office: Office, register: Register, staff: Staff, item: Item, act: int) -> None:
    """What was to be sent about this item by itself; that it was received is still told."""
    for letter in item.letters:
        if letter.type is not LetterType.ACKNOWLEDGEMENT and letter.status in STILL_HERE:
            stop_letter(office, register, letter, staff, act=act)
