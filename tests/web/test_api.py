"""The interface for other systems: its own description holds, and nobody gets more by it than at the desk."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from mailroom.engine.attempt import attempt_item
from mailroom.model.access import Scope
from mailroom.model.arrival import Channel
from mailroom.model.staff import Role
from mailroom.web.api.app import ENDPOINTS, ROOT
from mailroom.web.api_keys import PREFIX, digest_of_key, make_key, revoke_key
from tests.web.conftest import Town, logged_in

READ, REGISTER = Scope.READ, Scope.REGISTER
KEY = "request-0001"
LETTER = {
    "subject": "Счупена пейка", "text": "Пейката пред входа на ул. „Роза“ № 7 е счупена. Моля да я поправите.",
    "sender": {"name": "Калина Иванова Петрова", "email": "k.petrova@example.com", "phone": "0888 000 471",
               "address": "гр. Примерово, ул. „Роза“ № 7"}}


@contextmanager
def system(town: Town, *scopes: Scope, department: str | None = None, days: int = 30) -> Iterator[httpx.Client]:
    """Another system of the town with a key of its own."""
    _, secret = make_key(town.office, "admin", "Портал", scopes, department_id=department, days=days)
    with httpx.Client(base_url=town.staff_url + ROOT, headers={"authorization": f"Bearer {secret}"},
                      timeout=60) as client:
        yield client


def hand_over(client: httpx.Client, key: str = KEY, **changed: Any) -> httpx.Response:
    """Register the letter, with something changed."""
    return client.post("/letters", json={**LETTER, **changed}, headers={"idempotency-key": key})


def ids(client: httpx.Client, **query: Any) -> set[int]:
    """Of the first page."""
    return {one["id"] for one in client.get("/items", params=query).json()["items"]}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_nothing_is_told_without_a_good_key(town: Town, endpoint: Any) -> None:
    path = ROOT + endpoint.path.replace("{item_id}", str(town.ids["signal"]))
    made, secret = make_key(town.office, "admin", "Стара система", [READ, REGISTER], department_id=None, days=1)
    other = {READ: REGISTER, REGISTER: READ}[endpoint.scope]
    with httpx.Client(base_url=town.staff_url) as anybody, logged_in(town, Role.ADMIN) as admin:
        def ask(client: httpx.Client = anybody, **headers: str) -> httpx.Response:
            return client.request(endpoint.method, path, headers=headers)

        for answer in (ask(), ask(authorization="Basic YTpi"), ask(authorization=f"Bearer {PREFIX}guessed"),
                       ask(admin)):
            assert answer.status_code == 401 and answer.headers["www-authenticate"].startswith("Bearer")
            assert answer.headers["content-type"] == "application/problem+json" and answer.json()["status"] == 401
        assert ask(authorization=f"Bearer {secret}").status_code != 401
        revoke_key(town.office, "admin", made.id)
        assert ask(authorization=f"Bearer {secret}").status_code == 401
        _, secret = make_key(town.office, "admin", "Друга", [other], department_id=None, days=1)
        assert ask(authorization=f"Bearer {secret}").status_code == 403
        town.clock.at += timedelta(days=1)
        assert ask(authorization=f"Bearer {secret}").status_code == 401


def test_a_key_is_kept_only_as_a_digest(town: Town) -> None:
    made, secret = make_key(town.office, "admin", "Портал", [READ], department_id=None, days=1)
    with town.office.store.reading() as register:
        assert register.tokens.by_digest(secret, town.clock.at) is None
        assert register.tokens.by_digest(digest_of_key(secret), town.clock.at) == made


def test_the_list_is_walked_page_by_page_in_order_of_receipt(town: Town) -> None:
    with system(town, READ) as client:
        pages, after = [], None
        while True:
            page = client.get("/items", params={"limit": 3} | ({"after": after} if after else {})).json()
            pages.append([one["id"] for one in page["items"]])
            after = page["next"]
            if after is None:
                break
        seen = [item_id for page in pages for item_id in page]
        assert len(seen) == len(set(seen)) and set(seen) == set(town.ids.values()) - {town.ids["whistle"]}
        assert ids(client, since="2026-11-21") == set() and ids(client, until="2026-11-19") == set()
        assert ids(client, since="2026-11-20", until="2026-11-20") == set(seen)
        entry = town.item("signal").entry
        assert entry and ids(client, number=entry.registration_number) == {town.ids["signal"]}


def test_one_item_has_the_exported_shape_with_identifiers_masked(town: Town) -> None:
    with system(town, READ) as client:
        item = client.get(f"/items/{town.ids['proposal']}")
        assert item.json()["sender"]["name"] == "Веселина Маринова" and item.json()["kind"] == "proposal"
        assert "7523169263" not in item.text and "7523169263" not in client.get("/items").text
        assert "**********" in item.json()["text"]


def test_a_sealed_letter_is_not_there_for_any_key(town: Town) -> None:
    entry = town.item("whistle").entry
    assert entry is not None
    with system(town, READ, REGISTER) as client:
        for path in (f"/items/{town.ids['whistle']}", f"/letters/{town.ids['whistle']}"):
            assert client.get(path).status_code == 404
        assert ids(client, number=entry.registration_number) == set()
        assert entry.registration_number not in client.get("/items").text


def test_a_key_of_a_department_sees_its_letters_and_no_complaint_about_a_person(town: Town) -> None:
    with system(town, READ, department="environment") as client:
        visible = ids(client)
        assert town.ids["waste"] in visible and not visible & {town.ids["signal"], town.ids["conduct"]}
        for name, item_id in town.ids.items():
            assert (client.get(f"/items/{item_id}").status_code == 200) is (item_id in visible), name


def test_a_letter_is_registered_like_any_other(town: Town) -> None:
    with system(town, REGISTER, READ) as client:
        answer = hand_over(client, files=[{"filename": "снимка.txt", "content_base64": base64.b64encode(
            "Пейката отблизо".encode()).decode()}])
        assert answer.status_code == 202 and not answer.json()["done"]
        item_id = answer.json()["id"]
        attempt_item(town.office, item_id)
        received = client.get(f"/letters/{item_id}").json()
        item = client.get(f"/items/{item_id}").json()
    assert received["done"] and received["registration_number"] == item["registration_number"]
    assert received["access_code"] and received["due"] == item["due"]["date"]
    assert item["channel"] == "portal" and item["source"]["name"] == "api/Портал"
    assert item["subject"] == "Счупена пейка" and item["text"].startswith("Пейката пред входа")
    assert item["sender"]["name"] == "Калина Иванова Петрова" and item["sender"]["email"] == "k.petrova@example.com"
    assert item["sender"]["phone"] == "+359888000471" and item["sender"]["address"]["street"] == "ул. Роза"
    assert [file["filename"] for file in item["attachments"]] == ["снимка.txt"]
    assert [letter["to"] for letter in item["letters"]] == ["k.petrova@example.com"]


def test_an_anonymous_letter_is_registered_and_has_nobody_to_answer(town: Town) -> None:
    with system(town, REGISTER, READ) as client:
        item_id = hand_over(client, sender={}, channel="phone", subject="").json()["id"]
        attempt_item(town.office, item_id)
        item = client.get(f"/items/{item_id}").json()
    assert item["registration_number"] and item["channel"] == "phone" and item["letters"] == []
    assert item["sender"]["email"] is None and item["text"] == LETTER["text"]


def test_the_same_request_again_makes_no_second_letter(town: Town) -> None:
    with system(town, REGISTER) as client:
        first = hand_over(client)
        town.clock.at += timedelta(minutes=5)
        again = hand_over(client)
        assert (first.status_code, again.status_code) == (202, 200) and first.json()["id"] == again.json()["id"]
        assert hand_over(client, text="Друго писмо").status_code == 422
        assert hand_over(client, key="request-0002").json()["id"] != first.json()["id"]
    with system(town, REGISTER) as renewed:
        assert hand_over(renewed).json()["id"] == first.json()["id"], "the same system with a new key"


def test_one_system_learns_nothing_of_anothers_letters(town: Town) -> None:
    with system(town, REGISTER) as client:
        item_id = hand_over(client).json()["id"]
        assert client.get(f"/letters/{town.ids['signal']}").status_code == 404
    _, secret = make_key(town.office, "admin", "Друга система", [REGISTER], department_id=None, days=1)
    other = httpx.get(f"{town.staff_url}{ROOT}/letters/{item_id}", headers={"authorization": f"Bearer {secret}"})
    assert other.status_code == 404


@pytest.mark.parametrize(("changed", "field"), [
    ({"text": ""}, "text"), ({"subject": "две\r\nBcc: x@example.com"}, "subject"), ({"channel": "email"}, "channel"),
    ({"sender": {"email": "x@y"}}, "sender.email"), ({"sender": {"name": "a\nb"}}, "sender.name"),
    ({"more": 1}, "more"),
    ({"files": [{"filename": "../x", "content_base64": ""}]}, "files.0.filename"),
    ({"files": [{"filename": "x", "content_base64": "A"}]}, "files.0.content_base64"),
    ({"received_at": "2026-11-20T10:00:00"}, "received_at")])
def test_a_wrong_field_is_named_and_not_repeated(town: Town, changed: dict[str, Any], field: str) -> None:
    with system(town, REGISTER) as client:
        answer = hand_over(client, **changed)
    assert answer.status_code == 400 and answer.headers["content-type"] == "application/problem+json"
    assert [one["field"] for one in answer.json()["errors"]] == [field] and "Bcc" not in answer.text


def test_what_is_no_letter_is_refused(town: Town) -> None:
    with system(town, REGISTER) as client:
        for off in (timedelta(hours=1), timedelta(days=-31)):
            assert hand_over(client, received_at=(town.clock.at + off).isoformat()).status_code == 400
        assert hand_over(client, key="short").status_code == 400
        text = client.post("/letters", content=json.dumps(LETTER), headers={"idempotency-key": KEY,
                                                                           "content-type": "text/plain"})
        assert text.status_code == 415
        assert hand_over(client, received_at=(town.clock.at - timedelta(days=2)).isoformat()).status_code == 202
        assert client.put("/letters").status_code == 405 and client.get("/nothing").status_code == 404


def test_who_asks_too_often_waits(town: Town) -> None:
    web = town.office.settings.web.model_copy(update={"api_requests_per_minute": 20})
    settings = town.office.settings.model_copy(update={"web": web})
    with system(replace(town, office=replace(town.office, settings=settings)), READ) as client:
        statuses = [client.get("/items/999999").status_code for _ in range(21)]
        assert statuses[-1] == 429 and set(statuses[:-1]) == {404}
        town.clock.at += timedelta(minutes=1)
        assert client.get("/items/999999").status_code == 404


def test_who_guesses_keys_waits(town: Town) -> None:
    statuses = [httpx.get(f"{town.staff_url}{ROOT}/items", headers={"authorization": f"Bearer {PREFIX}{n}"}).status_code
                for n in range(31)]
    assert set(statuses[:-1]) == {401} and statuses[-1] == 429


def test_every_channel_that_can_be_named_is_one(town: Town) -> None:
    described = httpx.get(f"{town.staff_url}{ROOT}/openapi.json").json()
    channels = described["components"]["schemas"]["NewLetter"]["properties"]["channel"]["enum"]
    assert set(channels) <= set(Channel) and "email" not in channels


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_the_interface_does_what_its_description_says(town: Town, mode: GenerationMode) -> None:
    """Requests made up from the description, good ones and bad ones: every answer is as described."""
    _, secret = make_key(town.office, "admin", "Проверка", [READ, REGISTER], department_id=None, days=1)
    described = schemathesis.openapi.from_url(f"{town.staff_url}{ROOT}/openapi.json")
    operations = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
    for operation in operations:
        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=3, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))
        def holds(case: schemathesis.Case[Any]) -> None:
            if mode is GenerationMode.POSITIVE and isinstance(case.body, dict):
                case.body["received_at"] = None  # „in the last 30 days“ is nothing that a schema can say
            case.headers["Authorization"] = f"Bearer {secret}"
            case.call_and_validate()

        holds()
    assert {f"{one.method.upper()} {one.path}" for one in operations} == {f"{e.method} {e.path}" for e in ENDPOINTS}
