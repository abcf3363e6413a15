"""What a dry run has shown, by day; figures alone, and nothing of a sealed letter."""

from datetime import date

from pydantic import Field

from mailroom.model.base import Value


class DryDay(Value):
    """The letters that came on one day."""

    day: date
    came: int = 0
    registered: int = 0
    """Of these: would have got a number."""
    for_a_person: int = 0
    """Of the registered: a person would have had to decide."""
    kinds: dict[str, int] = Field(default_factory=dict)
    """Kind → how many of the registered."""
    filtered: dict[str, int] = Field(default_factory=dict)
    """Why set aside (spam, newsletter, …) → how many, each waiting for a person's confirmation."""
    unfinished: int = 0
    """Not through yet, or stuck."""
    answered: int = 0
    """Letters that would have left by themselves, by mail or paper."""
    held: int = 0
    """Letters that would have waited for a person."""
