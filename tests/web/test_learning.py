"""The page of what the corrections teach."""

from mailroom import desk
from mailroom.learning.night import learn
from mailroom.model.staff import Role
from tests.web.conftest import PEOPLE, Town, logged_in


def test_the_page_shows_what_was_corrected_with_links_to_what_its_reader_may_see(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        assert "Още нищо" in client.get("/learning").text
    item = town.item("waste")
    desk.correct(town.office, PEOPLE[0], item.id, item.version, {"kind": "proposal", "address.street": "ул. „Нова“"})
    learn(town.office)
    with logged_in(town, Role.CLERK) as client:
        page = client.get("/learning").text
        assert "Улица" in page and "предложение" in page and f'href="/items/{item.id}"' in page
        assert "работи само речникът" in page
        assert 'href="/learning" aria-current="page"' in page
    with logged_in(town, Role.CONFIDENTIAL) as client:
        page = client.get("/learning").text
        assert "Улица" in page and f'href="/items/{item.id}"' not in page
