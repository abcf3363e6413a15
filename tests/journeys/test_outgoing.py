"""What becomes of a letter after it was written: taken back in time, late, returned, sent again, printed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailroom import desk as actions
from mailroom import printing, redirect
from mailroom.config import OutgoingSettings
from mailroom.dispatch.return_path import return_path
from mailroom.engine.attempt import attempt_letter
from mailroom.errors import BadRequest
from mailroom.model.item import Item, Status
from mailroom.model.outgoing import LetterType, News, Outgoing, OutgoingChannel, OutgoingStatus
from mailroom.model.staff import Staff
from mailroom.office import Office
from mailroom.store.keys import RETURN_PATH
from mailroom.store.store import Store
from tests.journeys.conftest import AUTHSERV, CAME, Desk
from tests.servers.smtp import Fault, SmtpServer

Mail = Callable[..., EmailMessage]
SIGNAL = """Здравейте,

на ул. „Роза“ пред № 5 има голяма дупка в асфалта. Сигнализирам за трети път, моля да вземете мерки.

Мария Петкова
гр. Примерово, ул. „Роза“ № 7
"""


@dataclass
class Clock:
    """The office's clock, which a test moves."""

    at: datetime = CAME

    def __call__(self) -> datetime:
        """Now."""
        return self.at

    def wait(self, **time: float) -> None:
        """Let so much time pass."""
        self.at += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    """A Friday morning."""
    return Clock()


@pytest.fixture
def later(office: Office, clock: Clock) -> Desk:
    """An office as it comes, with half a minute to think better of it and signed return paths."""
    outgoing = OutgoingSettings(trusted_authserv_id=AUTHSERV, plus_addresses=True)
    return Desk(replace(office, settings=office.settings.model_copy(update={"outgoing": outgoing}), now=clock))


def held(desk: Desk, mail: Mail) -> tuple[Item, Outgoing]:
    """A letter that a person has to let go, because its sender may be forged."""
    item = desk.come_in(mail(SIGNAL, Authentication_Results=f"{AUTHSERV}; dmarc=fail header.from=example.com"))
    return item, item.letters[0]


def now_of(desk: Desk, item: Item) -> Outgoing:
    return desk.item(item.id).letters[0]


def take_and_try(office: Office, item: Item) -> bool:
    """What the engine does: take what is ready and hand it over; whether there was anything."""
    with office.store.transaction() as register:
        ready = register.outbox.claim("here/1", office.now(), timedelta(minutes=5))
    for outgoing_id in ready:
        attempt_letter(office, outgoing_id)
    return bool(ready)


# ---- half a minute ---------------------------------------------------------------------------------------------------


def test_a_letter_that_a_person_lets_go_waits_half_a_minute_and_then_leaves(
        later: Desk, mail: Mail, clerk: Staff, clock: Clock, smtp_server: SmtpServer) -> None:
    item, letter = held(later, mail)
    actions.release(later.office, clerk, letter.id)
    assert now_of(later, item).may_be_taken_back
    clock.wait(seconds=29)
    assert not take_and_try(later.office, item)
    attempt_letter(later.office, letter.id)
    assert not smtp_server.received, "not earlier, whoever asks"
    clock.wait(seconds=1)
    assert take_and_try(later.office, item)
    assert smtp_server.wait_for(1)[0].recipients == ("m.petkova@example.com",)
    with pytest.raises(BadRequest, match="тръгна"):
        actions.take_back(later.office, clerk, letter.id)


def test_a_letter_that_is_taken_back_waits_as_before_also_after_a_restart(
        later: Desk, mail: Mail, clerk: Staff, clock: Clock, smtp_server: SmtpServer) -> None:
    item, letter = held(later, mail)
    actions.release(later.office, clerk, letter.id)
    store = Store(later.office.settings.url, later.office.settings.originals_dir)
    restarted = Desk(replace(later.office, store=store))
    actions.take_back(restarted.office, clerk, letter.id)
    clock.wait(minutes=5)
    assert not take_and_try(restarted.office, item) and not smtp_server.received
    after = now_of(restarted, item)
    assert (after.status, after.hold_reason) == (OutgoingStatus.HELD, letter.hold_reason)
    store.close()


def test_acknowledgements_leave_at_once(later: Desk, mail: Mail, smtp_server: SmtpServer) -> None:
    item = later.come_in(mail(SIGNAL))
    assert not item.letters[0].may_be_taken_back
    assert take_and_try(later.office, item) and len(smtp_server.wait_for(1)) == 1


def test_an_extension_that_is_taken_back_gives_the_old_date_back(later: Desk, mail: Mail, clerk: Staff,
                                                                 clock: Clock) -> None:
    item = later.come_in(mail("Жалба: служителка на гише 3 ме обиди и отказа да ме обслужи.\n\nМария Петкова"))
    assert item.entry is not None
    clock.wait(days=3)
    outgoing_id = actions.extend(later.office, clerk, item.id, item.version, reason="Чакаме становище.", action="",
                                 until=None, superior=None)
    actions.release(later.office, clerk, outgoing_id)
    assert later.item(item.id).entry.due.date > item.entry.due.date  # type: ignore[union-attr,operator]
    actions.take_back(later.office, clerk, outgoing_id)
    after = later.item(item.id)
    assert after.entry is not None and after.entry.due.date == item.entry.due.date
    assert after.letters[-1].status is OutgoingStatus.DRAFT
    actions.release(later.office, clerk, outgoing_id)
    assert later.item(item.id).entry.due.date > item.entry.due.date  # type: ignore[union-attr,operator]


@pytest.mark.parametrize("stop", [actions.take_back, actions.cancel])
def test_a_forwarding_that_does_not_leave_leaves_the_letter_with_us(
        later: Desk, mail: Mail, clerk: Staff, stop: Callable[[Office, Staff, int], None]) -> None:
    item = later.come_in(mail(SIGNAL))
    outgoing_id = actions.write(later.office, clerk, item.id, item.version, LetterType.FORWARDING,
                                {"body": "ВиК ООД", "body_address": "Примерово"})
    actions.release(later.office, clerk, outgoing_id)
    assert later.item(item.id).status is Status.FORWARDED
    stop(later.office, clerk, outgoing_id)
    assert later.item(item.id).status is Status.REGISTERED


def test_a_letter_that_was_stopped_while_the_server_was_asked_stays_stopped(
        later: Desk, mail: Mail, clerk: Staff, clock: Clock, smtp_server: SmtpServer) -> None:
    item, letter = held(later, mail)
    actions.release(later.office, clerk, letter.id)
    clock.wait(minutes=1)
    with later.office.store.transaction() as register:
        assert register.outbox.claim("here/1", clock(), timedelta(minutes=5)) == [letter.id]
    actions.take_back(later.office, clerk, letter.id)
    with later.office.store.transaction() as register:
        register.outbox.postpone(letter.id, clock(), "451 later")
    assert now_of(later, item).status is OutgoingStatus.HELD


# ---- back-off --------------------------------------------------------------------------------------------------------


def test_a_server_that_refuses_for_now_is_asked_again_with_growing_pauses(
        later: Desk, mail: Mail, clock: Clock, smtp_server: SmtpServer) -> None:
    item = later.come_in(mail(SIGNAL))
    smtp_server.fail_next(Fault.TEMPORARY_FAILURE, times=3)
    pauses = []
    for _ in range(3):
        assert take_and_try(later.office, item)
        letter = now_of(later, item)
        assert letter.status is OutgoingStatus.QUEUED and "452" in letter.trouble and letter.next_attempt_at
        assert not take_and_try(later.office, item), "not before its time"
        pauses.append(letter.next_attempt_at - clock())
        clock.at = letter.next_attempt_at
    assert pauses == sorted(set(pauses))
    assert take_and_try(later.office, item) and now_of(later, item).status is OutgoingStatus.SENT


# ---- what comes back -------------------------------------------------------------------------------------------------


def report(to: str, *, action: str = "failed", status: str = "5.1.1", message_id: str = "") -> bytes:
    """A report of RFC 3464; no two are equal."""
    returned = f"Message-ID: {message_id}\n" if message_id else ""
    return f"""\
From: MAILER-DAEMON@mx.example.com
To: {to}
Subject: Delivery Status Notification
Auto-Submitted: auto-replied
Return-Path: <>
Message-ID: <{action}.{status}.{next(NUMBERS)}@mx.example.com>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; m.petkova@example.com
Action: {action}
Status: {status}

--b
Content-Type: text/rfc822-headers

{returned}Subject: x

--b--
""".encode()


NUMBERS = iter(range(1, 1000))


def sent(desk: Desk, mail: Mail, smtp_server: SmtpServer) -> tuple[Item, str]:
    """A letter that has left, and the address to which it would come back."""
    item = desk.come_in(mail(SIGNAL))
    assert take_and_try(desk.office, item)
    return item, smtp_server.wait_for(1)[-1].sender


def test_a_bounce_finds_its_letter_by_the_signed_return_path_alone(later: Desk, mail: Mail,
                                                                  smtp_server: SmtpServer) -> None:
    item, back = sent(later, mail, smtp_server)
    local, _, domain = later.office.from_address.partition("@")
    assert back.startswith(f"{local}+r") and back.endswith(f"@{domain}")
    bounce = later.come_in(report(back))
    letter = now_of(later, item)
    assert letter.status is OutgoingStatus.BOUNCED
    assert [(news.what, news.told_by) for news in letter.news] == [(News.HARD, bounce.id)]


@pytest.mark.parametrize("forge", [
    lambda back: back.replace("+r1.", "+r2."),
    lambda back: back[:-25] + ("a" if back[-25] != "a" else "b") + back[-24:],
], ids=["another letter", "another signature"])
def test_a_forged_signature_is_not_believed_whatever_message_it_names(
        later: Desk, mail: Mail, smtp_server: SmtpServer, forge: Callable[[str], str]) -> None:
    item, back = sent(later, mail, smtp_server)
    forged = forge(back)
    assert forged != back
    bounce = later.come_in(report(forged, message_id=now_of(later, item).message_id))
    letter = now_of(later, item)
    assert letter.status is OutgoingStatus.SENT and not letter.news
    with later.office.store.reading() as register:
        assert "return_not_believed" in [line.what for line in register.history.of(bounce.id)]


def test_another_towns_key_signs_nothing_here(later: Desk, mail: Mail, smtp_server: SmtpServer) -> None:
    item, _ = sent(later, mail, smtp_server)
    later.come_in(report(return_path(later.office.from_address, now_of(later, item).id, "another key")))
    assert now_of(later, item).status is OutgoingStatus.SENT


def test_without_plus_addresses_the_message_id_finds_the_letter(desk: Desk, mail: Mail,
                                                               smtp_server: SmtpServer) -> None:
    item, back = sent(desk, mail, smtp_server)
    assert back == desk.office.from_address
    desk.come_in(report(back, message_id=now_of(desk, item).message_id))
    assert now_of(desk, item).status is OutgoingStatus.BOUNCED


def test_a_full_mailbox_gets_the_letter_again_later_and_at_last_a_person_does(
        later: Desk, mail: Mail, clock: Clock, smtp_server: SmtpServer) -> None:
    item, back = sent(later, mail, smtp_server)
    pauses = []
    for _ in range(3):
        later.come_in(report(back, status="5.2.2"))
        letter = now_of(later, item)
        assert letter.status is OutgoingStatus.QUEUED and letter.next_attempt_at is not None
        assert letter.news[-1].what is News.SOFT
        pauses.append(letter.next_attempt_at - clock())
        clock.at = letter.next_attempt_at
        assert take_and_try(later.office, item)
    assert pauses == sorted(set(pauses)) and len(smtp_server.wait_for(4)) == 4
    assert len({received.message["Message-ID"] for received in smtp_server.received}) == 1, "the same message"
    later.come_in(report(back, status="5.2.2"))
    assert now_of(later, item).status is OutgoingStatus.BOUNCED


def test_a_report_of_delay_is_noted_and_changes_nothing(later: Desk, mail: Mail, smtp_server: SmtpServer) -> None:
    item, back = sent(later, mail, smtp_server)
    later.come_in(report(back, action="delayed", status="4.4.1"))
    letter = now_of(later, item)
    assert letter.status is OutgoingStatus.SENT and [news.what for news in letter.news] == [News.DELAYED]


def test_out_of_office_is_noted_with_the_letter_and_answers_nothing(later: Desk, mail: Mail,
                                                                    smtp_server: SmtpServer) -> None:
    item, _ = sent(later, mail, smtp_server)
    away = later.come_in(mail("В отпуск съм до 1 декември.", Auto_Submitted="auto-replied", Message_ID="<away@x>",
                              Subject="Автоматичен отговор", In_Reply_To=now_of(later, item).message_id))
    assert away.status is Status.NOT_CORRESPONDENCE and not away.letters
    after = later.item(item.id)
    assert after.status is Status.REGISTERED
    assert [(news.what, news.told_by) for news in after.letters[0].news] == [(News.ABSENT, away.id)]


def test_what_comes_back_from_a_whistleblower_is_sealed(later: Desk, mail: Mail, clerk: Staff, clock: Clock,
                                                        smtp_server: SmtpServer) -> None:
    item = later.come_in(mail("Аз работя в общината и началникът ми взема подкуп от фирмите по поръчките.\n\n"
                              "Иван Стоянов"))
    assert item.sealed
    receipt = actions.write(later.office, clerk, item.id, item.version, LetterType.WHISTLEBLOWER_RECEIPT, {"uin": "7"})
    actions.release(later.office, clerk, receipt)
    clock.wait(seconds=31)
    while take_and_try(later.office, item):
        pass
    back = next(one.sender for one in smtp_server.received if f"+r{receipt}." in one.sender)
    bounce = later.come_in(report(back))
    assert now_of(later, item).status is OutgoingStatus.BOUNCED and bounce.sealed


# ---- another way -----------------------------------------------------------------------------------------------------


def test_a_returned_letter_is_printed_for_the_envelope_in_one_step(later: Desk, mail: Mail, clerk: Staff,
                                                                  smtp_server: SmtpServer) -> None:
    item, back = sent(later, mail, smtp_server)
    later.come_in(report(back))
    redirect.to_paper(later.office, clerk, now_of(later, item).id)
    letter = now_of(later, item)
    assert (letter.status, letter.channel) == (OutgoingStatus.QUEUED, OutgoingChannel.PRINT)
    assert letter.to.startswith("Мария Петкова\n") and letter.to.endswith("Примерово")
    window = letter.page_html.split('<div class="address">')[1].split("</div>")[0]
    assert "Мария Петкова" in window and "№ 7" in window and "@" not in window
    assert "отговорете на това писмо" not in letter.page_html, "paper cannot be answered by a key"
    assert printing.prepare(later.office, clerk) == 1


def test_without_a_postal_address_the_clerk_is_told_what_to_do(later: Desk, mail: Mail, clerk: Staff,
                                                              smtp_server: SmtpServer) -> None:
    item = later.come_in(mail("На ул. „Роза“ има голяма дупка в асфалта. Моля да вземете мерки.\n\nМария Петкова"))
    assert take_and_try(later.office, item)
    later.come_in(report(smtp_server.wait_for(1)[-1].sender))
    with pytest.raises(BadRequest, match="пощенски адрес"):
        redirect.to_paper(later.office, clerk, now_of(later, item).id)
    fresh = later.item(item.id)
    actions.correct(later.office, clerk, item.id, fresh.version, {
        "address.settlement": "Примерово", "address.street": "ул. Роза", "address.number": "12"})
    redirect.to_paper(later.office, clerk, now_of(later, item).id)
    assert "ул. Роза" in now_of(later, item).page_html.split('<div class="address">')[1].split("</div>")[0]


def test_a_returned_letter_goes_to_the_mended_address_as_a_new_message(
        later: Desk, mail: Mail, clerk: Staff, clock: Clock, smtp_server: SmtpServer) -> None:
    item, back = sent(later, mail, smtp_server)
    later.come_in(report(back))
    letter = now_of(later, item)
    with pytest.raises(BadRequest, match="същият"):
        redirect.to_mended_address(later.office, clerk, letter.id)
    fresh = later.item(item.id)
    actions.correct(later.office, clerk, item.id, fresh.version, {"email": "maria.petkova@example.com"})
    redirect.to_mended_address(later.office, clerk, letter.id)
    clock.wait(seconds=31)
    assert take_and_try(later.office, item)
    again = smtp_server.wait_for(2)[-1]
    assert again.recipients == ("maria.petkova@example.com",)
    assert again.message["Message-ID"] != letter.message_id


def test_the_key_of_a_register_is_its_own(office: Office, tmp_path: Path) -> None:
    other = Store(f"sqlite:///{tmp_path / 'other.db'}", tmp_path)
    other.migrate()
    with other.reading() as theirs, office.store.reading() as ours:
        assert theirs.keys.get(RETURN_PATH) != ours.keys.get(RETURN_PATH)
    other.close()
