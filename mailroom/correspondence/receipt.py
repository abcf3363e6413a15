"""The receipt that a citizen is given in hand at the counter: the confirmation of what was handed over or told there.

It says what every confirmation says (ЗЕУ 34, НОДА 70, НОДА 133), and besides who has registered it and how many sheets
were handed over.
"""

from datetime import datetime

from mailroom.correspondence.envelope import Way
from mailroom.correspondence.facts import facts, rights_are_explained
from mailroom.correspondence.templates import Templates
from mailroom.model.entry import Entry
from mailroom.model.item import Item
from mailroom.model.outgoing import Draft, LetterType, OutgoingChannel, OutgoingStatus
from mailroom.model.pack import Pack
from mailroom.model.taken_down import TakenDown
from mailroom.model.verdict import Outcome


def write_receipt(item: Item, entry: Entry, taken: TakenDown, pack: Pack, templates: Templates, *, from_address: str,
                  public_url: str, status_code: str, now: datetime) -> Draft:
    """The receipt as a letter that has arrived. `status_code`: the page for citizens as a drawn QR code, or empty.

    The citizen's own words are not on it: it lies on a counter where others can read.
    """
    findings, verdict = item.findings, item.verdict
    name = findings.sender_name or findings.organisation if findings else None
    way = Way(channel=OutgoingChannel.HAND, to=name.value if name else "")
    told = {
        **facts(item, entry, pack, way=way, from_address=from_address, public_url=public_url), "written_on": now,
        "taken": taken, "brought": taken.brought.value, "status_code": status_code,
        "urgent": bool(verdict and verdict.urgent),
        "answer_is_certain": verdict is None or verdict.outcome is Outcome.CONSIDER,
        "explain_rights": rights_are_explained(findings),
    }
    return Draft(
        type=LetterType.ACKNOWLEDGEMENT, item_id=item.id, channel=OutgoingChannel.HAND, to=way.to,
        subject=f"Разписка за № {entry.registration_number}", text=templates.sheet("receipt.txt", told),
        page_html=templates.sheet("receipt.html", told), auto_submitted=False, status=OutgoingStatus.SENT)
