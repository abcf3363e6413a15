"""IMAP mailboxes (home of imapclient): one lasting connection each, IDLE as a hint, a poll as safety net.

What has been taken is known by folder/UIDVALIDITY/UID in the register, never by a flag: a colleague who opens the
mailbox first changes nothing. Messages are read with BODY.PEEK[], so that nothing changes for the colleague either.

1. On connecting, and once an hour: open the folder anew (its UIDVALIDITY may have changed, and then every message has
   a new key and is taken again; the intake links equal content) and compare all its UIDs with the register.
2. In between: ask for the UIDs above the highest seen, whenever IDLE says something or the poll is due.
3. What is new is fetched and taken many at a time. A message is settled (moved away, where so configured) only after
   `take` has returned. One that is known but still lies in the folder, because we were stopped in between, is settled
   on the next look.
4. When a fetch of many fails, each of them is fetched by itself. One that cannot be fetched is tried after the
   others. When it has failed `attempts` times, and not merely because the server is unwell (another message came
   through in the meantime, or it has failed for long), its beginning, or a note in its place, becomes an item with a
   sentence for a person. One that is too large becomes such an item at once, and is never moved.
"""

import contextlib
import re
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from imapclient import DELETED, IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from mailroom.config import LimitSettings, MailboxSettings, Security, Settle, secret
from mailroom.errors import Misconfigured, TryAgain
from mailroom.model.arrival import Channel, Incoming
from mailroom.sources.source import BackOff, Callbacks, Reporter
from mailroom.tokens import AccessTokens

_CONNECT_SECONDS = 20
_SECONDS_BETWEEN_FULL_LOOKS = 3600
_LONGEST_BACK_OFF_IN_POLLS = 5
_SLICE_SECONDS = 0.5
"""How long one wait inside IDLE may last: the time in which a request to stop is noticed."""
_BURST_SECONDS = 2
"""Length of the IDLE cycle after something was found: mail that came in the moment between the last search and IDLE may
lie unread in the connection's buffer, and mail comes in bursts."""
_PATIENCE_SECONDS = 1800
"""After so long a message that cannot be fetched is given to a person even if no other came through."""
_BEGINNING_OCTETS = 1 << 18
"""What is fetched of a message that is too large: its header and its first part, as a rule."""
_MESSAGES_AT_ONCE = 64
_OCTETS_AT_ONCE = 1 << 22
"""So many messages of this size together are fetched by one command and noted in one transaction."""
_UIDS_AT_ONCE = 50_000
"""imaplib ends the connection on a line of more than a million octets; so many UIDs fit into one."""
_MEGABYTE = 1 << 20

_OUTSIDE_ERRORS = (IMAPClientError, OSError, ValueError)
"""What a server can make the library raise. ValueError: an answer that cannot be understood."""


@dataclass
class _Failures:
    """How often fetching one message has failed, and since when, by the monotonic clock."""

    count: int = 0
    since: float = field(default_factory=time.monotonic)
    gave_up: bool = False
    """The whole is no longer asked for; the beginning has been asked for once."""


class ImapMailbox:
    """One folder of one mailbox. Raises Misconfigured when its password or its certificate authority is missing."""

    def __init__(
        self, settings: MailboxSettings, callbacks: Callbacks, *, limits: LimitSettings, dry_run: bool = False
    ) -> None:
        self._settings = settings
        self._take = callbacks.take
        self._known = callbacks.known
        self._reporter = Reporter(settings.name, callbacks.report)
        self._limits = limits
        self._moves = settings.settle is Settle.MOVE and not dry_run
        self._password = "" if settings.oauth2 else secret(settings.password_secret)
        self._tokens = AccessTokens(settings.oauth2, settings.user) if settings.oauth2 else None
        self._tls = _tls_context(settings)

        self._validity = 0
        self._next_uid = 1
        self._open: set[int] = set()
        """UIDs seen in the folder and not done with."""
        self._failures: dict[int, _Failures] = {}
        self._by_itself: set[int] = set()
        """UIDs that were among those which could not be fetched together."""
        self._fetched_at = 0.0
        self._fetched_uid: int | None = None
        """The last message that the server gave; it may lie in the folder no more."""
        self._back_off = BackOff(_LONGEST_BACK_OFF_IN_POLLS * settings.poll_seconds)

    @property
    def name(self) -> str:
        """As configured: the mailbox's address."""
        return self._settings.name

    def run(self, stop: threading.Event) -> None:
        """Watch until told to stop; reconnect with back-off."""
        while not stop.is_set():
            try:
                with self._connected() as folder:
                    self._watch(folder, stop)
            except TryAgain as trouble:
                self._reporter.failed(str(trouble))
                self._back_off.wait(stop)

    def look_once(self) -> int:
        """Connect, take everything new, settle what is to be settled, and leave. Raises TryAgain."""
        with self._connected() as folder:
            return self._look(folder, threading.Event(), full=True)

    def list_keys(self) -> set[str]:
        """The keys of all messages that lie in the folder now. Raises TryAgain."""
        with self._connected() as folder:
            validity = folder.select()
            return {self._key(validity, uid) for uid in folder.uids()}

    def newest(self) -> datetime | None:
        """When the newest message came, by the server's clock; null in an empty folder. Raises TryAgain."""
        with self._connected() as folder:
            folder.select()
            facts = folder.size_and_date(max(folder.uids(), default=0))
            return facts[1] if facts else None

    def _watch(self, folder: "_Folder", stop: threading.Event) -> None:
        refusals = BackOff(self._settings.poll_seconds)
        full_look_due = 0.0
        while not stop.is_set():
            full = time.monotonic() >= full_look_due
            try:
                taken = self._look(folder, stop, full=full)
            except TryAgain as refusal:  # of the register: the connection is well
                self._reporter.refused(str(refusal))
                refusals.wait(stop)
                continue
            self._back_off.reset()
            if full:
                full_look_due = time.monotonic() + _SECONDS_BETWEEN_FULL_LOOKS
            longest = min(self._settings.idle_seconds, self._settings.poll_seconds)
            if self._open:
                longest = min(longest, refusals.seconds())
            else:
                refusals.reset()
            folder.wait(stop, min(longest, _BURST_SECONDS) if taken else longest)

    def _look(self, folder: "_Folder", stop: threading.Event, *, full: bool) -> int:
        """Take and settle what is open; how many were taken. A single message's failure leaves it open."""
        self._find(folder, full=full)
        keys = {uid: self._key(self._validity, uid) for uid in self._open}
        known = self._known(self.name, list(keys.values()))
        taken = self._take_together(folder, [uid for uid in sorted(self._open) if keys[uid] not in known], stop)
        known |= {keys[uid] for uid in taken}
        failed = 0
        for uid in sorted(self._open, key=lambda uid: (self._failed(uid), uid)):
            if stop.is_set():
                break
            try:
                incoming = None if keys[uid] in known else self._fetch(folder, uid)
                if incoming is not None:
                    self._take([incoming])
                    taken.add(uid)
                self._settle(folder, uid, incoming)
                self._open.discard(uid)
            except IMAPClientAbortError:
                raise  # the connection has ended
            except IMAPClientError:
                failed += 1
        self._reporter.looked(
            f"Писма, които пощенският сървър не може да даде или премести: {failed}. Опитваме отново." if failed else ""
        )
        return len(taken)

    def _find(self, folder: "_Folder", *, full: bool) -> None:
        """Add what lies in the folder, or what is new there, to what is open."""
        if full:
            validity = folder.select()
            if validity != self._validity:
                self._failures.clear()
                self._by_itself.clear()
                self._fetched_uid = None
            self._validity = validity
            self._next_uid = 1
            self._open.clear()
        found = folder.uids() if full else folder.uids_from(self._next_uid)
        self._open |= found
        self._next_uid = max(found, default=self._next_uid - 1) + 1

    def _take_together(self, folder: "_Folder", fresh: Sequence[int], stop: threading.Event) -> set[int]:
        """Take and settle many at a time; those that were taken. What cannot be had so stays open."""
        taken: set[int] = set()
        uids = [uid for uid in fresh if uid not in self._failures and uid not in self._by_itself]
        for start in range(0, len(uids), _MESSAGES_AT_ONCE):
            if stop.is_set():
                break
            together = uids[start:start + _MESSAGES_AT_ONCE]
            self._by_itself.update(together)  # first, because a failure may end the connection
            try:
                for arrived in self._fetch_together(folder, together):
                    self._by_itself.difference_update(arrived)
                    self._take(list(arrived.values()))
                    taken.update(arrived)
                    for uid, incoming in arrived.items():
                        self._settle(folder, uid, incoming)
                        self._open.discard(uid)
            except IMAPClientAbortError:
                raise
            except IMAPClientError:
                continue
        return taken

    def _fetch_together(self, folder: "_Folder", uids: Sequence[int]) -> Iterator[dict[int, Incoming]]:
        """Those of the messages that are not too large, so many at a time as memory should hold."""
        facts = {uid: found for uid, found in folder.sizes_and_dates(uids).items() if found[0] <= self._largest}
        share: list[int] = []
        for uid, (size, _) in facts.items():
            if share and size + sum(facts[one][0] for one in share) > _OCTETS_AT_ONCE:
                yield self._fetch_share(folder, share, facts)
                share = []
            share.append(uid)
        if share:
            yield self._fetch_share(folder, share, facts)

    def _fetch_share(self, folder: "_Folder", uids: Sequence[int],
                     facts: Mapping[int, tuple[int, datetime]]) -> dict[int, Incoming]:
        contents = folder.octets_of(uids)
        if contents:
            self._was_given(max(contents))
        return {uid: self._incoming(uid, content, facts[uid][1]) for uid, content in contents.items()}

    def _fetch(self, folder: "_Folder", uid: int) -> Incoming | None:
        """One message, complete or with a sentence why not. Null when it is no longer there."""
        failures = self._failures.setdefault(uid, _Failures())
        failures.count += 1  # first, because a failure may end the connection
        if failures.count > self._limits.attempts and self._is_its_own_fault(folder, failures):
            return self._unreadable(folder, uid, failures)
        facts = folder.size_and_date(uid)
        if facts is None:
            return None
        size, received_at = facts
        if size > self._largest:
            incoming = self._incoming(uid, folder.beginning(uid), received_at, fault=(
                f"Писмото е {size / _MEGABYTE:.0f} МБ, а се приемат най-много {self._limits.message_megabytes} МБ. "
                f"Тук е само началото му; цялото е на пощенския сървър, в папка „{self._settings.folder}“ на "
                f"„{self.name}“. Отворете го там."
            ))
        else:
            content = folder.octets(uid)
            if content is None:
                return None
            incoming = self._incoming(uid, content, received_at)
        del self._failures[uid]
        self._was_given(uid)
        return incoming

    def _was_given(self, uid: int) -> None:
        self._fetched_at, self._fetched_uid = time.monotonic(), uid

    def _failed(self, uid: int) -> int:
        return self._failures[uid].count if uid in self._failures else 0

    def _is_its_own_fault(self, folder: "_Folder", failures: _Failures) -> bool:
        """And not the server's, which may be unwell and refuse every message: another has come since, or the last one
        that came can still be had."""
        return (self._fetched_at > failures.since or time.monotonic() - failures.since > _PATIENCE_SECONDS
                or (self._fetched_uid is not None and folder.beginning(self._fetched_uid) != b""))

    def _unreadable(self, folder: "_Folder", uid: int, failures: _Failures) -> Incoming:
        """The beginning of a message that cannot be fetched; when that fails too, a note in its place."""
        content = f"X-Mailroom-Not-Fetched: {self.name}/{self._key(self._validity, uid)}\r\n\r\n".encode()
        if not failures.gave_up:
            failures.gave_up = True
            content = folder.beginning(uid) or content
        return self._incoming(uid, content, datetime.now(UTC), fault=(
            f"Писмото не може да бъде изтеглено от пощенския сървър ({failures.count - 1} неуспешни опита); тук е "
            f"най-много началото му. Отворете го в кутия „{self.name}“ и го внесете като файл."
        ))

    def _incoming(self, uid: int, content: bytes, received_at: datetime, fault: str | None = None) -> Incoming:
        return Incoming(
            source=self.name,
            key=self._key(self._validity, uid),
            file=f"{re.sub(r'[^0-9A-Za-zА-я]+', '-', self._settings.folder)}-{self._validity}-{uid}.eml",
            content=content,
            received_at=received_at,
            channel=Channel.PAPER if self._settings.scanner else Channel.EMAIL,
            fault=fault,
        )

    def _settle(self, folder: "_Folder", uid: int, taken: Incoming | None) -> None:
        """Move a message that was taken now, or before we were stopped. A too large one stays where it is."""
        if not self._moves or (taken is not None and taken.fault is not None):
            return
        if taken is None:
            facts = folder.size_and_date(uid)
            if facts is None or facts[0] > self._largest:
                return
        folder.settle(uid)

    @property
    def _largest(self) -> int:
        return self._limits.message_megabytes * _MEGABYTE

    def _key(self, validity: int, uid: int) -> str:
        return f"{self._settings.folder}/{validity}/{uid}"

    @contextlib.contextmanager
    def _connected(self) -> "Iterator[_Folder]":
        """A connection, logged in. What the library raises inside leaves as TryAgain with a sentence."""
        try:
            client = _connect(self._settings, self._tls)
            try:
                self._log_in(client)
                yield _Folder(client, self._settings, writing=self._moves)
                client.logout()
            finally:
                with contextlib.suppress(OSError):
                    client.shutdown()
        except _OUTSIDE_ERRORS as error:
            raise TryAgain(self._sentence(error)) from error

    def _log_in(self, client: IMAPClient) -> None:
        """SASL PLAIN where offered, because LOGIN cannot carry a password outside ASCII."""
        user = self._settings.user
        if self._tokens:
            try:
                client.oauth2_login(user, self._tokens.token())
            except LoginError:
                self._tokens.forget()
                raise
        elif user and client.has_capability("AUTH=PLAIN"):
            client.plain_login(user, self._password)
        elif user:
            client.login(user, self._password)

    def _sentence(self, error: Exception) -> str:
        """Without the words of an answer that was not understood: they may be a citizen's."""
        server = f"{self._settings.host}:{self._settings.port}"
        if isinstance(error, ssl.SSLCertVerificationError):
            return (f"Сертификатът на пощенския сървър {server} не е доверен ({error.verify_message}). "
                    "Посочете удостоверителя му в ca_file на mailroom.toml.")
        if isinstance(error, OSError):
            return f"Няма връзка с пощенския сървър {server} ({error}). Опитваме отново."
        if isinstance(error, LoginError) and self._tokens:
            return (f"Пощенският сървър {server} не приема токена за „{self.name}“. Дайте на приложението право върху "
                    "тази кутия (docs/OAUTH2.md); дотогава опитваме отново.")
        if isinstance(error, LoginError):
            return (f"Пощенският сървър {server} не приема потребителя и паролата на „{self.name}“. "
                    "Поправете ги в mailroom.toml; дотогава опитваме отново.")
        if isinstance(error, IMAPClientAbortError | ValueError):
            return f"Връзката на „{self.name}“ с пощенския сървър {server} прекъсна. Свързваме се отново."
        return f"Пощенският сървър {server} отказа на „{self.name}“: {error}. Опитваме отново."


class _Folder:
    """The folder that is watched, as the server shows it on one connection."""

    def __init__(self, client: IMAPClient, settings: MailboxSettings, *, writing: bool) -> None:
        self._client = client
        self._writing = writing
        self._prefix, self._delimiter = _naming(client)
        self._name = self._server_name(settings.folder)
        self._settle_name = self._server_name(settings.settle_folder)
        self._settle_folder_made = False
        self._messages = 0
        self._uid_next: int | None = None

    def select(self) -> int:
        """Open the folder (for reading only, unless messages are moved); its UIDVALIDITY."""
        answer = self._client.select_folder(self._name, readonly=not self._writing)
        self._messages = int(answer[b"EXISTS"])
        self._uid_next = answer.get(b"UIDNEXT")
        if b"UIDVALIDITY" not in answer:
            raise IMAPClientError("the server gives no UIDVALIDITY (RFC 3501 2.3.1.1)")
        return int(answer[b"UIDVALIDITY"])

    def uids(self) -> set[int]:
        """All of them; of a very large folder in several searches."""
        if self._messages <= _UIDS_AT_ONCE or self._uid_next is None:
            return _integers(self._client.search("ALL"))
        found: set[int] = set()
        for first in range(1, self._uid_next, _UIDS_AT_ONCE):
            found |= _integers(self._client.search(["UID", f"{first}:{first + _UIDS_AT_ONCE - 1}"]))
        return found | self.uids_from(self._uid_next)

    def uids_from(self, first: int) -> set[int]:
        """Those that came since. `n:*` always names the last message too, however low its UID (RFC 3501 6.4.8)."""
        self._client.noop()  # some servers show new messages only between commands
        return {uid for uid in _integers(self._client.search(["UID", f"{first}:*"])) if uid >= first}

    def size_and_date(self, uid: int) -> tuple[int, datetime] | None:
        """RFC822.SIZE and INTERNALDATE; null when the message has gone."""
        return self.sizes_and_dates([uid]).get(uid)

    def sizes_and_dates(self, uids: Sequence[int]) -> dict[int, tuple[int, datetime]]:
        """The same of many; those that have gone are left out."""
        answers = self._fetch(uids, "RFC822.SIZE", "INTERNALDATE")
        return {uid: _size_and_date(answers[uid]) for uid in uids if uid in answers}

    def octets(self, uid: int) -> bytes | None:
        """The whole message; null when it has gone. \\Seen stays as it is."""
        return self.octets_of([uid]).get(uid)

    def octets_of(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The same of many; those that have gone are left out."""
        answers = self._fetch(uids, "BODY.PEEK[]")
        return {uid: _octets(answers[uid].get(b"BODY[]")) for uid in uids if uid in answers}

    def beginning(self, uid: int) -> bytes:
        """The header and as much of the text as is short; empty when the message has gone."""
        answer = self._fetch([uid], f"BODY.PEEK[]<0.{_BEGINNING_OCTETS}>").get(uid)
        return b"" if answer is None else _octets(answer.get(b"BODY[]<0>"))

    def settle(self, uid: int) -> None:
        """Move one message away: MOVE (RFC 6851), or COPY, \\Deleted and UID EXPUNGE (RFC 4315).

        A server with neither could only expunge what colleagues have deleted as well, and that may not yet be taken.
        """
        can_move = self._client.has_capability("MOVE")
        if not can_move and not self._client.has_capability("UIDPLUS"):
            return
        if not self._settle_folder_made and not self._client.folder_exists(self._settle_name):
            self._client.create_folder(self._settle_name)
        self._settle_folder_made = True
        if can_move:
            self._client.move([uid], self._settle_name)
        else:
            self._client.copy([uid], self._settle_name)
            self._client.add_flags([uid], [DELETED], silent=True)
            self._client.uid_expunge([uid])

    def wait(self, stop: threading.Event, seconds: float) -> None:
        """Until the server says something, or the time is over, or we are to stop."""
        if not self._client.has_capability("IDLE"):
            stop.wait(seconds)
            return
        end = time.monotonic() + seconds
        self._client.idle()
        while not stop.is_set() and (left := end - time.monotonic()) > 0:
            asked_at, slice_seconds = time.monotonic(), min(left, _SLICE_SECONDS)
            heard = self._client.idle_check(slice_seconds)
            # Back early without an answer: the connection has ended, which idle_check hides and idle_done does not.
            if heard or time.monotonic() - asked_at < slice_seconds / 2:
                break
        self._client.idle_done()

    def _fetch(self, uids: Sequence[int], *items: str) -> dict[int, dict[bytes, Any]]:
        try:
            answers: dict[int, dict[bytes, Any]] = self._client.fetch(uids, list(items))
        except ValueError as error:
            raise IMAPClientError("the answer cannot be understood") from error
        return answers

    def _server_name(self, name: str) -> str:
        """A configured name with the server's own delimiter and prefix (RFC 2342): „Заведени/2026“."""
        if name.upper() == "INBOX":
            return name
        name = name.replace("/", self._delimiter)
        return name if name.upper().startswith(self._prefix.upper()) else self._prefix + name


def _connect(settings: MailboxSettings, tls: ssl.SSLContext) -> IMAPClient:
    client = IMAPClient(
        settings.host, settings.port, ssl=settings.security is Security.TLS, ssl_context=tls,
        timeout=SocketTimeout(connect=min(_CONNECT_SECONDS, settings.timeout_seconds), read=settings.timeout_seconds),
    )
    client.normalise_times = False
    if settings.security is Security.STARTTLS:
        try:
            client.starttls(tls)
        except _OUTSIDE_ERRORS:
            with contextlib.suppress(OSError):  # a failed handshake has closed the socket already
                client.shutdown()
            raise
    return client


def _tls_context(settings: MailboxSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.ca_file)
    except OSError as error:
        raise Misconfigured(
            f"mailboxes: {settings.name}: ca_file {settings.ca_file} cannot be read ({error}): name a PEM file"
        ) from error


def _naming(client: IMAPClient) -> tuple[str, str]:
    """Prefix and delimiter of the user's own folders."""
    if client.has_capability("NAMESPACE"):
        personal = client.namespace().personal
        if personal:
            prefix, delimiter = personal[0]
            return prefix, delimiter or "/"
    listed = client.list_folders("", "")
    return "", (listed[0][1] or b"/").decode() if listed else "/"


def _integers(uids: Iterable[Any]) -> set[int]:
    return {int(uid) for uid in uids}


def _size_and_date(answer: Mapping[bytes, Any]) -> tuple[int, datetime]:
    received_at = answer.get(b"INTERNALDATE")
    if not isinstance(received_at, datetime) or b"RFC822.SIZE" not in answer:
        raise IMAPClientError("the server gave no size or no date")
    return int(answer[b"RFC822.SIZE"]), received_at


def _octets(answer: Any) -> bytes:
    """Raises where the server gives NIL for a message that it cannot read itself."""
    if not isinstance(answer, bytes):
        raise IMAPClientError("the server gave no content")
    return answer
