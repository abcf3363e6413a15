"""A file with several letters: the suggestion on its page, its division by a person, who may have the whole file."""

import pytest

from mailroom import desk, journey
from mailroom.engine.attempt import attempt_item
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.base import ItemId
from mailroom.model.item import Item
from mailroom.model.staff import Role
from mailroom.web.typed import in_ranges, read_parts
from tests.reading.material import batch_pdf, read
from tests.web.conftest import CAME, PEOPLE, Town, logged_in

BODY = ("Пиша Ви, защото уличната лампа пред нашия дом не свети от две седмици и вечер е съвсем тъмно.\n"
        "Моля да изпратите екип, който да я смени.")
IVAN, PETYA = (f"До Кмета на Община Примерово\nот {name}\nгр. Примерово 9999, ул. Роза № 12\n\nСИГНАЛ\n\n{BODY}\n\n"
               f"12.11.2026 г.\nС уважение,\n{name}" for name in ("Иван Стоянов Колев", "Петя Илиева Ганева"))


def scanned(town: Town, content: bytes) -> list[ItemId]:
    """A pile comes in and goes through every step; its items."""
    first = journey.receive(town.office, Incoming(source="scanner", key="pile", file="pile.pdf", content=content,
                                                  received_at=CAME, channel=Channel.PAPER))
    journey.keep_letter(town.office, first, read(content, Channel.PAPER))
    return gone_through(town, first)


def gone_through(town: Town, first: ItemId) -> list[ItemId]:
    with town.office.store.reading() as register:
        ids = [first, *register.items.siblings(first)]
    for item_id in ids:
        attempt_item(town.office, item_id)
    return ids


def item_of(town: Town, item_id: ItemId) -> Item:
    item = town.office.store.item(item_id)
    assert item is not None
    return item


def test_a_clerk_sees_the_suggestion_and_divides(town: Town) -> None:
    [first] = scanned(town, batch_pdf(IVAN, PETYA))
    page = f"/items/{first}"
    with logged_in(town, Role.CLERK) as client:
        html = client.get(page).text
        assert "Изглежда, че във файла има 2 писма" in html and 'value="1; 2"' in html
        wrong = client.act(f"{page}/split", seen=page, version=item_of(town, first).version, parts="1; 3")
        assert wrong.status_code == 400 and "няма страница 3" in wrong.text and 'value="1; 3"' in wrong.text
        assert client.act(f"{page}/split", seen=page, version=item_of(town, first).version,
                          parts="1; 2").status_code == 303
        ids = gone_through(town, first)
        assert len(ids) == 2 and "писмо 2, страница 2" in client.get(f"/items/{ids[1]}").text
        assert "Изглежда, че" not in client.get(page).text
        assert client.get(f"/items/{ids[1]}/pages/2.png").status_code == 200
        assert client.get(f"/items/{ids[1]}/pages/1.png").status_code == 404


def test_one_button_says_that_it_is_one_letter(town: Town) -> None:
    [first] = scanned(town, batch_pdf(IVAN, PETYA))
    page = f"/items/{first}"
    with logged_in(town, Role.CLERK) as client:
        assert '<input type="hidden" name="parts" value="1 2 ">' in client.get(page).text
        client.act(f"{page}/split", seen=page, version=item_of(town, first).version, parts="1 2")
        assert "Изглежда, че" not in client.get(page).text
    assert len(gone_through(town, first)) == 1


def test_the_whole_file_is_only_for_those_who_may_see_every_letter_in_it(town: Town) -> None:
    first, second = scanned(town, batch_pdf(IVAN, None, PETYA))
    original = f"/items/{first}/original/{item_of(town, first).arrivals[0].id}"
    with logged_in(town, Role.CLERK) as client:
        assert client.get(original).status_code == 200
        desk.correct(town.office, PEOPLE[0], second, item_of(town, second).version, {"matter": "whistleblower"})
        assert client.get(original).status_code == 404
        page = client.get(f"/items/{first}").text
        assert original not in page and "писмо, което не е за Вас" in page
        assert client.get(f"/items/{first}/pages/1.png").status_code == 200


@pytest.mark.parametrize(("typed", "parts"), [
    ("1-2; 3; 4, 5", ((1, 2), (3,), (4, 5))),
    ("1 – 3;4", ((1, 2, 3), (4,))),
    ("1\n2\n", ((1,), (2,))),
    ("1 2 3", ((1, 2, 3),)),
    ("", None), (";", None), ("1;две", None), ("3-1", None), ("1-2-3", None), ("1-99999", None), ("-1", None),
])
def test_pages_are_read_as_people_write_them(typed: str, parts: tuple[tuple[int, ...], ...] | None) -> None:
    assert read_parts(typed) == parts


def test_pages_are_written_as_people_read_them() -> None:
    assert in_ranges([(1, 2, 3), (5,), (6, 8, 9)]) == "1-3; 5; 6, 8-9"
    assert read_parts(in_ranges([(1, 2, 3), (5,), (6, 8, 9)])) == ((1, 2, 3), (5,), (6, 8, 9))
