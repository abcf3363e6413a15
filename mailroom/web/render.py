"""Pages out of templates (home of Jinja2 for the web): everything escaped, an unknown name is an error.

Texts of a template are Bulgarian message ids: `{{ _("Писма") }}`, `{% trans %}…{% endtrans %}`. What Python brings goes
through the filter `said`; `_` is for literals alone, since what it gives counts as safe HTML (a test holds to it).
"""

from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from mailroom.masking import mask_identifiers
from mailroom.model.base import MACHINE, SOFIA, day_of
from mailroom.model.findings import Kind, NonCorrespondence
from mailroom.web.assets import STATIC, asset
from mailroom.web.banner import is_dry_run
from mailroom.web.language import BULGARIAN, gettext, language, ngettext, said, switches
from mailroom.words import CHECKS, FIELDS, HISTORY
from mailroom.words import word as bulgarian_word

HERE = Path(__file__).resolve().parent
_SURE, _LIKELY = 0.85, 0.6


def page(template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """The page of this template. Raises jinja2.UndefinedError for a fact that the template lacks."""
    return HTMLResponse(rendered(template, **facts), status_code=status)


def rendered(template: str, **facts: Any) -> str:
    """The text of the page, for one that is kept as a file."""
    return _pages().get_template(template).render(**facts)


def part(template: str, macro: str, *facts: Any) -> Markup:
    """What a macro of this template makes of the facts."""
    made: Markup = getattr(_pages().get_template(template).module, macro)(*facts)
    return made


@cache
def _pages() -> Environment:
    pages = Environment(loader=FileSystemLoader(HERE / "pages"), autoescape=True, undefined=StrictUndefined,
                        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"], auto_reload=False)
    pages.policies["ext.i18n.trimmed"] = True
    pages.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    pages.filters.update(word=word, said=said, in_its_language=in_its_language, moment=moment, clock=clock, day=day,
                         masked=mask_identifiers, sure=sure, size=size, days_left=days_left)
    pages.globals.update(language=language, switches=switches, style_sheet=style_sheet, asset=asset, _=_literal)
    pages.globals.update(is_dry_run=is_dry_run, MACHINE=MACHINE, NonCorrespondence=NonCorrespondence)
    pages.globals.update(CHECKS=CHECKS, FIELDS=FIELDS, HISTORY=HISTORY, Kind=Kind, version=version("mailroom"))
    return pages


def _literal(text: str) -> Markup:
    """A text of a template in the language of the visit; Jinja2's own way there takes ten times as long, and a page has
    hundreds of them."""
    return _marked(text, language())


@cache
def _marked(text: str, _language: str) -> Markup:
    return Markup(gettext(text)) % {}


def style_sheet(name: str) -> Markup:
    """One of our own style sheets, to stand inside a page that is kept as a file."""
    return Markup((STATIC / name).read_text("utf-8"))


def in_its_language(sentence: object) -> Markup:
    """A sentence in the language of the visit, and what has no translation marked as Bulgarian (WCAG 2.2, 3.1.2)."""
    shown = said(sentence)
    is_foreign = language() != BULGARIAN and any("а" <= sign.lower() <= "я" for sign in shown)
    return Markup('<span lang="bg">{}</span>').format(shown) if is_foreign else escape(shown)


def word(value: StrEnum | str | None) -> str:
    """The word for a value of the model in the language of the visit; empty for null."""
    return said(bulgarian_word(value))


def moment(at: datetime | None) -> str:
    """`20.11.2026, 09:12`, in the town's time (НОИИСРЕАУ 46); in English `20 Nov 2026, 09:12`."""
    return f"{day(at)}, {at.astimezone(SOFIA):%H:%M}" if at else ""


def clock(at: datetime) -> str:
    """`09:12:35`, in the town's time."""
    return f"{at.astimezone(SOFIA):%H:%M:%S}"


def day(on: date | None) -> str:
    """`20.11.2026`, in English `20 Nov 2026`; of a moment, the day in the town."""
    if isinstance(on, datetime):
        on = day_of(on)
    if not on:
        return ""
    return f"{on:%d.%m.%Y}" if language() == BULGARIAN else format_date(on, "d MMM y", locale="en")


def sure(confidence: float) -> str:
    """How sure a finder is, for people."""
    if confidence >= 1:
        return gettext("сигурно")
    if confidence >= _SURE:
        return gettext("почти сигурно")
    return gettext("вероятно") if confidence >= _LIKELY else gettext("несигурно")


def size(octets: int) -> str:
    """`12 KB`, `3,4 MB`, `74,3 GB`; in English with a point."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB")):
        if octets >= unit:
            return f"{octets / unit:.1f} {name}".replace(".", "," if language() == BULGARIAN else ".")
    return f"{max(1, round(octets / 1024))} KB" if octets else "0 KB"


def days_left(due: date, today: date) -> str:
    """`остават 12 дни`, `срокът е днес`, `просрочено с 3 дни`."""
    left = (due - today).days
    if left == 0:
        return gettext("срокът е днес")
    if left < 0:
        return ngettext("просрочено с {count} ден", "просрочено с {count} дни", -left).format(count=-left)
    return ngettext("остава {count} ден", "остават {count} дни", left).format(count=left)
