"""The knowledge that comes with the program, read once, and towns to judge letters for."""

import pytest

from mailroom.config import packaged
from mailroom.model.pack import Contact, Numbering, Pack
from mailroom.understanding.knowledge import Knowledge, load_knowledge

_TOWNS = {
    "ruse": Contact(name="Община Русе", settlement="Русе", address="пл. „Свобода“ № 6", phones=("082 881 881",),
                    emails=("center@ruse.example",), area_code="082"),
    "sofia": Contact(name="Столична община", settlement="София", address="ул. „Московска“ № 33", area_code="02"),
    "haskovo": Contact(name="Община Хасково", settlement="Хасково", address="пл. „Общински“ № 1", area_code="038"),
    "septemvri": Contact(name="Община Септември", settlement="Септември", address="ул. „Ал. Стамболийски“ № 37-А",
                         area_code="03561"),
    "kostinbrod": Contact(name="Община Костинброд", settlement="Костинброд", address="ул. „Охрид“ № 1",
                          area_code="0721"),
}  # fmt: skip


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """What the finders know."""
    return load_knowledge(packaged("rules"))


@pytest.fixture(scope="session")
def packs() -> dict[str, Pack]:
    """Rule packs with the contact data alone."""
    return {
        town: Pack(id=town, version="1", charter_title="", charter_source="", contact=contact,
                   numbering=Numbering(case="{seq}", registration="{case}"),
                   districts={"Люлин": ("Люлин 5",), "Младост": ("Младост 1", "Младост 3")} if town == "sofia" else {})
        for town, contact in _TOWNS.items()
    }  # fmt: skip
