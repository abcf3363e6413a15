"""`make messages`: gather the pages' Bulgarian texts, and lay them into the English catalogue.

What templates wrap is found by Jinja2's own extractor. In Python the Bulgarian literals themselves are the message ids,
so that tables of words need no wrapping; an f-string becomes a message id with `{0}`, `{1}` for what is filled in.
"""

import ast
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ROOT / "mailroom" / "locale" / "en" / "LC_MESSAGES" / "web.po"
REFUSALS = frozenset({"BadRequest", "Conflict", "NeedsPerson", "TryAgain"})
"""Errors whose sentence a page may show."""
_BULGARIAN = re.compile(r"[а-я]{2}")
Message = tuple[int, str, str | tuple[str, ...], list[str]]
"""As Babel wants it: line, function, message id, comments."""


def bulgarian_literals(file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Sequence[str],
                       options: Mapping[str, str]) -> Iterator[Message]:
    """Every Bulgarian literal of a module that is not its documentation."""
    tree = ast.parse(file.read())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    yield from _texts(tree, docstrings)


def refusals(file: IO[bytes], keywords: Mapping[str, Any], comment_tags: Sequence[str],
             options: Mapping[str, str]) -> Iterator[Message]:
    """The sentences of errors that a page may show."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS:
            yield from _texts(node, set())


def _texts(tree: ast.AST, left_out: set[int]) -> Iterator[Message]:
    told = set(left_out)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            told |= {id(part) for part in node.values}
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ngettext":
            told |= {id(argument) for argument in node.args}
            yield node.lineno, "ngettext", tuple(_text(argument) for argument in node.args), []
        text = _text(node)
        if text and id(node) not in told and _BULGARIAN.search(text):
            yield node.lineno, "", text, []  # type: ignore[attr-defined]


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if not isinstance(node, ast.JoinedStr):
        return ""
    holes = iter(range(10))
    return "".join(str(part.value) if isinstance(part, ast.Constant) else f"{{{next(holes)}}}" for part in node.values)


def gathered() -> Catalog:
    """Every text of the pages, untranslated."""
    catalog = Catalog()
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    for _, _, message, comments, _ in extract_from_dir(ROOT, methods, options):
        catalog.add(message, auto_comments=comments)
    return catalog


def english() -> Catalog:
    """The catalogue as it is kept."""
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def main() -> int:
    """Bring the catalogue up to date: new texts come in empty, texts that no page has any more go."""
    catalog = english() if ENGLISH.exists() else Catalog(locale="en")
    catalog.update(gathered(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    with ENGLISH.open("wb") as file:
        write_po(file, catalog, width=120, no_location=True, sort_output=True, omit_header=True, ignore_obsolete=True)
    empty = [message.id for message in catalog if message.id and not all(_strings(message.string))]
    for text in empty:
        print("no English yet:", text)
    return 1 if empty else 0


def _strings(string: object) -> tuple[str, ...]:
    return tuple(string) if isinstance(string, list | tuple) else (str(string or ""),)


if __name__ == "__main__":
    sys.exit(main())
