"""The citizens' status page: its own application on its own listener, which can look up one letter's state and no more.

Number, date and access code are all needed. A wrong one gives the same answer, by the same questions to the register,
as a number that does not exist; the code is compared in constant time, and who fails too often waits. No name is shown,
neither the citizen's nor an employee's: whoever finds the letter in a bin learns a stage, a date and a department.

Whoever was asked by mail whether the answer was of use rates it by the link in that mail: one tap there, one here.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mailroom.errors import TryAgain
from mailroom.folding import number_key
from mailroom.model.base import Value, day_of, midnight
from mailroom.model.entry import Entry
from mailroom.model.item import Item, Status
from mailroom.model.pack import Pack
from mailroom.office import Office
from mailroom.registration.access_code import new_access_code, same_access_code
from mailroom.store.store import Register
from mailroom.web.app import away, broken, refusal
from mailroom.web.assets import PATH, serve_asset
from mailroom.web.headers import SafeHeaders
from mailroom.web.language import InLanguage
from mailroom.web.limits import Limit, is_shut, network_of, note_failure
from mailroom.web.render import page
from mailroom.web.typed import plain, read_date

DOOR, RATING_DOOR = "status", "rating"
_NOT_FOUND = ("Не намираме писмо с тези номер, дата и код. Проверете ги в нашето писмо до Вас и опитайте отново, или "
              "ни се обадете.")
_SHUT = "Прекалено много неуспешни опити. Опитайте отново след четвърт час или ни се обадете."
_DATE = "Напишете датата като в писмото, например 20.11.2026."
_NO_LINK = "Тази връзка не е позната. Отворете я от нашето писмо до Вас, или намерете писмото с номера и кода му."
_THANKS = "Записахме оценката Ви. Благодарим!"
SCORES = {"5": "да, много", "4": "да", "3": "и да, и не", "2": "не", "1": "никак не"}
"""The figures with what they answer, the best first; in words that fit women and men."""

STAGES = {
    Status.ARRIVED: "Получихме писмото Ви и го регистрираме.",
    Status.REGISTERED: "Работим по писмото Ви.",
    Status.IN_REVIEW: "Преглеждаме писмото Ви.",
    Status.FORWARDED: "Препратихме писмото Ви на органа, който е компетентен по него. Той ще Ви отговори.",
    Status.ANSWERED: "Отговорихме на писмото Ви.",
    Status.CLOSED: "Преписката е приключена.",
    Status.MERGED: "Писмото Ви е присъединено към друга преписка по същия въпрос.",
    Status.ANNULLED: "Регистрацията е анулирана. Обадете ни се, за да Ви обясним защо.",
    Status.NOT_CORRESPONDENCE: "Преписката е приключена.",
}
OWED = frozenset({Status.ARRIVED, Status.REGISTERED, Status.IN_REVIEW})
"""Stages in which we still owe an answer."""


class Asked(Value):
    """What a citizen typed."""

    number: str = ""
    date: str = ""
    code: str = ""


class Worker(Value):
    """The department that works on a letter, with what leads to it; of people nothing."""

    department: str
    phone: str = ""
    email: str = ""


class Stage(Value):
    """All that the page tells."""

    number: str
    registered_on: date
    sentence: str
    due: date | None
    """Null when nothing is owed any more, or there is no term."""
    is_late: bool = False
    is_annulled: bool = False
    """The number was given by mistake; its citizen hears why from a person."""
    worker: Worker | None = None
    """Null when nobody works on it any more, and for what is sealed."""
    may_rate: bool = False
    """An answer was given, and the citizen may say of what use it was."""


def public_app(office: Office) -> Starlette:
    """The status page, and nothing else."""
    desk = StatusDesk(office)
    return Starlette(
        routes=[
            Route(PATH, serve_asset),
            Route("/", desk.show, methods=["GET"]),
            Route("/", desk.look_up, methods=["POST"]),
            Route("/satisfaction", desk.rate, methods=["POST"]),
            Route("/r/{token:str}", desk.show_rating, methods=["GET"]),
            Route("/r/{token:str}", desk.rate_by_link, methods=["POST"]),
        ],
        middleware=[Middleware(SafeHeaders),
                    Middleware(InLanguage, by_browser=True, secure=office.settings.web.secure_cookies)],
        exception_handlers={HTTPException: refusal, TryAgain: away, 500: broken})


@dataclass(frozen=True)
class StatusDesk:
    """Answers for one office."""

    office: Office

    async def show(self, _request: Request) -> Response:
        """The form."""
        return self._page(Asked())

    async def look_up(self, request: Request) -> Response:
        """The stage, or the sentence that says what is wrong. By POST: the code stays out of addresses and logs."""
        form = await request.form(max_files=0, max_fields=10)
        asked = Asked(**{name: plain(form.get(name, ""))[:100] for name in Asked.model_fields})
        host = request.client.host if request.client else None
        return await run_in_threadpool(self._answer, asked, network_of(host))

    async def rate(self, request: Request) -> Response:
        """One figure for the answer; who sends it shows the same three things again."""
        form = await request.form(max_files=0, max_fields=10)
        asked = Asked(**{name: plain(form.get(name, ""))[:100] for name in Asked.model_fields})
        host = request.client.host if request.client else None
        return await run_in_threadpool(self._answer, asked, network_of(host), plain(form.get("score", "")))

    def _answer(self, asked: Asked, network: str, score: str = "") -> Response:
        on = read_date(asked.date)
        if on is None:
            return self._page(asked, sentence=_DATE, status=400)
        now, limits = self.office.now(), _limits(asked, network)
        with self.office.store.reading() as register:
            if is_shut(register, DOOR, limits, now):
                return self._page(asked, sentence=_SHUT, status=429)
            item = find(register, asked, on)
        if item is None or item.entry is None:
            with self.office.store.transaction() as register:
                note_failure(register, DOOR, limits, now)
            return self._page(asked, sentence=_NOT_FOUND, status=404)
        stage = stage_of(item, item.entry, self.office.pack, day_of(now))
        if score not in SCORES or not stage.may_rate:
            return self._page(asked, stage=stage)
        with self.office.store.transaction() as register:
            register.satisfaction.keep(item.id, int(score), now)
        return self._page(asked, stage=stage, sentence=_THANKS)

    # -- the link in the mail that asks ----------------------------------------------------------------------------

    async def show_rating(self, request: Request) -> Response:
        """The five figures; looking changes nothing, since mail programs look at links by themselves."""
        return await run_in_threadpool(self._rated, request, "")

    async def rate_by_link(self, request: Request) -> Response:
        """One figure; whoever thinks better of it gives another."""
        form = await request.form(max_files=0, max_fields=10)
        return await run_in_threadpool(self._rated, request, plain(form.get("score", "")))

    def _rated(self, request: Request, score: str) -> Response:
        now, limits = self.office.now(), ((network_of(request.client.host if request.client else None), 10),)
        token = str(request.path_params["token"])
        with self.office.store.transaction() as register:
            shut = is_shut(register, RATING_DOOR, limits, now)
            item_id = None if shut else register.satisfaction.asked_by(token)
            entry = register.entries.of(item_id) if item_id is not None else None
            if item_id is not None and score in SCORES:
                register.satisfaction.keep(item_id, int(score), now)
            elif item_id is None and not shut:
                note_failure(register, RATING_DOOR, limits, now)
        if entry is None:
            return page("plain.html", status=429 if shut else 404, sentence=_SHUT if shut else _NO_LINK)
        return page("rate.html", number=entry.registration_number, action=f"/r/{token}", scores=SCORES,
                    contact=self.office.pack.contact, sentence=_THANKS if score in SCORES else "")

    def _page(self, asked: Asked, *, sentence: str = "", stage: Stage | None = None, status: int = 200) -> Response:
        return page("status.html", status=status, asked=asked, sentence=sentence, stage=stage, scores=SCORES,
                    contact=self.office.pack.contact, now=self.office.now())


def find(register: Register, asked: Asked, on: date) -> Item | None:
    """The item of this number, registered on this day, when the code is its own."""
    start = midnight(on)
    end = midnight(on + timedelta(days=1))
    entry = register.entries.by_number(asked.number, start, end)
    # Compared even when there is no such number, so that the time taken does not tell.
    is_own = same_access_code(asked.code, entry.access_code if entry else new_access_code())
    return register.items.get(entry.item_id) if entry and is_own else None


def stage_of(item: Item, entry: Entry, pack: Pack, today: date) -> Stage:
    """What the page tells of an item; of a sealed one not who works on it (ЗЗЛПСПОИН 31)."""
    owed = item.status in OWED
    due = entry.due.date if owed else None
    return Stage(number=entry.registration_number, registered_on=day_of(entry.registered_at),
                 sentence=STAGES[item.status], due=due, is_late=due is not None and due < today,
                 is_annulled=item.status is Status.ANNULLED,
                 worker=_worker(entry, pack) if owed and not item.sealed else None,
                 may_rate=item.status is Status.ANSWERED and not item.sealed)


def _worker(entry: Entry, pack: Pack) -> Worker:
    """The department's own telephone and address, never an officer's, whose address is a name."""
    known = next((one for one in pack.departments if one.id == entry.assigned_to.department_id), None)
    if known is None:
        return Worker(department=entry.assigned_to.department)
    return Worker(department=known.name, phone=known.phone, email=known.email)


def _limits(asked: Asked, network: str) -> tuple[Limit, ...]:
    """Few wrong tries from one place; for one number so many as the code's length leaves harmless."""
    return ((network, 10), (number_key(asked.number)[:60], 50))
