"""One item: the original beside what was understood, why it was decided so, its letters, neighbours and history.

What is done with it stands in item_acts.py; what its fields are, in fields.py; where they were seen, in seen.py.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from difflib import SequenceMatcher
from typing import Any

from starlette.responses import Response

from mailroom import deadlines
from mailroom.correspondence.authentication import Authentication, authentication
from mailroom.correspondence.letters import FIELDS as LETTER_FIELDS
from mailroom.correspondence.letters import SET_ASIDE, missing_details
from mailroom.mediatype import EML
from mailroom.model.base import ItemId, Value
from mailroom.model.entry import Extension, Ground
from mailroom.model.item import Annulment, DecisionState, HistoryLine, Item, Status
from mailroom.model.letter import MailHead
from mailroom.model.outgoing import LetterType
from mailroom.model.verdict import Outcome
from mailroom.reading.faults import has_virus
from mailroom.registration.routing import accused
from mailroom.registration.terms import extension_for, extension_grounds, inspection_matters
from mailroom.store.store import Register
from mailroom.understanding.likeness import ALIKE, likeness
from mailroom.web.cases import case_view
from mailroom.web.fields import ADDRESS, CHOSEN, FACTS, SHOWN, TYPED, current_values, shown_fields, still_typed
from mailroom.web.render import day
from mailroom.web.rights import may_open_file, may_open_original, may_release, may_see
from mailroom.web.seen import Piece, evidence_of, in_text, on_pages
from mailroom.web.succession import around, back_to_queue, last_deed, view_of
from mailroom.web.typed import in_ranges, is_key
from mailroom.web.visit import NotHere, Visit
from mailroom.why import why
from mailroom.words import FIELDS, HISTORY, word

SUPERIOR_BODY = "областният управител"
"""Who stands above a mayor where nobody else is named."""
MARKS = (Status.ANSWERED, Status.FORWARDED, Status.CLOSED)
USUAL_REASONS: dict[Outcome, tuple[str, ...]] = {
    Outcome.CONSIDER: ("Подателят е известен.", "Изразите не са обидни.", "Данните могат да се дадат.",
                       "Има опасност за хора.", "Писмото съдържа конкретен сигнал."),
    Outcome.NOT_CONSIDERED: ("Подателят не може да бъде установен.", "Въпросът е отпреди повече от две години.",
                             "По същия въпрос вече е отговорено."),
    Outcome.NO_REPLY: ("Писмото съдържа само обиди.",),
    Outcome.INFORMATION_REFUSED: ("Исканите данни са лични данни на друго лице.", "Сведенията са класифицирани."),
}
"""Reasons for deciding otherwise, to choose from; any other is typed."""
NOT_AS_PROPOSED = {
    Outcome.NOT_CONSIDERED: "Подателят е известен.", Outcome.NO_REPLY: "Изразите не са обидни.",
    Outcome.INFORMATION_REFUSED: "Данните могат да се дадат.",
}
"""The usual reason to consider what was proposed to be set aside so."""
ALIKE_WITHIN = timedelta(days=120)
"""How far back letters of the same sender are compared."""
_WORD = re.compile(r"\S+\s*")
_UNDECIDED = (Status.REGISTERED, Status.IN_REVIEW)


class Neighbour(Value):
    """Another item beside this one."""

    item: Item
    alike: int = 0
    """Per cent of likeness, where its text was compared."""


def show_item(visit: Visit) -> Response:
    """The page of one item."""
    return item_page(visit, visit.item())


def item_page(visit: Visit, item: Item, *, sentence: str = "", status: int = 200) -> Response:
    """The page of one item, with a sentence when the last action could not be done; what was typed stays typed."""
    with visit.office.store.reading() as register:
        history = register.history.of(item.id)
        names = register.people.names()
        facts = {**_original(visit, register, item), **_neighbours(visit, register, item),
                 **last_deed(visit, register, item), "case": case_view(visit, register, item),
                 "erased": register.erasure.of(item.id),
                 "others": register.presence.others(item.id, visit.staff.login, visit.now)}
    return visit.page(
        "item.html", status=status, item=item, history=[(line, _details(line)) for line in history], names=names,
        sentence=sentence, changes=_changes(visit, history, status), typed=visit.form,
        open=may_open_original(item),
        around=around(visit), back=back_to_queue(visit), view=view_of(visit),
        pack=visit.office.pack, spoken=why(item, visit.office.pack), Status=Status, in_ranges=in_ranges,
        **facts, **_fields(visit, item), **_acts(visit, item))


# ---- the parts of the page ------------------------------------------------------------------------------------------


def _original(visit: Visit, register: Register, item: Item) -> dict[str, Any]:
    """The letter with what was seen in it, and whether the file may be had."""
    siblings = [register.items.get(sibling) for sibling in register.items.siblings(item.id)]
    evidence = evidence_of(item, (*SHOWN, *FACTS, "noncorrespondence"))
    letter = item.letter
    text = letter.text if letter else ""
    marks = {"": on_pages(letter.pages, register.places.of(item.id), text, evidence)} if letter and letter.pages else {}
    for attached in letter.attachments if letter else ():
        if attached.pages:
            marks[attached.sha256] = on_pages(
                attached.pages, register.places.of(item.id, attached.sha256), "", evidence)
    return {"pieces": in_text(text, evidence), "marks": marks, "has_html": _may_have_html(item),
            "file_open": may_open_file(visit.staff, siblings, visit.office.pack),
            "authentication": _authentication(visit, item),
            "unscanned": register.unscanned.among(
                [arrival.sha256 for arrival in item.arrivals] + [scan.sha256 for scan in item.scans]),
            "locked": any(has_virus(one.letter) for one in (item, *siblings) if one)}


def _authentication(visit: Visit, item: Item) -> Authentication:
    """What our own mail server says of the sender; of a letter that a clerk forwarded it says nothing."""
    head = item.letter.head if item.letter and not item.letter.forwarded else None
    return authentication(head or MailHead(), visit.office.settings.outgoing.trusted_authserv_id)


def _neighbours(visit: Visit, register: Register, item: Item) -> dict[str, Any]:
    """Letters of the same file or merged with this one, and letters that say the same; what the reader may see."""
    near = _seen_by(visit, register, register.neighbours.near(item))
    alike: list[Neighbour] = []
    if item.letter and item.findings and item.correspondence and item.status is not Status.MERGED:
        close = {other: per_cent for other, text in register.neighbours.of_sender(item, item.received_at - ALIKE_WITHIN)
                 if (per_cent := likeness(item.letter.text, text)) >= ALIKE}
        alike = [Neighbour(item=one.item, alike=close[one.item.id]) for one in _seen_by(visit, register, close)]
    return {"near": near, "alike": alike}


def _seen_by(visit: Visit, register: Register, ids: Iterable[ItemId]) -> list[Neighbour]:
    items = (register.items.get(item_id) for item_id in ids)
    return [Neighbour(item=item) for item in items
            if item is not None and may_see(visit.staff, item, visit.office.pack)]


def _fields(visit: Visit, item: Item) -> dict[str, Any]:
    """What was understood, and what of it is being corrected."""
    values = current_values(item.findings) if item.findings else {}
    again = visit.request.url.path.endswith("/correct")
    return {"fields": list(shown_fields(item)), "facts": FACTS, "values": values, "typed_fields": TYPED,
            "chosen_fields": CHOSEN, "address_fields": ADDRESS,
            "written": still_typed(visit.form, values) if again else values}


def _acts(visit: Visit, item: Item) -> dict[str, Any]:
    """What can be done with the item."""
    extension, grounds = _extension(visit, item), _grounds(visit, item)
    return {
        "extension": extension, "grounds": grounds, "ready": _ready(extension, item, grounds),
        "superior_body": SUPERIOR_BODY,
        "inspection": _inspection(visit, item), "letters_to_write": _letters_to_write(item),
        "letter_fields": LETTER_FIELDS, "asked_to": visit.asked("do"), "may_release": may_release,
        "barred": accused(item.verdict, visit.office.pack) if item.verdict else frozenset(),
        "outcomes": tuple(Outcome), "annulments": tuple(Annulment), "reasons": _reasons(item),
        "undecided": _waits_for_decision(item)}


def _changes(visit: Visit, history: tuple[HistoryLine, ...], status: int) -> list[tuple[HistoryLine, str]]:
    """What others have changed since the page was shown whose form has come too late."""
    return _since_seen(visit, history) if status == 409 else []


def _since_seen(visit: Visit, history: tuple[HistoryLine, ...]) -> list[tuple[HistoryLine, str]]:
    """What others have done since the last line that the page showed."""
    seen = visit.text("seen")
    last = int(seen) if is_key(seen) else None
    return [(line, _details(line)) for line in history
            if last is not None and line.sequence > last and line.who != visit.staff.login]


# ---- who else is here -----------------------------------------------------------------------------------------------


def here(visit: Visit) -> Response:
    """The page says that it is still open, and hears who else has the item open and whether it was changed."""
    item_id = visit.path_id("item_id")
    item = visit.item()
    with visit.office.store.transaction() as register:
        register.presence.here(item_id, visit.staff.login, visit.now)
        others = register.presence.others(item_id, visit.staff.login, visit.now)
        names = register.people.names()
        history = register.history.of(item_id)
    changes = _since_seen(visit, history) if visit.version() < item.version else []
    return visit.page("item/presence.html", item=item, others=others, names=names,
                      changes=changes)


def beside(visit: Visit) -> Response:
    """This letter and another one side by side, with what the one has and the other has not."""
    item, other = visit.item(), visit.item("other_id")
    if not may_open_original(item) or not may_open_original(other):
        raise NotHere
    one, two = (side.letter.text if side.letter else "" for side in (item, other))
    left, right = differences(one, two)
    return visit.page("item/beside.html", item=item, other=other, sides=((item, left), (other, right)),
                      alike=likeness(one, two), around=around(visit))


def differences(one: str, other: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces, marked where the words are not the other's."""
    first, second = _WORD.findall(one), _WORD.findall(other)
    left: list[Piece] = []
    right: list[Piece] = []
    plain_first, plain_second = ([word.strip() for word in words] for words in (first, second))
    for tag, a, b, c, d in SequenceMatcher(None, plain_first, plain_second, autojunk=False).get_opcodes():
        fields = () if tag == "equal" else ("different",)
        left += [Piece(text="".join(first[a:b]), fields=fields)] if b > a else []
        right += [Piece(text="".join(second[c:d]), fields=fields)] if d > c else []
    return tuple(left), tuple(right)


# ---- what the parts need --------------------------------------------------------------------------------------------


def _may_have_html(item: Item) -> bool:
    """Whether the original has an HTML form; of what was read long ago only opening it tells for certain."""
    letter = item.letter
    if letter is None or letter.head is None or letter.media_type != EML:
        return False
    return letter.head.media_type != "text/plain" if letter.has_html is None else letter.has_html


def _waits_for_decision(item: Item) -> bool:
    """Whether a person has to agree or decide otherwise; what is simply considered needs nobody (АПК чл. 5)."""
    decision = item.decision
    if decision is None or decision.state is DecisionState.CONFIRMED or item.status not in _UNDECIDED:
        return False
    return item.status is Status.IN_REVIEW or decision.outcome is not Outcome.CONSIDER


def _extension(visit: Visit, item: Item) -> Extension | None:
    """What an extension would be; null where there is no term."""
    if item.entry is None or item.findings is None or item.entry.due.date is None:
        return None
    matter = item.findings.matter.value if item.findings.matter else None
    return extension_for(item.entry.due, item.findings.kind.value, matter, pack=visit.office.pack,
                         calendar=visit.office.calendar, on=visit.today)


def _inspection(visit: Visit, item: Item) -> bool:
    """Whether the term depends on an inspection, of which nobody has said yet that it is needed."""
    if item.entry is None or item.findings is None or item.entry.inspection_needed:
        return False
    return inspection_matters(item.findings, visit.office.pack)


def _letters_to_write(item: Item) -> list[LetterType]:
    """The letters that make sense for this item as it stands; of an annulled one nothing leaves any more."""
    if item.entry is None or item.status is Status.ANNULLED:
        return []
    if item.sealed:
        return [LetterType.WHISTLEBLOWER_RECEIPT]
    decision = item.decision
    outcome = decision.outcome if decision and decision.state is DecisionState.CONFIRMED else None
    offered = [(LetterType.MISSING_DETAILS, bool(missing_details(item))), (LetterType.FORWARDING, True),
               (LetterType.NOT_CONSIDERED, outcome in SET_ASIDE),
               (LetterType.INFORMATION_REFUSED, outcome is Outcome.INFORMATION_REFUSED)]
    return [letter_type for letter_type, fits in offered if fits]


def _grounds(visit: Visit, item: Item) -> tuple[Ground, ...]:
    """The law's own reasons to extend this item's term."""
    if item.entry is None or item.findings is None:
        return ()
    matter = item.findings.matter.value if item.findings.matter else None
    return extension_grounds(item.entry.due, item.findings.kind.value, matter, pack=visit.office.pack,
                             calendar=visit.office.calendar)


def _reasons(item: Item) -> dict[Outcome, tuple[str, ...]]:
    """The usual reasons, the likeliest against what is proposed first."""
    likely = NOT_AS_PROPOSED.get(item.decision.outcome) if item.decision else None
    consider = sorted(USUAL_REASONS[Outcome.CONSIDER], key=lambda reason: reason != likely)
    return {**USUAL_REASONS, Outcome.CONSIDER: tuple(consider)}


def _ready(extension: Extension | None, item: Item, grounds: tuple[Ground, ...]) -> dict[str, Any]:
    """The form for a later date, filled in so that only sending it is left wherever the law lets us decide alone."""
    if extension is None or item.entry is None:
        return {"ground": "", "reason": "", "until": "", "needs_decision": False}
    ground = deadlines.usual_ground(extension, item.entry.due, grounds)
    by_notice = extension.allowed and ground is None and not extension.by_superior_body
    first = ground or (None if by_notice else next(iter(grounds), None))
    return {"ground": first.clause_id if first else "", "reason": deadlines.NOTICE_REASON if by_notice else "",
            "until": f"{extension.until:%d.%m.%Y}" if extension.allowed else "",
            "needs_decision": bool(first and first.by_superior_body)}


def _details(line: HistoryLine) -> str:
    """What the line of the history adds, in words."""
    said = line.details
    if line.what == "decided":
        return word(Outcome(said["outcome"]))
    if line.what == "undone":
        return HISTORY.get(said.get("deed", ""), "").lower()
    if line.what == Status.ANNULLED and said.get("why") in set(Annulment):
        return word(Annulment(said["why"]))
    if line.what == "corrected":
        return ", ".join(FIELDS.get(name, name) for name in said.get("fields", ())).lower()
    if line.what == Status.ANSWERED:
        number, on = said.get("answer_number"), said.get("on")
        told = (f"изх. № {number}" if number else "", f"от {day(date.fromisoformat(on))}" if on else "",
                "по копие на имейла" if said.get("by_mail") else "")
        return " ".join(part for part in told if part)
    return str(said.get("number") or "")
