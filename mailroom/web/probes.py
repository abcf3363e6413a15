"""What machines ask of a process: does it live, can it work, its figures. No log-in, and nothing of any letter.

| path | answers |
| --- | --- |
| /livez | 200 as long as the process answers at all |
| /readyz | 200 when the register answers, else 503 |
| /metrics | figures for Prometheus: with the token of [metrics], or, without one, from this machine alone |
"""

import secrets
from ipaddress import ip_address

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mailroom.condition import look_at
from mailroom.config import secret
from mailroom.measures import CONTENT_TYPE, exposition
from mailroom.office import Office

_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def routes(office: Office) -> list[Route]:
    """The three paths. Raises Misconfigured when the token's secret is missing."""
    token = secret(office.settings.metrics.token_secret)

    async def ready(_request: Request) -> Response:
        away = await run_in_threadpool(office.store.unreachable)
        return _plain("the register does not answer\n", 503) if away else _plain("ok\n")

    async def metrics(request: Request) -> Response:
        if not _may_ask(request, token):
            return _plain("only this machine, or with the token of [metrics] in mailroom.toml\n", 403)
        return Response(await run_in_threadpool(_figures, office), media_type=CONTENT_TYPE)

    return [Route("/livez", _alive), Route("/readyz", ready), Route("/metrics", metrics)]


def probe_app(office: Office) -> Starlette:
    """The three paths alone, for a process without pages."""
    return Starlette(routes=routes(office))


async def _alive(_request: Request) -> Response:
    return _plain("ok\n")


def _figures(office: Office) -> bytes:
    return exposition(None if office.store.unreachable() else look_at(office))


def _may_ask(request: Request, token: str) -> bool:
    """A proxy on this machine asks for somebody else: what it brings is not from here."""
    if token:
        said = request.headers.get("authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(said.encode("latin-1"), token.encode())
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    return ip_address(request.client.host).is_loopback


def _plain(text: str, status: int = 200) -> Response:
    return PlainTextResponse(text, status_code=status, headers={"Cache-Control": "no-store"})
