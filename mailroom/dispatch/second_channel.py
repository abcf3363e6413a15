"""The second channel: how who runs the machine hears of its troubles when the first way, the town's mail, may be one.

Three ways, each used where it is configured: a mail by a server of its own, a program with the text on its standard
input, an HTTP POST. It is told when one of them took it.
"""

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, Request, build_opener

from mailroom.config import SmtpSettings, TroubleSettings, secret
from mailroom.dispatch.message import POLICY
from mailroom.dispatch.smtp import Smtp
from mailroom.errors import MailroomError, TryAgain

_SECONDS = 30
_SHOWN = 200


class SecondChannel:
    """Every way that is configured."""

    def __init__(self, settings: TroubleSettings, *, letters_smtp: SmtpSettings | None, from_address: str) -> None:
        self._settings = settings
        self._smtp = settings.smtp or letters_smtp
        self._from = settings.from_address or from_address

    @property
    def ways(self) -> tuple[str, ...]:
        """The names of the ways that are configured."""
        return tuple(name for name, _ in self._ways())

    def tell(self, subject: str, text: str) -> dict[str, str]:
        """Tell by every way; way → what went wrong, empty where it was taken."""
        return {name: _outcome(way, subject, text) for name, way in self._ways()}

    def beat(self) -> None:
        """Say that all is well, where somebody listens. Raises TryAgain."""
        if self._settings.heartbeat:
            _fetch(Request(self._settings.heartbeat, method="GET"))

    def _ways(self) -> Iterator[tuple[str, Callable[[str, str], None]]]:
        if self._settings.recipients:
            yield "mail", self._mail
        if self._settings.command:
            yield "command", self._run
        if self._settings.webhook:
            yield "webhook", self._post

    def _mail(self, subject: str, text: str) -> None:
        if self._smtp is None:
            raise TryAgain("[troubles] recipients: there is no server to send by; add [troubles.smtp] or [smtp]")
        message = EmailMessage(policy=POLICY)
        message["From"], message["To"], message["Subject"] = self._from, ", ".join(self._settings.recipients), subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid("trouble", self._from.rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text, cte="base64")
        Smtp(self._smtp).send_message(message, self._from, self._settings.recipients)

    def _run(self, subject: str, text: str) -> None:
        try:
            done = subprocess.run(self._settings.command, input=f"{subject}\n{text}".encode(), capture_output=True,
                                  timeout=_SECONDS, check=False)
        except (OSError, subprocess.SubprocessError) as error:
            raise TryAgain(f"[troubles] command {self._settings.command[0]}: {error}") from error
        if done.returncode:
            said = " ".join(done.stderr.decode("utf-8", "replace").split())[:_SHOWN]
            raise TryAgain(f"[troubles] command {self._settings.command[0]}: exit status {done.returncode} {said}")

    def _post(self, subject: str, text: str) -> None:
        request = Request(self._settings.webhook, data=f"{subject}\n{text}".encode(), method="POST",
                          headers={"Content-Type": "text/plain; charset=utf-8"})
        token = secret(self._settings.webhook_token_secret)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        _fetch(request)


class _StayHere(HTTPRedirectHandler):
    """A redirection would carry the token to another address: it is an error like any other answer but 2xx."""

    def redirect_request(self, *_arguments: object) -> None:
        """No further request."""


def _opener() -> OpenerDirector:
    return build_opener(_StayHere)


def _fetch(request: Request) -> None:
    try:
        with contextlib.closing(_opener().open(request, timeout=_SECONDS)):
            pass
    except (URLError, OSError, ValueError) as error:
        raise TryAgain(f"[troubles] {request.host}: {error}") from error


def _outcome(way: Callable[[str, str], None], subject: str, text: str) -> str:
    try:
        way(subject, text)
    except MailroomError as error:
        return str(error)
    return ""
