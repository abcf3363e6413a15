"""What kind of file some octets are, judged by content and never by name (home of libmagic)."""

import email.parser
import re

import magic

EML = "message/rfc822"
MSG = "application/vnd.ms-outlook"
PDF = "application/pdf"
TIFF = "image/tiff"
EMPTY = "application/x-empty"

SCAN_TYPES = frozenset({PDF, TIFF, "image/jpeg", "image/png", "image/bmp", "image/gif", "image/webp"})
"""What a scanner or a telephone makes."""

_HEADER_FIELD = re.compile(rb"\A(?:[!-9;-~]{1,76}:[^\r\n]*(?:\r\n|\r|\n)(?:[ \t][^\r\n]*(?:\r\n|\r|\n))*){2}")
_MAIL_FIELDS = frozenset({"from", "to", "subject", "date", "received", "message-id", "mime-version", "return-path",
                          "content-type", "delivered-to", "x-mailer", "reply-to", "cc", "sender"})
_LOOK_AT = 1 << 16
_MSG_STREAM = "__substg".encode("utf-16-le")
"""Name of the streams in which Outlook keeps a message's properties (MS-OXMSG 2.2.1)."""


def media_type_of(content: bytes) -> str:
    """The media type of these octets. `application/x-empty` for none; a mail without an mbox line is `message/rfc822`.

    libmagic calls many mails text/plain or even a script, so what starts with mail header fields is asked first.
    """
    if not content:
        return EMPTY
    head = content[:_LOOK_AT]
    if _is_mail(head):
        return EML
    found = str(magic.from_buffer(head, mime=True))
    if found in ("application/CDFV2", "application/x-ole-storage") and _MSG_STREAM in content:
        return MSG
    if found == "application/octet-stream" and b"%PDF-" in head[:1024]:
        return PDF
    return found


def _is_mail(head: bytes) -> bool:
    """Two header fields at the start, at least one of those that every mail program writes."""
    start = head.lstrip(b"\r\n\x00 \xef\xbb\xbf")
    if start.startswith(b"From "):
        start = start.partition(b"\n")[2]
    if not _HEADER_FIELD.match(start):
        return False
    fields = email.parser.BytesHeaderParser().parsebytes(start.partition(b"\n\n")[0])
    return any(name.lower() in _MAIL_FIELDS for name in fields)
