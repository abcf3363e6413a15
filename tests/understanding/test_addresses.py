"""Parsing of real Bulgarian address strings."""

import json
from pathlib import Path

import pytest

from mailroom.understanding.address_candidates import parse_addresses
from mailroom.understanding.folding import name_key
from mailroom.understanding.knowledge import Knowledge

SAMPLES = [
    json.loads(line)
    for line in (Path(__file__).parent / "addresses" / "addresses.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample["text"][:40])
def test_real_address_is_parsed(sample: dict[str, str], knowledge: Knowledge) -> None:
    """Settlement, street and number of a real address string are found."""
    parts: dict[str, str] = {}
    for candidate in parse_addresses(sample["text"], knowledge):
        for part in candidate.parts:
            parts.setdefault(part.name, part.value)
    street = parts["street"].partition(" ")[2]
    found = (name_key(parts["settlement"]), name_key(street), name_key(parts["number"]))
    wanted = (name_key(sample["settlement"]), name_key(sample["silver_street"]), name_key(sample["silver_number"]))
    assert found == wanted


def test_place_of_several_names_is_not_chosen(knowledge: Knowledge) -> None:
    """A name that several settlements bear gives all of them, each with its municipality."""
    places = knowledge.places_named("Абланица")
    assert len(places) > 1
    assert len({place.municipality for place in places}) > 1


@pytest.mark.parametrize("written", ["Полско Косово", "ПОЛСКО КОСОВО", "Polsko Kosovo"])
def test_place_is_known_in_every_alphabet(written: str, knowledge: Knowledge) -> None:
    """A place is found however it is typed."""
    assert {place.name for place in knowledge.places_named(written)} == {"Полско Косово"}
