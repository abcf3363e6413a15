"""The digest as a letter: one more draft for the outbox."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import make_msgid
from typing import Any, Protocol

from mailroom.digest.compile import DigestData
from mailroom.model.outgoing import Draft, LetterType, OutgoingChannel
from mailroom.model.pack import Pack

SHOWN = 12
"""Lines of one list in a letter; the rest is a number and a link to the queue."""


class RenderedLetter(Protocol):
    """A letter in its four shapes."""

    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def page_html(self) -> str: ...


class LetterTemplates(Protocol):
    """What the digest needs of `correspondence.templates.Templates`, which is a sibling and not imported."""

    def render(self, letter_type: LetterType, context: Mapping[str, Any]) -> RenderedLetter:
        """The letter of this type with these facts."""
        ...


def write_digest(
    data: DigestData,
    pack: Pack,
    templates: LetterTemplates,
    *,
    recipient: str,
    from_address: str,
    queue_url: str,
    now: datetime,
) -> Draft:
    """The digest for one recipient; each recipient gets a letter of their own, with its own fate in the outbox.

    queue_url: the staff's page; empty leaves the link out.
    """
    rendered = templates.render(LetterType.DIGEST, {
        "digest": data,
        "shown": SHOWN,
        "municipality": pack.contact,
        "from_address": from_address,
        "queue_url": queue_url,
        "written_on": now,
    })
    domain = from_address.rpartition("@")[2]
    return Draft(
        type=LetterType.DIGEST,
        item_id=None,
        channel=OutgoingChannel.EMAIL,
        to=recipient,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        page_html=rendered.page_html,
        message_id=make_msgid(domain=domain.encode("idna").decode("ascii") if domain else None),
    )
