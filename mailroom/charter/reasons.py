"""Sentences for the clerk that depend on what the letter says: why a person must look, in Bulgarian."""

from collections.abc import Callable
from datetime import date, timedelta

from mailroom.charter import checks
from mailroom.charter.checks import Answer, Asked
from mailroom.model.base import months_later
from mailroom.model.findings import Kind
from mailroom.model.pack import Clause, CountedFrom, TermUnit

_MONTHS = ("януари", "февруари", "март", "април", "май", "юни", "юли", "август", "септември", "октомври", "ноември",
           "декември")
_LONGEST_HOLIDAYS = timedelta(days=5)
"""No row of days off in the Bulgarian calendar is longer; a last day may be moved so far."""

IN_PLACE_OF_A_RIGHT: dict[Callable[[Asked], Answer], str] = {
    checks.anonymous: "Не е ясно кой подава искането, но законът изисква решение по него: поискайте липсващите данни "
                      "или обявете съобщение за отстраняване на нередовността.",
    checks.abusive: "Писмото съдържа нецензурни или обидни изрази, но законът изисква решение по искането.",
    checks.protected_info: "Искането засяга данни, които може да са защитени: преценете какво да се даде и на кого.",
}
"""Reasons where a statutory right stands above the charter."""

IN_PLACE_OF_DANGER: dict[Callable[[Asked], Answer], str] = {
    checks.anonymous: "Писмото изглежда анонимно, но възможната опасност има предимство: разгледайте го.",
    checks.abusive: "Писмото съдържа нецензурни или обидни изрази, но възможната опасност има предимство: "
                    "разгледайте го.",
}
"""Reasons where danger stands above the charter."""

_PARTLY = ("Част от исканата информация може да е защитена: преценете дали да се даде частичен достъп (чл. 37, ал. 2 "
           "от Закона за достъп до обществена информация).")
_FORWARD_REQUEST = ("Изглежда, че искането е за друг орган: ако е така, препратете го незабавно, най-късно до 7 дни, и "
                    "уведомете подателя (чл. 31, ал. 2 от Административнопроцесуалния кодекс).")
_FORWARD_FOI = ("Изглежда, че информацията е при друг орган: ако е така, препратете заявлението до 14 дни и уведомете "
                "подателя (чл. 32, ал. 1 от Закона за достъп до обществена информация).")
_FORWARD_APPEAL = "Изглежда, че писмото е за друг орган: преценете на кого да се изпрати и уведомете подателя."


def protected_info(asked: Asked, _: Clause | None) -> str | None:
    """A request for access may be met in part."""
    return _PARTLY if asked.kind is Kind.FOI_REQUEST else None


def other_body(asked: Asked, clause: Clause | None) -> str | None:
    """By when it must be passed on depends on the kind; null: the table's own sentence, which is that for signals."""
    if clause is None:
        return _FORWARD_APPEAL
    by_kind = {Kind.FOI_REQUEST: _FORWARD_FOI, Kind.REQUEST: _FORWARD_REQUEST, Kind.GDPR_REQUEST: _FORWARD_REQUEST}
    return by_kind.get(asked.kind)


def repeated(asked: Asked, _: Clause | None) -> str | None:
    """Without a number nobody can look the first letter up: it is flagged, but waits for nobody."""
    return None if asked.findings.follow_up_of else ""


def review(asked: Asked, clause: Clause | None) -> str | None:
    """Whether the request came within the charter's month; null where the charter gives none."""
    term = clause.term if clause else None
    if term is None or term.counted_from is not CountedFrom.DECISION or term.unit is not TermUnit.MONTHS:
        return None
    decided, came = asked.findings.decision_date, asked.received_on
    if decided is None or came is None:
        return ("Иска се преразглеждане на решение. Хартата дава за това един месец от писмото с решението: проверете "
                "датата му.")
    last = months_later(decided.value, term.amount)
    asks = f"Иска се преразглеждане на решение от {_in_words(decided.value)} Срокът по хартата изтича на "
    if came <= last:
        return f"{asks}{_in_words(last)} и искането е в срок."
    if came <= last + _LONGEST_HOLIDAYS:
        return f"{asks}{_in_words(last)}, а ако този ден е неработен, на следващия работен: проверете дали е в срок."
    return f"{asks}{_in_words(last)} и е пропуснат: преценете дали все пак да се преразгледа."


TOLD: dict[Callable[[Asked], Answer], Callable[[Asked, Clause | None], str | None]] = {
    checks.protected_info: protected_info, checks.other_body: other_body, checks.repeated: repeated,
    checks.review: review,
}
"""Check → its sentence for this letter; empty: none is needed; null: the table's own."""


def _in_words(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year} г."
