"""Logging in and out: name and password, then the code of the second factor where the person has one.

Log-in without a session has no session token to check, so the form and a strict cookie carry the same random value:
another site can send neither (double submit). Every try is counted before it is looked at, so that many at once are
counted too, and forgotten again when it was right.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailroom.model.access import Session, Stage
from mailroom.model.staff import Role
from mailroom.office import Office
from mailroom.web.entering import begin, local
from mailroom.web.limits import Limit, forget_try, is_shut, network_of, note_failure
from mailroom.web.passwords import is_password
from mailroom.web.render import page
from mailroom.web.second_factor import check_code
from mailroom.web.typed import plain
from mailroom.web.visit import Visit, cookie_name, digest_of, person_of, see_other, session_of

DOOR, CODE_DOOR = "login", "code"
_FORM_COOKIE = "mailroom_login"
_WRONG = "Името или паролата не са верни. Опитайте отново."
_WRONG_CODE = "Кодът не е верен или вече е използван. Изчакайте следващия и опитайте отново."
_SHUT = "Прекалено много неуспешни опити. Опитайте отново след четвърт час или се обърнете към администратора."
_OLD = "Страницата е остаряла. Опитайте отново."

START: dict[Role, str] = dict.fromkeys(Role, "/queue") | {Role.MAYOR: "/digest", Role.ADMIN: "/health"}
"""The first page of each role."""


def home(visit: Visit) -> Response:
    """To the first page of the role."""
    return see_other(START[visit.staff.role])


@dataclass(frozen=True)
class Login:
    """The log-in pages of one office."""

    office: Office

    async def show(self, request: Request) -> Response:
        """The form; who is logged in already goes on."""
        if await run_in_threadpool(person_of, self.office, request):
            return see_other("/")
        return self._form(next_path=local(request.query_params.get("next", "")))

    async def enter(self, request: Request) -> Response:
        """Check name and password."""
        form = await request.form(max_files=0, max_fields=20)
        name, password = plain(form.get("login", "")), form.get("password", "")
        token, next_path = plain(form.get("token", "")), local(plain(form.get("next", "")))
        cookie = request.cookies.get(_FORM_COOKIE, "")
        if not token or not secrets.compare_digest(token.encode(), cookie.encode()):
            return self._form(next_path=next_path, name=name, sentence=_OLD, status=403)
        return await run_in_threadpool(self._check, request, name, password if isinstance(password, str) else "",
                                       next_path)

    def _check(self, request: Request, name: str, password: str, next_path: str) -> Response:
        now, limits = self.office.now(), _limits(name, _network(request))
        if not self._may_try(DOOR, limits, now):
            return self._form(next_path=next_path, name=name, sentence=_SHUT, status=429)
        with self.office.store.reading() as register:
            kept = register.people.password_hash(name)
            needs_code = register.second_factors.of(name) is not None
        if not is_password(password, kept):
            return self._form(next_path=next_path, name=name, sentence=_WRONG, status=401)
        with self.office.store.transaction() as register:
            forget_try(register, DOOR, limits, now)
        goes_on = f"/login/code?next={quote(next_path)}" if next_path else "/login/code"
        response = begin(self.office, request, name, Stage.CODE if needs_code else Stage.OPEN,
                         goes_on if needs_code else next_path or "/")
        response.delete_cookie(_FORM_COOKIE, path="/login")
        return response

    def _may_try(self, door: str, limits: tuple[Limit, ...], now: datetime) -> bool:
        with self.office.store.transaction() as register:
            shut = is_shut(register, door, limits, now)
            if not shut:
                note_failure(register, door, limits, now)
        return not shut

    def _form(self, *, next_path: str, name: str = "", sentence: str = "", status: int = 200) -> Response:
        token = secrets.token_urlsafe(32)
        response = page("login.html", status=status, town=self.office.pack.contact.name, token=token, name=name,
                        next_path=next_path, sentence=sentence, oidc=self.office.settings.oidc)
        response.set_cookie(_FORM_COOKIE, token, max_age=3600, path="/login", httponly=True, samesite="strict",
                            secure=self.office.settings.web.secure_cookies)
        return response

    # -- the second factor ---------------------------------------------------------------------------------------

    async def show_code(self, request: Request) -> Response:
        """The form for the code, for who has given the password."""
        session = await run_in_threadpool(session_of, self.office, request)
        if session is None or session.stage is not Stage.CODE:
            return see_other("/" if session else "/login")
        return self._code_form(session, next_path=local(request.query_params.get("next", "")))

    async def enter_code(self, request: Request) -> Response:
        """Check the code."""
        form = await request.form(max_files=0, max_fields=20)
        session = await run_in_threadpool(session_of, self.office, request)
        if session is None or session.stage is not Stage.CODE:
            return see_other("/login")
        next_path = local(plain(form.get("next", "")))
        if not secrets.compare_digest(plain(form.get("csrf", "")).encode(), session.csrf.encode()):
            return self._code_form(session, next_path=next_path, sentence=_OLD, status=403)
        return await run_in_threadpool(self._check_code, request, session, plain(form.get("code", "")), next_path)

    def _check_code(self, request: Request, session: Session, code: str, next_path: str) -> Response:
        now, login = self.office.now(), session.staff.login
        limits = ((f"{login}@{_network(request)}", 5), (login, 20))
        if not self._may_try(CODE_DOOR, limits, now):
            return self._code_form(session, next_path=next_path, sentence=_SHUT, status=429)
        with self.office.store.transaction() as register:
            if right := check_code(register, self.office.vault, login, code, now):
                forget_try(register, CODE_DOOR, limits, now)
        if not right:
            return self._code_form(session, next_path=next_path, sentence=_WRONG_CODE, status=401)
        return begin(self.office, request, login, Stage.OPEN, next_path or "/")

    def _code_form(self, session: Session, *, next_path: str, sentence: str = "", status: int = 200) -> Response:
        return page("login_code.html", status=status, town=self.office.pack.contact.name, csrf=session.csrf,
                    next_path=next_path, sentence=sentence)


def leave(visit: Visit) -> Response:
    """Log out."""
    name, secure = cookie_name(visit.office), visit.office.settings.web.secure_cookies
    with visit.office.store.transaction() as register:
        register.sessions.end(digest_of(visit.request.cookies.get(name, "")))
    response = see_other("/login")
    response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=secure)
    return response


def _network(request: Request) -> str:
    return network_of(request.client.host if request.client else None)


def _limits(name: str, network: str) -> tuple[Limit, ...]:
    """Few tries for one name from one place; more for a place or a name, so that nobody can shut a colleague out."""
    return ((f"{name}@{network}", 5), (network, 30), (name, 100))
