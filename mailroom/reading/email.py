"""A mail's octets to a Mail: header, body, files, mails inside (home of mail-parser).

Python's own parser takes the message apart, as it does for mail-parser, which reads addresses and dates here; all else
that mail-parser makes of a message (texts, attachments, hops) would be made for nothing, at the price of reading the
mail once more. Done here is what either falls short on: charsets are judged from the raw octets,
an unnamed attachment is named by position and type, names cannot climb folders, an unclosed or missing boundary still
gives its parts, and what is nested is walked to a fixed depth. Nothing here raises for any octets.
"""

import base64
import email
import hashlib
import html
import logging
import mimetypes
import quopri
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any

from mailparser.dates import parse_mail_date
from mailparser.exceptions import MailParserError
from mailparser.utils import get_addresses

from mailroom.mediatype import EML, MSG, media_type_of
from mailroom.model.letter import DeliveryReport, Fault, Mailbox, MailHead
from mailroom.reading.charset import Decoded, clean_text, decode, decode_header
from mailroom.reading.faults import fault, unique
from mailroom.reading.head import aware, bare_mailbox, head_from, mailbox_of, raw_fields, readable
from mailroom.reading.html import referenced_cids, text_of_html
from mailroom.reading.outlook import OutlookMail, is_tnef, read_msg, read_tnef
from mailroom.reading.reports import report_from_parts, report_from_text
from mailroom.reading.signatures import Signed, mail_signature, signed_content, signed_part

_DEEPEST = 60
_HEX = re.compile(rb"=[89A-F][0-9A-F]")
"""An octet above ASCII in quoted-printable."""
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_SHORTEST_BASE64 = 40
_LOOK_AT = 2_000
_REFERENCE = re.compile(r"&#(?:\d{2,6}|x[0-9a-fA-F]{2,5});")
_MOST_PARAMETERS = 1000
_ENDLESS_FIELD = re.compile(
    rb"^(content-(?:type|disposition)[ \t]*:(?:[^\r\n]|\r?\n[ \t]){4000})(?:[^\r\n]|\r?\n[ \t])+", re.I | re.M)
"""A field with a file name of 4,000 characters says all that it has to say."""
_OF_TEN = 10
"""What takes at least a tenth of all characters is no accident."""
_STUMBLES = (MailParserError, MessageError, ValueError, LookupError, TypeError, AttributeError, OverflowError)
"""What mail-parser raises over broken header fields and epilogues."""
_ADDRESS_FIELDS = ("from", "sender", "reply-to", "to", "cc")
_CMS_SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature"})
_SIGNATURES = _CMS_SIGNATURES | {"application/pgp-signature", "application/pgp-keys"}
_NO_FILES = re.compile(r"\.(p7s|ics|vcs|vcf|asc)$", re.I)


@dataclass(frozen=True, kw_only=True)
class File:
    """A file inside a mail."""

    filename: str
    declared_type: str
    media_type: str
    content: bytes
    inline: bool
    referenced: bool
    """Shown by the HTML body through its Content-ID."""


@dataclass(frozen=True, kw_only=True)
class Mail:
    """A mail taken apart."""

    head: MailHead
    subject: str | None
    text: str
    """The body as the reader would see it, with quoted history; empty when there is none."""
    files: tuple[File, ...]
    mails: tuple["Mail", ...]
    """Messages attached to this one."""
    calendar_method: str | None
    report: DeliveryReport | None
    returned: str
    """For a delivery report: subject and text of the letter that is reported about."""
    faults: tuple[Fault, ...]
    content_sha256: str
    signatures: tuple[Signed, ...] = ()
    has_html: bool = False
    """Whether it, or a mail inside, has an HTML form."""
    octets: bytes = b""
    """Of a mail inside another: as it stood there."""


logging.getLogger("mailparser").addHandler(logging.NullHandler())
logging.getLogger("mailparser").propagate = False  # it writes header fields of citizens into its warnings


@dataclass
class _Collected:
    """What a walk over the parts has gathered so far."""

    texts: list[str] = field(default_factory=list)
    cids: set[str] = field(default_factory=set)
    files: list[tuple[File, str]] = field(default_factory=list)
    """With the Content-ID of each."""
    mails: list[Mail] = field(default_factory=list)
    status_parts: list[Message] = field(default_factory=list)
    returned: list[Message] = field(default_factory=list)
    calendar_method: str | None = None
    signed: list[tuple[str | None, bytes]] = field(default_factory=list)
    """The CMS octets of each signature, with the boundary of the multipart/signed that they stand in; null where the
    words are inside the signature."""
    has_html: bool = False
    faults: list[Fault] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n\n".join(text for text in self.texts if text.strip())

    def take(self, other: "_Collected") -> None:
        """Everything but the texts of another walk."""
        self.cids |= other.cids
        self.files += other.files
        self.mails += other.mails
        self.status_parts += other.status_parts
        self.returned += other.returned
        self.calendar_method = self.calendar_method or other.calendar_method
        self.signed += other.signed
        self.has_html |= other.has_html
        self.faults += other.faults
        self.digests += other.digests


def parse_mail(content: bytes) -> Mail:
    """Take a mail apart. Never raises: what is broken becomes faults."""
    content = _without_envelope_line(content)
    message = _message_of(_with_few_parameters(content))
    if message is None:
        return _mail(BytesHeaderParser().parsebytes(content), _Collected(faults=[fault("too_deep")]))
    return _parse(message, content, 0)


def _message_of(octets: bytes) -> Message | None:
    """The message taken apart; null when it is nested too deeply for any parser."""
    try:
        return email.message_from_bytes(octets)
    except RecursionError:
        return None


def mail_from_msg(content: bytes) -> Mail | None:
    """A Mail out of an Outlook .msg file; null when it cannot be opened."""
    outlook = read_msg(content)
    return None if outlook is None else _mail_of_outlook(outlook, 0)


def _without_envelope_line(content: bytes) -> bytes:
    """Without an mbox `From ` line, a byte order mark, empty lines or NULs that stand before the header."""
    start = content.lstrip(b"\r\n\x00 \xef\xbb\xbf") if content[:1] in b"\r\n\x00 \xef" else content
    if b"\n" not in start[:100_000] and b"\r" in start[:1000]:  # old Macintosh line ends
        start = start.replace(b"\r", b"\n")
    if start.startswith((b"From ", b">From ")):
        start = start.partition(b"\n")[2]
    return start


def _with_few_parameters(content: bytes) -> bytes:
    """With fields that describe a part cut where no program writes on: Python copies the rest of a field for each of
    its parameters."""
    return _ENDLESS_FIELD.sub(rb"\1", content) if content.count(b";") > _MOST_PARAMETERS else content


def _parse(message: Message, octets: bytes, depth: int) -> Mail:
    collected = _Collected()
    _walk(message, collected, depth)
    return _mail(message, collected, octets)


def _mail(message: Message, collected: _Collected, octets: bytes = b"") -> Mail:
    """`octets` are the message's own, where a signature may stand over a part of them."""
    head = _head(message)
    faults = list(collected.faults)
    if not any(mailbox.address for mailbox in head.from_):
        faults.append(fault("no_sender"))
    text = clean_text(collected.text)
    returned = _returned(collected.returned)
    report = report_from_parts(collected.status_parts, collected.returned) or report_from_text(head, text)
    return Mail(
        head=head, subject=head.first("subject"), text=text,
        files=tuple(_with_reference(file, cid, collected.cids) for file, cid in collected.files),
        mails=tuple(collected.mails), signatures=tuple(_signatures(collected, octets)),
        has_html=collected.has_html or any(inner.has_html for inner in collected.mails),
        calendar_method=collected.calendar_method, report=report, returned=returned,
        faults=unique(faults), content_sha256=hashlib.sha256("\n".join(collected.digests).encode()).hexdigest())


def _signatures(collected: _Collected, octets: bytes) -> Iterator[Signed]:
    for boundary, signature in collected.signed:
        found = mail_signature(signature, None if boundary is None else signed_part(octets, boundary) or b"")
        if found:
            yield found


def _with_reference(file: File, cid: str, cids: set[str]) -> File:
    if cid not in cids:
        return file
    return replace(file, inline=True, referenced=True)


def _returned(messages: list[Message]) -> str:
    parts = []
    for message in messages:
        inner = _Collected()
        _walk(message, inner, _DEEPEST // 2)
        parts += [decode_header(str(dict(raw_fields(message)).get("subject", ""))), inner.text]
    return clean_text("\n\n".join(part for part in parts if part.strip()))


def _head(message: Message) -> MailHead:
    fields = raw_fields(message)
    mailboxes = {name: tuple(box for field_name, value in fields if field_name == name for box in _mailboxes(value))
                 for name in _ADDRESS_FIELDS}
    return head_from(fields, mailboxes, date=_date(message), media_type=_type_of(message))


def _type_of(part: Message) -> str:
    """The declared media type, which may hold any octets."""
    return part.get_content_type().encode("ascii", "replace").decode("ascii")


def _date(message: Message) -> datetime | None:
    raw = next((str(value) for name, value in message.raw_items() if name.lower() == "date"), None)
    if raw is None:
        return None
    try:
        return aware(parse_mail_date(decode_header(raw)).value)
    except _STUMBLES:
        return None


def _mailboxes(raw: str) -> tuple[Mailbox, ...]:
    text = readable(raw)
    try:
        found = [(name, address) for name, address in get_addresses(text) if address]
    except _STUMBLES:
        found = []
    return tuple(mailbox_of(name, address) for name, address in found) or bare_mailbox(raw)


# ---- the walk over the parts ----------------------------------------------------------------------------------------


def _walk(part: Message, collected: _Collected, depth: int) -> None:
    """Gather what `part` holds. The order of the branches is the order in which RFC 2046 and practice ask to look."""
    if depth > _DEEPEST:
        collected.faults.append(fault("too_deep"))
        return
    media_type = _type_of(part)
    if media_type.startswith("multipart/") and isinstance(_payload(part), list):
        _walk_multipart(part, media_type, collected, depth)
    elif media_type.startswith("multipart/"):
        _walk_lost_boundary(part, collected, depth)
    elif media_type in ("message/delivery-status", "message/disposition-notification"):
        collected.status_parts.append(part)
        collected.digests.append(media_type)
    elif media_type in ("message/rfc822", "message/global", "message/news"):
        _take_message(part, collected, depth)
    else:
        _take_leaf(part, media_type, collected, depth)


def _walk_multipart(part: Message, media_type: str, collected: _Collected, depth: int) -> None:
    children = [child for child in _payload(part) if isinstance(child, Message)]
    if media_type == "multipart/encrypted":
        collected.faults.append(fault("sealed_mail"))
    if media_type == "multipart/signed" and children and _type_of(children[-1]) in _CMS_SIGNATURES:
        collected.signed.append((str(part.get_boundary("")), _octets(children[-1])))
    if media_type == "multipart/alternative":
        _walk_alternatives(children, collected, depth)
    elif media_type == "multipart/report":
        _walk_report(children, collected, depth)
    else:
        for child in children:
            _walk(child, collected, depth + 1)


def _walk_report(children: list[Message], collected: _Collected, depth: int) -> None:
    """RFC 6522: an explanation for people, the machine's part, and the returned letter or its header."""
    for position, child in enumerate(children):
        media_type = child.get_content_type()
        if media_type == "message/rfc822" and isinstance(_payload(child), list):
            collected.returned += [m for m in _payload(child) if isinstance(m, Message)]
        elif media_type in ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers"):
            collected.returned.append(BytesHeaderParser().parsebytes(_octets(child)))
        elif position and media_type.startswith("text/"):
            continue
        else:
            _walk(child, collected, depth + 1)


def _walk_alternatives(children: list[Message], collected: _Collected, depth: int) -> None:
    """Of several forms of one text take the one that says most; plain text where it is as good as the others."""
    plain, rich = "", ""
    for child in children:
        inner = _Collected()
        _walk(child, inner, depth + 1)
        collected.take(inner)
        if child.get_content_type() == "text/plain":
            plain = plain or inner.text
        elif inner.text.strip():
            rich = inner.text
    collected.texts.append(rich if _is_stub(plain, rich) else plain)


def _is_stub(plain: str, rich: str) -> bool:
    """Whether the plain form only says that there is another one, or lost its letters to question marks."""
    if not plain.strip() or not rich.strip():
        return not plain.strip()
    letters = sum(map(str.isalpha, plain))
    if plain.count("?") > letters and sum(map(str.isalpha, rich)) > 2 * letters:
        return True
    return len(rich) > 200 and len(plain) * 4 < len(rich)


def _walk_lost_boundary(part: Message, collected: _Collected, depth: int) -> None:
    """A multipart whose boundary is missing or wrong: try the line that looks like one, else keep the text."""
    collected.faults.append(fault("damaged_mail"))
    octets = _octets(part)
    found = re.search(rb"^--(\S[^\r\n]{0,200}?)[ \t]*\r?\n(?=[A-Za-z-]+:)", octets, re.M)
    if found and depth < _DEEPEST:
        boundary = found[1].replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        again = b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\r\n\r\n' + octets
        message = _message_of(again)
        if message is not None and isinstance(_payload(message), list):
            _walk(message, collected, depth + 1)
            return
    collected.texts.append(_decoded(octets, None, collected))
    collected.digests.append(hashlib.sha256(octets).hexdigest())


def _take_message(part: Message, collected: _Collected, depth: int) -> None:
    payload = _payload(part)
    inner = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(inner, Message):
        _take_file(part, _octets(part), "message/rfc822", collected, depth)
        return
    if not inner.keys():  # encoded as a whole, against RFC 2046, 5.2.1
        transfer = str(part.get("content-transfer-encoding", "")).strip().lower()
        leaf = Message()
        leaf["Content-Transfer-Encoding"] = transfer
        leaf.set_payload(_payload(inner))
        inner = _message_of(_octets(leaf)) or inner
    octets = _flat(inner)
    mail = _parse(inner, octets, depth + 1)
    collected.mails.append(replace(mail, octets=octets))
    collected.faults += [f for f in mail.faults if f.code == "too_deep"]
    collected.digests.append(mail.content_sha256)


def _flat(message: Message) -> bytes:
    """The message written out again; only where Python cannot, its text."""
    try:
        return message.as_bytes()
    except (UnicodeError, LookupError, TypeError, ValueError, AttributeError):
        return str(_payload(message)).encode("utf-8", "replace")
    except RecursionError:  # nested far deeper than is read: the walk says so
        return b""


def _payload(part: Message) -> Any:
    """The parts of a multipart, else the text of a leaf as it came."""
    try:
        return part.get_payload()
    except ValueError:  # a charset with a NUL in its name
        octets = part.get_payload(decode=True)
        return octets.decode("ascii", "surrogateescape") if isinstance(octets, bytes) else ""


def _octets(part: Message) -> bytes:
    """The decoded octets of a leaf; an unknown or sloppy transfer encoding is read as what it resembles."""
    transfer = str(part.get("content-transfer-encoding", "")).strip().lower()
    for known in ("base64", "quoted-printable", "x-uuencode", "uuencode"):
        if known in transfer and transfer != known:
            part.replace_header("content-transfer-encoding", known)
    plain = _payload(part)
    if transfer == "base64" and isinstance(plain, str) and _is_no_base64(plain):
        return plain.encode("utf-8", "surrogateescape")
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    return plain.encode("utf-8", "surrogateescape") if isinstance(plain, str) else part.as_bytes()


def _is_no_base64(text: str) -> bool:
    """Whether a tenth of its beginning cannot stand in base64 (RFC 2045, 6.8): words that were never encoded."""
    start = text[:_LOOK_AT]
    return len(re.findall(r"[^A-Za-z0-9+/=\s]", start)) * _OF_TEN > len(start)


def _view(part: Message) -> Message:
    """The part's MIME fields with 8-bit octets decoded, so that their parameters can be read."""
    view = Message()
    for name, value in raw_fields(part):
        if name in ("content-type", "content-disposition", "content-id") and name not in view:
            view[name] = readable(value)
    return view


def _param(view: Message, name: str, header: str = "content-type") -> (
        str | tuple[str | None, str | None, str] | None):
    """A parameter of a MIME field, as text or as RFC 2231 gives it: charset, language, value; null when absent."""
    try:
        return view.get_param(name, header=header)
    except (TypeError, ValueError, IndexError):  # continuations that are numbered both ways
        return None


def _take_leaf(part: Message, media_type: str, collected: _Collected, depth: int) -> None:
    octets = _octets(part)
    view = _view(part)
    name = _declared_name(view)
    if media_type == "text/calendar" or media_type == "application/ics":
        collected.calendar_method = collected.calendar_method or _method(view, octets)
        collected.digests.append(hashlib.sha256(octets).hexdigest())
    elif media_type in _SIGNATURES:
        return
    elif media_type in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        _take_opaque(octets, collected, depth)
    elif media_type in ("text/plain", "text/html", "text/enriched") and _is_body(view, name, collected):
        _take_text(media_type, octets, view, collected)
    else:
        _take_file(part, octets, media_type, collected, depth)


def _method(view: Message, octets: bytes) -> str | None:
    """METHOD of RFC 5546: a parameter of the type, or the property in the part."""
    declared = _param(view, "method")
    found = re.search(rb"^METHOD:([A-Za-z-]+)", octets, re.M)
    return str(declared).upper() if declared else found[1].decode().upper() if found else None


def _take_opaque(octets: bytes, collected: _Collected, depth: int) -> None:
    """S/MIME in one piece (RFC 8551, 3.5): a signed message lies open inside; an enveloped one is sealed."""
    signed = signed_content(octets)
    inner = None if signed is None else _message_of(signed)
    if inner is None or depth >= _DEEPEST:
        collected.faults.append(fault("sealed_mail"))
        collected.digests.append(hashlib.sha256(octets).hexdigest())
        return
    collected.signed.append((None, octets))
    _walk(inner, collected, depth + 1)


def _is_body(view: Message, name: str, collected: _Collected) -> bool:
    """Whether a text part is to be read as the letter rather than as a file that came with it."""
    disposition = view.get_content_disposition()
    if disposition == "attachment":
        return bool(re.fullmatch(r"ATT\d+\.(txt|htm|html)", name))
    return not name or not collected.text.strip()


def _take_text(media_type: str, octets: bytes, view: Message, collected: _Collected) -> None:
    declared = _param(view, "charset")
    charset = declared[2] if isinstance(declared, tuple) else declared
    if media_type == "text/html":
        source = _decoded(octets, charset or _meta_charset(octets), collected)
        collected.cids |= referenced_cids(source)
        collected.has_html = True
        text = text_of_html(source)
    else:
        text = _typed(_decoded(_transferred(octets), charset, collected))
        if str(_param(view, "format")).lower() == "flowed":
            text = _unflowed(text, delete_space=str(_param(view, "delsp")).lower() == "yes")
        elif media_type == "text/enriched":
            text = re.sub(r"<[^<>]*>", "", text)
    collected.texts.append(text)
    collected.digests.append(hashlib.sha256(" ".join(text.split()).encode("utf-8", "replace")).hexdigest())


def _transferred(octets: bytes) -> bytes:
    """Octets that still wear a transfer encoding which their header does not declare."""
    if not octets.isascii():
        return octets
    if len(_HEX.findall(octets)) * _OF_TEN >= len(octets):
        return quopri.decodestring(octets)
    packed = b"".join(octets.split())
    if len(packed) < _SHORTEST_BASE64 or len(packed) % 4 or not _BASE64.fullmatch(packed) or octets.count(b" "):
        return octets
    unpacked = base64.b64decode(packed)
    text = decode(unpacked, None)
    return octets if text.lossy or not text.text.replace("\r", "").replace("\n", "").isprintable() else unpacked


def _typed(text: str) -> str:
    """Plain text that is a web page, or is written in its character references, as it was meant to be seen."""
    if re.match(r"\s*(?:<!doctype html|<html[\s>])", text[:1000], re.I):
        return text_of_html(text)
    return html.unescape(text) if len(_REFERENCE.findall(text)) * _OF_TEN >= max(len(text), 50) else text


def _meta_charset(octets: bytes) -> str | None:
    found = re.search(rb"<meta[^>]{0,200}charset=[\"']?([\w-]+)", octets[:4096], re.I)
    return found[1].decode("ascii") if found else None


def _decoded(octets: bytes, declared: str | None, collected: _Collected) -> str:
    result: Decoded = decode(octets, declared)
    if "\x00" in result.text:
        collected.faults.append(fault("nul_octets"))
    if result.misdeclared:
        collected.faults.append(fault("wrong_charset"))
    if not result.lossy:
        return result.text
    collected.faults.append(fault("undecodable"))
    return "\n".join(line for line in result.text.split("\n") if line.count("\ufffd") <= len(line) // 4)


def _unflowed(text: str, *, delete_space: bool) -> str:
    """RFC 3676: a line that ends with a space goes on in the next one of the same quote depth; `-- ` never does."""
    lines: list[str] = []
    flows = False
    for line in text.replace("\r\n", "\n").split("\n"):
        quote = re.match(r">*", line)
        depth = quote.end() if quote else 0
        words = line[depth:].removeprefix(" ")
        if flows and lines and words != "-- " and _depth(lines[-1]) == depth:
            lines[-1] = (lines[-1][:-1] if delete_space else lines[-1]) + words
        else:
            lines.append((">" * depth + " " if depth else "") + words)
        flows = words.endswith(" ") and words != "-- "
    return "\n".join(lines)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(">"))


# ---- files -----------------------------------------------------------------------------------------------------------


def _declared_name(view: Message) -> str:
    """The file name of Content-Disposition or Content-Type, decoded (RFC 2231, or encoded words as is common)."""
    for parameter, header in (("filename", "content-disposition"), ("name", "content-type")):
        value = _param(view, parameter, header)
        if isinstance(value, tuple):
            octets = value[2].encode("latin-1", "replace")
            return decode(octets, value[0]).text
        if value:
            return decode_header(str(value))
    return ""


def safe_name(declared: str, position: int, media_type: str) -> str:
    """A name without folders, controls, reading direction marks or a leading dot; made up where nothing is left."""
    name = unicodedata.normalize("NFC", declared).replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C")
    name = re.sub(r'[<>:"|?*]', "_", " ".join(name.split())).lstrip(". ")
    if not name:
        return f"приложение-{position}{mimetypes.guess_extension(media_type) or '.bin'}"
    stem, dot, extension = name.rpartition(".")
    return f"{stem[:140]}.{extension[:10]}" if dot and len(name) > 150 else name[:150]


def _take_file(part: Message, octets: bytes, media_type: str, collected: _Collected, depth: int) -> None:
    view = _view(part)
    declared = _declared_name(view)
    if media_type == "application/ms-tnef" or declared.lower() == "winmail.dat" or is_tnef(octets):
        _take_tnef(octets, collected, depth)
        return
    if _NO_FILES.search(declared) or media_type in ("text/vcard", "text/x-vcard", "text/directory"):
        found = re.search(rb"^METHOD:([A-Za-z-]+)", octets, re.M) if declared.lower().endswith(".ics") else None
        collected.calendar_method = collected.calendar_method or (found[1].decode().upper() if found else None)
        return
    judged = media_type_of(octets)
    if judged == EML and (declared.lower().endswith(".eml") or not media_type.startswith("text/")) and depth < _DEEPEST:
        message = _message_of(_without_envelope_line(octets))
        if message is None:
            collected.faults.append(fault("too_deep"))
        else:
            collected.mails.append(replace(_parse(message, octets, depth + 1), octets=octets))
        collected.digests.append(hashlib.sha256(octets).hexdigest())
        return
    if judged == MSG and depth < _DEEPEST and (outlook := read_msg(octets)) is not None:
        collected.mails.append(replace(_mail_of_outlook(outlook, depth + 1), octets=octets))
        collected.digests.append(hashlib.sha256(octets).hexdigest())
        return
    _keep_file(declared, media_type, judged, octets, collected, cid=str(view.get("content-id", "")).strip("<> \t"),
               inline=view.get_content_disposition() == "inline")


def _keep_file(declared: str, declared_type: str, judged: str, octets: bytes, collected: _Collected, *, cid: str,
               inline: bool) -> None:
    name = safe_name(declared, len(collected.files) + 1, declared_type)
    collected.files.append((File(filename=name, declared_type=declared_type, media_type=judged, content=octets,
                                 inline=inline, referenced=False), cid))
    collected.digests.append(hashlib.sha256(octets).hexdigest())


def _take_tnef(octets: bytes, collected: _Collected, depth: int) -> None:
    outlook = read_tnef(octets)
    if outlook is None:
        collected.faults.append(fault("damaged_outlook"))
        collected.digests.append(hashlib.sha256(octets).hexdigest())
        return
    if not collected.text.strip():
        collected.texts.append(outlook.text or text_of_html(outlook.html))
    _take_outlook_files(outlook, collected, depth)


def _take_outlook_files(outlook: OutlookMail, collected: _Collected, depth: int) -> None:
    for name, media_type, cid, octets in outlook.files:
        if not _NO_FILES.search(name):
            _keep_file(name, media_type, media_type_of(octets), octets, collected, cid=cid, inline=bool(cid))
    if depth < _DEEPEST:
        collected.mails += [_mail_of_outlook(inner, depth + 1) for inner in outlook.mails]


def _mail_of_outlook(outlook: OutlookMail, depth: int) -> Mail:
    """The Mail of an Outlook message: its transport header where it kept one, else one made from its properties."""
    message = BytesHeaderParser().parsebytes(outlook.header)
    collected = _Collected(faults=[fault("damaged_outlook")] if outlook.damaged else [])
    text = outlook.text if outlook.text.strip() else text_of_html(outlook.html)
    collected.texts.append(text)
    collected.cids |= referenced_cids(outlook.html)
    collected.digests.append(hashlib.sha256(" ".join(text.split()).encode("utf-8", "replace")).hexdigest())
    _take_outlook_files(outlook, collected, depth)
    return _mail(message, collected)
