"""The queue as its readers use it: search, filters, batches, views of one's own, rows that renew themselves."""

import re

import pytest

from mailroom import journey
from mailroom.engine.attempt import attempt_item
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.item import Status
from mailroom.model.staff import Role
from tests.web.conftest import CAME, Browser, Town, Visitor, logged_in, take
from tests.web.letters import mail


def letter_of(name: str) -> bytes:
    """A letter that comes while somebody looks at the queue."""
    return mail(f"Улицата е тъмна. {name}", sender=f"{name} <b@example.com>", subject="Тъмно").as_bytes()


def ticks(client: Browser, path: str, *ids: int) -> list[str]:
    """The boxes of these rows as the page has them."""
    return re.findall(rf'name="item" value="((?:{"|".join(map(str, ids))})\.\d+)"', client.get(path).text)


@pytest.mark.parametrize("query", ["дупките", "dupka", "дyпкa", "Петкова Мария", "petkova"])
def test_a_letter_is_found_by_its_words_in_every_form_and_alphabet(calm_town: Town, query: str) -> None:
    entry = calm_town.item("signal").entry
    assert entry
    with logged_in(calm_town, Role.CLERK) as client:
        assert entry.registration_number in client.get("/queue", params={"view": "all", "q": query}).text


def test_nobody_is_found_by_a_personal_number(calm_town: Town) -> None:
    with logged_in(calm_town, Role.CLERK) as client:
        page = client.get("/queue?view=all&q=7523169263").text
    assert "По ЕГН не се търси" in page and "<tr data-row" not in page and "Веселина" not in page


def test_what_a_role_may_not_see_it_does_not_find(calm_town: Town) -> None:
    """A sealed report, and what other departments have."""
    sealed, other = calm_town.item("whistle"), calm_town.item("scan")
    assert sealed.entry and sealed.letter and other.entry
    words = " ".join(sealed.letter.text.split()[:2])
    for role in (Role.CLERK, Role.SECRETARY, Role.OFFICER, Role.MAYOR):
        with logged_in(calm_town, role) as client:
            for query in (sealed.entry.registration_number, words):
                page = client.get("/queue", params={"view": "all", "q": query}).text
                assert f"/items/{sealed.id}" not in page, (role, query)
    with logged_in(calm_town, Role.CONFIDENTIAL) as client:
        assert f"/items/{sealed.id}" in client.get("/queue", params={"view": "all", "q": words}).text
        assert "<tr data-row" not in client.get("/queue", params={"view": "all", "q": "дупка"}).text


def test_a_view_that_has_not_changed_costs_nothing_and_one_that_has_is_sent(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        first = client.get("/queue")
        tag = first.headers["etag"]
        assert client.get("/queue", headers={"If-None-Match": tag}).status_code == 304
        other = client.get("/queue?view=urgent", headers={"If-None-Match": tag})
        assert other.status_code == 200 and other.headers["etag"] != tag
        take(town.office, "new", letter_of("Ана Белева"))
        assert client.get("/queue", headers={"If-None-Match": tag}).status_code == 200
    with logged_in(town, Role.SECRETARY) as client:
        assert client.get("/queue", headers={"If-None-Match": tag}).status_code == 200


def test_a_letter_that_gets_stuck_shows_in_a_view_that_was_open_already(town: Town) -> None:
    """Its original is gone from the disk. The failure is a line of the history, a second one of the same kind none."""
    item_id = journey.receive(town.office, Incoming(
        source="center@example.bg", key="stuck", file="stuck.eml", content=letter_of("Ана Белева"), received_at=CAME,
        channel=Channel.EMAIL))
    item = town.office.store.item(item_id)
    assert item is not None
    with logged_in(town, Role.CLERK) as client:
        tag = client.get("/queue?view=trouble").headers["etag"]
        town.office.store.originals.path(item.arrivals[0].sha256).unlink()
        attempt_item(town.office, item_id)
        renewed = client.get("/queue?view=trouble", headers={"If-None-Match": tag})
        assert renewed.status_code == 200 and f"/items/{item_id}" in renewed.text
        attempt_item(town.office, item_id)
        assert client.get("/queue?view=trouble",
                          headers={"If-None-Match": renewed.headers["etag"]}).status_code == 304


def test_filters_are_told_and_can_be_taken_off_one_by_one(calm_town: Town) -> None:
    with logged_in(calm_town, Role.CLERK) as client:
        page = client.get("/queue?view=open&kind=proposal&channel=email&since=01.11.2026").text
        assert "Веселина" in page and "Мария Петкова" not in page
        assert 'href="/queue?view=open&amp;channel=email&amp;since=2026-11-01"' in page
        assert "Няма писма с тези филтри" in client.get("/queue?view=open&kind=proposal&until=19.11.2026").text
        told = client.get("/queue?view=open&kind=proposal&since=31.11.26&until=20.11.26").text
        assert "„31.11.26“ не е дата" in told and "„20.11.26“ не е дата" not in told and "Веселина" in told


def test_many_are_given_to_somebody_at_once_and_what_a_colleague_changed_is_left(town: Town) -> None:
    signal, scan = town.ids["signal"], town.ids["scan"]
    with logged_in(town, Role.CLERK) as client:
        boxes = ticks(client, "/queue", signal, scan)
        assert len(boxes) == 2
        client.act(f"/items/{scan}/mark", seen=f"/items/{scan}", version=boxes[0].split(".")[1], status="answered")
        answer = client.act("/queue/assign", item=boxes, to="legal", back="view=open&kind=signal")
        assert answer.headers["location"].startswith("/queue?view=open&kind=signal&done=1")
    entry = town.item("signal").entry
    assert entry and entry.assigned_to.department_id == "legal"


def test_a_batch_is_taken_back_at_once_but_for_what_went_on_since(town: Town) -> None:
    """Neither what a colleague has done since, nor anybody's earlier deeds."""
    items = [town.item(name) for name in ("signal", "waste", "proposal")]
    before = [item.entry.assigned_to for item in items if item.entry]
    with logged_in(town, Role.CLERK) as client, logged_in(town, Role.SECRETARY) as other:
        client.act(f"/items/{items[2].id}/mark", seen=f"/items/{items[2].id}", version=items[2].version,
                   status="forwarded")
        client.act(f"/items/{items[2].id}/reopen", seen="/queue", version=town.item("proposal").version)
        boxes = [f"{town.item(name).id}.{town.item(name).version}" for name in ("signal", "waste", "proposal")]
        done = client.act("/queue/assign", item=boxes, to="legal", back="view=open&q=улица").headers["location"]
        waste = town.item("waste")
        other.act(f"/items/{waste.id}/mark", seen=f"/items/{waste.id}", version=waste.version, status="answered")
        page = client.get(done).text
        deeds = re.findall(r'name="deed" value="(\d+)"', page)
        assert "Променени: 3." in page and len(deeds) == 3
        with pytest.raises(AssertionError):  # no button for whom it is not
            other.token(done, "deed")
        assert other.act("/queue/undo", deed=deeds).status_code == 400
        undone = client.act("/queue/undo", deed=deeds, back="view=open").headers["location"]
        assert undone == "/queue?view=open&undone=2&left=1"
        assert "Върнати назад: 2." in client.get(undone).text
        assert client.act("/queue/undo", deed=deeds, back="view=open").status_code == 400, "twice is once"
    after = [town.item(name).entry for name in ("signal", "waste", "proposal")]
    departments = [entry.assigned_to for entry in after if entry]
    assert (departments[0], departments[2]) == (before[0], before[2]) and departments[1].department_id == "legal"
    assert town.item("proposal").status is Status.REGISTERED, "deeds before the batch stay"


def test_what_was_set_aside_in_one_batch_comes_back_with_one_press(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        boxes = re.findall(r'name="item" value="([\d.]+)"', client.get("/queue?view=set_aside").text)
        done = client.act("/queue/set-aside", item=boxes, back="view=set_aside").headers["location"]
        deeds = re.findall(r'name="deed" value="(\d+)"', client.get(done).text)
        assert len(deeds) == len(boxes) == 2
        client.act("/queue/undo", deed=deeds, back="view=set_aside")
    assert not town.item("spam").noncorrespondence_confirmed and not town.item("reply").noncorrespondence_confirmed


def test_many_are_marked_at_once_but_never_what_one_may_not_see(town: Town) -> None:
    signal, whistle = town.item("signal"), town.item("whistle")
    with logged_in(town, Role.CLERK) as client:
        client.act("/queue/mark", item=[f"{signal.id}.{signal.version}", f"{whistle.id}.{whistle.version}"],
                   status="answered", back="view=open")
        assert client.act("/queue/mark", item=[], status="answered").status_code == 400
        assert client.act("/queue/mark", item=[f"{signal.id}.{signal.version}"], status="sealed").status_code == 400
    assert town.item("signal").status is Status.ANSWERED and town.item("whistle").status is not Status.ANSWERED


def test_everybody_keeps_views_of_ones_own(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        client.act("/queue/views", name="Сигнали по срок", back="view=open&kind=signal&sort=due&before=3")
        page = client.get("/queue").text
        assert 'href="/queue?view=open&amp;kind=signal&amp;sort=due"' in page and "Сигнали по срок" in page
        kept = re.search(r'name="view" value="(\d+)"', page)
        assert kept
        with logged_in(town, Role.SECRETARY) as other:
            assert "Сигнали по срок" not in other.get("/queue").text
            other.act("/queue/views/drop", view=kept[1], back="view=open")
        assert "Сигнали по срок" in client.get("/queue").text
        client.act("/queue/views/drop", view=kept[1], back="view=open")
        assert "Сигнали по срок" not in client.get("/queue").text


def test_new_letters_appear_by_themselves_and_ticks_stay(town: Town, visitor: Visitor) -> None:
    page = visitor.page
    page.clock.install()
    visitor.log_in(town, Role.CLERK)
    take(town.office, "new", letter_of("Ана Белева"))
    page.clock.run_for(11_000)
    page.wait_for_selector("text=Ана Белева")
    box = page.locator(f'input[name=item][value^="{town.ids["signal"]}."]')
    box.check()
    page.wait_for_selector("text=Отметнати: 1")
    take(town.office, "newer", letter_of("Яна Белева"))
    page.clock.run_for(11_000)
    page.wait_for_selector("text=Има промени")
    assert page.locator("text=Яна Белева").count() == 0, "nothing moves under the hands"
    page.keyboard.press("o")
    page.wait_for_selector("text=Яна Белева")
    assert box.is_checked() and visitor.said == []
