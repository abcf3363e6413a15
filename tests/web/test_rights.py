"""Every route for every role, every object for everybody: what is not allowed is refused by the server."""

import httpx
import pytest

from mailroom import desk
from mailroom.model.item import Status
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.staff import Role
from mailroom.web.app import PAGES, Page
from mailroom.web.rights import ALLOWED, Right
from tests.web.conftest import PEOPLE, Browser, Town, logged_in

C, O, S, M, W, A = Role.CLERK, Role.OFFICER, Role.SECRETARY, Role.MAYOR, Role.CONFIDENTIAL, Role.ADMIN  # noqa: E741
DESK = {C, S, W}

WHO: dict[str, set[Role]] = {
    "GET /": {C, O, S, M, W, A},
    "POST /logout": {C, O, S, M, W, A},
    "GET /queue": {C, O, S, M, W},
    "GET /queue/next": {C, O, S, M, W},
    "GET /queue/done": {C, O, S, M, W},
    "POST /queue/set-aside": DESK,
    "POST /queue/assign": DESK - {W},
    "POST /queue/mark": DESK | {O},
    "POST /queue/undo": DESK | {O},
    "POST /queue/views": {C, O, S, M, W},
    "POST /queue/views/drop": {C, O, S, M, W},
    "GET /items/{item_id:int}": {C, O, S, M, W},
    "GET /items/{item_id:int}/original/{arrival_id:int}": {C, O, S, M, W},
    "GET /items/{item_id:int}/copy.pdf": {C, O, S, M, W},
    "GET /items/{item_id:int}/html": {C, O, S, M, W},
    "GET /items/{item_id:int}/pages/{number:int}.png": {C, O, S, M, W},
    "GET /items/{item_id:int}/attachments/{sha256:str}": {C, O, S, M, W},
    "GET /items/{item_id:int}/attachments/{sha256:str}/pages/{number:int}.png": {C, O, S, M, W},
    "GET /items/{item_id:int}/beside/{other_id:int}": {C, O, S, M, W},
    "POST /items/{item_id:int}/here": {C, O, S, M, W},
    "POST /items/{item_id:int}/set-aside": DESK,
    "POST /items/{item_id:int}/merge": DESK,
    "POST /items/{item_id:int}/undo": DESK | {O},
    "GET /places": DESK,
    "POST /items/{item_id:int}/confirm": DESK,
    "POST /items/{item_id:int}/override": DESK,
    "POST /items/{item_id:int}/reclassify": DESK,
    "POST /items/{item_id:int}/correct": DESK,
    "POST /items/{item_id:int}/split": DESK,
    "POST /items/{item_id:int}/mark": DESK | {O},
    "POST /items/{item_id:int}/annul": DESK,
    "POST /items/{item_id:int}/assign": {C, S},
    "POST /items/{item_id:int}/extend": DESK | {O},
    "POST /items/{item_id:int}/inspection": DESK | {O},
    "POST /items/{item_id:int}/write": DESK,
    "POST /items/{item_id:int}/join": DESK,
    "POST /items/{item_id:int}/leave-case": DESK,
    "POST /items/{item_id:int}/as-answer": DESK,
    "POST /items/{item_id:int}/answered": DESK | {O},
    "POST /items/{item_id:int}/reopen": DESK | {O},
    "GET /outbox": DESK,
    "GET /letters/{outgoing_id:int}.pdf": {C, O, S, M, W},
    "POST /letters/{outgoing_id:int}/release": DESK,
    "POST /letters/{outgoing_id:int}/cancel": DESK,
    "POST /letters/{outgoing_id:int}/take-back": DESK,
    "POST /letters/{outgoing_id:int}/to-paper": DESK,
    "POST /letters/{outgoing_id:int}/to-mended-address": DESK,
    "GET /print": DESK,
    "GET /print/{run_id:int}/preview.pdf": DESK,
    "GET /print/{run_id:int}/letters.pdf": DESK,
    "GET /print/{run_id:int}/posting-list.csv": DESK,
    "GET /print/{run_id:int}/posting-list.pdf": DESK,
    "POST /print/prepare": DESK,
    "POST /print/{run_id:int}/printed": DESK,
    "POST /print/{run_id:int}/again": DESK,
    "POST /print/{run_id:int}/posted": DESK,
    "GET /counter": DESK,
    "POST /counter": DESK,
    "GET /counter/{item_id:int}": DESK,
    "GET /counter/{item_id:int}/papers.pdf": DESK,
    "GET /counter/{item_id:int}/label.pdf": DESK,
    "GET /upload": DESK,
    "POST /upload": DESK,
    "GET /upload/{form:str}": DESK,
    "GET /received": DESK,
    "POST /received/{item_id:int}": DESK,
    "GET /learning": DESK,
    "GET /digest": {S, M},
    "GET /figures": {C, S, M},
    "GET /report": {C, S, M},
    "GET /report/{name:str}": {C, S, M},
    "GET /dry-run": {C, S, M, A},
    "GET /health": {A},
    "GET /account": {C, O, S, M, W, A},
    "POST /account/password": {C, O, S, M, W, A},
    "GET /account/second-factor": {C, O, S, M, W, A},
    "POST /account/second-factor": {C, O, S, M, W, A},
    "POST /account/second-factor/off": {C, O, S, M, W, A},
    "POST /account/recovery-codes": {C, O, S, M, W, A},
    "POST /account/sessions/end": {C, O, S, M, W, A},
    "GET /users": {A},
    "GET /users/one": {A},
    "POST /users/add": {A},
    "POST /users/change": {A},
    "POST /users/password": {A},
    "POST /users/disable": {A},
    "POST /users/enable": {A},
    "POST /users/second-factor/reset": {A},
    "POST /users/sessions/end": {A},
    "POST /users/demands": {A},
    "GET /tokens": {A},
    "POST /tokens/add": {A},
    "POST /tokens/revoke": {A},
    "GET /access-log": {A, W},
    "GET /records": DESK,
    "GET /records/{act_id:int}.pdf": DESK,
    "POST /records/propose": DESK,
    "POST /records/{act_id:int}/approve": DESK,
    "POST /records/{act_id:int}/withdraw": DESK,
    "GET /personal-data": {S, W},
    "POST /personal-data/report": {S, W},
    "POST /personal-data/plan": {S, W},
    "POST /personal-data/erase": {S, W},
}
"""Written by hand a second time: a route that is added without a row here fails."""

ALL_ROLES = tuple(Role)


def name(page: Page) -> str:
    """As in the table."""
    return f"{page.method} {page.path}"


def address(page: Page, item_id: int = 999_999) -> str:
    """The path with something in its holes, by default of an item that does not exist."""
    return (page.path.replace("{item_id:int}", str(item_id)).replace("{arrival_id:int}", "1")
            .replace("{number:int}", "1").replace("{sha256:str}", "0" * 64).replace("{outgoing_id:int}", "999999")
            .replace("{run_id:int}", "999999").replace("{form:str}", "x").replace("{name:str}", "report.csv")
            .replace("{other_id:int}", "999998").replace("{act_id:int}", "999999"))


def request(client: httpx.Client, page: Page, path: str, csrf: str = "") -> httpx.Response:
    """Ask as the method says."""
    return client.post(path, data={"csrf": csrf}) if page.method == "POST" else client.get(path)


def csrf_of(client: Browser) -> str:
    """The token of this session, from any of its pages."""
    return client.token(str(client.get("/").headers["location"]))


def test_every_route_has_its_row() -> None:
    assert {name(page) for page in PAGES} == set(WHO)
    assert set(ALLOWED) == set(Role) and all(Right.OWN in rights for rights in ALLOWED.values())


def test_nobody_gets_in_without_a_log_in(calm_town: Town) -> None:
    with httpx.Client(base_url=calm_town.staff_url) as client:
        answers = {name(page): request(client, page, address(page)) for page in PAGES}
    open_doors = [name for name, answer in answers.items()
                  if answer.status_code != 303 or not answer.headers["location"].startswith("/login")]
    assert open_doors == []


@pytest.mark.parametrize("role", ALL_ROLES)
def test_each_role_gets_what_the_table_says_and_nothing_else(calm_town: Town, role: Role) -> None:
    wrong = []
    with logged_in(calm_town, role) as client:
        csrf = csrf_of(client)
        for page in PAGES:
            if page.path == "/logout":
                continue
            status = request(client, page, address(page), csrf).status_code
            if (status == 403) is (role in WHO[name(page)]) or status >= 500:
                wrong.append((name(page), status))
    assert wrong == []


@pytest.mark.parametrize("role", ALL_ROLES)
def test_no_post_is_taken_without_the_sessions_token(calm_town: Town, role: Role) -> None:
    wrong = []
    with logged_in(calm_town, role) as client:
        for page in PAGES:
            if page.method == "POST" and request(client, page, address(page), "of another").status_code != 403:
                wrong.append(name(page))
        assert client.get("/").status_code == 303, "still logged in"
    assert wrong == []


SEES: dict[str, set[Role]] = {
    "signal": {C, S, M},
    "waste": {C, O, S, M},
    "conduct": {C, S, M},
    "whistle": {W},
    "scan": {C, S, M},
}
"""The officer works in the environment department, where `waste` is; `conduct` complains about that very officer."""


@pytest.mark.parametrize("role", ALL_ROLES)
def test_an_item_is_there_only_for_those_whom_it_concerns(calm_town: Town, role: Role) -> None:
    wrong = []
    with logged_in(calm_town, role) as client:
        for letter, who in SEES.items():
            item = calm_town.item(letter)
            paths = [f"/items/{item.id}", f"/items/{item.id}/original/{item.arrivals[0].id}",
                     *(f"/letters/{out.id}.pdf" for out in item.letters if out.page_html and letter == "scan")]
            expected = 200 if role in who else 403 if role is A else 404
            wrong += [path for path in paths if client.get(path).status_code != expected]
    assert wrong == []


@pytest.mark.parametrize("role", [C, S, O])
def test_a_sealed_item_takes_no_action_of_others(calm_town: Town, role: Role) -> None:
    item = calm_town.item("whistle")
    with logged_in(calm_town, role) as client:
        csrf = csrf_of(client)
        actions = [p for p in PAGES if p.method == "POST" and "item_id" in p.path and role in WHO[name(p)]]
        for page in actions:
            assert client.post(address(page, item.id), data={"csrf": csrf, "version": item.version}).status_code == 404
    assert calm_town.item("whistle") == item


@pytest.mark.parametrize("role", [C, S, M, O])
def test_a_sealed_item_shows_in_no_list_of_others(calm_town: Town, role: Role) -> None:
    entry = calm_town.item("whistle").entry
    assert entry is not None
    with logged_in(calm_town, role) as client:
        for path in ("/queue", "/queue?view=all", "/queue?view=all&q=Савов", "/outbox", "/print", "/digest"):
            page = client.get(path).text
            assert entry.registration_number not in page and "<b>Илия Савов" not in page


def test_the_confidential_officer_sees_sealed_items_only(calm_town: Town) -> None:
    with logged_in(calm_town, W) as client:
        page = client.get("/queue?view=all").text
    assert "Илия Савов" in page and "Мария Петкова" not in page


def test_an_officer_sees_the_own_department_only_and_nothing_about_oneself(calm_town: Town) -> None:
    with logged_in(calm_town, O) as client:
        page = client.get("/queue?view=all").text
    assert "Стефан Начев" in page and "Мария Петкова" not in page and "Димитър Колев" not in page


def test_a_clerk_sees_no_complaint_about_oneself(town: Town) -> None:
    item = town.item("conduct")
    accused = PEOPLE[0].model_copy(update={"login": "two", "officer_id": "todorov", "role": Role.CLERK})
    with town.office.store.transaction() as register:
        kept = register.people.password_hash(PEOPLE[0].login)
        register.people.add(accused, str(kept))
    with Browser(base_url=town.staff_url, timeout=60) as client:
        token = client.token("/login", "token")
        client.post("/login", data={"login": "two", "password": "вярна парола 26", "token": token})
        assert "Димитър Колев" not in client.get("/queue?view=all").text
        assert client.get(f"/items/{item.id}").status_code == 404


def test_nobody_gets_a_letter_that_complains_about_them(town: Town) -> None:
    item = town.item("conduct")
    with logged_in(town, S) as client:
        page = f"/items/{item.id}"
        assert "environment/todorov" not in client.get(page).text
        answer = client.act(f"{page}/assign", seen=page, version=item.version, to="environment/todorov")
    assert answer.status_code == 400 and "АПК чл. 113" in answer.text


def test_only_the_secretary_approves_an_extension(town: Town) -> None:
    item = town.item("signal")
    letter = desk.extend(town.office, PEOPLE[0], item.id, item.version, reason="Нужен е оглед.", action="", until=None)
    with logged_in(town, C) as client:
        assert "Одобри" not in client.get(f"/items/{item.id}").text
        assert client.act(f"/letters/{letter}/release").status_code == 400
        assert town.item("signal").letters[-1].status is OutgoingStatus.DRAFT
    with logged_in(town, S) as client:
        assert client.act(f"/letters/{letter}/release", seen=f"/items/{item.id}").status_code == 303
    assert town.item("signal").letters[-1].status is OutgoingStatus.QUEUED


def test_the_batch_confirms_nothing_that_the_person_may_not_see(town: Town) -> None:
    item = town.item("spam")
    with logged_in(town, W) as client:
        client.act("/queue/set-aside", item=item.id)
    assert not town.item("spam").noncorrespondence_confirmed
    assert town.item("spam").status is Status.NOT_CORRESPONDENCE


def test_the_print_run_leaves_sealed_letters_to_the_confidential_officer(town: Town) -> None:
    item = town.item("scan")
    desk.correct(town.office, PEOPLE[0], item.id, item.version, {"matter": "whistleblower"})
    letter = town.item("scan").letters[0]
    assert letter.status is OutgoingStatus.CANCELLED, "the common letter does not leave"
    with town.office.store.transaction() as register:  # a letter that the confidential officer lets go
        register.outbox.mark(letter.id, OutgoingStatus.QUEUED)
    with logged_in(town, C) as client:
        assert "Петър Ангелов" not in client.get("/print").text
        assert client.act("/print/prepare", seen="/print").status_code == 303
        assert "Петър Ангелов" not in client.get("/print").text
        assert client.act("/print/1/printed", letter=letter.id).status_code == 400
        for paper in ("preview.pdf", "letters.pdf", "posting-list.pdf", "posting-list.csv"):
            assert client.get(f"/print/1/{paper}").status_code == 404
    with logged_in(town, W) as client:
        assert "Петър Ангелов" in client.get("/print").text
        assert client.get("/print/1/preview.pdf").status_code == 200
