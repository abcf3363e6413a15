"""The language of a visit (home of gettext, and of Babel for the pages).

Bulgarian comes first: the pages' own texts are the message ids, so that Bulgarian needs no catalogue. English is
`locale/en/LC_MESSAGES/web.po`, read as it stands, so that a changed translation needs no tool. Whose language it is:
1. `?lang=en` on any page: that language from now on, kept in a cookie, and back to the same page without it;
2. the cookie;
3. on the citizens' page alone, what the browser says; else Bulgarian.

The register keeps what it keeps in Bulgarian. Sentences that come from it or from Python (a refusal, the name of a
state) go through `said` when they are shown; a message id with `{0}` or `{name}` fits every sentence made of it.
"""

import gettext as catalogues
import re
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qsl, quote, urlencode

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BULGARIAN, ENGLISH = "bg", "en"
LANGUAGES = {BULGARIAN: "Български", ENGLISH: "English"}
"""Each by its own name (WCAG 2.2, 3.1.2)."""
LOCALE = Path(__file__).resolve().parent.parent / "locale"
COOKIE = "mailroom_language"
_YEAR = 365 * 24 * 3600
_DATE_IN_WORDS = re.compile(r"(?:(?P<day>\d{1,2}) )?(?P<month>[а-я]{3,9})?\b ?(?P<year>\d{4})?(?: г\.)?")
_HOLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Speech:
    """How one request is answered."""

    language: str = BULGARIAN
    here: str | None = None
    """Path and query to come back to in another language; null for what only a POST shows."""


_OUTSIDE = Speech()
_SPEECH: ContextVar[Speech] = ContextVar("speech", default=_OUTSIDE)


def language() -> str:
    """The language of this visit; Bulgarian outside of any."""
    return _SPEECH.get().language


def switches() -> list[tuple[str, str, str]]:
    """The other languages of this page: code, own name, address."""
    here = _SPEECH.get().here
    if here is None:
        return []
    joint = "&" if "?" in here else "?"
    return [(code, name, f"{here}{joint}lang={code}") for code, name in LANGUAGES.items() if code != language()]


# ---- texts ----------------------------------------------------------------------------------------------------------


def gettext(text: str) -> str:
    """A text of the pages in the language of the visit."""
    # The empty message id is the catalogue's own head.
    return _catalogue(language()).gettext(text) if text else ""


def ngettext(one: str, many: str, count: int) -> str:
    """A text that depends on a number."""
    return _catalogue(language()).ngettext(one, many, count)


def said(sentence: object) -> str:
    """A Bulgarian sentence of the program in the language of the visit; what the catalogue does not know stays."""
    text = "" if sentence is None else str(sentence)
    if not text or language() == BULGARIAN:
        return text
    translated = gettext(text)
    return translated if translated != text else _begun(text) or _dated(text) or _composed(text, language())


def _begun(text: str) -> str:
    """A word at the beginning of a line, kept without its capital; empty when it is not known either."""
    small = text[0].lower() + text[1:]
    translated = gettext(small)
    return translated[0].upper() + translated[1:] if translated != small else ""


def _dated(text: str) -> str:
    """A day or month in words: „9 ноември“, „ноември 2026 г.“, „2026 г.“; empty for anything else."""
    found = _DATE_IN_WORDS.fullmatch(text)
    if found is None or (found["month"] and gettext(found["month"]) == found["month"]):
        return ""
    return " ".join(part for part in (found["day"], gettext(found["month"] or ""), found["year"]) if part)


@cache
def _catalogue(code: str) -> catalogues.NullTranslations:
    if code == BULGARIAN:
        return catalogues.NullTranslations()
    compiled = BytesIO()
    with (LOCALE / code / "LC_MESSAGES" / "web.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return catalogues.GNUTranslations(compiled)


def _composed(text: str, code: str) -> str:
    """The translation of a sentence that was made by filling in a message id."""
    for pattern, wording in _patterns(code):
        if found := pattern.fullmatch(text):
            return _HOLE.sub(lambda hole, values=found: said(values[f"v{hole[1]}"]), wording)  # type: ignore[misc]
    return text


@cache
def _patterns(code: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Every message id with holes, the one with most words of its own first."""
    with (LOCALE / code / "LC_MESSAGES" / "web.po").open("rb") as file:
        holed = [(entry.id, entry.string) for entry in read_po(file, locale=code)
                 if isinstance(entry.id, str) and isinstance(entry.string, str) and entry.string
                 and _HOLE.search(entry.id)]
    holed.sort(key=lambda pair: -len(_HOLE.sub("", pair[0])))
    return tuple((_pattern(text), wording) for text, wording in holed)


def _pattern(text: str) -> re.Pattern[str]:
    """What was said once is the same the second time."""
    first, *rest = _HOLE.split(text)[::2]
    names = [f"v{name}" for name in _HOLE.findall(text)]
    holes = [f"(?P={name})" if name in names[:place] else f"(?P<{name}>.*?)" for place, name in enumerate(names)]
    filled = "".join(hole + re.escape(part) for hole, part in zip(holes, rest, strict=True))
    return re.compile(re.escape(first) + filled, re.DOTALL)


# ---- the request ----------------------------------------------------------------------------------------------------


class InLanguage:
    """ASGI middleware: every request has its language, and `?lang=` changes it."""

    def __init__(self, app: ASGIApp, *, by_browser: bool, secure: bool) -> None:
        self._app, self._by_browser, self._secure = app, by_browser, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the language for whatever answers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        wanted = next((value for name, value in query if name == "lang" and value in LANGUAGES), None)
        is_look = scope["method"] in ("GET", "HEAD")
        here = _address(scope["path"], [(name, value) for name, value in query if name != "lang"])
        if wanted and is_look:
            turn = RedirectResponse(here, status_code=303)
            turn.headers.append("set-cookie", self._cookie(wanted))
            await turn(scope, receive, send)
            return
        kept = cookie_parser(headers.get("cookie", "")).get(COOKIE)
        chosen = wanted or (kept if kept in LANGUAGES else None)
        # Never reset: each request is a task of its own, and what answers to a crash runs after this has ended.
        _SPEECH.set(Speech(chosen or self._first(headers.get("accept-language", "")), here if is_look else None))
        await self._app(scope, receive, self._keeping(wanted, send) if wanted else send)

    def _first(self, accepted: str) -> str:
        return accepted_language(accepted) if self._by_browser else BULGARIAN

    def _cookie(self, code: str) -> str:
        return (f"{COOKIE}={code}; Max-Age={_YEAR}; Path=/; HttpOnly; SameSite=Lax"
                + ("; Secure" if self._secure else ""))

    def _keeping(self, code: str, send: Send) -> Send:
        async def with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("set-cookie", self._cookie(code))
            await send(message)

        return with_cookie


def accepted_language(accepted: str) -> str:
    """The language for a browser (RFC 9110, 12.5.4): who names neither gets English, who names nothing Bulgarian."""
    named = []
    for part in accepted.lower()[:200].split(","):
        tag, _, weight = part.partition(";q=")
        if tag.strip() and tag.strip() != "*":
            named.append((_weight(weight), tag.strip().partition("-")[0]))
    if not named:
        return BULGARIAN
    named.sort(key=lambda pair: -pair[0])
    return negotiate_locale([tag for _, tag in named], list(LANGUAGES)) or ENGLISH


def _weight(typed: str) -> float:
    return float(typed) if re.fullmatch(r"[01](\.\d{1,3})?", typed.strip()) else 1.0


def _address(path: str, query: list[tuple[str, str]]) -> str:
    """A path of ours with its query; two slashes in front would be another site's address."""
    local = quote("/" + path.lstrip("/\\"))
    return f"{local}?{urlencode(query)}" if query else local
