"""Fields of a contact form or of a printed form („Фирма: …“): the part of a value that is its own, and rows in a text.

A mail client may run two fields into one line („Искра Ел. поща за връзка x@…“): a value ends where the next field's
name begins.
"""

import re
from functools import lru_cache

from mailroom.understanding.view import View

FIELDS = ("form_name", "form_email", "form_phone", "form_address", "form_message", "form_subject", "form_channel",
          "form_organisation")  # fmt: skip
_SHORTEST_NAME = 6
"""Characters of a field's name from which it cannot be part of a value by chance."""
_SEPARATORS = r"[ \t.]{0,40}(?::|\t|\||>|\])[ \t]{0,40}"


def own_value(view: View, field: str) -> str:
    """The value of a contact form's field, without the next field that stands on its line; empty when not filled in."""
    value = view.form_value(field)
    return _next_field(_names(view, FIELDS)).split(value, maxsplit=1)[0].strip(" \t,;|") if value else ""


def rows(view: View, field: str) -> list[tuple[int, str]]:
    """Where the values of a field stand in the text („Фирма: …“, a tab between), and what they are."""
    found = []
    for match in _row(_names(view, (field,))).finditer(view.clear):
        value = _next_field(_names(view, FIELDS)).split(match.group("value"), maxsplit=1)[0].rstrip()
        if value:
            found.append((match.start("value"), value))
    return found


def _names(view: View, fields: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for field in fields for name in view.knowledge.lexicon.list(f"sender.{field}"))


@lru_cache(maxsize=32)
def _next_field(names: tuple[str, ...]) -> re.Pattern[str]:
    """A field's name in the middle of a line: a long one, or a short one with its colon or tab."""
    long = "|".join(re.escape(name) for name in _longest_first(names) if len(name) >= _SHORTEST_NAME)
    short = "|".join(re.escape(name) for name in _longest_first(names))
    capital = "(?=[A-ZА-Я])"
    return re.compile(
        rf"[ \t]{capital}(?i:(?:{short})(?:[ \t][^\W\d_]{{1,15}}){{0,3}}[ \t]?(?=[:\t|])|"
        rf"(?:{long})(?=[ \t]{{0,40}}(?:[:\t|]|$)))"
    )


@lru_cache(maxsize=32)
def _row(names: tuple[str, ...]) -> re.Pattern[str]:
    labels = "|".join(re.escape(name) for name in _longest_first(names))
    return re.compile(
        rf"(?im)^[ \t*•<\[-]{{0,20}}(?:{labels})(?:[ \t]?/[ \t]?[^\W\d_]{{2,20}})?[ \t]?[*]?{_SEPARATORS}"
        r"(?P<value>[^\s<][^\n<]{0,200})"
    )


def _longest_first(names: tuple[str, ...]) -> list[str]:
    return sorted(names, key=len, reverse=True)
