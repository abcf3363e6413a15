"""The confirmation of receipt that every item with a return address gets (ЗЕУ 34, НОДА 70, НОДА 133)."""

from datetime import datetime

from mailroom.correspondence.envelope import draft_in_envelope, way_to
from mailroom.correspondence.facts import facts, rights_are_explained
from mailroom.correspondence.templates import Templates
from mailroom.model.entry import Entry
from mailroom.model.item import Item
from mailroom.model.outgoing import Draft, LetterType
from mailroom.model.pack import Pack
from mailroom.model.verdict import Outcome


def write_acknowledgement(
    item: Item,
    entry: Entry,
    pack: Pack,
    templates: Templates,
    *,
    from_address: str,
    public_url: str,
    now: datetime,
) -> Draft | None:
    """Write the confirmation of receipt; null when nothing leads back to the sender.

    An anonymous or abusive letter with a return address is confirmed like any other: the letter says that it is
    registered and until when it is looked at, and never what the machine proposes. The citizen's own words, names of
    third persons and personal identifiers are never quoted (a confirmation can reach a forged sender).
    """
    way = way_to(item)
    if way is None:
        return None
    verdict, findings = item.verdict, item.findings
    rendered = templates.render(LetterType.ACKNOWLEDGEMENT, {
        **facts(item, entry, pack, way=way, from_address=from_address, public_url=public_url),
        "written_on": now,
        "urgent": bool(verdict and verdict.urgent),
        # Where a clause may set the letter aside nothing but a decision by the due date can be promised.
        "answer_is_certain": verdict is None or verdict.outcome is Outcome.CONSIDER,
        "anonymous": bool(findings and findings.anonymous.value),
        "explain_rights": rights_are_explained(findings),
    })
    return draft_in_envelope(LetterType.ACKNOWLEDGEMENT, item, way, rendered, from_address=from_address)
