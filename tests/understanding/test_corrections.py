"""What a person typed stands above what was found."""

import pytest

from mailroom.errors import BadRequest
from mailroom.model.findings import Address, Findings, Found, Kind, Script
from mailroom.understanding.corrections import check_corrections, corrected

NO = Found[bool](value=False, confidence=0.9)
FINDINGS = Findings(
    kind=Found[Kind](value=Kind.OTHER, confidence=0.3),
    anonymous=NO,
    abusive=NO,
    health_safety=NO,
    protected_info=NO,
    script=Found[Script](value=Script.CYRILLIC, confidence=1),
    language=Found[str](value="bg", confidence=1),
    address=Found[Address](value=Address(settlement="Русе", street="ул. Борисова"), confidence=0.7),
)


def test_a_typed_value_is_sure_and_says_that_a_person_typed_it() -> None:
    result = corrected(FINDINGS, {"kind": "signal", "anonymous": True, "sender_name": "Мария Петкова"})
    assert (result.kind.value, result.kind.confidence) == (Kind.SIGNAL, 1)
    assert result.anonymous.value is True
    assert result.sender_name is not None and result.sender_name.value == "Мария Петкова"
    assert "служител" in result.sender_name.evidence[0].why


def test_a_part_of_the_address_leaves_the_other_parts() -> None:
    result = corrected(FINDINGS, {"address.number": "12", "address.settlement": ""})
    assert result.address is not None
    assert result.address.value == Address(street="ул. Борисова", number="12")


def test_an_address_can_be_typed_where_none_was_found() -> None:
    bare = FINDINGS.model_copy(update={"address": None})
    result = corrected(bare, {"address.settlement": "Септември"})
    assert result.address is not None and result.address.value == Address(settlement="Септември")


def test_an_empty_value_removes_what_was_found() -> None:
    assert corrected(FINDINGS, {"address.settlement": "", "address.street": ""}).address is None
    named = corrected(FINDINGS, {"sender_name": "Иван"})
    assert corrected(named, {"sender_name": ""}).sender_name is None


@pytest.mark.parametrize("wrong", [{"kind": "poem"}, {"date_written": "вчера"}, {"kind": ""}])
def test_a_value_that_the_field_cannot_have_is_refused_with_a_sentence(wrong: dict[str, str]) -> None:
    with pytest.raises(BadRequest, match="не е допустима"):
        corrected(FINDINGS, wrong)


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(BadRequest, match="registration_number"):
        check_corrections({"registration_number": "1"})
