"""What systemd hears (sd_notify(3)), on a socket like its own."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailroom import service
from mailroom.engine.inline import InlineEngine
from mailroom.office import Office
from tests.watching.conftest import Clock

SECONDS = 20


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Listens as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(SECONDS)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setattr(service, "HEARTBEAT_SECONDS", 0.05)
        yield listener


def test_a_service_whose_workers_hang_falls_silent_so_that_systemd_starts_it_anew(
    office: Office, clock: Clock, systemd: socket.socket
) -> None:
    """It is ready, it lives; from the moment at which no thread goes round it says nothing, and lives again after."""
    engine, stop = InlineEngine(office), threading.Event()
    alive = threading.Thread(target=service._live, args=(office, engine, stop))
    alive.start()
    try:
        assert systemd.recv(100) == b"READY=1"
        assert systemd.recv(100) == b"WATCHDOG=1"
        clock.at += service.LONGEST_SILENCE + timedelta(seconds=1)
        systemd.settimeout(0.3)
        with pytest.raises(TimeoutError):
            while True:
                systemd.recv(100)
        engine.last_turn = clock.at
        systemd.settimeout(SECONDS)
        assert systemd.recv(100) == b"WATCHDOG=1"
    finally:
        stop.set()
        alive.join()
    while (said := systemd.recv(100)) == b"WATCHDOG=1":
        pass
    assert said == b"STOPPING=1"
