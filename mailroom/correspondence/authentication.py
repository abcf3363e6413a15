"""What the receiving server says of a sender: SPF, DKIM and DMARC (RFC 8601; home of authres).

Only the fields of the server that the settings name are believed: anybody can write the others.
"""

from collections.abc import Iterable
from enum import StrEnum

import authres
from authres.core import AuthResError

from mailroom.model.base import Value
from mailroom.model.letter import MailHead


class Standing(StrEnum):
    """What all of it comes to."""

    VOUCHED = "vouched"
    """The domain in From answers for the letter: DMARC holds."""
    FORGED = "forged"
    UNKNOWN = "unknown"
    """Nothing speaks for the sender and nothing against."""
    NOT_ASKED = "not_asked"
    """No server is trusted, or it has written nothing."""


class Authentication(Value):
    """The verdict and what it rests on; a result is empty where the server has none."""

    standing: Standing
    spf: str = ""
    dkim: str = ""
    dmarc: str = ""


def authentication(head: MailHead, trusted: str) -> Authentication:
    """What the server `trusted` (its authserv-id) says of who sent this.

    dmarc=fail says outright that the From address is not the sender's. Without a verdict by DMARC the sender may be
    forged when SPF fails and no DKIM signature holds, for then nothing speaks for the address.
    """
    found: dict[str, set[str]] = {}
    for results in _trusted_results(head.fields, trusted) if trusted else ():
        for method, values in results.items():
            found.setdefault(method, values)  # the topmost field that knows a method speaks for it
    spf, dkim, dmarc = (found.get(method, set()) for method in ("spf", "dkim", "dmarc"))
    told = {"spf": _told(spf), "dkim": _told(dkim), "dmarc": _told(dmarc)}
    return Authentication(standing=_standing(spf, dkim, dmarc), **told)


def _standing(spf: set[str], dkim: set[str], dmarc: set[str]) -> Standing:
    if not (spf or dkim or dmarc):
        return Standing.NOT_ASKED
    if "fail" in dmarc:
        return Standing.FORGED
    if "pass" in dmarc:
        return Standing.VOUCHED
    return Standing.FORGED if "fail" in spf and "pass" not in dkim else Standing.UNKNOWN


def _told(results: set[str]) -> str:
    """Of several signatures the one that holds."""
    return "pass" if "pass" in results else ", ".join(sorted(results))


def is_forged(head: MailHead, trusted: str) -> bool:
    """Whether the receiving server itself says that the From address is not the sender's."""
    return authentication(head, trusted).standing is Standing.FORGED


def _trusted_results(fields: Iterable[tuple[str, str]], trusted: str) -> list[dict[str, set[str]]]:
    """Method → results for each Authentication-Results of the trusted server, topmost first.

    Fields of other servers are ignored, and so is everything below the first Received line that follows a trusted
    field: a sender can write any field there, in our server's name too (RFC 8601, section 7.1).
    """
    trusted_fields: list[dict[str, set[str]]] = []
    for name, value in fields:
        if name == "received" and trusted_fields:
            break
        if name != "authentication-results":
            continue
        parsed = _parse_results(value)
        if parsed and parsed[0] == trusted.lower():
            trusted_fields.append(parsed[1])
    return trusted_fields


def _parse_results(value: str) -> tuple[str, dict[str, set[str]]] | None:
    """authserv-id and method → results of one field; null for what no server of ours would write."""
    unfolded = " ".join(value.split())
    try:
        header = authres.AuthenticationResultsHeader.parse_value(unfolded)
    except AuthResError:
        return None
    results: dict[str, set[str]] = {}
    for result in header.results:
        results.setdefault(str(result.method).lower(), set()).add(str(result.result).lower())
    return str(header.authserv_id).lower(), results
