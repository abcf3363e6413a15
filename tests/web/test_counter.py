"""The counter in the browser: one form, then the number and the papers."""

import re

import pytest

from mailroom import counter
from mailroom.model.staff import Role
from mailroom.model.taken_down import Brought
from tests.web.conftest import PEOPLE, Browser, Town, logged_in

TOLD = {"how": "oral", "sender_name": "Елена Бонева", "address": "ул. Роза 5", "text": "На тротоара има паднал клон.",
        "in_hand": "1", "subject": "Паднал клон"}


def enter(client: Browser, **typed: str) -> str:
    """Fill the form in; where it leads."""
    answer = client.act("/counter", seen="/counter", **{**TOLD, "form": client.token("/counter", "form"), **typed})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0]


def test_what_is_entered_has_its_number_and_papers_on_the_next_page(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        path = enter(client)
        page = client.get(f"{path}?done=entered").text
        assert re.search(r"<b>94-[^<]+/20\.11\.2026</b>", page) and "Протокол и разписка" in page
        assert client.get(f"{path}/papers.pdf").content.startswith(b"%PDF")
        assert client.get(f"{path}/label.pdf").content.startswith(b"%PDF")
        assert client.get(f"{path}/label.pdf?place=24").status_code == 200
        assert client.get(f"{path}/label.pdf?place=25").status_code == 400
        assert client.get(f"{path}/label.pdf?place=x").status_code == 404


def test_a_wrong_form_comes_back_with_everything_that_was_typed(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        for wrong in ({"text": ""}, {"how": "pigeon"}, {"sheets": "три"}, {"received_on": "31.02.2026"},
                      {"kind": "letter"}, {"form": ""}):
            answer = client.act("/counter", seen="/counter", **{"form": "x", **TOLD, **wrong})
            assert answer.status_code == 400, wrong
            assert 'value="Елена Бонева"' in answer.text and 'role="alert"' in answer.text


def test_the_same_form_sent_twice_is_one_item(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        assert enter(client, form="one") == enter(client, form="one")


def test_what_is_sealed_is_handed_on_without_a_number(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        answer = client.act("/counter", seen="/counter", **TOLD | {
            "form": "w", "text": "Работя в общината. Началникът ми иска подкупи от фирмите и ме заплашва с уволнение, "
            "ако кажа на някого. Подавам сигнал по Закона за защита на лицата, подаващи сигнали."})
    assert answer.status_code == 200 and "Записано и предадено" in answer.text
    assert "/20.11.2026" not in answer.text
    with town.office.store.reading() as register:
        sealed = register.items.get(register.items.ids()[-1])
    assert sealed is not None and sealed.sealed and sealed.entry is not None


@pytest.mark.parametrize("paper", ["", "/papers.pdf", "/label.pdf"])
def test_papers_of_a_sealed_item_or_of_none_are_nobodys(town: Town, paper: str) -> None:
    sealed = counter.take_down(town.office, PEOPLE[4], form="s", brought=Brought.ORAL, text="Разказано.", fields={})
    with logged_in(town, Role.CLERK) as client:
        assert client.get(f"/counter/{sealed}{paper}").status_code == 404
        assert client.get(f"/counter/{town.ids['signal']}{paper}").status_code == 404
    with logged_in(town, Role.CONFIDENTIAL) as client:
        assert client.get(f"/counter/{sealed}{paper}").status_code == 200
