"""A real SMTP server that keeps what it is given and misbehaves on request."""

import asyncio
import threading
from base64 import b64decode
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from enum import Enum
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.authority import Authority


class Fault(Enum):
    """One small way in which a mail server fails; each is used up by one message."""

    REFUSE_SENDER = "550 5.7.1 Sender refused"
    """At MAIL FROM."""
    REFUSE_RECIPIENT = "550 5.1.1 No such user here"
    """At RCPT TO."""
    GREYLIST = "451 4.7.1 Greylisted, come back later"
    """At RCPT TO."""
    REFUSE_MESSAGE = "554 5.6.0 Message refused"
    """After the message was sent."""
    TEMPORARY_FAILURE = "452 4.3.1 Insufficient system storage"
    """After the message was sent."""
    SHUTTING_DOWN = "421 4.3.2 Service shutting down"
    """At MAIL FROM; the connection ends."""
    CLOSE_BEFORE_REPLY = "accepted and kept, but the connection is cut before the reply"
    """The case in which a sender cannot know."""
    CLOSE_BEFORE_ACCEPTING = "not kept, the connection is cut before the reply"
    GIBBERISH = "kept, thank you"
    """After the message was kept: no reply that anybody understands."""
    SILENCE = "not kept, never answered"
    """The connection stays open until the client gives up."""


_AT_SENDER = {Fault.REFUSE_SENDER, Fault.SHUTTING_DOWN}
_AT_RECIPIENT = {Fault.REFUSE_RECIPIENT, Fault.GREYLIST}
_REPLIED_AFTER_DATA = {Fault.REFUSE_MESSAGE, Fault.TEMPORARY_FAILURE}


@dataclass(frozen=True, kw_only=True)
class Received:
    """One message as it was handed over."""

    sender: str
    """Envelope sender; empty for the null reverse path (RFC 5321 4.5.5)."""
    recipients: tuple[str, ...]
    content: bytes
    tls: bool
    login: str | None

    @property
    def message(self) -> EmailMessage:
        """The content, parsed."""
        return message_from_bytes(self.content, policy=SMTP_POLICY)


class SmtpServer:
    """Listens on a random loopback port; used as a context manager, or by `start()` and `stop()`.

    With an authority TLS is offered: from the first octet when `implicit_tls`, else by STARTTLS, which is then
    required. With users (`{"login": "password"}`) a log-in is required too.
    """

    def __init__(
        self, *, authority: Authority | None = None, implicit_tls: bool = True, users: dict[str, str] | None = None
    ) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        self.received: list[Received] = []
        """What was accepted, in order."""
        self.attempts = 0
        """How often a client said MAIL FROM."""
        self.refused: dict[str, str] = {}
        """Recipient → reply (`"550 5.1.1 …"`), until cleared."""
        self.connections = 0
        self.tokens: Callable[[str], bool] = lambda token: False
        """Whether an access token holds."""
        self._users = users
        self._authority = authority
        self._implicit_tls = implicit_tls
        self._faults: deque[Fault] = deque()
        self._changed = threading.Condition()
        self._controller: _Controller | None = None

    def fail_next(self, fault: Fault, *, times: int = 1) -> None:
        """The next message (after those already asked for) meets this fault."""
        self._faults.extend([fault] * times)

    def forget(self) -> None:
        """Back to an empty server that does what it should."""
        self.received.clear()
        self.refused.clear()
        self._faults.clear()
        self.attempts = self.connections = 0

    def wait_for(self, count: int, *, seconds: float = 10) -> list[Received]:
        """The messages, once there are at least so many. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.received) >= count, seconds):
                raise TimeoutError(f"{len(self.received)} of {count} messages came within {seconds} seconds")
            return list(self.received)

    def start(self) -> None:
        """Listen; after a stop on the same port as before."""
        self._controller = _Controller(self, **self._options())
        self._controller.start()
        self.port = self._controller.port

    def stop(self) -> None:
        """Refuse connections until started again."""
        if self._controller:
            self._controller.stop()
            self._controller = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()

    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"hostname": self.host, "port": self.port, "server_hostname": "localhost"}
        if self._authority and self._implicit_tls:
            options["ssl_context"] = self._authority.server_context()
        elif self._authority:
            options |= {"tls_context": self._authority.server_context(), "require_starttls": True}
        if self._users is not None:
            # aiosmtpd does not count TLS from the first octet as TLS; that a log-in is needed is checked at MAIL FROM.
            options |= {"authenticator": self._log_in, "auth_require_tls": "tls_context" in options}
        return options

    def _log_in(self, server: SMTP, session: Session, envelope: Envelope, method: str, data: Any) -> AuthResult:
        if not isinstance(data, LoginPassword) or self._users is None:
            return AuthResult(success=False, handled=False)
        login = data.login.decode()
        good = self._users.get(login) == data.password.decode()
        return AuthResult(success=good, handled=False, auth_data=login)

    def _take_fault(self, which: set[Fault]) -> Fault | None:
        return self._faults.popleft() if self._faults and self._faults[0] in which else None

    async def auth_XOAUTH2(self, server: SMTP, words: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd asks for it
        """Log-in with an access token, where `tokens` says which hold (developers.google.com/gmail/imap/xoauth2)."""
        fields = dict(part.partition("=")[::2] for part in b64decode(words[1]).decode().split("\x01") if part)
        if self.tokens(fields["auth"].removeprefix("Bearer ")):
            return AuthResult(success=True, auth_data=fields["user"])
        await server.push("535 5.7.3 Authentication unsuccessful")
        return AuthResult(success=False, handled=True)

    # aiosmtpd calls these by name; the arguments and the reply strings are its own.

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        self.attempts += 1
        if self._users is not None and not session.authenticated:
            return "530 5.7.0 Authentication required"
        fault = self._take_fault(_AT_SENDER)
        if fault:
            return fault.value
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        fault = self._take_fault(_AT_RECIPIENT)
        if fault:
            return fault.value
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(rcpt_options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        fault = self._take_fault(set(Fault))
        if fault in _REPLIED_AFTER_DATA:
            return fault.value
        if fault in (None, Fault.CLOSE_BEFORE_REPLY, Fault.GIBBERISH):
            self._keep(session, envelope)
        if fault is Fault.GIBBERISH:
            return str(fault.value)
        if fault is Fault.SILENCE:
            await asyncio.Event().wait()
        if fault is not None and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
            await asyncio.Event().wait()  # until aiosmtpd cancels the handler of the lost connection
        return "250 2.0.0 Kept"

    def _keep(self, session: Session, envelope: Envelope) -> None:
        received = Received(
            sender=envelope.mail_from or "",
            recipients=tuple(str(recipient) for recipient in envelope.rcpt_tos),
            content=bytes(envelope.original_content or b""),
            tls=session.ssl is not None or (self._authority is not None and self._implicit_tls),
            login=str(session.auth_data) if session.authenticated else None,
        )
        with self._changed:
            self.received.append(received)
            self._changed.notify_all()
        self.kept(received)

    def kept(self, received: Received) -> None:
        """What else is done with a message; a server that delivers has more to do here."""


class _Controller(Controller):
    """A controller that may be given port 0."""

    def __init__(self, handler: SmtpServer, **options: Any) -> None:
        super().__init__(handler, **options)
        self._owner = handler

    def factory(self) -> SMTP:  # called once for each connection
        self._owner.connections += 1
        return SMTP(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        """Called when the server listens: the first moment at which the kernel's choice of port is known."""
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]
        self._owner.connections = 0
