"""Whether two letters are of one sender, and what a quoted number says; pure.

Anybody can type a number. It joins a letter to a case only together with the same sender; alone it is a suggestion.
"""

import re
from datetime import date

from mailroom.folding import name_key
from mailroom.model.findings import Address, Findings

_NUMBER = re.compile(r"^(?P<case>.+?)(?:/(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}|\d{2})(?:г\.?)?)?$")


def same_sender(one: Findings, other: Findings) -> bool:
    """Whether both come from one person: the same mail address, or the same name at the same postal address."""
    if one.email and other.email:
        return one.email.value.lower() == other.email.value.lower()
    return _same_name(one, other) and _same_address(one, other)


def _same_name(one: Findings, other: Findings) -> bool:
    """Given and family name agree; the father's name between them may be missing."""
    names = [found.value.split() for found in (one.sender_name, other.sender_name) if found]
    if len(names) < 2 or min(map(len, names)) < 2:
        return False
    first, second = ([name_key(part) for part in name] for name in names)
    return (first[0], first[-1]) == (second[0], second[-1])


def _same_address(one: Findings, other: Findings) -> bool:
    """One settlement, and in it one house; what only one of both names is no difference."""
    if one.address is None or other.address is None:
        return False
    first, second = _place(one.address.value), _place(other.address.value)
    house = [part for part in ("street", "number", "block") if part in first and part in second]
    return ("settlement" in first and {"number", "block"} & set(house) != set()
            and all(first[part] == second[part] for part in first.keys() & second.keys()))


def _place(address: Address) -> dict[str, str]:
    """What of an address is compared: where one lives, not how it is written."""
    parts = ("settlement", "street", "number", "block", "entrance", "apartment")
    written = ((part, getattr(address, part)) for part in parts)
    return {part: name_key(_KIND_OF_STREET.sub("", value)) for part, value in written if value}


_KIND_OF_STREET = re.compile(r"^\s*(?:ул|бул|гр|с|бл|пл|ж\.?\s?к)\.\s*|^\s*(?:улица|булевард)\s+", re.IGNORECASE)


def split_number(quoted: str) -> tuple[str, date | None]:
    """A number as quoted, and the date behind it where there is one: `("94-00-17", 2026-11-20)`."""
    match = _NUMBER.match(quoted)
    if match is None or match["day"] is None:
        return quoted, None
    year = int(match["year"])
    try:
        on = date(year + 2000 if year < 100 else year, int(match["month"]), int(match["day"]))
    except ValueError:
        return quoted, None
    return match["case"], on

