"""IMAP mailboxes against a real Dovecot."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from mailroom.config import LimitSettings, MailboxSettings, Security, Settle
from mailroom.errors import Misconfigured, TryAgain
from mailroom.model.arrival import Channel, Incoming
from mailroom.sources import imap
from mailroom.sources.imap import ImapMailbox
from mailroom.sources.source import SourceState
from tests.servers.authority import Authority
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.wire import Wire
from tests.sources.office import Desk, eventually, watching

Mailbox = Callable[..., ImapMailbox]


def letter(number: int, size: int = 0) -> bytes:
    """A message, distinct by its number."""
    return (
        f"From: ivan{number}@example.bg\r\nTo: center@example.bg\r\nSubject: letter {number}\r\n"
        f"Message-ID: <{number}@example.bg>\r\n\r\nText {number}\r\n" + ("x" * 70 + "\r\n") * (size // 72)
    ).encode()


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """A mailbox that no other test has."""
    return re.sub(r"\W+", "-", request.node.name) + "@example.bg"


@pytest.fixture
def desk() -> Desk:
    """Where the letters go."""
    return Desk()


@pytest.fixture
def mailbox(dovecot: Dovecot, user: str, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """Makes a source; further settings by keyword."""
    monkeypatch.setenv("MAILROOM_SECRET_CENTER", PASSWORD)

    def make(*, limits: LimitSettings | None = None, dry_run: bool = False, **settings: Any) -> ImapMailbox:
        values = {
            "name": user, "user": user, "host": "127.0.0.1", "port": dovecot.tls_port, "ca_file": dovecot.ca_file,
            "password_secret": "center", "timeout_seconds": 5,
        }
        return ImapMailbox(MailboxSettings.model_validate(values | settings), desk.callbacks,
                           limits=limits or LimitSettings(), dry_run=dry_run)

    return make


def uids(dovecot: Dovecot, user: str, folder: str = "INBOX") -> list[int]:
    """What lies in a folder."""
    return sorted(dovecot.flags(user, folder))


def test_a_message_is_handed_over_complete_with_the_servers_date(
    dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox
) -> None:
    """`received_at` is the INTERNALDATE, with its time zone; content is every octet; the key names all three parts."""
    received_at = datetime(2026, 11, 20, 9, 11, 58, tzinfo=timezone(timedelta(hours=2)))
    content = letter(1).replace(b"\r\n\r\n", b"\r\nDate: Mon, 1 Jan 2001 00:00:00 +0000\r\nX: \xcc\xee\xeb\xff\r\n\r\n")
    uid = dovecot.deliver(user, content, internaldate=received_at)
    assert mailbox().look_once() == 1
    (incoming,) = desk.taken
    with dovecot.mailbox(user, None) as client:
        validity = client.select_folder("INBOX", readonly=True)[b"UIDVALIDITY"]
    assert incoming.content == content
    assert incoming.received_at == received_at
    assert incoming.received_at.tzinfo is not None
    assert incoming.key == f"INBOX/{validity}/{uid}"
    assert incoming.channel is Channel.EMAIL
    assert incoming.fault is None


def test_mail_to_a_scanner_is_paper(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """A mailbox to which a scanner mails its scans brings paper letters."""
    dovecot.deliver(user, letter(1))
    mailbox(scanner=True).look_once()
    assert desk.taken[0].channel is Channel.PAPER


def test_delivery_is_seen_by_idle(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """With a poll that is never due, IDLE alone brings new mail, one after the other."""
    with watching(mailbox(poll_seconds=500, idle_seconds=500), desk):
        for number in range(1, 4):
            dovecot.deliver(user, letter(number))
            desk.wait(lambda number=number: len(desk.taken) == number)  # type: ignore[misc]
    assert desk.contents == [letter(1), letter(2), letter(3)]
    assert desk.troubles == []


def test_a_burst_is_taken_whole_and_once(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """Mail that comes while other mail is being taken is neither missed nor taken twice."""
    with watching(mailbox(poll_seconds=500, idle_seconds=500), desk):
        for number in range(30):
            dovecot.deliver(user, letter(number))
        desk.wait(lambda: len(desk.taken) >= 30)
    assert sorted(desk.contents) == sorted(letter(number) for number in range(30))


def test_reading_leaves_no_trace(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """\\Seen and every other flag stay as the colleagues set them, and the folder is opened for reading only."""
    dovecot.deliver(user, letter(1))
    with dovecot.mailbox(user) as client:
        client.set_flags([1], [b"\\Flagged"])
    mailbox().look_once()
    assert len(desk.taken) == 1
    assert dovecot.flags(user)[1] == (b"\\Flagged", )


def test_what_a_colleague_has_read_is_taken_all_the_same(
    dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox
) -> None:
    """State never hangs on \\Seen: not on mail that was there before, not on mail that comes."""
    dovecot.deliver(user, letter(1))
    with dovecot.mailbox(user) as client:
        client.add_flags([1], [b"\\Seen", b"\\Answered", b"\\Deleted"])
        with watching(mailbox(), desk):
            client.append("INBOX", letter(2), flags=[b"\\Seen"])
            desk.wait(lambda: len(desk.taken) == 2)


def test_known_messages_are_not_fetched_again(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """A second look, and a second start, bring only what is new."""
    dovecot.deliver(user, letter(1))
    source = mailbox()
    assert source.look_once() == 1
    dovecot.deliver(user, letter(2))
    assert source.look_once() == 1
    assert mailbox().look_once() == 0
    assert desk.contents == [letter(1), letter(2)]


def test_a_new_uidvalidity_means_that_everything_is_taken_again(
    dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox
) -> None:
    """The mailbox was made anew: every message has a new key, none is passed over as known."""
    for number in (1, 2):
        dovecot.deliver(user, letter(number))
    source = mailbox()
    source.look_once()
    dovecot.bump_uidvalidity(user)
    assert source.look_once() == 2
    assert desk.contents == [letter(1), letter(2)] * 2
    assert len({incoming.key for incoming in desk.taken}) == 4
    assert source.list_keys() == {incoming.key for incoming in desk.taken[2:]}


def test_a_new_uidvalidity_under_a_running_watch(
    dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox
) -> None:
    """The connection is made anew, and everything is taken under its new key."""
    dovecot.deliver(user, letter(1))
    with watching(mailbox(poll_seconds=0.2), desk):
        desk.wait(lambda: len(desk.taken) == 1)
        dovecot.bump_uidvalidity(user)
        dovecot.deliver(user, letter(2))
        desk.wait(lambda: desk.contents == [letter(1), letter(1), letter(2)])


def test_a_very_large_folder_is_searched_in_parts(
    dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No answer is longer than the library can read; gaps between the UIDs do no harm."""
    monkeypatch.setattr(imap, "_UIDS_AT_ONCE", 2)
    for number in range(7):
        dovecot.deliver(user, letter(number))
    with dovecot.mailbox(user) as client:
        client.delete_messages([3, 4])
        client.expunge()
    source = mailbox()
    assert source.look_once() == 5
    assert [key.rpartition("/")[2] for key in sorted(source.list_keys())] == ["1", "2", "5", "6", "7"]


def test_a_nested_folder_with_a_bulgarian_name(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """Folder names travel in modified UTF-7, and `/` stands for the server's own delimiter."""
    dovecot.deliver(user, letter(1), folder="Поща.Жалби & сигнали")
    source = mailbox(folder="Поща/Жалби & сигнали", settle=Settle.MOVE, settle_folder="Поща/Заведени/2026")
    assert source.look_once() == 1
    assert desk.taken[0].key.startswith("Поща/Жалби & сигнали/")
    assert uids(dovecot, user, "Поща.Жалби & сигнали") == []
    assert uids(dovecot, user, "Поща.Заведени.2026") == [1]


def test_a_message_is_moved_only_after_it_was_taken(
    dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox
) -> None:
    """While the register takes it, the message lies where it was; afterwards it is in the other folder, unseen."""
    dovecot.deliver(user, letter(1))
    lay_there: list[list[int]] = []
    desk.before_take = lambda incoming: lay_there.append(uids(dovecot, user))
    mailbox(settle=Settle.MOVE).look_once()
    assert lay_there == [[1]]
    assert uids(dovecot, user) == []
    assert b"\\Seen" not in dovecot.flags(user, "Registered")[1]


def test_a_refusing_register_leaves_the_message_untouched(
    dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox
) -> None:
    """TryAgain: nothing is moved, the sentence is reported, and the letter is taken later, whole, however often."""
    dovecot.deliver(user, letter(1))
    desk.refusals = 1
    with pytest.raises(TryAgain, match="Дискът е пълен"):
        mailbox(settle=Settle.MOVE).look_once()
    assert uids(dovecot, user) == [1]
    desk.refusals = 3
    with watching(mailbox(settle=Settle.MOVE, poll_seconds=0.1), desk):
        desk.wait(lambda: len(desk.taken) == 1)
        eventually(lambda: uids(dovecot, user) == [])
    assert desk.troubles == ["Дискът е пълен."] * 3
    assert desk.taken[0].fault is None


def test_a_crash_between_taking_and_moving_is_made_good(
    dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox
) -> None:
    """A known message that still lies in the folder is moved on the next look, and not taken again."""
    dovecot.deliver(user, letter(1))
    mailbox(settle=Settle.LEAVE).look_once()
    assert uids(dovecot, user) == [1]
    assert mailbox(settle=Settle.MOVE).look_once() == 0
    assert uids(dovecot, user) == []
    assert uids(dovecot, user, "Registered") == [1]
    assert len(desk.taken) == 1


def test_a_dry_run_moves_nothing(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """Whatever is configured."""
    dovecot.deliver(user, letter(1))
    assert mailbox(settle=Settle.MOVE, dry_run=True).look_once() == 1
    assert uids(dovecot, user) == [1]


def test_a_server_without_idle_is_polled(authority: Authority, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """New mail is found all the same."""
    with Dovecot(authority, capability="IMAP4rev1") as server, \
            watching(mailbox(port=server.tls_port, poll_seconds=0.2), desk):
        server.deliver(user, letter(1))
        desk.wait(lambda: len(desk.taken) == 1)


def test_a_server_that_can_neither_move_nor_expunge_one_message(
    authority: Authority, user: str, desk: Desk, mailbox: Mailbox
) -> None:
    """The message is left where it is, with its flags, rather than expunged together with others."""
    with Dovecot(authority, capability="IMAP4rev1 IDLE") as server:
        server.deliver(user, letter(1))
        source = mailbox(port=server.tls_port, settle=Settle.MOVE)
        assert source.look_once() == 1
        assert source.look_once() == 0
        assert b"\\Deleted" not in server.flags(user)[1]


def test_a_server_without_move_never_expunges_for_others(
    authority: Authority, user: str, desk: Desk, mailbox: Mailbox
) -> None:
    """What a colleague has marked as deleted stays until the colleague expunges it."""
    with Dovecot(authority, capability="IMAP4rev1 UIDPLUS") as server:
        server.deliver(user, letter(1))
        source = mailbox(port=server.tls_port, settle=Settle.MOVE)
        deleted_by_a_colleague: list[int] = []

        def colleague(incoming: Incoming) -> None:
            if not deleted_by_a_colleague:
                deleted_by_a_colleague.append(server.deliver(user, letter(2)))
                with server.mailbox(user) as client:
                    client.add_flags(deleted_by_a_colleague, [b"\\Deleted"])

        desk.before_take = colleague
        source.look_once()
        assert uids(server, user) == deleted_by_a_colleague
        assert desk.contents == [letter(1)]


def test_the_watch_outlives_a_restart_of_the_server(
    authority: Authority, user: str, desk: Desk, mailbox: Mailbox
) -> None:
    """Gone: reported with a sentence. Back: connected, and what came in between is taken once."""
    with Dovecot(authority) as server:
        server.deliver(user, letter(1))
        with watching(mailbox(port=server.tls_port, poll_seconds=500), desk):
            desk.wait(lambda: len(desk.taken) == 1)
            server.stop()
            desk.wait(lambda: not desk.states[-1].connected)
            server.start()
            server.deliver(user, letter(2))
            desk.wait(lambda: len(desk.taken) == 2)
            desk.wait(lambda: desk.states[-1].connected and not desk.states[-1].trouble)
    assert desk.contents == [letter(1), letter(2)]
    assert any("Опитваме отново" in trouble or "Свързваме се отново" in trouble for trouble in desk.troubles)


def test_a_line_cut_in_the_middle_of_a_message(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """Half a message is never taken; it is fetched again on the next connection."""
    dovecot.deliver(user, letter(1, size=300_000))
    with Wire(dovecot.plain_port) as wire:
        wire.cut_after(100_000)
        with watching(mailbox(port=wire.port, security=Security.NONE), desk):
            desk.wait(lambda: len(desk.taken) == 1)
        assert wire.connections == 2
    assert desk.contents == [letter(1, size=300_000)]


def test_a_line_that_goes_silent_is_noticed(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """A firewall that drops the connection without a word: the poll finds out, and a new connection is made."""
    with Wire(dovecot.plain_port) as wire:
        source = mailbox(port=wire.port, security=Security.NONE, poll_seconds=0.5, timeout_seconds=1)
        with watching(source, desk):
            wire.swallow(True)
            desk.wait(lambda: not desk.states[-1].connected)
            wire.swallow(False)
            dovecot.deliver(user, letter(1))
            desk.wait(lambda: len(desk.taken) == 1)


def test_a_poison_message_stops_nobody(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """Fetching it ends the connection each time: the others are taken, and it becomes an item for a person."""
    dovecot.deliver(user, letter(1, size=300_000))
    dovecot.deliver(user, letter(2))
    with Wire(dovecot.plain_port) as wire:
        wire.cut_after(290_000, times=3)
        source = mailbox(port=wire.port, security=Security.NONE, limits=LimitSettings(attempts=2), settle=Settle.MOVE)
        with watching(source, desk):
            desk.wait(lambda: len(desk.taken) == 2)
    healthy, poison = desk.taken
    assert healthy.content == letter(2)
    assert poison.fault is not None
    assert "не може да бъде изтеглено" in poison.fault
    assert poison.content == letter(1, size=300_000)[:1 << 18]
    assert uids(dovecot, user) == [1]


def test_a_message_that_the_server_cannot_read(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """Every attempt fails: the other message is taken, and a note in the place of this one is an item for a person."""
    for number in (1, 2):
        dovecot.deliver(user, letter(number))
    dovecot.make_unreadable(user, letter(1))
    with watching(mailbox(limits=LimitSettings(attempts=1), poll_seconds=0.1), desk):
        desk.wait(lambda: len(desk.taken) == 2)
    healthy, unreadable = desk.taken
    assert healthy.content == letter(2)
    assert unreadable.fault is not None
    assert unreadable.key.encode() in unreadable.content
    assert desk.troubles


def test_the_last_message_of_a_quiet_day_cannot_be_read(
    dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox
) -> None:
    """Nothing comes after it that would prove the server well; the one before it does."""
    source = mailbox(limits=LimitSettings(attempts=1), poll_seconds=0.1)
    dovecot.deliver(user, letter(1))
    source.look_once()
    dovecot.deliver(user, letter(2))
    dovecot.make_unreadable(user, letter(2))
    with watching(source, desk):
        desk.wait(lambda: len(desk.taken) == 2)
    assert desk.taken[1].fault is not None


def test_a_server_that_refuses_every_message_is_unwell(
    dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox
) -> None:
    """No message is given up for a trouble of the server: when it is well again, all come whole."""
    for number in (1, 2):
        dovecot.deliver(user, letter(number))
        dovecot.make_unreadable(user, letter(number))
    with watching(mailbox(limits=LimitSettings(attempts=1), poll_seconds=0.1), desk):
        desk.wait(lambda: len(desk.troubles) >= 4)
        assert desk.taken == []
        dovecot.make_readable(user)
        desk.wait(lambda: len(desk.taken) == 2)
    assert sorted(desk.contents) == [letter(1), letter(2)]


def test_a_message_that_is_too_large(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """Its beginning is taken with a sentence, at once and once; it stays on the server where others are moved."""
    dovecot.deliver(user, letter(1, size=1_500_000))
    dovecot.deliver(user, letter(2))
    for _ in range(2):
        mailbox(settle=Settle.MOVE, limits=LimitSettings(message_megabytes=1)).look_once()
    small, large = desk.taken
    assert large.content == letter(1, size=1_500_000)[:1 << 18]
    assert large.fault is not None
    assert "1 МБ" in large.fault
    assert small.fault is None
    assert uids(dovecot, user) == [1]


def test_a_message_deleted_under_our_hands(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """A colleague deletes a message while another is being taken: no failure, no trouble."""
    for number in (1, 2):
        dovecot.deliver(user, letter(number))

    def colleague(incoming: Incoming) -> None:
        with dovecot.mailbox(user) as client:
            client.delete_messages([2])
            client.expunge()

    desk.before_take = colleague
    source = mailbox(settle=Settle.MOVE)
    source.look_once()
    assert desk.contents[0] == letter(1)
    assert source.look_once() == 0
    assert uids(dovecot, user) == []


def test_a_wrong_password_is_said_plainly(
    dovecot: Dovecot, desk: Desk, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence says what to mend, and never the password."""
    monkeypatch.setenv("MAILROOM_SECRET_CENTER", "грешна")
    with pytest.raises(TryAgain, match="не приема потребителя и паролата") as caught:
        mailbox().look_once()
    assert "грешна" not in str(caught.value)


def test_a_certificate_that_is_not_trusted(dovecot: Dovecot, mailbox: Mailbox) -> None:
    """Verification is on: without our authority there is no connection, and the sentence names ca_file."""
    with pytest.raises(TryAgain, match="ca_file"):
        mailbox(ca_file=None).look_once()


def test_starttls(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """On the plain port, made secure before the password goes out."""
    dovecot.deliver(user, letter(1))
    assert mailbox(port=dovecot.plain_port, security=Security.STARTTLS).look_once() == 1
    with pytest.raises(TryAgain, match="ca_file"):
        mailbox(port=dovecot.plain_port, security=Security.STARTTLS, ca_file=None).look_once()


def test_a_missing_secret_or_authority_is_misconfigured(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Found before any work."""
    with pytest.raises(Misconfigured, match="ca_file"):
        mailbox(ca_file=tmp_path / "none.pem")
    monkeypatch.delenv("MAILROOM_SECRET_CENTER")
    with pytest.raises(Misconfigured, match="MAILROOM_SECRET_CENTER"):
        mailbox()


def test_a_folder_that_does_not_exist(mailbox: Mailbox) -> None:
    """The server's words are in the sentence."""
    with pytest.raises(TryAgain, match="отказа"):
        mailbox(folder="Няма").look_once()


def test_a_state_tells_when_it_looked(dovecot: Dovecot, user: str, desk: Desk, mailbox: Mailbox) -> None:
    """After a good look: connected, no trouble, a time."""
    mailbox().look_once()
    state: SourceState = desk.states[-1]
    assert state.name == user
    assert state.connected
    assert state.trouble == ""
    assert state.looked_at is not None
