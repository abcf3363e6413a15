"""A bad line: a TCP relay that can be cut in the middle of an answer."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

_CHUNK = 4096


class Wire:
    """Relays connections to a port of this machine; used as a context manager."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.connections = 0
        self._cut_after = 0
        self._cuts = 0
        self._swallowed = False
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def cut_after(self, octets: int, *, times: int = 1) -> None:
        """The next so many answers (to one question each) that are longer end here, together with their connection."""
        self._cut_after, self._cuts = octets, times

    def swallow(self, swallowed: bool) -> None:
        """Let nothing through any more without closing anything, as a firewall that has forgotten the connection."""
        self._swallowed = swallowed

    def __enter__(self) -> Self:
        self._spawn(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._sockets:
            _close(end)
        for thread in self._threads:
            thread.join(5)

    def _spawn(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                try:
                    server = socket.create_connection(("127.0.0.1", self._target_port))
                except OSError:
                    _close(client)
                    continue
                self._sockets += [client, server]
                answered = [0]
                self._spawn(self._ask, client, server, answered)
                self._spawn(self._answer, server, client, answered)

    def _ask(self, client: socket.socket, server: socket.socket, answered: list[int]) -> None:
        with contextlib.suppress(OSError):
            for octets in _octets(client):
                answered[0] = 0
                if not self._swallowed:
                    server.sendall(octets)
        _close(client)
        _close(server)

    def _answer(self, server: socket.socket, client: socket.socket, answered: list[int]) -> None:
        with contextlib.suppress(OSError):
            for octets in _octets(server):
                room = self._cut_after - answered[0]
                if self._cuts and room < len(octets):
                    self._cuts -= 1
                    client.sendall(octets[:max(room, 0)])
                    break
                answered[0] += len(octets)
                if not self._swallowed:
                    client.sendall(octets)
        _close(client)
        _close(server)


def _octets(source: socket.socket) -> Iterator[bytes]:
    while octets := source.recv(_CHUNK):
        yield octets


def _close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
