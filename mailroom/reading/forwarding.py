"""A letter that somebody passed on inside the text of a mail: who wrote it, and what stands above it."""

import re
from dataclasses import dataclass
from datetime import datetime

from mailroom.model.base import SOFIA
from mailroom.model.letter import Mailbox, MailHead
from mailroom.reading.head import bare_mailbox, head_from
from mailroom.reading.quoting import HeaderBlock, announces_original, header_block

_ANNOUNCED = re.compile(
    r"^[\W_]*+(?:begin forwarded message|forwarded (?:message|by .{0,60})|"
    r"(?:започва |начало на )?препратен(?:о|ото) (?:съобщение|писмо|име?йл)|препратено от .{0,60}|"
    r"пересылаемое сообщение|"
    r"пересланное сообщение|weitergeleitete nachricht|message transféré)[\s:=_-]*+$", re.I)
_SUBJECT = re.compile(
    r"^\s*(?:(?:re|отг|отговор|aw)\s*:\s*)*(?:fwd?|fw|препр\.?|препратено|препращане|пр|пп|wg|tr)\s*:", re.I)
_RULE = re.compile(r"^[\s_=*-]{5,}$")
_ABV = re.compile(r"^\s?>[\s>]*-+\s*(?:оригинално|препратено)\b", re.I)
"""abv.bg puts a quotation mark before every line of what it passes on, the announcing one too."""
_MONTHS = ("януари", "февруари", "март", "април", "май", "юни", "юли", "август", "септември", "октомври", "ноември",
           "декември")
_DATE = re.compile(r"(\d{1,2})[.\s/]+(\d{1,2}|" + "|".join(_MONTHS) + r")[.\s/]+(\d{4})", re.I)
_TIME = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.]\d{2})?(?=\s*(?:ч|$|\D))")


@dataclass(frozen=True, kw_only=True)
class Forward:
    """A forward written into a text."""

    covering: str
    announced: bool
    """A line says that it is a forward; else only a header stands there."""
    head: MailHead
    inside: str


def is_forward_subject(subject: str | None) -> bool:
    """Whether a mail program has put its prefix for a forward before the subject."""
    return bool(subject and _SUBJECT.match(subject))


def find_forward(text: str, subject: str | None) -> Forward | None:
    """The forwarded letter in this text, or null.

    A header block counts as a forward when a line announces it so, when the subject says so, or when nothing stands
    above it: the same block under a reply is quoted history.
    """
    lines = _without_marks_of_abv(text.split("\n"), subject)
    for at, line in enumerate(lines):
        announced = len(line) < 200 and bool(_ANNOUNCED.match(line))
        if announced:
            found = _block_after(lines, at + 1)
        elif line.startswith(">"):
            continue
        else:
            found = (header_block(lines, at), False)
        block, quoted = found
        if block is None:
            continue
        covering = "\n".join(_without_rules(lines[:at]))
        if announced or is_forward_subject(subject) or not covering.strip():
            return _forward(covering, block, lines[block.end:], quoted=quoted, announced=announced)
        return None
    return None


def _without_marks_of_abv(lines: list[str], subject: str | None) -> list[str]:
    start = next((at for at, line in enumerate(lines) if _ABV.match(line[:200])), None)
    if start is None or not is_forward_subject(subject):
        return lines
    return lines[:start] + [re.sub(r"^\s?> ?", "", line) for line in lines[start:]]


def _block_after(lines: list[str], at: int) -> tuple[HeaderBlock | None, bool]:
    """The header block on one of the next lines, and whether it and what follows are quoted with `>`."""
    while at < len(lines) and not lines[at].strip("> "):
        at += 1
    if at >= len(lines):
        return None, False
    if lines[at].startswith(">"):
        return header_block([re.sub(r"^> ?", "", line) for line in lines], at, announced=True), True
    return header_block(lines, at, announced=True), False


def _without_rules(lines: list[str]) -> list[str]:
    """Without the rule or „-----Original Message-----“ above a header block."""
    kept = list(lines)
    while kept and (not kept[-1].strip() or _RULE.match(kept[-1]) or announces_original(kept[-1])):
        kept.pop()
    return kept


def _forward(covering: str, block: HeaderBlock, rest: list[str], *, quoted: bool, announced: bool) -> Forward:
    if quoted:
        rest = [re.sub(r"^> ?", "", line) for line in rest]
    fields = [(name, value) for name, value in block.fields.items() if value]
    mailboxes: dict[str, tuple[Mailbox, ...]] = {}
    for name, value in fields:
        if name in ("from", "to", "cc", "reply-to"):
            mailboxes[name] = bare_mailbox(_without_mailto(value))
    head = head_from(fields, mailboxes, date=_date(block.fields.get("date", "")), media_type="text/plain")
    return Forward(covering=covering.strip("\n"), announced=announced, head=head, inside="\n".join(rest).strip("\n"))


def _without_mailto(value: str) -> str:
    """`Иван <mailto:a@b>`, `Иван [mailto:a@b]` and `a@b<mailto:a@b>` are ways of Outlook to write one address."""
    if "@" not in re.sub(r"<mailto:[^<>]*>", "", value):
        return value.replace("mailto:", "")
    once = re.sub(r"<mailto:[^<>]*>|mailto:", "", value)
    return re.sub(r"\[\s*+(?:mailto:)?([^\[\]\s@]++@[^\[\]\s]++)\s*+\]", r"<\1>", once)


def _date(value: str) -> datetime | None:
    """The moment in a written date; for information only, so that what is unclear is left out."""
    found, time = _DATE.search(value), _TIME.search(_DATE.sub(" ", value))
    if not found:
        return None
    month = _MONTHS.index(found[2].lower()) + 1 if found[2].lower() in _MONTHS else int(found[2])
    hour, minute = (int(time[1]), int(time[2])) if time else (0, 0)
    try:
        return datetime(int(found[3]), month, int(found[1]), hour, minute, tzinfo=SOFIA)
    except ValueError:
        return None
