"""Access tokens for mailboxes that take no password (RFC 6749; home of Authlib's token clients, whose log-in of people
is at home in web/oidc.py).

1. An application that may open the mailbox itself (client credentials, RFC 6749 4.4): Microsoft 365.
2. A service account that speaks for the mailbox's user (JWT bearer, RFC 7523): Google Workspace.
3. The consent that somebody gave once (refresh token, RFC 6749 6): Google, and others.

A token is kept until shortly before it ends, and thrown away when a server refuses it.
"""

import json
import threading
import time
from typing import Any, NamedTuple

import httpx2
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AssertionClient, OAuth2Client
from authlib.oauth2.rfc7523 import JWTBearerGrant
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from mailroom.config import OAuth2Settings, secret
from mailroom.errors import Misconfigured, TryAgain

_TIMEOUT_SECONDS = 20
_SPARE_SECONDS = 120
"""A token that ends so soon is not used any more."""
_LIFE_SECONDS = 600
"""Of a token whose life the provider does not tell (RFC 6749, 5.1 recommends that it does)."""
_URLS = {"microsoft": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
         "google": "https://oauth2.googleapis.com/token"}
_SCOPES = {"microsoft": "https://outlook.office365.com/.default", "google": "https://mail.google.com/"}


class _Account(NamedTuple):
    """A service account: its address and the key with which it signs."""

    email: str
    key: RSAKey


class AccessTokens:
    """The tokens of one mailbox's user. Safe to be called from several threads."""

    def __init__(self, settings: OAuth2Settings, user: str) -> None:
        """Raises Misconfigured when a secret is missing or is not what it should be."""
        self._settings = settings
        self._user = user
        self._url = settings.token_url or _URLS.get(settings.provider, "").format(tenant=settings.tenant)
        self._scope = settings.scope or _SCOPES.get(settings.provider, "")
        self._client_secret = secret(settings.client_secret)
        self._refresh_token = secret(settings.refresh_token_secret)
        self._account = _service_account(settings.service_account_secret)
        self._lock = threading.Lock()
        self._token = ""
        self._ends_at = 0.0

    def token(self) -> str:
        """One that holds for some minutes more. Raises TryAgain with what is wrong and the remedy."""
        with self._lock:
            if time.time() > self._ends_at - _SPARE_SECONDS:
                answer = self._ask()
                self._token = str(answer["access_token"])
                self._ends_at = time.time() + float(answer.get("expires_in") or _LIFE_SECONDS)
                # Some providers give a new one with each token and let the old one end.
                self._refresh_token = str(answer.get("refresh_token") or self._refresh_token)
            return self._token

    def forget(self) -> None:
        """A server has refused it: the next is a new one."""
        with self._lock:
            self._ends_at = 0.0

    def _ask(self) -> dict[str, Any]:
        try:
            answer = self._answer()
        except OAuthError as error:
            raise TryAgain(self._sentence(error)) from error
        except (httpx2.HTTPError, ValueError) as error:
            trouble = f"Няма връзка с издателя на токени {self._url} ({type(error).__name__}). Опитваме отново."
            raise TryAgain(trouble) from error
        if not answer.get("access_token"):
            raise TryAgain(f"Издателят на токени {self._url} отговори без токен. Проверете адреса (token_url).")
        return answer

    def _answer(self) -> dict[str, Any]:
        if self._account:
            with AssertionClient(
                    self._url, issuer=self._account.email, subject=self._user, audience=self._url,
                    grant_type=JWTBearerGrant.GRANT_TYPE, claims={"scope": self._scope}, header={"alg": "RS256"},
                    key=self._account.key, timeout=_TIMEOUT_SECONDS) as account:
                return dict(account.refresh_token())
        with OAuth2Client(self._settings.client_id, self._client_secret, scope=self._scope,
                          token_endpoint_auth_method="client_secret_post", timeout=_TIMEOUT_SECONDS) as client:
            if self._refresh_token:
                return dict(client.refresh_token(self._url, refresh_token=self._refresh_token))
            return dict(client.fetch_token(self._url, grant_type="client_credentials", scope=self._scope))

    def _sentence(self, error: OAuthError) -> str:
        """RFC 6749, 5.2; the provider's own words go along, because they name the case („AADSTS7000222“)."""
        said = " ".join(f"{error.error} {error.description or ''}".split())[:200]
        return f"{_REMEDIES.get(error.error, _REMEDY).format(user=self._user)} Издателят на токени каза: {said}"


_REMEDY = "Издателят на токени отказа достъп до „{user}“. Сравнете [oauth2] в mailroom.toml с docs/OAUTH2.md."
_APPLICATION = ("Издателят на токени не приема деловодството като приложение: тайната му (client_secret) е грешна или "
                "с изтекъл срок. Издайте нова и я запишете на мястото на старата (docs/OAUTH2.md).")
_CONSENT = ("Съгласието деловодството да чете „{user}“ е изтекло, оттеглено или още не е дадено. Дайте го отново "
            "(docs/OAUTH2.md).")
_REMEDIES = {"invalid_client": _APPLICATION, "unauthorized_client": _APPLICATION, "invalid_grant": _CONSENT,
             "access_denied": _CONSENT, "consent_required": _CONSENT, "interaction_required": _CONSENT}


def _service_account(name: str) -> _Account | None:
    """The key file as Google gives it; null for none."""
    if not name:
        return None
    try:
        account = json.loads(secret(name))
        return _Account(str(account["client_email"]), RSAKey.import_key(account["private_key"]))
    except (ValueError, KeyError, TypeError, JoseError) as error:
        raise Misconfigured(f"secret „{name}“ is not the JSON key of a service account: download it anew from the "
                            "provider and put the whole file there") from error
