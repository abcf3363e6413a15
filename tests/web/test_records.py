"""The archive's page and the pages about one person's data, as the people who may open them use them."""

import re
from dataclasses import replace
from datetime import UTC, datetime

from mailroom.model.item import Status
from mailroom.model.staff import Role
from mailroom.retention import due
from tests.web.conftest import LOGIN, Town, logged_in

LATER = datetime(2047, 1, 2, 9, 0, tzinfo=UTC)


def close(town: Town, name: str) -> int:
    """An item that nobody owes anything on."""
    with town.office.store.transaction() as register:
        register.items.set_status(town.ids[name], Status.CLOSED)
    return town.ids[name]


def test_a_secretary_finds_a_person_prints_the_report_and_erases(town: Town) -> None:
    item_id = close(town, "signal")
    item = town.item("signal")
    assert item.findings and item.findings.sender_name and item.entry
    name, number = item.findings.sender_name.value, item.entry.registration_number
    with logged_in(town, Role.SECRETARY) as client:
        page = client.get("/personal-data", params={"q": name}).text
        assert number in page and f'value="{item_id}"' in page
        seen = f"/personal-data?q={name}"
        report = client.act("/personal-data/report", seen=seen, id=item_id, q=name)
        assert report.headers["content-type"] == "application/pdf" and report.content.startswith(b"%PDF")
        planned = client.act("/personal-data/plan", seen=seen, id=item_id).text
        assert number in planned and "Не може да се върне" in planned
        assert client.act("/personal-data/erase", seen=seen, id=item_id, ground="act", basis="x").status_code == 400
        done = client.act("/personal-data/erase", seen=seen, id=item_id, ground="request", basis="ОРЗД чл. 17").text
        assert "Остават номерът, датите" in done
        stub = client.get(f"/items/{item_id}").text
        assert number in stub and "Основание: ОРЗД чл. 17" in stub and name not in stub
        assert client.get(f"/items/{item_id}/original/{item.arrivals[0].id}").status_code == 404
        assert "Нищо не е намерено" in client.get("/personal-data", params={"q": name}).text
    with logged_in(town, Role.ADMIN) as admin:
        log = admin.get("/access-log", params={"number": number}).text
    assert "справка за лични данни" in log and "заличаване" in log


def test_a_whistleblowers_report_is_found_by_its_officer_alone(calm_town: Town) -> None:
    whistle = calm_town.item("whistle")
    assert whistle.findings and whistle.findings.sender_name and whistle.entry
    asked = {"q": whistle.findings.sender_name.value}
    with logged_in(calm_town, Role.CONFIDENTIAL) as officer:
        assert whistle.entry.registration_number in officer.get("/personal-data", params=asked).text
    with logged_in(calm_town, Role.SECRETARY) as client:
        assert whistle.entry.registration_number not in client.get("/personal-data", params=asked).text
        for path in ("report", "plan", "erase"):
            answer = client.act(f"/personal-data/{path}", seen="/personal-data", id=whistle.id, ground="request",
                                basis="x")
            assert answer.status_code == 400 and whistle.entry.registration_number not in answer.text
    assert calm_town.item("whistle") == whistle


def test_one_proposes_an_act_and_another_enters_the_signed_one(town: Town) -> None:
    item_id = close(town, "signal")
    later = replace(town.office, now=lambda: LATER)
    (found, *_) = [one for one in due(later) if item_id in one.item_ids]
    with town.office.store.transaction() as register:
        act = register.retention.propose(found.record_class, found.year, found.item_ids, sealed=False,
                                         by=LOGIN[Role.CLERK], at=town.office.now())
    signed = {"number": "7", "dated": "01.01.2026", "approver": "кмет Георгиев"}
    with logged_in(town, Role.CLERK) as clerk:
        page = clerk.get("/records").text
        assert "Унищожи по акта" not in page and "Чака подпис" in page and f"/records/{act.id}.pdf" in page
        assert clerk.get(f"/records/{act.id}.pdf").content.startswith(b"%PDF")
        assert clerk.act(f"/records/{act.id}/approve", seen="/records", **signed).status_code == 400
    with logged_in(town, Role.SECRETARY) as client:
        assert client.act(f"/records/{act.id}/approve", seen="/records",
                          **{**signed, "dated": "скоро"}).status_code == 400
        assert town.item("signal").letter is not None
        done = client.act(f"/records/{act.id}/approve", seen="/records", **signed)
        assert done.status_code == 303
        page = client.get("/records").text
    assert re.search(r"Акт № 7 от [^<]{6,20}, утвърден от кмет Георгиев", page), re.findall("Акт № 7.{80}", page)
    with town.office.store.reading() as register:
        assert register.erasure.of(item_id) is not None
