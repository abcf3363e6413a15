"""The questions that charter and law ask of a letter, each a small function with a name.

A check answers with the words that show it, `()` where it holds but nothing can be quoted, and null where it does not
hold. It says nothing of what follows: that is the table in decide.py.
"""

import re
from collections import Counter
from datetime import date

from mailroom.charter.latin import typed_in_latin
from mailroom.model.base import Value
from mailroom.model.findings import Evidence, Findings, Found, Kind, Matter
from mailroom.model.letter import Letter
from mailroom.model.pack import Pack

Answer = tuple[Evidence, ...] | None

SIGNALS = (Kind.SIGNAL, Kind.COMPLAINT, Kind.CORRUPTION_REPORT)
"""What the law calls сигнал; a complaint that attacks no act is one (АПК 107(4))."""
RIGHTS = (Kind.FOI_REQUEST, Kind.GDPR_REQUEST, Kind.REQUEST)
"""Kinds that a statute obliges the municipality to decide, whatever its charter says (АПК чл. 5)."""

_OFFICES = (
    r"служител\w*|експерт\w*|специалист\w*|инспектор\w*|касиер\w*|деловодител\w*|чиновни\w+|начални\w+|директор\w*|"
    r"юрисконсулт\w*|колежк\w+|колег\w+|г-н|г-жа|господин|госпожа|инж\.|арх\."
)
_SURNAME = r"(?!Общин)[А-Я][а-я]+(?:ов|ова|ев|ева|ин|ина|ски|ска|чки|чка|шки|шка)(?!\w)"
_NAMED = re.compile(rf"(?<!\w)(?i:{_OFFICES})(?:\s+[\w„“\"]+){{0,3}}?(?:\s+[А-Я][а-я]+){{0,2}}\s+{_SURNAME}")
"""An office or title, then within a few words a family name by its ending."""
_ADDRESSEE = re.compile(r"(?im)^[ \t]*(?:до|чрез|на вниманието на|уважаем\w{1,3})\b[^\n]*$")
"""A line that says to whom the letter is written."""
_AROUND = 40
"""Characters quoted on both sides of a name."""


class Asked(Value):
    """What a check may look at."""

    letter: Letter
    findings: Findings
    pack: Pack
    received_on: date | None = None
    """Local day of receipt; null where it is not known."""

    @property
    def kind(self) -> Kind:
        """What the letter is."""
        return self.findings.kind.value

    @property
    def matter(self) -> Matter | None:
        """What it is about, inside its kind."""
        return self.findings.matter.value if self.findings.matter else None


def health_safety(asked: Asked) -> Answer:
    """Somebody's health or safety is in danger."""
    return _if_true(asked.findings.health_safety)


def whistleblower(asked: Asked) -> Answer:
    """A report from a work context (ЗЗЛПСПОИН чл. 5)."""
    found = asked.findings.matter
    return found.evidence if found and found.value is Matter.WHISTLEBLOWER else None


def statutory_right(asked: Asked) -> Answer:
    """A request or appeal that no charter may leave undecided."""
    return () if asked.kind in RIGHTS or asked.matter is Matter.APPEAL else None


def anonymous(asked: Asked) -> Answer:
    """Nobody identifiable signs or sends it."""
    return _if_true(asked.findings.anonymous)


def abusive(asked: Asked) -> Answer:
    """Obscene, or insulting without argument."""
    return _if_true(asked.findings.abusive)


def protected_info(asked: Asked) -> Answer:
    """Asks for somebody else's personal data or for classified information."""
    return _if_true(asked.findings.protected_info)


def corruption(asked: Asked) -> Answer:
    """A report of corruption."""
    return asked.findings.kind.evidence if asked.kind is Kind.CORRUPTION_REPORT else None


def named_employee(asked: Asked) -> Answer:
    """A complaint, a report of corruption or of a crime that names an employee.

    Officers of the pack are found wherever their name stands, or a position that they alone hold; others where a name
    follows an office or title. Neither the sender's own name nor whom the letter is addressed to counts. The words
    around the name are the evidence; routing reads them.
    """
    if not _accuses(asked):
        return None
    text = _ADDRESSEE.sub(lambda line: " " * len(line.group()), asked.letter.text)
    if asked.findings.sender_name:
        sender = asked.findings.sender_name.value
        text = text.replace(sender, " " * len(sender))
    named = [_quote(text, hit.start(), hit.end()) for hit in _NAMED.finditer(text)]
    held = Counter(officer.position for officer in asked.pack.officers)
    for officer in asked.pack.officers:
        if officer.named_in(text) or typed_in_latin(officer.name, text):
            named.append(Evidence(text=officer.name, why="Служител на общината, назован в писмото."))
        elif held[officer.position] == 1 and officer.held_in(text):
            named.append(Evidence(text=officer.name, why=f"Длъжността му е назована в писмото: {officer.position}."))
    return tuple(named) or None


def _accuses(asked: Asked) -> bool:
    """Whether whoever is named in it may be whom it is about."""
    if asked.matter in (Matter.CONDUCT, Matter.WHISTLEBLOWER) or asked.kind is Kind.CORRUPTION_REPORT:
        return True
    if asked.matter is Matter.APPEAL:
        return False
    return asked.kind is Kind.COMPLAINT or (asked.kind is Kind.SIGNAL and crime(asked) is not None)


def other_body(asked: Asked) -> Answer:
    """Really meant for another body or company (АПК 112)."""
    return asked.findings.other_body.evidence if asked.findings.other_body else None


def older_than_two_years(asked: Asked) -> Answer:
    """A signal about something more than two years old (АПК 111(4)); the bar knows signals only."""
    found = asked.findings.older_than_two_years
    is_signal = asked.kind in SIGNALS and asked.matter is not Matter.APPEAL
    return found.evidence if found and found.value and is_signal else None


def repeated(asked: Asked) -> Answer:
    """A signal that quotes an earlier number, or says that it is not the first: a continuation, or the same matter
    again (АПК 124(1))."""
    findings = asked.findings
    if asked.kind not in SIGNALS or asked.matter is Matter.APPEAL:
        return None
    said = findings.repeated.evidence if findings.repeated and findings.repeated.value else None
    return findings.follow_up_of.evidence if findings.follow_up_of else said


def review(asked: Asked) -> Answer:
    """A request to review a decision."""
    found = asked.findings.matter
    return found.evidence if found and found.value is Matter.REVIEW else None


def crime(asked: Asked) -> Answer:
    """A signal that names an act which is a crime (АПК 123(4)); a report of corruption may always be one."""
    found = asked.findings.crime
    if found and found.value and asked.kind in (*SIGNALS, Kind.OTHER):
        return found.evidence
    return asked.findings.kind.evidence if asked.kind is Kind.CORRUPTION_REPORT else None


def illegible(asked: Asked) -> Answer:
    """The page could not be read well enough."""
    return None if asked.letter.legible else ()


def faulty(asked: Asked) -> Answer:
    """A part of the letter could not be read."""
    return tuple(Evidence(text=fault.code, why=fault.sentence) for fault in asked.letter.faults) or None


def kind_is_doubtful(asked: Asked) -> Answer:
    """What the letter is, is little more than a guess."""
    return asked.findings.kind.evidence if asked.findings.kind_is_doubtful else None


def _if_true(found: Found[bool]) -> Answer:
    return found.evidence if found.value else None


def _quote(text: str, start: int, end: int) -> Evidence:
    """The words around a name."""
    return Evidence(text=text[max(0, start - _AROUND):end + _AROUND].strip(), start=start, end=end,
                    why="Тук е назован служител, от когото се оплакват.")
