"""The own log-in: password, second factor, sessions; and what the administrator can demand of it."""

import re
from datetime import timedelta

import httpx
import pyotp
import pytest

from mailroom.model.staff import Role
from tests.web.conftest import LOGIN, PASSWORD, Browser, Town, logged_in

NEW = "съвсем нова парола"
SECOND = "/account/second-factor"


def enter(client: Browser, password: str = PASSWORD) -> httpx.Response:
    """As the clerk, at a browser that knows nobody yet."""
    client.cookies.clear()
    return client.log_in(Role.CLERK, password)


def change_password(client: Browser, **changed: str) -> httpx.Response:
    """Through the form of the account's page."""
    return client.act("/account/password", seen="/account",
                      **{"password": PASSWORD, "new": NEW, "again": NEW, **changed})


def set_up(client: Browser, town: Town) -> tuple[pyotp.TOTP, list[str]]:
    """Take the second factor from the page as a telephone does; returns it with the recovery codes."""
    totp = pyotp.TOTP(client.token(SECOND, "secret"))
    answer = client.act(SECOND, seen=SECOND, secret=totp.secret, code=totp.at(town.clock.at))
    codes = re.findall(r"<li><code>([\w-]+)</code>", answer.text)
    assert answer.status_code == 200 and len(codes) == 8
    return totp, codes


def give_code(client: Browser, code: str, to: str = "") -> httpx.Response:
    """The second step of a log-in."""
    return client.post("/login/code", data={"csrf": client.token("/login/code"), "code": code, "next": to})


def test_a_new_password_ends_every_other_log_in_and_keeps_this_one(town: Town, browser: Browser) -> None:
    enter(browser)
    with logged_in(town, Role.CLERK) as elsewhere:
        assert change_password(browser).headers["location"] == "/account?done=password"
        assert browser.get("/queue").status_code == 200
        assert elsewhere.get("/queue").headers["location"].startswith("/login")
        assert enter(elsewhere).status_code == 401
        assert enter(elsewhere, NEW).status_code == 303


@pytest.mark.parametrize(("changed", "said"), [
    ({"password": "не тази"}, "Сегашната парола не е вярна"), ({"again": "друго нещо 1"}, "не са еднакви"),
    ({"new": "къса", "again": "къса"}, "поне 10 знака"),
    ({"new": PASSWORD, "again": PASSWORD}, "същата като сегашната")])
def test_a_password_is_not_changed_for_a_bad_reason(town: Town, browser: Browser, changed: dict[str, str],
                                                    said: str) -> None:
    enter(browser)
    answer = change_password(browser, **changed)
    assert answer.status_code == 400 and said in answer.text
    assert enter(browser).status_code == 303


def test_whoever_finds_a_screen_unlocked_cannot_try_passwords_there(town: Town, browser: Browser) -> None:
    enter(browser)
    for _ in range(5):
        assert "не е вярна" in change_password(browser, password="не тази").text
    assert "Прекалено много" in change_password(browser).text


def test_a_password_of_the_administrators_choosing_opens_only_the_page_to_change_it(
        town: Town, browser: Browser) -> None:
    with logged_in(town, Role.ADMIN) as admin:
        given = admin.act("/users/password", seen="/users", login=LOGIN[Role.CLERK], password="временна парола")
        assert given.status_code == 303
    enter(browser, "временна парола")
    assert browser.get("/queue").headers["location"] == "/account"
    assert "зададена от друг човек" in browser.get("/account").text
    change_password(browser, password="временна парола")
    assert browser.get("/queue").status_code == 200


def test_with_a_second_factor_the_password_alone_opens_nothing(town: Town, browser: Browser) -> None:
    enter(browser)
    totp, _ = set_up(browser, town)
    browser.act("/logout")
    town.clock.at += timedelta(minutes=1)
    assert enter(browser).headers["location"] == "/login/code"
    for path in ("/queue", "/account", "/"):
        assert browser.get(path).headers["location"] == "/login/code"
    assert give_code(browser, "000000").status_code == 401
    right = totp.at(town.clock.at)
    assert give_code(browser, f"{right[:3]} {right[3:]}", "/outbox").headers["location"] == "/outbox"
    assert browser.get("/outbox").status_code == 200


def test_a_code_is_good_once_and_for_its_own_time_only(town: Town, browser: Browser) -> None:
    enter(browser)
    totp, _ = set_up(browser, town)
    first = totp.at(town.clock.at)
    enter(browser)
    assert give_code(browser, first).status_code == 401, "the code that set it up"
    town.clock.at += timedelta(minutes=5)
    assert give_code(browser, totp.at(town.clock.at - timedelta(minutes=2))).status_code == 401
    assert give_code(browser, totp.at(town.clock.at)).status_code == 303


def test_a_recovery_code_opens_once_and_new_ones_void_the_old(town: Town, browser: Browser) -> None:
    enter(browser)
    _, codes = set_up(browser, town)
    enter(browser)
    assert give_code(browser, codes[0].lower().replace("-", " ")).status_code == 303
    assert "резервни кодове: 7" in browser.get("/account").text
    enter(browser)
    assert give_code(browser, codes[0]).status_code == 401
    assert give_code(browser, codes[1]).status_code == 303
    assert browser.act("/account/recovery-codes", seen=SECOND, password="не тази").status_code == 400
    assert browser.act("/account/recovery-codes", seen=SECOND, password=PASSWORD).status_code == 200
    enter(browser)
    assert give_code(browser, codes[2]).status_code == 401


def test_who_guesses_codes_waits(town: Town, browser: Browser) -> None:
    enter(browser)
    totp, _ = set_up(browser, town)
    enter(browser)
    for _ in range(5):
        assert give_code(browser, "000000").status_code == 401
    town.clock.at += timedelta(minutes=1)
    assert give_code(browser, totp.at(town.clock.at)).status_code == 429


def test_a_role_that_needs_a_second_factor_gets_no_further_without(town: Town, browser: Browser) -> None:
    enter(browser)
    with logged_in(town, Role.ADMIN) as admin:
        admin.act("/users/demands", seen="/users", role="clerk")
    assert browser.get("/queue").headers["location"] == SECOND
    assert browser.act("/queue/set-aside", seen="/account").headers["location"] == SECOND
    set_up(browser, town)
    assert browser.get("/queue").status_code == 200
    off = browser.act(f"{SECOND}/off", seen="/account", password=PASSWORD)
    assert off.status_code == 400 and "задължителен" in off.text
    with logged_in(town, Role.SECRETARY) as colleague:
        assert colleague.get("/queue").status_code == 200, "another role is not asked for it"


def test_who_may_turns_it_off_with_the_password_and_the_administrator_for_who_lost_the_telephone(
        town: Town, browser: Browser) -> None:
    enter(browser)
    set_up(browser, town)
    assert browser.act(f"{SECOND}/off", seen="/account", password="не тази").status_code == 400
    assert browser.act(f"{SECOND}/off", seen="/account", password=PASSWORD).status_code == 303
    assert enter(browser).headers["location"] == "/"
    set_up(browser, town)
    with logged_in(town, Role.ADMIN) as admin:
        admin.act("/users/second-factor/reset", seen="/users", login=LOGIN[Role.CLERK])
    assert enter(browser).headers["location"] == "/"


def test_one_sees_and_ends_the_own_log_ins_and_nobody_elses(town: Town, browser: Browser) -> None:
    browser.headers["user-agent"] = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
    enter(browser)
    with logged_in(town, Role.CLERK) as elsewhere, logged_in(town, Role.SECRETARY) as colleague:
        theirs = colleague.get("/account").text
        assert "Firefox, Windows" not in theirs
        page = browser.get("/account").text
        assert "Firefox, Windows" in page and "непознат браузър" in page
        with town.office.store.reading() as register:
            digest = register.sessions.of(LOGIN[Role.SECRETARY], town.clock.at, timedelta(hours=1))[0].token_sha256
        browser.act("/account/sessions/end", seen="/account", session=digest)
        assert colleague.get("/queue").status_code == 200
        browser.act("/account/sessions/end", seen="/account", session="")
        assert elsewhere.get("/queue").status_code == 303 and browser.get("/queue").status_code == 200


def test_another_role_ends_what_was_open_and_nobody_changes_the_own(town: Town, browser: Browser) -> None:
    enter(browser)
    person = {"login": LOGIN[Role.CLERK], "name": "Мария Колева", "role": "mayor"}
    with logged_in(town, Role.ADMIN) as admin:
        assert admin.act("/users/change", seen="/users", **person).status_code == 303
        assert browser.get("/queue").status_code == 303
        enter(browser)
        assert browser.get("/outbox").status_code == 403
        own = admin.act("/users/change", seen="/users", login="admin", name="Георги Илиев", role="clerk")
        assert own.status_code == 400 and "собствената си роля" in own.text
        admin.act("/users/disable", seen="/users", login=LOGIN[Role.CLERK])
        assert enter(browser).status_code == 401
        admin.act("/users/enable", seen="/users", login=LOGIN[Role.CLERK])
    assert enter(browser).status_code == 303
