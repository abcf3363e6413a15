"""A real SMTP server that delivers what it takes into the mailboxes of a real Dovecot."""

import time
from collections import Counter
from email.message import EmailMessage

from tests.servers.dovecot import Dovecot
from tests.servers.smtp import Received, SmtpServer

MARKS = ("Auto-Submitted", "X-Auto-Response-Suppress", "In-Reply-To", "References")
"""What tells a machine's mail from a person's; some gateways drop it."""


class Post(SmtpServer):
    """Everybody's mail server."""

    def __init__(self, dovecot: Dovecot, *, drops_marks: bool = False, takes_plus: bool = True) -> None:
        """takes_plus: what stands behind a plus is no part of the mailbox's name; else the mail is lost."""
        super().__init__()
        self._dovecot, self._drops_marks, self._takes_plus = dovecot, drops_marks, takes_plus
        self.last = time.monotonic()
        """When it delivered last."""

    def kept(self, received: Received) -> None:
        """Into the mailbox of each recipient."""
        message = received.message
        for name in MARKS if self._drops_marks else ():
            del message[name]
        message["Return-Path"] = f"<{received.sender}>"
        for recipient in received.recipients:
            local, _, domain = recipient.partition("@")
            if self._takes_plus or "+" not in local:
                self._dovecot.deliver(f"{local.partition('+')[0]}@{domain}", message.as_bytes())
        self.last = time.monotonic()

    def counted(self) -> Counter[tuple[str, str]]:
        """How many letters went from whom to whom."""
        return Counter((sender_of(received.message), to) for received in self.received for to in received.recipients)


def sender_of(message: EmailMessage) -> str:
    """The address that stands in From."""
    return str(message["From"].addresses[0].addr_spec)
