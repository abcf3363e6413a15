"""Why an item was decided as it was: facts, evidence, clause, terms, letters and history, in plain Bulgarian. Pure."""

from collections.abc import Iterator
from typing import Any

from mailroom.masking import mask_identifiers
from mailroom.model.base import MACHINE, SOFIA
from mailroom.model.findings import Found
from mailroom.model.item import HistoryLine, Item
from mailroom.model.pack import Pack
from mailroom.registration.words import DUTIES
from mailroom.why import why
from mailroom.words import CHECKS, DETAILS, FIELDS, HISTORY, say, word

FACTS = ("anonymous", "abusive", "health_safety", "protected_info")


def explanation(item: Item, history: tuple[HistoryLine, ...], pack: Pack) -> list[str]:
    """The story of one item, a line each, with identifiers masked: first why, in sentences that can be read out on the
    telephone, then everything that is known. A sealed item tells only that it is one."""
    if item.sealed:
        number = item.entry.registration_number if item.entry else "без номер"
        return [f"{number}: достъпът е ограничен по ЗЗЛПСПОИН; обърнете се към служителя, който приема такива сигнали."]
    known = (*_head(item), *_facts(item), *_decision(item), *_terms(item), *_letters(item), *_history(history))
    lines = [*why(item, pack), "", *known]
    return [mask_identifiers(line) for line in lines]


def _head(item: Item) -> Iterator[str]:
    number = item.entry.registration_number if item.entry else "без регистрационен номер"
    came = item.received_at.astimezone(SOFIA)
    yield f"{number}: {word(item.status)}, получено {came:%d.%m.%Y %H:%M:%S} по път: {word(item.channel)}"
    for arrival in item.arrivals:
        yield f"  пристигнало: {arrival.source}, {arrival.file}, SHA-256 {arrival.sha256}"
    if item.trouble:
        yield f"  затруднение: {item.trouble}"
    for fault in item.letter.faults if item.letter else ():
        yield f"  при четене: {fault.sentence}"


def _facts(item: Item) -> Iterator[str]:
    findings = item.findings
    if findings is None:
        yield "Писмото още не е прочетено."
        return
    if findings.noncorrespondence:
        yield f"Не е кореспонденция: {_shown(findings.noncorrespondence)}"
        yield from _evidence(findings.noncorrespondence)
    matter = f", {word(findings.matter.value)}" if findings.matter else ""
    yield f"Вид: {_shown(findings.kind)}{matter}"
    yield from _evidence(findings.kind)
    for name in FACTS:
        fact: Found[bool] = getattr(findings, name)
        yield f"{FIELDS[name]}: {say(fact.value)} ({fact.confidence:.0%})"
        yield from _evidence(fact)
    for path in sorted(item.corrections):
        yield f"Въведено от служител: {FIELDS.get(path, path)}"


def _decision(item: Item) -> Iterator[str]:
    decision, verdict = item.decision, item.verdict
    if decision is None or verdict is None:
        return
    by = f" ({decision.by}, {decision.at.astimezone(SOFIA):%d.%m.%Y %H:%M})" if decision.by and decision.at else ""
    yield f"Решение: {word(decision.outcome)}, {word(decision.state)}{by}{', спешно' if verdict.urgent else ''}"
    if decision.reason:
        yield f"  причина: {decision.reason}"
    for reason in verdict.review_reasons:
        yield f"  чака човек: {reason}"
    if verdict.clause:
        yield f"  основание: {verdict.clause.source}: „{verdict.clause.quote}“ ({verdict.clause.id})"
    for check in verdict.checks:
        clause = f" ({check.clause_id})" if check.clause_id else ""
        yield f"  проверка „{CHECKS.get(check.name, check.name)}“: {say(check.hit)}{clause}"
    yield f"  правила, версия {verdict.pack_version}"


def _terms(item: Item) -> Iterator[str]:
    if item.entry is None:
        return
    due = item.entry.due
    yield f"Срок: {due.date:%d.%m.%Y}" if due.date else "Срок: няма"
    for name, clock in (("по хартата", due.charter), ("по закона", due.statute)):
        if clock:
            yield f"  {name}: {clock.date:%d.%m.%Y} ({clock.basis}): {clock.explanation}"
    for duty in due.duties:
        yield (f"  {DUTIES.get(duty.name, duty.name)}: {duty.clock.date:%d.%m.%Y} ({duty.clock.basis}): "
               f"{duty.clock.explanation}")
    assigned = item.entry.assigned_to
    yield f"Работи: {assigned.department}{f', {assigned.officer}' if assigned.officer else ''}"


def _letters(item: Item) -> Iterator[str]:
    for letter in item.letters:
        when = f", {letter.sent_at.astimezone(SOFIA):%d.%m.%Y %H:%M:%S}" if letter.sent_at else ""
        because = letter.hold_reason or letter.trouble
        told = f": {because}" if because else ""
        yield f"Писмо „{word(letter.type)}“: {word(letter.status)}, {word(letter.channel)}{when}{told}"


def _history(history: tuple[HistoryLine, ...]) -> Iterator[str]:
    for line in history:
        told = ", ".join(f"{DETAILS[name]}: {say(value)}" for name, value in line.details.items()
                         if name in DETAILS and value not in (None, "", []))
        who = "програмата" if line.who == MACHINE else line.who
        yield (f"{line.at.astimezone(SOFIA):%d.%m.%Y %H:%M:%S} {who}: {HISTORY.get(line.what, line.what)}"
               f"{f' ({told})' if told else ''}")


def _shown(found: Found[Any]) -> str:
    return f"{word(found.value)} ({found.confidence:.0%})"


def _evidence(found: Found[Any]) -> Iterator[str]:
    for evidence in found.evidence:
        yield f"  „{evidence.text}“: {evidence.why}"
