"""A district of the town, where the pack has districts: named, or known from a quarter or village in one only."""

import re
from collections.abc import Mapping
from typing import Any

from mailroom.folding import name_key
from mailroom.model.findings import UNDETERMINED, Found
from mailroom.understanding.view import View

_NAMED = re.compile(
    r"(?i)\b(?:район|р-н|р\.\s?н|raion|rayon|rajon|district|районна администрация|"
    r"со\s*[-–]\s*район)\s*[„\"«]?\s*(?P<rest>[^\n,.;()“”\"»]{3,40})"
)
_QUARTER = re.compile(
    r"(?i)\b(?:ж\.?\s?к\.?|жк|кв\.?|квартал|zh\.?k\.?|jk|kv\.?)\s*[„\"«]?\s*(?P<rest>[^\n,.;()“”\"»]{3,30})"
)


_SETTLEMENT = re.compile(r"(?i)(?<!\w)(?:с\.|село|гр\.|град|selo|grad)\s*[„\"«]?\s*(?P<rest>[^\n,.;()“”\"»]{3,30})")
_TYPE = re.compile(r"(?i)^(?:ж\.\s?к\.|жк|кв\.|м\.|в\.з\.)\s*")
_NAMED_SURE, _QUARTER_SURE, _ADDRESS_SURE = 0.95, 0.8, 0.7


def find_district(view: View, so_far: Mapping[str, Any]) -> Found[str] | None:
    """The district that the letter names; else that of a quarter or village that it names; else that of the sender's
    address; else `UNDETERMINED`. Null in a town without districts."""
    districts = view.pack.districts
    if not districts:
        return None
    by_name = {name_key(name): name for name in districts}
    by_quarter = _by_quarter(districts)
    settlements = {**by_quarter, **by_name}
    return (
        _in_text(view, _NAMED, by_name, _NAMED_SURE, "назован район")
        or _in_text(view, _QUARTER, by_quarter, _QUARTER_SURE, "квартал в този район")
        or _in_text(view, _SETTLEMENT, settlements, _QUARTER_SURE, "населено място в този район")
        or _of_address(so_far, by_quarter, settlements)
        or Found(value=UNDETERMINED, confidence=0)
    )


def _by_quarter(districts: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Key of a quarter → its district; a quarter of two districts is left out."""
    found: dict[str, set[str]] = {}
    for district, names in districts.items():
        for quarter in names:
            found.setdefault(name_key(_TYPE.sub("", quarter)), set()).add(district)
    return {key: next(iter(homes)) for key, homes in found.items() if len(homes) == 1}


def _in_text(view: View, pattern: re.Pattern[str], names: Mapping[str, str], sure: float,
             why: str) -> Found[str] | None:
    for text in (view.subject, view.clear):
        for match in pattern.finditer(text):
            named = _longest(match.group("rest"), names)
            if named:
                evidence = view.quote(match.start(), match.end(), why, match.group())
                return Found(value=named, confidence=sure, evidence=(evidence,))
    return None


def _of_address(so_far: Mapping[str, Any], quarters: Mapping[str, str],
                settlements: Mapping[str, str]) -> Found[str] | None:
    address = so_far.get("address")
    if address is None:
        return None
    quarter, settlement = address.value.quarter, address.value.settlement
    district = quarters.get(name_key(_TYPE.sub("", quarter))) if quarter else None
    if district is None and settlement:
        district = settlements.get(name_key(settlement))
    return Found(value=district, confidence=_ADDRESS_SURE, evidence=address.evidence) if district else None


def _longest(text: str, names: Mapping[str, str]) -> str:
    """The value of the longest beginning of the text that is a known name."""
    words = text.split()
    for size in range(min(4, len(words)), 0, -1):
        key = name_key(" ".join(words[:size]))
        if key in names:
            return names[key]
    return ""
