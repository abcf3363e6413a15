"""The last step of every log-in: a session begins, and the browser gets its cookie."""

import secrets
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from mailroom.model.access import Stage
from mailroom.office import Office
from mailroom.web.typed import plain
from mailroom.web.visit import cookie_name, digest_of, see_other

CODE_WITHIN = timedelta(minutes=10)
"""So long the page for the second factor's code waits."""
_LONGEST_AGENT = 200


def begin(office: Office, request: Request, login: str, stage: Stage, to: str) -> Response:
    """Start a session in the place of the one that the browser had, and go on to `to`."""
    token, now = secrets.token_urlsafe(32), office.now()
    life = timedelta(hours=office.settings.web.session_hours) if stage is Stage.OPEN else CODE_WITHIN
    name = cookie_name(office)
    with office.store.transaction() as register:
        if old := request.cookies.get(name):
            register.sessions.end(digest_of(old))
        register.sessions.start(
            login, digest_of(token), secrets.token_urlsafe(32), stage=stage, now=now, ends_at=now + life,
            address=request.client.host if request.client else "",
            agent=plain(request.headers.get("user-agent", ""))[:_LONGEST_AGENT])
    response = see_other(to)
    response.set_cookie(name, token, max_age=int(life.total_seconds()), path="/", httponly=True, samesite="lax",
                        secure=office.settings.web.secure_cookies)
    return response


def local(path: str) -> str:
    """A path of ours, or nothing: never another site's address."""
    return path if path.startswith("/") and not path.startswith("//") and "\\" not in path else ""
