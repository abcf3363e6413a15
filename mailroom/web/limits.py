"""How often one may fail at a door before it stays shut for a while: log-in, status page, API."""

import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta

from mailroom.store.store import Register

Limit = tuple[str, int]
"""A subject (who knocks, or at what) and how many of its failures are too many."""
WINDOW = timedelta(minutes=15)


def is_shut(register: Register, door: str, limits: Iterable[Limit], now: datetime) -> bool:
    """Whether any of the subjects has failed too often."""
    return any(register.people.failures(door, subject, now - WINDOW) >= most for subject, most in limits)


def note_failure(register: Register, door: str, limits: Iterable[Limit], now: datetime) -> None:
    """One more failure of every subject."""
    for subject, _ in limits:
        register.people.note_failure(door, subject, now)


def forget_try(register: Register, door: str, limits: Iterable[Limit], at: datetime) -> None:
    """A try that was noted beforehand, at this moment, was no failure."""
    for subject, _ in limits:
        register.people.forget_failure(door, subject, at)


def network_of(host: str | None) -> str:
    """Who knocks: an IPv4 address, or the /64 network that one IPv6 customer has (RFC 6177)."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)
