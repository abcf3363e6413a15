"""An issuer of access tokens on the loopback interface: the token endpoint that Microsoft and Google have (RFC 6749,
RFC 7523), and the introspection (RFC 7662) by which Dovecot asks whether a token holds."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN = "mailroom-app", "the application's secret", "the consent that was given"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Issuer:
    """Gives tokens for one user, `user`; a test may end them, or have every request refused."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.life = 3600
        self.refuses: tuple[str, str] | None = None
        """Error and description (RFC 6749, 5.2)."""
        self.grants: list[str] = []
        """What was asked for, in order."""
        self.given: dict[str, float] = {}
        """Token → when it ends."""
        self.key = RSAKey.generate_key(2048)
        """Of the service account."""
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def token_url(self) -> str:
        """Its token endpoint."""
        return f"{self.url}/token"

    def service_account(self) -> str:
        """The key file of an account, as Google gives it."""
        return json.dumps({"type": "service_account", "client_email": "mailroom@project.example",
                           "private_key": self.key.as_pem(private=True).decode()})

    def revoke(self) -> None:
        """No token that was given holds any more."""
        self.given.clear()

    def answer(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """To a request for a token."""
        self.grants.append(form["grant_type"])
        if self.refuses:
            return 400, {"error": self.refuses[0], "error_description": self.refuses[1]}
        if not self._is_entitled(form):
            return 401, {"error": "invalid_client", "error_description": "no such application"}
        token = f"token-{len(self.grants)}"
        self.given[token] = time.time() + self.life
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": self.life}

    def _is_entitled(self, form: dict[str, str]) -> bool:
        if form["grant_type"] == JWT_BEARER:
            claims = jwt.decode(form["assertion"], self.key).claims
            return bool(claims["sub"] == self.user and claims["aud"] == self.token_url and claims["scope"])
        known = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        return known and form.get("refresh_token", REFRESH_TOKEN) == REFRESH_TOKEN

    def introspect(self, token: str) -> dict[str, Any]:
        """RFC 7662, 2.2."""
        return {"active": self.given.get(token, 0) > time.time(), "username": self.user, "email": self.user}

    def __enter__(self) -> Self:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                octets = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                form = {name: values[0] for name, values in parse_qs(octets.decode()).items()}
                self._say(*issuer.answer(form))

            def do_GET(self) -> None:
                self._say(200, issuer.introspect(parse_qs(urlsplit(self.path).query)["token"][0]))

            def _say(self, status: int, value: dict[str, Any]) -> None:
                body = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Quietly."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()
