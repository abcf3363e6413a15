"""How much two letters say the same, whatever was added, left out or put elsewhere."""

from rapidfuzz import fuzz

ALIKE = 82
"""Per cent from which two letters of one sender are probably about the same thing."""
_LONGEST = 4000
"""Characters that are compared: what a letter is about stands in the beginning."""


def likeness(one: str, other: str) -> int:
    """Per cent: of the words of the shorter text that the other has too, and of their order."""
    first, second = (" ".join(text.lower().split())[:_LONGEST] for text in (one, other))
    if not first or not second:
        return 0
    return round((fuzz.token_set_ratio(first, second) + fuzz.ratio(first, second)) / 2)
