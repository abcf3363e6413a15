"""„Върни назад“ on the page after acts that reach more than one item, and what it says where it cannot."""

import re
from concurrent.futures import ThreadPoolExecutor

from mailroom import desk
from mailroom.engine.attempt import attempt_item
from mailroom.model.item import Status
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.staff import Role
from tests.reading.material import batch_pdf
from tests.web.conftest import PEOPLE, Browser, Town, logged_in, take
from tests.web.letters import mail
from tests.web.test_split import IVAN, PETYA, gone_through, item_of, scanned

CLERK = PEOPLE[0]


UNDO = re.compile(r'action="(/items/\d+/undo[^"]*)"[^>]*>.*?name="version" value="(\d+)".*?name="deed" value="(\d+)"')
"""Where the button of a page sends what."""


def press_undo(client: Browser, page: str, sent_from: str) -> str:
    """Press the one button „Върни назад“ of a page; what the next page says."""
    form = UNDO.search(page)
    assert form, "the button is there"
    answer = client.act(form[1].replace("&amp;", "&"), seen=sent_from, version=form[2], deed=form[3])
    return client.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text


def test_a_divided_file_is_put_together_by_the_button_beside_it(town: Town) -> None:
    [first] = scanned(town, batch_pdf(IVAN, PETYA))
    page = f"/items/{first}"
    with logged_in(town, Role.CLERK) as client:
        done = client.act(f"{page}/split", seen=page, version=item_of(town, first).version, parts="1; 2")
        told = client.get(done.headers["location"]).text
        second = gone_through(town, first)[1]
        assert re.search(r"Върни назад</button>", told) and "Върни назад: отделено в свое писмо" in client.get(
            f"/items/{second}").text
        stale = client.act(f"{page}/undo", seen=page, version=item_of(town, first).version - 1)
        assert stale.status_code == 409 and item_of(town, second).status is not Status.MERGED
        with logged_in(town, Role.SECRETARY) as other:
            assert "/undo" not in other.get(page).text
        after = press_undo(client, told, page)
        assert "Страниците отново са едно писмо" in after and "Изглежда, че във файла има 2 писма" in after
        assert "Върнато назад" in after and "с тази" in after, "the history and the other number"
        assert "с нея е слята тази" in client.get(f"/items/{second}").text


def test_a_letter_after_all_is_taken_back_though_it_has_got_its_number_meanwhile(town: Town) -> None:
    item = town.item("spam")
    page = f"/items/{item.id}?view=set_aside"
    with logged_in(town, Role.CLERK) as client:
        done = client.act(f"/items/{item.id}/reclassify?view=set_aside", seen=page, version=item.version)
        told = client.get(done.headers["location"]).text
        attempt_item(town.office, item.id)
        assert town.item("spam").entry is not None
        assert "Отново не е писмо" in press_undo(client, told, page)
        assert town.item("spam").status is Status.ANNULLED
        again = press_undo(client, told, page)
        assert "Това вече е върнато назад" in again, "twice is once"


def test_what_was_confirmed_already_says_what_to_do_instead(town: Town) -> None:
    item = town.item("spam")
    page = f"/items/{item.id}"
    with logged_in(town, Role.CLERK) as client:
        client.act(f"{page}/reclassify", seen=page, version=item.version)
        attempt_item(town.office, item.id)
        with town.office.store.transaction() as register:
            register.outbox.mark(town.item("spam").letters[0].id, OutgoingStatus.SENT)
        refused = press_undo(client, client.get(page).text, page)
    assert "вече тръгна и не може да се върне" in refused and f'action="{page}/annul"' in refused
    assert town.item("spam").status is not Status.ANNULLED


def test_who_may_not_decide_any_more_takes_no_decision_back(town: Town) -> None:
    item = town.item("waste")
    desk.confirm(town.office, CLERK, item.id, item.version)
    demoted = CLERK.model_copy(update={"role": Role.OFFICER, "department_id": "environment"})
    with town.office.store.transaction() as register:
        register.people.change(demoted)
    page = f"/items/{item.id}"
    with logged_in(town, Role.CLERK) as client:
        html = client.get(page)
        assert html.status_code == 200 and f"{page}/undo" not in html.text
        refused = client.act(f"{page}/undo", seen=page, version=town.item("waste").version)
    assert refused.status_code == 400 and "от деловодството" in refused.text


def test_what_was_no_answer_is_taken_back_from_the_next_page(town: Town) -> None:
    signal = town.item("signal")
    copy = take(town.office, "copy", mail(
        "Уважаема госпожо Петкова,\n\nдупката беше запълнена.\n\nДеловодство", sender="delovodstvo@example.bg",
        subject="Отговор").as_bytes().replace(b"To: delovodstvo@example.bg", b"To: m.petkova@example.com"))
    assert town.office.store.item(copy).suggested_case == signal.id  # type: ignore[union-attr]
    page = f"/items/{copy}"
    with logged_in(town, Role.CLERK) as client:
        done = client.act(f"{page}/as-answer?view=open", seen=page, version=item_of(town, copy).version)
        assert town.item("signal").status is Status.ANSWERED
        told = press_undo(client, client.get(done.headers["location"]).text, page)
    assert "срокът на писмото отново тече" in told and "Да, това е отговорът" in told
    assert town.item("signal").status is signal.status


def test_pressed_in_two_windows_at_the_same_moment_it_is_taken_back_once(town: Town) -> None:
    item = town.item("waste")
    desk.confirm(town.office, CLERK, item.id, item.version)
    page = f"/items/{item.id}"
    with logged_in(town, Role.CLERK) as one, logged_in(town, Role.CLERK) as other, ThreadPoolExecutor(2) as hands:
        form = UNDO.search(one.get(page).text)
        assert form, "the button is there"
        other.get(page)
        pressed = [hands.submit(window.act, form[1], seen=page, version=form[2], deed=form[3])
                   for window in (one, other)]
        done, refused = sorted((one.result() for one in pressed), key=lambda answer: answer.status_code)
    assert (done.status_code, refused.status_code) == (303, 409) and "Това вече е върнато назад" in refused.text
    assert town.item("waste").decision == item.decision
