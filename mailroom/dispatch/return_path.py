"""The return path that says of which letter a bounce tells: `center+r17.3k…@town` (after VERP, variable envelope return
paths), signed, so that nobody can tell us by a forged bounce that a letter did not arrive.

Only where the server takes plus-addresses (RFC 5233, „detail“); `mailroom check --try-mail` finds out. The key is the
register's own (`store/keys.py`); the signature is short, lower case and without signs that servers or people change.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable

from mailroom.model.base import OutgoingId, Value
from mailroom.model.letter import Letter

LONGEST_LOCAL_PART = 64
"""Octets before the @ (RFC 5321, 4.5.3.1.1)."""
_SIGNATURE_OCTETS = 10
_TAG = re.compile(r"\+r(?P<id>\d{1,18})\.(?P<signature>[a-z2-7]{16})$", re.IGNORECASE)
_RECEIVED_FOR = re.compile(r"\bfor\s++<([^\s<>@]++@[^\s<>]++)>")
_WHERE = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-rcpt-to", "x-delivered-to")
"""Header fields in which servers write to whom a mail came."""
_ADDRESS = re.compile(r"(?<![^\s<>,;:\"'])[^\s<>,;:\"'@]++@[^\s<>,;:\"']+")


class Returned(Value):
    """What the addresses of a mail say of the letter that it returns."""

    outgoing_id: OutgoingId | None = None
    """Our letter, by a signature that is ours; null where none is."""
    forged: bool = False
    """An address of this form has a signature that is not ours."""


def return_path(address: str, outgoing_id: OutgoingId, key: str) -> str:
    """The address to which a bounce of this letter goes; the plain one where the signed one would be too long."""
    local, _, domain = address.rpartition("@")
    signed = f"{local}+r{outgoing_id}.{_signature(outgoing_id, key)}"
    return f"{signed}@{domain}" if len(signed.encode()) <= LONGEST_LOCAL_PART else address


def read_return_path(letter: Letter, key: str) -> Returned:
    """Which letter a mail returns, by the address to which it came. One good signature outweighs what stands beside."""
    tags = [match for address in _addresses(letter) if (match := _TAG.search(address.rpartition("@")[0]))]
    good = [match for match in tags if hmac.compare_digest(
        match["signature"].lower(), _signature(int(match["id"]), key))]
    return Returned(outgoing_id=int(good[0]["id"]) if good else None, forged=bool(tags) and not good)


def _addresses(letter: Letter) -> Iterable[str]:
    if letter.head is None:
        return
    for name, value in letter.head.fields:
        if name in _WHERE:
            yield from _ADDRESS.findall(value)
        elif name == "received":
            yield from _RECEIVED_FOR.findall(value)


def _signature(outgoing_id: OutgoingId, key: str) -> str:
    digest = hmac.new(key.encode(), f"return path {outgoing_id}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:_SIGNATURE_OCTETS]).decode().lower()
