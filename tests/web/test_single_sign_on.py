"""The municipality's single sign-on, against a real provider: who is let in, as what, and who never is."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from mailroom.config import OidcGrant, OidcSettings
from mailroom.errors import Misconfigured
from mailroom.model.staff import Role, Staff
from mailroom.web.app import staff_app
from mailroom.web.oidc import BACK
from tests.servers.provider import CLIENT_ID, CLIENT_SECRET, Provider, running_provider
from tests.web.conftest import LOGIN, Browser, Town

MARIA = {"sub": "7f3a", "preferred_username": LOGIN[Role.CLERK], "name": "Мария Колева", "groups": ["registry"]}
NEW = {"sub": "91bc", "preferred_username": "p.stoeva", "name": "Петя Стоева", "email": "p.stoeva@example.bg",
       "groups": ["everybody", "green"]}
GRANTS = (OidcGrant(value="registry", role="clerk"), OidcGrant(value="green", role="officer", department="environment"))


@pytest.fixture
def provider() -> Iterator[Provider]:
    """The provider of the town."""
    with running_provider() as running:
        yield running


@pytest.fixture
def signing_on(town: Town, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """The town with the provider set up, and grants by groups."""
    monkeypatch.setenv("MAILROOM_SECRET_OIDC", CLIENT_SECRET)
    with ExitStack() as servers:
        yield _with(town, servers, provider, GRANTS)


def _with(town: Town, servers: ExitStack, provider: Provider, grants: tuple[OidcGrant, ...]) -> Town:
    oidc = OidcSettings(issuer=provider.url, client_id=CLIENT_ID, client_secret="oidc", grants=grants)
    settings = town.office.settings.model_copy(update={"oidc": oidc})
    changed = replace(town, office=replace(town.office, settings=settings), servers=servers)
    provider.client.redirect_uris = {changed.staff_url + BACK}
    return changed


def sign_on(town: Town, provider: Provider, person: dict[str, Any], client: Browser, to: str = "") -> httpx.Response:
    """By the button of the log-in page: to the provider, and back with what it gives."""
    provider.person = person
    assert "/login/oidc" in client.get("/login").text
    there = client.get("/login/oidc", params={"next": to} if to else {})
    assert there.status_code == 302 and there.headers["location"].startswith(provider.url + "/authorize?")
    return client.get(httpx.get(there.headers["location"]).headers["location"])


def browser_of(town: Town) -> Browser:
    """Somebody's browser at the staff's pages."""
    return Browser(base_url=town.staff_url, timeout=60)


def person(town: Town, login: str) -> Staff | None:
    """As the register has them."""
    with town.office.store.reading() as register:
        return register.people.get(login)


def test_a_person_comes_in_by_the_provider_and_goes_on_where_they_were(signing_on: Town, provider: Provider) -> None:
    with browser_of(signing_on) as client:
        assert sign_on(signing_on, provider, MARIA, client, "/outbox").headers["location"] == "/outbox"
        page = client.get("/outbox")
        assert page.status_code == 200 and "Мария Колева" in page.text
        assert "mailroom_oidc" not in client.cookies


def test_the_request_has_state_nonce_and_a_challenge(signing_on: Town, provider: Provider) -> None:
    with browser_of(signing_on) as client:
        asked = parse_qs(urlsplit(client.get("/login/oidc").headers["location"]).query)
    assert asked["code_challenge_method"] == ["S256"] and {"state", "nonce", "code_challenge"} <= asked.keys()
    assert CLIENT_SECRET not in str(asked)


def test_a_group_makes_a_new_person_with_its_role_and_a_lost_group_shuts_the_door(
        signing_on: Town, provider: Provider) -> None:
    with browser_of(signing_on) as client:
        assert sign_on(signing_on, provider, NEW, client).headers["location"] == "/"
        made = person(signing_on, "p.stoeva")
        assert made and (made.role, made.department_id, made.name) == (Role.OFFICER, "environment", "Петя Стоева")
        client.cookies.clear()
        sign_on(signing_on, provider, {**NEW, "groups": ["registry"]}, client)
        changed = person(signing_on, "p.stoeva")
        assert changed and changed.role is Role.CLERK
        client.cookies.clear()
        assert sign_on(signing_on, provider, {**NEW, "groups": []}, client).status_code == 403
        assert client.get("/queue").headers["location"].startswith("/login")
        client.cookies.clear()
        for password in ("", "no one has this password"):
            token = client.token("/login", "token")
            answer = client.post("/login", data={"login": "p.stoeva", "password": password, "token": token})
            assert answer.status_code == 401, "who has no password has no password to guess"


def test_a_group_that_was_taken_away_ends_what_is_open(signing_on: Town, provider: Provider) -> None:
    with browser_of(signing_on) as client, browser_of(signing_on) as elsewhere:
        for one in (client, elsewhere):
            assert sign_on(signing_on, provider, NEW, one).status_code == 303
        signing_on.clock.at += timedelta(minutes=61)
        assert client.get("/queue", headers={"sec-fetch-dest": "empty"}).status_code == 200, "nothing typed is lost"
        there = client.get("/queue?view=all").headers["location"]
        assert there == "/login/oidc?next=/queue%3Fview%3Dall"
        again = client.get(httpx.get(client.get(there).headers["location"]).headers["location"])
        assert again.headers["location"] == "/queue?view=all" and client.get("/queue").status_code == 200
        signing_on.clock.at += timedelta(minutes=61)
        provider.person = {**NEW, "groups": []}
        gone = client.get(httpx.get(client.get(client.get("/queue").headers["location"]).headers["location"])
                          .headers["location"])
        assert gone.status_code == 403
        for one in (client, elsewhere):
            assert one.get("/queue", headers={"sec-fetch-dest": "empty"}).headers["location"].startswith("/login")


def test_claims_that_are_told_only_when_asked_for_count_too(signing_on: Town, provider: Provider) -> None:
    provider.only_by_userinfo = {"groups", "preferred_username"}
    with browser_of(signing_on) as client:
        assert sign_on(signing_on, provider, NEW, client).status_code == 303
    assert person(signing_on, "p.stoeva")


@pytest.mark.parametrize("who", [
    {**MARIA, "preferred_username": LOGIN[Role.ADMIN]},
    {**NEW, "groups": ["admin", "administrators"]},
    {**NEW, "preferred_username": ""}, {**NEW, "preferred_username": "a b"}])
def test_nobody_becomes_an_administrator_or_comes_in_as_one(signing_on: Town, provider: Provider,
                                                            who: dict[str, Any]) -> None:
    with signing_on.office.store.reading() as register:
        before = register.people.all()
    with browser_of(signing_on) as client:
        assert sign_on(signing_on, provider, who, client).status_code == 403
        assert client.get("/health").headers["location"].startswith("/login")
    with signing_on.office.store.reading() as register:
        assert register.people.all() == before


def test_no_setting_can_make_an_administrator() -> None:
    with pytest.raises(ValueError, match="role"):
        OidcGrant.model_validate({"value": "all", "role": "admin"})


def test_a_log_in_is_tied_to_one_subject_for_ever(signing_on: Town, provider: Provider) -> None:
    with browser_of(signing_on) as client:
        assert sign_on(signing_on, provider, MARIA, client).status_code == 303
    with browser_of(signing_on) as client:
        assert sign_on(signing_on, provider, {**MARIA, "sub": "another"}, client).status_code == 403
    with browser_of(signing_on) as client:
        renamed = {**MARIA, "preferred_username": LOGIN[Role.SECRETARY]}
        assert sign_on(signing_on, provider, renamed, client).status_code == 303
        assert "Мария Колева" in client.get("/queue").text


def test_a_stopped_person_stays_outside(signing_on: Town, provider: Provider) -> None:
    with signing_on.office.store.transaction() as register:
        register.people.disable(LOGIN[Role.CLERK])
    with browser_of(signing_on) as client:
        assert sign_on(signing_on, provider, MARIA, client).status_code == 403


def test_without_grants_only_people_whom_the_administrator_added_come_in(
        town: Town, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILROOM_SECRET_OIDC", CLIENT_SECRET)
    with ExitStack() as servers:
        plain = _with(town, servers, provider, ())
        with browser_of(plain) as client:
            assert sign_on(plain, provider, NEW, client).status_code == 403
            assert sign_on(plain, provider, {**MARIA, "groups": ["green"]}, client).status_code == 303
        kept = person(plain, LOGIN[Role.CLERK])
        assert kept and kept.role is Role.CLERK


@pytest.mark.parametrize("fault", [
    {"signs_with": RSAKey.generate_key(2048, {"kid": "one"})}, {"audience": "another program"},
    {"nonce": "of another log-in"}], ids=lambda fault: next(iter(fault)))
def test_a_token_that_is_not_for_us_opens_nothing(signing_on: Town, provider: Provider, fault: dict[str, Any]) -> None:
    for name, value in fault.items():
        setattr(provider, name, value)
    with browser_of(signing_on) as client:
        answer = sign_on(signing_on, provider, MARIA, client)
        assert answer.status_code == 400 and "не успя" in answer.text
        assert client.get("/queue").headers["location"].startswith("/login")


def test_a_refusal_and_a_code_of_another_browser_open_nothing(signing_on: Town, provider: Provider) -> None:
    with browser_of(signing_on) as client, browser_of(signing_on) as other:
        assert sign_on(signing_on, provider, {}, client).status_code == 400
        provider.person = MARIA
        there = other.get("/login/oidc").headers["location"]
        back = httpx.get(there).headers["location"]
        assert client.get(back).status_code == 400, "the state belongs to the other browser"
        assert other.get(back).status_code == 303
        assert other.get(back).status_code == 400, "a code is good once"


def test_when_the_provider_is_silent_the_password_still_opens(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILROOM_SECRET_OIDC", CLIENT_SECRET)
    with running_provider() as gone:
        pass
    with ExitStack() as servers:
        alone = _with(town, servers, gone, GRANTS)
        with browser_of(alone) as client:
            answer = client.get("/login/oidc")
            assert answer.status_code == 502 and "влезте с парола" in answer.text
            assert client.log_in(Role.CLERK).status_code == 303


def test_a_grant_for_a_department_that_is_not_there_is_told_at_the_start(town: Town) -> None:
    grants = (OidcGrant(value="x", role="officer", department="nowhere"),)
    oidc = OidcSettings(issuer="https://sso.example.bg", client_id="x", client_secret="oidc", grants=grants)
    office = replace(town.office, settings=town.office.settings.model_copy(update={"oidc": oidc}))
    with pytest.raises(Misconfigured, match="nowhere"):
        staff_app(office)
