"""Registering a letter of another system: through the one door of intake, once for each idempotency key."""

import hashlib
import re
from datetime import timedelta

from pydantic import ValidationError
from starlette.responses import Response

from mailroom import journey
from mailroom.export import in_sofia
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.base import ItemId
from mailroom.model.item import Item
from mailroom.web.api.gate import Call
from mailroom.web.api.message import as_message
from mailroom.web.api.problems import Refused, wrong_fields
from mailroom.web.api.shapes import NewLetter, Received
from mailroom.web.typed import LARGEST_ID

KEY_HEADER = "idempotency-key"
"""draft-ietf-httpapi-idempotency-key-header: a request repeated after a broken connection makes no second letter."""
KEY_PATTERN = "^[A-Za-z0-9_.:-]{8,100}$"
_KEY = re.compile(KEY_PATTERN)
_AGO = timedelta(days=30)
"""So long another system may keep a letter to itself; more is a wrong clock, and would be a term that has passed."""
_NOT_HERE = "Тази система не е предавала такова писмо."


def register_letter(call: Call) -> Response:
    """Keep the letter and note it; it is safe when this answers, and gets its number when it is read."""
    key = call.request.headers.get(KEY_HEADER, "")
    if not _KEY.fullmatch(key):
        raise Refused(400, "Дайте в заглавието Idempotency-Key собствено име на заявката: от 8 до 100 латински букви, "
                           "цифри и знаци . _ : -")
    if call.request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "Писмото се предава като application/json.")
    letter = _letter_of(call)
    content = as_message(letter, call.source, key)
    with call.office.store.reading() as register:
        before = register.arrivals.by_key(call.source, key)
    if before is not None and before.sha256 != hashlib.sha256(content).hexdigest():
        raise Refused(422, "С този Idempotency-Key вече е предадено друго писмо.")
    item_id = journey.receive(call.office, Incoming(
        source=call.source, key=key, file=f"{key}.eml", content=content, channel=Channel(letter.channel),
        received_at=letter.received_at or call.office.now()))
    return _answer(call, item_id, 202 if before is None else 200)


def show_letter(call: Call) -> Response:
    """What has become of a letter that this system handed over."""
    return _answer(call, call.request.path_params["item_id"], 200)


def _letter_of(call: Call) -> NewLetter:
    try:
        letter = NewLetter.model_validate_json(call.body)
    except ValidationError as error:
        raise wrong_fields(error) from error
    now = call.office.now()
    if letter.received_at is not None and not now - _AGO <= letter.received_at <= now:
        raise Refused(400, "received_at е в бъдещето или отпреди повече от 30 дни.")
    return letter


def _answer(call: Call, item_id: ItemId, status: int) -> Response:
    item = call.office.store.item(item_id) if item_id <= LARGEST_ID else None
    if item is None or call.source not in {arrival.source for arrival in item.arrivals}:
        raise Refused(404, _NOT_HERE)
    return Response(_received(item).model_dump_json(), status_code=status, media_type="application/json",
                    headers={"location": f"/api/v1/letters/{item.id}"})


def _received(item: Item) -> Received:
    entry = item.entry
    return Received(
        id=item.id, received_at=in_sofia(item.received_at), done=entry is not None or not item.correspondence,
        registration_number=entry.registration_number if entry else None,
        registered_at=in_sofia(entry.registered_at.replace(microsecond=0)) if entry else None,
        access_code=entry.access_code if entry and not item.sealed else None,
        due=entry.due.date.isoformat() if entry and entry.due.date and not item.sealed else None)
