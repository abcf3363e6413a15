"""A letter that belongs to an earlier one: to whose case it comes, and a copy of our own answer that stops the clock.

1. It names a letter of ours by Message-ID: it joins that case. Nobody else knows the name.
2. It names a mail that came to us, or a registration number, and comes from the same sender: it joins.
3. It names a number, or such a mail, and comes from somebody else, or from a sender who may be forged: a suggestion,
   for a person. So is a mail of our own to a citizen whose letter is open, where it names nothing.
4. What joins a case is as confidential as the case, and is worked on by who works on the case.
5. A mail from an address of the municipality to the case's citizen is a copy of our answer: what it answers is
   answered, and it is no letter to be registered or confirmed. Nobody stops the clock of a complaint about themselves.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from mailroom.correspondence.authentication import is_forged
from mailroom.correspondence.echo import thread_ids
from mailroom.model.base import MACHINE, ItemId, Value
from mailroom.model.findings import Found
from mailroom.model.item import Item, Status
from mailroom.model.letter import Letter, MailHead
from mailroom.model.outgoing import LetterType, Outgoing, OutgoingStatus
from mailroom.model.verdict import Verdict
from mailroom.office import Office
from mailroom.registration.belonging import same_sender, split_number
from mailroom.registration.routing import accused
from mailroom.store.items import OPEN
from mailroom.store.store import Register
from mailroom.understanding.corrections import corrected


class Link(StrEnum):
    """By what a letter is tied to an earlier one."""

    THREAD = "thread"
    """It names mails."""
    NUMBER = "number"
    """It quotes a number, which may be that of several years."""
    RECIPIENT = "recipient"
    """It is our own mail to somebody whose letter is open."""


class Belonging(Value):
    """To which earlier items a letter belongs."""

    named: tuple[ItemId, ...]
    """What it names, the likeliest first; never empty."""
    sure: bool
    """False: a suggestion."""
    by: Link = Link.THREAD


def find_case(office: Office, book: Register, item: Item) -> Belonging | None:
    """The case of this letter, in the order above; null where it begins one of its own."""
    assert item.letter is not None
    threads = thread_ids(item.letter)
    ours = book.cases.by_our_letters(threads) if threads else ()
    if ours:
        return Belonging(named=ours, sure=True)
    theirs = _others(book.cases.by_their_mails(threads), item) if threads else ()
    named = theirs or _others(_by_number(book, item.findings.follow_up_of if item.findings else None), item)
    if not named:
        written_to = _written_to(item.letter, our_addresses(office, book))
        waiting = _others(book.items.open_of(written_to), item) if written_to else ()
        return Belonging(named=waiting, sure=False, by=Link.RECIPIENT) if waiting else None
    honest = not is_forged(item.letter.head or MailHead(), office.settings.outgoing.trusted_authserv_id)
    own = tuple(other for other in named if honest and _is_of_same_sender(book, item, other))
    return Belonging(named=own or named, sure=bool(own), by=Link.THREAD if theirs else Link.NUMBER)


def _others(ids: tuple[ItemId, ...], item: Item) -> tuple[ItemId, ...]:
    return tuple(other for other in ids if other != item.id)


def _by_number(book: Register, quoted: Found[str] | None) -> tuple[ItemId, ...]:
    if quoted is None:
        return ()
    number, on = split_number(quoted.value)
    return book.cases.by_number(quoted.value, None) or book.cases.by_number(number, on)


def _is_of_same_sender(book: Register, item: Item, other: ItemId) -> bool:
    """Of the letter itself, or of any other of its case: two neighbours may write in turn."""
    for member in (other, *book.cases.members(other)):
        earlier = book.items.get(member)
        if earlier and earlier.findings and item.findings and same_sender(item.findings, earlier.findings):
            return True
    return False


# ---- a follow-up ----------------------------------------------------------------------------------------------------


def confide(book: Register, item: Item, found: Belonging) -> Item:
    """Make the letter as confidential as the case, before anybody is given it; the item as it stands then."""
    assert item.findings is not None and item.verdict is not None
    verdict = verdict_in_case(item.verdict, book.items.get(found.named[0]))
    if verdict == item.verdict:
        return item
    book.items.keep_judgement(item.id, item.findings, verdict)
    return item.model_copy(update={"verdict": verdict})


def put_in_case(office: Office, book: Register, item: Item, found: Belonging) -> None:
    """Join the case, and go to who works on it (НОДА чл. 88), unless the letter complains of that very person; or
    suggest the case."""
    assert item.verdict is not None
    other = found.named[0]
    if not found.sure:
        book.cases.suggest(item.id, other)
        return
    join(office, book, item.id, other, who=MACHINE)
    worker = book.entries.of(other)
    if worker and worker.assigned_to.officer_id not in accused(item.verdict, office.pack):
        book.entries.assign(item.id, worker.assigned_to)


def look_again(office: Office, book: Register, item_id: ItemId) -> None:
    """A person has mended what a letter says of its sender or of an earlier one: it may belong somewhere after all."""
    item = book.items.get(item_id)
    if item is None or item.letter is None or item.entry is None or item.case_of is not None:
        return
    found = find_case(office, book, item)
    if found and found.named[0] not in book.cases.members_of(item_id):
        put_in_case(office, book, confide(book, item, found), found)


def cases_met(office: Office, book: Register, item_id: ItemId, corrections: Mapping[str, Any]) -> tuple[ItemId, ...]:
    """Every letter of the case that this one begins, and of the one in which `look_again` would put it once it is
    corrected so. Raises BadRequest for a value that its field cannot have."""
    item = book.items.get(item_id)
    if item is None or item.letter is None or item.findings is None or item.case_of is not None:
        return (item_id,)
    found = find_case(office, book, item.model_copy(update={"findings": corrected(item.findings, corrections)}))
    return (*book.cases.members_of(item_id), *(book.cases.members(found.named[0]) if found else ()))


def join(office: Office, book: Register, item_id: ItemId, other: ItemId, *, who: str) -> None:
    """The item belongs to the case of the other; noted with both."""
    first = book.cases.join(item_id, other)
    for one, line in ((item_id, "joined_case"), (first, "case_followed")):
        book.history.note(line, who=who, at=office.now(), item_id=one, case=first, follower=item_id)


def verdict_in_case(verdict: Verdict, case: Item | None) -> Verdict:
    """What follows a confidential letter is confidential, also where only its number suggests the case: whoever knows
    that number may be who wrote the first."""
    if case is None or case.verdict is None:
        return verdict
    return verdict.model_copy(update={"sealed": verdict.sealed or case.verdict.sealed,
                                      "restricted": verdict.restricted or case.verdict.restricted})


# ---- our own answer -------------------------------------------------------------------------------------------------


def our_addresses(office: Office, book: Register) -> frozenset[str]:
    """Every address from which the municipality answers: its mailboxes, its officers, its departments, its staff."""
    people = book.people.emails()
    officers = (officer.email for officer in office.pack.officers)
    departments = (department.email for department in office.pack.departments)
    return office.own_addresses | {address.lower() for address in (*people, *officers, *departments) if "@" in address}


def is_copy(office: Office, book: Register, letter: Letter) -> bool:
    """Whether the municipality itself wrote this mail to somebody, whoever that is: nobody confirms that it came."""
    return bool(_written_to(letter, our_addresses(office, book)))


def _written_to(letter: Letter, ours: frozenset[str]) -> tuple[str, ...]:
    """To whom outside, in lower case, the municipality wrote this mail; empty where it did not."""
    head = letter.head
    if head is None or letter.forwarded is not None or not {box.address.lower() for box in head.from_} & ours:
        return ()
    return tuple({box.address.lower() for box in (*head.to, *head.cc) if box.address} - ours)


def answered_by(office: Office, book: Register, item: Item, found: Belonging) -> tuple[Item, ...]:
    """The items that this mail, a copy of our own answer, answers; empty where it is none."""
    assert item.letter is not None
    head = item.letter.head or MailHead()
    if is_forged(head, office.settings.outgoing.trusted_authserv_id):
        return ()
    citizens = _written_to(item.letter, our_addresses(office, book))
    senders = {box.address.lower() for box in head.from_}
    writers = {officer.id for officer in office.pack.officers if officer.email.lower() in senders}
    named = [other for other in map(book.items.get, found.named) if other is not None]
    answered = tuple(other for other in named if other.findings and other.findings.email
                     and other.findings.email.value.lower() in citizens
                     and not (other.verdict and writers & accused(other.verdict, office.pack)))
    return {Link.THREAD: answered, Link.NUMBER: answered[:1], Link.RECIPIENT: ()}[found.by]


def file_answer(office: Office, book: Register, item: Item, answered: tuple[Item, ...], *, who: str,
                act: int | None = None) -> None:
    """Put the copy of our answer into the case, as confidential as that; what it answers is answered. `act`: of a
    person who says so (store/undo.py)."""
    if item.findings and item.verdict:
        book.items.keep_judgement(item.id, item.findings, verdict_in_case(item.verdict, answered[0]))
    book.cases.join(item.id, answered[0].id)
    book.items.settle(item.id, Status.MERGED)
    for other in answered:
        if other.status in OPEN:
            stop_clock(office, book, other, who=who, act=act, by_mail=item.id)
        else:
            book.history.note("answer_filed", who=who, at=office.now(), item_id=other.id, by_mail=item.id)


def stop_clock(office: Office, book: Register, item: Item, *, who: str, act: int | None = None,
               **details: Any) -> None:
    """The citizen has the answer: no term runs any more, and no notice of a later answer leaves."""
    drop_notice(office, book, item, who=who, act=act)
    book.items.set_status(item.id, Status.ANSWERED)
    book.history.note(Status.ANSWERED, who=who, at=office.now(), item_id=item.id, **details)


def drop_notice(office: Office, book: Register, item: Item, *, who: str, act: int | None = None) -> None:
    """The notice that waits for approval, if there is one, falls with the date that it proposes."""
    for older in item.letters:
        if older.type is LetterType.EXTENSION and older.status is OutgoingStatus.DRAFT:
            cancel_letter(office, book, older, who=who, act=act)


def cancel_letter(office: Office, book: Register, letter: Outgoing, *, who: str, act: int | None = None) -> None:
    """The letter does not leave; the extension of which it tells falls with it: a citizen who was told nothing is owed
    the old date. With the act by which it falls it can stand again."""
    of = letter.item_id if letter.type is LetterType.EXTENSION else None
    due = book.entries.take_proposed_due(of) if of is not None else None
    book.outbox.mark(letter.id, OutgoingStatus.CANCELLED)
    if act is not None:
        book.outbox.remember(letter.id, letter.standing().model_copy(update={
            "act": act, "proposed_due": due, "only_with_act": of is not None or who == MACHINE}))
    book.history.note("letter_cancelled", who=who, at=office.now(), item_id=letter.item_id, outgoing_id=letter.id)
