"""A town with people of every role, letters of every sort, and both applications on loopback ports."""

import re
import shutil
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, sync_playwright

from mailroom import counter, desk, journey
from mailroom.config import OcrSettings, Settings, WebSettings
from mailroom.engine.attempt import attempt_item
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.base import ItemId
from mailroom.model.item import Item
from mailroom.model.staff import Role, Staff
from mailroom.model.taken_down import Brought
from mailroom.office import Office, open_office
from mailroom.store.store import Store
from mailroom.web.app import staff_app
from mailroom.web.public import public_app
from mailroom.web.serve import serving
from tests.once import once
from tests.web.letters import LETTERS, page_of_text

PASSWORD = "вярна парола 26"
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
QUICK_HASH = PasswordHasher(time_cost=1, memory_cost=512, parallelism=1).hash(PASSWORD)
"""Real argon2, at the price of a test."""
CAME = datetime(2026, 11, 20, 8, 12, 3, tzinfo=UTC)
"""A Friday morning."""

PEOPLE = (
    Staff(login="m.koleva", name="Мария Колева", role=Role.CLERK, officer_id="koleva", department_id="registry"),
    Staff(login="i.todorov", name="Иван Тодоров", role=Role.OFFICER, officer_id="todorov", department_id="environment"),
    Staff(login="n.radev", name="Николай Радев", role=Role.SECRETARY, officer_id="radev", department_id="secretary"),
    Staff(login="kabinet", name="Кабинет на кмета", role=Role.MAYOR),
    Staff(login="a.vasileva", name="Анна Василева", role=Role.CONFIDENTIAL, officer_id="vasileva"),
    Staff(login="admin", name="Георги Илиев", role=Role.ADMIN),
)
LOGIN = {person.role: person.login for person in PEOPLE}


@dataclass
class Clock:
    """The office's clock, which a test may move."""

    at: datetime = CAME

    def __call__(self) -> datetime:
        """Now."""
        return self.at


@dataclass(frozen=True)
class Town:
    """The office, its two addresses, and its letters by name."""

    office: Office
    clock: Clock
    ids: dict[str, ItemId]
    servers: ExitStack

    @cached_property
    def staff_url(self) -> str:
        """Where the staff's pages are; served from the first question on."""
        return f"http://127.0.0.1:{self.servers.enter_context(serving(staff_app(self.office)))}"

    @cached_property
    def public_url(self) -> str:
        """Where the citizens' page is."""
        return f"http://127.0.0.1:{self.servers.enter_context(serving(public_app(self.office)))}"

    def item(self, name: str) -> Item:
        """The letter of this name as it stands now."""
        item = self.office.store.item(self.ids[name])
        assert item is not None
        return item


@dataclass(frozen=True)
class Filled:
    """A register with people and letters, made once and copied for every test: reading a scan takes a while."""

    office: Office
    folder: Path
    ids: dict[str, ItemId]


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The register to copy; made by the first of the processes that share the tests."""
    filled, ids = once(tmp_path_factory, "filled", _fill)
    folder = tmp_path_factory.mktemp("own") / "town"
    shutil.copytree(filled, folder)
    office = _office(folder)
    office.store.close()
    yield Filled(office=office, folder=folder, ids=ids)
    office.close()


def _office(folder: Path) -> Office:
    return open_office(Settings(charter="primerovo", data_dir=folder, ocr=OcrSettings(workers=1),
                                web=WebSettings(secure_cookies=False)), now=Clock())


def _fill(folder: Path) -> dict[str, ItemId]:
    """People and letters; returns the items by name."""
    office = _office(folder)
    with office.store.transaction() as register:
        for person in PEOPLE:
            register.people.add(person, QUICK_HASH)
    ids = {name: take(office, name, letter.as_bytes()) for name, letter in LETTERS.items()}
    ids["scan"] = take(office, "scan", page_of_text(), channel=Channel.PAPER)
    ids["told"] = counter.take_down(
        office, PEOPLE[0], form="told", brought=Brought.ORAL,
        text="Пейката пред читалището е счупена и моля да бъде поправена.",
        fields={"sender_name": "Елена Бонева", "kind": "signal"}, address="ул. Роза 5", in_hand=True)
    _correct(office, ids["whistle"], matter="whistleblower")
    _correct(office, ids["conduct"], kind="complaint", matter="conduct")
    office.close()
    return ids


@pytest.fixture
def town(tmp_path: Path, filled: Filled) -> Iterator[Town]:
    """A fresh town for every test that changes something."""
    yield from _town(tmp_path / "town", filled)


@pytest.fixture(scope="session")
def calm_town(tmp_path_factory: pytest.TempPathFactory, filled: Filled) -> Iterator[Town]:
    """A town for tests that only look."""
    yield from _town(tmp_path_factory.mktemp("calm") / "town", filled)


def _town(folder: Path, filled: Filled) -> Iterator[Town]:
    """The same rules and readers over a register of its own."""
    shutil.copytree(filled.folder, folder)
    settings = filled.office.settings.model_copy(update={"data_dir": folder})
    clock, store = Clock(), Store(settings.url, settings.originals_dir)
    office = replace(filled.office, settings=settings, store=store, now=clock)
    with ExitStack() as servers:
        yield Town(office=office, clock=clock, ids=filled.ids, servers=servers)
    store.close()


def take(office: Office, name: str, content: bytes, *, channel: Channel = Channel.EMAIL) -> ItemId:
    """A letter comes in and goes through every step."""
    source, ending = ("delovodstvo@example.bg", "eml") if channel is Channel.EMAIL else ("scanner", "png")
    item_id = journey.receive(office, Incoming(source=source, key=name, file=f"{name}.{ending}", content=content,
                                               received_at=CAME, channel=channel))
    attempt_item(office, item_id)
    return item_id


def _correct(office: Office, item_id: ItemId, **fields: str) -> None:
    """The clerk says what the letter is, so that these tests hang on no finder."""
    item = office.store.item(item_id)
    assert item is not None
    desk.correct(office, PEOPLE[0], item_id, item.version, fields)


class Browser(httpx.Client):
    """A person at a browser without JavaScript: follows nothing, fills the token in. Reads no certificates."""

    def __init__(self, **options: Any) -> None:
        super().__init__(verify=_NO_TLS, **options)

    def token(self, path: str, name: str = "csrf") -> str:
        """The hidden token of the forms on a page."""
        found = re.search(rf'name="{name}" value="([^"]+)"', self.get(path).text)
        assert found, path
        return found[1]

    def log_in(self, role: Role, password: str = PASSWORD) -> httpx.Response:
        """Through the log-in page."""
        token = self.token("/login", "token")
        return self.post("/login", data={"login": LOGIN[role], "password": password, "token": token, "next": ""})

    def act(self, path: str, *, seen: str = "/queue", **fields: object) -> httpx.Response:
        """Send a form, with the token of the page on which it stands."""
        return self.post(path, data={"csrf": self.token(seen), **fields})


@pytest.fixture
def browser(town: Town) -> Iterator[Browser]:
    """Nobody yet, at the staff's pages."""
    with Browser(base_url=town.staff_url, timeout=60) as client:
        yield client


@contextmanager
def logged_in(town: Town, role: Role) -> Iterator[Browser]:
    """Somebody of this role."""
    with Browser(base_url=town.staff_url, timeout=60) as client:
        assert client.log_in(role).status_code == 303
        yield client


# ---- real Chromium ---------------------------------------------------------------------------------------------------

ARGUMENTS = ["--no-sandbox", "--headless", "--disable-gpu", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Chromium]:
    """Debian's browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield browser
        browser.close()


_HARMLESS = "Autofocus processing was blocked"
"""Said when a key was quicker than the page."""


class Visitor:
    """One page, with everything that the console said and everything that was fetched."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.said: list[str] = []
        self.fetched: list[str] = []
        page.on("console", lambda message: None if message.text.startswith(_HARMLESS)
                else self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("request", lambda request: self.fetched.append(request.url))

    def log_in(self, town: Town, role: Role) -> None:
        """Through the form."""
        self.page.goto(f"{town.staff_url}/login")
        self.page.fill("#login", LOGIN[role])
        self.page.fill("#password", PASSWORD)
        self.page.click("text=Влез")
        self.page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture
def visitor(chromium: Chromium) -> Iterator[Visitor]:
    """A fresh profile."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="bg-BG")
    yield Visitor(context.new_page())
    context.close()
