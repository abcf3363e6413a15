"""What is done once, is done once, whatever processes come to it at the same moment: on both databases."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from threading import Event

import pytest

from mailroom import deadlines, printing
from mailroom.config import OcrSettings, Settings
from mailroom.errors import BadRequest
from mailroom.model.arrival import Channel
from mailroom.model.base import ItemId
from mailroom.model.outgoing import Draft, LetterType, OutgoingChannel, OutgoingStatus
from mailroom.model.staff import Role, Staff
from mailroom.office import Office, open_office
from mailroom.store.store import Register, Store
from tests.journeys.conftest import Desk

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
DAY = date(2026, 12, 16)
MORNING, EVENING = (datetime(2026, 12, 16, hour, 30, tzinfo=UTC) for hour in (7, 20))
AT_ONCE = 4
CLERK = Staff(login="m.koleva", name="Мария Колева", role=Role.CLERK)
SIGNAL = """Здравейте,

сигнализирам, че на ул. „Липа“ пред № 9 има изхвърлени вестници. Моля да вземете мерки.

Мария Петкова
гр. Примерово, ул. „Липа“ № 7
"""


def by_day(register: Register, _item: ItemId) -> bool:
    return register.daybook.claim("reminders", NOW.date(), NOW)


def by_clock(register: Register, item: ItemId) -> bool:
    return register.reminders.claim(item, "charter", NOW.date(), "near", NOW)


@pytest.mark.parametrize("claim", [by_day, by_clock])
@pytest.mark.parametrize("committed", [True, False])
def test_of_two_transactions_one_has_it_and_the_other_when_that_one_fails(
        store: Store, claim: Callable[[Register, ItemId], bool], committed: bool) -> None:
    with store.transaction() as register:
        item = register.items.add(channel=Channel.EMAIL, received_at=NOW, heavy=False)
    claimed, go_on = Event(), Event()

    def first() -> bool:
        with store.transaction() as register:
            mine = claim(register, item)
            claimed.set()
            go_on.wait(10)
            if not committed:
                raise InterruptedError
            return mine

    def second() -> bool:
        claimed.wait(10)
        with store.transaction() as register:
            return claim(register, item)

    with ThreadPoolExecutor(2) as threads:
        one, other = threads.submit(first), threads.submit(second)
        claimed.wait(10)
        assert not other.done()
        go_on.set()
        assert (one.exception() is None) is committed
        assert other.result() is not committed


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def machines(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Office]]:
    """The same office several times, each with connections of its own, and a signal that is nearly due."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres").url(f"once{id(request)}")
    settings = Settings(charter="primerovo", data_dir=tmp_path_factory.mktemp("once"), database_url=url,
                        ocr=OcrSettings(workers=1))
    office = open_office(settings, now=lambda: NOW)
    message = EmailMessage()
    message["From"], message["Subject"] = "Мария Петкова <m.petkova@example.com>", "Сигнал"
    message.set_content(SIGNAL)
    Desk(office).come_in(message)
    stores = [Store(settings.url, settings.originals_dir) for _ in range(AT_ONCE)]
    yield [replace(office, store=store) for store in stores]
    for store in stores:
        store.close()
    office.close()


def at_once(machines: list[Office], work: Callable[[Office], int], at: datetime) -> list[int]:
    with ThreadPoolExecutor(len(machines)) as threads:
        return list(threads.map(work, (replace(office, now=lambda: at) for office in machines)))


def letters(office: Office, kind: LetterType) -> int:
    with office.store.reading() as register:
        return sum(one.type is kind for one in register.outbox.with_status(*OutgoingStatus))


def test_nobody_is_reminded_or_written_to_twice(machines: list[Office]) -> None:
    told = at_once(machines, lambda office: deadlines.remind(office, DAY), MORNING)
    assert sorted(told) == [0] * (AT_ONCE - 1) + [1] and letters(machines[0], LetterType.REMINDER) == 1
    at_once(machines, lambda office: len(deadlines.draft_notices(office, DAY)), MORNING)
    assert letters(machines[0], LetterType.EXTENSION) == 1


def test_the_evenings_run_is_prepared_once(machines: list[Office]) -> None:
    with machines[0].store.transaction() as register:
        register.outbox.put(Draft(item_id=None, type=LetterType.FORWARDING, channel=OutgoingChannel.PRINT,
                                  status=OutgoingStatus.QUEUED, to="Мария Петкова", subject="Отговор", text="…"),
                            number="1", now=EVENING)
    laid = at_once(machines, printing.prepare_evening_run, EVENING)
    assert sorted(laid) == [0] * (AT_ONCE - 1) + [1]
    with machines[0].store.reading() as register:
        assert len(register.print_runs.newest(NOW)) == 1
        letter, = register.print_runs.under_way()

    def print_it(office: Office) -> int:
        with suppress(BadRequest):
            return printing.printed(office, CLERK, [letter.id])
        return 0

    assert sorted(at_once(machines, print_it, EVENING)) == [0] * (AT_ONCE - 1) + [1]
