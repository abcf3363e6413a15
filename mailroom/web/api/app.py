"""The interface for the town's other systems. One table says what there is; its description is made of the same table.

It is Starlette like the pages. FastAPI would bring its own way to validate, to refuse and to document, for five paths;
the exported item is a pydantic model already, whose JSON Schema is what OpenAPI 3.1 wants.
"""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mailroom.errors import TryAgain
from mailroom.export import ExportedItem
from mailroom.model.access import Scope
from mailroom.office import Office
from mailroom.web.api.endpoint import Endpoint
from mailroom.web.api.gate import Call, Gate
from mailroom.web.api.items import list_items, show_item
from mailroom.web.api.letters import register_letter, show_letter
from mailroom.web.api.problems import Refused, away, broken, not_routed
from mailroom.web.api.shapes import ItemPage, NewLetter, Received, Wanted
from mailroom.web.api.spec import description

ROOT = "/api/v1"


ENDPOINTS = (
    Endpoint(path="/items", handler=list_items, scope=Scope.READ, query=Wanted, gives=ItemPage, refuses=(400,),
             summary="Писмата по реда на получаване. Писмо може да се появи и по-късно със стара дата и да се променя: "
                     "четете отново от „since“."),
    Endpoint(path="/items/{item_id}", handler=show_item, scope=Scope.READ, gives=ExportedItem, refuses=(404,),
             summary="Едно писмо, както го дава „mailroom export“; ЕГН са скрити, сигнали по ЗЗЛПСПОИН няма."),
    Endpoint(path="/letters", method="POST", handler=register_letter, scope=Scope.REGISTER, body=NewLetter,
             gives=Received, statuses=(200, 202), refuses=(400, 413, 415, 422),
             summary="Регистриране на писмо. 202: прието е; 200: същата заявка вече е приета. Номерът идва след миг."),
    Endpoint(path="/letters/{item_id}", handler=show_letter, scope=Scope.REGISTER, gives=Received, refuses=(404,),
             summary="Какво стана с писмо, което същата система е предала."),
)


def api_app(office: Office) -> Starlette:
    """The interface of one office."""
    gate, said = Gate(office), description(ENDPOINTS, ROOT, office.pack.contact.name)
    most = office.settings.limits.message_megabytes << 20

    async def openapi(_request: Request) -> Response:
        return JSONResponse(said)

    return Starlette(
        routes=[Route("/openapi.json", openapi, methods=["GET"]),
                *(Route(one.path.replace("{item_id}", "{item_id:int}"), _guarded(gate, one, most),
                        methods=[one.method]) for one in ENDPOINTS)],
        exception_handlers={HTTPException: not_routed, TryAgain: away, 500: broken})


def _guarded(gate: Gate, endpoint: Endpoint, most: int) -> Callable[[Request], Awaitable[Response]]:
    """The handler behind its key; only then the body is read, as far as it may be large."""
    async def answer(request: Request) -> Response:
        try:
            token = await run_in_threadpool(gate.admit, request, endpoint.scope)
            body = await _body(request, most)
            call = Call(office=gate.office, request=request, token=token, body=body)
            return await run_in_threadpool(endpoint.handler, call)
        except Refused as refused:
            return refused.response

    return answer


async def _body(request: Request, most: int) -> bytes:
    """The request's body. Raises Refused when it is too large or does not come whole."""
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > most:
                raise Refused(413, f"Заявката може да е най-много {most >> 20} MB.")
    except ClientDisconnect as error:
        raise Refused(400, "Заявката не дойде цяла.") from error
    return bytes(body)
