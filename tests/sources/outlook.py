"""A small Outlook message (.msg): an OLE compound file (MS-CFB) with two property streams (MS-OXMSG)."""

import struct

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_STREAM_OCTETS = 4096
"""Shorter streams would need a second allocation table."""


def outlook_message(subject: str) -> bytes:
    """With this subject and an empty text."""
    properties = b"\x00" * 32 + struct.pack("<4I", 0x0037001F, 6, _STREAM_OCTETS, 0)  # PidTagSubject
    streams = {
        "__properties_version1.0": properties.ljust(_STREAM_OCTETS, b"\x00"),
        "__substg1.0_0037001F": subject.ljust(_STREAM_OCTETS // 2).encode("utf-16-le"),
    }
    sectors_each = _STREAM_OCTETS // _SECTOR
    first_data = 2  # after the allocation table (0) and the directory (1)
    table = [_FAT, _END]
    for number in range(len(streams)):
        start = first_data + number * sectors_each
        table += [*range(start + 1, start + sectors_each), _END]
    table += [_FREE] * (_SECTOR // 4 - len(table))
    directory = _entry("Root Entry", _ROOT, child=1)
    for number, name in enumerate(streams):
        right = number + 2 if number + 1 < len(streams) else _FREE
        directory += _entry(name, _STREAM, right=right, start=first_data + number * sectors_each)
    directory = directory.ljust(_SECTOR, b"\x00")
    return _header() + struct.pack(f"<{len(table)}I", *table) + directory + b"".join(streams.values())


def _header() -> bytes:
    start = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 16
    numbers = struct.pack("<5H6x9I", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    return start + numbers + struct.pack("<109I", 0, *[_FREE] * 108)


def _entry(name: str, kind: int, *, right: int = _FREE, child: int = _FREE, start: int = _END) -> bytes:
    encoded = name.encode("utf-16-le") + b"\x00\x00"
    size = _STREAM_OCTETS if kind == _STREAM else 0
    return encoded.ljust(64, b"\x00") + struct.pack(
        "<HBB3I16xI16xIQ", len(encoded), kind, 1, _FREE, right, child, 0, start, size)
