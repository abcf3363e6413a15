"""What was entered at the counter, and the scans that joined it."""

from collections.abc import Collection

from sqlmodel import Session, col, select

from mailroom.model.base import ItemId
from mailroom.model.taken_down import JoinedScan, TakenDown
from mailroom.store.tables import JoinedScanTable, TakenDownTable


class Counter:
    """The counter's book inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, item_id: ItemId, taken: TakenDown) -> None:
        """Keep what was entered for a new item."""
        self._session.add(TakenDownTable(item_id=item_id, label=taken.label, document=taken.model_dump_json()))
        self._session.flush()

    def of(self, item_id: ItemId) -> TakenDown | None:
        """What was entered for this item; null for one that came by itself."""
        row = self._session.get(TakenDownTable, item_id)
        return TakenDown.model_validate_json(row.document) if row else None

    def by_labels(self, labels: Collection[str]) -> dict[str, ItemId]:
        """The items of these labels; a label of nobody is left out."""
        rows = select(TakenDownTable.label, TakenDownTable.item_id).where(col(TakenDownTable.label).in_(tuple(labels)))
        return dict(self._session.exec(rows).all())

    def join(self, scan: JoinedScan) -> None:
        """These pages of a file are the paper of the item."""
        self._session.add(JoinedScanTable(**scan.model_dump(exclude={"pages"}), pages=list(scan.pages)))
        self._session.flush()

    def share_scans(self, item_id: ItemId, other: ItemId) -> None:
        """What is made of some pages of an item lies in the same files, and its pages are counted alike."""
        for scan in self.scans_of(item_id):
            self.join(scan.model_copy(update={"item_id": other}))

    def scans_of(self, item_id: ItemId) -> tuple[JoinedScan, ...]:
        """The scans of one item in the order in which they joined."""
        rows = select(JoinedScanTable).where(JoinedScanTable.item_id == item_id).order_by(col(JoinedScanTable.id))
        return tuple(JoinedScan(**row.model_dump(exclude={"id"})) for row in self._session.exec(rows))

    def joined_by(self, sha256s: Collection[str]) -> tuple[ItemId, ...]:
        """The items of which pages lie in these files."""
        rows = select(JoinedScanTable.item_id).where(col(JoinedScanTable.sha256).in_(tuple(sha256s))).distinct()
        return tuple(self._session.exec(rows.order_by(col(JoinedScanTable.item_id))))
