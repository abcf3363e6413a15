"""Erases what is known of an item from every table, and leaves a stub: number, dates, kind, status and the reason.

`FATES` names every table of the register; a table that is added must be thought of here (a test asks). Chained history
lines lose their details and salts (history.py), an arrival's key becomes its hash, so that what may still lie in the
mailbox is not taken in again, and the files go once nothing else speaks of them.
"""

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from sqlalchemy import JSON, String, Table, Text, cast, delete, func, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, select

from mailroom.model.arrival import Channel
from mailroom.model.base import ItemId, OutgoingId
from mailroom.model.erasure import Erased, Ground, Leftover
from mailroom.model.findings import Findings, Found, Kind, NonCorrespondence, Script
from mailroom.model.letter import Letter
from mailroom.model.outgoing import STILL_HERE, OutgoingStatus
from mailroom.model.verdict import Outcome, Verdict
from mailroom.searchwords import numbers_of
from mailroom.store.arrivals import erased_key
from mailroom.store.history import History
from mailroom.store.proving import HEAD_WORDS, OLD_HEAD_WORDS
from mailroom.store.search import Search
from mailroom.store.tables import (
    ArrivalTable,
    DeliveryNewsTable,
    DocumentTable,
    EntryTable,
    ErasedTable,
    ExampleTable,
    ItemTable,
    JoinedScanTable,
    LessonTable,
    MilestoneTable,
    OutgoingTable,
    PlacesTable,
    PresenceTable,
    SatisfactionAskedTable,
    SavedViewTable,
    SourceStateTable,
    TakenDownTable,
    TroubleTable,
    UnscannedTable,
)
from mailroom.store.undo import Undo

SHORTEST_WORD = 5
"""A shorter name or number stands in other people's letters too."""
GONE = "Съдържанието е заличено."
"""Stands in the place of the text."""
_MOST_LEFTOVERS = 200
_PAGE = 200

FATES: dict[str, str] = {
    "item": "subject, sender, corrections, reasons emptied; number, dates, kind, status stay",
    "item_document": "a letter, findings and verdict that say no more than the stub",
    "entry": "stays; a new access code, which nobody knows",
    "arrival": "name and digest of the file emptied, the key hashed",
    "outgoing": "letters about the item emptied; digests that name it too",
    "delivery_news": "the other server's sentence emptied",
    "history": "details and salts of the lines, all but number and decision",
    "item_search": "the numbers alone",
    "undo": "removed", "presence": "removed", "page_places": "removed", "taken_down": "removed",
    "joined_scan": "removed", "unscanned": "removed", "example": "removed", "satisfaction_asked": "removed",
    "lesson": "removed, and learned anew from what is left",
    "saved_view": "removed where it asks for the person",
    "milestone": "names of files and people in what was noted are struck out",
    "source_state": "likewise", "trouble": "likewise",
    "erased": "this says why", "destruction_act": "numbers of items",
    "access_log": "stays: who has looked (ОРЗД чл. 32)", "satisfaction": "stays: a figure", "reminder": "stays: dates",
    "tally": "stays: figures", "tally_item": "stays: facts without words", "tally_state": "no citizen's data",
    "series": "no citizen's data", "print_run": "no citizen's data", "town_key": "no citizen's data",
    "staff": "no citizen's data", "session": "no citizen's data", "recovery_code": "no citizen's data",
    "second_factor_demand": "no citizen's data", "api_token": "no citizen's data", "backup": "no citizen's data",
    "failed_attempt": "addresses of computers, for two days",
}
"""Table → what becomes of what it knows of an erased item."""


class Erasure:
    """The erased items, and the walk, inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # -- asking ----------------------------------------------------------------------------------------------------

    def of(self, item_id: ItemId) -> Erased | None:
        """That the item was erased; null when it was not."""
        row = self._session.get(ErasedTable, item_id)
        return Erased(item_id=row.item_id, at=row.at, by=row.by, ground=Ground(row.ground),
                      basis=row.basis) if row else None

    def machine_mail_about(self, item_ids: Collection[ItemId]) -> set[ItemId]:
        """Bounces and automatic answers to letters about these items: they quote them."""
        told = select(DeliveryNewsTable.told_by).join(
            OutgoingTable, col(OutgoingTable.id) == col(DeliveryNewsTable.outgoing_id)).where(
            col(OutgoingTable.item_id).in_(item_ids), col(DeliveryNewsTable.told_by).is_not(None))
        return {item_id for item_id in self._session.exec(told) if item_id is not None} - set(item_ids)

    def sharing_a_file(self, item_ids: Collection[ItemId]) -> set[ItemId]:
        """Other letters that lie in the same files: of a scan batch, and those whose paper lies in it."""
        batches = {row.batch_id or row.id for row in self._rows(ItemTable, ItemTable.id, item_ids)}
        same = select(ItemTable.id).where(or_(col(ItemTable.id).in_(batches), col(ItemTable.batch_id).in_(batches)))
        files = {sha256 for sha256 in self._files(item_ids) if sha256}
        joined = select(JoinedScanTable.item_id).where(col(JoinedScanTable.sha256).in_(files))
        came = select(ArrivalTable.item_id).where(col(ArrivalTable.sha256).in_(files))
        found = {one for question in (same, joined, came) for one in self._session.exec(question) if one is not None}
        gone = self._session.exec(select(ErasedTable.item_id).where(col(ErasedTable.item_id).in_(found)))
        return found - set(item_ids) - set(gone)

    def words_of(self, item_ids: Collection[ItemId]) -> frozenset[str]:
        """By what these items can be recognised elsewhere: names, addresses, telephones, ЕГН, subjects, files."""
        words: set[str] = set()
        for row in self._rows(ItemTable, ItemTable.id, item_ids):
            words |= {row.subject, row.sender, row.sender_email}
        for document in self._rows(DocumentTable, DocumentTable.item_id, item_ids):
            words |= set(_named(Findings.model_validate_json(document.findings))) if document.findings else set()
        words |= {row.file for row in self._rows(ArrivalTable, ArrivalTable.item_id, item_ids)}
        return frozenset(word for word in words if len(word) >= SHORTEST_WORD)

    def leftovers(self, words: Collection[str]) -> tuple[Leftover, ...]:
        """Where any of these words still stands: letters of other people, mostly. A look at every row."""
        found: list[Leftover] = []
        for table in SQLModel.metadata.sorted_tables if words else ():
            found += self._leftovers_in(table, words)
        return tuple(found[:_MOST_LEFTOVERS])

    def _leftovers_in(self, table: Table, words: Collection[str]) -> Iterator[Leftover]:
        columns = [column for column in table.columns if isinstance(column.type, String | Text | JSON)]
        spelled = {one for word in words for one in (word, json.dumps(word)[1:-1])}
        holds = [cast(column, Text).contains(word, autoescape=True) for column in columns for word in spelled]
        if not holds:
            return
        item = next((table.c[name] for name in ("item_id", "id") if name in table.c and (
            name == "item_id" or table.name == "item")), None)
        keys = [*table.primary_key.columns]
        for row in self._session.connection().execute(
                select_columns(*keys, *([item] if item is not None else ())).where(or_(*holds)).limit(_MOST_LEFTOVERS)):
            yield Leftover(table=table.name, key="/".join(str(part) for part in row[:len(keys)]),
                           item_id=row[-1] if item is not None else None)

    # -- the walk --------------------------------------------------------------------------------------------------

    def erase(self, item_id: ItemId, *, by: str, at: datetime, ground: Ground, basis: str, access_code: str) -> None:
        """Leave the stub alone, in every table. Files go afterwards, by `files_to_remove`."""
        self._session.flush()
        item = self._session.get_one(ItemTable, item_id)
        entry = self._session.get(EntryTable, item_id)
        numbers = (entry.registration_number, entry.case_number) if entry else ()
        letters = [row.id for row in self._rows(OutgoingTable, OutgoingTable.item_id, [item_id])]
        erased = ErasedTable(item_id=item_id, at=at, by=by, ground=ground, basis=basis, letters=letters,
                             files=sorted({sha256 for sha256 in self._files([item_id]) if sha256}))
        self._empty_document(item)
        self._empty_item(item)
        if entry:
            entry.access_code = access_code
        for arrival in self._rows(ArrivalTable, ArrivalTable.item_id, [item_id]):
            arrival.key, arrival.file = erased_key(arrival.source, arrival.key), ""
            arrival.sha256, arrival.size, arrival.fault = "", 0, None
        self._session.exec(delete(UnscannedTable).where(col(UnscannedTable.sha256).in_(erased.files)))
        self._empty_letters(OutgoingTable.item_id == item_id)
        self._session.exec(update(DeliveryNewsTable).where(
            or_(col(DeliveryNewsTable.outgoing_id).in_(letters), col(DeliveryNewsTable.told_by) == item_id))
            .values(sentence=""))
        Undo(self._session).forget(item_id)
        for table in (PresenceTable, PlacesTable, TakenDownTable, JoinedScanTable, ExampleTable,
                      SatisfactionAskedTable):
            self._session.exec(delete(table).where(col(table.item_id) == item_id))
        self._session.exec(delete(LessonTable))
        Search(self._session).put(item_id, numbers_of(numbers))
        History(self._session).erase_details(item_id)
        self._session.add(erased)
        self._session.flush()

    def strike_out(self, words: Collection[str], numbers: Collection[str], since: datetime) -> None:
        """What names the erased items outside of their own rows: digests and reminders, what was noted of a day or of a
        source, views that somebody keeps."""
        self._empty_letters(col(OutgoingTable.id).in_(self._staff_letters_with({*numbers, *words}, since)))
        for table, column in ((MilestoneTable, "result"), (SourceStateTable, "trouble"), (TroubleTable, "sentence")):
            for row in self._session.exec(select(table)):
                said = getattr(row, column)
                if any(word in said for word in words):
                    setattr(row, column, _without(said, words))
                    self._session.add(row)
        asked = [word.lower() for word in words]
        for view in self._session.exec(select(SavedViewTable)):
            query = unquote_plus(view.query).lower()
            if any(word in query for word in asked):
                self._session.delete(view)
        self._session.flush()

    def _staff_letters_with(self, words: Collection[str], since: datetime) -> list[OutgoingId]:
        """Digests and reminders written since then that hold one of the words. Looked through here: a thousand words
        are more than a question may have."""
        rows = select_columns(col(OutgoingTable.id), col(OutgoingTable.text), col(OutgoingTable.subject)).where(
            col(OutgoingTable.item_id).is_(None), col(OutgoingTable.created_at) >= since)
        found = self._session.connection().execute(rows.execution_options(yield_per=_PAGE))
        return [row.id for row in found if any(word in row.text or word in row.subject for word in words)]

    def of_all(self, item_ids: Collection[ItemId]) -> set[ItemId]:
        """Those of the items that were erased."""
        return set(self._session.exec(select(ErasedTable.item_id).where(col(ErasedTable.item_id).in_(item_ids))))

    def _empty_item(self, item: ItemTable) -> None:
        item.subject = item.sender = item.sender_email = item.message_id = item.decision_reason = item.trouble = ""
        item.corrections, item.why = {}, []
        item.twin_key = item.part_pages = item.copy_sha256 = item.suggested_case = item.district = None
        item.copy_due, item.legible, item.bounced, item.version = False, True, False, item.version + 1
        self._session.add(item)

    def _empty_document(self, item: ItemTable) -> None:
        """No more than the row of the item says; so every page and list goes on as with any other letter."""
        document = self._session.get_one(DocumentTable, item.id)
        before = Verdict.model_validate_json(document.verdict) if document.verdict else None
        aside = NonCorrespondence(item.noncorrespondence_type) if item.noncorrespondence_type else None
        document.letter = Letter(channel=Channel(item.channel), media_type="text/plain", text=GONE).model_dump_json()
        document.findings = bare_findings(Kind(item.kind or Kind.OTHER), aside).model_dump_json()
        document.verdict = Verdict(
            outcome=Outcome(item.outcome or Outcome.CONSIDER), sealed=item.sealed, restricted=item.restricted,
            clause=before.clause if before else None,
            pack_version=before.pack_version if before else "").model_dump_json()
        self._session.add(document)

    def _empty_letters(self, *wanted: Any) -> None:
        """Letters of ours: what they said and to whom; one that is still here does not leave any more. The history's
        mark that a digest carried stays in it."""
        for row in self._session.exec(select(OutgoingTable).where(*wanted)):
            marks = [line for line in row.text.splitlines() if line.startswith((HEAD_WORDS, OLD_HEAD_WORDS))]
            row.to = row.subject = row.html = row.page_html = row.in_reply_to = row.message_id = row.trouble = ""
            row.hold_reason, row.references, row.released_from = "", [], None
            row.text = "\n".join([GONE, *marks])
            if row.status in STILL_HERE:
                row.status = OutgoingStatus.CANCELLED
            self._session.add(row)
        self._session.flush()

    # -- files -----------------------------------------------------------------------------------------------------

    def unfinished(self) -> tuple[ItemId, ...]:
        """Erased items of which something may still lie on the disk."""
        return tuple(self._session.exec(select(ErasedTable.item_id).where(col(ErasedTable.clean).is_(False))))

    def files_to_remove(self, item_id: ItemId) -> tuple[tuple[str, ...], tuple[OutgoingId, ...]]:
        """The files of an erased item of which no other letter speaks, and its letters of ours."""
        row = self._session.get_one(ErasedTable, item_id)
        return tuple(sha256 for sha256 in row.files if not self._is_needed(sha256)), tuple(row.letters)

    def cleaned(self, item_id: ItemId) -> None:
        """Nothing of it lies anywhere any more."""
        row = self._session.get_one(ErasedTable, item_id)
        row.files, row.letters, row.clean = [], [], True
        self._session.add(row)

    def _is_needed(self, sha256: str) -> bool:
        columns: tuple[Any, ...] = (col(ArrivalTable.sha256), col(ItemTable.copy_sha256), col(JoinedScanTable.sha256))
        return any(self._session.connection().execute(
            select_columns(func.count()).where(column == sha256)).scalar_one() for column in columns)

    def _files(self, item_ids: Collection[ItemId]) -> Iterator[str]:
        """Originals, scans that joined, searchable copies."""
        yield from (row.sha256 for row in self._rows(ArrivalTable, ArrivalTable.item_id, item_ids))
        yield from (row.sha256 for row in self._rows(JoinedScanTable, JoinedScanTable.item_id, item_ids))
        yield from (row.copy_sha256 or "" for row in self._rows(ItemTable, ItemTable.id, item_ids))

    def _rows(self, table: Any, key: Any, item_ids: Collection[ItemId]) -> Sequence[Any]:
        return self._session.exec(select(table).where(col(key).in_(item_ids))).all()


def bare_findings(kind: Kind, aside: NonCorrespondence | None) -> Findings:
    """Of what was understood the kind alone."""
    no: Found[bool] = Found(value=False, confidence=1)
    return Findings(
        kind=Found(value=kind, confidence=1), anonymous=no, abusive=no, health_safety=no, protected_info=no,
        noncorrespondence=Found(value=aside, confidence=1) if aside else None,
        script=Found(value=Script.CYRILLIC, confidence=1), language=Found(value="bg", confidence=1))


def _named(findings: Findings) -> Iterator[str]:
    """Who is meant, in every spelling that the letter has."""
    for found in (findings.sender_name, findings.email, findings.phone, findings.on_behalf_of, findings.organisation,
                  *findings.personal_identifiers):
        if found is not None:
            yield found.value
            yield from (evidence.text for evidence in found.evidence)
    if findings.address:
        street = findings.address.value
        yield " ".join(filter(None, (street.street, street.number)))


def _without(said: str, words: Collection[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        said = said.replace(word, "…")
    return said
