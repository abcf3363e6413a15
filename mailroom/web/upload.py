"""Mail and scans handed over by hand: sent by the browser, taken in at the same door as everything else, then watched
until each has its number. No script is needed: while anything is under way the page asks again by itself."""

import secrets

from starlette.datastructures import UploadFile
from starlette.responses import Response

from mailroom import journey
from mailroom.desk import noon_of
from mailroom.errors import BadRequest
from mailroom.model.arrival import Arrival, Channel
from mailroom.model.base import ItemId, Value
from mailroom.model.item import Item, Step
from mailroom.office import Office
from mailroom.sources.upload import BROWSER, uploaded
from mailroom.web.counter import form_key, received_on
from mailroom.web.rights import may_see
from mailroom.web.typed import is_key
from mailroom.web.visit import NotHere, Visit, see_other

MOST_FILES = 100
TIMES_AS_MUCH = 4
"""All files of one sending together may be as large as so many of the largest."""
CHANNELS = (Channel.PAPER, Channel.COUNTER, Channel.BOX, Channel.FAX, Channel.PORTAL)
"""Ways by which paper came; a message is e-mail whatever is chosen."""
_SHOWN = 500
_MEGABYTE = 1 << 20


class Taken(Value):
    """One file as the page shows it."""

    file: str
    size: int
    items: tuple[Item, ...]
    """What became of it, as far as the person may see it."""
    done: bool
    """Whether nothing of it has a step to do."""
    hidden: bool
    """Whether something of it is not for this person."""


def most_octets(office: Office) -> int:
    """How large one sending may be."""
    return TIMES_AS_MUCH * office.settings.limits.message_megabytes * _MEGABYTE


def show_form(visit: Visit) -> Response:
    """The field for files."""
    return _form_page(visit)


def _form_page(visit: Visit, *, sentence: str = "", refused: tuple[tuple[str, str], ...] = (), taken: str = "",
               status: int = 200) -> Response:
    return visit.page("upload.html", status=status, sentence=sentence, refused=refused, taken=taken, typed=visit.form,
                      channels=CHANNELS, most_files=MOST_FILES, form=secrets.token_urlsafe(12),
                      most_megabytes=visit.office.settings.limits.message_megabytes,
                      all_megabytes=TIMES_AS_MUCH * visit.office.settings.limits.message_megabytes)


def take(visit: Visit) -> Response:
    """Take every file in that can be taken, and on to what becomes of them; what cannot is named with its reason."""
    files = visit.files("file")
    try:
        key, channel, on = form_key(visit), _channel(visit), received_on(visit)
        at = noon_of(on, visit.now) if on else None
        if not files:
            raise BadRequest("Изберете поне един файл, или го пуснете върху полето.")
    except BadRequest as error:
        return _form_page(visit, sentence=str(error), status=400)
    ids: list[int] = []
    refused: list[tuple[str, str]] = []
    for file in files:
        reason = _refusal(visit, file)
        if reason:
            refused.append((file.filename or "", reason))
            continue
        for incoming in uploaded(file.file, file.filename or "", key=key, channel=channel, received_at=at,
                                 now=visit.now):
            ids.append(_note(visit, journey.receive(visit.office, incoming), incoming.key))
    watched = f"/upload/{key.rpartition('/')[2]}?from={min(ids)}&to={max(ids)}" if ids else ""
    if refused or not watched:
        return _form_page(visit, refused=tuple(refused), taken=watched, status=400)
    return see_other(watched)


def _channel(visit: Visit) -> Channel:
    typed = visit.text("channel")
    if typed not in set(CHANNELS):
        raise BadRequest("Изберете от списъка.")
    return Channel(typed)


def _refusal(visit: Visit, file: UploadFile) -> str:
    """Why a file is not taken; empty when it is."""
    most = visit.office.settings.limits.message_megabytes
    if not file.size:
        return "файлът е празен."
    if file.size > most * _MEGABYTE:
        return f"файлът е {file.size / _MEGABYTE:.0f} МБ, а се приемат най-много {most} МБ."
    return ""


def _note(visit: Visit, item_id: ItemId, key: str) -> int:
    """Who has handed it over; the id of its arrival."""
    with visit.office.store.transaction() as register:
        register.history.note("uploaded", who=visit.staff.login, at=visit.now, item_id=item_id)
        arrival = register.arrivals.by_key(BROWSER, key)
    assert arrival is not None, "the intake has just noted it"
    return arrival.id


def show_taken(visit: Visit) -> Response:
    """What has become of the files of one sending."""
    first, last = visit.asked("from"), visit.asked("to")
    if not is_key(first) or not is_key(last):
        raise NotHere
    key = f"{visit.staff.login}/{visit.request.path_params['form']}/"
    with visit.office.store.reading() as register:
        arrivals = register.arrivals.between(BROWSER, int(first), min(int(last), int(first) + _SHOWN))
    taken = [_became(visit, arrival) for arrival in arrivals if arrival.key.startswith(key)]
    if not taken:
        raise NotHere
    return visit.page("upload_taken.html", taken=taken, under_way=sum(not one.done for one in taken),
                      again=visit.request.url.path + "?" + visit.request.url.query)


def _became(visit: Visit, arrival: Arrival) -> Taken:
    with visit.office.store.reading() as register:
        ids = register.items.of_file(arrival.sha256)
        items = [item for item in map(register.items.get, ids) if item is not None]
    seen = tuple(item for item in items if may_see(visit.staff, item, visit.office.pack))
    return Taken(file=arrival.file, size=arrival.size, items=tuple(one for one in seen if one.step is Step.SETTLED),
                 done=all(item.step is Step.SETTLED or item.trouble for item in items), hidden=len(seen) < len(items))
