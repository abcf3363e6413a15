"""What people type, made fit for use."""

import re
from collections.abc import Iterable
from datetime import date, datetime

LARGEST_ID = 2**63 - 1
"""Of both databases."""
LONGEST_TEXT = 20_000
"""Characters of one form field."""
LONGEST_PAGES = 2_000
"""Characters of a list of pages: a file has at most some hundreds of them."""


def plain(value: object) -> str:
    """Text of a form: without NULs and control characters, which no database likes, and not endless."""
    text = value if isinstance(value, str) else ""
    return "".join(sign for sign in text[:LONGEST_TEXT] if sign.isprintable() or sign in "\n\t").strip()


def is_key(text: str) -> bool:
    """Whether this is a number that a database may know."""
    return text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST_ID


def is_login(text: str) -> bool:
    """Whether this may be the name of a log-in: short, in one word, fit for an address."""
    return 0 < len(text) <= 64 and not any(sign.isspace() or sign in "/?#&%" for sign in text)


def read_parts(typed: str) -> tuple[tuple[int, ...], ...] | None:
    """Pages as people write them, the letters parted by semicolons or lines: „1-2; 3; 4, 5“; null when it is not that.
    """
    parts = [_read_pages(part) for part in re.split(r"[;\n]", typed[:LONGEST_PAGES]) if part.strip(" .,")]
    found = tuple(part for part in parts if part is not None)
    return found if found and len(found) == len(parts) else None


def _read_pages(typed: str) -> tuple[int, ...] | None:
    pages: list[int] = []
    for one in re.sub(r" ?[-–—] ?", "-", typed).replace(",", " ").split():
        ends = one.split("-")
        if len(ends) > 2 or not all(end.isascii() and end.isdigit() and len(end) <= 3 for end in ends):
            return None
        if int(ends[-1]) < int(ends[0]):
            return None
        pages.extend(range(int(ends[0]), int(ends[-1]) + 1))
    return tuple(pages) or None


def in_ranges(parts: Iterable[Iterable[int]]) -> str:
    """The pages of each letter as people write them: „1-2; 3; 5, 7“."""
    return "; ".join(_ranges(list(part)) for part in parts)


def _ranges(pages: list[int]) -> str:
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def read_date(typed: str) -> date | None:
    """A date as people write it: 20.11.2026, 20.11.26 г., 20/11/2026, 2026-11-20, 20 Nov 2026; null for none."""
    plainly = typed.removesuffix("г.").removesuffix("г").strip(" .").replace("/", ".").replace(" ", "")
    for form in ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d", "%d-%m-%Y", "%d%b%Y"):
        try:
            found = datetime.strptime(plainly, form).date()  # noqa: DTZ007 - a day, not a moment
        except ValueError:
            continue
        return found if 1990 <= found.year <= 2200 else None
    return None
