"""A dry run beside real mailboxes: nothing is changed, nothing leaves, and it shows what would have been done."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from mailroom import service
from mailroom.cli.dry_run import _offices
from mailroom.config import MailboxSettings, OcrSettings, Settings, SmtpSettings, WebSettings
from mailroom.demo.mails import as_eml, samples
from mailroom.dry_run import (
    alone,
    days_of,
    discard,
    folder_of,
    go_live,
    known_in,
    real_register,
    take_staff_along,
)
from mailroom.errors import BadRequest, Misconfigured
from mailroom.intake.door import take_in
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.staff import Role, Staff
from mailroom.office import Office
from mailroom.store.backup import REGISTER, copy_database
from mailroom.store.store import Store
from mailroom.web.app import staff_app
from mailroom.web.passwords import hash_password
from mailroom.web.serve import serving
from tests.cli.run import call
from tests.cli.test_service import free_port
from tests.servers.authority import Authority
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtp import SmtpServer
from tests.web.conftest import Browser

SOURCE = "delovodstvo@example.bg"
SECONDS = 60
WORDS = "парола от думи"
LETTERS = ("signal-containers", "newsletter-seminar")


@pytest.fixture(scope="module")
def dovecot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dovecot]:
    """A real IMAP server."""
    with Dovecot(Authority(tmp_path_factory.mktemp("authority"))) as server:
        yield server


def sample(name: str) -> bytes:
    """One of the demo's letters."""
    return as_eml(next(mail for mail in samples().mail if mail.name == name), datetime(2026, 11, 18, 9, 30, tzinfo=UTC))


def wait_until(true: Callable[[], Any], what: str) -> None:
    """Come back when it is; fail when it takes too long."""
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, f"not within {SECONDS} seconds: {what}"
        time.sleep(0.05)


def as_it_stands(dovecot: Dovecot) -> tuple[Any, ...]:
    """Everything of the mailbox that a program could change; RECENT is lost to whoever first says SELECT."""
    with dovecot.mailbox(SOURCE, None) as client:
        status = client.folder_status("INBOX", ["MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN"])
        folders = sorted(name for _, _, name in client.list_folders())
        client.select_folder("INBOX", readonly=True)
        kept = client.fetch(client.search("ALL"), ["FLAGS", "INTERNALDATE", "RFC822.SIZE"])
    return status, folders, {uid: (facts[b"INTERNALDATE"], facts[b"RFC822.SIZE"], {
        flag for flag in facts[b"FLAGS"] if flag != b"\\Recent"}) for uid, facts in kept.items()}


@contextmanager
def at_work(settings: Settings) -> Iterator[Store]:
    """The whole service as a dry run; its register."""
    stop = threading.Event()
    with alone(settings) as folder, _offices(settings, folder) as (office, real):
        take_staff_along(real, office.store)
        thread = threading.Thread(target=service.run, args=(office,), daemon=True, kwargs={
            "public": False, "stop": stop, "known": known_in(office.store, real)})
        thread.start()
        try:
            yield office.store
        finally:
            stop.set()
            thread.join()


@pytest.mark.long
def test_a_dry_run_beside_a_real_mailbox(
    dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flags, UIDs, \\Recent and folders stay though letters are to be moved; nothing is sent; the page says it all."""
    monkeypatch.setenv("MAILROOM_SECRET_BOX", PASSWORD)
    with SmtpServer() as server:
        box = MailboxSettings.model_validate({
            "name": SOURCE, "user": SOURCE, "host": "127.0.0.1", "port": dovecot.tls_port, "settle": "move",
            "ca_file": dovecot.ca_file, "password_secret": "box", "poll_seconds": 0.3})
        smtp = SmtpSettings.model_validate({"host": server.host, "port": server.port, "security": "none"})
        settings = Settings(charter="primerovo", data_dir=tmp_path, mailboxes=(box,), smtp=smtp,
                            ocr=OcrSettings(workers=1), web=WebSettings(port=free_port(), secure_cookies=False))
        real = Store(settings.url, settings.originals_dir)
        real.migrate()
        with real.transaction() as register:
            register.people.add(Staff(login="admin", name="Георги Илиев", role=Role.ADMIN), hash_password(WORDS))
        real.close()
        before_register = (tmp_path / "register.db").read_bytes()
        for name in LETTERS:
            dovecot.deliver(SOURCE, sample(name))
        before = as_it_stands(dovecot)
        assert before[0][b"RECENT"] == 2
        with at_work(settings) as store:
            wait_until(lambda: [one.unfinished for one in days_of(store)] == [0] and days_of(store)[0].came == 2,
                       "both letters")
            one, = days_of(store)
            with Browser(base_url=f"http://127.0.0.1:{settings.web.port}", timeout=60) as client:
                login = client.get("/login").text
                assert "Пробен режим." in login
                client.post("/login", data={"login": "admin", "password": WORDS,
                                            "token": client.token("/login", "token"), "next": ""})
                page = client.get("/dry-run").text
                assert "Щяха да получат номер" in page and "бюлетин" in page and "Райкова" not in page
                assert "Пробен режим." in client.get("/health").text
            with pytest.raises(BadRequest, match="at work here"), alone(settings):
                pass
        assert (one.came, one.registered, one.answered, one.filtered) == (2, 1, 1, {"newsletter": 1})
        assert as_it_stands(dovecot) == before
        assert server.received == []
        assert (tmp_path / "register.db").read_bytes() == before_register
    again = known_in(Store(f"sqlite:///{folder_of(settings) / 'register.db'}", tmp_path))
    assert len(again(SOURCE, [f"INBOX/{before[0][b'UIDVALIDITY']}/{uid}" for uid in before[2]])) == 2


def test_without_a_dry_run_no_page_speaks_of_one(office: Office) -> None:
    """Neither a banner nor the page."""
    for dry_run in (False, True):
        with serving(staff_app(replace(office, dry_run=dry_run))) as port:
            assert ("Пробен режим" in httpx.get(f"http://127.0.0.1:{port}/login").text) is dry_run


# ---- its end --------------------------------------------------------------------------------------------------------


@pytest.fixture
def tried(tmp_path: Path, ruled: Office) -> Settings:
    """A town whose dry run has one letter; the real register has none."""
    settings = Settings(charter="primerovo", data_dir=tmp_path)
    folder_of(settings).mkdir()
    for folder in (settings.data_dir, folder_of(settings)):
        copy_database(ruled.settings.data_dir / REGISTER, folder / REGISTER)
    register(folder_of(settings), letters=1)
    return settings


def register(folder: Path, *, letters: int) -> None:
    """A register with so many letters more."""
    store = Store(f"sqlite:///{folder / 'register.db'}", folder / "originals")
    for number in range(letters):
        at = datetime(2026, 11, 18, 9, tzinfo=UTC)
        take_in(store, Incoming(source=SOURCE, key=str(number), file="letter.eml", content=f"letter {number}".encode(),
                                received_at=at, channel=Channel.EMAIL), at)
    store.close()


def test_what_is_thrown_away_leaves_no_trace(tried: Settings) -> None:
    """But the real register, as it was."""
    before = (tried.data_dir / "register.db").read_bytes()
    discard(tried)
    assert not folder_of(tried).exists()
    assert (tried.data_dir / "register.db").read_bytes() == before
    with pytest.raises(BadRequest, match="there is no dry run"):
        discard(tried)


def test_going_live_makes_the_trial_register_the_real_one(tried: Settings) -> None:
    """With its originals and a line of history; what was the register before is kept."""
    kept = go_live(tried)
    assert kept.exists() and not folder_of(tried).exists()
    real = real_register(tried)
    assert real is not None
    with real.reading() as register:
        digest, = register.arrivals.digests()
        assert register.items.ids() and [line.what for line in register.history.lines_after(0)][-1] == "went_live"
    assert real.originals.is_whole(digest)
    real.close()


def test_two_series_of_numbers_cannot_be_one(tried: Settings) -> None:
    """A register with letters stays what it is; so does one on a server."""
    register(tried.data_dir, letters=1)
    with pytest.raises(BadRequest, match="two series of numbers"):
        go_live(tried)
    with pytest.raises(Misconfigured, match="discard it"):
        go_live(tried.model_copy(update={"database_url": "postgresql+psycopg://nowhere/town"}))
    assert folder_of(tried).exists()


def test_the_command_line_tells_of_it_and_ends_it(tried: Settings) -> None:
    """`dry-run report` and `dry-run discard`."""
    (tried.data_dir / "mailroom.toml").write_text('charter = "primerovo"\n', "utf-8")
    told = call("dry-run", "report", "--letters", data=tried.data_dir)
    assert told.status == 0 and "2026-11-18 came 1: registered 0" in told.out and "not through 1" in told.out
    assert call("dry-run", "report", "--since", "2026-11-19", "--json", data=tried.data_dir).json()["days"] == []
    assert call("dry-run", "discard", data=tried.data_dir).status == 0
    assert call("dry-run", "go-live", data=tried.data_dir).status == 1
