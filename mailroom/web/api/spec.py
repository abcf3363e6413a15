"""The interface's description (OpenAPI 3.1, whose schemas are JSON Schema 2020-12 as pydantic writes them)."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from mailroom.web.api.endpoint import Endpoint
from mailroom.web.api.letters import KEY_HEADER, KEY_PATTERN
from mailroom.web.api.problems import MEDIA_TYPE
from mailroom.web.api.shapes import Problem
from mailroom.web.typed import LARGEST_ID

_ALWAYS_REFUSED = (401, 403, 429)
_REFUSALS = {400: "Заявката е сгрешена.", 401: "Ключът липсва, не е познат, изтекъл е или е спрян.",
             403: "Ключът не дава право на това.", 404: "Няма такова писмо, или то не е за този ключ.",
             413: "Писмото е прекалено голямо.", 415: "Тялото не е application/json.",
             422: "С този Idempotency-Key вече е предадено друго писмо.",
             429: "Прекалено често; Retry-After казва кога."}
_GIVEN = {200: "Готово.", 202: "Прието и в безопасност; номерът следва."}


def description(endpoints: Sequence[Endpoint], root: str, town: str) -> dict[str, Any]:
    """The whole description, ready for JSON."""
    used: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
    used += [(one.gives, "serialization") for one in endpoints]
    used += [(one.body, "validation") for one in endpoints if one.body]
    _, schemas = models_json_schema(list(dict.fromkeys(used)), ref_template="#/components/schemas/{model}")
    paths: dict[str, Any] = {}
    for one in endpoints:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Деловодство: {town}", "version": version("mailroom"),
                 "description": "Четене на регистъра и регистриране на писма от други системи на общината. Грешките са "
                                "по RFC 9457. Ключ дава администраторът."},
        "servers": [{"url": root}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {"schemas": schemas["$defs"],
                       "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": endpoint.handler.__name__, "summary": endpoint.summary,
        "description": f"Ключът трябва да има право „{endpoint.scope}“.", "parameters": _parameters(endpoint),
        "responses": {
            **{str(status): _response(_GIVEN[status], endpoint.gives.__name__, "application/json")
               for status in endpoint.statuses},
            **{str(status): _response(_REFUSALS[status], "Problem", MEDIA_TYPE)
               for status in sorted({*_ALWAYS_REFUSED, *endpoint.refuses})}}}
    if endpoint.body:
        said["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(
            endpoint.body.__name__)}}}
    return said


def _parameters(endpoint: Endpoint) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if "{item_id}" in endpoint.path:
        found.append({"name": "item_id", "in": "path", "required": True,
                      "schema": {"type": "integer", "minimum": 0, "maximum": LARGEST_ID}})
    if endpoint.query:
        found += [{"name": name, "in": "query", "schema": schema}
                  for name, schema in endpoint.query.model_json_schema()["properties"].items()]
    if endpoint.body:
        found.append({"name": KEY_HEADER.title(), "in": "header", "required": True,
                      "description": "Собствено име на заявката: повторена след прекъсване, тя не прави второ писмо.",
                      "schema": {"type": "string", "pattern": KEY_PATTERN}})
    return found


def _response(said: str, schema: str, media_type: str) -> dict[str, Any]:
    return {"description": said, "content": {media_type: {"schema": _ref(schema)}}}


def _ref(schema: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{schema}"}
