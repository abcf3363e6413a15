"""Maildirs that a server on this machine delivers into."""

import mailbox
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mailroom.config import LimitSettings, MaildirSettings, Settle
from mailroom.errors import TryAgain
from mailroom.model.arrival import Channel
from mailroom.sources.maildir import Maildir
from tests.sources.office import Desk, eventually, watching

LETTER = b"From: ivan@example.bg\nSubject: x\n\nText\n"


@pytest.fixture
def desk() -> Desk:
    """Where the letters go."""
    return Desk()


@pytest.fixture
def server(tmp_path: Path) -> mailbox.Maildir:
    """What a delivery agent and a mail program see."""
    return mailbox.Maildir(tmp_path / "Maildir")


@pytest.fixture
def maildir(tmp_path: Path, server: mailbox.Maildir, desk: Desk) -> Callable[..., Maildir]:
    """Makes a source; further settings by keyword."""
    def make(*, limits: LimitSettings | None = None, dry_run: bool = False, **settings: Any) -> Maildir:
        values = {"name": "local", "path": tmp_path / "Maildir", "poll_seconds": 0.1} | settings
        return Maildir(MaildirSettings.model_validate(values), desk.callbacks, limits=limits or LimitSettings(),
                       dry_run=dry_run)

    return make


def test_a_delivery_is_taken(desk: Desk, server: mailbox.Maildir, maildir: Callable[..., Maildir]) -> None:
    """Within moments, as e-mail, with the time of delivery."""
    with watching(maildir(), desk):
        key = server.add(LETTER)
        desk.wait(lambda: len(desk.taken) == 1)
    (incoming,) = desk.taken
    assert incoming.key == key
    assert incoming.content == LETTER
    assert incoming.channel is Channel.EMAIL
    assert incoming.received_at.timestamp() == pytest.approx(server.get_message(key).get_date())


def test_a_mail_program_that_marks_mail_changes_nothing(
    desk: Desk, server: mailbox.Maildir, maildir: Callable[..., Maildir]
) -> None:
    """What was seen before is taken; what is seen, flagged and moved to cur/ afterwards is not taken again."""
    source = maildir()
    for already_seen in (True, False):
        message = mailbox.MaildirMessage(LETTER)
        if already_seen:
            message.set_subdir("cur")
            message.set_flags("ST")
        server.add(message)
    assert source.look_once() == 2
    for key, message in server.iteritems():
        message.set_subdir("cur")
        message.set_flags("FRS")
        server[key] = message
    assert source.look_once() == 0
    assert maildir().look_once() == 0


def test_settling_keeps_place_and_flags(
    desk: Desk, server: mailbox.Maildir, maildir: Callable[..., Maildir]
) -> None:
    """Taken messages go to the subfolder, still new where nobody has seen them; a crash in between is made good."""
    server.add(LETTER)
    maildir().look_once()
    message = mailbox.MaildirMessage(LETTER)
    message.set_subdir("cur")
    message.set_flags("S")
    server.add(message)
    assert maildir(settle=Settle.MOVE).look_once() == 1
    assert len(server) == 0
    settled = server.get_folder("Registered")
    assert sorted((message.get_subdir(), message.get_flags()) for message in settled) == [("cur", "S"), ("new", "")]


def test_nothing_is_moved_while_the_register_refuses_or_in_a_dry_run(
    desk: Desk, server: mailbox.Maildir, maildir: Callable[..., Maildir]
) -> None:
    """The message stays new."""
    server.add(LETTER)
    desk.refusals = 1
    with pytest.raises(TryAgain, match="Дискът"):
        maildir(settle=Settle.MOVE).look_once()
    assert maildir(settle=Settle.MOVE, dry_run=True).look_once() == 1
    assert [message.get_subdir() for message in server] == ["new"]


def test_a_message_that_is_too_large_stays(
    desk: Desk, server: mailbox.Maildir, maildir: Callable[..., Maildir]
) -> None:
    """Its beginning is taken with a sentence, once."""
    server.add(LETTER + b"x\n" * (1 << 20))
    source = maildir(settle=Settle.MOVE, limits=LimitSettings(message_megabytes=1))
    assert [source.look_once(), source.look_once()] == [1, 0]
    assert desk.taken[0].fault is not None
    assert len(server) == 1


def test_a_maildir_that_is_not_there_is_reported_and_waited_for(
    tmp_path: Path, desk: Desk, server: mailbox.Maildir, maildir: Callable[..., Maildir]
) -> None:
    """The sentence names it; it may come back at any time."""
    (tmp_path / "Maildir").rename(tmp_path / "away")
    with watching(maildir(), desk):
        assert "Maildir" in desk.states[0].trouble
        (tmp_path / "away").rename(tmp_path / "Maildir")
        server.add(LETTER)
        desk.wait(lambda: len(desk.taken) == 1)
        eventually(lambda: desk.states[-1].connected)
    assert maildir().list_keys() == {desk.taken[0].key}
