"""The outbox and the case of an item, for people: what was let go is taken back, what belongs together is joined."""

from datetime import timedelta

import pytest

from mailroom import desk
from mailroom.errors import BadRequest
from mailroom.model.base import ItemId
from mailroom.model.item import Status
from mailroom.model.outgoing import DeliveryNews, LetterType, News, Outgoing, OutgoingChannel, OutgoingStatus
from mailroom.model.staff import Role
from tests.web.conftest import PEOPLE, Town, logged_in, take
from tests.web.letters import mail

AGAIN = "На ул. „Роза“ дупката още стои. Моля да я поправите.\n\n{name}"


def held(town: Town, name: str) -> Outgoing:
    """The acknowledgement of this letter, held by a guard."""
    letter = town.item(name).letters[0]
    with town.office.store.transaction() as register:
        register.outbox.mark(letter.id, OutgoingStatus.HELD, hold_reason="Подателят може да е подправен.")
    return letter


def bounced(town: Town, name: str) -> Outgoing:
    """The acknowledgement of this letter, come back for good."""
    letter = town.item(name).letters[0]
    sentence = "Писмото не беше доставено (5.1.1): адресът не съществува или е сгрешен."
    with town.office.store.transaction() as register:
        register.outbox.mark(letter.id, OutgoingStatus.BOUNCED, sent_at=town.clock.at)
        register.outbox.hear(letter.id, DeliveryNews(what=News.HARD, at=town.clock.at, sentence=sentence))
    return letter


def follow_up(town: Town, name: str, sender: str) -> ItemId:
    """Somebody quotes the number of this letter."""
    entry = town.item(name).entry
    assert entry is not None
    text = f"Към наш рег. № {entry.registration_number}\n\n" + AGAIN.format(name=sender.split(" <")[0])
    return take(town.office, f"about {name}", mail(text, sender=sender, subject="Още по въпроса").as_bytes())


def test_a_letter_let_go_by_mistake_is_taken_back_on_the_page(town: Town) -> None:
    letter = held(town, "signal")
    with logged_in(town, Role.CLERK) as browser:
        browser.act(f"/letters/{letter.id}/release", seen="/outbox", back="outbox")
        for page in ("/outbox", f"/items/{letter.item_id}"):
            assert "Тръгва в 10:12:33, дотогава може да бъде върнато." in browser.get(page).text
        done = browser.act(f"/letters/{letter.id}/take-back", seen="/outbox", back="item")
        assert done.headers["location"].startswith(f"/items/{letter.item_id}")
        after = town.item("signal").letters[0]
        assert (after.status, after.hold_reason) == (OutgoingStatus.HELD, "Подателят може да е подправен.")
        desk.release(town.office, PEOPLE[0], letter.id)
        town.clock.at += timedelta(seconds=31)
        assert "Още не е тръгнало" in browser.get("/outbox").text


def test_the_outbox_says_what_became_of_a_letter_and_what_can_be_done(town: Town) -> None:
    letter = bounced(town, "signal")
    sentence = "Писмото не беше доставено (5.1.1): адресът не съществува или е сгрешен."
    with logged_in(town, Role.CLERK) as browser:
        assert sentence in browser.get("/outbox").text and sentence in browser.get(f"/items/{letter.item_id}").text
        refused = browser.act(f"/letters/{letter.id}/to-mended-address", seen="/outbox", back="outbox")
        assert refused.status_code == 400 and "Адресът е същият" in refused.text
        browser.act(f"/letters/{letter.id}/to-paper", seen="/outbox", back="outbox")
    after = town.item("signal").letters[0]
    assert (after.channel, after.status) == (OutgoingChannel.PRINT, OutgoingStatus.QUEUED)


def test_a_letter_that_is_refused_for_now_shows_when_it_is_tried_again(town: Town) -> None:
    letter = town.item("signal").letters[0]
    with town.office.store.transaction() as register:
        register.outbox.postpone(letter.id, town.clock.at + timedelta(minutes=4), "SMTP: 451 4.7.1 Greylisted")
    with logged_in(town, Role.CLERK) as browser:
        page = browser.get("/outbox").text
    assert "Опит 1 не успя, следващият е на 20.11.2026, 10:16." in page and "451 4.7.1 Greylisted" in page


def test_a_suggested_case_is_joined_with_one_press_and_left_with_another(town: Town) -> None:
    item_id = follow_up(town, "signal", "Петър Колев <kolev@example.com>")
    with logged_in(town, Role.CLERK) as browser:
        page = browser.get(f"/items/{item_id}")
        assert "Може би е по преписка" in page.text
        version = town.office.store.item(item_id).version  # type: ignore[union-attr]
        browser.act(f"/items/{item_id}/join", seen=f"/items/{item_id}", version=version, other=town.ids["signal"])
        joined = town.office.store.item(item_id)
        assert joined is not None and joined.case_of == town.ids["signal"]
        for page_of in (item_id, town.ids["signal"]):
            assert 'id="case-title"' in browser.get(f"/items/{page_of}").text
        browser.act(f"/items/{item_id}/leave-case", seen=f"/items/{item_id}", version=joined.version)
    after = town.office.store.item(item_id)
    assert after is not None and after.case_of is None and after.suggested_case is None


def test_nobody_is_told_of_a_case_that_they_may_not_see(town: Town) -> None:
    item_id = follow_up(town, "whistle", "Петър Колев <kolev@example.com>")
    item = town.office.store.item(item_id)
    assert item is not None and item.sealed, "whoever knows that number may be who wrote it"
    with logged_in(town, Role.CLERK) as browser:
        assert browser.get(f"/items/{item_id}").status_code == 404
        number = town.item("whistle").entry.registration_number  # type: ignore[union-attr]
        version = town.item("signal").version
        refused = browser.act(f"/items/{town.ids['signal']}/join", seen="/queue", version=version, number=number)
        assert refused.status_code == 400 and "Няма друго писмо" in refused.text


def test_a_letter_that_was_stopped_by_mistake_waits_again_as_before(town: Town) -> None:
    """Held or queued as it was; an approved one waits for its approval; nothing comes back for a sealed item."""
    letter = held(town, "signal")
    desk.cancel(town.office, PEOPLE[0], letter.id)
    desk.take_back(town.office, PEOPLE[0], letter.id)
    after = town.item("signal").letters[0]
    assert (after.status, after.hold_reason) == (OutgoingStatus.HELD, "Подателят може да е подправен.")
    item = town.item("signal")
    draft = desk.write(town.office, PEOPLE[0], item.id, item.version, LetterType.FORWARDING, {"body": "РИОСВ"})
    desk.release(town.office, PEOPLE[0], draft)
    desk.cancel(town.office, PEOPLE[0], draft)
    assert town.item("signal").status is Status.REGISTERED
    desk.take_back(town.office, PEOPLE[0], draft)
    assert [one.status for one in town.item("signal").letters] == [OutgoingStatus.HELD, OutgoingStatus.DRAFT]
    desk.cancel(town.office, PEOPLE[0], letter.id)
    desk.correct(town.office, PEOPLE[0], item.id, town.item("signal").version, {"matter": "whistleblower"})
    with pytest.raises(BadRequest, match="поверително"):
        desk.take_back(town.office, PEOPLE[4], letter.id)
    with pytest.raises(BadRequest, match="съставете го отново"):  # what the program stopped
        desk.take_back(town.office, PEOPLE[4], draft)


def test_what_cannot_be_done_with_a_case_is_told_beside_what_was_typed(town: Town) -> None:
    item_id = town.ids["signal"]
    with logged_in(town, Role.CLERK) as browser:
        for act, typed in (("answered", {"number": "94-00-1#1", "on": "вчера"}),
                           ("answered", {"number": "94-00-1#1", "on": "21.11.2026"}), ("join", {"number": "94-Х-999"})):
            answer = browser.act(f"/items/{item_id}/{act}?view=open", seen=f"/items/{item_id}",
                                 version=town.item("signal").version, **typed)
            assert answer.status_code == 400 and 'role="alert"' in answer.text and 'id="original-title"' in answer.text
            assert f'value="{typed["number"]}"' in answer.text, act


def test_an_answer_recorded_from_a_view_leads_to_the_next_of_it(town: Town) -> None:
    item = town.item("signal")
    with logged_in(town, Role.CLERK) as browser:
        done = browser.act(f"/items/{item.id}/answered?view=open", seen=f"/items/{item.id}", version=item.version,
                           number="94-00-1#1", on="20.11.2026")
        place = done.headers["location"]
        assert place.startswith("/items/") and f"view=open&done=answered&of={item.id}" in place
        following = browser.get(place).text
    assert "Отговорът е записан" in following and f"/items/{item.id}/undo?view=open" in following


def test_an_answer_is_recorded_and_what_was_not_answered_opened_again(town: Town) -> None:
    item_id = town.ids["signal"]
    with logged_in(town, Role.OFFICER) as officer, logged_in(town, Role.CLERK) as browser:
        assert officer.act(f"/items/{town.ids['conduct']}/answered", seen="/queue", version=1,
                           on="20.11.2026").status_code == 404
        browser.act(f"/items/{item_id}/answered", seen=f"/items/{item_id}", version=town.item("signal").version,
                    number="94-00-1#1", on="20.11.2026")
        assert town.item("signal").status is Status.ANSWERED
        assert "94-00-1#1" in browser.get(f"/items/{item_id}").text
        browser.act(f"/items/{item_id}/reopen", seen=f"/items/{item_id}", version=town.item("signal").version)
    assert town.item("signal").status is Status.REGISTERED

