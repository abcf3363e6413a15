"""Outlook's own formats: .msg files (home of python-oxmsg) and winmail.dat, a TNEF stream (home of tnefparse)."""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime, formataddr
from typing import Any, TypeVar

from olefile import OleFileIO
from oxmsg.domain import constants as pid
from oxmsg.domain.model import UnrecognizedCodePageError, UnsupportedEncodingError
from oxmsg.properties import Properties
from oxmsg.storage import Storage
from tnefparse import TNEF
from tnefparse.tnef import TNEFAttachment

from mailroom.reading.charset import decode

T = TypeVar("T")

_BROKEN = (OSError, ValueError, LookupError, AssertionError, AttributeError, TypeError, OverflowError, NameError,
           struct.error, UnrecognizedCodePageError, UnsupportedEncodingError)
"""What both libraries raise on damaged files: they trust lengths and code pages that stand in the file."""
_TNEF_SIGNATURE = b"\x78\x9f\x3e\x22"
_TOP_HEADER, _EMBEDDED_HEADER, _ATTACHMENT_HEADER = 32, 24, 8
"""Octets before the first property of a properties stream ([MS-OXMSG] 2.4.1)."""
_EMBEDDED = "__substg1.0_3701000D"
_DEEPEST = 10
_RECIPIENT_TO, _RECIPIENT_CC = 1, 2


@dataclass(frozen=True, kw_only=True)
class OutlookMail:
    """What an Outlook container holds."""

    header: bytes
    """RFC 5322 header: the one the message came with, or one made from its properties; empty for TNEF."""
    text: str
    html: str
    files: tuple[tuple[str, str, str, bytes], ...]
    """Name, declared media type, Content-ID, octets."""
    mails: tuple["OutlookMail", ...] = ()
    damaged: bool = False


def is_tnef(octets: bytes) -> bool:
    """Whether these octets are a TNEF stream, whatever they are called."""
    return octets.startswith(_TNEF_SIGNATURE)


def read_msg(octets: bytes) -> OutlookMail | None:
    """Open a .msg file; null when it cannot be opened at all."""
    try:
        with OleFileIO(io.BytesIO(octets)) as ole:
            storage = Storage.from_ole(ole)
    except _BROKEN:
        return None
    return _message(storage, _TOP_HEADER, 0)


def _attempt(read: Callable[[], T], otherwise: T) -> T:
    """One property of a file that may be damaged elsewhere."""
    try:
        return read()
    except _BROKEN:
        return otherwise


def _message(storage: Storage, header_length: int, depth: int) -> OutlookMail | None:
    props = Properties(storage, properties_header_offset=header_length)
    if _attempt(lambda: len(list(props)), -1) < 0:
        return None
    text = _attempt(lambda: props.str_prop_value(pid.PID_BODY), None) or ""
    html = _attempt(lambda: _html(props), "")
    files: list[tuple[str, str, str, bytes]] = []
    mails: list[OutlookMail] = []
    damaged = False
    for inner in storage.iter_attachment_storages():
        embedded = next((s for s in inner.storages if s.name == _EMBEDDED), None)
        if embedded is not None and depth < _DEEPEST:
            mail = _message(embedded, _EMBEDDED_HEADER, depth + 1)
            mails += [mail] if mail else []
            damaged |= mail is None
            continue
        file = _attempt(lambda inner=inner: _file(inner), None)  # type: ignore[misc]
        files += [file] if file else []
        damaged |= file is None
    header = _attempt(lambda: _header(props, storage), b"")
    return OutlookMail(header=header, text=text, html=html, files=tuple(files), mails=tuple(mails), damaged=damaged)


def _html(props: Properties) -> str:
    octets = props.binary_prop_value(pid.PID_HTML)
    if octets:
        return decode(octets, _attempt(lambda: props.body_encoding, None)).text
    return props.str_prop_value(pid.PID_BODY_HTML) or ""


def _file(storage: Storage) -> tuple[str, str, str, bytes] | None:
    props = Properties(storage, properties_header_offset=_ATTACHMENT_HEADER)
    octets = props.binary_prop_value(pid.PID_ATTACH_DATA_BINARY)
    if octets is None:
        return None
    name = props.str_prop_value(pid.PID_ATTACH_LONG_FILENAME) or props.str_prop_value(pid.PID_ATTACH_FILENAME) or ""
    return (name, props.str_prop_value(pid.PID_ATTACH_MIME_TAG) or "application/octet-stream",
            props.str_prop_value(pid.PID_ATTACH_CONTENT_ID) or "", octets)


def _header(props: Properties, storage: Storage) -> bytes:
    """The transport header, or one made up: a message that was never sent, or one inside Exchange, has none."""
    kept = props.str_prop_value(pid.PID_TRANSPORT_MESSAGE_HEADERS) or ""
    if "from:" in kept.lower():
        return kept.lstrip("\r\n").encode("utf-8", "surrogateescape")
    lines = []
    name = props.str_prop_value(pid.PID_SENDER_NAME) or props.str_prop_value(pid.PID_SENT_REPRESENTING_NAME) or ""
    address = next((value for value in (props.str_prop_value(p) for p in (
        pid.PID_SENDER_SMTP_ADDRESS, pid.PID_SENDER_EMAIL_ADDRESS, pid.PID_SENT_REPRESENTING_EMAIL_ADDRESS))
        if value and "@" in value), "")
    lines.append("From: " + _mailbox(name, address))
    for kind, field in ((_RECIPIENT_TO, "To"), (_RECIPIENT_CC, "Cc")):
        boxes = [_mailbox(*box[1:]) for box in _recipients(storage) if box[0] == kind]
        lines += [f"{field}: " + ", ".join(boxes)] if boxes else []
    subject = " ".join((props.str_prop_value(pid.PID_SUBJECT) or "").split())
    lines.append("Subject: " + Header(subject, "utf-8").encode())
    sent = _attempt(lambda: props.date_prop_value(pid.PID_CLIENT_SUBMIT_TIME), None)
    lines += ["Date: " + format_datetime(sent)] if sent else []
    message_id = props.str_prop_value(pid.PID_INTERNET_MESSAGE_ID)
    lines += ["Message-ID: " + " ".join(message_id.split())] if message_id else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "replace")


def _mailbox(name: str, address: str) -> str:
    return formataddr((" ".join(name.split()), address), "utf-8") if address else Header(name, "utf-8").encode()


def _recipients(storage: Storage) -> list[tuple[int, str, str]]:
    found = []
    for inner in storage.iter_recipient_storages():
        props = Properties(inner, properties_header_offset=_ATTACHMENT_HEADER)
        address = props.str_prop_value(pid.PID_SMTP_ADDRESS) or props.str_prop_value(pid.PID_EMAIL_ADDRESS) or ""
        found.append((props.int_prop_value(pid.PID_RECIPIENT_TYPE) or 0,
                      props.str_prop_value(pid.PID_DISPLAY_NAME) or "", address))
    return found


def read_tnef(octets: bytes) -> OutlookMail | None:
    """Open a winmail.dat; null when it cannot be opened."""
    try:
        return _tnef(TNEF(octets, do_checksum=False))
    except _BROKEN:
        return None


def _tnef(tnef: Any) -> OutlookMail:
    files, mails = [], []
    for attachment in tnef.attachments:
        if getattr(attachment, "embed", None) is not None:
            mails.append(_tnef(attachment.embed))
        else:
            name = _tnef_name(attachment, tnef.codepage)
            files.append((name, "application/octet-stream", "", bytes(attachment.data)))
    return OutlookMail(header=b"", text=_tnef_text(tnef.body, tnef.codepage),
                       html=_tnef_text(tnef.htmlbody, tnef.codepage), files=tuple(files), mails=tuple(mails))


def _tnef_name(attachment: TNEFAttachment, codepage: str | None) -> str:
    name = _attempt(attachment.long_filename, "")
    return _tnef_text(name or attachment._name, codepage).strip("\x00")  # its own accessor trusts the name to be UTF-8


def _tnef_text(value: object, codepage: str | None) -> str:
    if isinstance(value, bytes):
        return decode(value.rstrip(b"\x00"), codepage).text
    return value.rstrip("\x00") if isinstance(value, str) else ""
