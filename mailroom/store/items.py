"""Items: their way through the steps, what was read and decided. The rows of the queue are queue.py's affair."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    bindparam,
    exists,
    func,
    insert,
    or_,
    union,
    union_all,
    update,
)
from sqlalchemy import select as select_columns
from sqlalchemy.orm.util import identity_key
from sqlmodel import Session, col, select

from mailroom.errors import BadRequest, Conflict
from mailroom.mediatype import EML
from mailroom.model.arrival import Channel
from mailroom.model.base import ItemId
from mailroom.model.entry import Entry
from mailroom.model.findings import Findings, shown_sender
from mailroom.model.item import Decision, DecisionState, Item, Status, Step
from mailroom.model.letter import Letter, TextSource
from mailroom.model.verdict import Outcome, Verdict
from mailroom.searchwords import findable
from mailroom.store.arrivals import Arrivals
from mailroom.store.counter import Counter
from mailroom.store.entries import Entries
from mailroom.store.examples import Examples
from mailroom.store.outbox import Outbox
from mailroom.store.ready import Ready, Work, work_of
from mailroom.store.search import Search
from mailroom.store.tables import ArrivalTable, DocumentTable, EntryTable, ItemTable, JoinedScanTable, UtcDateTime
from mailroom.store.turns import OTHERS_WAIT

OPEN = (Status.REGISTERED, Status.IN_REVIEW)
"""Statuses of items that still owe the citizen something."""

SMALL_OCTETS = 1 << 16
"""A mail of this size is read in milliseconds: it may be read together with others, which wait for it."""

_LONGEST_MESSAGE_ID = 250
"""A longer one stands in no honest mail, and in no index."""
_UNSETTLED = tuple(step for step in Step if step is not Step.SETTLED)
"""Asked for by name: „not settled“ would look through the whole register."""


V = TypeVar("V", Letter, Findings, Verdict)

_LOCKED, _SAID, _TWINS = "locked", "said", "twins"
"""Where a session keeps what it holds locked, what it has written as documents, and the keys that it has given."""
_DOCUMENT = insert(DocumentTable)
_STEP = select(ItemTable.step).where(ItemTable.id == bindparam("item_id"))


class NewItem(NamedTuple):
    """What is known of an item when it comes."""

    channel: Channel
    received_at: datetime
    heavy: bool
    """A scan: read by the slower lane."""


class Unread(NamedTuple):
    """What was not read yet: the original, how it came, and which pages of it make the letter."""

    sha256: str
    channel: Channel
    part_pages: tuple[int, ...] | None
    received_at: datetime
    corrections: dict[str, Any]


class Unjudged(NamedTuple):
    """What was read and is to be judged."""

    letter: Letter
    version: int
    received_at: datetime
    corrections: dict[str, Any]


class Items:
    """The items inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # -- arriving ----------------------------------------------------------------------------------------------

    def add(self, *, channel: Channel, received_at: datetime, heavy: bool) -> ItemId:
        """A new item, to be read."""
        return self.add_all([NewItem(channel, received_at, heavy)])[0]

    def add_all(self, new: Sequence[NewItem]) -> list[ItemId]:
        """The same for many."""
        return self._insert([ItemTable(step=Step.ARRIVED, status=Status.ARRIVED, channel=one.channel,
                                       received_at=one.received_at, heavy=one.heavy) for one in new])

    def add_part(self, item_id: ItemId, letter: Letter) -> ItemId:
        """A further letter of the file that came as `item_id`, read already and to be judged."""
        sibling = self._row(item_id)
        first = sibling.batch_id or item_id
        # Whoever adds a part at the same time waits here, so that no two have one number.
        self._session.exec(select(ItemTable.id).where(ItemTable.id == first).with_for_update(key_share=True)).one()
        last = self._session.exec(select(func.max(ItemTable.part)).where(_of_batch(first))).one()
        part, = self._insert([ItemTable(
            step=Step.READ, status=Status.ARRIVED, channel=sibling.channel, received_at=sibling.received_at,
            batch_id=first, part=last + 1, part_pages=_content_numbers(letter))])
        self._put_letter(self._row(part), letter)
        return part

    def _insert(self, rows: Sequence[ItemTable]) -> list[ItemId]:
        self._session.add_all(rows)
        self._session.flush()
        ids = [row.id for row in rows if row.id is not None]
        if ids:
            self._session.connection().execute(_DOCUMENT, [{"item_id": item_id} for item_id in ids])
        return ids

    def dissolve(self, item_id: ItemId) -> None:
        """Remove an item that proved to be a further arrival of another; only before it has a number."""
        row = self._row(item_id)
        if row.step != Step.ARRIVED:
            raise BadRequest("Само входяща единица без номер може да бъде слята автоматично.")
        self._session.delete(self._session.get_one(DocumentTable, item_id))
        self._session.flush()
        self._session.delete(row)
        self._session.flush()

    # -- the engine's questions --------------------------------------------------------------------------------

    def claim(self, owner: str, now: datetime, lease: timedelta, *, heavy_too: bool) -> ItemId | None:
        """Take one item that has a step to do, by one conditional UPDATE; null when nothing is ready."""
        item_id = self._session.connection().execute(_OLDEST_READY[heavy_too], {"now": now}).scalar()
        if item_id is None:
            return None
        taken = self._session.exec(
            update(ItemTable).where(col(ItemTable.id) == item_id, _free(now))
            .values(claimed_by=owner, claimed_until=now + lease))
        return item_id if taken.rowcount == 1 else None

    def claim_mails(self, first: ItemId, owner: str, now: datetime, lease: timedelta, limit: int, *,
                    again: bool = False) -> list[ItemId]:
        """Take with this item, which `owner` holds, the small mails that came after it: they are read and registered
        together. Without it, nothing: it is no such mail, or it failed before and goes by itself. `again`: also those
        that `owner` holds already, from an attempt that was broken off. What others are just taking is left to them."""
        found = list(self._session.connection().execute(
            _MAILS_TOGETHER, {"first": first, "now": now, "limit": limit, "again": owner if again else None}).scalars())
        if first not in found:
            return []
        self._session.exec(update(ItemTable).where(col(ItemTable.id).in_(found))
                           .values(claimed_by=owner, claimed_until=now + lease))
        return found

    def claim_this(self, item_id: ItemId, owner: str, now: datetime, lease: timedelta) -> bool:
        """Take this very item, by one conditional UPDATE; false when somebody else holds it. What `owner` holds
        already, from an attempt that was broken off, it takes again."""
        free = or_(col(ItemTable.claimed_until).is_(None), col(ItemTable.claimed_until) < now,
                   col(ItemTable.claimed_by) == owner)
        taken = self._session.exec(update(ItemTable).where(col(ItemTable.id) == item_id, free)
                                   .values(claimed_by=owner, claimed_until=now + lease))
        return bool(taken.rowcount == 1)

    def lock_all(self, item_ids: Collection[ItemId]) -> None:
        """What `step` with `lock` does, for many, by one statement and in the order of their ids."""
        rows = _WITH_DOCUMENTS.where(col(ItemTable.id).in_(item_ids)).order_by(col(ItemTable.id))
        self._session.execute(rows.with_for_update(of=ItemTable, **OTHERS_WAIT)).all()
        self._session.info.setdefault(_LOCKED, set()).update(item_ids)
        Entries(self._session).look_for(item_ids)

    def holder(self, item_id: ItemId) -> str:
        """Who works on it; empty when nobody does."""
        return self._session.exec(select(ItemTable.claimed_by).where(ItemTable.id == item_id)).first() or ""

    def next_attempt(self, item_id: ItemId) -> tuple[Step, datetime | None] | None:
        """How far the item is, and before when its next step is not to be tried; null when it was dissolved."""
        row = self._session.get(ItemTable, item_id)
        return (Step(row.step), row.next_attempt_at) if row else None

    def waiting(self, now: datetime, limit: int) -> list[Ready]:
        """What is ready and held by nobody, the oldest first: items with a step to do, then searchable copies to make.
        """
        items = select(ItemTable.id, ItemTable.step, ItemTable.heavy).where(*_ready(now), _free(now))
        copies = select(ItemTable.id).where(col(ItemTable.copy_due).is_(True))
        steps = self._session.exec(items.order_by(col(ItemTable.id)).limit(limit)).all()
        scans = self._session.exec(copies.order_by(col(ItemTable.id)).limit(limit)).all()
        return [*(Ready(work=work_of(step, heavy=heavy), id=item_id) for item_id, step, heavy in steps if item_id),
                *(Ready(work=Work.COPY, id=item_id) for item_id in scans if item_id)]

    def hold(self, item_id: ItemId, owner: str, until: datetime) -> None:
        """A new item is worked on by whoever made it; the engine leaves it alone until then."""
        self._session.exec(update(ItemTable).where(col(ItemTable.id) == item_id)
                           .values(claimed_by=owner, claimed_until=until))

    def release(self, *item_ids: ItemId) -> None:
        """The claims have done their work. An item that was dissolved meanwhile is no error."""
        self._session.exec(update(ItemTable).where(col(ItemTable.id).in_(item_ids))
                           .values(claimed_by=None, claimed_until=None))

    def release_all_of(self, owners: Sequence[str]) -> None:
        """Owners that are dead no longer hold anything."""
        self._session.exec(update(ItemTable).where(col(ItemTable.claimed_by).in_(owners))
                           .values(claimed_by=None, claimed_until=None))

    def claim_owners(self) -> tuple[str, ...]:
        """Who holds claims now."""
        owners = select(ItemTable.claimed_by).where(col(ItemTable.claimed_by).is_not(None)).distinct()
        return tuple(owner for owner in self._session.exec(owners) if owner)

    def postpone(self, item_id: ItemId, until: datetime, trouble: str) -> int:
        """The step failed and will be tried again. Returns how often it has failed."""
        row = self._row(item_id)
        row.attempts += 1
        row.next_attempt_at, row.trouble = until, trouble
        self._session.add(row)
        return row.attempts

    def put_forward(self, after: datetime) -> int:
        """What was put off until after then may be tried at once; how many."""
        moved = self._session.exec(update(ItemTable).where(col(ItemTable.next_attempt_at) > after)
                                   .values(next_attempt_at=None))
        return int(moved.rowcount)

    def unfinished(self) -> int:
        """How many items still have a step to do."""
        return self._session.exec(
            select(func.count()).select_from(ItemTable).where(col(ItemTable.step).in_(_UNSETTLED))).one()

    # -- the steps' results ------------------------------------------------------------------------------------

    def step(self, item_id: ItemId, *, lock: bool = False) -> Step | None:
        """How far the item is; null when it was dissolved. `lock`: whoever else asks so waits for this transaction, and
        then sees what it has done: a machine that was believed dead does no step twice."""
        if not lock:
            step = self._session.exec(_STEP, params={"item_id": item_id}).first()
            return None if step is None else Step(step)
        row = self._locked(item_id)
        return Step(row.step) if row else None

    def version(self, item_id: ItemId, *, lock: bool = False) -> int | None:
        """How often the item was changed; null when it was dissolved. `lock` as with `step`."""
        row = self._locked(item_id) if lock else self._session.get(ItemTable, item_id)
        return row.version if row else None

    def unread(self, item_id: ItemId) -> Unread | None:
        """What is to be read; null when that is done, or the item was dissolved."""
        return self.all_unread([item_id]).get(item_id)

    def all_unread(self, item_ids: Sequence[ItemId]) -> dict[ItemId, Unread]:
        """The same of many; those that are read, or were dissolved, are left out."""
        found: dict[ItemId, Unread] = {}
        rows = self._session.connection().execute(_UNREAD, {"ids": list(item_ids)})
        for item_id, sha256, channel, pages, received_at, corrections in rows:
            found.setdefault(item_id, Unread(  # the first arrival stands for the others
                sha256=sha256, channel=Channel(channel), part_pages=tuple(pages) if pages else None,
                received_at=received_at, corrections=dict(corrections)))
        return found

    def settled(self, item_ids: Sequence[ItemId]) -> set[ItemId]:
        """Those of which nothing is left for a machine, the dissolved among them."""
        left = select(ItemTable.id).where(col(ItemTable.id).in_(item_ids), col(ItemTable.step).in_(_UNSETTLED))
        return set(item_ids) - {item_id for item_id in self._session.exec(left) if item_id is not None}

    def unjudged(self, item_id: ItemId) -> Unjudged | None:
        """What is to be judged; null when it was not read yet, or was dissolved."""
        read = select(DocumentTable.letter, ItemTable.version, ItemTable.received_at, ItemTable.corrections).join(
            ItemTable, col(ItemTable.id) == col(DocumentTable.item_id))
        found = self._session.exec(read.where(ItemTable.id == item_id, ItemTable.step != Step.ARRIVED)).first()
        if found is None or found[0] is None:
            return None
        letter, version, received_at, corrections = found
        return Unjudged(letter=Letter.model_validate_json(letter), version=version, received_at=received_at,
                        corrections=dict(corrections))

    def beginning_of_case(self, item_id: ItemId) -> Item | None:
        """The item that began the case to which this one belongs; null for one that begins its own."""
        case_of = self._row(item_id).case_of
        return self.get(case_of) if case_of else None

    def keep_letter(self, item_id: ItemId, letter: Letter) -> None:
        """The letter was read."""
        self._document(item_id)  # asked before anything is changed, so that the change is written once
        row = self._advance(item_id, Step.READ)
        row.twin_key = _twin_key(letter)
        self._session.info.setdefault(_TWINS, {})[row.twin_key] = item_id
        row.message_id = _own_message_id(letter)
        self._put_letter(row, letter)

    def keep_scan(self, item_id: ItemId, letter: Letter) -> None:
        """The paper of an item that was entered at the counter has come: with it, the letter is judged again."""
        row = self._row(item_id)
        row.step, row.attempts, row.next_attempt_at, row.version = Step.READ, 0, None, row.version + 1
        self._put_letter(row, letter)

    def keep_part(self, item_id: ItemId, letter: Letter) -> None:
        """Of what was read under this item only these pages are its letter."""
        row = self._row(item_id)
        row.part_pages = _content_numbers(letter)
        self._put_letter(row, letter)

    def _put_letter(self, row: ItemTable, letter: Letter) -> None:
        """A copy of what these pages were before is a copy of another letter."""
        row.legible = letter.legible
        row.copy_due = any(page.text_source is TextSource.OCR for page in letter.pages)
        row.copy_sha256 = None
        self._session.get_one(DocumentTable, row.id).letter = self._said(letter)
        self._session.add(row)

    def copy_due(self, now: datetime) -> ItemId | None:
        """The oldest scan that has no searchable copy yet; null when there is none, or while a letter has a step to do:
        the citizen comes first."""
        if self._session.exec(select(ItemTable.id).where(*_ready(now)).limit(1)).first() is not None:
            return None
        return self._session.exec(
            select(ItemTable.id).where(col(ItemTable.copy_due).is_(True)).order_by(col(ItemTable.id)).limit(1)).first()

    def keep_copy(self, item_id: ItemId, letter: Letter, sha256: str | None) -> None:
        """The searchable copy made of this letter's pages; null when none can be made. Not for a letter that has
        been divided meanwhile."""
        row = self._row(item_id)
        now = self._document(item_id).letter
        if now and _content_numbers(letter) == _content_numbers(Letter.model_validate_json(now)):
            row.copy_due, row.copy_sha256 = False, sha256
            self._session.add(row)

    def letters_from(self, address: str, *, before: ItemId, limit: int) -> tuple[Letter, ...]:
        """What this address wrote last, before this item."""
        documents = select(DocumentTable.letter).join(
            ItemTable, col(ItemTable.id) == col(DocumentTable.item_id)).where(
            ItemTable.sender_email == address.lower(), col(ItemTable.id) < before,
            col(DocumentTable.letter).is_not(None))
        found = self._session.exec(documents.order_by(col(ItemTable.id).desc()).limit(limit))
        return tuple(Letter.model_validate_json(letter) for letter in found if letter)

    def confidentiality(self, item_ids: Collection[ItemId]) -> dict[ItemId, tuple[bool, bool]]:
        """Item → whether it is sealed, and whether it is restricted."""
        rows = select(ItemTable.id, ItemTable.sealed, ItemTable.restricted).where(col(ItemTable.id).in_(item_ids))
        return {item_id: (sealed, restricted) for item_id, sealed, restricted in self._session.exec(rows)
                if item_id is not None}

    def verdicts(self, item_ids: Collection[ItemId]) -> dict[ItemId, Verdict]:
        """Item → what was decided of it, for those that are judged."""
        rows = select(DocumentTable.item_id, DocumentTable.verdict).where(
            col(DocumentTable.item_id).in_(item_ids), col(DocumentTable.verdict).is_not(None))
        return {item_id: Verdict.model_validate_json(verdict)
                for item_id, verdict in (self._session.exec(rows) if item_ids else ()) if verdict}

    def open_of(self, addresses: Sequence[str]) -> tuple[ItemId, ...]:
        """The open items of senders with these addresses, the newest first."""
        ids = select(ItemTable.id).where(
            col(ItemTable.sender_email).in_(addresses), col(ItemTable.status).in_(OPEN))
        return tuple(found for found in self._session.exec(ids.order_by(col(ItemTable.id).desc())) if found is not None)

    def siblings(self, item_id: ItemId) -> tuple[ItemId, ...]:
        """The other letters of the same file: of its scan batch, and those whose paper lies in it."""
        ids = self._session.execute(_SIBLINGS, {"item": item_id}).scalars()
        return tuple(sorted(one for one in ids if one != item_id))

    def of_file(self, sha256: str) -> tuple[ItemId, ...]:
        """Every item that a file has made or joined."""
        return tuple(sorted({*Arrivals(self._session).items_by_content(sha256),
                             *Counter(self._session).joined_by([sha256])}))

    def twin(self, letter: Letter) -> ItemId | None:
        """The item with equal Message-ID and equal decoded content; Message-ID alone would let one sender bury
        another's letter."""
        key = _twin_key(letter)
        if key is None:
            return None
        here: ItemId | None = self._session.info.get(_TWINS, {}).get(key)
        return here or self._session.connection().execute(_TWIN, {"key": key}).scalar()

    def keep_judgement(self, item_id: ItemId, findings: Findings, verdict: Verdict) -> None:
        """The letter was understood and judged."""
        row, document = self._row(item_id), self._document(item_id)
        entry = Entries(self._session).of(item_id)
        if row.step == Step.READ:
            row = self._advance(item_id, Step.JUDGED)
        document.findings, document.verdict = self._said(findings), self._said(verdict)
        row.kind = findings.kind.value
        row.noncorrespondence_type = findings.noncorrespondence.value if findings.noncorrespondence else None
        row.subject = findings.subject.value if findings.subject else ""
        row.sender = shown_sender(findings)
        row.sender_email = findings.email.value.lower() if findings.email else ""
        row.urgent, row.sealed, row.restricted = verdict.urgent, verdict.sealed, verdict.restricted
        row.district = findings.district.value if findings.district else None
        row.why = [check.name for check in verdict.checks if check.hit]
        self._make_findable(document, findings, entry)
        if verdict.sealed:
            Examples(self._session).forget(item_id)
        # What a person has decided stands, whatever the rules make of a corrected field.
        if row.decision_state != DecisionState.CONFIRMED:
            row.outcome, row.decision_state = verdict.outcome, DecisionState.PROPOSED
            row.needs_review = verdict.needs_review
        self._session.add(row)

    def settle(self, item_id: ItemId, status: Status) -> None:
        """No step is left for a machine, and whoever worked on it holds it no more."""
        row = self._advance(item_id, Step.SETTLED)
        row.status, row.claimed_by, row.claimed_until = status, None, None
        self._session.add(row)

    def reopen(self, item_id: ItemId) -> None:
        """A person has reclassified what was set aside: it goes through judgement and registration again."""
        row = self._row(item_id)
        row.step, row.status, row.attempts, row.next_attempt_at, row.trouble = Step.READ, Status.ARRIVED, 0, None, ""
        self._session.add(row)

    # -- what people do ----------------------------------------------------------------------------------------

    def check_version(self, item_id: ItemId, version: int) -> None:
        """Refuse a save over somebody else's change, and count this one. Raises Conflict."""
        done = self._session.exec(
            update(ItemTable).where(col(ItemTable.id) == item_id, col(ItemTable.version) == version)
            .values(version=version + 1))
        if done.rowcount != 1:
            raise Conflict("Друг служител промени тази преписка, докато я гледахте. Прегледайте я отново и повторете.")
        self._session.expire_all()

    def decide(self, item_id: ItemId, decision: Decision) -> None:
        """A person has decided."""
        row = self._row(item_id)
        row.outcome, row.decision_state = decision.outcome, decision.state
        row.decision_by, row.decision_at, row.decision_reason = decision.by, decision.at, decision.reason
        row.needs_review = False
        self._session.add(row)

    def set_status(self, item_id: ItemId, status: Status) -> None:
        """Forwarded, answered, closed …: states, never a removal."""
        row = self._row(item_id)
        row.status = status
        self._session.add(row)

    def correct(self, item_id: ItemId, corrections: dict[str, Any]) -> None:
        """Add what a person typed to what was typed before."""
        row = self._row(item_id)
        row.corrections = {**row.corrections, **corrections}
        self._session.add(row)

    def set_received_at(self, item_id: ItemId, received_at: datetime) -> None:
        """The date of receipt of a paper letter, as a person says."""
        row = self._row(item_id)
        row.received_at = received_at
        self._session.add(row)

    def confirm_noncorrespondence(self, item_id: ItemId) -> None:
        """A person agrees that it is no correspondence."""
        row = self._row(item_id)
        row.noncorrespondence_confirmed = True
        self._session.add(row)

    # -- reading -----------------------------------------------------------------------------------------------

    def get(self, item_id: ItemId, *, lock: bool = False) -> Item | None:
        """One item with everything, or null. `lock` as with `step`."""
        row = self._locked(item_id) if lock else self._session.identity_map.get(identity_key(ItemTable, item_id))
        if row is not None:
            return self._value(row, self._document(item_id))
        found = self._session.execute(_WITH_DOCUMENT, {"item": item_id}).first()
        return self._value(*found) if found else None

    def by_number(self, number: str) -> ItemId | None:
        """The item of this registration or case number."""
        found = select(EntryTable.item_id).where(
            or_(col(EntryTable.registration_number) == number, col(EntryTable.case_number) == number))
        return self._session.exec(found.order_by(col(EntryTable.registered_at).desc()).limit(1)).first()

    def ids(self, *, since: datetime | None = None, until: datetime | None = None) -> tuple[ItemId, ...]:
        """Every item received in [since, until), in order of receipt."""
        wanted = select(ItemTable.id).order_by(col(ItemTable.received_at), col(ItemTable.id))
        if since:
            wanted = wanted.where(ItemTable.received_at >= since)
        if until:
            wanted = wanted.where(ItemTable.received_at < until)
        return tuple(item_id for item_id in self._session.exec(wanted) if item_id is not None)

    # -- inside ------------------------------------------------------------------------------------------------

    def _row(self, item_id: ItemId) -> ItemTable:
        row = self._session.get(ItemTable, item_id)
        if row is None:
            raise BadRequest(f"Няма преписка с вътрешен номер {item_id}.")
        return row

    def _locked(self, item_id: ItemId) -> ItemTable | None:
        """The row, which nobody else changes before this transaction ends; asked for so once."""
        held = self._session.info.setdefault(_LOCKED, set())
        row = self._session.get(ItemTable, item_id, with_for_update=None if item_id in held else OTHERS_WAIT)
        held.add(item_id)
        return row

    def _said(self, value: Letter | Findings | Verdict) -> str:
        """The value as a document, which this transaction then need not take apart again."""
        text = value.model_dump_json()
        self._session.info.setdefault(_SAID, {})[text] = value
        return text

    def _read(self, kind: type[V], text: str) -> V:
        """The value that this document says."""
        known = self._session.info.get(_SAID, {}).get(text)
        return known if isinstance(known, kind) else kind.model_validate_json(text)

    def _make_findable(self, document: DocumentTable, findings: Findings, entry: Entry | None) -> None:
        """What the item is found by, as it is understood now."""
        letter = self._read(Letter, document.letter) if document.letter else None
        numbers = (entry.registration_number, entry.case_number) if entry else ()
        Search(self._session).put(document.item_id, findable(letter, findings, numbers))

    def _document(self, item_id: ItemId) -> DocumentTable:
        return self._session.get_one(DocumentTable, item_id)

    def _advance(self, item_id: ItemId, step: Step) -> ItemTable:
        row = self._row(item_id)
        row.step, row.attempts, row.next_attempt_at, row.trouble = step, 0, None, ""
        row.version += 1
        return row

    def _value(self, row: ItemTable, document: DocumentTable) -> Item:
        assert row.id is not None
        decision = None
        if row.outcome and row.decision_state:
            decision = Decision(outcome=Outcome(row.outcome), state=DecisionState(row.decision_state),
                                by=row.decision_by, at=row.decision_at, reason=row.decision_reason)
        return Item(
            id=row.id, version=row.version, step=Step(row.step), status=Status(row.status),
            channel=Channel(row.channel), received_at=row.received_at, part=row.part, batch_of=row.batch_id,
            part_pages=tuple(row.part_pages) if row.part_pages else None,
            attempts=row.attempts, trouble=row.trouble,
            arrivals=Arrivals(self._session).of_file(row.batch_id or row.id),
            letter=self._read(Letter, document.letter) if document.letter else None,
            findings=self._read(Findings, document.findings) if document.findings else None,
            corrections=row.corrections,
            verdict=self._read(Verdict, document.verdict) if document.verdict else None,
            decision=decision, merged_into=row.merged_into, copy_sha256=row.copy_sha256,
            noncorrespondence_confirmed=row.noncorrespondence_confirmed,
            case_of=row.case_of, suggested_case=row.suggested_case,
            entry=Entries(self._session).of(row.id), letters=Outbox(self._session).of_item(row.id),
            scans=() if row.channel == Channel.EMAIL else Counter(self._session).scans_of(row.id),
        )


def _free(now: Any) -> ColumnElement[bool]:
    """Nobody works on it."""
    return or_(col(ItemTable.claimed_until).is_(None), col(ItemTable.claimed_until) < now)


def _oldest_ready(heavy: Sequence[bool]) -> Select[Any]:
    """The oldest item with a step to do, asked of each step by itself: so the index gives it however many wait."""
    now = bindparam("now", type_=UtcDateTime())
    firsts = [select_columns(col(ItemTable.id)).where(
        col(ItemTable.step) == step, col(ItemTable.heavy).is_(one), _is_time(now), _free(now)).order_by(
        col(ItemTable.id)).limit(1).subquery() for step in _UNSETTLED for one in heavy]
    together = union_all(*(select_columns(first.c.id) for first in firsts)).subquery()
    return select_columns(func.min(together.c.id))


def _is_time(now: Any) -> ColumnElement[bool]:
    """It does not wait for its next attempt."""
    return or_(col(ItemTable.next_attempt_at).is_(None), col(ItemTable.next_attempt_at) <= now)


def _mails_together() -> Select[Any]:
    """Small mails that are to be read for the first time and are held by nobody, from :first on."""
    now = bindparam("now", type_=UtcDateTime())
    small = exists().where(
        col(ArrivalTable.item_id) == col(ItemTable.id), col(ArrivalTable.media_type) == EML,
        col(ArrivalTable.size) <= SMALL_OCTETS, col(ArrivalTable.fault).is_(None))
    first = col(ItemTable.id) == bindparam("first")
    again = col(ItemTable.claimed_by) == bindparam("again", type_=String())
    return select_columns(col(ItemTable.id)).where(
        col(ItemTable.step) == Step.ARRIVED, col(ItemTable.heavy).is_(False), col(ItemTable.id) >= bindparam("first"),
        col(ItemTable.channel) == Channel.EMAIL, col(ItemTable.attempts) == 0, or_(first, again, _free(now)), small,
    ).order_by(col(ItemTable.id)).limit(bindparam("limit")).with_for_update(skip_locked=True, key_share=True)


_MAILS_TOGETHER = _mails_together()
_UNREAD = select_columns(
    col(ItemTable.id), col(ArrivalTable.sha256), col(ItemTable.channel), col(ItemTable.part_pages),
    col(ItemTable.received_at), col(ItemTable.corrections)).select_from(ArrivalTable).join(
    ItemTable, col(ItemTable.id) == col(ArrivalTable.item_id)).where(
    col(ItemTable.id).in_(bindparam("ids", expanding=True)), col(ItemTable.step) == Step.ARRIVED).order_by(
    col(ArrivalTable.id))
_OLDEST_READY = {True: _oldest_ready((False, True)), False: _oldest_ready((False,))}
"""Whether scans too → the question."""


def _ready(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Items with a step to do that are not waiting for their next attempt."""
    return col(ItemTable.step).in_(_UNSETTLED), _is_time(now)


def _of_batch(first: ItemId) -> ColumnElement[bool]:
    """Every letter of the file that came as item `first`."""
    return or_(col(ItemTable.id) == first, col(ItemTable.batch_id) == first)


def _siblings() -> CompoundSelect[Any]:
    """The question for the letters of one file, in one go and each part of it by an index:

    batch: the letters of the scan batch of :item; file: how it came, and what joined any of them; came: who else came
    with such a file; and all of these with the rest of their batches.
    """
    first = select(func.coalesce(ItemTable.batch_id, ItemTable.id)).where(
        col(ItemTable.id) == bindparam("item")).scalar_subquery()
    batch = union(select(col(ItemTable.id)).where(col(ItemTable.id) == first),
                  select(col(ItemTable.id)).where(col(ItemTable.batch_id) == first)).cte("batch")
    file = union(select(col(ArrivalTable.sha256)).where(col(ArrivalTable.item_id) == first),
                 select(col(JoinedScanTable.sha256)).join(batch, batch.c.id == JoinedScanTable.item_id)).cte("file")
    came = select(col(ArrivalTable.item_id)).join(file, file.c.sha256 == ArrivalTable.sha256).cte("came")
    return union(select(batch.c.id), select(came.c.item_id),
                 select(col(JoinedScanTable.item_id)).join(file, file.c.sha256 == JoinedScanTable.sha256),
                 select(col(ItemTable.id)).join(came, came.c.item_id == ItemTable.batch_id))


_SIBLINGS = _siblings()
_WITH_DOCUMENTS = select(ItemTable, DocumentTable).join(DocumentTable, col(DocumentTable.item_id) == col(ItemTable.id))
_WITH_DOCUMENT = _WITH_DOCUMENTS.where(col(ItemTable.id) == bindparam("item"))
_TWIN = select_columns(col(ItemTable.id)).where(col(ItemTable.twin_key) == bindparam("key"))


def _content_numbers(letter: Letter) -> list[int]:
    return [page.number for page in letter.content_pages]


def _twin_key(letter: Letter) -> str | None:
    """What tells two copies of one message from two messages; null where nothing does. A scanner's mail has no header
    any more, and its Message-ID in its digest."""
    if letter.head is None or not letter.content_sha256:
        return letter.content_sha256 or None
    if not letter.head.message_id:
        return None
    return hashlib.sha256(f"{letter.head.message_id}\n{letter.content_sha256}".encode()).hexdigest()


def _own_message_id(letter: Letter) -> str:
    """Of the citizen's own mail, which may lie inside of one that passes it on; empty where nothing can be found by it.
    """
    head = letter.forwarded or letter.head
    name = head.message_id if head else None
    return name if name and len(name) <= _LONGEST_MESSAGE_ID else ""
