"""Registration numbers and access codes."""

from datetime import date

import pytest

from mailroom.charter.pack import load_pack
from mailroom.config import packaged
from mailroom.model.findings import Kind
from mailroom.registration.access_code import ALPHABET, LENGTH, new_access_code, same_access_code
from mailroom.registration.numbering import render_number, series_of

RULES = packaged("rules")
DAY = date(2026, 11, 20)

NUMBERS = [
    ("ruse", Kind.SIGNAL, "И", 17, "94-00-17", "94-00-17/20.11.2026"),
    ("septemvri", Kind.COMPLAINT, "И", 45, "94-00-45", "94-00-45/20.11.2026"),
    ("haskovo", Kind.SIGNAL, "Щ", 3, "94-00-3", "94-00-3/20.11.2026"),
    ("primerovo", Kind.COMPLAINT, "и", 45, "94-И-45", "94-И-45/20.11.2026"),
    ("primerovo", Kind.COMPLAINT, None, 46, "94-00-46", "94-00-46/20.11.2026"),
    ("primerovo", Kind.COMPLAINT, "7", 47, "94-00-47", "94-00-47/20.11.2026"),
    ("kostinbrod", Kind.PRAISE, "А", 846, "94-846", "94-846/20.11.2026"),
    ("sofia", Kind.SIGNAL, "П", 1234, "СОА26-ГР94-1234", "СОА26-ГР94-1234/20.11.2026"),
    ("primerovo", Kind.GDPR_REQUEST, "Г", 2, "ЛД-Г-2", "ЛД-Г-2/20.11.2026"),
]


@pytest.mark.parametrize(("charter_id", "kind", "initial", "sequence", "case", "number"), NUMBERS)
def test_numbers_look_as_the_town_writes_them(charter_id: str, kind: Kind, initial: str | None, sequence: int,
                                              case: str, number: str) -> None:
    """Filled from the pack's template."""
    numbering = load_pack(RULES, charter_id).numbering
    assert render_number(numbering, kind=kind, sender_initial=initial, sequence=sequence, on=DAY) == (case, number)


@pytest.mark.parametrize("charter_id", ["ruse", "septemvri", "haskovo", "kostinbrod", "sofia", "primerovo"])
def test_equal_numbers_mean_equal_series_and_sequence(charter_id: str) -> None:
    """Within a year two items never share a number, whatever their kinds and senders."""
    numbering = load_pack(RULES, charter_id).numbering
    seen: dict[str, tuple[str, int]] = {}
    for kind in Kind:
        for initial in ("И", "А", None):
            for sequence in (1, 2, 11):
                _, number = render_number(numbering, kind=kind, sender_initial=initial, sequence=sequence, on=DAY)
                assert seen.setdefault(number, (series_of(numbering, kind), sequence)) == (
                    series_of(numbering, kind), sequence)


def test_an_index_in_the_number_makes_its_own_series() -> None:
    """Примерово counts 94 and ДИ apart; Русе has one register."""
    town, ruse = load_pack(RULES, "primerovo").numbering, load_pack(RULES, "ruse").numbering
    assert series_of(town, Kind.SIGNAL) == series_of(town, Kind.PRAISE) != series_of(town, Kind.FOI_REQUEST)
    assert series_of(ruse, Kind.SIGNAL) == series_of(ruse, Kind.FOI_REQUEST)


def test_a_number_of_the_next_year_differs() -> None:
    """The sequence starts again each year."""
    numbering = load_pack(RULES, "ruse").numbering
    this, following = (render_number(numbering, kind=Kind.SIGNAL, sender_initial=None, sequence=1, on=day)
                       for day in (DAY, date(2027, 1, 4)))
    assert this[1] != following[1]


def test_codes_are_readable_and_differ() -> None:
    """Eight signs in two groups, none of them alike on paper."""
    codes = {new_access_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(len(code) == LENGTH + 1 and set(code) <= {*ALPHABET, "-"} for code in codes)
    assert not set(ALPHABET) & set("01258BGILOSUVZ")


@pytest.mark.parametrize(("typed", "same"), [
    ("7KXM-4ACE", True), ("7kxm4ace", True), (" 7kxm 4ace ", True), ("7КХМ-4АСЕ", True), ("7кхм4асе", True),
    ("7KXM-4ACF", False), ("", False), ("7KXM-4ACE9", False), ("7KXM–4ACE", True),
])
def test_a_code_is_known_however_it_is_typed(typed: str, same: bool) -> None:
    """Small letters, Cyrillic look-alikes, any hyphen or none."""
    assert same_access_code(typed, "7KXM-4ACE") is same
