"""`mailroom check --try-mail`: whether the servers take plus-addresses is seen, not guessed."""

import time
from pathlib import Path

import pytest

from mailroom.charter.pack import load_pack
from mailroom.config import MailboxSettings, OutgoingSettings, Security, Settings, SmtpSettings
from mailroom.trial import outcome, why_not
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.post import Post


def settings_of(folder: Path, dovecot: Dovecot, post: Post, *, plus: bool) -> Settings:
    name = f"center{time.monotonic_ns()}@trial.example.bg"
    mailbox = MailboxSettings(name=name, user=name, host=dovecot.host, port=dovecot.tls_port, ca_file=dovecot.ca_file,
                              password_secret="imap")
    return Settings(charter="primerovo", data_dir=folder, mailboxes=(mailbox,),
                    smtp=SmtpSettings(host=post.host, port=post.port, security=Security.NONE),
                    outgoing=OutgoingSettings(from_address=name, plus_addresses=plus))


@pytest.mark.parametrize(("takes", "used", "ok", "advice"), [
    (True, False, True, "plus_addresses = true"), (False, True, False, "plus_addresses = false"),
])
def test_the_trial_says_what_to_configure(tmp_path: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch,
                                          takes: bool, used: bool, ok: bool, advice: str) -> None:
    monkeypatch.setenv("MAILROOM_SECRET_IMAP", PASSWORD)
    with Post(dovecot, takes_plus=takes) as post:
        settings = settings_of(tmp_path, dovecot, post, plus=used)
        dovecot.deliver(settings.mailboxes[0].name, b"Subject: older\r\n\r\nwas there before\r\n")
        pack = load_pack(settings.rules, settings.charter)
        well, seen = outcome(settings, pack, patience=10 if takes else 0.1)
    assert well is ok and advice in seen


def test_a_server_that_is_away_proves_nothing(tmp_path: Path, dovecot: Dovecot,
                                              monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILROOM_SECRET_IMAP", PASSWORD)
    with Post(dovecot) as post:
        settings = settings_of(tmp_path, dovecot, post, plus=False)
        post.stop()
        ok, seen = outcome(settings, load_pack(settings.rules, settings.charter))
    assert not ok and "SMTP" in seen
    assert why_not(settings) == "" and why_not(settings.model_copy(update={"smtp": None}))
