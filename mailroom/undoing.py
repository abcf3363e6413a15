"""The last thing that a person did with an item, taken back: a decision, a mark, an assignment, a correction, a merger.

The item stands as before; the history keeps the deed and a line of its undoing, and numbers stay. A letter that has
left does not come back, so what sends one (an extension, a letter at the desk) is stopped in the outbox instead.
"""

from mailroom.desk import changing, judge_anew, learn_from
from mailroom.errors import BadRequest
from mailroom.model.base import ItemId
from mailroom.model.item import Item
from mailroom.model.learned import DECISION
from mailroom.model.staff import Staff
from mailroom.model.verdict import Outcome
from mailroom.office import Office
from mailroom.store.store import Register
from mailroom.store.undo import Deed
from mailroom.understanding.corrections import value_at


def undo(office: Office, staff: Staff, item_id: ItemId, version: int) -> str:
    """Take back the last that this person did with the item; returns what it was, as the history names it.

    Raises BadRequest where nothing can be taken back, or where somebody else has done the last.
    """
    with changing(office, item_id, version) as (register, item):
        deed = register.undo.last(item_id)
        if deed is None:
            raise BadRequest("По тази преписка няма какво да се върне назад.")
        if deed.who != staff.login:
            raise BadRequest("Последната промяна е на друг служител: само той може да я върне назад.")
        register.undo.take_back(deed)
        _follow(office, register, item, deed)
        register.history.note("undone", who=staff.login, at=office.now(), item_id=item_id, deed=deed.what)
        return deed.what


def _follow(office: Office, register: Register, was: Item, deed: Deed) -> None:
    """What hangs on the deed goes back with it: what was learned, the judgement, the terms."""
    item = register.items.get(was.id)
    assert item is not None
    if deed.what == "decided" and item.verdict is not None and was.decision is not None:
        meant = item.decision.outcome if item.decision and item.decision.by else item.verdict.outcome
        register.examples.keep(item.id, DECISION, found=item.verdict.outcome, meant=Outcome(meant), at=office.now())
    if deed.what == "corrected" and item.letter is not None:
        changed = {path for path in (*was.corrections, *item.corrections)
                   if was.corrections.get(path) != item.corrections.get(path)}
        judge_anew(office, register, was, item.letter, dict(item.corrections), route=False)
        now = register.items.get(was.id)
        assert now is not None
        learn_from(office, register, was, {path: value_at(now.findings, path) for path in changed
                                           if now.findings is not None})
