"""The header of a mail: fields decoded, mailboxes, message identifiers (RFC 5322)."""

import re
from datetime import UTC, datetime
from email.message import Message

from mailroom.model.letter import Mailbox, MailHead
from mailroom.reading.charset import clean_line, decode, decode_header

_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_ADDRESS = re.compile(r"(?<![^\s<>\"'(),;:])[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")


def raw_fields(message: Message) -> list[tuple[str, str]]:
    """Name in lower case and body as the parser kept it: ASCII, other octets as surrogates."""
    return [(name.lower(), str(value)) for name, value in message.raw_items()]


def mailbox_of(name: str, address: str) -> Mailbox:
    """A mailbox with its display name decoded and freed of quotation marks."""
    shown = decode_header(name).strip("\"' ")
    return Mailbox(name="" if shown == address else shown, address=clean_line(address).replace(" ", ""))


def bare_mailbox(raw: str) -> tuple[Mailbox, ...]:
    """What can be saved from an address field that follows no grammar: an address somewhere, the rest as the name."""
    text = decode_header(raw)
    found = _ADDRESS.search(text)
    address = found[0].strip(".") if found else ""
    name = clean_line(re.sub(r"[<>\"]", " ", text.replace(address, " "))) if address else text.strip("<>\"' ")
    return (Mailbox(name=name, address=address),) if name or address else ()


def message_ids(raw: str) -> tuple[str, ...]:
    """Every identifier of a Message-ID, In-Reply-To or References field, with angle brackets."""
    return tuple(dict.fromkeys(_MESSAGE_ID.findall(clean_line(raw))))


def readable(raw: str) -> str:
    """A raw field with its 8-bit octets decoded but its encoded words left, so that its grammar can be read."""
    octets = raw.encode("utf-8", "surrogateescape")
    return decode(octets, None).text.replace("\r", " ").replace("\n", " ").replace("\x00", "")


def aware(moment: datetime | None) -> datetime | None:
    """With a time zone; a moment without one is UTC."""
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def head_from(fields: list[tuple[str, str]], mailboxes: dict[str, tuple[Mailbox, ...]], *, date: datetime | None,
              media_type: str) -> MailHead:
    """Put a MailHead together. `mailboxes` is keyed by field name in lower case."""
    first: dict[str, str] = {}
    for name, value in fields:
        first.setdefault(name, value)
    own = first.get("message-id", "")
    ids = message_ids(own)
    path = first.get("return-path")
    return MailHead(
        message_id=ids[0] if ids else clean_line(own) or None,
        in_reply_to=message_ids(first.get("in-reply-to", "")), references=message_ids(first.get("references", "")),
        from_=mailboxes.get("from", ()), sender=next(iter(mailboxes.get("sender", ())), None),
        reply_to=mailboxes.get("reply-to", ()), to=mailboxes.get("to", ()), cc=mailboxes.get("cc", ()),
        return_path=None if path is None else clean_line(path).strip("<> "),
        date=date, media_type=media_type, fields=tuple((name, decode_header(value)) for name, value in fields))
