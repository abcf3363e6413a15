"""What the mayor's office is told on a working morning: one message, compiled from the register.

Everything since the last working morning, so that Monday tells of the weekend. A whistleblower's report is in no list
and in no number (ЗЗЛПСПОИН 31).
"""

import json
from datetime import date, timedelta

from mailroom import counting, journey
from mailroom.deadlines import MOVED
from mailroom.digest.compile import Beside, Came, DigestCounts, DigestData, SetAside, Share, compile_digest
from mailroom.digest.write import write_digest
from mailroom.model.base import ItemId
from mailroom.model.figures import NO_DAY, By, Measure
from mailroom.model.findings import UNDETERMINED, Kind
from mailroom.model.item import ItemRow
from mailroom.model.outgoing import Draft, OutgoingStatus
from mailroom.model.proof import LastVerification, Proof
from mailroom.office import Office
from mailroom.reporting.dashboard import course_of
from mailroom.store.proving import DIGEST
from mailroom.store.queue import QueueFilter, Sort, View
from mailroom.store.store import Register
from mailroom.verify import COMPARED, compare
from mailroom.words import word

LINES = 40
"""Lines of one list that are read; what is further down is counted."""
DUE_SOON_DAYS = 3
"""Working days ahead that count as nearly due at the end of a week; at its beginning, the whole week does."""
COURSE_DAYS = 14
PAGES_AT_ONCE = 2
"""Pages of letters that are counted before; what is left, the service counts."""


def digest(office: Office, day: date) -> DigestData:
    """What the mayor's office has to know on that morning."""
    counting.count(office, pages=PAGES_AT_ONCE)
    soon = _soon(office, day)
    with office.store.reading() as book:
        rows = {row.id: row for view, sort in ((View.OPEN, Sort.DUE), (View.URGENT, Sort.DUE),
                                               (View.TO_DECIDE, Sort.DUE))
                for row in book.queue.rows(QueueFilter(view=view, today=day), limit=LINES, sort=sort)}
        rows |= {row.id: row for row in book.queue.rows_due(day, soon, LINES)}
        found = _beside(office, book, day, soon)
    return compile_digest(list(rows.values()), on=day, due_soon_until=soon, found=found)


def _soon(office: Office, day: date) -> date:
    """The end of the week, or the third working day where that is later."""
    friday = day + timedelta(days=max(0, 4 - day.weekday()))
    return max(friday, office.calendar.add_working_days(day, DUE_SOON_DAYS))


def _since(office: Office, day: date) -> date:
    """The working day before, whose morning had the last digest."""
    return office.calendar.previous_working(day - timedelta(days=1))


def _beside(office: Office, book: Register, day: date, soon: date) -> Beside:
    since, yesterday = _since(office, day), day - timedelta(days=1)
    first = day - timedelta(days=COURSE_DAYS)
    days = book.tallies.by_day(first, yesterday, (Measure.RECEIVED, Measure.FINISHED))
    late, near, whole = (book.tallies.sums(start, end, (Measure.WAITING,), (By.ALL,)).total()
                         for start, end in ((date.min, yesterday), (day, soon), (date.min, NO_DAY)))
    moved = _moved(book, since, day)
    return Beside(
        came=_came(book, since, yesterday), course=course_of(days, first, yesterday),
        moved=tuple((row, before) for item_id, before in moved[:LINES] if (row := _row(book, item_id))),
        moved_total=len(moved),
        returned=book.queue.rows(QueueFilter(view=View.BOUNCED, today=day), limit=LINES),
        set_aside=_set_aside(office, book, since, yesterday), counts=_counts(book, day),
        totals={"overdue": late, "due_soon": near} | {
            name: book.queue.count(QueueFilter(view=view, today=day)) for name, view in (
                ("urgent", View.URGENT), ("to_decide", View.TO_DECIDE), ("returned", View.BOUNCED))},
        open=whole, proof=_proof(book), verified=_verified(book), history_head=book.history.head())


def _came(book: Register, since: date, until: date) -> Came:
    sums = book.tallies.sums(since, until, (Measure.RECEIVED, Measure.FINISHED, Measure.URGENT))
    kinds = [Share(name=word(kind), number=number) for kind in Kind
             if (number := sums[Measure.RECEIVED, By.KIND, kind])]
    districts = [Share(name=value or UNDETERMINED, number=number) for (measure, by, value), number in sums.items()
                 if measure == Measure.RECEIVED and by == By.DISTRICT and number]
    named = [share for share in districts if share.name != UNDETERMINED]
    return Came(since=since, until=until, received=sums[Measure.RECEIVED, By.ALL, ""],
                finished=sums[Measure.FINISHED, By.ALL, ""], urgent=sums[Measure.URGENT, By.ALL, ""],
                kinds=tuple(sorted(kinds, key=_most)),
                districts=tuple(sorted(districts, key=_most)) if named else ())


def _most(share: Share) -> tuple[int, str]:
    return -share.number, share.name


def _set_aside(office: Office, book: Register, since: date, until: date) -> tuple[SetAside, ...]:
    waiting = book.tallies.sums(NO_DAY, NO_DAY, (Measure.AGAINST,), (By.CLAUSE,))
    decided = book.tallies.sums(since, until, (Measure.REFUSED,), (By.CLAUSE,))
    clauses = {clause.id: clause.source for clause in (*office.pack.clauses, *office.pack.statute)}
    values = sorted({value for (_, _, value), number in (waiting + decided).items() if number})
    return tuple(SetAside(clause=clauses.get(value, value) or "по решение на служител",
                          waiting=waiting[Measure.AGAINST, By.CLAUSE, value],
                          decided=decided[Measure.REFUSED, By.CLAUSE, value]) for value in values)


def _counts(book: Register, day: date) -> DigestCounts:
    def count(view: View) -> int:
        return book.queue.count(QueueFilter(view=view, today=day))

    return DigestCounts(
        unconfirmed_noncorrespondence=count(View.SET_ASIDE), illegible=count(View.ILLEGIBLE),
        troubled=count(View.TROUBLE), held_letters=book.outbox.count(OutgoingStatus.HELD),
        failed_letters=book.outbox.count(OutgoingStatus.FAILED),
        troubles=tuple(f"{source.source}: {source.trouble}" for source in book.daybook.sources() if source.trouble))


def _moved(book: Register, since: date, day: date) -> list[tuple[ItemId, date | None]]:
    """Items whose terms moved, as deadlines.py has noted for each day; of several moves the first day before."""
    found: dict[ItemId, date | None] = {}
    for offset in range((day - since).days + 1):
        for item_id, before in json.loads(book.daybook.result(MOVED, since + timedelta(days=offset)) or "[]"):
            found.setdefault(item_id, date.fromisoformat(before) if before else None)
    return list(found.items())


def _row(book: Register, item_id: ItemId) -> ItemRow | None:
    row = book.queue.row(item_id)
    return None if row is None or row.sealed else row


def _proof(book: Register) -> Proof | None:
    latest = book.daybook.latest(COMPARED)
    return Proof.model_validate_json(latest[1]) if latest else None


def _verified(book: Register) -> LastVerification | None:
    latest = book.daybook.verification()
    return LastVerification(on=latest.on, faults=latest.fault_count) if latest else None


def write_digests(office: Office, day: date) -> tuple[Draft, ...]:
    """The day's digest as a letter to each who gets it."""
    return _drafts(office, digest(office, day))


def _drafts(office: Office, data: DigestData) -> tuple[Draft, ...]:
    return tuple(
        write_digest(data, office.pack, office.templates, recipient=recipient, from_address=office.from_address,
                     queue_url=office.settings.web.staff_url, now=office.now())
        for recipient in office.settings.digest.recipients)


def send_digest(office: Office, day: date) -> bool:
    """Compare the sources with the register and put the day's digest into the outbox, once. False when it was there
    already or nobody is to get it."""
    with office.store.reading() as book:
        if not office.settings.digest.recipients or book.daybook.is_done(DIGEST, day):
            return False
    compare(office)
    data = digest(office, day)
    drafts = _drafts(office, data)
    with office.store.transaction() as book:
        if not book.daybook.claim(DIGEST, day, office.now()):
            return False
        for draft in drafts:
            journey.put_in_outbox(office, book, draft, "")
        head = data.history_head.model_dump_json() if data.history_head else ""
        book.daybook.done(DIGEST, day, office.now(), result=head)
    return True
