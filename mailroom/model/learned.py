"""What the office has learned from its staff: their corrections, and the small model of kinds made from them."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from mailroom.model.base import ItemId, Value
from mailroom.model.findings import Kind

DECISION = "decision"
"""The field of an example that is no finding: the outcome that was proposed, and the one that a person chose."""


class Example(Value):
    """One field of one letter that a person put right."""

    item_id: ItemId
    field: str
    """A path of `understanding/corrections.py` (`kind`, `address.street`), or `decision`."""
    found: Any = None
    """What the program said when the person looked; null when it had found nothing."""
    meant: Any = None
    """What the person said; null when there is nothing to be found."""


class KindModel(Value):
    """A linear model of kinds (multinomial logistic regression) over the stems of a letter."""

    bias: Mapping[Kind, float]
    """Of the kinds that it knows; the others it never suggests."""
    weights: Mapping[str, Mapping[Kind, float]]
    """Stem → what its presence adds for each kind."""
    examples: int = Field(ge=0)
    """How many letters it was made from."""
