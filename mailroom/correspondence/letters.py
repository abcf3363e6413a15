"""The letters that somebody at the desk asks for, and the question after the answer.

Each is a folder under `templates/` with one file of sentences; what only a person knows (to whom it was passed on, the
number of a whistleblower's report) comes as `typed`. A letter that would say more than was decided is refused with what
to do instead. All of them wait as drafts until somebody releases them; the question alone leaves by itself.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from mailroom.correspondence.envelope import draft_in_envelope, way_to
from mailroom.correspondence.extension import law_in_words
from mailroom.correspondence.facts import facts
from mailroom.correspondence.templates import Templates
from mailroom.errors import BadRequest
from mailroom.model.base import day_of
from mailroom.model.entry import Entry
from mailroom.model.findings import Kind
from mailroom.model.item import DecisionState, Item
from mailroom.model.outgoing import Draft, LetterType, OutgoingStatus
from mailroom.model.pack import ClauseSubject, Pack
from mailroom.model.verdict import Outcome

DAYS_TO_COMPLETE = 7
"""How long the citizen is given for a name or an address where the law sets no shorter term."""
DAYS_TO_COMPLETE_A_REQUEST = 3
"""АПК чл. 30, ал. 2."""
DAYS_IN_THE_POST = 3
"""Added to a letter on paper, since the term runs from the day on which it is received."""
SET_ASIDE = (Outcome.NOT_CONSIDERED, Outcome.NO_REPLY)
OWN_DECISION = (Kind.FOI_REQUEST, Kind.GDPR_REQUEST)
"""Kinds whose refusal is a decision of its own, with its own contents and remedies (ЗДОИ чл. 38; ОРЗД чл. 12)."""

Said = dict[str, Any]


class Asked(NamedTuple):
    """What a letter is to be written of."""

    item: Item
    pack: Pack
    typed: Mapping[str, str]
    """What a person typed for it, by the names of FIELDS."""
    today: date

    def text(self, name: str) -> str:
        """What was typed into this field, in one line; empty when nothing was."""
        return " ".join(self.typed.get(name, "").split())


FIELDS: dict[LetterType, tuple[str, ...]] = {
    LetterType.MISSING_DETAILS: (),
    LetterType.FORWARDING: ("body", "body_address"),
    LetterType.NOT_CONSIDERED: (),
    LetterType.INFORMATION_REFUSED: (),
    LetterType.WHISTLEBLOWER_RECEIPT: ("uin",),
}
"""The letters that are asked for at the desk, each with what has to be typed for it."""


def write_letter(letter_type: LetterType, typed: Mapping[str, str], item: Item, entry: Entry, pack: Pack,
                 templates: Templates, *, from_address: str, public_url: str, now: datetime) -> Draft:
    """Write one of the letters of FIELDS; it waits as a draft. Raises BadRequest, saying what is to be done first."""
    way = way_to(item)
    if way is None:
        raise BadRequest("Няма адрес за писмото: впишете електронна поща или пълен пощенски адрес.")
    if item.sealed != (letter_type is LetterType.WHISTLEBLOWER_RECEIPT):
        raise BadRequest("На подателя на поверителен сигнал се пише само с потвърждението за него."
                         if item.sealed else "Това потвърждение е само за поверителни сигнали.")
    said = SAYING[letter_type](Asked(item, pack, typed, day_of(now)))
    rendered = templates.render(letter_type, {
        **facts(item, entry, pack, way=way, from_address=from_address, public_url=public_url),
        "written_on": now, **said,
    })
    return draft_in_envelope(letter_type, item, way, rendered, from_address=from_address, auto_submitted=False,
                             status=OutgoingStatus.DRAFT)


def write_satisfaction(item: Item, entry: Entry, pack: Pack, templates: Templates, *, from_address: str,
                       public_url: str, rating_url: str, now: datetime) -> Draft | None:
    """The question whether the answer was of use; null when nothing leads back to the sender.

    `rating_url`: where it is answered by one tap."""
    way = way_to(item)
    if way is None:
        return None
    rendered = templates.render(LetterType.SATISFACTION, {
        **facts(item, entry, pack, way=way, from_address=from_address, public_url=public_url), "written_on": now,
        "rating_url": rating_url})
    return draft_in_envelope(LetterType.SATISFACTION, item, way, rendered, from_address=from_address)


def missing_details(item: Item) -> str:
    """What is missing to answer: `name`, `address`, `both`; empty where nothing is."""
    findings = item.findings
    if findings is None:
        return ""
    no_name = findings.sender_name is None and findings.organisation is None
    no_address = findings.address is None or not findings.address.value.deliverable
    if no_name:
        return "both" if no_address else "name"
    return "address" if no_address else ""


def _missing(asked: Asked) -> Said:
    missing, findings = missing_details(asked.item), asked.item.findings
    if not missing or findings is None:
        raise BadRequest("Името и адресът са тук: няма какво да се иска.")
    days = DAYS_TO_COMPLETE_A_REQUEST if findings.kind.value is Kind.REQUEST else DAYS_TO_COMPLETE
    in_the_post = 0 if findings.email else DAYS_IN_THE_POST
    return {"missing": missing, "reply_by": asked.today + timedelta(days=days + in_the_post)}


def _forwarding(asked: Asked) -> Said:
    body, address, findings = asked.text("body"), asked.text("body_address"), asked.item.findings
    if not body:
        raise BadRequest("Напишете до кого е препратено: името му се отпечатва в писмото.")
    kind, matter = (findings.kind.value, findings.matter) if findings else (Kind.OTHER, None)
    if kind is Kind.FOI_REQUEST and not address:
        raise BadRequest("Впишете и адреса: законът иска да го съобщим на заявителя (ЗДОИ чл. 32, ал. 1).")
    clauses = asked.pack.statute_clauses(ClauseSubject.FORWARDING, kind, matter.value if matter else None)
    return {"body": body, "body_address": address, "basis": law_in_words(clauses[0].source) if clauses else ""}


def _not_considered(asked: Asked) -> Said:
    decision, verdict = asked.item.decision, asked.item.verdict
    if decision is None or decision.state is not DecisionState.CONFIRMED or decision.outcome not in SET_ASIDE:
        raise BadRequest("Това писмо се пише, след като човек реши, че преписката не се разглежда.")
    clause = verdict.clause if verdict and verdict.outcome is decision.outcome else None
    reason = WHY.get(clause.subject, "") if clause else ""
    hits = {check.name for check in verdict.checks if check.hit} if verdict else set()
    if clause and clause.subject is ClauseSubject.ANONYMITY and "anonymous" not in hits:
        reason = "old" if "older_than_two_years" in hits else reason
    if not reason and not decision.reason:
        raise BadRequest("Напишете причината, когато решавате: тя се отпечатва в писмото.")
    return {"why": reason, "reason": _sentence(decision.reason), "quote": clause.quote if clause else "",
            "basis": law_in_words(clause.source) if clause else ""}


def _information_refused(asked: Asked) -> Said:
    decision, verdict, findings = asked.item.decision, asked.item.verdict, asked.item.findings
    if decision is None or decision.state is not DecisionState.CONFIRMED or (
            decision.outcome is not Outcome.INFORMATION_REFUSED):
        raise BadRequest("Това писмо се пише, след като човек реши, че сведенията не могат да се дадат.")
    if findings and findings.kind.value in OWN_DECISION:
        raise BadRequest("Отказът по такова искане е отделно решение с мотиви и ред за обжалване: пише го юрист.")
    clause = verdict.clause if verdict and verdict.outcome is decision.outcome else None
    words = " ".join(evidence.text for evidence in verdict.evidence) if verdict else ""
    why = "classified" if "класифицир" in words.lower() or "секретн" in words.lower() else "personal"
    return {"why": why, "quote": clause.quote if clause else "", "basis": law_in_words(clause.source) if clause else ""}


def _receipt(asked: Asked) -> Said:
    uin = asked.text("uin")
    if not uin:
        raise BadRequest("Впишете уникалния идентификационен номер от Комисията за защита на личните данни.")
    return {"uin": uin}


def _sentence(text: str) -> str:
    line = " ".join(text.split())
    return line if not line or line[-1] in ".!?…" else line + "."


SAYING: dict[LetterType, Callable[[Asked], Said]] = {
    LetterType.MISSING_DETAILS: _missing,
    LetterType.FORWARDING: _forwarding,
    LetterType.NOT_CONSIDERED: _not_considered,
    LetterType.INFORMATION_REFUSED: _information_refused,
    LetterType.WHISTLEBLOWER_RECEIPT: _receipt,
}
WHY = {ClauseSubject.ANONYMITY: "anonymous", ClauseSubject.ABUSE: "abuse", ClauseSubject.OLD_MATTER: "old",
       ClauseSubject.REPEAT: "repeat"}
