"""Pages out of templates (home of Jinja2 for the web): everything escaped, an unknown name is an error."""

from datetime import date, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from mailroom.masking import mask_identifiers
from mailroom.model.base import SOFIA
from mailroom.model.findings import Kind
from mailroom.words import CHECKS, FIELDS, HISTORY, word

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
_SURE, _LIKELY = 0.85, 0.6


def page(template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """The page of this template. Raises jinja2.UndefinedError for a fact that the template lacks."""
    return HTMLResponse(_pages().get_template(template).render(**facts), status_code=status)


@cache
def _pages() -> Environment:
    pages = Environment(loader=FileSystemLoader(HERE / "pages"), autoescape=True, undefined=StrictUndefined,
                        trim_blocks=True, lstrip_blocks=True)
    pages.filters.update(word=word, moment=moment, day=day, masked=mask_identifiers, sure=sure, size=size,
                         days_left=days_left)
    pages.globals.update(CHECKS=CHECKS, FIELDS=FIELDS, HISTORY=HISTORY, Kind=Kind, version=version("mailroom"))
    return pages


def moment(at: datetime | None) -> str:
    """`20.11.2026, 09:12`, in the town's time (НОИИСРЕАУ 46)."""
    return f"{at.astimezone(SOFIA):%d.%m.%Y, %H:%M}" if at else ""


def day(on: date | None) -> str:
    """`20.11.2026`; of a moment, the day in the town."""
    if isinstance(on, datetime):
        on = on.astimezone(SOFIA).date()
    return f"{on:%d.%m.%Y}" if on else ""


def sure(confidence: float) -> str:
    """How sure a finder is, for people."""
    if confidence >= 1:
        return "сигурно"
    return "почти сигурно" if confidence >= _SURE else "вероятно" if confidence >= _LIKELY else "несигурно"


def size(octets: int) -> str:
    """`12 KB`, `3,4 MB`, `74,3 GB`."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB")):
        if octets >= unit:
            return f"{octets / unit:.1f} {name}".replace(".", ",")
    return f"{max(1, round(octets / 1024))} KB" if octets else "0 KB"


def days_left(due: date, today: date) -> str:
    """`остават 12 дни`, `днес`, `просрочено с 3 дни`."""
    left = (due - today).days
    if left == 0:
        return "срокът е днес"
    if left < 0:
        return f"просрочено с {_days(-left)}"
    return f"остава {_days(1)}" if left == 1 else f"остават {_days(left)}"


def _days(count: int) -> str:
    return "1 ден" if count == 1 else f"{count} дни"
