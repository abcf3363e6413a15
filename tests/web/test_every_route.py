"""Every route of both applications, for everybody and every sort of letter, against one table of expectations."""

from collections.abc import Iterable, Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from mailroom.model.item import Item
from mailroom.model.staff import Role
from mailroom.web.api.app import ENDPOINTS, ROOT
from mailroom.web.app import PAGES, Page, staff_app
from mailroom.web.public import public_app
from tests.web.conftest import Town, logged_in
from tests.web.test_rights import ALL_ROLES, SEES, WHO, address, csrf_of, name

WITHOUT_LOG_IN = {
    "GET /static/{name}", "GET /login", "POST /login", "GET /login/code", "POST /login/code", "GET /login/oidc",
    f"GET {ROOT}/openapi.json", "GET /livez", "GET /readyz", "GET /metrics",
}
"""Open to anybody: nothing of a letter is behind them."""
BEHIND_A_KEY = {f"{one.method} {ROOT}{one.path.replace('{item_id}', '{item_id:int}')}" for one in ENDPOINTS}
"""Their own tests hold them (test_api.py)."""
CITIZENS = {"GET /static/{name}", "GET /", "POST /", "POST /satisfaction", "GET /r/{token:str}", "POST /r/{token:str}"}
_ON_AN_ITEM = tuple(page for page in PAGES if "{item_id" in page.path)
_ON_A_LETTER = tuple(page for page in PAGES if "{outgoing_id" in page.path)


def routes_of(routes: Iterable[BaseRoute], before: str = "") -> Iterator[str]:
    """Method and path of everything that an application answers to."""
    for route in routes:
        if isinstance(route, Mount):
            inner = route.app
            assert isinstance(inner, Starlette), route
            yield from routes_of(inner.routes, before + route.path)
        else:
            assert isinstance(route, Route), route
            yield from (f"{method} {before}{route.path}" for method in (route.methods or set()) - {"HEAD"})


def test_every_route_of_both_applications_is_expected(calm_town: Town) -> None:
    staff, public = staff_app(calm_town.office), public_app(calm_town.office)
    assert set(routes_of(staff.routes)) == set(WHO) | WITHOUT_LOG_IN | BEHIND_A_KEY
    assert set(routes_of(public.routes)) == CITIZENS


def filled(page: Page, item: Item, other: Item) -> str:
    """The path with what really is there in its holes, so that a refusal is one of rights."""
    attached = item.letter.attachments if item.letter else ()
    path = (page.path.replace("{item_id:int}", str(item.id)).replace("{arrival_id:int}", str(item.arrivals[0].id))
            .replace("{other_id:int}", str(other.id)).replace("{sha256:str}", attached[0].sha256 if attached else "0"))
    if item.letters:
        path = path.replace("{outgoing_id:int}", str(item.letters[0].id))
    return address(Page(path, page.handler, page.right, page.method))


def ask(client: httpx.Client, page: Page, path: str, csrf: str) -> int:
    """The answer's status; a change is asked for with a version that nobody has seen, so that nothing changes."""
    if page.method == "GET":
        return client.get(path).status_code
    return client.post(path, data={"csrf": csrf, "version": "999999"}).status_code


@pytest.mark.parametrize("role", ALL_ROLES)
def test_a_letter_that_is_not_ones_own_is_behind_no_route(town: Town, role: Role) -> None:
    """Own, of another department, about oneself, sealed, and each for every role; what is not one's own stays as it is.
    Of several of one's own one is enough: the routes are the same.
    """
    wrong: list[tuple[str, str, int]] = []
    asked_own = False
    signal = town.item("signal")
    with logged_in(town, role) as client:
        csrf = csrf_of(client)
        for letter, who in SEES.items():
            if role in who and asked_own:
                continue
            asked_own = asked_own or role in who
            item = town.item(letter)
            pages = (*_ON_AN_ITEM, *(_ON_A_LETTER if item.letters else ()))
            for page in pages:
                status = ask(client, page, filled(page, item, signal), csrf)
                if role not in WHO[name(page)]:
                    expected = status == 403
                elif role not in who:
                    expected = status == 404
                else:
                    expected = status not in (403, 500)
                if not expected:
                    wrong.append((letter, name(page), status))
            if role not in who and town.item(letter) != item:
                wrong.append((letter, "changed", 0))
    assert wrong == []


@pytest.mark.parametrize("role", ALL_ROLES)
def test_no_second_letter_comes_in_by_way_of_ones_own(calm_town: Town, role: Role) -> None:
    """A route about two letters asks for the rights to both."""
    wrong = []
    with logged_in(calm_town, role) as client:
        for page in (page for page in _ON_AN_ITEM if "{other_id" in page.path and page.method == "GET"):
            for letter, who in SEES.items():
                mine = next((one for one, seen in SEES.items() if role in seen and one != letter), None)
                if mine is None or role in who or role not in WHO[name(page)]:
                    continue
                path = filled(page, calm_town.item(mine), calm_town.item(letter))
                if client.get(path).status_code != 404:
                    wrong.append((page.path, mine, letter))
    assert wrong == []


def test_a_visitor_without_a_log_in_gets_no_letter_whichever_way(calm_town: Town) -> None:
    wrong = []
    with httpx.Client(base_url=calm_town.staff_url) as anybody:
        for letter in SEES:
            item = calm_town.item(letter)
            for page in (*_ON_AN_ITEM, *(_ON_A_LETTER if item.letters else ())):
                answer = anybody.request(page.method, filled(page, item, item))
                if answer.status_code != 303 or not answer.headers["location"].startswith("/login"):
                    wrong.append((letter, name(page), answer.status_code))
        for path in WITHOUT_LOG_IN - {"GET /static/{name}"}:
            method, _, where = path.partition(" ")
            answer = anybody.request(method, where)
            assert answer.status_code in (200, 303, 403), path
            assert not any(sender in answer.text for sender in ("Петкова", "Савов", "Начев", "Колев")), path
    assert wrong == []
