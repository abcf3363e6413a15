"""Mail and scans handed over by hand, and the day on which a pile came."""

import re
from datetime import date
from itertools import count
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser as Chromium

from mailroom import counter
from mailroom.engine.attempt import attempt_item
from mailroom.model.arrival import Channel
from mailroom.model.base import SOFIA, ItemId
from mailroom.model.item import Item
from mailroom.model.staff import Role
from mailroom.model.taken_down import Brought
from tests.web.conftest import PEOPLE, Browser, Town, Visitor, logged_in
from tests.web.letters import mail, page_of_text
from tests.web.test_everybody import AT_THE_DESK, looked_at

LETTER = mail("На улица „Бреза“ има дупка.\n\nМария Петкова", sender="Мария Петкова <m.p@example.com>",
              subject="Дупка").as_bytes()
numbers = count()


def send(client: Browser, *files: tuple[str, bytes], **fields: str) -> httpx.Response:
    """The form with these files."""
    told = {"csrf": client.token("/upload"), "form": client.token("/upload", "form"), "channel": "paper", **fields}
    return client.post("/upload", data=told, files=[("file", file) for file in files])


def unlike(text: str = "") -> bytes:
    """A page that no other test has sent."""
    return page_of_text() + f"{next(numbers)}{text}".encode()


def new_items(town: Town) -> list[Item]:
    """What came by hand, after everything has had its steps."""
    with town.office.store.reading() as register:
        ids = [item_id for item_id in register.items.ids() if item_id > max(town.ids.values())]
    for item_id in ids:
        attempt_item(town.office, item_id)
    return [item for item in map(town.office.store.item, ids) if item is not None]


def test_files_are_kept_first_and_watched_until_each_has_its_number(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        answer = send(client, ("дупка.eml", LETTER), ("скан.png", unlike()))
        assert answer.status_code == 303
        watched = client.get(answer.headers["location"]).text
        assert "data-under-way" in watched and "Прочетени: 0 от 2" in watched and "дупка.eml" in watched
        first, second = new_items(town)
        assert (first.channel, second.channel) == (Channel.EMAIL, Channel.PAPER)
        assert town.office.store.originals.read(first.arrivals[0].sha256) == LETTER
        watched = client.get(answer.headers["location"]).text
        assert "data-under-way" not in watched and "Готово" in watched
        assert first.entry and first.entry.registration_number in watched
    with town.office.store.reading() as register:
        assert [line.who for line in register.history.of(first.id) if line.what == "uploaded"] == ["m.koleva"]


def test_the_way_and_the_day_are_those_of_the_whole_pile(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        send(client, ("а.png", unlike()), ("б.png", unlike()), channel="box", received_on="18.11.2026")
    last = max(town.ids.values())
    kept = [item for item in map(town.office.store.item, (last + 1, last + 2)) if item]
    assert [(item.channel, item.received_at.astimezone(SOFIA).date()) for item in kept] == [
        (Channel.BOX, date(2026, 11, 18))] * 2


def test_what_is_sent_twice_is_one_item(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        for _ in range(2):
            assert send(client, ("дупка.eml", LETTER), form="same").status_code == 303
        send(client, ("пак.eml", LETTER))
    (item,) = new_items(town)
    assert len(item.arrivals) == 2


def test_what_cannot_be_taken_is_named_and_the_others_are_taken(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        answer = send(client, ("празен.pdf", b""), ("дупка.eml", LETTER))
        assert answer.status_code == 400
        assert all(told in answer.text for told in ("празен.pdf", "файлът е празен", "Останалите са приети"))
        assert len(new_items(town)) == 1
        for wrong in ({"channel": "pigeon"}, {"received_on": "31.02.2026"}, {"received_on": "1.1.2030"}, {"form": ""}):
            assert send(client, ("в.eml", LETTER + b"\n"), **wrong).status_code == 400
        assert send(client).status_code == 400
    assert len(new_items(town)) == 1


def test_what_is_too_large_is_told_clearly(town: Town) -> None:
    limits = town.office.settings.limits.model_copy(update={"message_megabytes": 1})
    object.__setattr__(town.office, "settings", town.office.settings.model_copy(update={"limits": limits}))
    with logged_in(town, Role.CLERK) as client:
        answer = send(client, ("голям.pdf", b"x" * (2 << 20)))
        assert answer.status_code == 400 and "най-много 1 МБ" in answer.text
        assert "всеки до 1 МБ, общо до 4 МБ" in client.get("/upload").text
        answer = send(client, ("огромен.pdf", b"x" * (5 << 20)))
        assert answer.status_code == 413 and "по-малко файлове" in answer.text
    assert new_items(town) == []


def test_no_file_is_taken_of_who_has_no_right_or_no_token(town: Town) -> None:
    with httpx.Client(base_url=town.staff_url) as nobody:
        answer = nobody.post("/upload", data={}, files={"file": ("x.eml", LETTER)})
        assert answer.headers["location"].startswith("/login")
    with logged_in(town, Role.MAYOR) as client:
        token = client.token("/queue")
        assert client.post("/upload", data={"csrf": token}, files={"file": ("x.eml", LETTER)}).status_code == 403
    with logged_in(town, Role.CLERK) as client:
        assert send(client, ("x.eml", LETTER), csrf="forged").status_code == 403
        assert client.post("/queue/set-aside", data={"csrf": client.token("/queue")},
                           files={"file": ("x.eml", LETTER)}).status_code == 400, "files are for this page alone"
    assert new_items(town) == []


def test_what_somebody_else_has_sent_is_not_watched(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        watched = send(client, ("дупка.eml", LETTER)).headers["location"]
        assert client.get(watched.replace("from=", "from=x")).status_code == 404
    with logged_in(town, Role.SECRETARY) as client:
        assert client.get(watched).status_code == 404


def test_files_are_sent_and_watched_in_a_browser_and_axe_finds_nothing(
        chromium: Chromium, town: Town, tmp_path: Path) -> None:
    (tmp_path / "дупка.eml").write_bytes(LETTER)
    visitor = Visitor(chromium.new_context(locale="bg-BG", java_script_enabled=True).new_page())
    visitor.log_in(town, Role.CLERK)
    visitor.page.goto(f"{town.staff_url}/upload")
    visitor.page.set_input_files("#file", tmp_path / "дупка.eml")
    visitor.page.click("text=Качи >> nth=-1")
    visitor.page.wait_for_url("**/upload/*from=*")
    assert list(looked_at(visitor.page, (AT_THE_DESK,))) == []
    new_items(town)
    visitor.page.wait_for_selector("text=Готово")
    assert list(looked_at(visitor.page, (AT_THE_DESK,))) == []
    visitor.page.context.close()


# ---- the day of receipt ---------------------------------------------------------------------------------------------


def day_of(town: Town, item_id: ItemId) -> date:
    """When it came, by the town's clock."""
    item = town.office.store.item(item_id)
    assert item is not None
    return item.received_at.astimezone(SOFIA).date()


def test_one_key_sets_the_day_of_a_pile_and_the_terms_follow(town: Town) -> None:
    before = town.item("scan")
    assert before.entry is not None
    with logged_in(town, Role.CLERK) as client:
        page = client.get("/received").text
        button = re.search(r'<button class="main" name="before" value="([^"]+)" autofocus', page)
        assert button and button[1] == "19.11.2026", "the working day before"
        answer = client.act(f"/received/{before.id}", seen="/received", before=button[1], on="")
        assert answer.status_code == 303
        assert client.act(f"/received/{before.id}", seen="/received", on="21.11.2026").status_code == 400
        assert client.act(f"/received/{before.id}", seen="/received", on="скоро").status_code == 400
    item = town.item("scan")
    assert day_of(town, item.id) == date(2026, 11, 19) and item.entry is not None
    assert item.entry.due.statute is not None and before.entry.due.statute is not None
    assert item.entry.due.statute.date < before.entry.due.statute.date, "the law counts from receipt"
    assert item.entry.registration_number == before.entry.registration_number
    assert "19 ноември 2026" in item.letters[0].text, "the page that waits for the printer names the day"


def test_the_day_of_a_pile_is_that_of_all_its_letters_also_of_hidden_ones(town: Town) -> None:
    with town.office.store.transaction() as register:
        first = town.item("scan")
        assert first.letter is not None
        part = register.items.add_part(first.id, first.letter)
        register.items.correct(part, {"matter": "whistleblower"})
    attempt_item(town.office, part)
    with logged_in(town, Role.CLERK) as client:
        assert client.act(f"/received/{part}", seen="/received", on="18.11.2026").status_code == 404
        assert client.act(f"/received/{first.id}", seen="/received", on="18.11.2026").status_code == 303
    assert day_of(town, part) == date(2026, 11, 18)


@pytest.mark.parametrize("name", ["told", "signal"])
def test_a_day_that_was_typed_and_that_of_a_mail_are_not_changed_here(town: Town, name: str) -> None:
    with logged_in(town, Role.CLERK) as client:
        assert f'action="/received/{town.ids[name]}"' not in client.get("/received").text


def test_paper_that_joined_keeps_the_day_that_was_typed(town: Town) -> None:
    entered = counter.take_down(town.office, PEOPLE[0], form="d", brought=Brought.POST, text="Писмо.", fields={},
                                received_on=date(2026, 11, 17))
    with logged_in(town, Role.CLERK) as client:
        assert client.act(f"/received/{entered}", seen="/received", on="18.11.2026").status_code == 404
    assert day_of(town, entered) == date(2026, 11, 17)
