"""The print run at the desk: prepared, looked at, printed once, printed again after a jam, posted one by one."""

import io
import re
from datetime import UTC, datetime, timedelta

import pdfplumber
import pikepdf
import pytest

from mailroom import printing
from mailroom.engine.due import do_what_is_due
from mailroom.errors import BadRequest
from mailroom.model.base import OutgoingId
from mailroom.model.outgoing import Draft, LetterType, OutgoingChannel, OutgoingStatus
from mailroom.model.staff import Role
from tests.web.conftest import PEOPLE, Browser, Town, logged_in

CLERK = PEOPLE[0]
PLACES = ("9999 Примерово", "1000 София", "7000 Русе", "с. Безкод")


@pytest.fixture
def letters(town: Town) -> list[OutgoingId]:
    """The confirmation of the scan, and four letters to other places."""
    with town.office.store.transaction() as register:
        page = town.item("scan").letters[0].page_html
        further = [register.outbox.put(
            Draft(type=LetterType.FORWARDING, item_id=town.ids["scan"], channel=OutgoingChannel.PRINT,
                  to=f"Получател {number}\nул. Роза № {number}\n{place}", subject="Относно", text="Писмо",
                  page_html=page.replace("Петър Ангелов Димов", f"Получател {number}")),
            number="94-П-1", now=town.clock()) for number, place in enumerate(PLACES, 1)]
    return [town.item("scan").letters[0].id, *further]


def states(town: Town, letters: list[OutgoingId]) -> list[str]:
    """How far each letter is."""
    with town.office.store.reading() as register:
        return [register.outbox.get(letter).status.value for letter in letters]


def pages_of(client: Browser, path: str) -> list[str]:
    """The text of each page of a PDF."""
    with pdfplumber.open(io.BytesIO(client.get(path).content)) as pdf:
        return [page.extract_text() for page in pdf.pages]


def addressee(page: str) -> str:
    """To whom a page is written."""
    found = re.search(r"Получател \d|Петър Ангелов Димов", page)
    return found[0] if found else ""


def test_the_evening_run_is_prepared_once_on_a_working_day_and_found_by_state(
        town: Town, letters: list[OutgoingId]) -> None:
    town.clock.at = datetime(2026, 11, 20, 13, 59, tzinfo=UTC)
    do_what_is_due(town.office)
    with town.office.store.reading() as register:
        assert len(register.print_runs.waiting()) == 5, "16:00 in Sofia has not come"
    assert printing.next_evening_run(town.office).isoformat() == "2026-11-20T16:00:00+02:00"
    town.clock.at = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
    do_what_is_due(town.office)
    with town.office.store.reading() as register:
        assert register.print_runs.under_way() == (), "a Saturday"
    town.clock.at = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # Monday, and the service was down at 16:00
    do_what_is_due(town.office)
    with town.office.store.reading() as register:
        assert {letter.id for letter in register.print_runs.under_way()} == set(letters)
        run = register.print_runs.newest(town.clock.at - timedelta(days=1))[0]
    assert run.prepared_by == "mailroom"
    assert printing.prepare_evening_run(town.office) == 0
    assert printing.next_evening_run(town.office).isoformat() == "2026-11-24T16:00:00+02:00"


def test_a_run_is_prepared_previewed_printed_and_posted_letter_by_letter(town: Town, letters: list[OutgoingId]) -> None:
    with logged_in(town, Role.CLERK) as client:
        assert client.get("/print/1/preview.pdf").status_code == 404
        assert client.act("/print/prepare", seen="/print").headers["location"] == "/print?done=prepared&count=5"
        order = [addressee(page) for page in pages_of(client, "/print/1/preview.pdf")]
        assert order == ["Получател 2", "Получател 3", "Петър Ангелов Димов", "Получател 1", "Получател 4"]
        assert set(states(town, letters)) == {"queued"}, "a preview changes nothing"
        done = client.act("/print/1/printed", seen="/print", letter=letters[:4])
        assert done.headers["location"] == "/print?done=printed&count=4&run=1"
        assert states(town, letters) == ["printed"] * 4 + ["queued"]
        assert [addressee(page) for page in pages_of(client, "/print/1/letters.pdf")] == order[:4]
        assert client.act("/print/1/posted", seen="/print", letter=letters[1]).status_code == 303
        assert states(town, letters) == ["printed", "posted", "printed", "printed", "queued"]
        assert client.act("/print/1/posted", seen="/print", letter=letters[1]).status_code == 400
        listed = client.get("/print/1/posting-list.csv").text.splitlines()
        assert [line.split(";")[4] for line in listed[1:]] == ["1000", "7000", "9999", "9999"]
        assert "Общо пратки: 4" in pages_of(client, "/print/1/posting-list.pdf")[0]


def test_nothing_is_printed_twice(town: Town, letters: list[OutgoingId]) -> None:
    printing.prepare(town.office, CLERK)
    assert printing.printed(town.office, CLERK, letters) == 5
    with pytest.raises(BadRequest, match="вече са отпечатани"):
        printing.printed(town.office, PEOPLE[2], letters)
    with pytest.raises(BadRequest, match="чакат печат"):
        printing.prepare(town.office, CLERK)


def test_what_was_left_out_waits_for_the_next_run(town: Town, letters: list[OutgoingId]) -> None:
    printing.prepare(town.office, CLERK)
    with logged_in(town, Role.CLERK) as client:
        client.act("/print/1/printed", seen="/print", letter=letters[0])
    assert printing.prepare(town.office, CLERK) == 4
    with town.office.store.reading() as register:
        assert [len(register.print_runs.letters(run, OutgoingStatus.QUEUED)) for run in (1, 2)] == [0, 4]
    printing.prepare_evening_run(town.office)
    with town.office.store.reading() as register:
        assert register.print_runs.waiting() == ()


def test_new_letters_join_the_run_of_which_nothing_is_printed(town: Town, letters: list[OutgoingId]) -> None:
    printing.prepare(town.office, CLERK)
    with town.office.store.transaction() as register:
        late = register.outbox.put(
            Draft(type=LetterType.FORWARDING, item_id=town.ids["scan"], channel=OutgoingChannel.PRINT, to="Х\n9999 У",
                  subject="", text="", page_html="<p>Х"), number="", now=town.clock())
    printing.prepare(town.office, CLERK)
    with town.office.store.reading() as register:
        assert {one.id for one in register.print_runs.letters(1, OutgoingStatus.QUEUED)} == {*letters, late}


def test_after_a_jam_only_the_ticked_letters_are_printed_again(town: Town, letters: list[OutgoingId]) -> None:
    printing.prepare(town.office, CLERK)
    printing.printed(town.office, CLERK, letters)
    with logged_in(town, Role.CLERK) as client:
        answer = client.act("/print/1/again", seen="/print", letter=letters[3:])
        pages = pages_of(client, answer.headers["location"])
    assert [addressee(page) for page in pages] == ["Получател 3", "Получател 4"]
    assert set(states(town, letters)) == {"printed"}
    with town.office.store.reading() as register:
        again = [line for line in register.history.of(town.ids["scan"]) if line.what == "letter_reprinted"]
    assert [(line.who, line.details["outgoing_id"]) for line in again] == [(CLERK.login, one) for one in letters[3:]]


def test_a_letter_that_is_stopped_leaves_the_run(town: Town, letters: list[OutgoingId]) -> None:
    printing.prepare(town.office, CLERK)
    with town.office.store.transaction() as register:
        register.outbox.mark(letters[0], OutgoingStatus.CANCELLED)
    assert printing.printed(town.office, CLERK, letters) == 4


def test_the_posting_list_is_kept_for_years_and_readable_by_everybody(town: Town, letters: list[OutgoingId]) -> None:
    printing.prepare(town.office, CLERK)
    printing.printed(town.office, CLERK, letters)
    with logged_in(town, Role.CLERK) as client:
        content = client.get("/print/1/posting-list.pdf").content
    with pikepdf.open(io.BytesIO(content)) as pdf:
        metadata = pdf.open_metadata()
        assert metadata["pdfaid:part"] == "3"
        assert str(pdf.Root.Lang) == "bg" and pdf.Root.MarkInfo.Marked
