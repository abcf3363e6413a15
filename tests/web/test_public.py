"""The citizens' status page: a stage and a date for who holds the letter, nothing for anybody else."""

from datetime import date, timedelta

import httpx
import pytest
from sqlalchemy import event

from mailroom import desk
from mailroom.model.item import Annulment, Status
from mailroom.web.limits import network_of
from mailroom.web.public import STAGES
from mailroom.web.typed import read_date
from tests.web.conftest import PEOPLE, Town


def ask(town: Town, **changed: str) -> httpx.Response:
    """Ask for the signal, with some of the three things changed."""
    entry = town.item("signal").entry
    assert entry is not None
    typed = {"number": entry.registration_number, "date": "20.11.2026", "code": entry.access_code, **changed}
    return httpx.post(town.public_url, data=typed)


def test_the_three_things_tell_stage_date_and_who_works_on_it(calm_town: Town) -> None:
    answer = ask(calm_town)
    assert answer.status_code == 200
    entry = calm_town.item("signal").entry
    assert entry is not None and entry.assigned_to.officer == "Стефан Манолов"
    department = calm_town.office.pack.department(entry.assigned_to.department_id)
    for shown in ("Работим по писмото Ви", "21.12.2026", department.name, "Не е нужно да правите нищо"):
        assert shown in answer.text
    for hidden in ("Петкова", "Роза", "0888", "m.petkova", "дупка", "Манолов", "вътр."):
        assert hidden not in answer.text


def test_the_things_are_read_however_they_are_typed(calm_town: Town) -> None:
    entry = calm_town.item("signal").entry
    assert entry is not None
    code = entry.access_code
    for changed in ({"number": entry.case_number}, {"number": entry.case_number.lower().replace("м", "m")},
                    {"number": f" № {entry.registration_number} "}, {"code": code.lower().replace("-", " ")},
                    {"date": "20.11.2026 г."}, {"date": "2026-11-20"}):
        assert ask(calm_town, **changed).status_code == 200, changed


def test_whatever_is_wrong_the_answer_is_the_same(town: Town) -> None:
    pages = {ask(town, **changed).text.replace(value, "") for changed, value in [
        ({"code": "AAAA-AAAA"}, ""), ({"number": "94-М-9999/20.11.2026"}, "94-М-9999/20.11.2026"),
        ({"date": "19.11.2026"}, "19.11.2026")]}
    bare = {page.replace("94-М-1/20.11.2026", "").replace("20.11.2026", "").replace("19.11.2026", "") for page in pages}
    assert len(bare) == 1 and "Не намираме писмо" in bare.pop()


def test_a_wrong_code_costs_the_register_the_same_questions_as_a_wrong_number(town: Town) -> None:
    """So that the time taken tells nothing either."""
    asked: list[str] = []
    engine = town.office.store._engine
    event.listen(engine, "before_cursor_execute", lambda _c, _cur, statement, *_: asked.append(statement))
    questions = []
    for changed in ({"code": "AAAA-AAAA"}, {"number": "94-М-9999/20.11.2026"}, {"date": "19.11.2026"}):
        asked.clear()
        assert ask(town, **changed).status_code == 404
        questions.append(tuple(asked))
    assert len(set(questions)) == 1 and questions[0]


def test_it_speaks_english_to_who_asks_for_it(calm_town: Town) -> None:
    entry = calm_town.item("signal").entry
    assert entry is not None
    typed = {"number": entry.registration_number, "date": "20.11.2026", "code": entry.access_code}
    english = httpx.post(calm_town.public_url, data=typed, headers={"accept-language": "en"}).text
    assert "We are working on your letter." in english and "21 Dec 2026" in english
    form = httpx.get(calm_town.public_url, headers={"accept-language": "en"}).text
    assert "Registration number" in form and "Access code" in form


def test_an_answer_is_rated_by_the_link_in_our_mail(town: Town) -> None:
    """One tap opens the five figures, one gives one; looking at the link, as mail programs do, gives none."""
    with town.office.store.transaction() as register:
        link = f"{town.public_url}/r/{register.satisfaction.ask(town.ids['signal'])}"

    def scores() -> dict[int, int]:
        with town.office.store.reading() as register:
            return register.satisfaction.scores(town.clock.at - timedelta(days=1), town.clock.at + timedelta(days=1))

    page = httpx.get(link)
    assert page.status_code == 200 and page.text.count('<button name="score"') == 5 and scores() == {}
    for hidden in ("Петкова", "Роза", "m.petkova", "21.12.2026"):
        assert hidden not in page.text
    httpx.post(link, data={"score": "7"})
    assert scores() == {}
    assert "Благодарим" in httpx.post(link, data={"score": "5"}).text and scores() == {5: 1}
    assert "Благодарим" in httpx.post(link, data={"score": "1"}).text and scores() == {1: 1}
    wrong = [httpx.post(f"{town.public_url}/r/guess{n}", data={"score": "1"}).status_code for n in range(11)]
    assert wrong == [404] * 10 + [429] and scores() == {1: 1}


@pytest.mark.parametrize("empty", ["number", "code"])
def test_an_empty_field_opens_nothing(town: Town, empty: str) -> None:
    assert ask(town, **{empty: ""}).status_code == 404
    assert ask(town, **{empty: "\x00"}).status_code == 404


def test_who_guesses_waits(town: Town) -> None:
    for _ in range(10):
        assert ask(town, code="AAAA-AAAA").status_code == 404
    assert ask(town).status_code == 429
    town.clock.at += timedelta(minutes=16)
    assert ask(town).status_code == 200


def test_a_bad_date_is_told_and_does_not_count_as_guessing(town: Town) -> None:
    for _ in range(12):
        answer = ask(town, date="вчера")
    assert answer.status_code == 400 and "Напишете датата" in answer.text
    assert ask(town).status_code == 200


@pytest.mark.parametrize(("typed", "read"), [
    ("20.11.2026", date(2026, 11, 20)), ("20.11.2026г.", date(2026, 11, 20)), ("1.2.2027", date(2027, 2, 1)),
    ("20/11/2026", date(2026, 11, 20)), ("20-11-2026", date(2026, 11, 20)), ("31.02.2026", None), ("0001-01-01", None),
    ("", None), ("20.11.26 г.", date(2026, 11, 20)), ("20.11.6", None), ("٢٠.١١.٢٠٢٦x", None)])
def test_a_date_is_read_as_people_write_it(typed: str, read: date | None) -> None:
    assert read_date(typed) == read


def test_a_late_answer_is_owned_up_to(town: Town) -> None:
    town.clock.at += timedelta(days=60)
    assert "Закъсняваме с отговора и се извиняваме" in ask(town).text


def test_every_state_has_its_sentence_and_an_answered_letter_no_term(town: Town) -> None:
    assert set(STAGES) == set(Status)
    item = town.item("signal")
    desk.mark(town.office, PEOPLE[0], item.id, item.version, Status.ANSWERED)
    page = ask(town).text
    assert "Отговорихме на писмото Ви" in page and "Ще отговорим до" not in page


def test_who_has_a_number_that_was_a_mistake_is_asked_to_call(town: Town) -> None:
    item = town.item("signal")
    desk.annul(town.office, PEOPLE[0], item.id, item.version, Annulment.TWICE)
    page = ask(town).text
    assert "Регистрацията е анулирана" in page and "Обадете ни се или ни пишете и посочете номера." in page
    assert "Не е нужно да правите нищо" not in page and "Ще отговорим до" not in page


def test_of_a_sealed_letter_nobody_learns_who_works_on_it(calm_town: Town) -> None:
    entry = calm_town.item("whistle").entry
    assert entry is not None
    page = ask(calm_town, number=entry.registration_number, code=entry.access_code).text
    assert "Преглеждаме писмото Ви" in page and "Работи по него" not in page


@pytest.mark.parametrize("path", ["/queue", "/items/1", "/login", "/outbox", "/users", "/static/../app.py"])
def test_the_application_holds_nothing_else(calm_town: Town, path: str) -> None:
    answer = httpx.get(calm_town.public_url + path)
    assert answer.status_code == 404 and "Няма такава страница" in answer.text


def test_it_needs_no_script_and_keeps_no_cookie(calm_town: Town) -> None:
    answer = httpx.get(calm_town.public_url)
    assert "<script" not in answer.text and "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(("host", "network"), [
    ("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("::ffff:192.0.2.7", "192.0.2.7"),
    (None, "unknown"), ("testclient", "unknown")])
def test_one_customer_counts_as_one(host: str | None, network: str) -> None:
    assert network_of(host) == network


def test_an_answer_is_rated_with_one_figure_by_who_has_the_code(town: Town) -> None:
    """Only when there was an answer; thought better of, it counts once."""
    entry, item = town.item("signal").entry, town.item("signal")
    assert entry is not None
    typed = {"number": entry.registration_number, "date": "20.11.2026", "code": entry.access_code}

    def rate(**changed: str) -> httpx.Response:
        return httpx.post(f"{town.public_url}/satisfaction", data={**typed, "score": "4", **changed})

    def scores() -> dict[int, int]:
        with town.office.store.reading() as register:
            return register.satisfaction.scores(town.clock.at - timedelta(days=1), town.clock.at + timedelta(days=1))

    assert "Доволни ли сте" not in ask(town).text
    assert "Благодарим" not in rate().text and scores() == {}
    desk.mark(town.office, PEOPLE[0], item.id, item.version, Status.ANSWERED)
    assert "Доволни ли сте от отговора?" in ask(town).text
    for changed in ({"score": "6"}, {"score": "отличен"}, {"code": "AAAA-AAAA"}):
        assert "Благодарим" not in rate(**changed).text
    assert scores() == {}
    assert "Благодарим" in rate().text and "Благодарим" in rate(score="2").text
    assert scores() == {2: 1}
