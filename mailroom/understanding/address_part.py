"""One part of an address where it stands in a text: what the finders of addresses hand to each other."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an address where it stands."""

    name: str
    """Field of `Address`."""
    value: str
    start: int
    end: int
    bare: bool = False
    """A place name without „гр.“ or „с.“, known only from the register."""
