"""What is over its term is destroyed by an act that one person proposes and another approves, and in no other way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from mailroom import desk as acts
from mailroom.charter.nomenclature import load_nomenclature
from mailroom.config import packaged
from mailroom.errors import BadRequest, Misconfigured
from mailroom.model.findings import Kind
from mailroom.model.item import Item, Status
from mailroom.model.retention import ActState, Other
from mailroom.model.staff import Role, Staff
from mailroom.office import Office
from mailroom.retention import act_html, act_pdf, approve, due, propose, withdraw
from mailroom.verify import verify
from tests.journeys.conftest import CAME, Desk

LATER = datetime(2047, 1, 2, 9, 0, tzinfo=UTC)
"""Over twenty years after the end of the year in which the letters came."""
CLERK = Staff(login="m.koleva", name="Мария Колева", role=Role.CLERK)
SECRETARY = Staff(login="s.ivanova", name="Стела Иванова", role=Role.SECRETARY)
CONFIDENTIAL = Staff(login="v.tayna", name="Вера Тайна", role=Role.CONFIDENTIAL)


@pytest.fixture
def closed(office: Office, desk: Desk, clerk: Staff, mail: Callable[..., EmailMessage]) -> list[Item]:
    """Two closed signals, an open one, and a closed one to which an open letter belongs."""
    texts = ("На ул. Първа зее дупка.", "На ул. Втора не свети лампа.", "На ул. Трета няма кофа за боклук.",
             "На ул. Четвърта тече вода.")
    items = [desk.come_in(mail(f"{text}\n\nИван Петров, ул. Мир 1, Примерово", Message_ID=f"<{number}@example.com>",
                               From=f"Иван Петров <i{number}@example.com>", Subject=text))
             for number, text in enumerate(texts)]
    for item in (items[0], items[1], items[3]):
        acts.mark(replace(office, now=lambda: CAME), clerk, item.id, desk.item(item.id).version, Status.CLOSED)
    follower = desk.come_in(mail("Пак тече.\n\nИван Петров, ул. Мир 1, Примерово", Message_ID="<f@example.com>",
                                 Subject="Пак тече"))
    with office.store.transaction() as register:
        register.cases.join(follower.id, items[3].id)
    return [desk.item(item.id) for item in items]


def at(office: Office, now: datetime) -> Office:
    return replace(office, now=lambda: now)


@pytest.mark.long
def test_what_is_due_is_listed_by_class_and_year_and_not_a_day_before(office: Office, closed: list[Item]) -> None:
    assert due(at(office, datetime(2046, 12, 31, 12, tzinfo=UTC))) == ()
    (found,) = due(at(office, LATER))
    assert (found.record_class.id, found.year, found.item_ids) == ("94-01", 2026, (closed[0].id, closed[1].id))


def test_only_another_person_with_a_signed_act_destroys_and_a_stub_stays(
    office: Office, desk: Desk, closed: list[Item]
) -> None:
    later = at(office, LATER)
    act = propose(later, CLERK, "94-01", 2026)
    assert due(later) == ()
    paper = act_html(later, CLERK, act.id)
    assert closed[0].entry is not None
    for fact in ("АКТ за унищожаване", "94-01", "приключени през <b>2026 г.</b>", "20 години",
                 closed[0].entry.registration_number, "Брой преписки: <b>2</b>"):
        assert fact in paper, fact
    assert "дупка" not in paper and "Петров" not in paper and act_pdf(later, CLERK, act.id).startswith(b"%PDF")
    signed: dict[str, Any] = {"number": "3", "dated": date(2047, 1, 2), "approver": "кмет Георги Георгиев"}
    with pytest.raises(BadRequest, match="не позволява"):
        approve(later, CLERK, act.id, **signed)
    for wrong in ({"number": " "}, {"approver": ""}, {"dated": date(2047, 1, 3)}):
        with pytest.raises(BadRequest):
            approve(later, SECRETARY, act.id, **{**signed, **wrong})
    assert desk.item(closed[0].id) == closed[0]
    done = approve(later, SECRETARY, act.id, **signed)
    assert (done.state, done.left_out) == (ActState.CARRIED_OUT, ())
    stub = desk.item(closed[0].id)
    with office.store.reading() as register:
        why = register.erasure.of(stub.id)
    assert why is not None and why.basis == "Акт за унищожаване № 3/02.01.2047, утвърден от кмет Георги Георгиев"
    assert stub.entry is not None and stub.entry.registration_number == closed[0].entry.registration_number
    assert not office.store.originals.path(closed[0].arrivals[0].sha256).exists()
    assert desk.item(closed[2].id) == closed[2] and desk.item(closed[3].id).letter == closed[3].letter
    assert verify(later).faults == ()
    with pytest.raises(BadRequest, match="вече е изпълнен"):
        approve(later, SECRETARY, act.id, **signed)


@pytest.mark.long
def test_nobody_approves_their_own_act_and_a_withdrawn_one_destroys_nothing(
    office: Office, desk: Desk, closed: list[Item]
) -> None:
    later = at(office, LATER)
    act = propose(later, SECRETARY, "94-01", 2026)
    with pytest.raises(BadRequest, match="друг служител"):
        approve(later, SECRETARY, act.id, number="3", dated=date(2047, 1, 2), approver="кмет")
    withdraw(later, SECRETARY, act.id)
    other = Staff(login="other", name="Друг", role=Role.SECRETARY)
    with pytest.raises(BadRequest, match="оттеглен"):
        approve(later, other, act.id, number="3", dated=date(2047, 1, 2), approver="кмет")
    assert desk.item(closed[0].id) == closed[0] and len(due(later)) == 1


@pytest.mark.long
def test_what_was_opened_again_is_left_out(office: Office, desk: Desk, clerk: Staff, closed: list[Item]) -> None:
    later = at(office, LATER)
    act = propose(later, CLERK, "94-01", 2026)
    with office.store.transaction() as register:
        register.items.set_status(closed[0].id, Status.REGISTERED)
    done = approve(later, SECRETARY, act.id, number="3", dated=date(2047, 1, 2), approver="кмет")
    assert done.left_out == (closed[0].id,) and desk.item(closed[0].id).letter == closed[0].letter


@pytest.mark.long
def test_the_confidential_officer_sees_no_other_acts_and_nobody_else_that_officers(
    office: Office, closed: list[Item]
) -> None:
    later = at(office, LATER)
    act = propose(later, CLERK, "94-01", 2026)
    with pytest.raises(BadRequest, match="Няма такъв акт"):
        act_html(later, CONFIDENTIAL, act.id)
    with pytest.raises(BadRequest, match="Няма такъв акт"):
        approve(later, CONFIDENTIAL, act.id, number="3", dated=date(2047, 1, 2), approver="кмет")
    assert due(later, sealed=True) == ()


def test_every_kind_has_its_class_and_a_town_may_have_its_own(tmp_path: Path) -> None:
    common = load_nomenclature(packaged("rules"), "primerovo")
    assert common.of_kind(Kind.SIGNAL).years == 20 and common.of_other(Other.SEALED).years == 5
    (tmp_path / "charters" / "town").mkdir(parents=True)
    text = (packaged("rules") / "statute" / "nomenclature.toml").read_text("utf-8")
    own = tmp_path / "charters" / "town" / "nomenclature.toml"
    own.write_text(text.replace('id = "94-01"', 'id = "02-07"').replace("years = 20", "years = 5"), "utf-8")
    assert load_nomenclature(tmp_path, "town").of_kind(Kind.SIGNAL).id == "02-07"
    for broken in (text.replace('"complaint", ', ""), text.replace('id = "94-02"', 'id = "94-01"'),
                   text.replace("years = 5", "years = -5"), text + "[["):
        own.write_text(broken, "utf-8")
        with pytest.raises(Misconfigured, match="nomenclature"):
            load_nomenclature(tmp_path, "town")
