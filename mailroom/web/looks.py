"""Who looks at an ЕГН or at a whistleblower's report is written down before a byte of it leaves (ЗЗЛПСПОИН чл. 31)."""

from collections.abc import Iterator

from mailroom.masking import identifiers_in
from mailroom.model.access import Seen
from mailroom.model.item import Item
from mailroom.model.staff import Staff
from mailroom.office import Office


def note_look(office: Office, staff: Staff, what: Seen, item: Item) -> None:
    """Write down that this person looks at this item, if it is one of which that is kept."""
    if not item.sealed and not has_identifier(item):
        return
    now = office.now()
    with office.store.reading() as register:
        if register.access_log.is_noted(staff.login, what, item.id, now):
            return
    number = item.entry.registration_number if item.entry else ""
    with office.store.transaction() as register:
        register.access_log.note(staff.login, what, item.id, number, sealed=item.sealed, now=now)


def has_identifier(item: Item) -> bool:
    """Whether an ЕГН or ЛНЧ stands in the letter, as far as a machine can read it."""
    return any(next(identifiers_in(text), None) is not None for text in _texts(item))


def _texts(item: Item) -> Iterator[str]:
    """The citizen's words that the page of the item and the files show."""
    letter = item.letter
    if letter is None:
        return
    yield from (letter.subject or "", letter.text, letter.quoted, letter.covering_note, *letter.form_fields.values())
    for attached in letter.attachments:
        yield attached.text or ""
        yield from (page.text for page in attached.pages)
