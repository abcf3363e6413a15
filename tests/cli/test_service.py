"""`mailroom run`, `run --dry-run` and `web --public` as processes of their own."""

import json
import mailbox
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mailroom.config import load_settings
from mailroom.demo.mails import as_eml, samples
from mailroom.office import open_office
from mailroom.service import Parts
from mailroom.verify import verify
from tests.cli.conftest import TownHall
from tests.cli.run import COMMAND, call, environment, mailroom

SECONDS = 60
"""How long anything may take before the test gives up."""


@contextmanager
def running(*arguments: str, data: Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """A command that runs until it is told to stop."""
    process = subprocess.Popen([COMMAND, *arguments], env=environment(data) | variables, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until(true: Callable[[], Any], what: str) -> None:
    """Come back when it is; fail when it takes too long."""
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, f"not within {SECONDS} seconds: {what}"
        time.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_town(folder: Path, *, port: int = 0, public_port: int = 0) -> Path:
    """A data directory that watches a Maildir and writes letters into a folder."""
    assert call("init", "--charter", "primerovo", folder).status == 0
    mailbox.Maildir(folder / "inbox")
    (folder / "mailroom.toml").write_text(f"""charter = "primerovo"
[[maildirs]]
name = "delovodstvo@example.bg"
path = "inbox"
poll_seconds = 0.2
settle = "move"
[outgoing]
folder = "outbox"
[web]
port = {port}
public_port = {public_port}
""", "utf-8")
    return folder


def sample(name: str) -> bytes:
    """One of the demo's letters."""
    mail = next(mail for mail in samples().mail if mail.name == name)
    return as_eml(mail, datetime(2026, 11, 18, 9, 30, tzinfo=UTC))


def status_of(url: str) -> int:
    """The HTTP status; 0 when nobody listens."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def test_the_service_takes_registers_and_answers_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """It tells systemd that it is ready and lives; SIGTERM ends it with status 0 and nothing is left half done."""
    port = free_port()
    data = make_town(tmp_path / "data", port=port)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(SECONDS)
        with running("run", data=data, NOTIFY_SOCKET=str(tmp_path / "notify")) as service:
            assert systemd.recv(100) == b"READY=1"
            assert systemd.recv(100) == b"WATCHDOG=1"
            mailbox.Maildir(data / "inbox").add(sample("signal-containers"))
            wait_until(lambda: list((data / "outbox").glob("*.eml")), "an acknowledgement in the outbox")
            wait_until(lambda: status_of(f"http://127.0.0.1:{port}/login") == 200, "the log-in page")
            service.send_signal(signal.SIGTERM)
            said, _ = service.communicate(timeout=SECONDS)
            assert service.returncode == 0, said
            while systemd.recv(100) != b"STOPPING=1":
                pass
    item, = call("export", data=data).items()
    assert item["status"] == "registered"
    assert [letter["status"] for letter in item["letters"]] == ["sent"]
    assert "Райкова" not in said, "no citizen's words in the log"
    assert call("verify", data=data).status == 0


@pytest.mark.long
def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    """It reads the real inbox, says what it would do, and leaves inbox, register and outbox as they were."""
    data = make_town(tmp_path / "data")
    mailbox.Maildir(data / "inbox").add(sample("signal-containers"))

    def everything() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in data.rglob("*")
                if path.is_file() and not path.name.startswith("register.db-")}

    before = everything()
    tried = call("run", "--dry-run", "--once", data=data)
    assert tried.status == 0, tried.err
    line, summary = tried.out.splitlines()
    assert "94-И-1" in line and "acknowledgement" in line
    assert summary.startswith("1 new")
    assert everything() == before
    assert call("export", data=data).out == ""


def test_verify_sees_what_the_register_does_not_know(tmp_path: Path) -> None:
    """A letter that lies in a mailbox and was never taken is a fault, once the service had time to take it."""
    data = make_town(tmp_path / "data")
    mailbox.Maildir(data / "inbox").add(sample("praise-registry"))
    office = open_office(load_settings(data / "mailroom.toml"))
    found = verify(office, patience=0)
    office.close()
    assert len(found.faults) == 1
    assert "delovodstvo@example.bg" in found.faults[0]


def test_verify_sees_a_changed_original_and_a_changed_history(town_hall: TownHall, tmp_path: Path) -> None:
    """Whoever changes what was kept or written is found out."""
    data = shutil.copytree(town_hall.data, tmp_path / "data")
    original = next(path for path in (data / "originals").rglob("*") if path.is_file() and path.stat().st_size)
    original.chmod(0o600)
    original.write_bytes(b"something else")
    with sqlite3.connect(data / "register.db") as register:
        register.execute("UPDATE history SET who = 'nobody' WHERE sequence = 2")
        register.execute("UPDATE entry SET sequence = 77 WHERE sequence = 1")
    found = call("verify", "--json", data=data)
    assert found.status == 1
    faults = " ".join(found.json()["faults"])
    assert original.name in faults
    assert "history: line 2" in faults
    assert "numbers missing: 1" in faults


def test_the_public_page_is_alone(tmp_path: Path) -> None:
    """`web --public` serves the status page and knows no log-in."""
    port = free_port()
    data = make_town(tmp_path / "data", public_port=port)
    with running("web", "--public", data=data):
        wait_until(lambda: status_of(f"http://127.0.0.1:{port}/") == 200, "the status page")
        assert status_of(f"http://127.0.0.1:{port}/login") == 404


@pytest.mark.long
def test_a_port_that_is_taken_ends_the_service_with_a_line(tmp_path: Path) -> None:
    """The configuration names a port that is in use: status 2, so that systemd does not try again and again."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        data = make_town(tmp_path / "data", port=int(taken.getsockname()[1]))
        ended = mailroom("run", data=data)
    assert ended.status == 2
    assert "[web]" in ended.err.splitlines()[-1]


HANGING = """import threading, time
from mailroom.errors import Misconfigured, TryAgain
from mailroom.leaving import leave_in_time
from mailroom.logs import configure_logs
configure_logs()
threading.Thread(target=time.sleep, args=(600,), name="hangs").start()
leave_in_time({failure}, 0.2)
"""


@pytest.mark.parametrize(("failure", "status"), [("None", 0), ("TryAgain('x')", 1), ("Misconfigured('x')", 2)])
def test_whatever_hangs_the_process_ends_in_time_and_says_what_did(failure: str, status: int) -> None:
    """With the status by which systemd knows whether to start it again."""
    ended = subprocess.run([sys.executable, "-c", HANGING.format(failure=failure)], capture_output=True, text=True,
                           timeout=SECONDS, check=False)
    assert (ended.returncode, json.loads(ended.stderr)["event"]) == (status, "left_in_the_middle"), ended.stderr
    assert "hangs" in json.loads(ended.stderr)["threads"]


@pytest.mark.long
def test_mail_servers_that_fall_silent_do_not_keep_the_service_from_ending(tmp_path: Path) -> None:
    """However many: all are waited for together."""
    data = make_town(tmp_path / "data", port=free_port())
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        boxes = "".join(f"""
[[mailboxes]]
name = "box{number}@example.bg"
host = "127.0.0.1"
port = {silent.getsockname()[1]}
security = "none"
user = "box"
password_secret = "imap"
""" for number in range(3))
        with (data / "mailroom.toml").open("a", encoding="utf-8") as file:
            file.write(boxes)
        with running("run", data=data, MAILROOM_SECRET_IMAP="x") as service:
            connected = [silent.accept()[0] for _ in range(3)]
            service.send_signal(signal.SIGTERM)
            said, _ = service.communicate(timeout=SECONDS / 2)
            assert service.returncode == 0, said
        for connection in connected:
            connection.close()


def test_a_part_that_dies_ends_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ended it: a watcher that is silently gone would be worse than a restart."""
    died: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda thread: died.append(thread.exc_type.__name__))

    def fail() -> None:
        raise RuntimeError("nobody has foreseen this")

    stop = threading.Event()
    parts = Parts(stop)
    parts.start("watcher", fail)
    parts.join()
    assert stop.is_set()
    assert "watcher" in str(parts.failure)
    assert died == ["RuntimeError"]
