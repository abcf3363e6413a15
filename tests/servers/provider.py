"""A small OpenID Connect provider on the loopback interface, built of Authlib's own server parts.

Whoever comes to its log-in page is taken for `person`; a test may change that, and let it sign with another key, for
another audience, or refuse.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, OAuth2Request
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mailroom.web.serve import serving

CLIENT_ID, CLIENT_SECRET = "mailroom", "the provider's secret for us"
LIFE = 300


@dataclass
class Client(ClientMixin):  # type: ignore[misc]
    """The mailroom, as the provider knows it."""

    redirect_uris: set[str] = field(default_factory=set)

    def get_client_id(self) -> str:
        return CLIENT_ID

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == CLIENT_SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == "client_secret_basic"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    """A code that was given out."""

    code: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str
    person: dict[str, Any]

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(time.time())

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass
class Provider:
    """The provider: what it says, and of whom."""

    url: str = ""
    client: Client = field(default_factory=Client)
    person: dict[str, Any] = field(default_factory=dict)
    """The claims of who logs in; empty: the log-in is refused."""
    audience: str = CLIENT_ID
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    signs_with: RSAKey | None = None
    """Another key than the one that it publishes."""
    nonce: str = ""
    """Another nonce than the one that it was given."""
    only_by_userinfo: set[str] = field(default_factory=set)
    """Claims that are not in the ID token."""
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)


def _server(provider: Provider) -> AuthorizationServer:
    class Server(AuthorizationServer):  # type: ignore[misc]
        def query_client(self, client_id: str) -> Client | None:
            return provider.client if client_id == CLIENT_ID else None

        def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
            provider.tokens[token["access_token"]] = request.user

        def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
            return request

        def handle_response(self, status: int, body: Any, headers: list[tuple[str, str]]) -> Response:
            if isinstance(body, dict):
                return JSONResponse(body, status)
            return Response(body, status, dict(headers))

        def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
            return

    class Grant(AuthorizationCodeGrant):  # type: ignore[misc]
        def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
            asked = request.payload.data
            provider.codes[code] = Code(
                code, request.payload.redirect_uri, request.payload.scope, asked["nonce"], asked["code_challenge"],
                asked["code_challenge_method"], request.user)

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            return provider.codes.get(code)

        def delete_authorization_code(self, authorization_code: Code) -> None:
            del provider.codes[authorization_code.code]

        def authenticate_user(self, authorization_code: Code) -> dict[str, Any]:
            return authorization_code.person

    class Identity(OpenIDCode):  # type: ignore[misc]
        def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
            return False

        def resolve_client_private_key(self, client: Client) -> RSAKey:
            return provider.signs_with or provider.key

        def get_client_claims(self, client: Client) -> dict[str, Any]:
            now = int(time.time())
            return {"iss": provider.url, "aud": [provider.audience], "iat": now, "exp": now + LIFE}

        def get_authorization_code_claims(self, authorization_code: Code) -> dict[str, Any]:
            return {"nonce": provider.nonce or authorization_code.nonce}

        def generate_user_info(self, user: dict[str, Any], scope: str) -> dict[str, Any]:
            return {name: value for name, value in user.items() if name not in provider.only_by_userinfo}

    server = Server(scopes_supported=["openid", "profile", "email"])
    server.register_token_generator("default", BearerTokenGenerator(lambda **_: f"token-{len(provider.tokens)}"))
    server.register_grant(Grant, [Identity(require_nonce=True), CodeChallenge(required=True)])
    return server


def _app(provider: Provider) -> Starlette:
    server = _server(provider)

    async def discovery(_request: Request) -> Response:
        return JSONResponse({
            "issuer": provider.url, "authorization_endpoint": f"{provider.url}/authorize",
            "token_endpoint": f"{provider.url}/token", "userinfo_endpoint": f"{provider.url}/userinfo",
            "jwks_uri": f"{provider.url}/jwks", "id_token_signing_alg_values_supported": ["RS256"]})

    async def jwks(_request: Request) -> Response:
        return JSONResponse({"keys": [provider.key.as_dict(private=False)]})

    async def authorize(request: Request) -> Response:
        def answer() -> Response:
            asked = Asked(request, dict(request.query_params))
            grant = server.get_consent_grant(asked, end_user=provider.person or None)
            return server.create_authorization_response(  # type: ignore[no-any-return]
                asked, grant_user=provider.person or None, grant=grant)

        return await run_in_threadpool(answer)

    async def token(request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        return await run_in_threadpool(
            server.create_token_response, Asked(request, form))

    async def userinfo(request: Request) -> Response:
        return JSONResponse(provider.tokens[request.headers["authorization"].removeprefix("Bearer ")])

    return Starlette(routes=[
        Route("/.well-known/openid-configuration", discovery), Route("/jwks", jwks), Route("/authorize", authorize),
        Route("/token", token, methods=["POST"]), Route("/userinfo", userinfo)])


class Asked(OAuth2Request):  # type: ignore[misc]
    """A request as Authlib wants it; it insists on TLS, which the loopback interface needs not."""

    def __init__(self, request: Request, payload: dict[str, str]) -> None:
        super().__init__(request.method, str(request.url).replace("http://", "https://"),
                         headers={name.title(): value for name, value in request.headers.items()})
        self.payload = BasicOAuth2Payload(payload)

    @property
    def args(self) -> dict[str, str]:
        return dict(self.payload.data)

    @property
    def form(self) -> dict[str, str]:
        return dict(self.payload.data)


@contextmanager
def running_provider() -> Iterator[Provider]:
    """A provider that answers as long as the block lasts."""
    provider = Provider()
    with serving(_app(provider)) as port:
        provider.url = f"http://127.0.0.1:{port}"
        yield provider
