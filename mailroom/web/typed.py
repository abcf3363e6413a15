"""What people type, made fit for use."""

from datetime import date, datetime

LARGEST_ID = 2**63 - 1
"""Of both databases."""
LONGEST_TEXT = 20_000
"""Characters of one form field."""


def plain(value: object) -> str:
    """Text of a form: without NULs and control characters, which no database likes, and not endless."""
    text = value if isinstance(value, str) else ""
    return "".join(sign for sign in text[:LONGEST_TEXT] if sign.isprintable() or sign in "\n\t").strip()


def is_key(text: str) -> bool:
    """Whether this is a number that a database may know."""
    return text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST_ID


def read_date(typed: str) -> date | None:
    """A date as people write it: 20.11.2026, 20.11.2026 г., 20/11/2026, 2026-11-20; null when it is none."""
    plainly = typed.removesuffix("г.").removesuffix("г").strip(" .").replace("/", ".").replace(" ", "")
    for form in ("%d.%m.%Y", "%Y-%m-%d", "%d-%m-%Y"):
        try:
            found = datetime.strptime(plainly, form).date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
        return found if 1990 <= found.year <= 2200 else None
    return None
