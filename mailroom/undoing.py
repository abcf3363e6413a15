"""The last thing that a person did with an item, taken back, with all that the same act did to other items.

The item stands as before; the history keeps the deed and a line of its undoing, and numbers stay:

1. A file was divided: its pages are one letter again. What was made of the others keeps its number, which leads to that
   letter; what was to be sent about it is not sent. Where its number is known outside, this is a merger, with what a
   merger asks (merging.py).
2. „This is a letter“: it is none again. A number that it has got is annulled; where that is known outside already, only
   a person annuls it, and says why.
3. „This is our answer“: the mail is what it was, and the term of what it answered runs as before.
4. „An inspection is needed“: the term that holds without one holds again, while the citizen was told of no later day.

5. To which case a letter belongs: it belongs where it did.

Where somebody has gone on with any of it, nothing is taken back. A letter that has left does not come back, so what
sends one (an extension, a letter at the desk) is stopped in the outbox instead. What the deed had stopped there (a
merger, an annulment, an answer, a correction) is to leave as before, once; so is what the undoing stops, when the deed
is done again.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from mailroom.desk import changing, go_on_with, judge_anew, learn_from, let_stand_again, stop_letter
from mailroom.errors import BadRequest, Conflict
from mailroom.journey import status_of
from mailroom.merging import check, ends_sooner, put_into
from mailroom.model.base import MACHINE, ItemId
from mailroom.model.item import Annulment, Item, Status
from mailroom.model.learned import DECISION
from mailroom.model.outgoing import STILL_HERE, LetterType, Outgoing, OutgoingStatus
from mailroom.model.staff import Staff
from mailroom.model.verdict import Outcome
from mailroom.office import Office
from mailroom.reading.batch import together
from mailroom.store.items import OPEN
from mailroom.store.store import Register
from mailroom.store.undo import Deed
from mailroom.understanding.corrections import value_at

_UNTOUCHED = (Status.ARRIVED, *OPEN)
"""States of what nobody has finished."""


def undo(office: Office, staff: Staff, item_id: ItemId, version: int, seen: int | None = None) -> str:
    """Take back the last that this person did with the item; returns what it was, as the history names it.

    `seen`: the deed that the person was shown as the last. While it is that, and nobody else did anything, a number
    that the machine has given since then is no reason to refuse. Raises BadRequest where nothing can be taken back,
    where somebody else has done the last, or where it has been taken back already.
    """
    try:
        with changing(office, item_id, _version_held(office, staff, item_id, version, seen),
                      reaching=lambda register: _reached(register, item_id)) as (register, _):
            return _take_back(office, register, staff, item_id)
    except Conflict:
        if seen is not None and _is_taken_back(office, staff, seen):
            raise Conflict("Това вече е върнато назад.") from None
        raise


def _reached(register: Register, item_id: ItemId) -> list[ItemId]:
    """Every item of the act that was the last with this one."""
    deed = register.undo.last(item_id)
    return [one.item_id for one in register.undo.of_act(deed)] if deed else []


def _is_taken_back(office: Office, staff: Staff, deed_id: int) -> bool:
    with office.store.reading() as register:
        return not register.undo.still([deed_id], staff.login)


def _take_back(office: Office, register: Register, staff: Staff, item_id: ItemId) -> str:
    deed = register.undo.last(item_id)
    if deed is None:
        raise BadRequest("По тази преписка няма какво да се върне назад.")
    if deed.who != staff.login:
        raise BadRequest("Последната промяна е на друг служител: само той може да я върне назад.")
    deeds = register.undo.of_act(deed)
    was = {one.item_id: _before_undoing(register, one, deed) for one in deeds}
    for one in deeds:
        register.undo.take_back(one)
    back = _Undoing(office=office, register=register, staff=staff, act=deed.act, was=was)
    for one in deeds:
        if one.what in _FOLLOWS:
            _FOLLOWS[one.what](back, was[one.item_id])
    for one in deeds:
        register.history.note("undone", who=staff.login, at=office.now(), item_id=one.item_id, deed=one.what)
    return deeds[0].what


def _version_held(office: Office, staff: Staff, item_id: ItemId, version: int, seen: int | None) -> int:
    """The version that the item must still have: as the person saw it, or as the machine alone has left it since."""
    with office.store.reading() as register:
        deed, now = register.undo.last(item_id), register.items.version(item_id)
        if deed is None or deed.id != seen or now is None:
            return version
        others = {line.who for line in register.history.of(item_id) if line.at >= deed.at} - {staff.login, MACHINE}
    return version if others else now


def _before_undoing(register: Register, deed: Deed, asked: Deed) -> Item:
    """The item that this deed has reached, held against whoever else would change it. Raises BadRequest where somebody
    has gone on with it."""
    item = register.items.get(deed.item_id)
    assert item is not None
    if deed == asked:
        return item
    if register.undo.last(item.id) != deed:
        raise BadRequest(f"По {_name(item)} е работено след това: отворете го и първо върнете онова.")
    register.items.check_version(item.id, item.version)
    return item


class _Undoing(NamedTuple):
    """One act that is being taken back: rows and officers are as before, what hangs on them is not yet."""

    office: Office
    register: Register
    staff: Staff
    act: int
    was: dict[ItemId, Item]
    """What it reached, as that stood until now; where the act was done first."""

    def now(self, was: Item) -> Item:
        """As it stands now."""
        item = self.register.items.get(was.id)
        assert item is not None
        return item

    def stop(self, letters: Iterable[Outgoing], *, act: int | None = None) -> None:
        """Those of them that are still here do not leave any more; `act`: with what they would stand again, this one
        where it is done once more."""
        for letter in letters:
            if letter.status in STILL_HERE:
                stop_letter(self.office, self.register, letter, self.staff, act=act or self.act)

    def let_stand(self, was: Item) -> None:
        """What the act had stopped leaves as before."""
        let_stand_again(self.office, self.register, was.id, who=self.staff.login, act=self.act)


def _unlearn(back: _Undoing, was: Item) -> None:
    """Of a decision that was taken back nothing is learned."""
    item = back.now(was)
    if item.verdict is not None and was.decision is not None:
        meant = item.decision.outcome if item.decision and item.decision.by else item.verdict.outcome
        back.register.examples.keep(item.id, DECISION, found=item.verdict.outcome, meant=Outcome(meant),
                                    at=back.office.now())


def _correct_as_before(back: _Undoing, was: Item) -> None:
    """It is judged as before, and what was not to leave about a letter of another kind leaves about this one."""
    _judge_as_before(back, was)
    back.let_stand(was)


def _annul_again(back: _Undoing, was: Item) -> None:
    """It was opened again: where it is annulled now as before, nothing leaves about it, as before."""
    if back.now(was).status is Status.ANNULLED:
        annulled = back.register.undo.last(was.id)
        back.stop(was.letters, act=annulled.act if annulled and annulled.what == Status.ANNULLED else None)


def _judge_as_before(back: _Undoing, was: Item) -> None:
    """The letter is judged with what stands corrected now; the terms follow, and what was learned goes."""
    item = back.now(was)
    if item.letter is None:
        return
    judge_anew(back.office, back.register, item, item.letter, dict(item.corrections), route=False)
    findings = back.now(was).findings
    changed = {path for path in (*was.corrections, *item.corrections)
               if path not in was.corrections or path not in item.corrections
               or was.corrections[path] != item.corrections[path]}
    learn_from(back.office, back.register, was, {path: value_at(findings, path) for path in changed
                                                 if findings is not None})


def _put_together(back: _Undoing, was: Item) -> None:
    """The pages that were divided are one letter again, and judged as that."""
    letters = [item.letter for item in back.was.values() if item.letter is not None]
    whole = together(letters, lowest=back.office.settings.ocr.legible_confidence)
    go_on_with(back.office, back.register, was, whole, changed=False)
    item = back.now(was)
    if item.entry is not None and item.status in OPEN:
        back.register.items.set_status(item.id, status_of(item))


def _give_back(back: _Undoing, was: Item) -> None:
    """What was made of some of the pages is part of the first letter again."""
    first = back.now(next(iter(back.was.values())))
    if was.sealed and not first.sealed:
        raise BadRequest("Едно от отделените писма вече не е за Вас: разделянето не може да се върне.")
    _check_untouched(was)
    if _left(was):
        _check_may_merge(was, first)
    back.stop(was.letters)
    if was.entry is None:
        back.register.items.settle(was.id, Status.MERGED)
    put_into(back.office, back.register, back.staff, was, first)


def _set_aside_again(back: _Undoing, was: Item) -> None:
    """It is no letter, as before. Its number, where it has got one, is used for good."""
    _check_untouched(was)
    if _left(was):
        raise BadRequest(f"Потвърждението за {_name(was)} вече тръгна и не може да се върне. Ако това не е писмо, "
                         "изберете „Анулирай номера“: подателят ще види това на страницата за справка.")
    back.stop(was.letters)
    back.register.items.settle(was.id, back.now(was).status)
    _judge_as_before(back, was)
    if was.entry is not None:
        back.register.items.set_status(was.id, Status.ANNULLED)
        back.register.history.note(Status.ANNULLED, who=back.staff.login, at=back.office.now(), item_id=was.id,
                                   why=Annulment.NO_LETTER)


def _without_inspection(back: _Undoing, was: Item) -> None:
    """The answer is owed by the day that was promised first, and the notice of a later one does not leave."""
    notices = [letter for letter in was.letters if letter.type is LetterType.EXTENSION]
    if any(letter in notices for letter in _left(was)):
        raise BadRequest("Писмото за по-късния срок вече тръгна: гражданинът знае новата дата и тя остава.")
    back.register.entries.set_inspection_needed(was.id, False)
    back.stop(notices)
    _judge_as_before(back, was)


def _check_may_merge(was: Item, first: Item) -> None:
    """Raises BadRequest where the citizen was told of a term that would be lost with this number."""
    if was.entry is not None and first.entry is not None and ends_sooner(was.entry, first.entry):
        raise BadRequest(f"Потвърждението за {_name(was)} вече тръгна и обещава по-ранен срок, затова разделянето не "
                         f"може да се върне. Слейте {_name(first)} с {_name(was)}: така важи по-ранният срок.")
    check(was, first)


def _check_untouched(was: Item) -> None:
    """Raises BadRequest for what a person, or our own answer, has finished meanwhile."""
    if was.status not in _UNTOUCHED:
        raise BadRequest(f"По {_name(was)} вече е свършено нещо и не може да се върне оттук: отворете го и решете там.")


def _left(item: Item) -> list[Outgoing]:
    """The letters about it that somebody outside has, or may have."""
    return [letter for letter in item.letters if letter.status not in (*STILL_HERE, OutgoingStatus.CANCELLED)]


def _name(item: Item) -> str:
    if item.entry is not None:
        return f"№ {item.entry.registration_number}"
    return f"писмо {item.part} от файла" if item.batch_of is not None else "това писмо"


_FOLLOWS: dict[str, Callable[[_Undoing, Item], None]] = {
    "decided": _unlearn, "corrected": _correct_as_before, "split": _put_together, "kept_whole": _put_together,
    "split_off": _give_back, "reclassified": _set_aside_again, "answer_filed": _judge_as_before,
    "inspection_needed": _without_inspection, "joined_case": _correct_as_before, "left_case": _judge_as_before,
    "merged": _Undoing.let_stand, "annulled": _Undoing.let_stand, "answered": _Undoing.let_stand,
    "registered": _annul_again,
}
"""What hangs on a deed and goes back with it: what was learned, the judgement, the terms, the other letters, and what
was stopped in the outbox."""
