"""Paper that is printed for everybody's letter box: leaflets and bulletins, which nobody wrote to the town.

Neither has a header that says so. A bulletin shows its masthead, the number of its issue, what stands on which page and
who edits it; a leaflet is short, in short lines, with a price or something for nothing, how to come by it, and a
telephone. Whoever writes to the town, asks something of it, speaks of themselves or of a danger has written a letter,
whatever they enclose.
"""

import re
from collections.abc import Mapping

from mailroom.model.findings import Evidence, Found, NonCorrespondence
from mailroom.understanding.unsolicited import AMOUNT, ASKING, MINE, TO_THE_TOWN
from mailroom.understanding.view import View

_PARTS_OF_A_BULLETIN = 3
_BULLETIN = ("masthead", "issue", "contents", "imprint")
"""Groups of machine.toml."""
_LEAFLET = 3
"""So many different signs of a leaflet, of which one is how to come by what is offered."""
_LONGEST_LEAFLET = 110
_SHORT_LINE, _MOSTLY = 9, 0.7
"""Words of a line of a leaflet, and how many of its lines are so short."""
_PHONE = re.compile(r"(?<!\d)(?:\+359|0)[\d /-]{7,12}\d|\bwww\.\w|\b[a-z][\w-]{2,30}\.(?:bg|com|example)\b")
_MATTERS = frozenset({"signal", "complaint", "request", "foi_request", "gdpr_request", "corruption_report", "inquiry"})
_OWN_MATTER = 3.0
"""Weight of the words of a kind from which on somebody writes of a matter of their own."""


def find_printed(view: View) -> Found[NonCorrespondence] | None:
    """A bulletin or a leaflet; null for mail and for whatever somebody wrote to the town."""
    letter = view.letter
    if letter.head is not None or letter.form_fields or not letter.legible or _is_written(view):
        return None
    parts = [part for part in _BULLETIN if view.seen(f"machine.{part}")]
    if len(parts) >= _PARTS_OF_A_BULLETIN:
        return _found(view, NonCorrespondence.NEWSLETTER, parts)
    offered = bool(AMOUNT.search(view.text)) + bool(view.seen("machine.for_nothing"))
    obtained = bool(view.seen("machine.obtained"))
    reached = bool(_PHONE.search(view.text.lower()))
    if obtained and offered and offered + obtained + reached >= _LEAFLET and _is_laid_out(view):
        return _found(view, NonCorrespondence.SPAM, ["for_nothing", "obtained"])
    return None


def _is_written(view: View) -> bool:
    """Whether somebody writes to the town, asks, speaks of themselves or of a matter of theirs."""
    if TO_THE_TOWN.search(view.clear) or ASKING.search(view.text) or any(w.plain in MINE for w in view.words.words):
        return True
    if any(view.seen(f"machine.{group}") for group in ("addressed", "asks", "reports", "speaks")):
        return True
    weights: Mapping[str, float] = {kind: sum(s.hit.weight for s in view.seen(f"kinds.{kind}")) for kind in _MATTERS}
    return max(weights.values()) >= _OWN_MATTER or any(s.hit.weight >= 1 for s in view.seen("danger"))


def _is_laid_out(view: View) -> bool:
    """Whether it is short and stands in short lines."""
    lines = [line.text.split() for line in view.lines if not line.blank]
    short = sum(len(words) <= _SHORT_LINE for words in lines)
    return len(view.words) <= _LONGEST_LEAFLET and short >= _MOSTLY * len(lines)


def _found(view: View, value: NonCorrespondence, parts: list[str]) -> Found[NonCorrespondence]:
    shown: tuple[Evidence, ...] = tuple(view.evidence(s) for part in parts for s in view.seen(f"machine.{part}")[:1])
    return Found(value=value, confidence=0.7, evidence=shown)
