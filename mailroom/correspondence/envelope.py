"""How a letter travels: by which way, to which address, in which thread; and the draft that is put into the outbox."""

import re
from collections.abc import Sequence
from email.utils import make_msgid

from markupsafe import escape

from mailroom.correspondence.templates import Rendered
from mailroom.errors import BadRequest
from mailroom.model.base import Value
from mailroom.model.findings import Address, AnswerChannel, Findings
from mailroom.model.item import Item
from mailroom.model.letter import Letter
from mailroom.model.outgoing import Draft, LetterType, OutgoingChannel, OutgoingStatus


class Way(Value):
    """How a letter reaches its reader."""

    channel: OutgoingChannel
    to: str
    """Mail address, or the lines of the postal address."""


class Thread(Value):
    """To which mail a letter answers (RFC 5322, 3.6.4)."""

    in_reply_to: str = ""
    references: tuple[str, ...] = ()


def way_to(item: Item) -> Way | None:
    """By mail where there is an address to answer, on paper where there is only a postal one, null where neither.

    A citizen who asks for post gets post, if the address is one that a carrier can find.
    """
    findings = item.findings
    if findings is None:
        return None
    lines = postal_lines(findings)
    wants_post = findings.preferred_channel is not None and findings.preferred_channel.value is AnswerChannel.POST
    if lines and (wants_post or findings.email is None):
        return Way(channel=OutgoingChannel.PRINT, to="\n".join(lines))
    if findings.email:
        return Way(channel=OutgoingChannel.EMAIL, to=findings.email.value)
    return None


def postal_lines(findings: Findings) -> list[str]:
    """The address block of an envelope: who, quarter, street and house, postcode and place; empty if incomplete."""
    address = findings.address.value if findings.address else None
    if address is None or not address.deliverable:
        return []
    who = [found.value for found in (findings.sender_name, findings.organisation) if found]
    place = " ".join(part for part in (address.postcode, address.settlement) if part)
    return [line for line in (*who, address.quarter, _house(address), place) if line]


_ADDRESS_BLOCK = re.compile(r'(<div class="address">)(?:(?!<div class="address">).)*?(</div>)', re.DOTALL)


def readdressed(page_html: str, lines: Sequence[str]) -> str:
    """The A4 page with these lines in the envelope's window (`base/page.html`). Raises BadRequest where it has none."""
    block = "".join(f"<p>{escape(line)}</p>" for line in lines)
    page, found = _ADDRESS_BLOCK.subn(lambda match: match[1] + block + match[2], page_html, count=1)
    if not found:
        raise BadRequest("Това писмо няма страница за печат: отворете го и го отпечатайте на ръка.")
    return page


def _house(address: Address) -> str:
    street = " ".join(part for part in (address.street, f"№ {address.number}" if address.number else None) if part)
    inside = (("бл.", address.block), ("вх.", address.entrance), ("ет.", address.floor), ("ап.", address.apartment))
    return ", ".join([*([street] if street else []), *(f"{word} {value}" for word, value in inside if value)])


def thread_of(letter: Letter | None) -> Thread:
    """The citizen's own mail comes first: for a forwarded letter that is the one inside."""
    head = (letter.forwarded or letter.head) if letter else None
    if head is None or not _is_message_id(head.message_id):
        return Thread()
    # RFC 5322: References of the answer are those of the parent (or its In-Reply-To, if it has but one) and its id.
    parents = head.references or (head.in_reply_to if len(head.in_reply_to) == 1 else ())
    chain = [parent for parent in parents if _is_message_id(parent) and parent != head.message_id]
    return Thread(in_reply_to=head.message_id or "", references=(*chain[:1], *chain[1:][-8:], head.message_id or ""))


def _is_message_id(text: str | None) -> bool:
    """Whether this may stand in a header field of ours: one token in angle brackets, short, of printable ASCII."""
    return bool(text and len(text) < 250 and text[0] == "<" and text[-1] == ">"
                and all("!" <= character <= "~" for character in text))


def new_message_id(from_address: str) -> str:
    """Fixed when the letter is drafted, so that a second attempt is the same message."""
    domain = from_address.rpartition("@")[2]
    return make_msgid(domain=domain.encode("idna").decode("ascii") if domain else None)


def draft_in_envelope(
    letter_type: LetterType,
    item: Item,
    way: Way,
    rendered: Rendered,
    *,
    from_address: str,
    auto_submitted: bool = True,
    status: OutgoingStatus = OutgoingStatus.QUEUED,
) -> Draft:
    """The written letter as a draft; what belongs to mail alone stays empty on paper."""
    mail = way.channel is OutgoingChannel.EMAIL
    thread = thread_of(item.letter) if mail else Thread()
    return Draft(
        type=letter_type,
        item_id=item.id,
        channel=way.channel,
        to=way.to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html if mail else "",
        page_html=rendered.page_html,
        message_id=new_message_id(from_address) if mail else "",
        in_reply_to=thread.in_reply_to,
        references=thread.references,
        auto_submitted=auto_submitted,
        status=status,
    )
