"""Two people press at the same moment: one act is done, the other person is told so, on both databases.

Each has connections of their own and comes to the same items from the other end.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from threading import Barrier
from typing import Any

import pytest

from mailroom import desk as actions
from mailroom import merging, undoing
from mailroom.config import OcrSettings, Security, Settings, SmtpSettings
from mailroom.errors import BadRequest
from mailroom.model.base import ItemId
from mailroom.model.item import Item, Status
from mailroom.model.staff import Role, Staff
from mailroom.model.verdict import Outcome
from mailroom.office import Office, open_office
from mailroom.store.store import Store
from tests.journeys.conftest import Desk
from tests.journeys.test_batches import IVAN, PETYA, come_in, everything
from tests.reading.material import batch_pdf

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ROUNDS = 3
CLERK = Staff(login="m.koleva", name="Мария Колева", role=Role.CLERK)
OTHER = Staff(login="n.radev", name="Николай Радев", role=Role.SECRETARY)
SIGNAL = "Здравейте,\n\nна ул. „Роза“ пред № {} има дупка в асфалта. Моля да вземете мерки.\n\nМария Петкова\n"
Act = tuple[Any, ...]
"""What is done, and with what after the office."""


@dataclass(frozen=True)
class Two:
    """The same office on two machines."""

    one: Office
    other: Office
    letters: tuple[ItemId, ItemId]
    """Two signals of the same day."""
    desk: Desk
    """Of the first machine."""

    def at_once(self, one: Act, other: Act) -> list[str]:
        """Both do it at the same moment; why one of them was refused. Anything but a plain refusal is an error."""
        ready = Barrier(2)

        def press(office: Office, act: Act) -> str | None:
            ready.wait(10)
            try:
                act[0](office, *act[1:])
            except BadRequest as refusal:
                return str(refusal)
            return None

        with ThreadPoolExecutor(2) as threads:
            pressed = [threads.submit(press, self.one, one), threads.submit(press, self.other, other)]
            return [refusal for press in pressed if (refusal := press.result(30)) is not None]

    def lines(self, item_id: ItemId, what: str) -> int:
        """How often this stands in the item's history."""
        with self.one.store.reading() as register:
            return sum(line.what == what for line in register.history.of(item_id))


@pytest.fixture(scope="module", params=[pytest.param("sqlite", marks=pytest.mark.long), "postgresql"])
def two(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres").url(f"atonce{id(request)}")
    settings = Settings(charter="primerovo", data_dir=tmp_path_factory.mktemp("at-once"), database_url=url,
                        ocr=OcrSettings(workers=1),
                        smtp=SmtpSettings(host="127.0.0.1", port=9, security=Security.NONE))
    office = open_office(settings, now=lambda: NOW)
    store = Store(settings.url, settings.originals_dir)
    desk = Desk(office)
    first, second = (desk.come_in(signal(number)).id for number in (5, 9))
    yield Two(one=office, other=replace(office, store=store), letters=(first, second), desk=desk)
    store.close()
    office.close()


def signal(number: int, sender: str = "") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = f"Мария Петкова <{sender or f'm.petkova{number}'}@example.com>", "Сигнал"
    message.set_content(SIGNAL.format(number))
    return message


def newsletter(name: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["Subject"] = "Новини <news@example.com>", "Бюлетин"
    for field, value in (("List-Id", "<news.example.com>"), ("List-Unsubscribe", "<https://example.com/u>"),
                         ("Precedence", "bulk"), ("Message-ID", f"<{name}@example.com>")):
        message[field] = value
    message.set_content(f"Новини за бизнеса {name}")
    return message


def undo(two: Two, item: Item) -> None:
    undoing.undo(two.one, CLERK, item.id, two.desk.item(item.id).version)


def test_one_divided_file_is_put_together_once_whichever_part_is_pressed(two: Two) -> None:
    pile, = [item for item in come_in(two.desk, batch_pdf(IVAN, "", PETYA)) if item.id not in two.letters]
    for done in range(1, ROUNDS + 1):
        actions.split(two.one, CLERK, pile.id, two.desk.item(pile.id).version, [(1,), (3,)])
        part = everything(two.desk)[-1]
        first = two.desk.item(pile.id)
        with two.one.store.reading() as register:
            deeds = [deed.id for item in (first, part) if (deed := register.undo.last(item.id)) is not None]
        refused, = two.at_once(
            (undoing.undo, CLERK, first.id, first.version, deeds[0]),
            (undoing.undo, CLERK, part.id, part.version, deeds[1]))
        assert refused == "Това вече е върнато назад."
        assert two.lines(pile.id, "undone") == done and two.lines(part.id, "undone") == 1
        assert two.desk.item(pile.id).letter == pile.letter and two.desk.item(part.id).merged_into == pile.id


def test_of_two_letters_only_one_is_merged_into_the_other(two: Two) -> None:
    for _ in range(ROUNDS):
        one, other = map(two.desk.item, two.letters)
        refused, = two.at_once(
            (merging.merge, CLERK, one.id, one.version, other.id),
            (merging.merge, CLERK, other.id, other.version, one.id))
        assert "вече е слята" in refused
        gone, = (item for item in map(two.desk.item, two.letters) if item.status is Status.MERGED)
        undo(two, gone)


def test_of_two_letters_only_one_follows_the_other(two: Two) -> None:
    for _ in range(ROUNDS):
        one, other = map(two.desk.item, two.letters)
        refused, = two.at_once(
            (actions.join_case, CLERK, one.id, one.version, other.id),
            (actions.join_case, OTHER, other.id, other.version, one.id))
        assert "вече са в една преписка" in refused
        follower, = (item for item in map(two.desk.item, two.letters) if item.case_of is not None)
        undoing.undo(two.one, CLERK if follower.id == one.id else OTHER, follower.id, follower.version)


def test_of_two_letters_corrected_to_follow_each_other_one_does(two: Two) -> None:
    """Neither clerk is asked to try again: both corrections are kept."""
    for number in range(100, 100 + 2 * ROUNDS, 2):
        one, other = (two.desk.come_in(signal(each, "petkova")) for each in (number, number + 1))
        assert one.entry and other.entry
        refused = two.at_once(
            (actions.correct, CLERK, one.id, one.version, {"follow_up_of": other.entry.registration_number}),
            (actions.correct, OTHER, other.id, other.version, {"follow_up_of": one.entry.registration_number}))
        after = [two.desk.item(item.id) for item in (one, other)]
        assert refused == [] and all(item.corrections for item in after)
        assert {item.case_of for item in after} in ({None, one.id}, {None, other.id})
        assert all(item.case_of != item.id for item in after)


def test_of_two_clerks_one_decides(two: Two) -> None:
    for _ in range(ROUNDS):
        item = two.desk.item(two.letters[0])
        refused, = two.at_once(
            (actions.confirm, CLERK, item.id, item.version),
            (actions.override, OTHER, item.id, item.version, Outcome.CONSIDER, "Наше е."))
        assert "Друг служител промени" in refused
        decided = two.desk.item(item.id)
        assert decided.decision is not None
        who = CLERK if decided.decision.by == CLERK.login else OTHER
        undoing.undo(two.one, who, item.id, decided.version)


def test_what_one_takes_back_another_decides_or_the_other_way_round(two: Two) -> None:
    for _ in range(ROUNDS):
        before = two.desk.item(two.letters[0])
        actions.confirm(two.one, CLERK, before.id, before.version)
        item = two.desk.item(before.id)
        two.at_once(
            (undoing.undo, CLERK, item.id, item.version),
            (actions.override, OTHER, item.id, item.version, Outcome.CONSIDER, "Наше е."))
        after = two.desk.item(item.id)
        assert after.decision is not None
        undone = after.decision == before.decision
        assert undone or after.decision.by == OTHER.login
        if not undone:
            undoing.undo(two.one, OTHER, item.id, after.version)
            undo(two, item)


def test_of_two_who_approve_an_extension_one_does_and_its_date_holds(two: Two) -> None:
    for _ in range(ROUNDS):
        before = two.desk.item(two.letters[0])
        letter = actions.extend(two.one, CLERK, before.id, before.version, reason="Чакаме становище.", action="",
                                until=None)
        refused, = two.at_once((actions.release, CLERK, letter), (actions.release, OTHER, letter))
        assert "не чака одобрение" in refused and two.lines(before.id, "extended") == two.lines(
            before.id, "extension_undone") + 1
        extended = two.desk.item(before.id)
        assert extended.entry and before.entry and extended.entry.due != before.entry.due
        refused, = two.at_once((actions.cancel, CLERK, letter), (actions.cancel, OTHER, letter))
        assert "не може да бъде спряно" in refused
        after = two.desk.item(before.id)
        assert after.entry and after.entry.due == before.entry.due


def test_of_two_who_confirm_the_same_batch_each_row_is_confirmed_once(two: Two) -> None:
    for number in range(ROUNDS):
        ids = [two.desk.come_in(newsletter(f"{number}-{one}")).id for one in range(3)]
        two.at_once((actions.set_aside, CLERK, ids), (actions.set_aside, OTHER, ids[::-1]))
        assert [two.lines(item_id, "set_aside_confirmed") for item_id in ids] == [1] * len(ids)


def test_nothing_of_it_harms_the_history(two: Two) -> None:
    with two.one.store.reading() as register:
        assert register.history.faults() == [] and register.entries.faults() == []
