"""Who opens a letter with an ЕГН or a whistleblower's report is written down, and told to whom it concerns."""

from datetime import timedelta

import pytest

from mailroom import desk
from mailroom.engine.due import do_what_is_due
from mailroom.model.access import Access, Seen
from mailroom.model.outgoing import LetterType, OutgoingStatus
from mailroom.model.staff import Role
from mailroom.store.access_log import AccessFilter
from tests.web.conftest import LOGIN, PEOPLE, Town, logged_in


def looks(town: Town) -> list[Access]:
    """What is written down, the oldest first."""
    with town.office.store.reading() as register:
        return list(reversed(register.access_log.page(AccessFilter())))


@pytest.mark.parametrize(("role", "letter", "sealed"), [
    (Role.CLERK, "proposal", False), (Role.MAYOR, "proposal", False), (Role.CONFIDENTIAL, "whistle", True)])
def test_every_look_is_written_down_with_who_what_and_when(town: Town, role: Role, letter: str, sealed: bool) -> None:
    item = town.item(letter)
    assert item.entry is not None
    with logged_in(town, role) as client:
        assert client.get(f"/items/{item.id}").status_code == 200
        assert client.get(f"/items/{item.id}/original/{item.arrivals[0].id}").status_code == 200
    assert [(one.login, one.what, one.item_id, one.number, one.sealed, one.at) for one in looks(town)] == [
        (LOGIN[role], what, item.id, item.entry.registration_number, sealed, town.clock.at)
        for what in (Seen.ITEM, Seen.FILE)]


def test_the_pages_of_one_letter_are_one_look_and_another_look_is_another_line(town: Town) -> None:
    path = f"/items/{town.ids['proposal']}"
    with logged_in(town, Role.CLERK) as client:
        for _ in range(3):
            client.get(path)
        town.clock.at += timedelta(minutes=11)
        client.get(path)
    assert len(looks(town)) == 2


def test_a_letter_of_nobodys_secret_and_a_refused_look_leave_no_line(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        assert client.get(f"/items/{town.ids['signal']}").status_code == 200
        assert client.get(f"/items/{town.ids['whistle']}").status_code == 404
    assert looks(town) == []


def test_letters_to_a_whistleblower_are_looked_at_in_the_outbox_and_in_the_print_run_too(town: Town) -> None:
    whistle, scan = town.item("whistle"), town.item("scan")
    desk.write(town.office, PEOPLE[4], whistle.id, whistle.version, LetterType.WHISTLEBLOWER_RECEIPT, {"uin": "26-1"})
    desk.correct(town.office, PEOPLE[0], scan.id, scan.version, {"matter": "whistleblower"})
    with town.office.store.transaction() as register:  # a letter on paper that the confidential officer lets go
        register.outbox.mark(scan.letters[0].id, OutgoingStatus.QUEUED)
    with logged_in(town, Role.CLERK) as client:
        client.get("/outbox")
        assert looks(town) == []
    with logged_in(town, Role.CONFIDENTIAL) as client:
        client.get("/outbox")
        client.act("/print/prepare", seen="/print")
        assert client.get("/print/1/preview.pdf").status_code == 200
    assert [(one.what, one.item_id, one.sealed) for one in looks(town)] == [
        (Seen.LETTER, whistle.id, True), (Seen.LETTER, scan.id, True)]


def test_the_administrator_sees_every_look_and_the_confidential_officer_those_of_sealed_letters(town: Town) -> None:
    proposal, whistle = town.item("proposal").entry, town.item("whistle").entry
    assert proposal and whistle
    with logged_in(town, Role.CLERK) as client:
        client.get(f"/items/{town.ids['proposal']}")
    with logged_in(town, Role.CONFIDENTIAL) as client:
        client.get(f"/items/{town.ids['whistle']}")
        page = client.get("/access-log").text
        assert whistle.registration_number in page and proposal.registration_number not in page
    with logged_in(town, Role.ADMIN) as admin:
        page = admin.get("/access-log").text
        assert whistle.registration_number in page and proposal.registration_number in page
        assert "Савов" not in page and "Маринова" not in page, "of whom the letters are stays in them"
        only = admin.get("/access-log", params={"login": LOGIN[Role.CLERK]}).text
        assert proposal.registration_number in only and whistle.registration_number not in only
        one = admin.get("/access-log", params={"number": whistle.registration_number}).text
        assert whistle.registration_number in one and proposal.registration_number not in one


def test_looks_are_forgotten_when_their_time_is_over(town: Town) -> None:
    with logged_in(town, Role.CLERK) as client:
        client.get(f"/items/{town.ids['proposal']}")
    kept = timedelta(days=town.office.settings.web.access_log_days)
    town.clock.at += kept - timedelta(days=1)
    do_what_is_due(town.office)
    assert len(looks(town)) == 1
    town.clock.at += timedelta(days=2)
    do_what_is_due(town.office)
    assert looks(town) == []
