"""Which letters on paper are printed together."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from mailroom.model.base import OutgoingId
from mailroom.model.outgoing import Outgoing, OutgoingChannel, OutgoingStatus, PrintRun
from mailroom.store.outbox import outgoing_value
from mailroom.store.tables import OutgoingTable, PrintRunTable

_AT_THE_PRINTER = (OutgoingStatus.PRINTED, OutgoingStatus.POSTED)


class PrintRuns:
    """The print runs inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def waiting(self) -> tuple[Outgoing, ...]:
        """Letters for the printer that are in no run yet, oldest first."""
        return self._letters(*_waits())

    def prepare(self, by: str, now: datetime) -> int:
        """Lay every waiting letter into the run of which nothing is printed yet, or into a new one; how many letters.
        """
        if self._session.exec(select(OutgoingTable.id).where(*_waits()).limit(1)).first() is None:
            return 0
        run_id = self._unprinted()
        if run_id is None:
            run = PrintRunTable(prepared_at=now, prepared_by=by)
            self._session.add(run)
            self._session.flush()
            run_id = run.id
        laid = self._session.exec(update(OutgoingTable).where(*_waits()).values(print_run_id=run_id))
        return int(laid.rowcount)

    def _unprinted(self) -> int | None:
        """The newest run with letters for the printer of which none was printed."""
        begun = select(OutgoingTable.print_run_id).where(
            col(OutgoingTable.status).in_(_AT_THE_PRINTER), col(OutgoingTable.print_run_id).is_not(None))
        runs = select(OutgoingTable.print_run_id).where(
            OutgoingTable.status == OutgoingStatus.QUEUED, col(OutgoingTable.print_run_id).is_not(None),
            col(OutgoingTable.print_run_id).not_in(begun))
        return self._session.exec(runs.order_by(col(OutgoingTable.print_run_id).desc()).limit(1)).first()

    def leave_out(self, outgoing_ids: Collection[OutgoingId]) -> None:
        """These are not printed with the others: they wait for the next run."""
        self._session.exec(
            update(OutgoingTable)
            .where(col(OutgoingTable.id).in_(tuple(outgoing_ids)), col(OutgoingTable.status) == OutgoingStatus.QUEUED)
            .values(print_run_id=None))

    def letters(self, run_id: int, *statuses: OutgoingStatus) -> tuple[Outgoing, ...]:
        """The letters of one run in one of these states."""
        return self._letters(col(OutgoingTable.print_run_id) == run_id, col(OutgoingTable.status).in_(statuses))

    def under_way(self) -> tuple[Outgoing, ...]:
        """The letters of every run that are not at the post yet."""
        return self._letters(col(OutgoingTable.print_run_id).is_not(None),
                             col(OutgoingTable.status).in_((OutgoingStatus.QUEUED, OutgoingStatus.PRINTED)))

    def get(self, run_id: int) -> PrintRun | None:
        """One run, or null."""
        row = self._session.get(PrintRunTable, run_id)
        return PrintRun(**row.model_dump()) if row else None

    def newest(self, since: datetime) -> tuple[PrintRun, ...]:
        """The runs prepared since then, newest first."""
        rows = select(PrintRunTable).where(PrintRunTable.prepared_at >= since)
        return tuple(PrintRun(**row.model_dump())
                     for row in self._session.exec(rows.order_by(col(PrintRunTable.id).desc())))

    def _letters(self, *conditions: ColumnElement[bool]) -> tuple[Outgoing, ...]:
        rows = select(OutgoingTable).where(OutgoingTable.channel == OutgoingChannel.PRINT, *conditions)
        return tuple(outgoing_value(row) for row in self._session.exec(rows.order_by(col(OutgoingTable.id))))


def _waits() -> tuple[ColumnElement[bool], ...]:
    return (col(OutgoingTable.channel) == OutgoingChannel.PRINT, col(OutgoingTable.status) == OutgoingStatus.QUEUED,
            col(OutgoingTable.print_run_id).is_(None))
