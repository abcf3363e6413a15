"""Who works on an item: the pack's first route that fits, with the deputy on days off.

1. a whistleblower's report goes to the confidential officer (ЗЗЛПСПОИН чл. 14, 16);
2. else the first fitting route names department and officer;
3. an officer whom the letter complains about never gets it (АПК чл. 113): the deputy does, unless meant as well;
4. an absent officer is replaced by the deputy, and the deputy by the deputy's own;
5. where nobody is left the department alone is named.
"""

from collections.abc import Iterator
from datetime import date

from mailroom.errors import BadRequest
from mailroom.model.entry import Assignment
from mailroom.model.findings import Findings
from mailroom.model.pack import Officer, Pack, Route, surname_in
from mailroom.model.verdict import Verdict

NAMED_EMPLOYEE = "named_employee"
"""The check of a verdict whose evidence holds the words that name whom the letter complains about."""


def assign(findings: Findings, verdict: Verdict, pack: Pack, on: date) -> Assignment:
    """The department and officer for an item that is assigned on this day."""
    route = next(route for route in pack.routing if _fits(route, findings))
    officer = pack.confidential_officer if verdict.sealed and pack.confidential_officer else route.officer
    return _assignment(pack, route.department, _present(pack, officer, on, accused(verdict, pack)))


def assignment_to(pack: Pack, department_id: str, officer_id: str | None, on: date,
                  barred: frozenset[str] = frozenset()) -> Assignment:
    """The assignment that a person chose; on the officer's days off the deputy is named. Raises BadRequest.

    `barred`: officer ids of those whom the letter complains about (АПК чл. 113).
    """
    if department_id not in {department.id for department in pack.departments}:
        raise BadRequest("Такова звено няма. Изберете звено от списъка.")
    if officer_id is not None and officer_id not in {officer.id for officer in pack.officers}:
        raise BadRequest("Такъв служител няма. Изберете служител от списъка.")
    if officer_id in barred:
        raise BadRequest("Писмото е за този служител и не може да му се възложи (АПК чл. 113). Изберете друг.")
    return _assignment(pack, department_id, _present(pack, officer_id, on, barred))


def accused(verdict: Verdict, pack: Pack) -> frozenset[str]:
    """Officer ids of those whom the letter complains about, as far as the words name them."""
    words = _accusing_words(verdict)
    return frozenset(officer.id for officer in pack.officers if words and officer.named_in(words))


def is_accused(verdict: Verdict, pack: Pack, *, officer_id: str | None, name: str) -> bool:
    """Whether the letter complains about this person, known as officer or by name alone.

    A name is taken for a person's when it has two words or more and each begins with a capital; „Кабинет на кмета“ is
    nobody's.
    """
    if officer_id is not None and officer_id in accused(verdict, pack):
        return True
    parts = name.split()
    words = _accusing_words(verdict)
    return bool(words) and len(parts) > 1 and all(part[:1].isupper() for part in parts) and surname_in(name, words)


def _accusing_words(verdict: Verdict) -> str:
    return " ".join(evidence.text for check in verdict.checks if check.hit and check.name == NAMED_EMPLOYEE
                    for evidence in check.evidence)


def _fits(route: Route, findings: Findings) -> bool:
    """Whether every condition of a route holds; an empty one does."""
    matter = findings.matter.value if findings.matter else None
    district = findings.district.value if findings.district else None
    return (
        (not route.kinds or findings.kind.value in route.kinds)
        and (not route.matters or matter in route.matters)
        and (not route.topics or any(topic.value in route.topics for topic in findings.topics))
        and (not route.districts or district in route.districts)
    )


def _present(pack: Pack, officer_id: str | None, on: date, barred: frozenset[str]) -> Officer | None:
    """The first in the row of deputies who is there and may have the letter."""
    return next((officer for officer in _row(pack, officer_id)
                 if officer.id not in barred and not officer.is_absent(on)), None)


def _row(pack: Pack, officer_id: str | None) -> Iterator[Officer]:
    """The officer, the deputy, the deputy's deputy, each once."""
    seen: set[str] = set()
    while officer_id is not None and officer_id not in seen:
        seen.add(officer_id)
        officer = pack.officer(officer_id)
        yield officer
        officer_id = officer.deputy


def _assignment(pack: Pack, department_id: str, officer: Officer | None) -> Assignment:
    """Names and contact, copied; the officer's own before the department's."""
    department = pack.department(department_id)
    return Assignment(
        department=department.name, department_id=department.id,
        officer=officer.name if officer else None, officer_id=officer.id if officer else None,
        phone=officer.phone if officer and officer.phone else department.phone,
        extension=officer.extension if officer else "",
        email=officer.email if officer and officer.email else department.email,
    )
