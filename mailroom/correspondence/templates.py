"""Letters from folders of small templates (home of Jinja2 for letters, and of Babel for dates in words).

    templates/<letter>/subject.txt   one line
    templates/<letter>/body.txt      the mail as plain text
    templates/<letter>/body.html     the same for mail programs that show HTML
    templates/<letter>/page.html     the same on A4 for a window envelope
    templates/base/…                 what they share: page and mail frames, words by kind, blocks of facts

    templates/sheets/…               what is printed at the counter and for the post: receipt, protocol, label, list

A short letter has its words in `sentences.jinja` (macros `about`, `bulgarian`, `english`), and its four files only
extend the frames `base/letter.txt`, `base/letter.html` and `base/letter_page.html`.

A town's own folder has the same names; each file in it takes the place of the packaged one. Everything that a
citizen reads stands in these files; Python hands over facts only.
"""

import functools
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import babel.dates
from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
)
from markupsafe import Markup

from mailroom.correspondence.transliteration import transliterate
from mailroom.errors import Misconfigured
from mailroom.model.base import SOFIA, Value
from mailroom.model.outgoing import LetterType

ON_PAPER = "on_paper"
"""Facts that are different on the page: the address in the window, the way by which it goes."""
PARTS = ("subject.txt", "body.txt", "body.html", "page.html")


class Rendered(Value):
    """One letter in its four shapes."""

    subject: str
    text: str
    html: str
    page_html: str


class Templates:
    """The letter templates: those of the program, each overridden by the town's own file of the same name."""

    def __init__(self, packaged: Path, own: Path | None) -> None:
        """packaged: the program's folder; own: the town's, or null."""
        self._folders = [str(folder) for folder in (own, packaged) if folder]
        # Two environments over the same files: a sentence shared by mail and page is escaped in HTML and not in text.
        self._plain = _environment(self._folders, autoescape=False)
        self._markup = _environment(self._folders, autoescape=True)

    def render(self, letter_type: LetterType, context: Mapping[str, Any]) -> Rendered:
        """The letter in its four shapes. Raises Misconfigured with file and line when a template is wrong."""
        named = {**context, "letter": letter_type.value}
        subject, text, html = (self._part(f"{letter_type}/{part}", named) for part in PARTS[:-1])
        page = self._part(f"{letter_type}/{PARTS[-1]}", {**named, **named.get(ON_PAPER, {})})
        return Rendered(subject=" ".join(subject.split()), text=_tidy(text), html=html, page_html=page)

    def sheet(self, name: str, context: Mapping[str, Any]) -> str:
        """A sheet that is no letter (`templates/sheets/`): a receipt, a list, a label. Raises Misconfigured."""
        return self._part(f"sheets/{name}", context)

    def check(self) -> tuple[str, ...]:
        """Compile every template; the names found. Raises Misconfigured at the first that is missing or wrong."""
        names = {f"{letter}/{part}" for letter in LetterType for part in PARTS}
        names.update(self._plain.list_templates(extensions=["html", "jinja"]))
        for name in sorted(names):
            self._guarded(name, functools.partial(self._home(name).get_template, name))
        return tuple(sorted(names))

    def _part(self, name: str, context: Mapping[str, Any]) -> str:
        text: str = self._guarded(name, lambda: self._home(name).get_template(name).render(context))
        return text

    def _home(self, name: str) -> Environment:
        return self._markup if name.endswith(".html") else self._plain

    def _guarded(self, name: str, work: Callable[[], Any]) -> Any:
        try:
            return work()
        except TemplateSyntaxError as error:
            raise Misconfigured(f"template {error.name or name}, line {error.lineno}: {error.message}") from error
        except TemplateNotFound as error:
            raise Misconfigured(f"template {error.name} is missing in {' and '.join(self._folders)}") from error
        except UndefinedError as error:
            raise Misconfigured(f"template {name}: {error.message}: base/README.txt lists what it may use") from error
        except TemplateError as error:
            raise Misconfigured(f"template {name}: {error.message}") from error


def _environment(folders: list[str], *, autoescape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        autoescape=autoescape,
        auto_reload=False,  # a file that is being edited must not get into a letter
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        in_words=date_in_words, to_the_second=to_the_second, short_date=short_date, latin=_latin,
        capitalize_first=_capitalize_first, in_english=date_in_english,
        strong=_strong if autoescape else str, link=_link if autoescape else str,
    )
    return environment


def date_in_words(day: date) -> str:
    """„21 декември 2026 г.“"""
    return _format(_local(day), "d MMMM y 'г'.", "bg")


def date_in_english(day: date) -> str:
    """“21 December 2026”."""
    return _format(_local(day), "d MMMM y", "en_GB")


def _format(day: date, pattern: str, locale: str) -> str:
    return _format_day(day.year, day.month, day.day, pattern, locale)


@functools.lru_cache(maxsize=1000)
def _format_day(year: int, month: int, day: int, pattern: str, locale: str) -> str:
    """Letters of one day speak of the same few days, a dozen times each."""
    return babel.dates.format_date(date(year, month, day), pattern, locale=locale)


def short_date(day: date) -> str:
    """„21.12.2026 г.“"""
    return f"{_local(day):%d.%m.%Y} г."


def to_the_second(at: datetime) -> str:
    """„20 ноември 2026 г. в 10:42:05 ч.“ in the time of Sofia (ЗЕУ 34(2): време на получаване)."""
    return f"{date_in_words(at)} в {_local(at):%H:%M:%S} ч."


def _local(day: date) -> date:
    return day.astimezone(SOFIA) if isinstance(day, datetime) else day


def _latin(text: str) -> str:
    """Transliterate; markup stays markup, because only Cyrillic letters are touched."""
    return Markup(transliterate(str(text))) if isinstance(text, Markup) else transliterate(text)


def _capitalize_first(text: str) -> str:
    """The first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def _strong(text: object) -> Markup:
    """What the eye looks for: bold and on one line; in plain text it stays as it is."""
    return Markup('<b style="white-space:nowrap">{}</b>').format(text)


def _link(url: str) -> Markup:
    return Markup('<a href="{0}">{0}</a>').format(url)


def _tidy(text: str) -> str:
    """Plain text without the gaps that untaken branches leave: no blanks at line ends, one empty line at most."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.strip().splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"
