"""A real Dovecot: unprivileged, on random loopback ports, with TLS from the tests' own authority."""

import contextlib
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from tests.servers.authority import Authority

PASSWORD = "парола-1"
"""Of every user; beyond ASCII, because people choose such passwords."""

_DOVECOT = "/usr/sbin/dovecot"
_SECONDS_TO_START = 10
_SECONDS_TO_STOP = 0.5

_CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 1
mail_location = maildir:{base}/mail/%u
mail_fsync = never
disable_plaintext_auth = no
auth_failure_delay = 0
{tokens}
ssl = yes
ssl_cert = <{base}/server.pem
ssl_key = <{base}/server.key
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={base}/mail/%u
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {plain_port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
{capability}
"""


_TOKENS = """
auth_mechanisms = plain login xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf
}}
"""
_INTROSPECTION = """
introspection_mode = get
introspection_url = {url}/introspect?token=
username_attribute = email
active_attribute = active
active_value = true
"""


class Dovecot:
    """An IMAP server that knows every user; used as a context manager, or by `start()` and `stop()`.

    A test takes a user name that no other test takes, and has a mailbox of its own; the password is always PASSWORD.
    Dovecot refuses to serve mail as root, so a test run by root starts it as `nobody`. Raises RuntimeError when the
    Debian package dovecot-imapd is missing.
    """

    def __init__(self, authority: Authority, *, capability: str = "", issuer_url: str = "") -> None:
        """`capability` replaces what the server says it can do (`IMAP4rev1 IDLE`), to play a poorer one; `issuer_url`
        is asked about access tokens (XOAUTH2)."""
        if not Path(_DOVECOT).exists():
            raise RuntimeError("Dovecot is missing: apt-get install dovecot-imapd")
        self.host = "127.0.0.1"
        self.ca_file = authority.ca_file
        self.plain_port, self.tls_port = _free_ports()
        self._account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._group = grp.getgrgid(self._account.pw_gid).gr_name
        # A short path, readable by `nobody`: Unix sockets lie in it, and their names end at 107 octets.
        self._base = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self._process: subprocess.Popen[bytes] | None = None
        self._write_files(authority, capability, issuer_url)

    def start(self) -> None:
        """Serve; returns when the server greets. After a stop on the same ports as before."""
        self._process = subprocess.Popen(
            [_DOVECOT, "-F", "-c", self._config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True, **self._as_account(),
        )
        end = time.monotonic() + _SECONDS_TO_START
        while not self._greets():
            if self._process.poll() is not None or time.monotonic() > end:
                log = self.log()
                self.close()
                raise RuntimeError(f"Dovecot does not start: {log}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server and with it every connection; the mail stays."""
        if self._process:
            # To the whole group: Dovecot's children would serve their connections for ten seconds more.
            os.killpg(self._process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS_TO_STOP)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._process is not None

    def close(self) -> None:
        """Stop and remove everything."""
        self.stop()
        shutil.rmtree(self._base)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def log(self) -> str:
        """What the server wrote into its log."""
        path = self._base / "dovecot.log"
        return path.read_text("utf-8", "replace") if path.exists() else "no log"

    @contextlib.contextmanager
    def mailbox(self, user: str, folder: str | None = "INBOX") -> Iterator[IMAPClient]:
        """A colleague's mail program: a connection of its own, with the folder open for writing."""
        client = IMAPClient(self.host, self.plain_port, ssl=False, timeout=10)
        try:
            client.plain_login(user, PASSWORD)
            if folder is not None:
                client.select_folder(folder)
            yield client
        finally:
            with contextlib.suppress(OSError, IMAPClientError):
                client.logout()

    def deliver(
        self, user: str, content: bytes, *, folder: str = "INBOX", internaldate: datetime | None = None
    ) -> int:
        """Put a message into a folder, which is made when missing; its UID."""
        with self.mailbox(user, None) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            client.append(folder, content, msg_time=internaldate)
            client.select_folder(folder, readonly=True)
            return max(int(uid) for uid in client.search())

    def flags(self, user: str, folder: str = "INBOX") -> dict[int, tuple[bytes, ...]]:
        """UID → flags of what is in a folder."""
        with self.mailbox(user, None) as client:
            client.select_folder(folder, readonly=True)
            return {int(uid): flags for uid, flags in client.get_flags(client.search()).items()}

    def uids_given(self, user: str, folder: str = "INBOX") -> tuple[int, int]:
        """UIDVALIDITY, and how many UIDs were ever given under it. More than messages came, where the server took one
        for gone and found it again: a listing of a Maildir that is being written into may miss some."""
        with self.mailbox(user, None) as client:
            status = client.folder_status(folder, ["UIDVALIDITY", "UIDNEXT"])
        return int(status[b"UIDVALIDITY"]), int(status[b"UIDNEXT"]) - 1

    def bump_uidvalidity(self, user: str, folder: str = "INBOX") -> None:
        """As if the mailbox had been made anew: every message has a new UID under a new UIDVALIDITY."""
        with self.mailbox(user, None) as client:
            old = int(client.select_folder(folder, readonly=True)[b"UIDVALIDITY"])
        subprocess.run(
            ["/usr/bin/doveadm", "-c", self._config, "mailbox", "update", "-u", user,
             "--uid-validity", str(old + 1), folder],
            check=True, capture_output=True, timeout=10, **self._as_account(),
        )

    def make_unreadable(self, user: str, content: bytes) -> None:
        """The server lists this message and cannot open its file any more."""
        text = content.replace(b"\r\n", b"\n")
        for path in self._base.glob(f"mail/{user}/**/[nc]*/*"):
            if path.read_bytes().replace(b"\r\n", b"\n") == text:
                path.chmod(0)

    def make_readable(self, user: str) -> None:
        """Everything is well again."""
        for path in self._base.glob(f"mail/{user}/**/[nc]*/*"):
            path.chmod(0o600)

    @property
    def _config(self) -> str:
        return str(self._base / "dovecot.conf")

    def _as_account(self) -> dict[str, Any]:
        if os.geteuid() != 0:
            return {"cwd": self._base}
        return {"cwd": self._base, "user": self._account.pw_uid, "group": self._account.pw_gid, "extra_groups": []}

    def _write_files(self, authority: Authority, capability: str, issuer_url: str) -> None:
        files = {
            "server.pem": authority.certificate_file.read_text(),
            "server.key": authority.key_file.read_text(),
            "oauth2.conf": _INTROSPECTION.format(url=issuer_url),
            "dovecot.conf": _CONFIG.format(
                base=self._base, user=self._account.pw_name, group=self._group, password=PASSWORD,
                plain_port=self.plain_port, tls_port=self.tls_port,
                tokens=_TOKENS.format(base=self._base) if issuer_url else "",
                capability=f"imap_capability = {capability}" if capability else "",
            ),
        }
        for name, text in files.items():
            (self._base / name).write_text(text, "utf-8")
        for path in [self._base, *self._base.iterdir()]:
            os.chown(path, self._account.pw_uid, self._account.pw_gid)

    def _greets(self) -> bool:
        try:
            with socket.create_connection((self.host, self.plain_port), timeout=5) as connection:
                return connection.recv(64).startswith(b"* OK")
        except OSError:
            return False


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1]), int(other.getsockname()[1])
