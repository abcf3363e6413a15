"""Serves an application until it is told to stop (home of uvicorn)."""

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from mailroom.errors import Misconfigured, TryAgain

_LOOK_SECONDS = 0.05
_START_SECONDS = 20.0
_SWITCH_SECONDS = 0.001
"""After so long a thread that computes lets others on. A page asks the database some twenty times, and after each
answer waits for its turn again: with Python's own 5 ms a letter that is being judged makes it twice as slow."""
_GRACE_SECONDS = 5
"""How long open requests may take to end."""


def serve(app: ASGIApp, host: str, port: int, stop: threading.Event,
          on_ready: Callable[[int], None] = lambda _port: None) -> None:
    """Serve until `stop` is set. `on_ready` is told the real port, which the system chooses when `port` is 0.

    Raises Misconfigured when the address cannot be taken.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    listener = _listen(host, port)
    server = uvicorn.Server(uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, lifespan="off", ws="none", http="h11",
        timeout_graceful_shutdown=_GRACE_SECONDS))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name=f"mailroom-http-{port}",
                              daemon=True)
    thread.start()
    try:
        told = False
        while thread.is_alive() and not stop.wait(_LOOK_SECONDS):
            if server.started and not told:
                told = True
                on_ready(int(listener.getsockname()[1]))
    finally:
        server.should_exit = True
        thread.join(_GRACE_SECONDS + 1)
        listener.close()
    if not stop.is_set():
        raise TryAgain(f"the web server on {host}:{port} ended by itself")


@contextmanager
def serving(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Serve in a thread as long as the block lasts; gives the real port."""
    stop, ready = threading.Event(), threading.Event()
    ports: list[int] = []

    def note(real: int) -> None:
        ports.append(real)
        ready.set()

    thread = threading.Thread(target=serve, args=(app, host, port, stop, note), name="mailroom-web", daemon=True)
    thread.start()
    try:
        if not ready.wait(_START_SECONDS):
            raise TryAgain(f"the web server on {host}:{port} did not start")
        yield ports[0]
    finally:
        stop.set()
        thread.join()


def _listen(host: str, port: int) -> socket.socket:
    """The listening socket, taken before anything else so that a port in use is told at once."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # asyncio switches Nagle's algorithm off (40 ms an answer) only on sockets that say that they are TCP.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        raise Misconfigured(f"[web] {host}:{port} cannot be used: {error}: stop what uses it, or choose another port") \
            from error
    return listener
