"""Letters over a real SMTP server, and every way in which one fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailroom.config import Security, SmtpSettings
from mailroom.dispatch.smtp import Smtp
from mailroom.errors import Misconfigured, NeedsPerson, TryAgain, Unsure
from mailroom.model.outgoing import Outgoing
from tests.correspondence.samples import FROM, outgoing
from tests.servers.authority import Authority
from tests.servers.smtp import Fault, SmtpServer


def smtp_for(server: SmtpServer, security: Security = Security.NONE, *, ca_file: Path | None = None,
             user: str = "", seconds: float = 10) -> Smtp:
    return Smtp(SmtpSettings(host="localhost" if ca_file else server.host, port=server.port, security=security,
                             ca_file=ca_file, user=user, password_secret="smtp" if user else "",
                             timeout_seconds=seconds))


def deliver(smtp: Smtp, letter: Outgoing | None = None) -> None:
    smtp.deliver(letter or outgoing(), "Община Примерово", FROM)


def test_a_letter_arrives_as_it_was_drafted(smtp_server: SmtpServer) -> None:
    begun: list[int] = []
    smtp_for(smtp_server).deliver(outgoing(), "Община Примерово", FROM, lambda: begun.append(1))
    assert begun == [1]
    (received,) = smtp_server.received
    assert received.sender == FROM
    assert received.recipients == ("petrova@citizen.example",)
    assert received.message["Message-ID"] == "<fixed.1@primerovo.example>"
    assert received.message["Auto-Submitted"] == "auto-replied"


@pytest.mark.parametrize("fault", [Fault.GREYLIST, Fault.SHUTTING_DOWN])
def test_what_may_pass_is_tried_again_and_then_arrives_once(smtp_server: SmtpServer, fault: Fault) -> None:
    smtp_server.fail_next(fault)
    begun: list[int] = []
    with pytest.raises(TryAgain, match=fault.value[:3]):
        smtp_for(smtp_server).deliver(outgoing(), "", FROM, lambda: begun.append(1))
    assert not begun
    deliver(smtp_for(smtp_server))
    assert len(smtp_server.received) == 1


def test_a_full_disk_over_there_is_tried_again(smtp_server: SmtpServer) -> None:
    smtp_server.fail_next(Fault.TEMPORARY_FAILURE)
    with pytest.raises(TryAgain, match="452"):
        deliver(smtp_for(smtp_server))


@pytest.mark.parametrize("fault", [Fault.REFUSE_SENDER, Fault.REFUSE_RECIPIENT, Fault.REFUSE_MESSAGE])
def test_a_refusal_needs_a_person_who_sees_the_servers_words(smtp_server: SmtpServer, fault: Fault) -> None:
    smtp_server.fail_next(fault)
    with pytest.raises(NeedsPerson, match=fault.value[:9]):
        deliver(smtp_for(smtp_server))
    assert smtp_server.received == []


@pytest.mark.parametrize(("fault", "arrived"), [(Fault.CLOSE_BEFORE_REPLY, 1), (Fault.CLOSE_BEFORE_ACCEPTING, 0),
                                                (Fault.SILENCE, 0), (Fault.GIBBERISH, 1)])
def test_silence_after_the_text_leaves_us_unsure(smtp_server: SmtpServer, fault: Fault, arrived: int) -> None:
    smtp_server.fail_next(fault)
    with pytest.raises(Unsure, match="прекъсна"):
        deliver(smtp_for(smtp_server, seconds=1))
    assert len(smtp_server.received) == arrived


def test_nothing_goes_over_the_wire_when_the_outbox_says_no(smtp_server: SmtpServer) -> None:
    def refuse() -> None:
        raise RuntimeError("no longer queued")

    with pytest.raises(RuntimeError):
        smtp_for(smtp_server).deliver(outgoing(), "", FROM, refuse)
    assert smtp_server.received == []
    assert smtp_server.attempts == 1


def test_letters_that_leave_together_go_over_one_connection(smtp_server: SmtpServer) -> None:
    with smtp_for(smtp_server).connection() as connection:
        for _ in range(3):
            connection.deliver(outgoing(), "", FROM)
    assert len(smtp_server.received) == 3 and smtp_server.connections == 1


def test_a_server_that_ends_the_connection_between_letters_is_greeted_anew(smtp_server: SmtpServer) -> None:
    with smtp_for(smtp_server).connection() as connection:
        connection.deliver(outgoing(), "", FROM)
        smtp_server.fail_next(Fault.SHUTTING_DOWN)
        connection.deliver(outgoing(), "", FROM)
    assert len(smtp_server.received) == 2 and smtp_server.connections == 2


@pytest.mark.parametrize("fault", [Fault.REFUSE_RECIPIENT, Fault.REFUSE_MESSAGE, Fault.CLOSE_BEFORE_ACCEPTING])
def test_a_letter_that_fails_takes_none_of_the_others_with_it(smtp_server: SmtpServer, fault: Fault) -> None:
    with smtp_for(smtp_server).connection() as connection:
        connection.deliver(outgoing(), "", FROM)
        smtp_server.fail_next(fault)
        with pytest.raises((NeedsPerson, Unsure)):
            connection.deliver(outgoing(), "", FROM)
        connection.deliver(outgoing(), "", FROM)
    assert len(smtp_server.received) == 2


def test_no_server_is_tried_again() -> None:
    with SmtpServer() as server:
        smtp = smtp_for(server)
    with pytest.raises(TryAgain, match="SMTP"):
        deliver(smtp)
    with pytest.raises(TryAgain, match="SMTP"):
        smtp.check()


def test_one_refused_of_many_is_told(smtp_server: SmtpServer) -> None:
    smtp_server.refused["b@x.example"] = "550 5.1.1 No such user"
    with pytest.raises(NeedsPerson, match=r"a@x\.example.*b@x\.example: 550"):
        deliver(smtp_for(smtp_server), outgoing(to="a@x.example, b@x.example"))
    assert smtp_server.received[0].recipients == ("a@x.example",)


@pytest.fixture
def secret_set(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("MAILROOM_SECRET_SMTP", "парола")
    yield


@pytest.mark.usefixtures("secret_set")
@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_it_logs_in_over_verified_tls(authority: Authority, security: Security) -> None:
    users = {"mailroom": "парола"}
    with SmtpServer(authority=authority, implicit_tls=security is Security.TLS, users=users) as server:
        smtp = smtp_for(server, security, ca_file=authority.ca_file, user="mailroom")
        smtp.check()
        deliver(smtp)
        assert server.received[0].tls and server.received[0].login == "mailroom"


@pytest.mark.usefixtures("secret_set")
def test_a_wrong_password_holds_every_letter_and_damns_none(authority: Authority) -> None:
    with SmtpServer(authority=authority, users={"mailroom": "друга"}) as server:
        with pytest.raises(TryAgain, match="535"):
            deliver(smtp_for(server, Security.TLS, ca_file=authority.ca_file, user="mailroom"))
        assert server.attempts == 0


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_a_certificate_that_nobody_vouches_for_is_not_believed(authority: Authority, security: Security) -> None:
    with SmtpServer(authority=authority, implicit_tls=security is Security.TLS) as server:
        with pytest.raises(TryAgain, match=r"не е доверен.*ca_file"):
            deliver(smtp_for(server, security))
        assert server.attempts == 0


def test_starttls_is_not_given_up_when_the_server_does_not_offer_it(smtp_server: SmtpServer) -> None:
    with pytest.raises(TryAgain, match=r"(?i)starttls"):
        deliver(smtp_for(smtp_server, Security.STARTTLS))
    assert smtp_server.received == []


def test_a_missing_password_is_told_before_any_work() -> None:
    with pytest.raises(Misconfigured, match="MAILROOM_SECRET_NOWHERE"):
        Smtp(SmtpSettings(host="mail.example", user="x", password_secret="nowhere"))
