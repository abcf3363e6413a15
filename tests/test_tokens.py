"""Mailboxes that take access tokens instead of a password: a real Dovecot, an SMTP server and an issuer of tokens."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mailroom.config import LimitSettings, MailboxSettings, OAuth2Settings, Security, SmtpSettings
from mailroom.dispatch.smtp import Smtp
from mailroom.errors import Misconfigured, TryAgain
from mailroom.sources.imap import ImapMailbox
from mailroom.tokens import AccessTokens
from tests.correspondence.samples import FROM, outgoing
from tests.servers.authority import Authority
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import SmtpServer
from tests.servers.tokens import CLIENT_ID, CLIENT_SECRET, JWT_BEARER, REFRESH_TOKEN, Issuer
from tests.sources.office import Desk

USER = "center@example.bg"
Mailbox = Callable[..., ImapMailbox]


@pytest.fixture(scope="module")
def serving() -> Iterator[Issuer]:
    with Issuer(USER) as made:
        yield made


@pytest.fixture(scope="module")
def server(serving: Issuer, authority: Authority) -> Iterator[Dovecot]:
    with Dovecot(authority, issuer_url=serving.url) as made:
        made.deliver(USER, b"Subject: 1\r\n\r\n1\r\n")
        yield made


@pytest.fixture
def issuer(serving: Issuer, monkeypatch: pytest.MonkeyPatch) -> Issuer:
    serving.life, serving.refuses = 3600, None
    serving.grants.clear()
    serving.revoke()
    for name, value in {"APP": CLIENT_SECRET, "CONSENT": REFRESH_TOKEN, "ACCOUNT": serving.service_account(),
                        "WRONG": "wrong"}.items():
        monkeypatch.setenv(f"MAILROOM_SECRET_{name}", value)
    return serving


def settings(issuer: Issuer, provider: str = "microsoft", **values: Any) -> OAuth2Settings:
    known = {"tenant": "town", "client_id": CLIENT_ID, "client_secret": "app"}
    return OAuth2Settings.model_validate({"provider": provider, "token_url": issuer.token_url} | known | values)


@pytest.fixture
def mailbox(server: Dovecot, issuer: Issuer, desk: Desk) -> Mailbox:
    def make(**values: Any) -> ImapMailbox:
        return ImapMailbox(MailboxSettings(
            name=USER, user=USER, host="127.0.0.1", port=server.tls_port, ca_file=server.ca_file, timeout_seconds=5,
            oauth2=settings(issuer, **values)), desk.callbacks, limits=LimitSettings())

    return make


@pytest.fixture
def desk() -> Desk:
    return Desk()


WAYS = {
    "an application of Entra ID": ({}, "client_credentials"),
    "a consent once given": ({"provider": "google", "refresh_token_secret": "consent"}, "refresh_token"),
    "a service account": ({"provider": "google", "service_account_secret": "account"}, JWT_BEARER),
}


@pytest.mark.parametrize("way", WAYS)
def test_mail_is_fetched_with_a_token_of_every_kind(issuer: Issuer, mailbox: Mailbox, desk: Desk, way: str) -> None:
    values, grant = WAYS[way]
    assert mailbox(**values).look_once() == 1
    assert issuer.grants == [grant]


def test_a_token_is_used_until_it_nears_its_end(issuer: Issuer, mailbox: Mailbox) -> None:
    source = mailbox()
    source.list_keys()
    source.list_keys()
    assert len(issuer.grants) == 1
    issuer.life = 30
    short = mailbox()
    short.list_keys()
    short.list_keys()
    assert len(issuer.grants) == 3


def test_a_token_that_the_server_refuses_is_replaced_by_a_new_one(issuer: Issuer, mailbox: Mailbox) -> None:
    source = mailbox()
    source.list_keys()
    issuer.revoke()
    with pytest.raises(TryAgain, match="не приема токена за „center@"):
        source.list_keys()
    assert len(source.list_keys()) == 1 and len(issuer.grants) == 2


@pytest.mark.parametrize(("error", "remedy"), [
    (("invalid_grant", "AADSTS700082: expired"), "изтекло, оттеглено.*Дайте го отново.*AADSTS700082"),
    (("invalid_client", "AADSTS7000222: expired"), r"тайната му \(client_secret\) е грешна или с изтекъл срок"),
    (("invalid_scope", ""), "docs/OAUTH2.md"),
])
def test_a_refused_token_names_what_is_wrong_and_the_remedy(
        issuer: Issuer, mailbox: Mailbox, error: tuple[str, str], remedy: str) -> None:
    issuer.refuses = error
    with pytest.raises(TryAgain, match=remedy):
        mailbox(provider="google", refresh_token_secret="consent").look_once()


def test_a_wrong_secret_of_the_application_is_told_so(issuer: Issuer, mailbox: Mailbox) -> None:
    with pytest.raises(TryAgain, match="не приема деловодството като приложение"):
        mailbox(client_secret="wrong").look_once()


def test_an_issuer_that_does_not_answer_is_tried_again(issuer: Issuer) -> None:
    away = settings(issuer, token_url="http://127.0.0.1:9/token")
    with pytest.raises(TryAgain, match="Няма връзка с издателя на токени"):
        AccessTokens(away, USER).token()


def test_a_letter_is_sent_with_a_token_and_a_refused_one_is_replaced(
        issuer: Issuer, authority: Authority) -> None:
    with SmtpServer(authority=authority, users={}) as server:
        server.tokens = lambda token: token in issuer.given
        smtp = Smtp(SmtpSettings(host="localhost", port=server.port, security=Security.TLS, ca_file=authority.ca_file,
                                 user=USER, oauth2=settings(issuer), timeout_seconds=5))
        smtp.deliver(outgoing(), "Община Примерово", FROM)
        issuer.revoke()
        with pytest.raises(TryAgain, match="не приема токена за „center@"):
            smtp.deliver(outgoing(), "Община Примерово", FROM)
        smtp.deliver(outgoing(), "Община Примерово", FROM)
        assert [received.login for received in server.received] == [USER, USER] and len(issuer.grants) == 2


def test_a_key_file_that_is_none_is_told_before_any_work(issuer: Issuer) -> None:
    with pytest.raises(Misconfigured, match="is not the JSON key of a service account"):
        AccessTokens(settings(issuer, "google", service_account_secret="wrong"), USER)


@pytest.mark.parametrize(("values", "complaint"), [
    ({"provider": "microsoft", "client_id": "x"}, "tenant and client_secret"),
    ({"provider": "google", "client_id": "x"}, "client_secret and refresh_token_secret"),
    ({"provider": "other", "client_id": "x", "token_url": "http://tokens.example.bg"}, "must begin with https://"),
])
def test_what_is_missing_is_named(values: dict[str, str], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        OAuth2Settings.model_validate(values)


def test_tokens_are_for_somebody() -> None:
    with pytest.raises(ValueError, match="there must be a user"):
        SmtpSettings.model_validate({"host": "localhost", "oauth2": {
            "provider": "microsoft", "tenant": "t", "client_id": "c", "client_secret": "d"}})
