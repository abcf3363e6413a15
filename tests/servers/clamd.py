"""A real clamd: unprivileged, on a Unix socket, with one signature of our own for the EICAR test file."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
"""Harmless, and found by every antivirus (eicar.org); in pieces here, so that nobody finds it in this file."""
_CLAMD = "/usr/sbin/clamd"
_SECONDS_TO_START = 30
_CONFIG = """
Foreground yes
LocalSocket {base}/clamd.ctl
DatabaseDirectory {base}/signatures
TemporaryDirectory {base}
LogFile {base}/clamd.log
OfficialDatabaseOnly no
MaxThreads 2
"""


class Clamd:
    """Used as a context manager. Raises RuntimeError when the Debian package clamav-daemon is missing."""

    def __init__(self) -> None:
        if not Path(_CLAMD).exists():
            raise RuntimeError("clamd is missing: apt-get install clamav-daemon")
        self._base = Path(tempfile.mkdtemp(prefix="clamd-"))
        self.socket = str(self._base / "clamd.ctl")
        self._process: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """As if it had been stopped by hand: the socket's file stays."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        (self._base / "signatures").mkdir()
        (self._base / "signatures" / "ours.ndb").write_text(f"Eicar-Test:0:*:{EICAR.hex()}\n", "ascii")
        (self._base / "clamd.conf").write_text(_CONFIG.format(base=self._base), "utf-8")
        account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        for path in (self._base, *self._base.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid)
        command = [_CLAMD, "--config-file", str(self._base / "clamd.conf")]
        rights = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL, cwd=self._base, **rights)  # type: ignore[call-overload]
        end = time.monotonic() + _SECONDS_TO_START
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                log = self._base / "clamd.log"
                said = log.read_text("utf-8", "replace") if log.exists() else "no log"
                self.__exit__(None, None, None)
                raise RuntimeError(f"clamd does not start: {said}")
            time.sleep(0.02)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._base)

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.connect(self.socket)
                connection.sendall(b"nPING\n")
                return connection.recv(16).startswith(b"PONG")
        except OSError:
            return False
