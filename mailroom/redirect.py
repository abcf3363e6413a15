"""A letter that did not arrive goes another way: to the address that a person has mended, or on paper.

It stays the same letter with the same words; what was heard of its first way stays with it.
"""

from datetime import timedelta

from mailroom.correspondence.envelope import new_message_id, postal_lines, readdressed
from mailroom.errors import BadRequest
from mailroom.model.base import OutgoingId
from mailroom.model.item import Item
from mailroom.model.outgoing import Outgoing, OutgoingChannel, OutgoingStatus, Release
from mailroom.model.staff import Staff
from mailroom.office import Office
from mailroom.store.store import Register

NOT_ARRIVED = (OutgoingStatus.BOUNCED, OutgoingStatus.FAILED)


def to_paper(office: Office, staff: Staff, outgoing_id: OutgoingId) -> None:
    """Print it: it joins the print run. Raises BadRequest where no postal address is known."""
    with office.store.transaction() as register:
        outgoing, item = _not_arrived(register, outgoing_id)
        lines = postal_lines(item.findings) if item.findings else []
        if not lines:
            raise BadRequest("Няма пълен пощенски адрес: впишете го с „Поправи“ на преписката и повторете.")
        page = readdressed(outgoing.page_html, lines)
        register.outbox.redirect(outgoing_id, OutgoingChannel.PRINT, to="\n".join(lines), page_html=page,
                                 message_id=outgoing.message_id)
        register.history.note("letter_to_paper", who=staff.login, at=office.now(), item_id=item.id,
                              outgoing_id=outgoing_id)


def to_mended_address(office: Office, staff: Staff, outgoing_id: OutgoingId) -> None:
    """Send it to the address that stands on the item now. Raises BadRequest where that is still the old one."""
    if office.letters_off_reason:
        raise BadRequest(office.letters_off_reason)
    with office.store.transaction() as register:
        outgoing, item = _not_arrived(register, outgoing_id)
        address = mended_address(item, outgoing)
        if not address:
            raise BadRequest("Адресът е същият, от който писмото се върна: поправете го с „Поправи“ на преписката.")
        register.outbox.redirect(outgoing_id, OutgoingChannel.EMAIL, to=address, page_html=outgoing.page_html,
                                 message_id=new_message_id(office.from_address))
        wait = timedelta(seconds=office.settings.outgoing.undo_seconds)
        before = Release(status=outgoing.status, trouble=outgoing.trouble, item_status=item.status)
        register.outbox.release(outgoing_id, before, office.now() + wait)
        register.history.note("letter_readdressed", who=staff.login, at=office.now(), item_id=item.id,
                              outgoing_id=outgoing_id)


def mended_address(item: Item, outgoing: Outgoing) -> str:
    """The mail address of the item where it is another than the letter's; empty where it is not."""
    found = item.findings.email.value if item.findings and item.findings.email else ""
    return found if found.lower() != outgoing.to.lower() else ""


def _not_arrived(register: Register, outgoing_id: OutgoingId) -> tuple[Outgoing, Item]:
    outgoing = register.outbox.get(outgoing_id)
    item = register.items.get(outgoing.item_id) if outgoing.item_id is not None else None
    if item is None or outgoing.status not in NOT_ARRIVED or outgoing.channel is not OutgoingChannel.EMAIL:
        raise BadRequest("Това писмо не се е върнало: няма какво да се изпраща отново.")
    return outgoing, item
