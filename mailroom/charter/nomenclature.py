"""Reads how long which letters are kept: the municipality's own nomenclature, else the cautious one for everybody."""

import tomllib
from collections import Counter
from pathlib import Path

from pydantic import Field, ValidationError

from mailroom.errors import Misconfigured
from mailroom.model.base import Value
from mailroom.model.findings import Kind
from mailroom.model.retention import Other, RecordClass

NAME = "nomenclature.toml"


class Nomenclature(Value):
    """The file."""

    classes: tuple[RecordClass, ...] = Field(alias="class")

    def of_kind(self, kind: Kind) -> RecordClass:
        """The class of letters of this kind."""
        return next(one for one in self.classes if kind in one.kinds)

    def of_other(self, other: Other) -> RecordClass:
        """The class of what is no kind of correspondence."""
        return next(one for one in self.classes if one.other is other)

    def by_id(self, class_id: str) -> RecordClass | None:
        """The class of this index, or null."""
        return next((one for one in self.classes if one.id == class_id), None)


def load_nomenclature(rules: Path, charter: str) -> Nomenclature:
    """The nomenclature that holds for this municipality. Raises Misconfigured with file and remedy."""
    own = rules / "charters" / charter / NAME
    path = own if own.is_file() else rules / "statute" / NAME
    try:
        read = Nomenclature(**tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Misconfigured(f"{path}: cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Misconfigured(f"{path}: {place}: {first['msg']} (found: {first['input']!r:.60})") from error
    _check(path, read)
    return read


def _check(path: Path, read: Nomenclature) -> None:
    """Every index once, every kind in exactly one class."""
    ids = Counter(one.id for one in read.classes)
    times: Counter[Kind | Other] = Counter(kind for one in read.classes for kind in one.kinds)
    times.update(one.other for one in read.classes if one.other)
    for name in (name for name, number in ids.items() if number > 1):
        raise Misconfigured(f"{path}: index „{name}“ stands twice: give each class one of its own")
    for what in (what for what in (*Kind, *Other) if times[what] != 1):
        raise Misconfigured(f"{path}: „{what}“ stands in {times[what]} classes: put it into exactly one")
