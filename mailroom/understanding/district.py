"""A district of the town, where the pack has districts: named, or known from a quarter that lies in one only."""

import re
from collections.abc import Mapping
from typing import Any

from mailroom.model.findings import Found
from mailroom.understanding.folding import name_key
from mailroom.understanding.view import View

_NAMED = re.compile(
    r"(?i)\b(?:район|р-н|р\.\s?н|raion|rayon|rajon|district|районна администрация|"
    r"со\s*[-–]\s*район)\s*[„\"«]?\s*(?P<rest>[^\n,.;()“”\"»]{3,40})"
)
_QUARTER = re.compile(
    r"(?i)\b(?:ж\.?\s?к\.?|жк|кв\.?|квартал|zh\.?k\.?|jk|kv\.?)\s*[„\"«]?\s*(?P<rest>[^\n,.;()“”\"»]{3,30})"
)


def find_district(view: View, so_far: Mapping[str, Any]) -> Found[str] | None:
    """The district that the letter names; else that of a quarter it names; else that of the sender's quarter."""
    districts = view.pack.districts
    if not districts:
        return None
    by_name = {name_key(name): name for name in districts}
    for text in (view.subject, view.clear):
        for match in _NAMED.finditer(text):
            named = _longest(match.group("rest"), by_name)
            if named:
                return Found(
                    value=named,
                    confidence=0.95,
                    evidence=(view.quote(match.start(), match.end(), "назован район", match.group()),),
                )
    quarters: dict[str, set[str]] = {}
    for district, names in districts.items():
        for quarter in names:
            quarters.setdefault(name_key(re.sub(r"^(?:ж\.?к\.?|кв\.?)\s*", "", quarter)), set()).add(district)
    known = {key: next(iter(found)) for key, found in quarters.items() if len(found) == 1}
    for text in (view.subject, view.clear):
        for match in _QUARTER.finditer(text):
            named = _longest(match.group("rest"), known)
            if named:
                return Found(
                    value=named,
                    confidence=0.8,
                    evidence=(view.quote(match.start(), match.end(), "квартал в този район", match.group()),),
                )
    address = so_far.get("address")
    if address is not None and address.value.quarter:
        key = name_key(re.sub(r"^(?:ж\.к\.|кв\.|м\.|в\.з\.)\s*", "", address.value.quarter))
        if key in known:
            return Found(value=known[key], confidence=0.7, evidence=address.evidence)
    return None


def _longest(text: str, names: Mapping[str, str]) -> str:
    """The value of the longest beginning of the text that is a known name."""
    words = text.split()
    for size in range(min(4, len(words)), 0, -1):
        key = name_key(" ".join(words[:size]))
        if key in names:
            return names[key]
    return ""
