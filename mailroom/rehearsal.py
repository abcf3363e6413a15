"""Runs a pack's own examples from the letter to the due date, as the journey would: read, understood, decided, counted.

An example without words stands for a letter whose facts are certain.
"""

from datetime import datetime
from email.utils import parseaddr
from typing import NamedTuple

from mailroom.charter.cases import differences, findings_of
from mailroom.charter.decide import decide
from mailroom.model.arrival import Channel
from mailroom.model.base import SOFIA
from mailroom.model.case import Case
from mailroom.model.entry import Due
from mailroom.model.findings import Findings
from mailroom.model.letter import Letter, Mailbox, MailHead
from mailroom.model.pack import Pack
from mailroom.model.verdict import Verdict
from mailroom.registration.calendar import WorkingCalendar
from mailroom.registration.routing import assign
from mailroom.registration.terms import due_for
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.understand import understand


class Rehearsed(NamedTuple):
    """What became of an example."""

    findings: Findings
    verdict: Verdict
    due: Due
    department: str
    """Department id."""


def rehearse(case: Case, pack: Pack, knowledge: Knowledge, calendar: WorkingCalendar) -> Rehearsed:
    """What the program makes of the example; it is registered at the moment at which it came."""
    at = case.received if case.received.tzinfo else case.received.replace(tzinfo=SOFIA)
    letter = _letter(case, at)
    findings = understand(letter, pack, knowledge, at.date()) if case.letter else findings_of(case)
    verdict = decide(letter, findings, pack, received_on=at.date())
    due = due_for(findings, channel=case.channel, received_at=at, registered_at=at, pack=pack, calendar=calendar,
                  inspection_needed=case.inspection_needed)
    return Rehearsed(findings, verdict, due, assign(findings, verdict, pack, at.date()).department_id)


def wrong_case(case: Case, pack: Pack, knowledge: Knowledge, calendar: WorkingCalendar) -> str | None:
    """In one line, how the result differs from what the example expects; null where it does not."""
    result = rehearse(case, pack, knowledge, calendar)
    clocks = (("charter_due", result.due.charter, case.charter_due),
              ("statute_due", result.due.statute, case.statute_due))
    wrong = [*_misunderstood(case, result.findings), *differences(case, result.verdict)]
    wrong += [f"{name} = {clock.date if clock else 'none'}, expected {expected or 'none'}"
              for name, clock, expected in clocks if (clock.date if clock else None) != expected]
    district = result.findings.district.value if result.findings.district else None
    wrong += [f"{name} = {value}, expected {expected}"
              for name, value, expected in (("district", district, case.district),
                                            ("department", result.department, case.department))
              if expected is not None and value != expected]
    return f"„{case.title}“: {'; '.join(wrong)}" if wrong else None


def _misunderstood(case: Case, findings: Findings) -> list[str]:
    """The facts that were read otherwise than the example says."""
    old, other = findings.older_than_two_years, findings.other_body
    found = {
        "kind": findings.kind.value, "matter": findings.matter.value if findings.matter else None,
        "anonymous": findings.anonymous.value, "abusive": findings.abusive.value,
        "health_safety": findings.health_safety.value, "protected_info": findings.protected_info.value,
        "older_than_two_years": bool(old and old.value), "other_body": other.value if other else None,
    }
    return [f"understood {name} = {value}, expected {getattr(case, name)}" for name, value in found.items()
            if value != getattr(case, name)]


def _letter(case: Case, at: datetime) -> Letter:
    """The example as reading would hand it over."""
    if case.channel is not Channel.EMAIL:
        return Letter(channel=case.channel, media_type="application/pdf", text=case.letter)
    name, address = parseaddr(case.sender)
    head = MailHead(from_=(Mailbox(name=name, address=address),), date=at,
                    fields=(("subject", case.subject), ("from", case.sender)))
    return Letter(channel=case.channel, media_type="message/rfc822", subject=case.subject, text=case.letter, head=head)
