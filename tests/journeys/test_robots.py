"""No loop with another robot ever passes one message: two offices and naive responders are let loose on each other.

Everything is real: each office runs as a service on its IMAP mailbox, and the SMTP server delivers into the others'.
"""

import contextlib
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from mailroom import service
from mailroom.config import MailboxSettings, OcrSettings, OutgoingSettings, Security, Settings, SmtpSettings
from mailroom.dispatch.transport import transport_for
from mailroom.engine.inline import InlineEngine
from mailroom.model.outgoing import OutgoingStatus
from mailroom.office import Learned, Office
from mailroom.store.store import Store
from tests.journeys.town import citizen_mail, wait_until
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.post import Post, sender_of

ALFA, BETA = "center@alfa.example.bg", "center@beta.example.bg"
QUIET_SECONDS = 4.0
"""A robot that answers does so within one."""


@dataclass
class Robot:
    """Answers everything that comes, marks nothing, and says it a little differently each time."""

    address: str
    answer: Callable[[EmailMessage, int], EmailMessage]
    seen: set[int] = field(default_factory=set)

    def run(self, dovecot: Dovecot, post: Post, stop: threading.Event) -> None:
        """Until told to stop."""
        while not stop.wait(0.2):
            with dovecot.mailbox(self.address) as mailbox:
                fresh = set(mailbox.search()) - self.seen
                for uid in fresh:
                    octets = mailbox.fetch([uid], ["BODY.PEEK[]"])[uid][b"BODY[]"]
                    self._reply(message_from_bytes(octets, policy=SMTP), post)
            self.seen |= fresh

    def _reply(self, message: EmailMessage, post: Post) -> None:
        reply = self.answer(message, len(self.seen))
        reply["From"], reply["To"] = self.address, sender_of(message)
        reply["Message-ID"] = f"<{time.monotonic_ns()}@robot.example.com>"
        with smtplib.SMTP(post.host, post.port) as client:
            client.send_message(reply)


def written(text: str, subject: str, **fields: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def thanks(message: EmailMessage, turn: int) -> EmailMessage:
    """No word of a machine, no thread."""
    return written(f"Добър ден,\n\nблагодарим за писмото. Поздрави от екипа! {turn}", f"Re: {message['Subject']}")


def ticket(message: EmailMessage, turn: int) -> EmailMessage:
    """Another subject and another number each time."""
    return written(f"Здравейте, Вашето писмо е при нас под номер {turn + 4711}. Колегите ще го видят.",
                   f"[#{turn + 4711}] Вашето писмо")


def echo(message: EmailMessage, turn: int) -> EmailMessage:
    """Sends back what it was sent, as its own words."""
    body = message.get_body(("plain",))
    return written(f"{turn}\n" + (body.get_content() if body else ""), f"Отг: {message['Subject']}")


def clerkish(message: EmailMessage, turn: int) -> EmailMessage:
    """Sounds like a citizen who wants something."""
    return written(f"Моля да ми изпратите копие от скицата на имот {turn} и да отстраните дупката пред него.",
                   f"Re: {message['Subject']}", In_Reply_To=str(message["Message-ID"]))


ROBOTS = (thanks, ticket, echo, clerkish)


@contextlib.contextmanager
def running(address: str, folder: Path, furnished: Office, dovecot: Dovecot, post: Post) -> Iterator[Office]:
    """A real office of its own on this mailbox."""
    mailbox = MailboxSettings(name=address, user=address, host=dovecot.host, port=dovecot.tls_port,
                              ca_file=dovecot.ca_file, password_secret="imap", poll_seconds=0.5)
    settings = Settings(
        charter="primerovo", data_dir=folder, mailboxes=(mailbox,), ocr=OcrSettings(workers=1),
        smtp=SmtpSettings(host=post.host, port=post.port, security=Security.NONE),
        outgoing=OutgoingSettings(from_address=address, plus_addresses=True))
    folder.mkdir()
    store = Store(settings.url, settings.originals_dir)
    store.migrate()
    office = replace(furnished, settings=settings, store=store, learned=Learned(), transport=transport_for(settings))
    stop, engine = threading.Event(), InlineEngine(office)
    watchers = [threading.Thread(target=source.run, args=(stop,)) for source in service.sources_of(office)]
    engine.start()
    for watcher in watchers:
        watcher.start()
    try:
        yield office
    finally:
        stop.set()
        for watcher in watchers:
            watcher.join(30)
        engine.stop()
        store.close()


@contextlib.contextmanager
def let_loose(robots: list[Robot], dovecot: Dovecot, post: Post) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=robot.run, args=(dovecot, post, stop)) for robot in robots]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)


def settled(offices: list[Office], post: Post, letters: int) -> bool:
    """Whether everything was said: so many letters at least, no item at work, no letter under way, and silence."""
    for office in offices:
        with office.store.reading() as register:
            if register.items.unfinished() or register.outbox.with_status(
                    OutgoingStatus.QUEUED, OutgoingStatus.SENDING):
                return False
    return len(post.received) >= letters and time.monotonic() - post.last > QUIET_SECONDS


@pytest.mark.parametrize("drops_marks", [
    pytest.param(False, id="marks arrive"),
    pytest.param(True, id="a gateway drops them", marks=pytest.mark.long),
])
def test_nobody_is_answered_twice(tmp_path: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch, drops_marks: bool,
                                  _furnished: Office) -> None:
    monkeypatch.setenv("MAILROOM_SECRET_IMAP", PASSWORD)
    name = f"{time.monotonic_ns()}"
    alfa, beta = (address.replace("center", f"center{name}") for address in (ALFA, BETA))
    robots = [Robot(f"{answer.__name__}{name}@example.com", answer) for answer in ROBOTS]
    with Post(dovecot, drops_marks=drops_marks) as post, \
            running(alfa, tmp_path / "alfa", _furnished, dovecot, post) as first, \
            running(beta, tmp_path / "beta", _furnished, dovecot, post) as second, let_loose(robots, dovecot, post):
        for number, sender in enumerate([beta, *(robot.address for robot in robots)]):
            letter = citizen_mail(number)
            letter.replace_header("From", sender)
            letter.replace_header("Message-ID", f"<{number}.{name}@example.com>")
            dovecot.deliver(alfa, letter.as_bytes())
        wait_until(lambda: settled([first, second], post, len(robots) * 2 + 1), 90)
        counted = post.counted()
    assert {to: counted[alfa, to] for to in (beta, *(robot.address for robot in robots))} == dict.fromkeys(
        (beta, *(robot.address for robot in robots)), 1)
    assert counted[beta, alfa] <= drops_marks, "where nothing tells a machine's mail, one letter at most"
    assert all(counted[robot.address, alfa] == 1 for robot in robots)
