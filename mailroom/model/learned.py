"""What the office has learned from its staff: their corrections, and the small model of kinds made from them."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import Field

from mailroom.model.base import Instant, ItemId, Value
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

    @cached_property
    def rows(self) -> Mapping[str, tuple[float, ...]]:
        """The weights of each stem in the order of the kinds in `bias`."""
        return {stem: tuple(row.get(kind, 0.0) for kind in self.bias) for stem, row in self.weights.items()}


class FactModel(Value):
    """A linear model of what holds or does not (logistic regression): what each thing seen adds to the log odds."""

    bias: float
    weights: Mapping[str, float]
    """By the names of `understanding/likely_abuse.py` for a sentence, of `understanding/impression.py` for a letter."""
    examples: int = Field(ge=0)
    """How many sentences or letters it was made from."""


class Trial(Value):
    """Whether the model would have helped: each letter judged by a model that has not seen it."""

    letters: int
    vocabulary_right: int
    """Right by the vocabulary alone."""
    together_right: int
    gained: int
    """Wrong before and right with the model."""
    lost: int
    heard: bool
    """Whether the gain is more than chance: only then the model has a say."""


class Corrected(Value):
    """A field that people corrected."""

    field: str
    times: int
    items: tuple[ItemId, ...]
    """The latest of them."""


class Confusion(Value):
    """Letters taken for one kind that are of another."""

    found: Kind
    meant: Kind
    times: int
    items: tuple[ItemId, ...]
    misled_by: tuple[str, ...] = ()
    """What the cues that spoke for the wrong kind say of themselves (`why` of the lexicon), the commonest first."""


class Proposal(Value):
    """Words that stand in the corrected letters of one group and hardly elsewhere, and are not in its vocabulary."""

    group: str
    """`kinds.complaint`: the file and the table of the lexicon."""
    words: tuple[str, ...]
    """In the lexicon's notation (`размотав*`)."""
    items: tuple[ItemId, ...]
    """Letters in which they stand."""


class Lesson(Value):
    """What one night has brought."""

    at: Instant
    looked_at: int
    """Letters that people had worked on."""
    corrected: tuple[Corrected, ...] = ()
    """The most corrected field first."""
    confusions: tuple[Confusion, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    trial: Trial | None = None
    """Null with too few letters."""
    model: KindModel | None = None
    """Null unless the trial says that it is to be heard."""
