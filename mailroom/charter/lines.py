"""On which line of a TOML file a value stands, so that an error in a rule pack can name it.

The standard library's parser forgets positions. A pack is written by hand in the plain forms of TOML (`[table]`,
`[[list]]`, `key = …` at the start of a line), and for these a walk over the lines is enough; anything else falls back
to the line of the table.
"""

import re

Where = tuple[str | int, ...]
"""Path of a value: `("clause", 2, "quote")` is the quote of the third [[clause]]."""

_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.-]+)\s*\]")
_KEY = re.compile(r"""^\s*(?:"(?P<quoted>[^"]+)"|(?P<bare>[\w-]+))\s*=""")


def line_of(text: str, where: Where) -> int:
    """The 1-based line of the value, else of its table, else 1."""
    table, index, key = _split(where)
    seen, inside, best = -1, not table, 1
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            if inside and table:
                return best
            same = header[2] == table
            seen += same
            inside = same and (header[1] == "[" or seen == index)
            best = number if inside else best
        elif inside and (found := _KEY.match(line)) and key in (found["quoted"], found["bare"]):
            return number
    return best


def _split(where: Where) -> tuple[str, int, str]:
    """Table, position in the list of tables, key."""
    names = [part for part in where if isinstance(part, str)]
    if len(where) > 1 and isinstance(where[1], int) and len(names) > 1:
        return names[0], where[1], names[1]
    if len(where) > 1 and isinstance(where[1], int):
        return names[0], where[1], ""
    if len(names) > 1:
        return names[0], 0, names[1]
    return "", 0, names[0] if names else ""
