"""No regular expression takes more than linear time, whatever somebody sends.

Every expression of the product works on texts made from its own parse tree (tests/expressions.py), and four times the
text must not take much more than four times the work. Processor time of one thread is compared with itself, and only
where there is enough of it to compare. Beside other tests a machine is too noisy for that: these are long ones.
"""

import re
from typing import Any

import pytest

from mailroom.understanding.bounds import bounded
from mailroom.understanding.knowledge import Knowledge
from tests.expressions import Expression, TooLong, attacks, expressions, work

pytestmark = pytest.mark.long

LENGTH = 3_000
ENOUGH = 0.004
"""Seconds from which growth is looked at: the square of LENGTH takes ten times as many."""
CAP = 0.6
MOST_GROWTH = 8
"""From a quarter of the text to the whole: 4 is linear, 16 the square."""
CLEAN_RUNS = 3
_END = 3
"""Characters at the end of a text, where it does not fit."""


@pytest.fixture(scope="module")
def found(knowledge: Knowledge) -> tuple[Expression, ...]:
    """All of the product's."""
    return tuple(expressions(knowledge).values())


def grows(expression: Expression, length: int, seed: int) -> list[str]:
    """The texts that take the expression more than linear time."""
    return [f"{expression.where}: {text[:60]!r} … {text[-5:]!r}" for text in attacks(expression, length, seed)
            if _is_more_than_linear(expression, text)]


def _is_more_than_linear(expression: Expression, text: Any) -> bool:
    if expression.bounded and isinstance(text, str):
        text = bounded(text)
    quarter = text[:len(text) // 4 - _END] + text[-_END:]
    try:
        if work(expression, text, CAP) < ENOUGH:
            return False
        whole, part = (min(work(expression, t, CAP) for _ in range(CLEAN_RUNS)) for t in (text, quarter))
    except TooLong:
        return True
    return whole > MOST_GROWTH * part


@pytest.mark.parametrize("pattern", [r"\s+$", r"\d+[a-z]", r"<[^>]*>"])
def test_a_slow_expression_is_seen(pattern: str) -> None:
    """Else the test below would prove nothing."""
    expression = Expression(pattern, re.compile(pattern).flags, "here", frozenset({"search"}), bounded=False)
    assert any(grows(expression, 8 * LENGTH, seed) for seed in range(3))


def test_every_expression_is_found(found: tuple[Expression, ...]) -> None:
    """In modules, in calls, in what is built of the rules, in what is kept for the next call."""
    assert len(found) > 500
    where = " ".join(expression.where for expression in found)
    assert all(name in where for name in ("masking._LABEL", "reading.html:", "understanding.knowledge"))


def test_no_expression_takes_more_than_linear_time(found: tuple[Expression, ...]) -> None:
    slow = [text for expression in found for text in grows(expression, LENGTH, 1)]
    assert slow == []


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(2, 12))
def test_no_expression_takes_more_than_linear_time_over_many_texts(
        seed: int, found: tuple[Expression, ...]) -> None:
    slow = [text for expression in found for text in grows(expression, 8 * LENGTH, seed)]
    assert slow == []
