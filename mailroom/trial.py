"""Tries whether the mail servers take plus-addresses: sends one letter to ourselves and waits for it in the mailbox.

The letter says what it is and is marked as automatic, so that the service sets it aside like any machine's mail.
Nothing is taken out of the mailbox.
"""

import secrets
import time
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from mailroom.config import Settings
from mailroom.dispatch.message import POLICY
from mailroom.dispatch.smtp import Smtp
from mailroom.errors import MailroomError, NeedsPerson
from mailroom.model.arrival import Incoming
from mailroom.model.pack import Pack
from mailroom.office import sending_address
from mailroom.sources.source import Source, SourceState
from mailroom.sources.table import sources_for

PATIENCE_SECONDS = 90.0
PAUSE_SECONDS = 1.0
TEXT = ("Това писмо е изпратено от деловодната програма сама до себе си.\n"
        "С него се проверява дали пощенският сървър доставя писма до адреси с плюс.\n"
        "Не е нужно да правите нищо.\n")


class Trial:
    """One letter on its way from us to us."""

    def __init__(self, settings: Settings, pack: Pack) -> None:
        self._settings = settings
        self.address = sending_address(settings, pack)
        self._token = secrets.token_hex(12)
        self._arrived = False
        self._known: dict[str, set[str]] = {}

    def arrives(self, *, patience: float = PATIENCE_SECONDS) -> bool:
        """Whether the letter to our address with a plus came into one of our mailboxes in time.

        Raises NeedsPerson where the sending server refuses it, TryAgain where a server cannot be reached, and
        Misconfigured without a server to send by.
        """
        sources = self._sources()
        for source in sources:
            self._known[source.name] = source.list_keys()
        local, _, domain = self.address.rpartition("@")
        tagged = f"{local}+try.{self._token}@{domain}"
        assert self._settings.smtp is not None
        Smtp(self._settings.smtp).send_message(self._message(tagged), tagged, [tagged])
        end = time.monotonic() + patience
        while not self._arrived and time.monotonic() < end:
            time.sleep(PAUSE_SECONDS)
            for source in sources:
                source.look_once()
        return self._arrived

    def _sources(self) -> list[Source]:
        """The mailboxes, able to look and to change nothing."""
        def take(incoming: Sequence[Incoming]) -> None:
            self._arrived = self._arrived or any(self._token.encode() in one.content for one in incoming)

        def known(name: str, keys: Collection[str]) -> set[str]:
            return self._known.get(name, set()) & set(keys)

        def report(_state: SourceState) -> None:
            """What a look finds is told by its own answer."""

        mail = self._settings.model_copy(update={"scan_folders": ()})
        return sources_for(mail, take=take, known=known, report=report, dry_run=True)

    def _message(self, tagged: str) -> EmailMessage:
        message = EmailMessage(policy=POLICY)
        message["From"] = message["To"] = tagged
        message["Subject"] = "Пробно писмо на деловодната програма"
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<try.{self._token}@{self.address.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-replied"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(TEXT, cte="base64")
        return message


def why_not(settings: Settings) -> str:
    """Why it cannot be tried; empty where it can."""
    if settings.smtp is None or settings.outgoing.folder:
        return "not tried: no SMTP server is configured"
    if not (settings.mailboxes or settings.maildirs):
        return "not tried: no mailbox is configured"
    return ""


def outcome(settings: Settings, pack: Pack, *, patience: float = PATIENCE_SECONDS) -> tuple[bool, str]:
    """Whether all is as configured, and what was seen or what to do."""
    used, trial = settings.outgoing.plus_addresses, Trial(settings, pack)
    try:
        arrives = trial.arrives(patience=patience)
    except NeedsPerson as error:
        arrives, seen = False, str(error)
    except MailroomError as error:
        return False, str(error)
    else:
        seen = f"a letter to {trial.address} with „+…“ before the @ {'came back' if arrives else 'did not come back'}"
    advice = {
        (True, True): "", (False, False): "; bounces find their letters by Message-ID",
        (True, False): ": write plus_addresses = true under [outgoing], so that bounces find their letters by it",
        (False, True): ": write plus_addresses = false under [outgoing], or let the server deliver such addresses"}
    return arrives or not used, seen + advice[arrives, used]
