"""The message to whoever must look at an item now: its number and nothing else (ЗЗЛПСПОИН 31).

It goes through mailboxes that others may read, so it says neither what the item is nor who wrote it; an alert of a
whistleblower's report reads like one of a broken swing.
"""

from datetime import datetime

from mailroom.correspondence.envelope import new_message_id
from mailroom.correspondence.templates import Templates
from mailroom.model.base import ItemId
from mailroom.model.outgoing import Draft, LetterType, OutgoingChannel
from mailroom.model.pack import Pack


def write_alert(
    item_id: ItemId,
    number: str,
    pack: Pack,
    templates: Templates,
    *,
    urgent: bool,
    recipient: str,
    from_address: str,
    queue_url: str,
    now: datetime,
) -> Draft:
    """The alert for one person of the staff.

    urgent: people may be in danger; „погледнете я веднага“ is all that is said of it.
    queue_url: the staff's page; empty leaves the link out.
    """
    rendered = templates.render(LetterType.ALERT, {
        "number": number, "urgent": urgent, "municipality": pack.contact, "queue_url": queue_url, "written_on": now,
    })
    return Draft(
        type=LetterType.ALERT, item_id=item_id, channel=OutgoingChannel.EMAIL, to=recipient, subject=rendered.subject,
        text=rendered.text, html=rendered.html,
        message_id=new_message_id(from_address),
    )
