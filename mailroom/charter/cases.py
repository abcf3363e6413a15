"""A pack's own examples as facts, and how a verdict differs from what an example expects."""

from mailroom.charter.decide import decide
from mailroom.model.arrival import Channel
from mailroom.model.case import Case
from mailroom.model.findings import Findings, Found, Kind, Matter, Script
from mailroom.model.letter import Letter
from mailroom.model.pack import Pack
from mailroom.model.verdict import Verdict

CERTAIN = 1.0


def verdict_of(case: Case, pack: Pack) -> Verdict:
    """What the pack makes of a letter with the facts of this case and no words."""
    media_type = "message/rfc822" if case.channel is Channel.EMAIL else "application/pdf"
    letter = Letter(channel=case.channel, media_type=media_type)
    return decide(letter, findings_of(case), pack, received_on=case.received.date())


def findings_of(case: Case) -> Findings:
    """The case's facts as if the finders were certain of them."""
    return Findings(
        kind=Found[Kind](value=case.kind, confidence=CERTAIN),
        matter=Found[Matter](value=case.matter, confidence=CERTAIN) if case.matter else None,
        anonymous=Found[bool](value=case.anonymous, confidence=CERTAIN),
        abusive=Found[bool](value=case.abusive, confidence=CERTAIN),
        health_safety=Found[bool](value=case.health_safety, confidence=CERTAIN),
        protected_info=Found[bool](value=case.protected_info, confidence=CERTAIN),
        other_body=Found[str](value=case.other_body, confidence=CERTAIN) if case.other_body else None,
        older_than_two_years=Found[bool](value=case.older_than_two_years, confidence=CERTAIN),
        script=Found[Script](value=Script.CYRILLIC, confidence=CERTAIN),
        language=Found[str](value="bg", confidence=CERTAIN),
    )


def differences(case: Case, verdict: Verdict) -> list[str]:
    """Each way in which a verdict differs from what the case expects."""
    found = {
        "outcome": verdict.outcome, "urgent": verdict.urgent, "sealed": verdict.sealed,
        "restricted": verdict.restricted, "needs_review": verdict.needs_review,
        "clause": verdict.clause.id if verdict.clause else None,
    }
    held = {check.name for check in verdict.checks if check.hit}
    wrong = [f"{name} = {value}, expected {getattr(case, name)}" for name, value in found.items()
             if value != getattr(case, name)]
    return wrong + [f"{name} is not flagged" for name in case.flagged if name not in held]
