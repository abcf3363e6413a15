"""Every letter that the program writes, in its variants: for the tests that hold all of them to the same rules."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from mailroom.charter.pack import load_pack
from mailroom.config import packaged
from mailroom.correspondence.acknowledgement import write_acknowledgement
from mailroom.correspondence.extension import write_extension
from mailroom.correspondence.letters import write_letter, write_satisfaction
from mailroom.model.arrival import Channel
from mailroom.model.entry import Due, SuperiorDecision
from mailroom.model.findings import AnswerChannel, Kind, Matter
from mailroom.model.item import Decision, DecisionState, Item
from mailroom.model.outgoing import Draft, LetterType
from mailroom.model.pack import Clause, ClauseSubject
from mailroom.model.verdict import Check, Outcome, Verdict
from tests.correspondence.samples import ENTRY, PACK, SENDING, item, packaged_templates, verdict

LAWFUL = PACK.model_copy(update={"statute": load_pack(packaged("rules"), "primerovo").statute})
"""The invented town with the law's own clauses."""
TYPED = {"body": "областната дирекция на полицията", "body_address": "ул. „Бреза“ № 1, 9999 Примерово",
         "uin": "26-000417"}
SUPERIOR = SuperiorDecision(body="областният управител", number="РД-17", on=date(2026, 12, 14))
QUOTES = {
    ClauseSubject.ANONYMITY: "Анонимни сигнали и жалби не се разглеждат.",
    ClauseSubject.ABUSE: "Общината може да не отговори на писма, които съдържат обиди.",
    ClauseSubject.REPEAT: "Сигнали, подадени повторно по въпрос, по който има решение, не се разглеждат.",
    ClauseSubject.PROTECTED_INFO: "Общината не дава отговор на въпроси за лични данни на други хора.",
}


def decided(outcome: Outcome, subject: ClauseSubject | None = None, check: str = "", reason: str = "",
            **changes: Any) -> Item:
    """An item on which a person has decided, by this clause or with these words."""
    clause = Clause(id="primerovo.x", subject=subject, quote=QUOTES[subject],
                    source="Харта на клиента, „Важно е да знаете“") if subject else None
    judged = verdict(outcome=outcome, clause=clause, checks=(Check(name=check, hit=True),) if check else ())
    return item(judged=judged, **changes).model_copy(update={
        "decision": Decision(outcome=outcome, state=DecisionState.CONFIRMED, by="m.koleva", reason=reason)})


def write(letter_type: LetterType, about: Item, **typed: str) -> Draft:
    """One of the letters that are asked for at the desk."""
    return write_letter(letter_type, {**TYPED, **typed}, about, ENTRY, LAWFUL, packaged_templates(), **SENDING)


def acknowledgement(about: Item, due: Due = ENTRY.due) -> Draft:
    """Which must exist."""
    draft = write_acknowledgement(about, ENTRY.model_copy(update={"due": due}), PACK, packaged_templates(), **SENDING)
    assert draft is not None
    return draft


def extension(about: Item, **changes: Any) -> Draft:
    """With a reason that a person has typed."""
    said: dict[str, Any] = {"reason": "Чакаме становище от водоснабдителното дружество.", "action": "",
                            "new_date": date(2027, 1, 20), "superior": None, **changes}
    return write_extension(about, ENTRY, PACK, packaged_templates(), **said, **SENDING)


def sealed(**changes: Any) -> Item:
    """A whistleblower's report."""
    judged: Verdict = verdict(sealed=True)
    return item(kind=Kind.CORRUPTION_REPORT, matter=Matter.WHISTLEBLOWER, judged=judged, **changes)


def for_reader(**reader: Any) -> Iterator[tuple[str, Draft]]:
    """Every letter in its variants, to a reader of this language and address."""
    for kind in Kind:
        yield f"acknowledgement {kind}", acknowledgement(item(kind=kind, **reader))
    yield "acknowledgement of praise", acknowledgement(item(kind=Kind.PRAISE, **reader), Due())
    yield "acknowledgement in danger", acknowledgement(item(judged=verdict(urgent=True), **reader))
    yield "acknowledgement, anonymous", acknowledgement(item(anonymous=True, **reader))
    yield "acknowledgement, to be decided", acknowledgement(
        item(judged=verdict(outcome=Outcome.NO_REPLY), preferred_channel=AnswerChannel.PHONE, **reader))
    yield "extension", extension(item(**reader))
    yield "extension by the superior body", extension(
        item(**reader), superior=SUPERIOR, basis="АПК чл. 121", action="Моля, изпратете ни снимка.")
    for kind in (Kind.SIGNAL, Kind.REQUEST, Kind.FOI_REQUEST):
        yield f"missing name, {kind}", write(LetterType.MISSING_DETAILS, item(kind=kind, sender_name=None, **reader))
    if reader.get("email", True):
        yield "missing address", write(LetterType.MISSING_DETAILS, item(**{**reader, "address": None}))
        yield "missing both", write(LetterType.MISSING_DETAILS, item(**{**reader, "address": None}, sender_name=None))
    yield "forwarding", write(LetterType.FORWARDING, item(**reader))
    yield "forwarding a request", write(LetterType.FORWARDING, item(kind=Kind.FOI_REQUEST, **reader))
    yield "not considered, anonymous", write(LetterType.NOT_CONSIDERED, decided(
        Outcome.NOT_CONSIDERED, ClauseSubject.ANONYMITY, "anonymous", **reader))
    yield "not considered, old", write(LetterType.NOT_CONSIDERED, decided(
        Outcome.NOT_CONSIDERED, ClauseSubject.ANONYMITY, "older_than_two_years", **reader))
    yield "not considered, repeated", write(LetterType.NOT_CONSIDERED, decided(
        Outcome.NOT_CONSIDERED, ClauseSubject.REPEAT, "repeated", **reader))
    yield "no reply to abuse", write(LetterType.NOT_CONSIDERED, decided(
        Outcome.NO_REPLY, ClauseSubject.ABUSE, "abusive", kind=Kind.COMPLAINT, **reader))
    yield "not considered, in a person's words", write(LetterType.NOT_CONSIDERED, decided(
        Outcome.NOT_CONSIDERED, reason="въпросът е решен вчера", **reader))
    yield "information refused", write(LetterType.INFORMATION_REFUSED, decided(
        Outcome.INFORMATION_REFUSED, ClauseSubject.PROTECTED_INFO, "protected_info", kind=Kind.INQUIRY, **reader))
    yield "receipt for a whistleblower", write(LetterType.WHISTLEBLOWER_RECEIPT, sealed(**reader))
    question = write_satisfaction(item(**reader), ENTRY, PACK, packaged_templates(), **SENDING,
                                  rating_url="https://spravka.primerovo.example/r/Xq3vB7sK2mT9wZ4pL8nRcA")
    assert question is not None
    yield "satisfaction", question


BY_MAIL = dict(for_reader())
ON_PAPER = dict(for_reader(email=None, channel=Channel.PAPER))
IN_ENGLISH = dict(for_reader(language="en"))
IN_ENGLISH_ON_PAPER = dict(for_reader(language="en", email=None, channel=Channel.PAPER))
TO_STAFF = (LetterType.DIGEST, LetterType.ALERT, LetterType.REMINDER)
TO_CITIZENS = frozenset(LetterType) - frozenset(TO_STAFF)
