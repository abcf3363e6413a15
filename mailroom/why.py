"""„Защо?“ of one item, in sentences that a clerk can read out on the telephone. Pure.

Whole words, no abbreviations, one thought a sentence; what is quoted stands in quotation marks. Names of people who are
complained about are left to the item's page.
"""

from collections.abc import Iterator
from datetime import date

from mailroom.charter.checks import SIGNALS
from mailroom.model.arrival import Channel
from mailroom.model.base import SOFIA, day_of
from mailroom.model.entry import Clock
from mailroom.model.findings import Evidence, Findings, Found, Kind, Matter
from mailroom.model.item import DecisionState, Item
from mailroom.model.outgoing import LetterType, OutgoingStatus
from mailroom.model.pack import Clause, Pack
from mailroom.model.verdict import Check, Outcome, Verdict
from mailroom.registration.words import WEEKDAYS, in_words

_NO_QUOTES = str.maketrans("", "", "„“”«»\"")
"""Inside what is quoted."""
_LONGEST_QUOTE = 140
"""Characters of a letter that are read out."""

KINDS = {
    Kind.COMPLAINT: "жалба", Kind.SIGNAL: "сигнал", Kind.PROPOSAL: "предложение", Kind.REQUEST: "заявление за услуга",
    Kind.INQUIRY: "запитване", Kind.FOI_REQUEST: "заявление за достъп до обществена информация",
    Kind.GDPR_REQUEST: "искане за собствени лични данни", Kind.CORRUPTION_REPORT: "сигнал за корупция",
    Kind.PRAISE: "похвала", Kind.OTHER: "писмо от друг вид",
}
MATTERS = {
    Matter.CONDUCT: "от поведението или обслужването на служител", Matter.APPEAL: "срещу акт на администрацията",
    Matter.CERTIFICATE: "за издаване на документ", Matter.REVIEW: "за преразглеждане на решение",
}
CAME_BY = {
    Channel.EMAIL: "по електронна поща", Channel.PAPER: "на хартия", Channel.COUNTER: "на гише",
    Channel.PHONE: "по телефона", Channel.BOX: "чрез пощенска кутия", Channel.FAX: "по факс",
    Channel.PORTAL: "през портала",
}
OUTCOMES = {
    Outcome.CONSIDER: "да се разгледа", Outcome.NOT_CONSIDERED: "да не се разгледа",
    Outcome.NO_REPLY: "да остане без отговор", Outcome.INFORMATION_REFUSED: "да не се даде исканата информация",
}
SEEN = {
    "health_safety": "В писмото се говори за възможна опасност за хора",
    "anonymous": "Писмото изглежда анонимно", "abusive": "В писмото има нецензурни или обидни изрази",
    "protected_info": "В писмото се искат данни, които може да са защитени",
    "statutory_right": "Законът изисква решение по такова писмо и никоя харта не може да го спре",
    "corruption": "Това е сигнал за корупция и го вижда ограничен кръг служители",
    "named_employee": "В писмото е назован служител; то не се показва и не се възлага на него",
    "other_body": "Изглежда, че писмото е за друг орган или дружество",
    "older_than_two_years": "Изглежда, че става дума за нещо отпреди повече от две години",
    "repeated": "Писмото напомня за предишно писмо по същия въпрос",
    "review": "С писмото се иска преразглеждане на решение",
    "crime": "В писмото се говори за деяние, което може да е престъпление",
    "illegible": "Част от писмото не се чете добре и я въвежда служител",
    "faulty": "Част от писмото не може да бъде прочетена",
    "kind_is_doubtful": "Не е сигурно какво е писмото, затова вида му избира служител",
}
"""What each check of the verdict means where it holds."""
DUTIES = {
    "forwarding": "Ако наистина е за друг орган, трябва да се препрати и подателят да се уведоми до",
}
"""What the law wants done before the answer."""
LAWS = {
    "АПК": "Административнопроцесуалния кодекс", "ЗДОИ": "Закона за достъп до обществена информация",
    "ОРЗД": "Общия регламент за защита на данните", "НАО": "Наредбата за административното обслужване",
    "ЗЗЛПСПОИН": "Закона за защита на лицата, подаващи сигнали",
}
_WORDS = (("чл.", "член"), ("ал.", "алинея"), ("т.", "точка"), ("№", "номер"))


def why(item: Item, pack: Pack) -> tuple[str, ...]:
    """The sentences, in the order in which one would tell it. Of a sealed item only that it is one."""
    if item.sealed:
        return ("Достъпът до това писмо е ограничен по закон. За него отговаря само определеният служител.",)
    return (*_came(item), *_understood(item), *_decided(item, pack), *_due(item, pack), *_works(item),
            *_answered(item))


def _came(item: Item) -> Iterator[str]:
    came = item.received_at.astimezone(SOFIA)
    yield f"Писмото е получено на {_said(came.date())} в {came:%H:%M} часа {CAME_BY[item.channel]}."
    if item.entry:
        yield f"Заведено е под номер {item.entry.registration_number}."


def _understood(item: Item) -> Iterator[str]:
    findings = item.findings
    if findings is None:
        yield "Още не е прочетено."
    elif findings.noncorrespondence is not None:
        quoted = _quoted(findings.noncorrespondence.evidence)
        yield f"Прието е, че не е писмо на гражданин до общината{quoted}, и затова няма номер и отговор."
    else:
        yield f"Прието е за {_named(findings)}{_because(item, findings.kind)}."


def _named(findings: Findings) -> str:
    matter = MATTERS.get(findings.matter.value, "") if findings.matter else ""
    return f"{KINDS[findings.kind.value]} {matter}".strip()


def _because(item: Item, kind: Found[Kind]) -> str:
    if "kind" in item.corrections:
        return ", защото така го определи служител"
    # The words of a complaint about somebody may name him.
    return "" if item.verdict and item.verdict.restricted else _quoted(kind.evidence)


def _quoted(evidence: tuple[Evidence, ...]) -> str:
    """„, защото в него пише: „…““; empty where nothing can be quoted."""
    words = next((shown.text for shown in evidence if shown.text.strip()), "")
    words = " ".join(words.translate(_NO_QUOTES).split())
    if len(words) > _LONGEST_QUOTE:
        words = words[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"
    return f", защото в него пише: „{words}“" if words else ""


def _decided(item: Item, pack: Pack) -> Iterator[str]:
    decision, verdict = item.decision, item.verdict
    if decision is None or verdict is None or item.findings is None or not item.correspondence:
        return
    for check in verdict.checks:
        if check.hit and check.name in SEEN:
            yield from _of_check(check, verdict, pack)
    if verdict.clause is not None:
        yield f"{_cited(verdict.clause, pack)}"
    if decision.state is DecisionState.CONFIRMED and decision.at is not None:
        on = _said(day_of(decision.at))
        yield f"На {on} служител реши писмото {OUTCOMES[decision.outcome]}."
        if decision.reason:
            yield f"Причината, която записа, е: „{decision.reason}“."
    elif decision.outcome is Outcome.CONSIDER:
        yield "Писмото се разглежда веднага." if verdict.urgent else "Писмото се разглежда."
    else:
        yield f"Програмата само предлага писмото {OUTCOMES[decision.outcome]}; решава служител."
    if pack.incomplete and verdict.clause not in pack.clauses and item.findings.kind.value in SIGNALS:
        yield "Публикуваният текст на хартата на общината е непълен, затова се прилага законът."


def _of_check(check: Check, verdict: Verdict, pack: Pack) -> Iterator[str]:
    silent = verdict.restricted or check.name == "abusive"  # nobody has to read obscenities out
    yield f"{SEEN[check.name]}{'' if silent else _quoted(check.evidence)}."
    deciding = verdict.clause.id if verdict.clause else None
    clause = next((one for one in (*pack.clauses, *pack.statute) if one.id == check.clause_id), None)
    # The clause that a dangerous letter overrides is not the one that is applied to it.
    if clause is not None and clause.id != deciding and not (verdict.urgent and check.name in ("anonymous", "abusive")):
        yield _cited(clause, pack)


def _cited(clause: Clause, pack: Pack) -> str:
    """Who says it, and the sentence itself."""
    if clause in pack.clauses or clause.id.startswith(f"{pack.id}."):
        return f"Хартата на общината казва: „{clause.quote.rstrip('.;')}“."
    return f"В {_source(clause.source)} пише: „{clause.quote.rstrip('.;')}“."


def _source(source: str) -> str:
    """„АПК чл. 111, ал. 4“ as one says it."""
    law, _, place = source.partition(" ")
    for short, word in _WORDS:
        place = place.replace(short, word)
    return f"{place} от {LAWS[law]}" if law in LAWS and place else source


def _due(item: Item, pack: Pack) -> Iterator[str]:
    if item.entry is None:
        return
    due = item.entry.due
    if due.date is None:
        yield "За такова писмо няма срок за отговор."
        return
    yield f"Отговор се дължи до {_day(due.date)}."
    if due.charter is not None:
        clause = next((one for one in pack.clauses if one.id == due.charter.basis), None)
        yield f"Хартата на общината обещава отговор до {_day(due.charter.date)}{_moved(due.charter)}."
        if clause is not None:
            yield f"Обещанието е: „{clause.quote.rstrip('.;')}“."
    if due.statute is not None:
        yield f"Законният срок е до {_day(due.statute.date)}{_moved(due.statute)}, по {_source(due.statute.basis)}."
    for duty in due.duties:
        if duty.name in DUTIES:
            yield f"{DUTIES[duty.name]} {_day(duty.clock.date)}."


def _moved(clock: Clock) -> str:
    """Why the last day is not the one that one counts to."""
    if clock.date == clock.raw_date:
        return ""
    return f", защото {_said(clock.raw_date)} е неработен ден"


def _day(day: date) -> str:
    return f"{_said(day)}, {WEEKDAYS[day.weekday()]}"


def _said(day: date) -> str:
    return in_words(day).replace(" г.", " година")


def _works(item: Item) -> Iterator[str]:
    if item.entry is None:
        return
    given = item.entry.assigned_to
    who = f"{given.officer}, {given.department}" if given.officer else given.department
    yield f"По него работи {who}{f', телефон {given.phone}' if given.phone else ''}."


def _answered(item: Item) -> Iterator[str]:
    for letter in item.letters:
        if letter.type is not LetterType.ACKNOWLEDGEMENT:
            continue
        if letter.sent_at and letter.status in (OutgoingStatus.SENT, OutgoingStatus.POSTED):
            yield f"Потвърждението за получаване е изпратено на {_said(day_of(letter.sent_at))}."
        elif letter.status is OutgoingStatus.BOUNCED:
            yield "Потвърждението за получаване се върна недоставено."
        else:
            yield "Потвърждението за получаване още не е изпратено."
