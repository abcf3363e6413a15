"""Reading the register: a list to be walked page by page, and one item as it is exported."""

from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from mailroom.export import as_dict, exported, in_sofia
from mailroom.masking import mask_identifiers
from mailroom.model.base import ItemId
from mailroom.model.item import ItemRow, Status
from mailroom.store.queue import Sort
from mailroom.store.store import Register
from mailroom.web.api.gate import Call
from mailroom.web.api.problems import Refused, wrong_fields
from mailroom.web.api.shapes import ItemPage, Listed, Wanted
from mailroom.web.rights import key_filter, may_key_see
from mailroom.web.typed import LARGEST_ID

_NOT_HERE = "Няма такова писмо, или то не е за този ключ."


def list_items(call: Call) -> Response:
    """A page of the list, in order of receipt, from behind `after` on."""
    try:
        wanted = Wanted.model_validate(dict(call.request.query_params))
    except ValidationError as error:
        raise wrong_fields(error) from error
    today = call.office.today()
    question = key_filter(call.token, today, since=wanted.since, until=wanted.until)
    with call.office.store.reading() as register:
        if wanted.number is not None:
            return _answer(_by_number(call, register, wanted.number), None)
        rows = register.queue.rows(question, before=wanted.after, limit=wanted.limit + 1, sort=Sort.OLDEST)
    shown = rows[:wanted.limit]
    return _answer([_listed(row) for row in shown], shown[-1].id if len(rows) > wanted.limit else None)


def show_item(call: Call) -> Response:
    """One item in the shape of `mailroom export`: ЕГН masked."""
    item_id: ItemId = call.request.path_params["item_id"]
    item = call.office.store.item(item_id) if item_id <= LARGEST_ID else None
    if item is None or not may_key_see(call.token, item):
        raise Refused(404, _NOT_HERE)
    return JSONResponse(as_dict(exported(item, charter=call.office.pack.id)))


def _by_number(call: Call, register: Register, number: str) -> list[Listed]:
    item_id = register.items.by_number(number)
    item = register.items.get(item_id) if item_id is not None else None
    if item is None or item.entry is None or not may_key_see(call.token, item):
        return []
    findings = item.findings
    return [Listed(
        id=item.id, registration_number=item.entry.registration_number, received_at=in_sofia(item.received_at),
        channel=item.channel, status=item.status, kind=findings.kind.value if findings else None,
        subject=mask_identifiers(findings.subject.value) if findings and findings.subject else "",
        due=item.entry.due.date.isoformat() if item.entry.due.date else None,
        department=item.entry.assigned_to.department)]


def _listed(row: ItemRow) -> Listed:
    """A letter that is not judged yet has neither subject nor kind here: nobody knows whether it is to be sealed."""
    return Listed(
        id=row.id, registration_number=row.registration_number, received_at=in_sofia(row.received_at),
        channel=row.channel, status=Status.IN_REVIEW if row.status is Status.ARRIVED else row.status, kind=row.kind,
        subject=mask_identifiers(row.subject), due=row.due.date.isoformat() if row.due and row.due.date else None,
        department=row.assigned_to.department if row.assigned_to else None)


def _answer(items: list[Listed], following: int | None) -> Response:
    return Response(ItemPage(items=tuple(items), next=following).model_dump_json(), media_type="application/json")
