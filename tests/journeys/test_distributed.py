"""Several machines on one PostgreSQL register: watchers, workers that come and go, one that dies in the middle."""

import mailbox
import os
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from mailroom import journey
from mailroom.config import OcrSettings, Settings
from mailroom.engine.distributed import DistributedEngine, attach
from mailroom.errors import Misconfigured
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.item import Step
from mailroom.office import Office, open_office
from mailroom.verify import verify
from tests.journeys.town import citizen_mail, scanned_page, wait_until
from tests.servers.postgres import Postgres

COMMAND = Path(sys.executable).parent / "mailroom"
LEASE = timedelta(hours=1)
NOW = datetime(2026, 11, 20, 9, 12, 3, tzinfo=UTC)
PAGE = "До кмета на Община Примерово\n\nСИГНАЛ № {n}\n\nМоля да отстраните боклука пред блока.\n\n" \
       "Иван Стоянов Колев\nгр. Примерово, ул. Роза № {n}"
BEING_READ = """SELECT count(*) FROM item WHERE step = 'arrived' AND claimed_by IS NOT NULL"""
ON_ITS_WAY = "SELECT count(*) FROM outgoing WHERE channel = 'email' AND status IN ('queued', 'sending')"
CONFIGURATION = """charter = "primerovo"
database_url = "{url}"
[[maildirs]]
name = "center@example.bg"
path = "inbox"
poll_seconds = 0.2
settle = "move"
[[scan_folders]]
name = "scanner"
path = "scans"
stable_seconds = 0.3
poll_seconds = 0.5
[outgoing]
folder = "outbox"
breaker_per_hour = 5000
[ocr]
workers = 1
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


@pytest.fixture
def url(postgres: Postgres) -> str:
    """Of an empty database."""
    return postgres.url(f"t{uuid.uuid4().hex}")


@pytest.fixture
def register(url: str) -> Iterator[Engine]:
    """The same database, for questions."""
    engine = create_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def office(url: str, tmp_path: Path) -> Iterator[Office]:
    """An office whose transactions defer their jobs."""
    opened = open_office(Settings(charter="primerovo", data_dir=tmp_path, database_url=url,
                                  ocr=OcrSettings(workers=1)))
    attach(opened)
    yield opened
    opened.close()


def ask(register: Engine, question: str) -> int:
    with register.connect() as connection:
        return int(connection.execute(text(question)).scalar_one())


def letter(number: int) -> Incoming:
    return Incoming(source="center@example.bg", key=str(number), file=f"{number}.eml", received_at=NOW,
                    content=citizen_mail(number).as_bytes(), channel=Channel.EMAIL)


def test_a_job_is_there_if_and_only_if_what_it_is_for_was_committed(office: Office, register: Engine) -> None:
    """Deferred in our own transaction: a transaction that fails leaves neither letter nor job."""
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'item'"
    journey.receive(office, letter(1))
    assert ask(register, jobs) == 1
    with pytest.raises(ArithmeticError), office.store.transaction() as book:
        book.items.add(channel=Channel.EMAIL, received_at=NOW, heavy=False)
        raise ArithmeticError("after the item was written")
    assert (ask(register, jobs), ask(register, "SELECT count(*) FROM item")) == (1, 1)


def test_tables_of_another_version_of_procrastinate_are_made_anew_when_nobody_works(
        office: Office, register: Engine) -> None:
    """Jobs follow from the letters' states, so nothing is lost; but not from under a worker that runs."""
    with register.begin() as connection:
        connection.execute(text("COMMENT ON TABLE procrastinate_jobs IS 'of another version'"))
        connection.execute(text("SELECT procrastinate_register_worker_v1()"))
    with pytest.raises(Misconfigured, match="workers of another version"):
        attach(office)
    with register.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_workers"))
    attach(office)
    journey.receive(office, letter(1))
    assert ask(register, "SELECT count(*) FROM procrastinate_jobs") == 1


def test_two_machines_take_mails_together_and_never_the_same(office: Office) -> None:
    """What another is just taking is left to it, without waiting; a job that is tried again takes what it had."""
    first, *behind = [journey.receive(office, letter(number)) for number in range(4)]
    now = office.now()
    with office.store.transaction() as one:
        assert one.items.claim_this(first, "job-1", now, LEASE)
        assert one.items.claim_mails(first, "job-1", now, LEASE, 3) == [first, *behind[:2]]
        with office.store.transaction() as other:
            assert other.items.claim_mails(behind[0], "job-2", now, LEASE, 3) == []
            assert other.items.claim_this(behind[2], "job-2", now, LEASE)
    with office.store.transaction() as again:
        assert again.items.claim_mails(first, "job-1", now, LEASE, 9, again=True) == [first, *behind[:2]]
        assert again.items.claim_mails(first, "job-1", now, LEASE, 9) == [first]
        assert again.items.holder(behind[2]) == "job-2"


@pytest.mark.long
def test_mails_that_wait_are_registered_together_by_two_workers(office: Office, register: Engine, url: str,
                                                                tmp_path: Path) -> None:
    """One job takes along the mails behind its own, and their jobs are thrown away. Every number once, no gap."""
    letters = 50
    for number in range(letters):
        journey.receive(office, letter(number))
    jobs = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'item'"
    assert ask(register, jobs) == letters
    second = open_office(office.settings)
    engines = [DistributedEngine(office), DistributedEngine(second)]
    for engine in engines:
        engine.start(letters=False)
    try:
        wait_until(lambda: ask(register, "SELECT count(*) FROM entry") == letters, 120)
        wait_until(lambda: ask(register, jobs) == 0, 60)
    finally:
        for engine in engines:
            engine.stop()
        second.close()
    assert ask(register, "SELECT count(*) FROM history WHERE what = 'registered'") == letters
    assert ask(register, "SELECT count(*) FROM history WHERE what = 'step_failed'") == 0
    assert ask(register, "SELECT count(DISTINCT xmin::text) FROM entry") < letters / 2, "many in one transaction"
    with office.store.reading() as book:
        assert book.entries.faults() == [] and book.history.faults() == []


@pytest.mark.long
def test_what_has_lost_its_job_is_found_by_its_state(office: Office, register: Engine) -> None:
    """Jobs thrown away, and a claim of a job that is no more: the letter is registered all the same, once. What was on
    the wire when its worker ended waits for a person, and is not sent again."""
    item_id = journey.receive(office, letter(1))
    with register.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))
        connection.execute(text("UPDATE item SET claimed_by = 'job-999', claimed_until = '2100-01-01'"))
    engine = DistributedEngine(office)
    engine.start(letters=False)
    try:
        def settled() -> bool:
            item = office.store.item(item_id)
            return item is not None and item.step is Step.SETTLED

        wait_until(settled, 120)
        with register.begin() as connection:
            connection.execute(text("UPDATE outgoing SET status = 'sending', claimed_by = 'job-998'"))
        wait_until(lambda: ask(register, "SELECT count(*) FROM outgoing WHERE status = 'held'") == 1, 120)
    finally:
        engine.stop()
    assert ask(register, "SELECT count(*) FROM history WHERE what = 'registered'") == 1


class Machines:
    """One data directory on a shared folder, and processes that stand for machines."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self._running: list[subprocess.Popen[bytes]] = []
        self._logs: dict[int, Path] = {}
        mailbox.Maildir(folder / "inbox")
        (folder / "scans").mkdir()
        (folder / "mailroom.toml").write_text(CONFIGURATION.format(url=url), "utf-8")

    def start(self, part: str) -> subprocess.Popen[bytes]:
        """One more machine."""
        path = self.folder / f"{part}-{len(self._running)}.log"
        with path.open("wb") as log:
            process = subprocess.Popen([COMMAND, part], env={**os.environ, "MAILROOM_DATA": str(self.folder)},
                                       stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._running.append(process)
        self._logs[process.pid] = path
        return process

    def stop(self) -> None:
        """SIGTERM to all that are left; each ends what it is at. One that has not begun yet would just be gone."""
        for process in self._running:
            if process.poll() is None:
                wait_until(partial(self._has_begun, process), 60)
                process.send_signal(signal.SIGTERM)
        assert {process.wait(120) for process in self._running} <= {0, -signal.SIGKILL}

    def _has_begun(self, process: subprocess.Popen[bytes]) -> bool:
        return b'"started"' in self._logs[process.pid].read_bytes()

    def close(self) -> None:
        """End them however they are."""
        for process in self._running:
            process.kill()
            process.wait()


@pytest.fixture
def machines(tmp_path: Path, url: str) -> Iterator[Machines]:
    built = Machines(tmp_path, url)
    yield built
    built.close()


def quiet(register: Engine, letters: int) -> Callable[[], bool]:
    """All are registered, and nothing waits to leave."""
    def question() -> bool:
        return (ask(register, "SELECT count(*) FROM entry"), ask(register, ON_ITS_WAY)) == (letters, 0)
    return question


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_worker_that_dies_while_it_reads_a_scan_loses_and_doubles_nothing(
        machines: Machines, register: Engine, url: str) -> None:
    """Two workers and a watcher; one is killed while it reads, one comes, one goes in order, while letters flow."""
    machines.start("watch")
    doomed, leaving = machines.start("work"), machines.start("work")
    scans, mails = 10, 20
    for number in range(scans):
        (machines.folder / "scans" / f"{number}.pdf").write_bytes(scanned_page(PAGE.format(n=number)))
    for number in range(mails):
        mailbox.Maildir(machines.folder / "inbox").add(citizen_mail(number).as_bytes())
    wait_until(lambda: (machines.folder / "originals").exists() and ask(register, BEING_READ) >= 2, 120, pause=0.05)
    doomed.kill()
    machines.start("work")
    wait_until(lambda: ask(register, "SELECT count(*) FROM entry") >= mails, 240)
    leaving.send_signal(signal.SIGTERM)
    wait_until(quiet(register, scans + mails), 400, pause=1)
    machines.stop()
    assert leaving.returncode == 0
    office = open_office(Settings(charter="primerovo", data_dir=machines.folder, database_url=url))
    with office.store.reading() as book:
        items = [item for item in map(book.items.get, book.items.ids()) if item is not None]
    files = Counter(item.arrivals[0].file for item in items if item.channel is Channel.PAPER)
    assert files == {f"{number}.pdf": 1 for number in range(scans)}, "lost or twice"
    assert sorted(item.entry.sequence for item in items if item.entry) == list(range(1, scans + mails + 1))
    written = Counter(letter.item_id for item in items for letter in item.letters)
    assert set(written.values()) == {1} and len(written) == scans + mails, "acknowledgements"
    assert len(list((machines.folder / "outbox").glob("*.eml"))) == mails
    assert verify(office, patience=0).faults == ()
    office.close()
