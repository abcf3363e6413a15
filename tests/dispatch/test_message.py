"""A letter as a message: the same for every attempt, marked as automatic, safe in every header."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from mailroom.dispatch.message import POLICY, build_message
from mailroom.errors import NeedsPerson
from mailroom.model.outgoing import LetterType, OutgoingChannel
from tests.correspondence.samples import FROM, NOW, outgoing


def built(**changes: Any) -> EmailMessage:
    """The message as the receiver parses it."""
    message = build_message(outgoing(**changes), from_name="Община Примерово", from_address=FROM, now=NOW)
    raw = message.as_bytes(policy=POLICY)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.isascii()
    received = message_from_bytes(raw, policy=default)
    assert isinstance(received, EmailMessage)
    return received


def test_it_is_one_message_in_two_shapes() -> None:
    message = built()
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    text = message.get_body(("plain",))
    assert text is not None and text.get_content().strip() == "Уважаема госпожо Петрова,"
    assert message["From"] == "Община Примерово <center@primerovo.example>"
    assert message["Subject"] == "Получихме Вашия сигнал, № 94-00-17/20.11.2026"
    assert message["Message-ID"] == "<fixed.1@primerovo.example>"
    assert message["In-Reply-To"] == message["References"] == "<one@citizen.example>"
    assert message["Date"].datetime == NOW


def test_an_automatic_answer_says_so() -> None:
    assert built()["Auto-Submitted"] == "auto-replied"
    assert built()["X-Auto-Response-Suppress"] == "All"
    assert built(type=LetterType.DIGEST)["Auto-Submitted"] == "auto-generated"
    assert built(auto_submitted=False)["Auto-Submitted"] is None


def test_long_message_ids_survive_folding() -> None:
    ids = tuple(f"<{'x' * 110}.{n}@mail.provider.example>" for n in range(10))
    message = built(in_reply_to=ids[-1], references=ids)
    assert message["In-Reply-To"].split() == [ids[-1]]
    assert message["References"].split() == list(ids)


def test_a_line_break_in_a_subject_starts_no_header() -> None:
    message = built(subject="Получихме\r\nBcc: all@x.example")
    assert message["Bcc"] is None
    assert message["Subject"] == "Получихме Bcc: all@x.example"


def test_a_domain_in_cyrillic_is_written_in_ascii() -> None:
    assert built(to="info@община.example")["To"] == "info@xn--80abvuc1e.example"


@pytest.mark.parametrize("to", [
    "", "няма", "кмет@община.example", "a b@x.example", "@x.example", "a@" + "y" * 80 + ".bg",
])
def test_an_address_that_cannot_be_written_to_needs_a_person(to: str) -> None:
    with pytest.raises(NeedsPerson, match="Адресът"):
        built(to=to)


def test_paper_is_not_mailed() -> None:
    with pytest.raises(ValueError, match="print run"):
        built(channel=OutgoingChannel.PRINT, to="Мария Петрова\nПримерово")
