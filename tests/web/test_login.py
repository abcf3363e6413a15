"""Logging in: who may, how often one may try, and when it ends."""

import hashlib
import html
import re
from datetime import timedelta
from urllib.parse import unquote

import httpx
import pytest

from mailroom.errors import BadRequest
from mailroom.model.staff import Role
from mailroom.web.passwords import hash_password, is_password
from tests.web.conftest import LOGIN, PASSWORD, Browser, Town, logged_in


def test_a_password_is_hashed_with_argon2_and_known_again() -> None:
    kept = hash_password("дълга парола")
    assert kept.startswith("$argon2id$") and is_password("дълга парола", kept)
    assert not is_password("друга парола", kept) and not is_password("дълга парола", None)
    assert not is_password("дълга парола", "no hash at all")


@pytest.mark.parametrize("password", ["къса", "x" * 201])
def test_a_bad_password_is_refused_with_a_sentence(password: str) -> None:
    with pytest.raises(BadRequest, match="знака"):
        hash_password(password)


def test_each_role_starts_where_its_work_is(town: Town) -> None:
    for role, start in [(Role.CLERK, "/queue"), (Role.MAYOR, "/digest"), (Role.ADMIN, "/health")]:
        with logged_in(town, role) as client:
            answer = client.get("/")
            assert (answer.status_code, answer.headers["location"]) == (303, start)
            assert client.get(start).status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_kept_only_as_a_digest(town: Town, browser: Browser) -> None:
    answer = browser.log_in(Role.CLERK)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("mailroom="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Path=/" in cookie
    token = browser.cookies["mailroom"]
    digest = hashlib.sha256(token.encode()).hexdigest()
    with town.office.store.reading() as register:
        assert register.sessions.get(token, town.clock(), timedelta(hours=2)) is None
        assert register.sessions.get(digest, town.clock(), timedelta(hours=2)) is not None


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(browser: Browser) -> None:
    wrong = browser.log_in(Role.CLERK, "грешна парола")
    token = browser.token("/login", "token")
    unknown = browser.post("/login", data={"login": "nobody", "password": PASSWORD, "token": token})
    assert wrong.status_code == unknown.status_code == 401
    sentence = "Името или паролата не са верни"
    assert sentence in wrong.text and sentence in unknown.text


def test_who_fails_too_often_waits_even_with_the_right_password(town: Town, browser: Browser) -> None:
    for _ in range(5):
        assert browser.log_in(Role.CLERK, "грешна парола").status_code == 401
    assert browser.log_in(Role.CLERK).status_code == 429
    with logged_in(town, Role.SECRETARY) as colleague:
        assert colleague.get("/queue").status_code == 200, "a colleague at the same place is not shut out"
    town.clock.at += timedelta(minutes=16)
    assert browser.log_in(Role.CLERK).status_code == 303


def test_a_log_in_ends_after_its_hours(town: Town, browser: Browser) -> None:
    browser.log_in(Role.CLERK)
    assert browser.get("/queue").status_code == 200
    end = town.clock.at + timedelta(hours=town.office.settings.web.session_hours)
    while town.clock.at + timedelta(minutes=90) < end:
        town.clock.at += timedelta(minutes=90)
        assert browser.get("/queue").status_code == 200
    town.clock.at = end
    assert browser.get("/queue").headers["location"].startswith("/login")


def test_a_log_in_that_nobody_uses_ends_and_what_a_page_fetches_by_itself_is_no_use(
        town: Town, browser: Browser) -> None:
    browser.log_in(Role.CLERK)
    csrf, item = browser.token("/queue"), town.item("signal")
    by_itself = {"sec-fetch-dest": "empty"}
    for _ in range(town.office.settings.web.idle_minutes // 30 - 1):
        town.clock.at += timedelta(minutes=30)
        assert browser.get("/queue", headers=by_itself).status_code == 200
        here = browser.post(f"/items/{item.id}/here", headers=by_itself, data={"csrf": csrf, "version": item.version})
        assert here.status_code == 200
    town.clock.at += timedelta(minutes=30)
    assert browser.get("/queue").headers["location"].startswith("/login")


def test_logging_out_ends_the_session_on_the_server(town: Town, browser: Browser) -> None:
    browser.log_in(Role.CLERK)
    token = browser.cookies["mailroom"]
    assert browser.act("/logout").status_code == 303
    with httpx.Client(base_url=town.staff_url, cookies={"mailroom": token}) as thief:
        assert thief.get("/queue").status_code == 303


def test_a_disabled_person_is_out_at_once(town: Town, browser: Browser) -> None:
    browser.log_in(Role.CLERK)
    with logged_in(town, Role.ADMIN) as admin:
        assert admin.act("/users/disable", seen="/users", login=LOGIN[Role.CLERK]).status_code == 303
    assert browser.get("/queue").status_code == 303
    assert browser.log_in(Role.CLERK).status_code == 401


def test_the_log_in_form_itself_cannot_be_sent_by_another_site(browser: Browser) -> None:
    browser.get("/login")
    answer = browser.post("/login", data={"login": LOGIN[Role.CLERK], "password": PASSWORD, "token": "guessed"})
    assert answer.status_code == 403 and "mailroom" not in browser.cookies


@pytest.mark.parametrize(("next_path", "goes_to"), [
    ("/items/3", "/items/3"), ("https://evil.example.com/", "/"), ("//evil.example.com/", "/"),
    ("/\\evil.example.com", "/"), ("javascript:alert(1)", "/")])
def test_after_the_log_in_one_stays_with_us(browser: Browser, next_path: str, goes_to: str) -> None:
    token = browser.token("/login", "token")
    answer = browser.post("/login", data={"login": LOGIN[Role.CLERK], "password": PASSWORD, "token": token,
                                          "next": next_path})
    assert answer.headers["location"] == goes_to


def test_after_the_log_in_one_is_back_in_the_very_view(browser: Browser) -> None:
    asked = browser.get("/queue?view=mine&kind=signal&q=дупка").headers["location"]
    token = re.search(r'name="token" value="([^"]+)"', (form := browser.get(asked).text))
    following = re.search(r'name="next" value="([^"]+)"', form)
    assert token and following
    answer = browser.post("/login", data={"login": LOGIN[Role.CLERK], "password": PASSWORD, "token": token[1],
                                          "next": html.unescape(following[1])})
    assert unquote(answer.headers["location"]) == "/queue?view=mine&kind=signal&q=дупка"


def test_the_administrator_adds_a_person_who_can_then_log_in(town: Town, browser: Browser) -> None:
    with logged_in(town, Role.ADMIN) as admin:
        person = {"login": "new", "name": "Нова Деловодителка", "role": "clerk", "password": "нова парола 1"}
        assert admin.act("/users/add", seen="/users", **person).status_code == 303
        again = admin.act("/users/add", seen="/users", **person)
        assert again.status_code == 400 and "вече съществува" in again.text and "Нова Деловодителка" in again.text
        short = admin.act("/users/add", seen="/users", **{**person, "login": "other", "password": "1"})
        assert short.status_code == 400 and "поне 10 знака" in short.text
        own = admin.act("/users/disable", seen="/users", login=LOGIN[Role.ADMIN])
        assert own.status_code == 400
    token = browser.token("/login", "token")
    assert browser.post("/login", data={"login": "new", "password": "нова парола 1", "token": token}).status_code == 303
