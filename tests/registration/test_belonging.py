"""Who is the same sender, and what a quoted number says."""

from datetime import date
from typing import Any

import pytest

from mailroom.model.findings import Address
from mailroom.registration.belonging import same_sender, split_number
from tests.correspondence.samples import findings

HOUSE: dict[str, Any] = {"settlement": "Примерово", "street": "ул. Роза", "number": "7"}


def sender(name: str | None = None, *, email: str | None = None, **address: str) -> Any:
    return findings(sender_name=name, email=email, address=Address(**{**HOUSE, **address}))


@pytest.mark.parametrize(("one", "other"), [
    (sender("Мария Петкова", email="M.Petkova@example.com"), sender("М. Петкова", email="m.petkova@example.com")),
    (sender("Мария Петкова"), sender("Мария Иванова Петкова", street="ул. „Роза“")),
    (sender("Мария Петкова"), sender("МАРИЯ ПЕТКОВА", street="улица Роза", apartment="4")),
    (sender("Мария Петкова", email="m@example.com"), sender("Мария Петкова")),
    (sender("Мария Петкова", street="ж.к. Изток", number="", block="5"),
     sender("Мария Петкова", street="", number="", block="5")),
])
def test_one_person(one: Any, other: Any) -> None:
    assert same_sender(one, other) and same_sender(other, one)


@pytest.mark.parametrize(("one", "other"), [
    (sender("Мария Петкова", email="m@example.com"), sender("Мария Петкова", email="other@example.com")),
    (sender("Мария Петкова"), sender("Иван Петков")),
    (sender("Мария Петкова"), sender("Мария Петкова", number="9")),
    (sender("Мария Петкова"), sender("Мария Петкова", settlement="Русе")),
    (sender("Мария Петкова", apartment="3"), sender("Мария Петкова", apartment="4")),
    (sender("Мария Петкова"), sender("Мария Петкова", number="", street="")),
    (sender("Петкова"), sender("Петкова")),
    (sender(), sender()),
    (findings(sender_name="Мария Петкова", email=None, address=None), sender("Мария Петкова")),
])
def test_not_surely_one_person(one: Any, other: Any) -> None:
    assert not same_sender(one, other) and not same_sender(other, one)


@pytest.mark.parametrize(("quoted", "number", "on"), [
    ("94-00-17/20.11.2026", "94-00-17", date(2026, 11, 20)),
    ("94-И-45/1.2.26г.", "94-И-45", date(2026, 2, 1)),
    ("СОА26-ГР94-1234/20.11.2026", "СОА26-ГР94-1234", date(2026, 11, 20)),
    ("94-00-17", "94-00-17", None),
    ("94-00-17/3", "94-00-17/3", None),
    ("94-00-17/31.02.2026", "94-00-17/31.02.2026", None),
])
def test_a_number_and_its_date(quoted: str, number: str, on: date | None) -> None:
    assert split_number(quoted) == (number, on)
