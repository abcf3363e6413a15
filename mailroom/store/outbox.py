"""The outbox: every letter that the municipality writes, from draft to sent, posted or bounced."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, bindparam, case, func, insert, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from mailroom.errors import BadRequest
from mailroom.model.base import ItemId, OutgoingId
from mailroom.model.outgoing import (
    DeliveryNews,
    Draft,
    LetterType,
    News,
    Outgoing,
    OutgoingChannel,
    OutgoingStatus,
    Release,
)
from mailroom.store.ready import Ready, Work, letter_waits_until, note_ready
from mailroom.store.tables import DeliveryNewsTable, HistoryTable, ItemTable, OutgoingTable, UtcDateTime
from mailroom.store.turns import OTHERS_WAIT

ON_ITS_WAY = (OutgoingStatus.QUEUED, OutgoingStatus.SENDING)
"""What an attempt to hand a letter over may change: it may have been stopped meanwhile."""
GONE = (OutgoingStatus.SENT, OutgoingStatus.POSTED)
LEFT_US = (OutgoingStatus.SENT, OutgoingStatus.SENDING, OutgoingStatus.QUEUED, OutgoingStatus.BOUNCED)
"""Automatic letters in these states count against the caps."""


_OF_ITEM = select(OutgoingTable).where(
    col(OutgoingTable.item_id) == bindparam("item"), OutgoingTable.type != LetterType.ALERT).order_by(
    col(OutgoingTable.id))
_ALERTED = select_columns(col(OutgoingTable.to)).where(
    col(OutgoingTable.item_id) == bindparam("item"), col(OutgoingTable.type) == LetterType.ALERT)
_NEWS = select(DeliveryNewsTable).where(
    col(DeliveryNewsTable.outgoing_id).in_(bindparam("ids", expanding=True))).order_by(col(DeliveryNewsTable.id))


class Outbox:
    """The outgoing letters inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, draft: Draft, *, number: str, now: datetime, not_before: datetime | None = None) -> OutgoingId:
        """Keep a draft with its status as drafted. The Message-ID is unique: the same draft twice is an error."""
        row = OutgoingTable(**draft.model_dump(mode="json"), number=number, created_at=now, not_before=not_before)
        kept = self._session.connection().execute(_INSERT, row.model_dump(exclude={"id"}))
        assert kept.inserted_primary_key is not None
        row.id = int(kept.inserted_primary_key[0])
        note_ready(self._session, row)
        return row.id

    def get(self, outgoing_id: OutgoingId, *, lock: bool = False) -> Outgoing:
        """One letter; `lock`: as it stands when whoever has it locked is done. Raises BadRequest when there is none."""
        row = self._row(outgoing_id)
        if lock:
            self._session.refresh(row, with_for_update=OTHERS_WAIT)
        return self._values([row])[0]

    def find(self, outgoing_id: OutgoingId) -> Outgoing | None:
        """One letter, or null: for keys that come from outside."""
        row = self._session.get(OutgoingTable, outgoing_id)
        return self._values([row])[0] if row else None

    def of_item(self, item_id: ItemId) -> tuple[Outgoing, ...]:
        """The letters of one item to its citizen, oldest first."""
        self._write_letters()
        with self._session.no_autoflush:
            return self._values(self._session.execute(_OF_ITEM, {"item": item_id}).scalars())

    def alerted(self, item_id: ItemId) -> frozenset[str]:
        """Who of the staff has been told of this item, by lower-case address."""
        told = self._session.connection().execute(_ALERTED, {"item": item_id}).scalars()
        return frozenset(address.lower() for address in told)

    def by_message_id(self, message_id: str) -> Outgoing | None:
        """Our letter of this Message-ID, for a bounce to find."""
        row = self._session.exec(select(OutgoingTable).where(OutgoingTable.message_id == message_id)).first()
        return self._values([row])[0] if row else None

    def with_status(self, *statuses: OutgoingStatus, channel: OutgoingChannel | None = None) -> tuple[Outgoing, ...]:
        """Every letter in one of these states, oldest first."""
        rows = select(OutgoingTable).where(col(OutgoingTable.status).in_(statuses))
        if channel:
            rows = rows.where(OutgoingTable.channel == channel)
        return self._values(self._session.exec(rows.order_by(col(OutgoingTable.id))))

    def count(self, *statuses: OutgoingStatus) -> int:
        """How many letters are in one of these states, those about sealed items left out."""
        rows = select(func.count()).select_from(OutgoingTable).join(
            ItemTable, col(ItemTable.id) == col(OutgoingTable.item_id), isouter=True).where(
            col(OutgoingTable.status).in_(statuses), col(ItemTable.sealed).is_not(True))
        return self._session.exec(rows).one()

    def lately_gone(self, limit: int) -> tuple[Outgoing, ...]:
        """The letters that left last, the newest first."""
        rows = select(OutgoingTable).where(
            col(OutgoingTable.status).in_(GONE), col(OutgoingTable.sent_at).is_not(None))
        return self._values(self._session.exec(rows.order_by(col(OutgoingTable.sent_at).desc()).limit(limit)))

    # -- delivery ----------------------------------------------------------------------------------------------

    def claim(self, owner: str, now: datetime, lease: timedelta, *, limit: int = 1) -> list[OutgoingId]:
        """Take the oldest mails that are ready to be handed over, by one conditional UPDATE; empty when there is none.
        """
        free = or_(col(OutgoingTable.claimed_until).is_(None), col(OutgoingTable.claimed_until) < now)
        ready = select(OutgoingTable.id).where(
            OutgoingTable.status == OutgoingStatus.QUEUED, OutgoingTable.channel == OutgoingChannel.EMAIL, free,
            _is_time(now),
            or_(col(OutgoingTable.next_attempt_at).is_(None), col(OutgoingTable.next_attempt_at) <= now))
        found = self._session.exec(ready.order_by(col(OutgoingTable.id)).limit(limit)).all()
        if not found:
            return []
        taken = self._session.connection().execute(
            update(OutgoingTable).where(col(OutgoingTable.id).in_(found), free)
            .values(claimed_by=owner, claimed_until=now + lease).returning(col(OutgoingTable.id)))
        return sorted(outgoing_id for outgoing_id in taken.scalars() if outgoing_id is not None)

    def claim_this(self, outgoing_id: OutgoingId, owner: str, now: datetime, lease: timedelta) -> bool:
        """Take this very mail, which is queued or was on the wire when `owner` was broken off; false when somebody else
        holds it."""
        free = or_(col(OutgoingTable.claimed_until).is_(None), col(OutgoingTable.claimed_until) < now,
                   col(OutgoingTable.claimed_by) == owner)
        taken = self._session.exec(
            update(OutgoingTable)
            .where(col(OutgoingTable.id) == outgoing_id, col(OutgoingTable.status) == OutgoingStatus.QUEUED, free)
            .values(claimed_by=owner, claimed_until=now + lease))
        return bool(taken.rowcount == 1)

    def standing(self, outgoing_id: OutgoingId) -> tuple[OutgoingStatus, datetime | None, str | None] | None:
        """State, until when it has to wait, and who holds it; null when there is no such letter."""
        row = self._session.get(OutgoingTable, outgoing_id)
        return (OutgoingStatus(row.status), letter_waits_until(row), row.claimed_by) if row else None

    def waiting(self, now: datetime, limit: int) -> list[Ready]:
        """Mails that could be handed over now and are held by nobody, the oldest first."""
        free = or_(col(OutgoingTable.claimed_until).is_(None), col(OutgoingTable.claimed_until) < now)
        rows = select(OutgoingTable).where(
            OutgoingTable.status == OutgoingStatus.QUEUED, OutgoingTable.channel == OutgoingChannel.EMAIL, free,
            _is_time(now), or_(col(OutgoingTable.next_attempt_at).is_(None), col(OutgoingTable.next_attempt_at) <= now))
        return [Ready(work=Work.LETTER, id=row.id) for row in
                self._session.exec(rows.order_by(col(OutgoingTable.id)).limit(limit)) if row.id]

    def begin_sending(self, outgoing_id: OutgoingId, now: datetime) -> bool:
        """Note that the text is about to go over the wire. From here on a crash leaves it unknown whether it arrived,
        so nothing but a person may send it again. False when it is not queued any more, or not yet to leave."""
        begun = self._session.connection().execute(_BEGIN_SENDING, {"letter": outgoing_id, "now": now})
        return begun.rowcount == 1

    def unsure(self, owners_alive: Sequence[str]) -> tuple[OutgoingId, ...]:
        """Letters in `sending` whose sender is gone."""
        rows = select(OutgoingTable.id).where(
            OutgoingTable.status == OutgoingStatus.SENDING,
            or_(col(OutgoingTable.claimed_by).is_(None), col(OutgoingTable.claimed_by).not_in(owners_alive)))
        return tuple(outgoing_id for outgoing_id in self._session.exec(rows) if outgoing_id is not None)

    def sending_of(self, owners: Sequence[str]) -> tuple[OutgoingId, ...]:
        """Letters that were on the wire when these, who held them, came to their end."""
        rows = select(OutgoingTable.id).where(
            OutgoingTable.status == OutgoingStatus.SENDING, col(OutgoingTable.claimed_by).in_(owners))
        return tuple(outgoing_id for outgoing_id in self._session.exec(rows) if outgoing_id is not None)

    def claim_owners(self) -> tuple[str, ...]:
        """Who holds claims now."""
        owners = select(OutgoingTable.claimed_by).where(col(OutgoingTable.claimed_by).is_not(None)).distinct()
        return tuple(owner for owner in self._session.exec(owners) if owner)

    def release_all_of(self, owners: Sequence[str]) -> None:
        """Owners that are dead no longer hold what is still queued."""
        self._session.exec(
            update(OutgoingTable)
            .where(col(OutgoingTable.claimed_by).in_(owners), col(OutgoingTable.status) == OutgoingStatus.QUEUED)
            .values(claimed_by=None, claimed_until=None))

    def mark(self, outgoing_id: OutgoingId, status: OutgoingStatus, *, sent_at: datetime | None = None,
             trouble: str = "", hold_reason: str = "") -> ItemId | None:
        """Set the state of one letter, and end a claim on it. Returns the item that it is about."""
        row = self._row(outgoing_id)
        bounced = OutgoingStatus.BOUNCED in (row.status, status)
        row.status, row.trouble, row.hold_reason = status, trouble, hold_reason
        row.sent_at = sent_at or row.sent_at
        row.claimed_by = row.claimed_until = row.next_attempt_at = None
        row.not_before = row.released_from = None
        self._session.add(row)
        if bounced:
            self._tell_queue(row.item_id)
        return row.item_id

    def release(self, outgoing_id: OutgoingId, before: Release, not_before: datetime | None) -> None:
        """A person lets it go: it leaves at `not_before` and can be taken back as long as it is here."""
        self.mark(outgoing_id, OutgoingStatus.QUEUED)
        row = self._row(outgoing_id)
        row.not_before, row.released_from = not_before, before.model_dump(mode="json")
        self._session.add(row)

    def wait_until(self, outgoing_id: OutgoingId, not_before: datetime | None) -> None:
        """What is to leave does not leave before then."""
        row = self._row(outgoing_id)
        row.not_before = not_before
        self._session.add(row)

    def remember(self, outgoing_id: OutgoingId, before: Release) -> None:
        """How a letter waited that a person has stopped."""
        row = self._row(outgoing_id)
        row.released_from = before.model_dump(mode="json")
        self._session.add(row)

    def _tell_queue(self, item_id: ItemId | None) -> None:
        """Whether a letter of the item came back stands in the item's row too, where the queue looks for it."""
        item = self._session.get(ItemTable, item_id) if item_id is not None else None
        if item is None:
            return
        self._session.flush()
        came_back = select(OutgoingTable.id).where(
            OutgoingTable.item_id == item_id, OutgoingTable.status == OutgoingStatus.BOUNCED)
        item.bounced = self._session.exec(came_back.limit(1)).first() is not None
        self._session.add(item)

    def take(self, outgoing_id: OutgoingId, before: OutgoingStatus, after: OutgoingStatus, *,
             sent_at: datetime | None = None) -> bool:
        """From one state to the next, unless somebody else was quicker: true for one alone of those who try."""
        taken = self._session.exec(
            update(OutgoingTable).where(col(OutgoingTable.id) == outgoing_id, col(OutgoingTable.status) == before)
            .values(status=after, sent_at=sent_at))
        return bool(taken.rowcount == 1)

    def rewrite(self, outgoing_id: OutgoingId, draft: Draft) -> None:
        """A letter that has not left says this instead; its way and its state stay."""
        row = self._row(outgoing_id)
        row.subject, row.text, row.html, row.page_html = draft.subject, draft.text, draft.html, draft.page_html
        self._session.add(row)

    def by_machine(self, outgoing_id: OutgoingId) -> None:
        """No person has looked at this letter: it says so on the wire (RFC 3834) and counts against the caps."""
        row = self._row(outgoing_id)
        row.auto_submitted = True
        self._session.add(row)

    def postpone(self, outgoing_id: OutgoingId, until: datetime, trouble: str) -> int:
        """The server did not take it now. Returns how often it has been tried."""
        row = self._row(outgoing_id)
        if row.status not in ON_ITS_WAY:
            return row.attempts  # a person has stopped it meanwhile
        row.status, row.attempts = OutgoingStatus.QUEUED, row.attempts + 1
        row.next_attempt_at, row.trouble = until, trouble
        row.claimed_by = row.claimed_until = None
        self._session.add(row)
        return row.attempts

    def put_forward(self, now: datetime, by: timedelta) -> int:
        """What waits for a time waits for one so much earlier, but never for one that has passed; how many."""
        rows = select(OutgoingTable).where(
            OutgoingTable.status == OutgoingStatus.QUEUED,
            or_(col(OutgoingTable.next_attempt_at) > now, col(OutgoingTable.not_before) > now))
        moved = 0
        for row in self._session.exec(rows):
            row.next_attempt_at = _earlier(row.next_attempt_at, by, now)
            row.not_before = _earlier(row.not_before, by, now)
            self._session.add(row)
            moved += 1
        return moved

    def send_again(self, outgoing_id: OutgoingId, at: datetime, why: str) -> None:
        """It came back for a reason that passes: the same message once more, later."""
        self.mark(outgoing_id, OutgoingStatus.QUEUED, trouble=why)
        row = self._row(outgoing_id)
        row.next_attempt_at, row.attempts = at, 0
        self._session.add(row)

    def redirect(self, outgoing_id: OutgoingId, channel: OutgoingChannel, *, to: str, page_html: str,
                 message_id: str) -> None:
        """It did not arrive and goes another way, to be handed over or printed as if it were new."""
        self.mark(outgoing_id, OutgoingStatus.QUEUED)
        row = self._row(outgoing_id)
        row.channel, row.to, row.page_html, row.message_id = channel, to, page_html, message_id
        row.attempts, row.sent_at = 0, None
        self._session.add(row)

    def hear(self, outgoing_id: OutgoingId, news: DeliveryNews) -> bool:
        """Note what a mail tells of a letter. False when that mail has told it already."""
        known = select(DeliveryNewsTable.id).where(
            DeliveryNewsTable.outgoing_id == outgoing_id, DeliveryNewsTable.told_by == news.told_by)
        if news.told_by is not None and self._session.exec(known.limit(1)).first() is not None:
            return False
        self._session.add(DeliveryNewsTable(outgoing_id=outgoing_id, **news.model_dump()))
        self._session.flush()
        return True

    # -- what the guards ask -----------------------------------------------------------------------------------

    def automatic_since(self, since: datetime, *, at_most: int) -> int:
        """How many automatic mails were written since then, to anybody; no more than so many are counted."""
        self._write_letters()
        counted = self._session.connection().execute(_AUTOMATIC_SINCE, {"since": since, "limit": at_most})
        return int(counted.scalar_one())

    def automatic_letters_to(self, address: str, since: datetime) -> tuple[Outgoing, ...]:
        """The automatic mails that this address was written since then, the newest first."""
        self._write_letters()
        with self._session.no_autoflush:
            found = self._session.execute(_AUTOMATIC_TO, {"since": since, "address": address.lower()}).scalars()
            # Put in order here: to have them in order a database would go through all letters from the newest on.
            return tuple(sorted(map(outgoing_value, found), key=lambda ours: ours.id, reverse=True))

    def _write_letters(self) -> None:
        """What this transaction has made of letters is counted too; the item at hand is written once, at its end."""
        if any(isinstance(row, OutgoingTable) for row in self._session.dirty):
            self._session.flush()

    def without(self, letter_type: LetterType, *, what: str, since: datetime, until: datetime) -> tuple[ItemId, ...]:
        """Items with this line in their history between two moments and no letter of this type."""
        written = select(OutgoingTable.item_id).where(
            OutgoingTable.type == letter_type, col(OutgoingTable.item_id).is_not(None))
        ids = select(HistoryTable.item_id).where(
            HistoryTable.what == what, HistoryTable.at >= since, HistoryTable.at < until,
            col(HistoryTable.item_id).is_not(None), col(HistoryTable.item_id).not_in(written))
        return tuple(item_id for item_id in self._session.exec(ids.distinct()) if item_id is not None)

    def _values(self, rows: Iterable[OutgoingTable]) -> tuple[Outgoing, ...]:
        """The letters with what was heard of them."""
        found = list(rows)
        told: dict[int, list[DeliveryNews]] = {}
        ids = [row.id for row in found]
        for line in self._session.execute(_NEWS, {"ids": ids}).scalars() if found else ():
            told.setdefault(line.outgoing_id, []).append(
                DeliveryNews(what=News(line.what), at=line.at, sentence=line.sentence, told_by=line.told_by))
        return tuple(outgoing_value(row, told.get(row.id or 0, ())) for row in found)

    def _row(self, outgoing_id: OutgoingId) -> OutgoingTable:
        row = self._session.get(OutgoingTable, outgoing_id)
        if row is None:
            raise BadRequest(f"Няма изходящо писмо с вътрешен номер {outgoing_id}.")
        return row


def outgoing_value(row: OutgoingTable, news: Sequence[DeliveryNews] = ()) -> Outgoing:
    """The letter of this row."""
    fields = row.model_dump(exclude={"claimed_by", "claimed_until"})
    return Outgoing(**fields, news=tuple(news))


def _earlier(at: datetime | None, by: timedelta, now: datetime) -> datetime | None:
    return at if at is None or at <= now else max(at - by, now)


def _is_time(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Whether nobody may take the letter back any more."""
    return or_(col(OutgoingTable.not_before).is_(None), col(OutgoingTable.not_before) <= now)


_INSERT = insert(OutgoingTable)
_BEGIN_SENDING = update(OutgoingTable).where(
    col(OutgoingTable.id) == bindparam("letter"), col(OutgoingTable.status) == OutgoingStatus.QUEUED,
    _is_time(bindparam("now", type_=UtcDateTime()))).values(status=OutgoingStatus.SENDING)
_HAS_LEFT = case((col(OutgoingTable.status).in_(LEFT_US), 1), else_=0) == 1
"""So that no database thinks of its index of states, under which all letters of all years lie."""


_AUTOMATIC = (col(OutgoingTable.auto_submitted).is_(True), col(OutgoingTable.channel) == OutgoingChannel.EMAIL,
              col(OutgoingTable.created_at) >= bindparam("since", type_=UtcDateTime()), _HAS_LEFT)
"""Automatic mails since then that left us or are about to."""
_AUTOMATIC_SINCE = select_columns(func.count()).select_from(
    select_columns(col(OutgoingTable.id)).where(*_AUTOMATIC).limit(bindparam("limit")).subquery())
_AUTOMATIC_TO = select(OutgoingTable).where(
    *_AUTOMATIC, func.lower(OutgoingTable.to) == bindparam("address"))
