"""Figures by day, kept up with the register so that no page has to look at every letter."""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Date, Row, bindparam, delete, func, insert, text
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from mailroom.model.arrival import Channel
from mailroom.model.base import ItemId
from mailroom.model.entry import Due
from mailroom.model.figures import By, ItemFacts, Mark, Measure, SentLetter
from mailroom.model.findings import Kind, NonCorrespondence
from mailroom.model.item import DecisionState, Status
from mailroom.model.outgoing import LetterType, OutgoingChannel, OutgoingStatus
from mailroom.model.verdict import Outcome
from mailroom.store.tables import (
    DocumentTable,
    EntryTable,
    ErasedTable,
    HistoryTable,
    ItemTable,
    OutgoingTable,
    TallyItemTable,
    TallyStateTable,
    TallyTable,
)

_STATE = 1
_TO_STAFF = (LetterType.DIGEST, LetterType.REMINDER, LetterType.ALERT)
_FORWARDING = "forwarding"
_ITEM = (
    col(ItemTable.id), col(ItemTable.received_at), col(ItemTable.channel), col(ItemTable.status), col(ItemTable.kind),
    col(ItemTable.noncorrespondence_type), col(ItemTable.district), col(ItemTable.urgent), col(ItemTable.sealed),
    col(ItemTable.outcome), col(ItemTable.decision_state), col(ItemTable.decision_at))
_ENTRY = (col(EntryTable.item_id), col(EntryTable.due), col(EntryTable.department_id))
_LINE = (col(HistoryTable.item_id), col(HistoryTable.what), col(HistoryTable.at), col(HistoryTable.details))
_ADD = text(
    "INSERT INTO tally (day, measure, split_by, value, number) VALUES (:day, :measure, :split_by, :value, :number) "
    "ON CONFLICT (measure, split_by, day, value) DO UPDATE SET number = tally.number + excluded.number"
).bindparams(bindparam("day", type_=Date))
_CLEAR = text(
    "DELETE FROM tally WHERE measure = :measure AND split_by = :split_by AND day = :day AND value = :value "
    "AND number = 0").bindparams(bindparam("day", type_=Date))


class Tallies:
    """The figures inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # -- keeping up --------------------------------------------------------------------------------------------

    def is_behind(self, rules: str) -> bool:
        """Whether letters were added or changed since they were last counted, or were counted by other rules."""
        state = self._session.get(TallyStateTable, _STATE)
        return state is None or state.rules != rules or state.items_up_to < self._last(col(ItemTable.id)) or (
            state.lines_up_to < self._last(col(HistoryTable.sequence)))

    def take(self, rules: str, limit: int) -> tuple[ItemId, ...]:
        """The next letters to count anew, noted as counted from here on: new ones first, then those with new lines in
        their history. Whoever counts at the same time waits here. Under other rules everything begins anew."""
        state = self._session.exec(
            select(TallyStateTable).where(TallyStateTable.id == _STATE).with_for_update()).first()
        if state is None or state.rules != rules:
            state = self._begin(state or TallyStateTable(id=_STATE), rules)
        self._session.add(state)
        ids = self._session.exec(
            select(ItemTable.id).where(col(ItemTable.id) > state.items_up_to).order_by(col(ItemTable.id)).limit(limit))
        fresh = [item_id for item_id in ids if item_id is not None]
        if fresh:
            state.items_up_to = fresh[-1]
            return tuple(fresh)
        lines = self._session.exec(
            select(HistoryTable.sequence, HistoryTable.item_id).where(HistoryTable.sequence > state.lines_up_to)
            .order_by(col(HistoryTable.sequence)).limit(limit)).all()
        if lines:
            state.lines_up_to = lines[-1][0]
        return tuple({item_id: None for _, item_id in lines if item_id is not None})

    def _begin(self, state: TallyStateTable, rules: str) -> TallyStateTable:
        self._session.exec(delete(TallyTable))
        self._session.exec(delete(TallyItemTable))
        state.rules, state.items_up_to, state.lines_up_to = rules, 0, self._last(col(HistoryTable.sequence))
        return state

    def _last(self, key: Any) -> int:
        return self._session.exec(select(func.max(key))).one() or 0

    def counted(self, ids: Sequence[ItemId]) -> dict[ItemId, ItemFacts]:
        """What was counted of these letters the last time."""
        rows = self._by_id((col(TallyItemTable.item_id), col(TallyItemTable.facts)), col(TallyItemTable.item_id), ids)
        return {item_id: ItemFacts.model_validate_json(row.facts) for item_id, row in rows.items()}

    def keep(self, facts: Mapping[ItemId, ItemFacts | None], change: Mapping[Mark, int]) -> None:
        """These letters count so from now on, and the figures change by so much."""
        self._session.exec(delete(TallyItemTable).where(col(TallyItemTable.item_id).in_(facts)))
        rows = [{"item_id": item_id, "facts": one.model_dump_json(exclude_defaults=True)}
                for item_id, one in facts.items() if one is not None]
        if rows:
            self._session.connection().execute(insert(TallyItemTable), rows)
        changed = [{"day": mark.day, "measure": mark.measure, "split_by": mark.by, "value": mark.value,
                    "number": number} for mark, number in sorted(change.items()) if number]
        if changed:
            self._session.connection().execute(_ADD, changed)
            self._session.connection().execute(_CLEAR, changed)

    # -- what is counted ---------------------------------------------------------------------------------------

    def facts(self, ids: Sequence[ItemId]) -> dict[ItemId, ItemFacts | None]:
        """What is to be counted of these letters; null for a sealed one. A letter that was erased since is left out,
        so that it keeps counting as it did."""
        rows = self._by_id(_ITEM, col(ItemTable.id), ids)
        entries = self._by_id(_ENTRY, col(EntryTable.item_id), ids)
        clauses = self._clauses([item_id for item_id, row in rows.items() if _is_against(row)])
        history, letters = self._history(ids), self._letters(ids)
        erased = set(self._session.exec(select(ErasedTable.item_id).where(col(ErasedTable.item_id).in_(ids))))
        return {item_id: None if row.sealed else _facts(row, entries.get(item_id), clauses.get(item_id, ""),
                                                        history[item_id], tuple(letters[item_id]))
                for item_id, row in rows.items() if item_id not in erased}

    def _by_id(self, columns: Sequence[Any], key: Any, ids: Sequence[ItemId]) -> dict[ItemId, Row[Any]]:
        """The named columns of these rows alone: whole rows would take twice as long."""
        found = self._session.connection().execute(select_columns(*columns).where(key.in_(ids)))
        return {row[0]: row for row in found}

    def _clauses(self, ids: Sequence[ItemId]) -> dict[ItemId, str]:
        """The clause on which each proposal rests; few letters need that their verdict is read."""
        rows = select_columns(col(DocumentTable.item_id), col(DocumentTable.verdict))
        return {item_id: (json.loads(verdict or "{}").get("clause") or {}).get("id", "") for item_id, verdict
                in self._session.connection().execute(rows.where(col(DocumentTable.item_id).in_(ids)))}

    def _history(self, ids: Sequence[ItemId]) -> dict[ItemId, list[Row[Any]]]:
        lines: dict[ItemId, list[Row[Any]]] = defaultdict(list)
        found = select_columns(*_LINE).where(col(HistoryTable.item_id).in_(ids)).order_by(col(HistoryTable.sequence))
        rows: Iterable[Row[Any]] = self._session.connection().execute(found)
        for line in rows:
            lines[line[0]].append(line)
        return lines

    def _letters(self, ids: Sequence[ItemId]) -> dict[ItemId, list[SentLetter]]:
        letters: dict[ItemId, list[SentLetter]] = defaultdict(list)
        sent = select_columns(
            col(OutgoingTable.item_id), col(OutgoingTable.type), col(OutgoingTable.channel), col(OutgoingTable.sent_at),
            col(OutgoingTable.status)).where(
            col(OutgoingTable.item_id).in_(ids), col(OutgoingTable.sent_at).is_not(None),
            col(OutgoingTable.type).not_in(_TO_STAFF))
        for item_id, kind, channel, sent_at, status in self._session.connection().execute(sent):
            if item_id is not None:
                letters[item_id].append(SentLetter(
                    type=LetterType(kind), channel=OutgoingChannel(channel), sent_at=sent_at,
                    returned=status == OutgoingStatus.BOUNCED))
        return letters

    # -- asking ------------------------------------------------------------------------------------------------

    def sums(self, since: date, until: date, measures: Collection[Measure] = tuple(Measure),
             splits: Collection[By] = tuple(By)) -> Counter[tuple[str, str, str]]:
        """By (measure, by, value): how many from the first to the last day, both inclusive."""
        what = (col(TallyTable.measure), col(TallyTable.split_by), col(TallyTable.value))
        rows = select_columns(*what, func.sum(TallyTable.number)).where(
            what[0].in_(measures), what[1].in_(splits), col(TallyTable.day) >= since, col(TallyTable.day) <= until)
        return Counter({(measure, by, value): int(number) for measure, by, value, number
                        in self._session.connection().execute(rows.group_by(*what))})

    def by_day(self, since: date, until: date, measures: Collection[Measure]) -> Counter[tuple[date, str]]:
        """By (day, measure): how many in all on each day, both ends inclusive."""
        rows = select_columns(col(TallyTable.day), col(TallyTable.measure), col(TallyTable.number)).where(
            col(TallyTable.measure).in_(measures), col(TallyTable.split_by) == By.ALL,
            col(TallyTable.day) >= since, col(TallyTable.day) <= until)
        return Counter({(day, measure): number for day, measure, number in self._session.connection().execute(rows)})

    def first_day(self) -> date | None:
        """The first day on which anything came in; null for an empty register."""
        return self._session.exec(select(func.min(TallyTable.day)).where(
            TallyTable.measure == Measure.RECEIVED, TallyTable.split_by == By.ALL)).one()

    def totals(self, until: date, measures: Collection[Measure]) -> Counter[str]:
        """By measure: how many in all from the first day to this one."""
        rows = select_columns(col(TallyTable.measure), func.sum(TallyTable.number)).where(
            col(TallyTable.measure).in_(measures), col(TallyTable.split_by) == By.ALL, col(TallyTable.day) <= until)
        return Counter({measure: int(number) for measure, number
                        in self._session.connection().execute(rows.group_by(col(TallyTable.measure)))})


def _is_against(row: Row[Any]) -> bool:
    """Whether a clause may speak against considering the letter: proposed, or decided by a person."""
    return row.decision_state == DecisionState.CONFIRMED or row.outcome not in (None, Outcome.CONSIDER)


def _facts(row: Row[Any], entry: Row[Any] | None, clause: str, history: Sequence[Row[Any]],
           letters: tuple[SentLetter, ...]) -> ItemFacts:
    due = Due.model_validate_json(entry.due) if entry else Due()
    outcome = Outcome(row.outcome) if row.outcome else None
    confirmed = row.decision_state == DecisionState.CONFIRMED
    decided = next((line for line in reversed(history) if line.what == "decided"), None) if confirmed else None
    proposed = json.loads(decided.details or "{}").get("proposed") if decided else None
    return ItemFacts(
        received_at=row.received_at, channel=Channel(row.channel), status=Status(row.status),
        noncorrespondence=NonCorrespondence(row.noncorrespondence_type) if row.noncorrespondence_type else None,
        kind=Kind(row.kind) if row.kind else None, district=row.district or "",
        department=entry.department_id if entry else "", urgent=row.urgent,
        charter_due=due.charter.date if due.charter else None, statute_due=due.statute.date if due.statute else None,
        forwarding_due=next((duty.clock.date for duty in due.duties if duty.name == _FORWARDING), None),
        proposed=Outcome(proposed) if proposed else None if confirmed else outcome, clause=clause,
        decided=outcome if confirmed else None, decided_at=row.decision_at if confirmed else None,
        finished_at=_finished_at(row, history), extended_at=_extended_at(history), letters=letters)


def _finished_at(row: Row[Any], history: Sequence[Row[Any]]) -> Any:
    """When the letter came into the state in which it is: the last line of that name; a decision closes too."""
    names = {row.status, "decided"} if row.status == Status.CLOSED else {row.status}
    told = next((line.at for line in reversed(history) if line.what in names), None)
    return told or (history[-1].at if history else row.decision_at or row.received_at)


def _extended_at(history: Sequence[Row[Any]]) -> Any:
    """When a later date was granted, unless it was taken back."""
    line = next((line for line in reversed(history) if line.what in ("extended", "extension_undone")), None)
    return line.at if line and line.what == "extended" else None
