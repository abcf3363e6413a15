"""The register is away while something happens: what happened is written later, and nothing happens twice."""

import os
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from mailroom.config import Security, SmtpSettings
from mailroom.dispatch.transport import transport_for
from mailroom.engine import inline
from mailroom.engine.clock import ClockWatch, put_forward
from mailroom.engine.owner import may_live, this_process
from mailroom.model.arrival import Channel
from mailroom.model.outgoing import OutgoingStatus
from mailroom.office import Office
from mailroom.store import store as module
from mailroom.store.store import Store
from tests.journeys.conftest import CAME, Desk
from tests.journeys.town import wait_until
from tests.servers.smtp import Received, SmtpServer


class Hasty(SmtpServer):
    """A mail server at which the register is locked as soon as it has taken a letter."""

    def __init__(self, lock: Callable[[], None]) -> None:
        super().__init__()
        self._lock = lock

    def kept(self, received: Received) -> None:
        """Before we say so."""
        self._lock()


@pytest.fixture
def impatient(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office that waits for the register's lock a moment only."""
    monkeypatch.setattr(module, "BUSY_SECONDS", 0.05)
    store = Store(office.settings.url, office.settings.originals_dir)
    yield replace(office, store=store)
    store.close()


def test_a_letter_that_left_while_the_register_was_away_is_noted_as_sent_and_not_sent_again(
        impatient: Office, mail: Callable[..., EmailMessage]) -> None:
    def lock() -> None:
        tool = sqlite3.connect(impatient.settings.data_dir / "register.db", isolation_level=None,
                               check_same_thread=False)
        tool.execute("BEGIN EXCLUSIVE")
        threading.Timer(0.5, tool.close).start()

    with Hasty(lock) as server:
        settings = impatient.settings.model_copy(update={
            "smtp": SmtpSettings(host=server.host, port=server.port, security=Security.NONE)})
        desk = Desk(replace(impatient, settings=settings, transport=transport_for(settings)))
        item = desk.come_in(mail("На ул. Роза има дупка, моля оправете я. Мария Петкова"))
        desk.send()
        desk.send()
        assert [letter.status for letter in desk.item(item.id).letters] == [OutgoingStatus.SENT]
        assert len(server.received) == 1


def test_a_process_that_has_the_number_of_a_dead_one_is_not_taken_for_it() -> None:
    """Its start tells them apart; one that is gone is dead, and what bears our own name is a predecessor's."""
    host, pid, start = this_process().split("/")
    sleeper = subprocess.Popen(["sleep", "60"])
    assert may_live(f"{host}/{sleeper.pid}"), "as written before this version"
    assert not may_live(f"{host}/{sleeper.pid}/{start}1")
    assert may_live(f"another-machine/{sleeper.pid}/{start}1")
    sleeper.kill()
    sleeper.wait()
    assert not may_live(f"{host}/{sleeper.pid}")
    assert int(pid) == os.getpid() and may_live(this_process()) and not may_live(f"{host}/{pid}/1")


def test_what_a_process_held_that_died_beside_us_is_taken_over(
        desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """While we go on, and not only at our next start."""
    monkeypatch.setattr(inline, "TAKE_OVER_SECONDS", 0.1)
    store, lost = desk.office.store, f"{this_process().split('/')[0]}/{os.getpid()}/1"
    engine = inline.InlineEngine(desk.office)
    engine.start(letters=False)
    try:
        with store.transaction() as register:
            item_id = register.items.add(channel=Channel.EMAIL, received_at=CAME, heavy=False)
            register.items.hold(item_id, lost, desk.office.now() + timedelta(hours=8))
        wait_until(lambda: not _is_held(store, lost), 30, pause=0.05)
    finally:
        engine.stop()


def _is_held(store: Store, owner: str) -> bool:
    with store.reading() as register:
        return owner in register.items.claim_owners()


def test_a_clock_that_was_set_back_makes_no_letter_wait_for_it(desk: Desk, mail: Callable[..., EmailMessage]) -> None:
    """Put off while the clock was a day ahead, it is tried in its own time all the same."""
    item = desk.come_in(mail("На ул. Роза има дупка, моля оправете я. Мария Петкова"))
    letter, = item.letters
    ahead, store = desk.office.now() + timedelta(days=1), desk.office.store
    watch = ClockWatch(ahead)
    with store.transaction() as register:
        register.outbox.postpone(letter.id, ahead + timedelta(seconds=2), "451 later")
        register.items.postpone(item.id, ahead + timedelta(seconds=2), "database")
    now = desk.office.now()
    back = watch.set_back_by(now)
    assert timedelta(hours=23) < back < timedelta(hours=25)
    assert not watch.set_back_by(now)
    with store.transaction() as register:
        put_forward(register, now, back)
        assert register.outbox.claim("here/1/1", now + timedelta(seconds=5), timedelta(minutes=5)) == [letter.id]
    waiting = desk.item(item.id)
    assert waiting.letters[0].next_attempt_at and waiting.letters[0].next_attempt_at < now + timedelta(minutes=1)
