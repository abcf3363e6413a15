"""Every regular expression of the product, and texts made to keep each of them busy.

The expressions are found where they are: in the modules and what they hold, in the knowledge built of rules/, written
in a call, and made while letters are understood. The texts come from an expression's own parse tree: what precedes a
repeat and what it repeats, over and over, with an end that does not fit. No detector for Python that is still kept
reads look-arounds and inline flags, so the engine itself is asked: whether four times the text takes more than four
times the work, in processor time of this thread.
"""

import ast
import gc
import importlib
import pkgutil
import random
import re
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import mailroom

_parser: Any = importlib.import_module("re._parser")
_LONG_REPEAT = 12
"""Repeats that may be longer than this are pumped."""
_SAMPLE_REPEATS = 2
_LETTERS = 24
"""So many of the characters that a pattern names are tried, with the common ones."""
_COMMON = "aAаАяb1 \n.,-@_/№\"„:(<ѝ"
_ENDS = ("\x00", "", "\n!")
_METHODS = frozenset({"search", "finditer", "findall", "sub", "subn", "split", "match", "fullmatch"})
_AT_ONE_PLACE = frozenset({"match", "fullmatch"})


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression of the product and how it is used."""

    pattern: str | bytes
    flags: int
    where: str
    """Module and name, for people."""
    methods: frozenset[str]
    """By which of `match`, `fullmatch` and any other method it is used."""
    bounded: bool
    """Only ever looks at what understanding/bounds.py leaves of a text."""


def modules() -> Iterator[ModuleType]:
    """Every module of the product, but those that do something when they are imported."""
    yield mailroom
    for info in pkgutil.walk_packages(mailroom.__path__, "mailroom."):
        if not info.name.endswith(("__main__", ".zygote")) and ".migrations" not in info.name:
            yield importlib.import_module(info.name)


def expressions(*knowledge: object) -> dict[tuple[str | bytes, int], Expression]:
    """All of them, by pattern and flags; `knowledge` is what was built of the rules."""
    found: dict[tuple[str | bytes, int], Expression] = {}
    loaded = [module for module in modules() if module.__file__]
    sources = {module.__name__: Path(str(module.__file__)).read_text("utf-8") for module in loaded}
    seen: set[int] = set()
    for module in loaded:
        for name, value in vars(module).items():
            for pattern in patterns_in(value, seen):
                _note(found, pattern, f"{module.__name__}.{name}", _methods(name, module.__name__, sources))
    for where, source in sources.items():
        if re.search(r"^import re$", source, re.M):
            for written, method, line in _written_in_calls(source):
                _note(found, written, f"{where}:{line}", {method})
    for pattern in patterns_in(knowledge, seen):
        _note(found, pattern, "mailroom.understanding.knowledge", {"search"})
    return found


def _note(found: dict[tuple[str | bytes, int], Expression], pattern: re.Pattern[Any], where: str,
          methods: set[str]) -> None:
    bounded, key = where.startswith("mailroom.understanding"), (pattern.pattern, pattern.flags)
    before = found.get(key, Expression(*key, where, frozenset(), bounded))
    found[key] = Expression(*key, before.where, before.methods | methods, bounded and before.bounded)


def _methods(name: str, module: str, sources: Mapping[str, str]) -> set[str]:
    """What is called on a module's pattern; any other use may be a search and counts as one."""
    where = [sources[module]] if name.startswith("_") else sources.values()
    uses = [use for source in where for use in re.findall(rf"(?<![\w.]){name}\b(?! =|,|\)$)(?:\.(\w+)\()?", source)]
    return {use or "search" for use in uses} or {"search"}


def patterns_in(thing: object, seen: set[int]) -> Iterator[re.Pattern[Any]]:
    """The compiled patterns that a value holds, however deep; what is in `seen` was looked into before."""
    level = [thing]
    while level:
        following: list[object] = []
        for value in level:
            if isinstance(value, re.Pattern):
                yield value
            elif id(value) not in seen and _may_hold(value):
                seen.add(id(value))
                following += gc.get_referents(value)
        level = following


def _may_hold(value: object) -> bool:
    if isinstance(value, (dict, list, tuple, set, frozenset)) or type(value).__name__ == "_lru_cache_wrapper":
        return True
    return not isinstance(value, (type, FunctionType, ModuleType)) and (
        type(value).__module__.startswith("mailroom") or is_dataclass(value))


def _written_in_calls(source: str) -> Iterator[tuple[re.Pattern[Any], str, int]]:
    """Pattern, method and line of every `re.search("…", text)` with a literal pattern."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        of, first = node.func.value, node.args[0]
        in_re = isinstance(of, ast.Name) and of.id == "re" and node.func.attr in _METHODS
        if in_re and isinstance(first, ast.Constant) and isinstance(first.value, (str, bytes)):
            flags = sum(set(_flags((*node.args[1:], *node.keywords))))
            yield re.compile(first.value, flags), node.func.attr, node.lineno


def _flags(arguments: Iterable[ast.AST]) -> Iterator[re.RegexFlag]:
    for name in (name for argument in arguments for name in ast.walk(argument) if isinstance(name, ast.Attribute)):
        flag = getattr(re, name.attr, None)
        if isinstance(flag, re.RegexFlag) and isinstance(name.value, ast.Name) and name.value.id == "re":
            yield flag


# Texts


def attacks(expression: Expression, length: int, seed: int) -> Iterator[str | bytes]:
    """Texts of this length that repeat what the expression repeats."""
    chance = random.Random(seed)
    tree = _parser.parse(expression.pattern, expression.flags)
    letters = sorted(set(_letters(tree)))
    alphabet = (*chance.sample(letters, min(_LETTERS, len(letters))), *_COMMON)
    texts: dict[str, None] = {}
    for before, body in _pumps(tree, alphabet, chance, ""):
        end = chance.choice(_ENDS)
        for start, unit in ((before, body), ("", before + body), ("", before + body + "\n")):
            if unit:
                texts[(start + unit * (length // len(unit) + 1))[:length - len(end)] + end] = None
    for text in texts:
        yield text.encode("latin-1", "replace") if isinstance(expression.pattern, bytes) else text


def _letters(tree: Iterable[Any]) -> Iterator[str]:
    """The characters that a pattern names."""
    for code, value in tree:
        if str(code) in ("LITERAL", "NOT_LITERAL"):
            yield chr(value)
        elif str(code) == "RANGE":
            yield chr(value[0])
        elif str(code) == "IN":
            yield from _letters(value)
        else:
            for part in _parts(value):
                yield from _letters(part)


def _parts(value: Any) -> Iterator[Any]:
    """The patterns inside a node's value."""
    if isinstance(value, _parser.SubPattern):
        yield value
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _parts(item)


def _pumps(tree: Iterable[Any], alphabet: tuple[str, ...], chance: random.Random, before: str
           ) -> Iterator[tuple[str, str]]:
    """What leads to each long repeat, and once what it repeats."""
    for node in tree:
        code, value = node
        if "REPEAT" in str(code):
            if value[1] > _LONG_REPEAT:
                yield before, _sample(value[2], alphabet, chance)
                yield before, _sample(value[2], alphabet, chance)
            yield from _pumps(value[2], alphabet, chance, before)
        elif not str(code).startswith("ASSERT"):
            for part in _parts(value):
                yield from _pumps(part, alphabet, chance, before)
        before += _sample([node], alphabet, chance)


def _sample(tree: Iterable[Any], alphabet: tuple[str, ...], chance: random.Random) -> str:
    """A text that fits; look-arounds are not looked at."""
    return "".join(_one(str(code), value, alphabet, chance) for code, value in tree)


def _one(code: str, value: Any, alphabet: tuple[str, ...], chance: random.Random) -> str:
    if code == "LITERAL":
        return chr(value)
    if code in ("NOT_LITERAL", "ANY", "IN"):
        return _of_class(code, value, alphabet, chance)
    if code == "BRANCH":
        return _sample(chance.choice(value[1]), alphabet, chance)
    if "REPEAT" in code:
        least, most = value[0], min(value[1], value[0] + _SAMPLE_REPEATS)
        return "".join(_sample(value[2], alphabet, chance) for _ in range(chance.randint(least, most)))
    if code in ("SUBPATTERN", "ATOMIC_GROUP"):
        return "".join(_sample(part, alphabet, chance) for part in _parts(value))
    return ""


def _of_class(code: str, value: Any, alphabet: tuple[str, ...], chance: random.Random) -> str:
    fitting = [letter for letter in alphabet if _fits(code, value, letter)]
    return chance.choice(fitting) if fitting else "ж"


def _fits(code: str, value: Any, letter: str) -> bool:
    if code == "ANY":
        return letter != "\n"
    if code == "NOT_LITERAL":
        return chr(value) != letter
    negated = str(value[0][0]) == "NEGATE"
    return any(_in_class(str(kind), item, letter) for kind, item in value[negated:]) is not negated


_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "DIGIT": str.isdigit, "SPACE": str.isspace, "WORD": lambda letter: letter.isalnum() or letter == "_"}


def _in_class(kind: str, item: Any, letter: str) -> bool:
    if kind == "LITERAL":
        return chr(item) == letter
    if kind == "RANGE":
        return bool(item[0] <= ord(letter) <= item[1])
    name = str(item).removeprefix("CATEGORY_")
    return _CATEGORIES[name.removeprefix("NOT_")](letter) is not name.startswith("NOT_")


# Work


class TooLong(Exception):
    """A text kept the engine busy beyond its share."""


def work(expression: Expression, text: str | bytes, cap: float) -> float:
    """Seconds of processor time that the expression takes over a text. Raises TooLong beyond `cap`.

    The engine looks for signals while it works, so a timer of this process's own time ends it.
    """
    pattern: re.Pattern[Any] = re.compile(expression.pattern, expression.flags)
    before = signal.signal(signal.SIGVTALRM, _interrupt)
    signal.setitimer(signal.ITIMER_VIRTUAL, cap)
    try:
        started = time.thread_time()
        if expression.methods - _AT_ONE_PLACE:
            for _ in pattern.finditer(text):
                pass
        for method in expression.methods & _AT_ONE_PLACE:
            getattr(pattern, method)(text)
        return time.thread_time() - started
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _interrupt(_number: int, _frame: object) -> None:
    raise TooLong
