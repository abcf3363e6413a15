"""The municipality's single sign-on (home of Authlib): authorisation code flow with PKCE, state and nonce (OpenID
Connect Core 1.0, 3.1; RFC 7636; RFC 9700).

What the provider must hand back unchanged lies in a cookie that only this browser has, so no secret of ours is needed
for it. Who the person is:
1. the one who is tied to the provider's subject, else the log-in of the name that the provider gives, tied from now on;
2. an administrator comes in by password alone, and none is ever made here;
3. somebody stopped stays outside;
4. where grants are set up, the first that fits gives role and department, every time anew; who fits none stays outside;
5. somebody unknown is added where a grant fits.
The second factor is the provider's affair. Whoever has no password here is sent there again every `check_minutes`
(web/visit.py), so that a group that was taken away ends what is open, too.
"""

import base64
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx2
import structlog
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from mailroom.config import OidcGrant, OidcSettings, secret
from mailroom.errors import Misconfigured
from mailroom.model.access import Stage
from mailroom.model.staff import Role, Staff
from mailroom.office import Office
from mailroom.store.store import Register
from mailroom.web.entering import begin, local
from mailroom.web.render import page
from mailroom.web.typed import is_login, plain
from mailroom.web.visit import see_other

log = structlog.get_logger()

BACK = "/login/oidc/back"
_COOKIE = "mailroom_oidc"
_WITHIN_SECONDS = 600
_TIMEOUT_SECONDS = 10
_LONGEST = 200
_FAILED = ("Входът със служебния акаунт не успя. Опитайте отново; ако се повтори, обадете се на администратора или "
           "влезте с парола.")
_NOBODY = "Със служебния Ви акаунт няма достъп до деловодството. Обърнете се към администратора."
_ADMIN = "Администраторът влиза с парола."
MACHINE = "single sign-on"
"""Who did it, in the history."""


class NotLetIn(Exception):
    """The provider knows the person, but the mailroom does not let them in; carries the sentence."""


@dataclass(frozen=True)
class SingleSignOn:
    """The way in by the provider of one office's settings."""

    office: Office
    settings: OidcSettings

    def __post_init__(self) -> None:
        known = {"", *(department.id for department in self.office.pack.departments)}
        for grant in self.settings.grants:
            if grant.department not in known:
                raise Misconfigured(f"[[oidc.grants]] department = „{grant.department}“ is not in the rule pack: "
                                    f"one of {', '.join(sorted(known - {''}))}")

    @cached_property
    def _provider(self) -> Any:
        """Authlib's client; asks the provider for its addresses and keys when they are first needed."""
        return OAuth().register(
            "town", client_id=self.settings.client_id, client_secret=secret(self.settings.client_secret),
            server_metadata_url=f"{self.settings.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": " ".join(self.settings.scopes), "code_challenge_method": "S256",
                           "timeout": _TIMEOUT_SECONDS})

    async def start(self, request: Request) -> Response:
        """To the provider."""
        request.scope["session"] = {"next": local(request.query_params.get("next", ""))}
        try:
            response: Response = await self._provider.authorize_redirect(request, self._back(request))
        except (httpx2.HTTPError, OAuthError, ValueError, KeyError, RuntimeError) as error:
            return self._failed(error)
        self._keep(response, request.session)
        return response

    async def back(self, request: Request) -> Response:
        """From the provider, with a code or a refusal."""
        request.scope["session"] = kept = _read(request.cookies.get(self._cookie, ""))
        try:
            claims = await self._claims(request)
        except (httpx2.HTTPError, OAuthError, JoseError, ValueError, KeyError, RuntimeError) as error:
            return self._failed(error)
        try:
            staff = await run_in_threadpool(self._person, claims)
        except NotLetIn as refusal:
            await run_in_threadpool(self._let_out, claims)
            return self._refused(str(refusal), 403)
        response = await run_in_threadpool(begin, self.office, request, staff.login, Stage.OPEN,
                                           local(str(kept.get("next", ""))) or "/")
        self._forget(response)
        return response

    async def _claims(self, request: Request) -> dict[str, Any]:
        """What the provider says of the person, its signature, issuer, audience, nonce and times checked."""
        token = await self._provider.authorize_access_token(
            request, claims_options={"iss": {"essential": True, "value": self.settings.issuer},
                                     "aud": {"essential": True, "value": self.settings.client_id},
                                     "sub": {"essential": True}})
        claims = dict(token["userinfo"])
        wanted = {self.settings.login_claim, self.settings.role_claim} - {""}
        if wanted - claims.keys() and "userinfo_endpoint" in self._provider.server_metadata:
            further = await self._provider.userinfo(token=token)
            if further.get("sub") == claims["sub"]:
                claims = {**further, **claims}
        return claims

    # -- who it is -----------------------------------------------------------------------------------------------

    def _person(self, claims: dict[str, Any]) -> Staff:
        """The person of these claims, as the module says. Raises NotLetIn."""
        subject, login = f"{self.settings.issuer} {claims['sub']}", plain(claims.get(self.settings.login_claim))
        with self.office.store.transaction() as register:
            known = register.people.by_subject(subject) or register.people.get(login)
            grant = self._grant(claims)
            if known is None:
                return self._added(register, subject, login, claims, grant)
            if known.role is Role.ADMIN:
                raise NotLetIn(_ADMIN)
            if not known.active or (self.settings.grants and grant is None):
                raise NotLetIn(_NOBODY)
            if not register.people.tie(known.login, subject):
                raise NotLetIn(_NOBODY)
            return self._granted(register, known, grant)

    def _let_out(self, claims: dict[str, Any]) -> None:
        """Who is not let in any more has no open log-in left either; a password of their own still opens one."""
        with self.office.store.transaction() as register:
            known = register.people.by_subject(f"{self.settings.issuer} {claims['sub']}")
            if known is not None and not register.people.account(known.login).has_password:
                register.sessions.end_all(known.login)

    def _added(self, register: Register, subject: str, login: str, claims: dict[str, Any],
               grant: OidcGrant | None) -> Staff:
        if grant is None or not is_login(login):
            raise NotLetIn(_NOBODY)
        mail = plain(claims.get("email")).lower()
        officer = next((one for one in self.office.pack.officers if mail and one.email.lower() == mail), None)
        staff = Staff(login=login, name=plain(claims.get("name"))[:_LONGEST] or login, role=Role(grant.role),
                      department_id=grant.department or None, officer_id=officer.id if officer else None,
                      email=mail[:_LONGEST])
        register.people.add(staff, "")
        register.people.tie(login, subject)
        register.history.note("user_added", who=MACHINE, at=self.office.now(), login=login, role=staff.role)
        return staff

    def _granted(self, register: Register, known: Staff, grant: OidcGrant | None) -> Staff:
        if grant is None:
            return known
        staff = known.model_copy(update={"role": Role(grant.role),
                                         "department_id": grant.department or known.department_id})
        if staff != known:
            register.people.change(staff)
            register.history.note("user_changed", who=MACHINE, at=self.office.now(), login=staff.login, role=staff.role)
        return staff

    def _grant(self, claims: dict[str, Any]) -> OidcGrant | None:
        """The first that fits; the claim is one value or a list of them."""
        said = claims.get(self.settings.role_claim) if self.settings.role_claim else None
        values = said if isinstance(said, list) else [said]
        return next((grant for grant in self.settings.grants if grant.value in values), None)

    # -- the cookie ----------------------------------------------------------------------------------------------

    @property
    def _cookie(self) -> str:
        return f"__Host-{_COOKIE}" if self.office.settings.web.secure_cookies else _COOKIE

    def _keep(self, response: Response, session: dict[str, Any]) -> None:
        value = base64.urlsafe_b64encode(json.dumps(session).encode()).decode()
        response.set_cookie(self._cookie, value, max_age=_WITHIN_SECONDS, path="/", httponly=True, samesite="lax",
                            secure=self.office.settings.web.secure_cookies)

    def _forget(self, response: Response) -> None:
        response.delete_cookie(self._cookie, path="/", httponly=True, samesite="lax",
                               secure=self.office.settings.web.secure_cookies)

    def _back(self, request: Request) -> str:
        return (self.office.settings.web.staff_url or str(request.base_url)).rstrip("/") + BACK

    def _failed(self, error: Exception) -> Response:
        log.warning("single_sign_on_failed", trouble=type(error).__name__)
        return self._refused(_FAILED, 502 if isinstance(error, httpx2.HTTPError) else 400)

    def _refused(self, sentence: str, status: int) -> Response:
        response = page("plain.html", status=status, sentence=sentence)
        self._forget(response)
        return response


async def no_single_sign_on(_request: Request) -> Response:
    """Where none is set up."""
    return see_other("/login")


def _read(cookie: str) -> dict[str, Any]:
    """What the cookie holds; nothing when it is none of ours."""
    try:
        held = json.loads(base64.urlsafe_b64decode(cookie.encode()))
    except (ValueError, UnicodeError):
        return {}
    return held if isinstance(held, dict) else {}
