"""What every answer carries: a strict content security policy, no guessing of types, no referrer, no copies kept.

And what no request may have: a body larger than a form.
"""

from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_FORM = 1 << 20
"""Octets."""
_READ_AWAY = 1 << 32
_TOO_LARGE = "Заявката е прекалено голяма. Върнете се и изпратете по-малко файлове наведнъж."

PAGE_POLICY = ("default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; font-src 'self'; "
               "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
MAIL_POLICY = ("default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
               "sandbox")
"""For a citizen's HTML: nothing runs, nothing is fetched but our own style sheet."""
FILE_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
"""For a citizen's file, should a browser show it after all."""

_ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class SafeHeaders:
    """ASGI middleware; an answer that brings a policy of its own keeps it."""

    def __init__(self, app: ASGIApp, larger: Mapping[str, int] | None = None) -> None:
        """`larger`: the paths that take files, each with the octets that it takes."""
        self._app = app
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a large body, else hand on and add the headers to the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers[name] = value
                headers.setdefault("content-security-policy", PAGE_POLICY)
                is_ours = scope["path"].startswith("/static/")
                # A sandboxed frame is nobody's origin, and still has to get its style sheet.
                headers["cross-origin-resource-policy"] = "cross-origin" if is_ours else "same-origin"
                headers.setdefault("cache-control", "no-cache" if is_ours else "no-store")
            await send(message)

        # What other systems send is measured behind their key (api/app.py).
        if scope["method"] == "POST" and not scope["path"].startswith("/api/") and not _is_small(
                Headers(scope=scope), self._larger.get(scope["path"], LARGEST_FORM)):
            if scope["path"] in self._larger:
                await _read_away(receive)
            refusal = PlainTextResponse(_TOO_LARGE, status_code=413)
            await refusal(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


def _is_small(headers: Headers, most: int) -> bool:
    """A browser always says how long a form is; what does not say it is refused."""
    declared = headers.get("content-length", "")
    return declared.isascii() and declared.isdigit() and int(declared) <= most


async def _read_away(receive: Receive) -> None:
    """Let a browser send its files to the end, or to a length at which no person waits: only then it shows the answer.
    """
    left = _READ_AWAY
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
