"""What `mailroom check` finds."""

from mailroom.model.base import Value


class Finding(Value):
    """One line of the check."""

    what: str
    ok: bool
    remedy: str = ""
    """What is wrong and what to do; for what is fine, what was seen."""
