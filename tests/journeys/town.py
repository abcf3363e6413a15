"""A whole town for the tests: the real service as its own process, between a real Dovecot and a real SMTP server."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from tests.servers.dovecot import PASSWORD, Dovecot
from tests.servers.smtp import SmtpServer

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
COMMAND = Path(sys.executable).parent / "mailroom"


class Town:
    """A data directory, its configuration, and the service that can be killed and started again."""

    def __init__(self, folder: Path, dovecot: Dovecot, smtp: SmtpServer, mailboxes: tuple[str, ...], *,
                 within: Sequence[str] = (), here: Path | None = None) -> None:
        """`within`: a command that runs the town's commands, each as its arguments; `here`: where we find the folder,
        when that is another place than where the town has it."""
        self.folder, self.here, self.mailboxes = folder, here or folder, mailboxes
        self._within = tuple(within)
        self.scans = self.here / "scans"
        self._dovecot = dovecot
        self._process: subprocess.Popen[bytes] | None = None
        self._environment = {**os.environ, "MAILROOM_DATA": str(folder), "MAILROOM_SECRET_IMAP": PASSWORD}
        self._log = (folder.parent / f"{folder.name}.log").open("ab")
        self.run("init", "--charter", "primerovo", str(folder))
        self.scans.mkdir()
        (self.here / "mailroom.toml").write_text(self._configuration(smtp), "utf-8")

    def _configuration(self, smtp: SmtpServer) -> str:
        boxes = "".join(f"""
[[mailboxes]]
name = "{name}"
host = "{self._dovecot.host}"
port = {self._dovecot.tls_port}
ca_file = "{self._dovecot.ca_file}"
user = "{name}"
password_secret = "imap"
poll_seconds = 1
""" for name in self.mailboxes)
        return f"""
charter = "primerovo"
{boxes}
[[scan_folders]]
name = "scanner"
path = "scans"
stable_seconds = 0.3
poll_seconds = 0.5

[smtp]
host = "{smtp.host}"
port = {smtp.port}
security = "none"

[outgoing]
breaker_per_hour = 5000

[web]
port = 0
public_port = 0
secure_cookies = false
"""

    @property
    def pid(self) -> int:
        """Of the service."""
        assert self._process is not None
        return self._process.pid

    def start(self, part: str = "run") -> None:
        """Start `mailroom run`, or a part of it."""
        self._process = subprocess.Popen([*self._within, COMMAND, part], env=self._environment,
                                         stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log)

    def kill(self) -> None:
        """SIGKILL, at whatever the service is just doing."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """SIGTERM; the service ends what it is at. Fails when it does not end cleanly."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(30) == 0
        self._process = None

    def close(self) -> None:
        """End the service however it is."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run one command to its end; what it printed."""
        done = subprocess.run([*self._within, COMMAND, *arguments], env=self._environment, capture_output=True,
                              text=True, check=False, stdin=subprocess.DEVNULL)
        assert done.returncode == status, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def items(self) -> list[dict[str, Any]]:
        """The export."""
        return [json.loads(line) for line in self.run("export", "--format", "jsonl").splitlines()]

    def deliver(self, mailbox: str, message: EmailMessage) -> None:
        """Put a mail into one of the town's mailboxes."""
        self._dovecot.deliver(mailbox, message.as_bytes())

    def scan(self, name: str, text: str) -> None:
        """Let the scanner write a page."""
        self.scan_file(name, scanned_page(text))

    def scan_file(self, name: str, content: bytes) -> None:
        """Let the scanner write a file: first half of it, then the rest, as scanners do."""
        with (self.scans / name).open("wb") as file:
            file.write(content[: len(content) // 2])
            file.flush()
            time.sleep(0.05)
            file.write(content[len(content) // 2:])


def citizen_mail(number: int, **fields: str) -> EmailMessage:
    """A mail that no other mail equals, from a citizen of its own."""
    message = EmailMessage()
    message["From"] = f"Мария Петкова <citizen{number}@example.com>"
    message["To"] = "center@primerovo.example.bg"
    message["Subject"] = f"Сигнал за дупка {number}"
    message["Message-ID"] = f"<citizen-{number}@example.com>"
    message["Date"] = "Fri, 20 Nov 2026 10:12:00 +0200"
    for name, value in fields.items():
        message[name.replace("_", "-")] = value
    message.set_content(f"Здравейте,\n\nна улица „Роза“ № {number} има голяма дупка. Моля да вземете мерки.\n\n"
                        "Мария Петкова\n")
    return message


def scanned_page(text: str, size: tuple[int, int] = (1240, 700)) -> bytes:
    """A page as a scanner makes it: a PDF with a picture and no text."""
    page = Image.new("L", size, 255)
    ImageDraw.Draw(page).multiline_text((80, 80), text, font=ImageFont.truetype(FONT, 26), fill=0, spacing=14)
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"page-{os.getpid()}-{time.monotonic_ns()}.pdf"
    page.save(path, resolution=150)
    content = path.read_bytes()
    path.unlink()
    return content


def wait_until(true: Callable[[], bool], seconds: float, pause: float = 0.3) -> None:
    """Wait for something to become true; fail when it does not in that long."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"still not true after {seconds} s"
        time.sleep(pause)
