"""Whether a file has its end: what a scanner has not finished writing is not taken yet.

PDF ends with %%EOF (ISO 32000-1 7.5.5), JPEG with the marker EOI (ITU-T T.81 B.1.1.3), PNG with the chunk IEND
(ISO 15948 11.2.5). TIFF has no end: its chain of directories has to close, and their strips or tiles have to lie inside
the file (TIFF 6.0, section 2). Of any other type nothing can be said, and it counts as complete.
"""

import os
import struct
from dataclasses import dataclass
from typing import BinaryIO, Final

_HEAD_OCTETS = 1024
_TAIL_OCTETS = 2048
_PADDING = b"\x00\r\n \x1a"
_PNG_END = b"IEND\xaeB`\x82"

_MAX_DIRECTORIES = 10_000
_MAX_STRIPS = 1 << 20
_STRIP_TAGS: Final = {273: 279, 324: 325}
"""Tag of the offsets → tag of the byte counts, for strips and for tiles."""
_INTEGERS: Final = {3: "H", 4: "I", 16: "Q"}
"""TIFF type → struct code: SHORT, LONG, LONG8."""


def is_complete(file: BinaryIO) -> bool:
    """Judged by the file's own format. An empty file, and one that starts with nothing but NUL octets, is not."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(_HEAD_OCTETS)
    file.seek(max(0, size - _TAIL_OCTETS))
    tail = file.read(_TAIL_OCTETS)
    if not head.strip(b"\x00"):
        return False
    if b"%PDF-" in head:
        return b"%%EOF" in tail
    if head.startswith(b"\xff\xd8\xff"):
        return tail.rstrip(_PADDING).endswith(b"\xff\xd9")
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return _PNG_END in tail
    if head[:4] in (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"):
        return _is_complete_tiff(file, size)
    return True


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """How a TIFF writes its numbers."""

    order: str
    offset: str
    count: str
    entry_octets: int
    first: int
    """Where the offset of the first directory stands."""

    def read(self, file: BinaryIO, at: int, code: str, number: int = 1) -> tuple[int, ...]:
        """Integers that stand at an offset. Raises struct.error when the file ends before."""
        file.seek(at)
        form = f"{self.order}{number}{code}"
        return struct.unpack(form, file.read(struct.calcsize(form)))


def _is_complete_tiff(file: BinaryIO, size: int) -> bool:
    file.seek(0)
    mark = file.read(4)
    order = "<" if mark.startswith(b"II") else ">"
    if b"+" in mark:
        layout = _Layout(order=order, offset="Q", count="Q", entry_octets=20, first=8)
    else:
        layout = _Layout(order=order, offset="I", count="H", entry_octets=12, first=4)
    try:
        return _chain_closes(file, size, layout)
    except (struct.error, OverflowError):
        return False


def _chain_closes(file: BinaryIO, size: int, layout: _Layout) -> bool:
    (at,) = layout.read(file, layout.first, layout.offset)
    seen: set[int] = set()
    while at:
        if at in seen or len(seen) == _MAX_DIRECTORIES:
            return True  # a loop: broken, but not by being unfinished
        seen.add(at)
        (entries,) = layout.read(file, at, layout.count)
        first = at + struct.calcsize(layout.order + layout.count)
        if first + entries * layout.entry_octets > size:
            return False
        fields = {}
        for number in range(entries):
            place = first + number * layout.entry_octets
            (tag,) = layout.read(file, place, "H")
            fields[tag] = place
        if not _strips_inside(file, size, layout, fields):
            return False
        (at,) = layout.read(file, first + entries * layout.entry_octets, layout.offset)
    return bool(seen)


def _strips_inside(file: BinaryIO, size: int, layout: _Layout, fields: dict[int, int]) -> bool:
    for offsets_tag, counts_tag in _STRIP_TAGS.items():
        if offsets_tag not in fields or counts_tag not in fields:
            continue
        offsets = _values(file, layout, fields[offsets_tag])
        counts = _values(file, layout, fields[counts_tag])
        if any(offset + count > size for offset, count in zip(offsets, counts, strict=False)):
            return False
    return True


def _values(file: BinaryIO, layout: _Layout, place: int) -> tuple[int, ...]:
    """The integers of one field: in the entry itself when they fit there, else where it points to."""
    (kind,) = layout.read(file, place + 2, "H")
    (number,) = layout.read(file, place + 4, layout.offset)
    if kind not in _INTEGERS or number > _MAX_STRIPS:
        return ()
    at = place + 4 + struct.calcsize(layout.order + layout.offset)
    if struct.calcsize(f"{layout.order}{number}{_INTEGERS[kind]}") > struct.calcsize(layout.order + layout.offset):
        (at,) = layout.read(file, at, layout.offset)
    return layout.read(file, at, _INTEGERS[kind], number)
