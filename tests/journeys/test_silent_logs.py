"""Logs are read by people who may not read letters."""

import os
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.journeys.talkative import MAILBOX, SENDER, WORDS
from tests.servers.authority import Authority
from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtp import SmtpServer


def letter(number: int) -> bytes:
    """A complaint with a word of its own in every place, and files that cannot be read."""
    message = EmailMessage()
    message["From"] = f"{WORDS['name']} Петров <{SENDER}>"
    message["To"] = "center@primerovo.example.bg"
    message["Subject"] = f"Жалба {WORDS['subject']} {number}"
    message["Message-ID"] = f"<{WORDS['header']}-{number}@citizen.example>"
    message["X-Mailer"] = WORDS["header"]
    message.set_content(f"Жалба: {WORDS['body']} пред дома ми на ул. {WORDS['street']} 5. ЕГН {WORDS['number']}. "
                        f"{number}")
    for name, kind in {"pdf": "pdf", "zip": "zip", "doc": "msword", "p7m": "pkcs7-mime", "eml": "octet-stream"}.items():
        message.add_attachment(b"%PDF-1.4 PK\x03\x04 " + WORDS["inside"].encode() * 9, maintype="application",
                               subtype=kind, filename=f"{WORDS['file']}.{name}")
    return message.as_bytes()


@pytest.mark.long
def test_no_line_of_any_level_says_a_word_of_a_letter(
        tmp_path: Path, dovecot: Dovecot, smtp_server: SmtpServer, authority: Authority) -> None:
    """Nor an error's, nor a library's, nor that of a server which repeats the address that it refuses."""
    for number in range(3):
        dovecot.deliver(MAILBOX, letter(number).replace(b"MIME-Version: 1.0", b"MIME-Version: x" * (number % 2)))
    smtp_server.refused = {SENDER: f"550 5.1.1 <{SENDER}>: unknown, said {WORDS['header']}"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.journeys.talkative", tmp_path, str(dovecot.tls_port), str(authority.ca_file),
         str(smtp_server.port)],
        env=os.environ | {"MAILROOM_SECRET_CENTER": PASSWORD}, capture_output=True, text=True, timeout=200, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-2000:]
    assert smtp_server.attempts > 0
    for event in ("step_failed", "letter_stopped", "Exception in ASGI application"):
        assert event in said, event
    told = [line for line in said.splitlines() if any(word.lower() in line.lower() for word in WORDS.values())]
    assert told == []
