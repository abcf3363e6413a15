"""Who may do what: one table of rights by role, and the few rules about single objects.

Every route names the right that it needs (app.py), and every item and letter passes `may_see` or `may_see_letter`
before a byte of it leaves. What somebody may not see does not exist for them: „not found“, not „forbidden“.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from mailroom.model.access import ApiToken
from mailroom.model.entry import Assignment
from mailroom.model.item import Item, ItemRow
from mailroom.model.outgoing import LetterType, Outgoing
from mailroom.model.pack import Pack
from mailroom.model.staff import Role, Staff
from mailroom.model.verdict import Verdict
from mailroom.registration.routing import is_accused
from mailroom.searchwords import Term
from mailroom.store.queue import QueueFilter, View


class Right(StrEnum):
    """What a route can ask for."""

    OWN = "own"
    """The start page."""
    ACCOUNT = "account"
    """The own log-in: password, second factor, sessions, log-out."""
    QUEUE = "queue"
    ITEM = "item"
    """An item with its original, its attachments and letters."""
    DECIDE = "decide"
    """Confirm, override, reclassify, set aside."""
    CORRECT = "correct"
    MARK = "mark"
    """Answered, forwarded, closed."""
    ASSIGN = "assign"
    EXTEND = "extend"
    """Write an extension, which then waits for approval."""
    APPROVE = "approve"
    """Let an extension go; asked of the letter, after the route's own right."""
    LETTERS = "letters"
    """The outbox: see, release, cancel."""
    PRINT = "print"
    REGISTER = "register"
    """The counter and what is handed over by hand."""
    DIGEST = "digest"
    FIGURES = "figures"
    """The dashboard and the reports: numbers, no letters."""
    DRY_RUN = "dry_run"
    """What a dry run has shown: numbers, no letters."""
    HEALTH = "health"
    USERS = "users"
    TOKENS = "tokens"
    """Keys of the town's other systems."""
    ACCESS_LOG = "access_log"
    """Who has looked at an ЕГН or at a sealed item."""
    RECORDS = "records"
    """What is over its term, and acts of destruction; who may approve one, retention.py says."""
    PERSONAL_DATA = "personal_data"
    """What is held on a person, and erasing it."""


_EVERYBODY = frozenset({Right.OWN, Right.ACCOUNT})
_AT_THE_DESK = _EVERYBODY | {Right.QUEUE, Right.ITEM, Right.DECIDE, Right.CORRECT, Right.MARK, Right.ASSIGN,
                             Right.EXTEND, Right.LETTERS, Right.PRINT, Right.REGISTER}

ALLOWED: dict[Role, frozenset[Right]] = {
    Role.CLERK: _AT_THE_DESK | {Right.FIGURES, Right.DRY_RUN, Right.RECORDS},
    Role.OFFICER: _EVERYBODY | {Right.QUEUE, Right.ITEM, Right.MARK, Right.EXTEND},
    Role.SECRETARY: _AT_THE_DESK | {Right.APPROVE, Right.DIGEST, Right.FIGURES, Right.DRY_RUN, Right.RECORDS,
                                    Right.PERSONAL_DATA},
    Role.MAYOR: _EVERYBODY | {Right.QUEUE, Right.ITEM, Right.DIGEST, Right.FIGURES, Right.DRY_RUN},
    # Sealed items never leave this one person's hands, so nobody else can approve their extensions (ЗЗЛПСПОИН 31).
    Role.CONFIDENTIAL: _AT_THE_DESK - {Right.ASSIGN} | {Right.APPROVE, Right.ACCESS_LOG, Right.RECORDS,
                                                           Right.PERSONAL_DATA},
    Role.ADMIN: _EVERYBODY | {Right.HEALTH, Right.DRY_RUN, Right.USERS, Right.TOKENS, Right.ACCESS_LOG},
}
"""The table. What is not in it is refused."""


def may(staff: Staff, right: Right) -> bool:
    """Whether this person's role has the right."""
    return staff.active and right in ALLOWED[staff.role]


def may_see(staff: Staff, item: Item, pack: Pack) -> bool:
    """Whether this person may see this item, in this order:

    1. a sealed item: the confidential officer alone (ЗЗЛПСПОИН 31), who sees nothing else;
    2. never an item that complains about oneself (АПК 113);
    3. an officer: what is given to the own department; of restricted items only those given to oneself.
    """
    return _may_see(staff, item.sealed, item.verdict, item.entry.assigned_to if item.entry else None, pack)


def may_see_row(staff: Staff, row: ItemRow, verdict: Verdict | None, pack: Pack) -> bool:
    """What `may_see` says of a row's item, whose verdict is brought along."""
    return _may_see(staff, row.sealed, verdict, row.assigned_to, pack)


def _may_see(staff: Staff, sealed: bool, verdict: Verdict | None, given: Assignment | None, pack: Pack) -> bool:
    if not may(staff, Right.ITEM):
        return False
    if sealed or staff.role is Role.CONFIDENTIAL:
        return sealed and staff.role is Role.CONFIDENTIAL
    if verdict and is_accused(verdict, pack, officer_id=staff.officer_id, name=staff.name):
        return False
    if staff.role is not Role.OFFICER:
        return True
    if given is None or given.department_id != staff.department_id:
        return False
    return not (verdict and verdict.restricted) or given.officer_id == staff.officer_id


def may_open_original(item: Item) -> bool:
    """Whether the letter itself may be shown: until it is judged nobody knows whether it is to be sealed, unless the
    machine is stuck and a person has to help. Of an erased one there is none."""
    return (item.verdict is not None or bool(item.trouble)) and all(arrival.sha256 for arrival in item.arrivals)


def may_open_file(staff: Staff, siblings: Iterable[Item | None], pack: Pack) -> bool:
    """Whether this person may have the file of an item as it came: it holds the other letters of its batch too, so only
    if each of these may be shown."""
    return all(one is None or (may_see(staff, one, pack) and may_open_original(one)) for one in siblings)


def may_see_letter(staff: Staff, item: Item | None, pack: Pack) -> bool:
    """Whether this person may see an outgoing letter of this item; `item` null for the digest."""
    if item is None:
        return may(staff, Right.LETTERS) and staff.role is not Role.CONFIDENTIAL
    return may_see(staff, item, pack)


def may_release(staff: Staff, outgoing: Outgoing) -> bool:
    """Whether this person may let the letter go: an extension needs the one who approves it."""
    needed = Right.APPROVE if outgoing.type is LetterType.EXTENSION else Right.LETTERS
    return may(staff, Right.LETTERS) and may(staff, needed)


def queue_filter(staff: Staff, view: View, today: date, terms: tuple[Term, ...] = ()) -> QueueFilter:
    """The queue as a question that carries the person's rights; `may_see` says the same of one item."""
    is_officer = staff.role is Role.OFFICER
    return QueueFilter(
        view=view, today=today, terms=terms, sealed=staff.role is Role.CONFIDENTIAL, me=staff.officer_id,
        department_id=(staff.department_id or "") if is_officer else None,
        not_named=(staff.officer_id or "") if is_officer else None)


def is_plain(staff: Staff, *, sealed: bool, restricted: bool) -> bool:
    """Whether `may_see` can have nothing against this item for who works at the desk, without a look at the item."""
    return staff.role in (Role.CLERK, Role.SECRETARY) and not sealed and not restricted


def is_doubtful(staff: Staff, row: ItemRow) -> bool:
    """Whether a row of the queue must pass `may_see` too: a restricted one may be about its reader."""
    return row.restricted and staff.role is not Role.CONFIDENTIAL


# ---- other systems --------------------------------------------------------------------------------------------------


def key_filter(token: ApiToken, today: date, *, since: date | None, until: date | None) -> QueueFilter:
    """The list as a question that carries the key's rights; `may_key_see` says the same of one item."""
    return QueueFilter(view=View.ALL, today=today, sealed=False, department_id=token.department_id,
                       not_named=None if token.department_id is None else "", since=since, until=until)


def may_key_see(token: ApiToken, item: Item) -> bool:
    """Whether the holder of this key may read this item: never a sealed one (ЗЗЛПСПОИН 31), and none before it is
    judged, since nobody knows yet; with a department only its own, and nothing restricted, as for an officer."""
    if item.sealed or item.verdict is None:
        return False
    if token.department_id is None:
        return True
    given = item.entry.assigned_to if item.entry else None
    return given is not None and given.department_id == token.department_id and not item.verdict.restricted
