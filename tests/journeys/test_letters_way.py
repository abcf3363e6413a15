"""The way of one letter, with every part real: what comes in is registered, answered and never lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest

from mailroom import desk as actions
from mailroom.engine.attempt import attempt_copy, attempt_item
from mailroom.errors import BadRequest, Conflict
from mailroom.model.arrival import Channel
from mailroom.model.entry import SuperiorDecision
from mailroom.model.findings import Kind, NonCorrespondence
from mailroom.model.item import DecisionState, Status
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.staff import Staff
from mailroom.model.verdict import Outcome
from tests.journeys.conftest import AUTHSERV, Desk
from tests.journeys.town import scanned_page
from tests.servers.smtp import Fault, SmtpServer

Mail = Callable[..., EmailMessage]

SIGNAL = """Здравейте,

на ул. „Роза“ пред № 5 има голяма дупка в асфалта. Сигнализирам за трети път, моля да вземете мерки.

Мария Петкова
гр. Примерово, ул. „Роза“ № 7
тел. 0888 000 417
"""


def test_a_signal_gets_number_terms_officer_and_an_acknowledgement(desk: Desk, mail: Mail,
                                                                   smtp_server: SmtpServer) -> None:
    item = desk.come_in(mail(SIGNAL))
    assert item.status is Status.REGISTERED and item.entry is not None
    assert item.findings is not None and item.findings.kind.value is Kind.SIGNAL
    assert item.entry.due.statute is not None and item.entry.due.statute.date == date(2027, 1, 20)
    assert item.entry.assigned_to.department
    desk.send()
    received = smtp_server.wait_for(1)[0]
    assert received.recipients == ("m.petkova@example.com",)
    assert received.message["Auto-Submitted"] == "auto-replied"
    assert received.message["In-Reply-To"] == "<letter-1@example.com>"
    assert received.message["Message-ID"] == item.letters[0].message_id
    assert item.entry.registration_number in received.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert desk.item(item.id).letters[0].status is OutgoingStatus.SENT


def test_the_same_message_in_two_mailboxes_is_one_item(desk: Desk, mail: Mail) -> None:
    first = desk.come_in(mail(SIGNAL, Received="from a by b; Fri, 20 Nov 2026 10:12:00 +0200"))
    again = desk.come_in(mail(SIGNAL, Received="from a by c; Fri, 20 Nov 2026 10:12:09 +0200"),
                         source="mayor@primerovo.example.bg")
    assert again.id == first.id and len(again.arrivals) == 2 and len(again.letters) == 1


def test_an_equal_message_id_does_not_bury_another_letter(desk: Desk, mail: Mail) -> None:
    first = desk.come_in(mail(SIGNAL))
    other = desk.come_in(mail("Искам да попитам до кога работи касата? Иван Стоянов"))
    assert other.id != first.id and other.entry is not None


def test_an_anonymous_letter_is_numbered_comes_before_a_person_and_is_acknowledged(
        desk: Desk, mail: Mail, smtp_server: SmtpServer) -> None:
    item = desk.come_in(mail("Съседите хвърлят боклук през балкона. Не желая да посоча името си, страх ме е.",
                             From="stranger77@example.com"))
    assert item.findings is not None and item.findings.anonymous.value
    assert item.status is Status.IN_REVIEW and item.entry is not None
    assert item.decision is not None and item.decision.state is DecisionState.PROPOSED
    desk.send()
    assert smtp_server.wait_for(1)[0].recipients == ("stranger77@example.com",)


def test_a_danger_is_urgent_even_when_nobody_signs(desk: Desk, mail: Mail) -> None:
    item = desk.come_in(mail("На тротоара пред училището има отворена шахта без капак, ще падне дете!",
                             From="x@example.com", Subject="СПЕШНО"))
    assert item.verdict is not None and item.verdict.urgent
    assert item.verdict.outcome is Outcome.CONSIDER


@pytest.mark.parametrize(("text", "fields", "kind"), [
    ("В отпуск съм до 1 декември.", {"Auto_Submitted": "auto-replied", "Subject": "Автоматичен отговор"},
     NonCorrespondence.AUTO_REPLY),
    ("Новини за бизнеса", {"List_Unsubscribe": "<https://example.com/u>", "List_Id": "<news.example.com>",
                           "Subject": "Бюлетин"}, NonCorrespondence.NEWSLETTER),
])
def test_a_machines_mail_gets_no_number_and_no_letter(desk: Desk, mail: Mail, text: str, fields: dict[str, str],
                                                      kind: NonCorrespondence) -> None:
    item = desk.come_in(mail(text, **fields))
    assert item.noncorrespondence_type is kind
    assert item.status is Status.NOT_CORRESPONDENCE and item.entry is None and not item.letters


def test_a_person_can_say_that_it_is_a_letter_after_all(desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(mail("Новини за бизнеса", List_Id="<news.example.com>", List_Unsubscribe="<https://example.com/u>",
                             Precedence="bulk", Subject="Бюлетин"))
    assert item.status is Status.NOT_CORRESPONDENCE
    actions.reclassify(desk.office, clerk, item.id, item.version)
    attempt_item(desk.office, item.id)
    after = desk.item(item.id)
    assert after.entry is not None and after.received_at == item.received_at
    actions.correct(desk.office, clerk, item.id, after.version, {"kind": "signal"})
    due = desk.item(item.id).entry.due.statute  # type: ignore[union-attr]
    assert due is not None and due.date == date(2027, 1, 20), "counted from the day on which it came"
    assert [letter.status for letter in after.letters] == [OutgoingStatus.HELD], "a list is not answered by itself"


def test_a_forged_senders_acknowledgement_is_held_until_a_person_releases_it(
        desk: Desk, mail: Mail, clerk: Staff, smtp_server: SmtpServer) -> None:
    forged = f"{AUTHSERV}; dmarc=fail header.from=example.com; spf=fail; dkim=fail"
    item = desk.come_in(mail(SIGNAL, Authentication_Results=forged))
    desk.send()
    letter = desk.item(item.id).letters[0]
    assert letter.status is OutgoingStatus.HELD and letter.hold_reason
    assert not smtp_server.received
    actions.release(desk.office, clerk, letter.id)
    desk.send()
    assert smtp_server.wait_for(1)[0].recipients == ("m.petkova@example.com",)


def test_above_the_cap_letters_are_held_not_dropped(desk: Desk, mail: Mail) -> None:
    cap = desk.office.settings.outgoing.per_sender_per_day
    items = [desk.come_in(mail(SIGNAL + f"Случай {number}.", Message_ID=f"<{number}@example.com>"))
             for number in range(cap + 1)]
    statuses = [item.letters[0].status for item in items]
    assert statuses == [OutgoingStatus.QUEUED] * cap + [OutgoingStatus.HELD]


def test_a_server_that_is_busy_gets_the_letter_later_and_once(desk: Desk, mail: Mail,
                                                             smtp_server: SmtpServer) -> None:
    item = desk.come_in(mail(SIGNAL))
    smtp_server.fail_next(Fault.GREYLIST)
    desk.send()
    letter = desk.item(item.id).letters[0]
    assert letter.status is OutgoingStatus.QUEUED and letter.attempts == 1 and letter.next_attempt_at is not None
    desk.send()
    assert len(smtp_server.wait_for(1)) == 1
    assert desk.item(item.id).letters[0].status is OutgoingStatus.SENT


def test_a_server_that_dies_after_the_text_leaves_the_letter_to_a_person(desk: Desk, mail: Mail,
                                                                        smtp_server: SmtpServer) -> None:
    item = desk.come_in(mail(SIGNAL))
    smtp_server.fail_next(Fault.CLOSE_BEFORE_REPLY)
    desk.send()
    letter = desk.item(item.id).letters[0]
    assert letter.status is OutgoingStatus.HELD and "сигурно" in letter.hold_reason


def test_a_bounce_finds_its_letter(desk: Desk, mail: Mail) -> None:
    item = desk.come_in(mail(SIGNAL))
    desk.send()
    ours = desk.item(item.id).letters[0].message_id
    desk.come_in(BOUNCE.format(message_id=ours).encode())
    assert desk.item(item.id).letters[0].status is OutgoingStatus.BOUNCED


def test_an_extension_is_written_approved_and_sent_and_holds_from_then(desk: Desk, mail: Mail, clerk: Staff,
                                                                      smtp_server: SmtpServer) -> None:
    item = desk.come_in(mail("Жалба: служителка на гише 3 ме обиди и отказа да ме обслужи.\n\nМария Петкова"))
    assert item.entry is not None and item.entry.due.date is not None
    before = item.entry.due.date
    that_week = replace(desk.office, now=lambda: datetime(2026, 11, 23, 8, tzinfo=UTC))
    outgoing_id = actions.extend(that_week, clerk, item.id, item.version, reason="Чакаме становище от ВиК.",
                                 action="", until=None, superior=SuperiorDecision(
                                     body="областният управител", number="5", on=date(2026, 11, 20)))
    assert desk.item(item.id).entry.due.date == before  # type: ignore[union-attr]
    actions.release(desk.office, clerk, outgoing_id)
    assert desk.item(item.id).entry.due.date > before  # type: ignore[union-attr,operator]
    desk.send()
    extension = next(received for received in smtp_server.wait_for(2) if "Auto-Submitted" not in received.message)
    text = extension.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Чакаме становище от ВиК" in text
    assert "Реши го областният управител с решение № 5 от 20 ноември 2026 г." in text


def test_a_scan_is_read_registered_and_answered_on_paper(desk: Desk) -> None:
    page = scanned_page("До кмета на Община Примерово\n\nСИГНАЛ\n\nМоля да отстраните боклука пред блока.\n\n"
                        "Иван Стоянов Колев\nгр. Примерово 9999, ул. Роза № 12")
    item = desk.come_in(page, channel=Channel.PAPER, file="scan.pdf")
    assert item.entry is not None and item.letter is not None
    assert "боклука" in item.letter.text and item.letter.ocr_confidence is not None
    assert item.findings is not None and item.findings.sender_name is not None
    assert item.findings.sender_name.value == "Иван Стоянов Колев"
    assert [letter.channel for letter in item.letters] == ["print"]
    assert _searchable_copy(desk) == item.id and item.copy_sha256 is None
    attempt_copy(desk.office, item.id)
    copied = desk.item(item.id).copy_sha256
    assert copied and b"<pdfaid:part>2" in desk.office.store.originals.read(copied)
    assert _searchable_copy(desk) is None, "made once"


def _searchable_copy(desk: Desk) -> int | None:
    with desk.office.store.reading() as register:
        return register.items.copy_due(desk.office.now())


def test_a_persons_correction_judges_anew_and_keeps_the_number(desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    actions.correct(desk.office, clerk, item.id, item.version, {"kind": "request", "address.number": "9"})
    after = desk.item(item.id)
    assert after.entry is not None and item.entry is not None
    assert after.entry.registration_number == item.entry.registration_number
    assert after.findings is not None and after.findings.kind.value is Kind.REQUEST
    assert after.entry.due.date == date(2026, 12, 4)
    with pytest.raises(Conflict):
        actions.correct(desk.office, clerk, item.id, item.version, {"kind": "signal"})


def test_a_return_address_that_a_person_types_brings_the_acknowledgement(desk: Desk, clerk: Staff) -> None:
    page = scanned_page("СИГНАЛ\n\nМоля да отстраните боклука пред блока.\n\nИван Стоянов Колев")
    item = desk.come_in(page, channel=Channel.PAPER, file="scan.pdf")
    assert item.entry is not None and not item.letters
    actions.correct(desk.office, clerk, item.id, item.version, {
        "address.settlement": "Примерово", "address.street": "ул. Роза", "address.number": "12"})
    assert [letter.channel for letter in desk.item(item.id).letters] == ["print"]


def test_a_letter_that_proves_to_be_a_whistleblowers_is_sealed_and_its_letter_stopped(
        desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    actions.correct(desk.office, clerk, item.id, item.version, {"kind": "corruption_report",
                                                                "matter": "whistleblower"})
    after = desk.item(item.id)
    assert after.sealed and after.letters[0].status is OutgoingStatus.CANCELLED
    assert after.entry is not None
    assert after.entry.assigned_to.officer_id == desk.office.pack.confidential_officer


def test_an_override_needs_a_reason_and_is_kept_with_its_person(desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    with pytest.raises(BadRequest, match="причина"):
        actions.override(desk.office, clerk, item.id, item.version, Outcome.NO_REPLY, " ")
    item = desk.item(item.id)
    actions.override(desk.office, clerk, item.id, item.version, Outcome.CONSIDER, "Писмото е за нас.")
    decision = desk.item(item.id).decision
    assert decision is not None and (decision.by, decision.state) == ("m.koleva", DecisionState.CONFIRMED)


@pytest.mark.parametrize("text", [
    "Аз работя в общината и началникът ми взема подкуп от фирмите по поръчките.\n\nИван Стоянов",
    "Подавам сигнал по Закона за защита на лицата, подаващи сигнали: горивото на снегорините се източва и продава.\n\n"
    "Иван Стоянов",
    "Сигнал: при изпълнение на работата ми научих, че протоколите за асфалта се подписват без да е мерено.\n\n"
    "Иван Стоянов",
])
def test_a_whistleblowers_report_is_sealed_and_gets_no_common_letter(desk: Desk, mail: Mail, text: str) -> None:
    item = desk.come_in(mail(text))
    assert item.sealed and not item.letters


BOUNCE = """\
From: MAILER-DAEMON@mx.example.com
To: center@primerovo.example.bg
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Return-Path: <>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; m.petkova@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
Subject: x

--b--
"""
