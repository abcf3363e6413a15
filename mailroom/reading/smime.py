"""The message inside an opaque S/MIME signature (RFC 8551, 3.5.2): CMS SignedData read just far enough.

Electronically signed letters arrive as one `smime.p7m` from some programs. The signature is not checked here; the words
are taken out so that the letter can be read. Encrypted content has no readable words and gives null.
"""

import base64
import binascii
import re

_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")
_OBJECT_ID, _SEQUENCE = 0x06, 0x30
_CONSTRUCTED = 0x20
_DEEPEST = 20


class _Malformed(ValueError):
    """The octets follow no BER."""


def signed_content(octets: bytes) -> bytes | None:
    """The signed MIME message; null when it is not SignedData with content (X.690 BER, indefinite lengths too)."""
    try:
        if octets.lstrip()[:5] == b"-----":
            octets = base64.b64decode(b"".join(re.findall(rb"^[A-Za-z0-9+/=]+\s*$", octets, re.M)))
        outer = _children(_element(octets, 0)[1])
        if len(outer) < 2 or outer[0] != (_OBJECT_ID, _SIGNED_DATA):
            return None
        signed = _children(_children(outer[1][1])[0][1])
        encapsulated = next((body for tag, body in signed if tag == _SEQUENCE and _DATA in body[:32]), b"")
        parts = _children(encapsulated)
        if len(parts) < 2 or parts[0] != (_OBJECT_ID, _DATA):
            return None
        return _octet_string(*_children(parts[1][1])[0], 0)
    except (_Malformed, IndexError, binascii.Error):
        return None


def _element(octets: bytes, at: int) -> tuple[int, bytes, int]:
    """Tag, content and end of the element that starts at `at`."""
    if at + 2 > len(octets):
        raise _Malformed
    tag, first = octets[at], octets[at + 1]
    start = at + 2
    if first == 0x80:
        end = _indefinite_end(octets, start, 0)
        return tag, octets[start:end], end + 2
    if first > 0x80:
        width = first & 0x7F
        length, start = int.from_bytes(octets[start:start + width], "big"), start + width
    else:
        length = first
    if start + length > len(octets):
        raise _Malformed
    return tag, octets[start:start + length], start + length


def _indefinite_end(octets: bytes, at: int, depth: int) -> int:
    """Where the end-of-contents octets of an element of indefinite length stand."""
    if depth > _DEEPEST:
        raise _Malformed
    while octets[at:at + 2] != b"\x00\x00":
        if at + 2 > len(octets):
            raise _Malformed
        at = _indefinite_end(octets, at + 2, depth + 1) + 2 if octets[at + 1] == 0x80 else _element(octets, at)[2]
    return at


def _children(content: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(content):
        tag, body, at = _element(content, at)
        found.append((tag, body))
    return found


def _octet_string(tag: int, body: bytes, depth: int) -> bytes:
    """The octets of a string, joined where it is cut into pieces."""
    if not tag & _CONSTRUCTED:
        return body
    if depth > _DEEPEST:
        raise _Malformed
    return b"".join(_octet_string(inner, part, depth + 1) for inner, part in _children(body))
