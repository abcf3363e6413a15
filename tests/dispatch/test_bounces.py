"""What comes back: which letter, and whether the address is wrong or only busy."""

from pathlib import Path

import pytest

from mailroom.dispatch.bounces import Bounce, read_bounce
from mailroom.model.arrival import Channel
from mailroom.model.letter import DeliveryReport, Letter
from mailroom.reading.letter import read_letter
from mailroom.reading.options import ReadingOptions
from tests.correspondence.samples import letter, mail_head

RETURNED = Path(__file__).parent / "returned"
OURS = "<fixed.1@primerovo.example>"


def report(**values: str) -> Letter:
    return letter(report=DeliveryReport(original_message_id=OURS, recipient="petrova@citizen.example", **values))


def bounce_of(read: Letter) -> Bounce:
    bounce = read_bounce(read)
    assert bounce is not None
    return bounce


@pytest.mark.parametrize(("action", "status", "permanent"), [
    ("failed", "5.1.1", True), ("failed", "5.1.10", True), ("failed", "5.4.1", True), ("failed", "5.7.1", True),
    ("failed", "5.2.2", False), ("failed", "4.2.2", False), ("failed", "4.4.7", False), ("delayed", "4.4.1", False),
    ("Failed", "5.0.0", True),
])
def test_a_report_tells_letter_recipient_and_severity(action: str, status: str, permanent: bool) -> None:
    bounce = bounce_of(report(action=action, status=status))
    assert (bounce.message_id, bounce.recipient) == (OURS, "petrova@citizen.example")
    assert bounce.permanent is permanent
    assert bounce.status == status


def test_the_diagnostic_is_more_exact_than_a_general_status() -> None:
    bounce = bounce_of(report(action="failed", status="5.0.0", diagnostic="smtp; 552 5.2.2 Mailbox full"))
    assert bounce.status == "5.2.2"
    assert not bounce.permanent


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "displayed", "deleted"])
def test_good_news_is_no_bounce(action: str) -> None:
    assert read_bounce(report(action=action, status="2.0.0")) is None


EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered. This is a permanent error:

  petrova@citizen.example
    host mx.citizen.example [192.0.2.20]: 550 5.1.1 <petrova@citizen.example>... User unknown

------ This is a copy of the message, including all the headers. ------

Message-Id: <fixed.1@primerovo.example>
From: center@primerovo.example
"""
FULL = """Delivery to petrova@citizen.example failed: 452 Mailbox is full (10 MB)

> Message-ID: <fixed.1@primerovo.example>
"""


@pytest.mark.parametrize(("text", "status", "permanent"), [(EXIM, "5.1.1", True), (FULL, "452", False)])
def test_older_servers_say_it_in_words(text: str, status: str, permanent: bool) -> None:
    bounce = bounce_of(letter(text=text, head=mail_head(("x-failed-recipients", "petrova@citizen.example"))))
    assert (bounce.message_id, bounce.status, bounce.permanent) == (OURS, status, permanent)
    assert bounce.recipient == "petrova@citizen.example"


@pytest.mark.parametrize(("file", "message_id", "recipient", "status", "permanent"), [
    ("lhost-postfix-01", None, "kijitora@example.org", "5.1.1", True),
    ("lhost-exim-01", "<E1P1ce6-000Egt-GZ@e1.example.org>", "kijitora@example.ed.jp", "5.7.0", True),
    ("lhost-gmx-01", "<trinity-d174cb7e-d4a8-4dd5-8b53-7a9f70928e75-1417217529360@3capp-mailcom-lxa02>",
     "shironeko@example.jp", "5.2.2", False),
    ("lhost-gmail-01", "<D992C2C3-F175-4C4D-97E2-53A90E4E5BF5@gmail.com>", "userunknown@example.jp", "5.1.1", True),
])
def test_real_bounces_are_understood(
    file: str, message_id: str | None, recipient: str, status: str, permanent: bool
) -> None:
    content = (RETURNED / f"{file}.eml").read_bytes()
    bounce = bounce_of(read_letter(content, Channel.EMAIL, ReadingOptions()))
    assert (bounce.message_id, bounce.recipient, bounce.status) == (message_id, recipient, status)
    assert bounce.permanent is permanent


def test_a_mail_that_only_looks_like_a_bounce_is_none() -> None:
    content = (RETURNED / "is-not-bounce-01.eml").read_bytes()
    assert read_bounce(read_letter(content, Channel.EMAIL, ReadingOptions())) is None


def test_a_server_that_still_tries_has_not_given_up() -> None:
    bounce = bounce_of(report(action="delayed", status="4.4.1"))
    assert not bounce.given_up and "продължава да опитва" in bounce.explanation
    assert bounce_of(report(action="failed", status="4.4.7")).given_up


def test_a_full_mailbox_without_a_code_is_no_wrong_address() -> None:
    bounce = bounce_of(report(action="failed", status="5.0.0", diagnostic="smtp; 550 mailbox is full"))
    assert not bounce.permanent


def test_the_thread_names_the_letter_where_nothing_else_does() -> None:
    bounce = bounce_of(letter(text="550 5.1.1 no such user", head=mail_head(in_reply_to=(OURS,))))
    assert bounce.message_id == OURS


def test_the_bounces_own_id_is_not_ours() -> None:
    text = "550 5.1.1 no such user\nMessage-ID: <one@citizen.example>"
    assert bounce_of(letter(text=text)).message_id is None


def test_a_clerk_reads_what_happened_and_what_to_do() -> None:
    assert bounce_of(report(action="failed", status="5.1.1")).explanation == (
        "Писмото не беше доставено (5.1.1): адресът не съществува или е сгрешен. "
        "Поправете адреса или го изпратете по пощата.")


def test_a_letter_about_something_else_is_no_bounce() -> None:
    assert read_bounce(letter(text="На ул. Роза 550 има дупка, тел. 0888 555 450, 5 1 1.")) is None
