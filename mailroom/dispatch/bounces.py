"""Which of our letters has come back, and whether it is worth sending again (RFC 3464, RFC 3463)."""

import re
from collections.abc import Iterable

from mailroom.model.base import Value
from mailroom.model.letter import DeliveryReport, Letter


class Bounce(Value):
    """What a mail server says of a letter of ours that it could not deliver."""

    message_id: str | None
    """Message-ID of our letter, with angle brackets; null when the bounce does not tell."""
    recipient: str | None
    permanent: bool
    """True when no repetition helps (a hard bounce): the address is wrong. False: a full mailbox, a server away."""
    given_up: bool
    """False while the server still tries (`Action: delayed`): the letter may yet arrive, so nothing is to be sent."""
    status: str | None
    """Enhanced status code of RFC 3463, or the code of RFC 5321, where one was given."""
    explanation: str
    """One sentence in Bulgarian for the clerk."""


_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])([45])[0-5]\d(?=[\s\-,:;])(?!\s*(?:KB|MB|bytes))")
_FULL = re.compile(r"mailbox (?:is )?full|over (?:its |the )?quota|quota exceeded|exceeded .{0,20}quota", re.IGNORECASE)
_MESSAGE_ID = re.compile(
    r"^[>| \t]*+(?:X-)?(?:Original-)?Message-I[Dd]:\s*+(<[^<>\s]++>)", re.MULTILINE | re.IGNORECASE
)
_RECIPIENT = re.compile(
    r"^(?:X-Failed-Recipients|(?:Final|Original)-Recipient):\s*+(?:rfc822;\s*+)?<?([^\s<>;@]++@[^\s<>;]+)>?",
    re.MULTILINE | re.IGNORECASE,
)
_ANGLED = re.compile(r"<([^\s<>@]+@[^\s<>@]+)>")

SUBJECTS = {
    "1": "адресът не съществува или е сгрешен",
    "2": "пощенската кутия не приема писма",
    "3": "отсрещната пощенска система не приема писма",
    "4": "отсрещният сървър не е достъпен",
    "5": "сървърите не се разбраха помежду си",
    "6": "съдържанието не беше прието",
    "7": "отсрещният сървър отказа писмото по своите правила",
}
"""The subject sub-code of RFC 3463, section 3, in words."""

SOFT_ALTHOUGH_5 = frozenset({"2.2", "3.1", "3.4", "4.5", "552"})
"""Permanent by the first digit and yet passing: a mailbox or a disk that is full, a letter too large, congestion, and
552 of RFC 5321 (exceeded storage). The address is right and stays."""


def read_bounce(letter: Letter) -> Bounce | None:
    """What this letter says of one of ours; null when it tells of no failure (delivered, displayed, no report at all).

    A machine-readable report is believed first; without one the words of the mail are searched, as older servers
    write them: a status code, and the Message-ID of the returned letter or the failed recipient.
    """
    report = letter.report
    if report and report.action and report.action.lower() not in ("failed", "delayed"):
        return None
    texts = [part for part in (letter.text, letter.quoted, *(a.text for a in letter.attachments)) if part]
    status = _status(report, texts)
    message_id, recipient = _message_id(letter, texts), _recipient(letter, texts)
    if report is None and not (status and (message_id or recipient)):
        return None
    delayed = bool(report and (report.action or "").lower() == "delayed")
    full = any(_FULL.search(text) for text in texts) or bool(report and _FULL.search(report.diagnostic or ""))
    permanent = not delayed and not full and (status is None or _is_permanent(status))
    return Bounce(
        message_id=message_id,
        recipient=recipient,
        permanent=permanent,
        given_up=not delayed,
        status=status,
        explanation=_explanation(status, permanent=permanent, delayed=delayed),
    )


def _status(report: DeliveryReport | None, texts: Iterable[str]) -> str | None:
    """The enhanced code, else the reply code. In a report the diagnostic may be more exact than `Status: 5.0.0`."""
    given = report.status.strip() if report and report.status else None
    if given and _STATUS.fullmatch(given) and not given.endswith(".0.0"):
        return given
    words = [report.diagnostic] if report and report.diagnostic else list(texts)
    for pattern in (_STATUS, _REPLY):
        for text in words:
            match = pattern.search(text)
            if match and match.group(1) != "2":
                return match.group()
    return given


def _is_permanent(status: str) -> bool:
    return status.startswith("5") and status.removeprefix("5.") not in SOFT_ALTHOUGH_5


def _message_id(letter: Letter, texts: Iterable[str]) -> str | None:
    """From the report, the returned letter's header, or the thread: whichever names it first."""
    if letter.report and letter.report.original_message_id:
        return letter.report.original_message_id
    found = [match for text in texts for match in _MESSAGE_ID.findall(text)]
    head = letter.head
    if letter.forwarded and letter.forwarded.message_id:
        found.append(letter.forwarded.message_id)
    if head:
        found += [*head.in_reply_to, *reversed(head.references)]
    own = head.message_id if head else None
    return next((candidate for candidate in found if candidate != own), None)


def _recipient(letter: Letter, texts: Iterable[str]) -> str | None:
    if letter.report and letter.report.recipient:
        return letter.report.recipient
    named = letter.head.first("x-failed-recipients") if letter.head else None
    if named:
        return named.split(",")[0].strip()
    for pattern in (_RECIPIENT, _ANGLED):
        for text in texts:
            match = pattern.search(text)
            if match:
                return match.group(1)
    return None


def _explanation(status: str | None, *, permanent: bool, delayed: bool) -> str:
    parts = (status or "").split(".")
    why = SUBJECTS.get(parts[1], "") if len(parts) == 3 else ""
    code = f" ({status})" if status else ""
    why = f"{code}{': ' + why if why else ''}."
    if delayed:
        return f"Писмото още не е доставено{why} Пощенският сървър продължава да опитва."
    what = f"Писмото не беше доставено{why}"
    advice = "Поправете адреса или го изпратете по пощата." if permanent else "Може да се опита отново по-късно."
    return f"{what} {advice}"
