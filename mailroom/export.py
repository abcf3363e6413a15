"""The exported item: the public shape of an item of the register, as other people's scripts read it.

A change here is a breaking change. Rules:

1. Everything that came in is exported; what is not yet through, or could not be read, is `in_review` with the reason.
2. ЕГН and ЛНЧ are masked in every string (ЗЗЛД 25ж).
3. A whistleblower's report is a stub that says nothing but its number and dates, unless it is asked for by name
   (ЗЗЛПСПОИН 31); asking is noted in the history.
4. Moments are in Europe/Sofia with their offset, dates are ISO 8601.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from mailroom.masking import mask_identifiers
from mailroom.model.arrival import Channel
from mailroom.model.base import SOFIA, Value, midnight
from mailroom.model.entry import Clock, Due
from mailroom.model.findings import Found
from mailroom.model.item import DecisionState, Item, Status
from mailroom.model.outgoing import Outgoing, OutgoingStatus
from mailroom.office import Office

T = TypeVar("T")

NOT_THROUGH = "Писмото още се обработва."
UNMASKED = frozenset({"sha256"})
"""Keys whose values are digests, in which ten digits in a row mean nothing."""

_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
"""In a letter's text JSON lets them stand as they are; many readers of lines end one there (Unicode Annex 14)."""

LETTER_STATUS = {
    OutgoingStatus.DRAFT: "held", OutgoingStatus.FAILED: "held", OutgoingStatus.CANCELLED: "held",
    OutgoingStatus.SENDING: "queued",
}
"""Inner states by their public name; every other state is public as it is."""


class ExportedSource(Value):
    """Where an item came from."""

    name: str
    """Mailbox or scan folder, as configured."""
    file: str | None
    sha256: str | None
    part: int
    """1, 2, … of the letters in one file."""
    pages: tuple[int, ...] | None
    """Pages of the file that make this letter, 1-based; null for mail."""


class ExportedArrival(Value):
    """One time that it came."""

    name: str
    file: str | None
    sha256: str | None
    received_at: str


class ExportedEvidence(Value):
    """Words of the letter and what they show."""

    text: str
    why: str


class ExportedFact(Value):
    """One of the four facts that charters ask for."""

    value: bool
    evidence: tuple[ExportedEvidence, ...] = ()


class ExportedFacts(Value):
    """The four facts."""

    anonymous: ExportedFact
    abusive: ExportedFact
    health_safety: ExportedFact
    protected_info: ExportedFact


class ExportedClause(Value):
    """The clause that decides."""

    id: str
    quote: str
    source: str


class ExportedDecision(Value):
    """What is proposed, or what a person has confirmed."""

    outcome: str
    urgent: bool
    state: str
    by: str | None
    at: str | None
    needs_review: bool
    review_reasons: tuple[str, ...]
    clause: ExportedClause | None


class ExportedAddress(Value):
    """A postal address in its nine parts."""

    postcode: str | None = None
    settlement: str | None = None
    quarter: str | None = None
    street: str | None = None
    number: str | None = None
    block: str | None = None
    entrance: str | None = None
    floor: str | None = None
    apartment: str | None = None


class ExportedSender(Value):
    """Who speaks in the letter."""

    name: str | None
    organisation: str | None
    email: str | None
    phone: str | None
    address: ExportedAddress | None


class ExportedAttachment(Value):
    """A file that came along."""

    filename: str
    media_type: str
    size: int
    sha256: str


class ExportedAssignment(Value):
    """Who works on it."""

    department: str
    officer: str | None


class ExportedCharterClock(Value):
    """The charter's promise."""

    date: str
    clause: str
    explanation: str


class ExportedStatuteClock(Value):
    """The statute's term."""

    date: str
    basis: str
    explanation: str


class ExportedDue(Value):
    """Both clocks; `date` is the earlier one."""

    date: str | None
    charter: ExportedCharterClock | None
    statute: ExportedStatuteClock | None


class ExportedLetter(Value):
    """A letter that the municipality wrote about it."""

    type: str
    number: str
    status: str
    channel: str
    to: str
    sent_at: str | None


class ExportedItem(Value):
    """One item of the register as the outside sees it; every field is always there."""

    registration_number: str | None
    case_number: str | None
    registered_at: str | None
    received_at: str
    channel: str
    charter: str
    source: ExportedSource
    arrivals: tuple[ExportedArrival, ...]
    status: str
    correspondence: bool
    noncorrespondence_type: str | None = None
    sealed: bool = False
    kind: str | None = None
    kind_confidence: float | None = None
    matter: str | None = None
    facts: ExportedFacts | None = None
    decision: ExportedDecision | None = None
    sender: ExportedSender | None = None
    on_behalf_of: str | None = None
    preferred_channel: str | None = None
    script: str | None = None
    language: str | None = None
    date_written: str | None = None
    follow_up_of: str | None = None
    subject: str | None = None
    text: str | None = None
    pages: int | None = None
    ocr_confidence: float | None = None
    attachments: tuple[ExportedAttachment, ...] = ()
    assigned_to: ExportedAssignment | None = None
    due: ExportedDue | None = None
    letters: tuple[ExportedLetter, ...] = ()


def export_items(office: Office, *, since: date | None = None, until: date | None = None,
                 include_sealed: bool = False) -> Iterator[dict[str, Any]]:
    """Every item received on these days (both inclusive, Europe/Sofia), in order of receipt, as JSON-ready dicts."""
    first = midnight(since) if since else None
    end = midnight(until + timedelta(days=1)) if until else None
    with office.store.reading() as register:
        ids = register.items.ids(since=first, until=end)
    for item_id in ids:
        item = office.store.item(item_id)
        if item is not None:
            yield as_dict(exported(item, charter=office.pack.id, include_sealed=include_sealed))


def note_sealed_export(office: Office, who: str) -> None:
    """Sealed items were asked for: the history says who did (ЗЗЛПСПОИН 31)."""
    with office.store.transaction() as register:
        register.history.note("exported_sealed", who=who, at=office.now())


def as_dict(item: ExportedItem) -> dict[str, Any]:
    """Ready for JSON, with personal identifiers masked."""
    return {key: _masked(key, value) for key, value in item.model_dump(mode="json").items()}


def exported(item: Item, *, charter: str, include_sealed: bool = False) -> ExportedItem:
    """The public shape of one item. Pure."""
    whole = _whole(item, charter)
    return whole if include_sealed or not item.sealed else _stub(whole)


def _whole(item: Item, charter: str) -> ExportedItem:
    findings, letter, entry = item.findings, item.letter, item.entry
    correspondence = item.correspondence
    return ExportedItem(
        registration_number=entry.registration_number if entry else None,
        case_number=entry.case_number if entry else None,
        registered_at=_at(entry.registered_at) if entry else None,
        received_at=in_sofia(item.received_at),
        channel=item.channel,
        charter=charter,
        source=_source(item),
        arrivals=tuple(ExportedArrival(name=arrival.source, file=arrival.file, sha256=arrival.sha256,
                                       received_at=in_sofia(arrival.received_at)) for arrival in item.arrivals),
        status=Status.IN_REVIEW if item.status is Status.ARRIVED else item.status,
        correspondence=correspondence,
        noncorrespondence_type=item.noncorrespondence_type,
        sealed=item.sealed,
        kind=findings.kind.value if findings and correspondence else None,
        kind_confidence=round(findings.kind.confidence, 3) if findings and correspondence else None,
        matter=_value(findings.matter) if findings and correspondence else None,
        facts=_facts(item),
        decision=_decision(item) if correspondence else None,
        sender=_sender(item),
        on_behalf_of=_value(findings.on_behalf_of) if findings else None,
        preferred_channel=_value(findings.preferred_channel) if findings else None,
        script=findings.script.value if findings else None,
        language=findings.language.value if findings else None,
        date_written=findings.date_written.value.isoformat() if findings and findings.date_written else None,
        follow_up_of=_value(findings.follow_up_of) if findings else None,
        subject=_value(findings.subject) if findings else None,
        text=letter.text if letter else None,
        pages=len(letter.content_pages) if letter and item.channel is not Channel.EMAIL else None,
        ocr_confidence=letter.ocr_confidence if letter else None,
        attachments=tuple(ExportedAttachment(filename=a.filename, media_type=a.media_type, size=a.size, sha256=a.sha256)
                          for a in (letter.attachments if letter else ())),
        assigned_to=ExportedAssignment(department=entry.assigned_to.department, officer=entry.assigned_to.officer)
        if entry else None,
        due=exported_due(entry.due) if entry else None,
        letters=tuple(_letter(outgoing) for outgoing in item.letters),
    )


def _stub(item: ExportedItem) -> ExportedItem:
    """That there is an item, when it came and its number; nothing of whom or what it is about."""
    return ExportedItem(
        registration_number=item.registration_number, case_number=item.case_number, registered_at=item.registered_at,
        received_at=item.received_at, channel=item.channel, charter=item.charter, status=item.status,
        correspondence=True, sealed=True,
        source=item.source.model_copy(update={"file": None, "sha256": None, "pages": None}),
        arrivals=tuple(arrival.model_copy(update={"file": None, "sha256": None}) for arrival in item.arrivals),
    )


def _source(item: Item) -> ExportedSource:
    first = item.arrivals[0]
    return ExportedSource(name=first.source, file=first.file, sha256=first.sha256, part=item.part,
                          pages=_pages(item))


def _pages(item: Item) -> tuple[int, ...] | None:
    """The pages of the file with this letter's content; null where it has none, as a mail."""
    if item.channel is Channel.EMAIL or item.letter is None or item.scans:
        return None
    return item.part_pages or tuple(page.number for page in item.letter.content_pages) or None


def _facts(item: Item) -> ExportedFacts | None:
    findings = item.findings
    if findings is None:
        return None

    def fact(found: Found[bool]) -> ExportedFact:
        shown = tuple(ExportedEvidence(text=evidence.text, why=evidence.why) for evidence in found.evidence)
        return ExportedFact(value=found.value, evidence=shown)

    return ExportedFacts(anonymous=fact(findings.anonymous), abusive=fact(findings.abusive),
                         health_safety=fact(findings.health_safety), protected_info=fact(findings.protected_info))


def _decision(item: Item) -> ExportedDecision:
    """The decision as it stands; before there is one, why there is none yet."""
    decision, verdict = item.decision, item.verdict
    faults = tuple(fault.sentence for fault in item.letter.faults) if item.letter else ()
    if decision is None or verdict is None:
        reasons = (NOT_THROUGH, *faults, *((item.trouble,) if item.trouble else ()))
        return ExportedDecision(outcome="consider", urgent=False, state=DecisionState.PROPOSED, by=None, at=None,
                                needs_review=True, review_reasons=reasons, clause=None)
    reasons = tuple(dict.fromkeys((*verdict.review_reasons, *faults)))
    clause = verdict.clause
    return ExportedDecision(
        outcome=decision.outcome, urgent=verdict.urgent, state=decision.state, by=decision.by,
        at=_at(decision.at) if decision.at else None,
        needs_review=verdict.needs_review and decision.state is DecisionState.PROPOSED, review_reasons=reasons,
        clause=ExportedClause(id=clause.id, quote=clause.quote, source=clause.source) if clause else None)


def _sender(item: Item) -> ExportedSender | None:
    findings = item.findings
    if findings is None:
        return None
    address = findings.address.value if findings.address else None
    return ExportedSender(
        name=_value(findings.sender_name), organisation=_value(findings.organisation), email=_value(findings.email),
        phone=_value(findings.phone), address=ExportedAddress(**address.model_dump()) if address else None)


def exported_due(due: Due) -> ExportedDue:
    """Both clocks, as `export` and `deadline` show them."""
    charter, statute = due.charter, due.statute
    return ExportedDue(
        date=due.date.isoformat() if due.date else None,
        charter=ExportedCharterClock(**_clock(charter), clause=charter.basis) if charter else None,
        statute=ExportedStatuteClock(**_clock(statute), basis=statute.basis) if statute else None)


def _clock(clock: Clock) -> dict[str, str]:
    return {"date": clock.date.isoformat(), "explanation": clock.explanation}


def _letter(outgoing: Outgoing) -> ExportedLetter:
    return ExportedLetter(
        type=outgoing.type, number=outgoing.number, status=LETTER_STATUS.get(outgoing.status, outgoing.status),
        channel=outgoing.channel, to=outgoing.to, sent_at=_at(outgoing.sent_at) if outgoing.sent_at else None)


def in_sofia(at: datetime) -> str:
    """A moment in the town's time, with its offset."""
    return at.astimezone(SOFIA).isoformat()


def _at(at: datetime) -> str:
    """What we have timed ourselves, to the second."""
    return in_sofia(at.replace(microsecond=0))


def _value(found: Found[T] | None) -> T | None:
    return found.value if found else None


def _masked(key: str, value: Any) -> Any:
    """The value with identifiers masked in every string inside it."""
    if isinstance(value, str):
        return value if key in UNMASKED else mask_identifiers(value)
    if isinstance(value, dict):
        return {name: _masked(name, part) for name, part in value.items()}
    if isinstance(value, list):
        return [_masked(key, part) for part in value]
    return value


# -- formats ---------------------------------------------------------------------------------------------------------

COLUMNS = (
    "registration_number", "case_number", "registered_at", "received_at", "channel", "charter", "source.name",
    "source.file", "source.sha256", "source.part", "source.pages", "status", "correspondence", "noncorrespondence_type",
    "sealed", "kind", "kind_confidence", "matter", "facts.anonymous.value", "facts.abusive.value",
    "facts.health_safety.value", "facts.protected_info.value", "decision.outcome", "decision.urgent", "decision.state",
    "decision.by", "decision.at", "decision.needs_review", "decision.review_reasons", "decision.clause.id",
    "sender.name", "sender.organisation", "sender.email", "sender.phone", "sender.address.postcode",
    "sender.address.settlement", "sender.address.quarter", "sender.address.street", "sender.address.number",
    "sender.address.block", "sender.address.entrance", "sender.address.floor", "sender.address.apartment",
    "on_behalf_of", "preferred_channel", "script", "language", "date_written", "follow_up_of", "subject", "text",
    "pages", "ocr_confidence", "attachments", "assigned_to.department", "assigned_to.officer", "due.date",
    "due.charter.date", "due.charter.clause", "due.statute.date", "due.statute.basis", "arrivals", "letters",
)
"""Columns of the CSV: paths into the item. Lists stand as JSON in one cell."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run by spreadsheet programs; a citizen's words must not be."""


def jsonl(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One JSON object a line."""
    for item in items:
        yield json.dumps(item, ensure_ascii=False).translate(_LINE_ENDS) + "\n"


def as_csv(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """RFC 4180 with a header line."""
    yield _csv_line(COLUMNS)
    for item in items:
        yield _csv_line([_cell(_at_path(item, path)) for path in COLUMNS])


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _at_path(item: dict[str, Any], path: str) -> Any:
    value: Any = item
    for part in path.split("."):
        if value is None:
            return None
        value = value[part]
    return value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False) if value else ""
    text = str(value).replace("\x00", "")
    return f"'{text}" if text.startswith(FORMULA) and not _is_phone(text) else text


def _is_phone(text: str) -> bool:
    """E.164 is no formula that does anything but show the number."""
    return text[0] == "+" and text[1:].isdigit()
