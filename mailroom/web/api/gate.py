"""Who asks, and whether they may: every request for data passes here before its body is read.

1. no key, or one that is unknown, has ended or was taken back: 401 (RFC 6750); who tries many waits;
2. too many requests with one key: 429 with the seconds to wait;
3. the key may not do this: 403.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from mailroom.model.access import ApiToken, Scope
from mailroom.office import Office
from mailroom.store.tokens import USED_EVERY
from mailroom.web.api.problems import Refused
from mailroom.web.api_keys import digest_of_key
from mailroom.web.limits import Limit, is_shut, network_of, note_failure

DOOR = "api"
_WRONG_KEYS = 30
"""From one place, in a quarter of an hour."""
_MINUTE = timedelta(minutes=1)
_CHALLENGE = 'Bearer realm="mailroom"'


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request of a system that is known, with its body read."""

    office: Office
    request: Request
    token: ApiToken
    body: bytes

    @property
    def source(self) -> str:
        """Under which its letters stand in the register, whichever of its keys it used."""
        return f"api/{self.token.name}"


Handler = Callable[[Call], Response]


@dataclass(frozen=True)
class Gate:
    """The way in of one office."""

    office: Office
    _asked: dict[int, deque[datetime]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, request: Request, scope: Scope) -> ApiToken:
        """The key of this request, which may do this. Raises Refused."""
        token = self._known(request)
        self._not_too_often(token)
        if scope not in token.scopes:
            raise Refused(403, "Ключът не дава право на това.",
                          headers={"www-authenticate": f'{_CHALLENGE}, error="insufficient_scope"'})
        return token

    def _known(self, request: Request) -> ApiToken:
        scheme, _, secret = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            raise Refused(401, "Дайте ключа в заглавието Authorization: Bearer.",
                          headers={"www-authenticate": _CHALLENGE})
        now = self.office.now()
        limits: tuple[Limit, ...] = ((network_of(request.client.host if request.client else None), _WRONG_KEYS),)
        with self.office.store.reading() as register:
            shut = is_shut(register, DOOR, limits, now)
            token = None if shut else register.tokens.by_digest(digest_of_key(secret.strip()), now)
        if shut:
            raise Refused(429, "Прекалено много грешни ключове. Опитайте след четвърт час.",
                          headers={"retry-after": "900"})
        if token is None:
            with self.office.store.transaction() as register:
                note_failure(register, DOOR, limits, now)
            raise Refused(401, "Ключът не е познат, изтекъл е или е спрян.",
                          headers={"www-authenticate": f'{_CHALLENGE}, error="invalid_token"'})
        if token.last_used_at is None or now - token.last_used_at >= USED_EVERY:
            with self.office.store.transaction() as register:
                register.tokens.use(token.id, now)
        return token

    def _not_too_often(self, token: ApiToken) -> None:
        now, most = self.office.now(), self.office.settings.web.api_requests_per_minute
        with self._lock:
            asked = self._asked.setdefault(token.id, deque())
            while asked and asked[0] <= now - _MINUTE:
                asked.popleft()
            if len(asked) >= most:
                wait = max(1, (asked[0] + _MINUTE - now).seconds)
                raise Refused(429, "Прекалено много заявки за една минута.", headers={"retry-after": str(wait)})
            asked.append(now)
