"""What the interface answers when something is wrong: problem details (RFC 9457)."""

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from mailroom.web.api.shapes import FieldProblem, Problem

MEDIA_TYPE = "application/problem+json"
_MOST_ERRORS = 20
_TITLES = {400: "Заявката е сгрешена", 401: "Няма достъп", 403: "Не е позволено", 404: "Няма такова нещо",
           405: "Така не може", 409: "Вече се прави", 413: "Прекалено голямо", 415: "Не е JSON",
           422: "Ключът е ползван за друго писмо", 429: "Прекалено често", 500: "Нещо се обърка при нас",
           503: "Регистърът не отговаря"}


class Refused(Exception):
    """The request is refused; carries the answer."""

    def __init__(self, status: int, detail: str, *, errors: tuple[FieldProblem, ...] = (),
                 headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.response = problem(status, detail, errors=errors, headers=headers)


def problem(status: int, detail: str, *, errors: tuple[FieldProblem, ...] = (),
            headers: dict[str, str] | None = None) -> Response:
    """The answer to a request that is refused."""
    said = Problem(title=_TITLES[status], status=status, detail=detail, errors=errors)
    return Response(said.model_dump_json(), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def wrong_fields(error: ValidationError) -> Refused:
    """Which fields are wrong, without repeating what stood in them."""
    errors = tuple(FieldProblem(field=".".join(str(part) for part in one["loc"]) or "заявката", detail=one["msg"])
                   for one in error.errors(include_input=False, include_url=False)[:_MOST_ERRORS])
    return Refused(400, "Някои полета липсват или не са каквито трябва.", errors=errors)


def not_routed(_request: Request, error: Exception) -> Response:
    """What the routes themselves refuse."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    known = status if status in _TITLES else 400
    details = {404: "На този адрес няма нищо: вижте openapi.json.", 405: "Адресът не приема този метод."}
    headers = dict(error.headers) if isinstance(error, HTTPException) and error.headers else None
    return problem(known, details.get(known, "Заявката не може да се изпълни."), headers=headers)


def away(_request: Request, _error: Exception) -> Response:
    """The register does not answer now."""
    return problem(503, "Опитайте отново след минута; нищо от поисканото не е направено.",
                   headers={"Retry-After": "60"})


def broken(_request: Request, _error: Exception) -> Response:
    """A fault of the program, told without details, which the log has."""
    return problem(500, "Опитайте отново; ако се повтори, обадете се на администратора.")
