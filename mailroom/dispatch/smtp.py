"""Letters over SMTP (home of aiosmtplib), and what each way of failing means for the letter.

The envelope sender is the municipality's own address and not the null path that RFC 3834 suggests for answers: a
letter that does not arrive must come back to the mailroom, which knows a bounce and never answers one.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import cached_property
from typing import Any, cast

import aiosmtplib

from mailroom.config import Security, SmtpSettings, secret
from mailroom.dispatch.message import POLICY, ascii_address, build_message, recipients
from mailroom.errors import NeedsPerson, TryAgain, Unsure
from mailroom.model.outgoing import Outgoing
from mailroom.tokens import AccessTokens

_TURNS_TO_CLOSE = 5
_CLOSING = 421
"""The server ends the connection (RFC 5321, 4.2.3)."""
_NOT_TAKEN = 400
"""From this reply code on the server has not taken the letter (RFC 5321, 4.2.1)."""


def _nothing() -> None:
    """Nobody wants to know when the text goes over the wire."""


class Smtp:
    """One SMTP server."""

    def __init__(self, settings: SmtpSettings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Raises Misconfigured when the password's secret is missing."""
        self._settings = settings
        self._password = "" if settings.oauth2 else secret(settings.password_secret)
        self._tokens = AccessTokens(settings.oauth2, settings.user) if settings.oauth2 else None
        self._now = now

    def deliver(
        self, outgoing: Outgoing, from_name: str, from_address: str, before_data: Callable[[], None] = _nothing,
        back_to: str = "",
    ) -> None:
        """Hand one letter over, on a connection of its own.

        before_data: called when the server has accepted sender and recipient, before the text goes over the wire; what
            it raises ends the attempt and is passed on. Until then nothing can have arrived.
        back_to: the envelope sender, to which a letter that does not arrive comes back; empty for `from_address`.
        Raises TryAgain for what may pass (no connection, log-in refused, 4xx), NeedsPerson for a refusal (5xx), Unsure
        when the connection was lost after the text and before the server's reply: it may have arrived.
        """
        with self.connection() as connection:
            connection.deliver(outgoing, from_name, from_address, before_data, back_to)

    @contextmanager
    def connection(self) -> Iterator["Connection"]:
        """For letters that go one after the other."""
        connection = Connection(self, self._now)
        try:
            yield connection
        finally:
            connection.close()

    def send_message(self, message: EmailMessage, sender: str, to: Sequence[str]) -> None:
        """A message that is no letter: to ourselves, or to who runs the machine. Raises as `deliver` does."""
        content, addresses = message.as_bytes(policy=POLICY), [ascii_address(one) for one in to]
        with self.connection() as connection:
            connection.hand(content, ascii_address(sender), addresses, _nothing)

    def check(self) -> None:
        """Connect, log in and leave. Raises TryAgain with the server's words."""
        with self.connection() as connection:
            connection.greet()

    @property
    def place(self) -> str:
        """Host and port, for people."""
        return f"{self._settings.host}:{self._settings.port}"

    def trouble(self, error: Exception) -> TryAgain:
        """What kept us from speaking to the server, in a sentence."""
        found = error if isinstance(error, ssl.SSLCertVerificationError) else error.__cause__
        if isinstance(found, ssl.SSLCertVerificationError):
            return TryAgain(f"Сертификатът на пощенския сървър {self.place} не е доверен ({found.verify_message}). "
                            "Посочете удостоверителя му в ca_file на mailroom.toml.")
        if isinstance(error, aiosmtplib.SMTPAuthenticationError) and self._tokens:
            self._tokens.forget()
            return TryAgain(f"SMTP {self.place}: сървърът не приема токена за „{self._settings.user}“. Дайте на "
                            f"приложението право да изпраща от тази кутия (docs/OAUTH2.md). {_one_line(error)}")
        return TryAgain(f"SMTP {self.place}: {_one_line(error)}")

    @cached_property
    def _tls(self) -> ssl.SSLContext | None:
        """Made once: to read all certificate authorities takes longer than to write a letter."""
        if self._settings.security is Security.NONE:
            return None
        return ssl.create_default_context(cafile=str(self._settings.ca_file) if self._settings.ca_file else None)

    def _client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        return aiosmtplib.SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.user or None,
            password=self._password or None,
            oauth_token_generator=self._token if self._tokens else None,
            timeout=settings.timeout_seconds,
            use_tls=settings.security is Security.TLS,
            start_tls=settings.security is Security.STARTTLS,
            tls_context=self._tls,
        )

    async def _token(self) -> str:
        """In a loop that has nothing else to do meanwhile."""
        assert self._tokens is not None
        return self._tokens.token()

    @asynccontextmanager
    async def session(self) -> AsyncIterator[aiosmtplib.SMTP]:
        """A connection, logged in and greeted; ended by QUIT."""
        client = self._client()
        transport: asyncio.Transport | None = None
        try:
            async with client:
                transport = cast(asyncio.Transport | None, client.transport)
                await client.ehlo()
                yield client
        finally:
            # The loop may end now, and TLS takes some turns of it to close: without them each connection would leave a
            # socket behind for the garbage collector.
            if transport:
                transport.abort()
            for _ in range(_TURNS_TO_CLOSE):
                await asyncio.sleep(0)


class Connection:
    """A connection to the server, opened for the first letter, and anew for the one after a failure.

    It lives in a loop and a thread of its own: the caller's thread may have a loop.
    """

    def __init__(self, smtp: Smtp, now: Callable[[], datetime]) -> None:
        self._smtp, self._now = smtp, now
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._client: aiosmtplib.SMTP | None = None

    def deliver(
        self, outgoing: Outgoing, from_name: str, from_address: str, before_data: Callable[[], None] = _nothing,
        back_to: str = "",
    ) -> None:
        """Hand one letter over; see Smtp.deliver."""
        message = build_message(outgoing, from_name=from_name, from_address=from_address, now=self._now())
        sender = ascii_address(back_to or from_address)
        self.hand(message.as_bytes(policy=POLICY), sender, recipients(outgoing), before_data)

    def hand(self, content: bytes, sender: str, to: list[str], before_data: Callable[[], None]) -> None:
        """The same for a message that is written already."""
        try:
            self._wait_for(self._hand_over(content, sender, to, before_data))
        except aiosmtplib.SMTPRecipientsRefused as error:
            first = error.recipients[0]
            raise _refusal(first.code, first.message) from error
        except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError) as error:
            raise _refusal(error.code, error.message) from error
        except (aiosmtplib.SMTPException, ssl.SSLError, OSError) as error:
            raise self._smtp.trouble(error) from error

    def greet(self) -> None:
        """Open the connection. Raises TryAgain with the server's words."""
        try:
            self._wait_for(self._greeted())
        except (aiosmtplib.SMTPException, ssl.SSLError, OSError) as error:
            raise self._smtp.trouble(error) from error

    def close(self) -> None:
        """Leave, politely where that is possible."""
        try:
            self._wait_for(self._leave(None))
        finally:
            self._thread.submit(self._runner.close).result()
            self._thread.shutdown()

    def _wait_for(self, conversation: Coroutine[Any, Any, object]) -> None:
        self._thread.submit(self._runner.run, conversation).result()

    async def _greeted(self) -> aiosmtplib.SMTP:
        if self._client is None:
            self._client = await self._open.enter_async_context(self._smtp.session())
        return self._client

    async def _leave(self, failure: BaseException | None) -> None:
        self._client = None
        with suppress(aiosmtplib.SMTPException, OSError):
            await self._open.__aexit__(type(failure) if failure else None, failure, None)

    async def _hand_over(self, content: bytes, sender: str, to: list[str], before_data: Callable[[], None]) -> None:
        try:
            client = await self._name_sender(sender)
            accepted, refused = await _say_recipients(client, to)
            if not accepted:
                raise aiosmtplib.SMTPRecipientsRefused(refused)
            before_data()
            await self._send(client, content)
        except BaseException as failure:
            await self._leave(failure)
            raise
        if refused:
            raise NeedsPerson(
                f"Писмото стигна до {', '.join(accepted)}, но сървърът отказа {refused[0].recipient}: "
                f"{_reply(refused[0].code, refused[0].message)}"
            )

    async def _name_sender(self, sender: str) -> aiosmtplib.SMTP:
        """Begin a letter. A server may end a connection that has carried letters whenever it likes (RFC 5321, 3.8);
        nothing of this one has gone over it, so it goes over a new one."""
        used = self._client is not None
        try:
            client = await self._greeted()
            await client.mail(sender)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPSenderRefused, OSError) as error:
            if not used or (isinstance(error, aiosmtplib.SMTPSenderRefused) and error.code != _CLOSING):
                raise
            await self._leave(error)
            client = await self._greeted()
            await client.mail(sender)
        return client

    async def _send(self, client: aiosmtplib.SMTP, content: bytes) -> None:
        place = self._smtp.place
        try:
            await client.data(content)
        except aiosmtplib.SMTPDataError as error:
            if error.code < _NOT_TAKEN:
                raise Unsure(f"{place} отговори, че {_reply(error.code, error.message)}.") from error
            raise
        except (aiosmtplib.SMTPException, OSError) as error:
            # RFC 5321, 4.5.3.2.6: the server may have taken the letter before it fell silent, or said what cannot be
            # understood. A second try could be a second letter, so a person decides.
            raise Unsure(f"връзката с {place} прекъсна, след като писмото беше предадено.") from error


async def _say_recipients(
    client: aiosmtplib.SMTP, to: list[str]
) -> tuple[list[str], list[aiosmtplib.SMTPRecipientRefused]]:
    """RCPT TO for each; which were accepted and which not."""
    accepted, refused = [], []
    for recipient in to:
        try:
            await client.rcpt(recipient)
            accepted.append(recipient)
        except aiosmtplib.SMTPRecipientRefused as error:
            refused.append(error)
    return accepted, refused


def _refusal(code: int, message: str) -> TryAgain | NeedsPerson:
    """RFC 5321, 4.2.1: 4yz may pass, 5yz will not."""
    if code < 500:
        return TryAgain(f"SMTP: {_reply(code, message)}")
    return NeedsPerson(
        f"Пощенският сървър отказа писмото ({_reply(code, message)}): поправете адреса или го изпратете по пощата."
    )


def _reply(code: int, message: str) -> str:
    return f"{code} {' '.join(message.split())}"[:300]


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
