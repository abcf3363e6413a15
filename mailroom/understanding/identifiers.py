"""ЕГН and ЛНЧ in a letter: shown on the item alone (ЗЗЛД чл. 25ж)."""

from collections.abc import Mapping
from typing import Any

from mailroom.masking import identifiers_in
from mailroom.model.findings import Found
from mailroom.understanding.view import View


def find_identifiers(view: View, _: Mapping[str, Any]) -> tuple[Found[str], ...]:
    """Every personal identifier in the text, once."""
    found: dict[str, Found[str]] = {}
    for seen in identifiers_in(view.text):
        found.setdefault(seen.number, Found[str](value=seen.number, confidence=seen.confidence,
                                                 evidence=(view.quote(seen.start, seen.end, seen.why),)))
    return tuple(found.values())
