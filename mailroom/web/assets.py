"""Our own style sheets, scripts and pictures, out of memory: small on the way, and kept by browsers.

A page names each with a mark of its content (`/static/style.css?v=3f2a9c01`), so that a browser keeps it for a year and
asks for the new one at once. Only these files are compressed, never a page: beside what somebody else may have put into
a page stand the tokens of its forms, and how well the one goes with the other tells what they are (BREACH, 2013).
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

STATIC = Path(__file__).resolve().parent / "static"
PATH = "/static/{name}"
_KEPT = "public, max-age=31536000, immutable"
"""A year (RFC 9111, 5.2.2; RFC 8246)."""
_MARK_LENGTH = 8


@dataclass(frozen=True)
class Asset:
    """One file."""

    media_type: str
    content: bytes
    compressed: bytes
    mark: str


def asset(name: str) -> str:
    """The address of a file, with the mark of its content. Raises KeyError when there is no such file."""
    return f"/static/{name}?v={_assets()[name].mark}"


async def serve_asset(request: Request) -> Response:
    """One file; 304 for who has it."""
    found = _assets().get(request.path_params["name"])
    if found is None:
        raise HTTPException(404)
    takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"etag": f'"{found.mark}{"-gzip" if takes_gzip else ""}"', "vary": "accept-encoding",
               "cache-control": _KEPT if request.query_params.get("v") == found.mark else "no-cache"}
    if request.headers.get("if-none-match") == headers["etag"]:
        return Response(status_code=304, headers=headers)
    if takes_gzip:
        headers["content-encoding"] = "gzip"
    return Response(found.compressed if takes_gzip else found.content, headers=headers, media_type=found.media_type)


@cache
def _assets() -> dict[str, Asset]:
    return {path.name: _read(path) for path in STATIC.iterdir()}


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    return Asset(media_type=mimetypes.guess_type(path.name)[0] or "application/octet-stream", content=content,
                 compressed=gzip.compress(content, mtime=0), mark=hashlib.sha256(content).hexdigest()[:_MARK_LENGTH])
