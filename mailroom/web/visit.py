"""One request of one person who is logged in: admitted, its form read, its rights known.

`guarded` is the only way from a route to its handler:
1. no log-in: to the log-in page, and back afterwards; one that still lacks its second factor: to the page for its code;
2. a POST without the session's token: refused (CSRF);
3. who comes in by single sign-on alone, once an hour: to the provider and back, without a word; where that cannot be,
   an hour later to the log-in page;
4. a password to be changed, or a second factor to be set up: to that page, whatever was asked for;
5. the role has not the right that the route names: refused;
6. what the handler asks for and may not see, or is not there: not found;
7. what cannot be done: the sentence that says why, 400, or 409 where somebody else was quicker.
"""

import hashlib
import secrets
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from mailroom.errors import BadRequest, Conflict
from mailroom.model.access import Seen, Session, Stage
from mailroom.model.base import ItemId, OutgoingId, day_of
from mailroom.model.item import Item
from mailroom.model.outgoing import Outgoing
from mailroom.model.staff import Staff
from mailroom.office import Office
from mailroom.store.sessions import SEEN_EVERY
from mailroom.store.store import Register
from mailroom.web.looks import note_look
from mailroom.web.render import page
from mailroom.web.rights import Right, may, may_see, may_see_letter
from mailroom.web.typed import LARGEST_ID, is_key, plain


class NotHere(Exception):
    """There is no such thing, or it is not for this person: the answer is the same."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """What a handler works with."""

    office: Office
    request: Request
    staff: Staff
    csrf: str
    form: FormData
    session: Session

    @cached_property
    def now(self) -> datetime:
        """The moment of this visit, UTC."""
        return self.office.now()

    @cached_property
    def today(self) -> date:
        """The day in the town."""
        return day_of(self.now)

    def may(self, right: Right) -> bool:
        """Whether the person has this right."""
        return may(self.staff, right)

    def item(self, key: str = "item_id") -> Item:
        """The item that this part of the path names. Raises NotHere."""
        item = self.office.store.item(self.path_id(key))
        if item is None or not may_see(self.staff, item, self.office.pack):
            raise NotHere
        if self.request.method == "GET":
            is_page = self.request.url.path == f"/items/{item.id}"
            note_look(self.office, self.staff, Seen.ITEM if is_page else Seen.FILE, item)
        return item

    def outgoing(self) -> Outgoing:
        """The outgoing letter that the path names. Raises NotHere."""
        with self.office.store.reading() as register:
            outgoing = self.letter_in(register, self.path_id("outgoing_id"))
            item = register.items.get(outgoing.item_id) if outgoing.item_id is not None else None
        if item is not None and self.request.method == "GET":
            note_look(self.office, self.staff, Seen.LETTER, item)
        return outgoing

    def note_letters_seen(self, letters: Iterable[Outgoing]) -> None:
        """Write down that the person looks at these letters, where of one that is kept."""
        for item_id in sorted({letter.item_id for letter in letters if letter.item_id is not None}):
            item = self.office.store.item(item_id)
            if item is not None:
                note_look(self.office, self.staff, Seen.LETTER, item)

    def letter_in(self, register: Register, outgoing_id: OutgoingId) -> Outgoing:
        """The outgoing letter of this id, inside a transaction. Raises NotHere."""
        try:
            outgoing = register.outbox.get(outgoing_id)
        except BadRequest as error:
            raise NotHere from error
        if not self.sees_letter(register, outgoing):
            raise NotHere
        return outgoing

    def sees_letter(self, register: Register, outgoing: Outgoing) -> bool:
        """Whether the person may see this outgoing letter."""
        item = register.items.get(outgoing.item_id) if outgoing.item_id is not None else None
        return may_see_letter(self.staff, item, self.office.pack)

    def path_id(self, name: str) -> ItemId:
        """A key in the path. Raises NotHere when no database could have it."""
        number = int(self.request.path_params[name])
        if number > LARGEST_ID:
            raise NotHere
        return number

    def text(self, name: str) -> str:
        """A field of the form, without what surrounds it; empty when absent."""
        return plain(self.form.get(name, ""))

    def files(self, name: str) -> list[UploadFile]:
        """The files of a field; one that was left empty is none."""
        return [one for one in self.form.getlist(name) if isinstance(one, UploadFile) and one.filename]

    def numbers(self, name: str) -> tuple[int, ...]:
        """Every whole number of a field that occurs many times; what is none is left out."""
        return tuple(int(value) for value in map(plain, self.form.getlist(name)) if is_key(value))

    def version(self) -> int:
        """The item's version that the person has seen. Raises BadRequest."""
        typed = self.text("version")
        if not is_key(typed):
            raise BadRequest("Страницата е непълна: отворете преписката отново и повторете.")
        return int(typed)

    def asked(self, name: str) -> str:
        """A parameter of the query, without what surrounds it; empty when absent."""
        return plain(self.request.query_params.get(name, ""))

    def page(self, template: str, *, status: int = 200, **facts: Any) -> Response:
        """A page with what every page shows."""
        return page(template, status=status, visit=self, staff=self.staff, town=self.office.pack.contact.name,
                    Right=Right, today=self.today, path=self.request.url.path, **facts)


Handler = Callable[[Visit], Response]


def see_other(path: str) -> Response:
    """After a POST: look at the result, so that reloading repeats nothing (RFC 9110, 15.4.4)."""
    return RedirectResponse(path, status_code=303)


def guarded(office: Office, handler: Handler, right: Right, *, files: int = 0) -> Callable[
        [Request], Awaitable[Response]]:
    """The handler behind log-in, token and right. So many `files` are taken, of people with the right alone: of others
    not an octet of their files is read."""
    async def endpoint(request: Request) -> Response:
        if request.method != "POST":
            return await run_in_threadpool(_admit, office, request, FormData(), handler, right)
        if files and not await run_in_threadpool(_may_send_files, office, request, right):
            return await run_in_threadpool(_admit, office, request, FormData(), handler, right)
        async with request.form(max_files=files, max_fields=5000) as form:
            return await run_in_threadpool(_admit, office, request, form, handler, right)

    return endpoint


def _may_send_files(office: Office, request: Request, right: Right) -> bool:
    session = session_of(office, request)
    return session is not None and session.stage is not Stage.CODE and may(session.staff, right)


def _admit(office: Office, request: Request, form: FormData, handler: Handler, right: Right) -> Response:
    session = session_of(office, request)
    if session is None:
        return see_other(f"/login?next={quote(_address_of(request) if request.method == 'GET' else '/')}")
    if session.stage is Stage.CODE:
        return see_other("/login/code")
    if again := _asks_again(office, request, session):
        return see_other(again)
    visit = Visit(office=office, request=request, staff=session.staff, csrf=session.csrf, form=form, session=session)
    if request.method == "POST" and not secrets.compare_digest(visit.text("csrf").encode(), session.csrf.encode()):
        return refused(visit, 403, "Страницата е остаряла. Върнете се, отворете я отново и повторете.")
    if right is not Right.ACCOUNT and (duty := _duty(session)):
        return see_other(duty)
    _note_use(visit)
    if not visit.may(right):
        return refused(visit, 403, "Тази страница не е за Вашата роля.")
    try:
        return handler(visit)
    except NotHere:
        return refused(visit, 404, "Няма такава страница, или тя не е за Вас.")
    except BadRequest as error:
        return refused(visit, 409 if isinstance(error, Conflict) else 400, str(error))


def refused(visit: Visit, status: int, sentence: str) -> Response:
    """A page with one sentence."""
    return visit.page("refused.html", status=status, sentence=sentence)


# ---- the cookie -----------------------------------------------------------------------------------------------------


def cookie_name(office: Office) -> str:
    """`__Host-` ties the cookie to this host and to TLS (RFC 6265bis, 4.1.3.2)."""
    return "__Host-mailroom" if office.settings.web.secure_cookies else "mailroom"


def digest_of(token: str) -> str:
    """What the register keeps of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_of(office: Office, request: Request) -> Session | None:
    """The log-in that this request brings, complete or waiting for its second factor; null for none."""
    token = request.cookies.get(cookie_name(office))
    if not token:
        return None
    with office.store.reading() as register:
        return register.sessions.get(digest_of(token), office.now(), idle_time(office))


def person_of(office: Office, request: Request) -> tuple[Staff, str] | None:
    """Who is logged in, with the token of their forms; null for nobody."""
    session = session_of(office, request)
    return (session.staff, session.csrf) if session and session.stage is Stage.OPEN else None


def idle_time(office: Office) -> timedelta:
    """After so long without use a log-in ends."""
    return timedelta(minutes=office.settings.web.idle_minutes)


def _asks_again(office: Office, request: Request, session: Session) -> str:
    """Where to go to be let in anew by the provider; empty while that is not needed, and for a while for what cannot be
    sent there and back, a form and what scripts fetch: nobody loses what they have typed."""
    settings = office.settings.oidc
    if settings is None or not session.by_provider:
        return ""
    age, every = office.now() - session.started_at, timedelta(minutes=settings.check_minutes)
    is_page = request.method == "GET" and request.headers.get("sec-fetch-dest", "document") == "document"
    if age < every or (age < 2 * every and not is_page):
        return ""
    if not is_page:
        return "/login"
    return f"/login/oidc?next={quote(_address_of(request))}"


def _address_of(request: Request) -> str:
    """Path and query: a view with its filters is come back to as it was left."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _duty(session: Session) -> str:
    """The page on which something must be done before anything else; empty for none."""
    if session.must_change_password:
        return "/account"
    return "/account/second-factor" if session.must_have_second_factor else ""


def _note_use(visit: Visit) -> None:
    """A page that was opened or a form that was sent keeps a log-in alive; what scripts fetch by themselves does not,
    or a queue left open at night would never log anybody out (Fetch Metadata: Sec-Fetch-Dest)."""
    by_itself = visit.request.headers.get("sec-fetch-dest") == "empty"
    if not by_itself and visit.now - visit.session.seen_at >= SEEN_EVERY:
        with visit.office.store.transaction() as register:
            register.sessions.use(visit.session.token_sha256, visit.now)
