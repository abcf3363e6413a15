"""Logging in and out.

Log-in without a session has no session token to check, so the form and a strict cookie carry the same random value:
another site can send neither (double submit).
"""

import secrets
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailroom.model.staff import Role
from mailroom.office import Office
from mailroom.web.limits import Limit, is_shut, network_of, note_failure
from mailroom.web.passwords import is_password
from mailroom.web.render import page
from mailroom.web.typed import plain
from mailroom.web.visit import Visit, cookie_name, digest_of, person_of, see_other

DOOR = "login"
_FORM_COOKIE = "mailroom_login"
_WRONG = "Името или паролата не са верни. Опитайте отново."
_SHUT = "Прекалено много неуспешни опити. Опитайте отново след четвърт час или се обърнете към администратора."
_OLD = "Страницата е остаряла. Опитайте отново."

START: dict[Role, str] = dict.fromkeys(Role, "/queue") | {Role.MAYOR: "/digest", Role.ADMIN: "/health"}
"""The first page of each role."""


def home(visit: Visit) -> Response:
    """To the first page of the role."""
    return see_other(START[visit.staff.role])


class Login:
    """The log-in page of one office."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def show(self, request: Request) -> Response:
        """The form; who is logged in already goes on."""
        if await run_in_threadpool(person_of, self._office, request):
            return see_other("/")
        return self._form(next_path=_local(request.query_params.get("next", "")))

    async def enter(self, request: Request) -> Response:
        """Check name and password, start a session."""
        form = await request.form(max_files=0, max_fields=20)
        name, password = plain(form.get("login", "")), form.get("password", "")
        token, next_path = plain(form.get("token", "")), _local(plain(form.get("next", "")))
        cookie = request.cookies.get(_FORM_COOKIE, "")
        if not token or not secrets.compare_digest(token.encode(), cookie.encode()):
            return self._form(next_path=next_path, name=name, sentence=_OLD, status=403)
        host = request.client.host if request.client else None
        old_token = request.cookies.get(cookie_name(self._office), "")
        return await run_in_threadpool(self._check, name, password if isinstance(password, str) else "", host,
                                       next_path, old_token)

    def _check(self, name: str, password: str, host: str | None, next_path: str, old_token: str) -> Response:
        now = self._office.now()
        limits = _limits(name, network_of(host))
        with self._office.store.reading() as register:
            shut = is_shut(register, DOOR, limits, now)
            kept = register.people.password_hash(name)
        if shut:
            return self._form(next_path=next_path, name=name, sentence=_SHUT, status=429)
        if not is_password(password, kept):
            with self._office.store.transaction() as register:
                note_failure(register, DOOR, limits, now)
            return self._form(next_path=next_path, name=name, sentence=_WRONG, status=401)
        return self._start(name, next_path, old_token)

    def _start(self, name: str, next_path: str, old_token: str) -> Response:
        token, now = secrets.token_urlsafe(32), self._office.now()
        life = timedelta(hours=self._office.settings.web.session_hours)
        with self._office.store.transaction() as register:
            if old_token:
                register.people.end_session(digest_of(old_token))
            register.people.start_session(name, digest_of(token), secrets.token_urlsafe(32), now, now + life)
        response = see_other(next_path or "/")
        response.set_cookie(cookie_name(self._office), token, max_age=int(life.total_seconds()), path="/",
                            httponly=True, samesite="lax", secure=self._office.settings.web.secure_cookies)
        response.delete_cookie(_FORM_COOKIE, path="/login")
        return response

    def _form(self, *, next_path: str, name: str = "", sentence: str = "", status: int = 200) -> Response:
        token = secrets.token_urlsafe(32)
        response = page("login.html", status=status, town=self._office.pack.contact.name, token=token, name=name,
                        next_path=next_path, sentence=sentence)
        response.set_cookie(_FORM_COOKIE, token, max_age=3600, path="/login", httponly=True, samesite="strict",
                            secure=self._office.settings.web.secure_cookies)
        return response


def leave(visit: Visit) -> Response:
    """Log out."""
    name, secure = cookie_name(visit.office), visit.office.settings.web.secure_cookies
    with visit.office.store.transaction() as register:
        register.people.end_session(digest_of(visit.request.cookies.get(name, "")))
    response = see_other("/login")
    response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=secure)
    return response


def _limits(name: str, network: str) -> tuple[Limit, ...]:
    """Few tries for one name from one place; more for a place or a name, so that nobody can shut a colleague out."""
    return ((f"{name}@{network}", 5), (network, 30), (name, 100))


def _local(path: str) -> str:
    """A path of ours, or nothing: never another site's address."""
    return path if path.startswith("/") and not path.startswith("//") and "\\" not in path else ""
