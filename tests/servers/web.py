"""A real HTTP server that keeps what it is sent, and refuses on request."""

import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: str


class WebServer:
    """Listens on a random loopback port."""

    def __init__(self) -> None:
        self.received: list[Request] = []
        self.status = 200
        """What it answers, and its body."""
        self.answer = ""
        kept = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                kept.take(self)

            do_GET = do_POST  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                """Nothing on standard error."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def take(self, request: BaseHTTPRequestHandler) -> None:
        """Keep it and answer."""
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        self.received.append(Request(method=request.command, path=request.path, headers=dict(request.headers.items()),
                                     body=body.decode()))
        request.send_response(self.status)
        request.send_header("Location", "/elsewhere")
        content = self.answer.encode()
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 where: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
