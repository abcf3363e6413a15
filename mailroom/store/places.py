"""Where the words of each page stand, beside the letter and apart from it: only the item's page asks for them.

They belong to the file as it came, so all letters of one scan batch find theirs under its first item; pages are counted
through the file. They go with that item (ON DELETE CASCADE) and hold no word of the letter.
"""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from mailroom.model.base import ItemId
from mailroom.model.letter import Letter, Page
from mailroom.model.places import Box, unpacked
from mailroom.store.tables import ItemTable, PlacesTable


class Places:
    """The places inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def keep(self, item_id: ItemId, letter: Letter) -> None:
        """What was read of the file that came as this item: its own pages, and those of its attachments."""
        self._keep(item_id, "", letter.pages)
        for attached in letter.attachments:
            self._keep(item_id, attached.sha256, attached.pages)

    def _keep(self, item_id: ItemId, file: str, pages: Iterable[Page]) -> None:
        for page in pages:
            if page.places:
                self._session.merge(PlacesTable(item_id=item_id, file=file, page=page.number, places=page.places))

    def of(self, item_id: ItemId, file: str = "") -> dict[int, tuple[Box, ...]]:
        """The boxes of the words of each page, by its number; `file` is the SHA-256 of an attachment, or empty for the
        letter itself. A page that was read before places were kept is not in it."""
        item = self._session.get_one(ItemTable, item_id)
        rows = select(PlacesTable).where(PlacesTable.item_id == (item.batch_id or item_id),
                                         PlacesTable.file == file).order_by(col(PlacesTable.page))
        return {row.page: unpacked(row.places) for row in self._session.exec(rows)}
