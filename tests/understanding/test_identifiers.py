"""ЕГН and ЛНЧ: found for the item, masked everywhere else (ЗЗЛД чл. 25ж)."""

import pytest

from mailroom.masking import mask_identifiers
from mailroom.model.arrival import Channel
from mailroom.model.letter import Letter
from mailroom.model.pack import Pack
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.understand import understand

MASK = "**********"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("ЕГН 7501010010, Русе", f"ЕГН {MASK}, Русе"),
        ("ЕГН: 7501010011 (сгрешено)", f"ЕГН: {MASK} (сгрешено)"),
        ("egn 750101 0010", f"egn {MASK}"),
        ("ЛНЧ 1000000002", f"ЛНЧ {MASK}"),
        ("с ЕГН № 7501010010.", f"с ЕГН № {MASK}."),
        ("живея тук, 7501010010", f"живея тук, {MASK}"),
        ("тел. 0888123456", "тел. 0888123456"),
        ("ЕИК 204999888, сметка BG80BNBG96611020345678", "ЕИК 204999888, сметка BG80BNBG96611020345678"),
        ("вх. № 94-00-17/20.11.2026", "вх. № 94-00-17/20.11.2026"),
        ("", ""),
    ],
)
def test_identifiers_are_masked(text: str, masked: str) -> None:
    """Labelled numbers always, unlabelled ones when the checksum is right and it is no telephone."""
    assert mask_identifiers(text) == masked


def test_masking_twice_changes_nothing() -> None:
    """A masked text stays as it is."""
    once = mask_identifiers("ЕГН 7501010010")
    assert mask_identifiers(once) == once


def test_identifier_is_found_on_the_item(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """The item itself shows the number with the words that say what it is."""
    letter = Letter(channel=Channel.PAPER, media_type="application/pdf", text="от Ана Ганева, ЕГН 7501010010\nМолба")
    (found,) = understand(letter, packs["ruse"], knowledge).personal_identifiers
    assert found.value == "7501010010"
    assert found.evidence[0].why == "ЕГН"
