"""What charter and law make of a letter: one ordered table over the checks of checks.py.

From top to bottom, the first rule with an outcome that may be proposed decides:

1. danger to health or safety is always considered, and at once, whatever else the letter is;
2. a whistleblower's report is sealed;
3. an access-to-information request, a GDPR request, an application and an appeal are always considered (АПК чл. 5);
4. an anonymous letter is proposed as not considered, where a clause covers its kind;
5. an abusive one is proposed as unanswered, where the charter reserves that for its kind; the law does not know it;
6. protected information is proposed as refused;
7. a request to review a decision is considered under the charter's clause on it.

The rules below these restrict who sees the letter, remind of a duty of the law, or ask a person to look. Every rule is
asked and every answer kept. Nothing here is final: whatever differs from plain consideration waits for a person.
"""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from mailroom.charter import checks
from mailroom.charter.checks import Answer, Asked
from mailroom.charter.reasons import IN_PLACE_OF_A_RIGHT, IN_PLACE_OF_DANGER, TOLD
from mailroom.model.findings import Evidence, Findings
from mailroom.model.letter import Letter
from mailroom.model.pack import Clause, ClauseSubject, Pack
from mailroom.model.verdict import Check, Outcome, Verdict


class Rule(NamedTuple):
    """One line of the table."""

    check: Callable[[Asked], Answer]
    """Asked of every letter; its name is the check's name in the verdict."""
    reason: str = ""
    """For the clerk, in Bulgarian; empty: a hit alone needs no person."""
    outcome: Outcome | None = None
    """What is proposed on a hit; null: nothing."""
    subject: ClauseSubject | None = None
    """The clause that permits the outcome. Without one for this letter the rule only asks a person."""
    without_clause: str = ""
    """For the clerk, in place of `reason`, when there is no such clause; empty: the reason holds as well."""
    urgent: bool = False
    sealed: bool = False
    restricted: bool = False


RULES = (
    Rule(checks.health_safety, outcome=Outcome.CONSIDER, urgent=True,
         reason="Възможна опасност за здравето или сигурността на хората: погледнете веднага."),
    Rule(checks.whistleblower, sealed=True, subject=ClauseSubject.WHISTLEBLOWING,
         reason="Сигнал от работен контекст: предава се само на служителя по ЗЗЛПСПОИН, незабавно и без изменения."),
    Rule(checks.statutory_right, outcome=Outcome.CONSIDER),
    Rule(checks.anonymous, outcome=Outcome.NOT_CONSIDERED, subject=ClauseSubject.ANONYMITY,
         reason="Писмото изглежда анонимно: преценете дали да не се разглежда, или подателят все пак е ясен.",
         without_clause="Писмото изглежда анонимно, но нищо не позволява такова писмо да не се разгледа: преценете "
                        "дали и къде да се отговори."),
    Rule(checks.abusive, outcome=Outcome.NO_REPLY, subject=ClauseSubject.ABUSE,
         reason="Писмото съдържа нецензурни или обидни изрази: преценете дали да остане без отговор.",
         without_clause="Писмото съдържа нецензурни или обидни изрази, но нито хартата, нито законът позволяват такова "
                        "писмо да остане без отговор: преценете как да се отговори."),
    Rule(checks.protected_info, outcome=Outcome.INFORMATION_REFUSED, subject=ClauseSubject.PROTECTED_INFO,
         reason="Иска се информация, която може да е защитена (чужди лични данни или класифицирана информация): "
                "преценете какво може да се даде."),
    Rule(checks.review, outcome=Outcome.CONSIDER, subject=ClauseSubject.REVIEW,
         reason="Иска се преразглеждане на решение: преценете дали е жалба срещу акт, или нов сигнал по решен въпрос."),
    Rule(checks.corruption, restricted=True,
         reason="Сигнал за корупция: преценете кой да работи по него. Вижда го ограничен кръг служители."),
    Rule(checks.crime, subject=ClauseSubject.CRIME,
         reason="В писмото се говори за деяние, което може да е престъпление: преценете дали незабавно да уведомите "
                "прокурора (чл. 123, ал. 4 от Административнопроцесуалния кодекс)."),
    Rule(checks.named_employee, restricted=True, subject=ClauseSubject.CONFLICT,
         reason="Назован е служител: писмото не се показва и не се възлага на него "
                "(чл. 113 от Административнопроцесуалния кодекс)."),
    Rule(checks.other_body, subject=ClauseSubject.FORWARDING,
         reason="Изглежда, че отговорът зависи от друг орган или дружество: ако е така, препратете до 7 дни и "
                "уведомете подателя (чл. 112 от Административнопроцесуалния кодекс)."),
    Rule(checks.older_than_two_years, subject=ClauseSubject.OLD_MATTER,
         reason="Изглежда, че става дума за нарушение отпреди повече от две години (чл. 111, ал. 4 от "
                "Административнопроцесуалния кодекс): преценете дали да се разгледа."),
    Rule(checks.repeated, subject=ClauseSubject.REPEAT,
         reason="Писмото се позовава на предишен номер: преценете дали продължава преписката, или повтаря решен "
                "въпрос (чл. 124, ал. 1 от Административнопроцесуалния кодекс)."),
    Rule(checks.illegible,
         reason="Писмото не се чете достатъчно добре: въведете подателя, относно и вида, като гледате сканираното."),
    Rule(checks.faulty, reason="Част от писмото не може да бъде прочетена"),
    Rule(checks.kind_is_doubtful, reason="Не е ясно какво е писмото: изберете вида му."),
)
"""The table. Order decides between outcomes; reasons and restrictions add up."""

_ASIDE = frozenset({checks.anonymous, checks.abusive, checks.protected_info})
"""Checks whose rule would set a letter aside, were it not for danger or a statutory right."""


class Ruling(NamedTuple):
    """A rule that was asked."""

    rule: Rule
    answer: Answer
    clause: Clause | None
    """The clause that permits the rule's outcome for this letter."""


def decide(letter: Letter, findings: Findings, pack: Pack, received_on: date | None = None) -> Verdict:
    """The proposal for one letter, with every check that was asked, the clause and the words.

    `received_on` is the local day of receipt: a clause that holds `since` a later day is passed over.
    """
    asked = Asked(letter=letter, findings=findings, pack=pack, received_on=received_on)
    rulings = [Ruling(rule, rule.check(asked), _clause(rule.subject, asked)) for rule in RULES]
    hits = [ruling for ruling in rulings if ruling.answer is not None]
    decisive = next((hit for hit in hits if _decides(hit)), None)
    outcome = decisive.rule.outcome if decisive and decisive.rule.outcome else Outcome.CONSIDER
    urgent = any(hit.rule.urgent for hit in hits)
    clause, evidence = _grounds(asked, hits, decisive, urgent)
    reasons = tuple(reason for hit in hits for reason in _reasons(hit, asked, urgent=urgent))
    return Verdict(
        outcome=outcome,
        urgent=urgent,
        sealed=any(hit.rule.sealed for hit in hits),
        restricted=any(hit.rule.restricted for hit in hits),
        needs_review=bool(reasons) or outcome is not Outcome.CONSIDER,
        review_reasons=reasons,
        clause=clause,
        evidence=evidence,
        checks=tuple(_kept(ruling) for ruling in rulings),
        pack_version=pack.version,
    )


def _decides(hit: Ruling) -> bool:
    """Whether this hit settles the outcome: it has one, and the clause that it needs."""
    return hit.rule.outcome is not None and (hit.rule.subject is None or hit.clause is not None)


def _clause(subject: ClauseSubject | None, asked: Asked) -> Clause | None:
    """The clause on a subject for this letter, in force when it came: the charter's before the law's."""
    if subject is None:
        return None
    found = (asked.pack.charter_clauses(subject, asked.kind, asked.matter)
             + asked.pack.statute_clauses(subject, asked.kind, asked.matter))
    return next((clause for clause in found if _in_force(clause, asked.received_on)), None)


def _in_force(clause: Clause, on: date | None) -> bool:
    return clause.since is None or on is None or on >= clause.since


def _grounds(asked: Asked, hits: list[Ruling], decisive: Ruling | None,
             urgent: bool) -> tuple[Clause | None, tuple[Evidence, ...]]:
    """The deciding clause and the words that triggered it.

    For a dangerous letter that would otherwise be set aside it is the exception for danger; for a plain letter there is
    none.
    """
    if decisive is None:
        return None, ()
    set_aside = any(hit.rule.check in _ASIDE and hit.clause is not None for hit in hits)
    if urgent:
        clause = _clause(ClauseSubject.DANGER_EXCEPTION, asked) if set_aside else None
        return clause, decisive.answer or ()
    return decisive.clause, decisive.answer or ()


def _reasons(hit: Ruling, asked: Asked, *, urgent: bool) -> tuple[str, ...]:
    """Why a person must look, one sentence each."""
    if hit.rule.check is checks.faulty:
        return tuple(fault.sentence for fault in asked.letter.faults)
    told = TOLD.get(hit.rule.check)
    sentence = told(asked, hit.clause) if told else None
    if sentence is not None:
        return (sentence,) if sentence else ()
    if hit.rule.check in _ASIDE and checks.statutory_right(asked) is not None:
        return (IN_PLACE_OF_A_RIGHT[hit.rule.check],)
    if urgent and hit.rule.check in IN_PLACE_OF_DANGER:
        return (IN_PLACE_OF_DANGER[hit.rule.check],)
    if hit.rule.subject is not None and hit.clause is None:
        return (hit.rule.without_clause or hit.rule.reason,)
    return (hit.rule.reason,) if hit.rule.reason else ()


def _kept(ruling: Ruling) -> Check:
    """The answer as the verdict keeps it."""
    hit = ruling.answer is not None
    return Check(name=ruling.rule.check.__name__, hit=hit, evidence=ruling.answer or (),
                 clause_id=ruling.clause.id if hit and ruling.clause else None)
