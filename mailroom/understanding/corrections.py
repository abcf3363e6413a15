"""What a person typed stands above what a finder found, every time the letter is judged again."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import ValidationError

from mailroom.errors import BadRequest
from mailroom.model.findings import Address, Findings

FIELDS = (
    "kind",
    "matter",
    "noncorrespondence",
    "anonymous",
    "abusive",
    "health_safety",
    "protected_info",
    "sender_name",
    "organisation",
    "email",
    "phone",
    "on_behalf_of",
    "preferred_channel",
    "subject",
    "date_written",
    "follow_up_of",
    "district",
    "other_body",
    "older_than_two_years",
    "repeated",
    "decision_date",
    "crime",
)
"""Fields of Findings that a person may set."""
ADDRESS_FIELDS = tuple(f"address.{part}" for part in Address.model_fields)
BY_A_PERSON = "Въведено от служител."


def check_corrections(corrections: Mapping[str, Any]) -> None:
    """Refuse a field that nobody may set, or a value that it cannot have. Raises BadRequest."""
    unknown = sorted(set(corrections) - {*FIELDS, *ADDRESS_FIELDS})
    if unknown:
        raise BadRequest(f"Полето „{unknown[0]}“ не може да се поправя.")


def value_at(findings: Findings, path: str) -> Any:
    """What stands in the field of this path, as it would be typed; null when nothing was found."""
    field, _, part = path.partition(".")
    found = getattr(findings, field)
    value = None if found is None else found.value
    if part and value is not None:
        value = getattr(value, part)
    return value.isoformat() if isinstance(value, date) else value


def corrected(findings: Findings, corrections: Mapping[str, Any]) -> Findings:
    """The findings with the corrections in place, at confidence 1. An empty value removes what was found.

    Raises BadRequest when a value is not of the field's kind.
    """
    if not corrections:
        return findings
    values = findings.model_dump()
    for path, value in corrections.items():
        field, _, part = path.partition(".")
        if part:
            address = dict((values[field] or {"value": {}})["value"])
            values[field] = _found({**address, part: value or None})
        else:
            values[field] = None if value in (None, "") else _found(value)
    if values["address"] and not any(values["address"]["value"].values()):
        values["address"] = None
    try:
        return Findings.model_validate(values)
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise BadRequest(f"Стойността на полето „{place}“ не е допустима: проверете я и опитайте отново.") from error


def _found(value: Any) -> dict[str, Any]:
    shown = value if isinstance(value, str) else ""
    return {"value": value, "confidence": 1.0, "evidence": ({"text": shown, "why": BY_A_PERSON},)}
