"""Sofia's districts are found from what a letter names, and from nothing else."""

import pytest

from mailroom.charter.pack import load_pack
from mailroom.model.arrival import Channel
from mailroom.model.findings import UNDETERMINED
from mailroom.model.letter import Letter
from mailroom.understanding.understand import understand
from tests.charter.material import KNOWLEDGE, RULES

SOFIA, RUSE = load_pack(RULES, "sofia"), load_pack(RULES, "ruse")

LETTERS = [
    ("Пред блок 14 в ж.к. „Хиподрума“ има счупена люлка.", "Красно село"),
    ("В кв. Драгалевци няма тротоари.", "Витоша"),
    ("В с. Локорско спирката остана без навес.", "Нови Искър"),
    ("В гр. Банкя паркът е неосветен.", "Банкя"),
    ("Р-н Подуяне: няма осветление по ул. „Резньовете“.", "Подуяне"),
    ("В район „Слатина“ и в ж.к. „Люлин 5“ няма вода.", "Слатина"),
    ("Пред нас има счупена пейка.\n\nДарина Колева\nж.к. Люлин 7, бл. 711, вх. Б, ап. 12\n1324 София", "Люлин"),
    ("Пред нас има счупена пейка.\n\nДарина Колева\nс. Бистрица, ул. „Войнишка“ 3", "Панчарево"),
    ("Пред нас има счупена пейка.\n\nДарина Колева\nгр. София, ул. „Шипка“ 9", UNDETERMINED),
    ("Живея в район с много коли и няма къде да спра.", UNDETERMINED),
    ("", UNDETERMINED),
]


def district(text: str, *, sofia: bool = True) -> str | None:
    """The district that is found."""
    letter = Letter(channel=Channel.PAPER, media_type="application/pdf", text=text)
    found = understand(letter, SOFIA if sofia else RUSE, KNOWLEDGE).district
    return found.value if found else None


@pytest.mark.parametrize(("text", "named"), LETTERS)
def test_a_district_is_named_or_follows_from_a_place_else_it_is_undetermined(text: str, named: str) -> None:
    """A district's name stands before a quarter's, and what is written about before where the writer lives."""
    assert district(text) == named


@pytest.mark.parametrize("name", sorted(SOFIA.districts))
def test_each_of_the_24_is_found_by_its_name(name: str) -> None:
    """With and without quotation marks."""
    assert district(f"Моля район „{name}“ да почисти.") == district(f"До р-н {name}, за отдел „Чистота“.") == name


@pytest.mark.parametrize(("name", "quarter"), [(n, q) for n, quarters in SOFIA.districts.items() for q in quarters])
def test_each_quarter_of_the_table_leads_to_its_district(name: str, quarter: str) -> None:
    """As a quarter or as a village."""
    assert district(f"В кв. {quarter}, зад училището, има дупка.") == name


def test_a_town_without_districts_has_none() -> None:
    """Not even „неопределен“."""
    assert district("В район „Изток“ има счупена пейка.", sofia=False) is None
