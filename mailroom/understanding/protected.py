"""Whether somebody else's personal data or classified information are asked for (one's own are a gdpr_request)."""

from collections.abc import Mapping
from typing import Any

from mailroom.model.findings import Found
from mailroom.understanding.view import View


def find_protected_info(view: View, _: Mapping[str, Any]) -> Found[bool]:
    """True when a request names data of a third person, or classified documents."""
    seen = view.seen("protected")
    if not seen:
        return Found(value=False, confidence=0.93)
    own = view.seen("kinds.gdpr_request")
    third = [s for s in seen if s.hit.name == "classified" or not own]
    if not third:
        return Found(value=False, confidence=0.7, evidence=(view.evidence(own[0]),))
    evidence = tuple(view.evidence(s, around=5) for s in third[:4])
    return Found(value=True, confidence=min(0.95, 0.7 + 0.08 * len(third)), evidence=evidence)
