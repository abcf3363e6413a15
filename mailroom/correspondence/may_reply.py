"""May a machine answer this letter at all? (RFC 3834)

The first guard that forbids speaks, in this order:

1.  `not_correspondence`  spam, newsletters, bounces and automatic replies get no letter.
2.  `sealed`              a whistleblower is written to by the confidential officer alone.
3.  `report`              a delivery or disposition report (multipart/report) or a calendar's own reply.
4.  `null_return_path`    the sender wants no answer (`Return-Path: <>`).
5.  `auto_submitted`      Auto-Submitted with any value but `no`; the value is read, not the presence.
6.  `bulk`                Precedence bulk, list or junk; X-Auto-Response-Suppress; marks of other auto-responders.
7.  `list`                List-* fields: a mailing list (RFC 2369, RFC 2919).
8.  `robot_address`       the answer would go to no-reply, mailer-daemon and the like.
9.  `own_address`         the answer would go to the municipality itself.
10. `forged`              the receiving server's own Authentication-Results call the sender forged.
11. `return_path`         it came to the return path of a letter of ours, to which only machines write.
12. `own_copy`            the municipality itself wrote it to somebody: a copy of an answer.
13. `echo`                it answers an automatic letter of ours as machines do: at once, without a matter of its own,
                          or in words that came before.
14. `nothing_new`         this address had an automatic letter today, and what it writes now has no matter of its own.
15. `cap`                 this address has had its letters for today.
16. `breaker`             too many automatic letters in the last hour, to whomever.

What a guard forbids is held, never dropped: a person sees the letter with the reason and can release it.
"""

import re
from collections.abc import Callable
from email.utils import parseaddr
from typing import NamedTuple

from mailroom.correspondence.authentication import is_forged
from mailroom.model.base import Value
from mailroom.model.findings import Findings, Kind
from mailroom.model.letter import Letter, MailHead
from mailroom.model.verdict import Verdict


class Permission(Value):
    """Whether the machine may answer, and why not."""

    allowed: bool
    reason: str = ""
    """One sentence in Bulgarian for the clerk; empty when allowed."""
    guard: str = ""
    """Stable name of the guard that forbids; empty when allowed."""


class Town(Value):
    """What the municipality knows of itself."""

    own_addresses: frozenset[str]
    """In lower case."""
    trusted_authserv_id: str = ""
    """Empty believes no Authentication-Results at all."""
    per_sender_per_day: int
    """How many automatic letters one address may get in a day."""
    breaker_per_hour: int
    """How many everybody together may get in an hour."""


class Traffic(Value):
    """What went before between us and this address."""

    letters_today: int = 0
    """Automatic letters to this address in the last day."""
    automatic_last_hour: int = 0
    """Automatic letters to everyone in the last hour."""
    to_return_path: bool = False
    """The letter came to the signed return path of one of ours."""
    own_copy: bool = False
    """An address of the municipality wrote it to somebody outside."""
    answers_us: bool = False
    """It answers an automatic letter of ours, or carries it."""
    at_once: bool = False
    """It does so within minutes."""
    said_before: bool = False
    """An earlier letter from this address has the same words."""


class _Case(NamedTuple):
    """One letter with all that the guards look at."""

    letter: Letter
    findings: Findings
    verdict: Verdict
    head: MailHead
    to: str
    by_form: bool
    town: Town
    traffic: Traffic


def may_reply(letter: Letter, findings: Findings, verdict: Verdict, *, town: Town, traffic: Traffic) -> Permission:
    """Whether a machine may write to who sent this, and by which guard not."""
    head, to = letter.head or MailHead(), _address(findings.email.value if findings.email else "")
    # A web form's robot marks its mail as automatic, and rightly so; but the answer does not go back to the robot, it
    # goes to the citizen whose address stands in a field of the form or in Reply-To, and so cannot start a loop.
    case = _Case(letter, findings, verdict, head, to, _came_by_form(letter, head, to), town, traffic)
    for guard, forbids, reason in GUARDS:
        if forbids(case):
            return Permission(allowed=False, reason=reason.format_map(traffic.model_dump()), guard=guard)
    return Permission(allowed=True)


def _address(text: str) -> str:
    return (parseaddr(text)[1] or text).strip().lower()


def _came_by_form(letter: Letter, head: MailHead, to: str) -> bool:
    """Whether the address to answer was typed into a form, and is not that of who sent the mail."""
    senders = {_address(box.address) for box in (*head.from_, *([head.sender] if head.sender else []))}
    typed = {_address(value) for value in letter.form_fields.values()}
    typed.update(_address(box.address) for box in head.reply_to)
    return bool(to) and to in typed and to not in senders


def _is_report(letter: Letter, head: MailHead) -> bool:
    reply_by_calendar = (letter.calendar_method or "").upper() == "REPLY"
    return letter.report is not None or reply_by_calendar or head.media_type.lower() == "multipart/report"


def _auto_submitted(head: MailHead, by_form: bool) -> bool:
    """RFC 3834, section 5. A form's mail is `auto-generated`; `auto-replied` answers us and is never answered."""
    values = {_keyword(value) for value in head.all("auto-submitted")} - {"no", ""}
    return bool(values - {"auto-generated"} if by_form else values)


_SUPPRESSED = frozenset({"all", "oof", "autoreply"})
_RESPONDER_MARKS = ("x-autoreply", "x-autorespond", "x-autoreply-from", "x-mail-autoreply")


def _is_bulk(head: MailHead) -> bool:
    suppressed = {part.strip().lower() for value in head.all("x-auto-response-suppress") for part in value.split(",")}
    return (
        any(_keyword(value) in ("bulk", "list", "junk", "auto_reply") for value in head.all("precedence"))
        or bool(suppressed & _SUPPRESSED)
        or any(head.first(name) is not None for name in _RESPONDER_MARKS)
    )


def _keyword(value: str) -> str:
    """The value without comment and parameters: `auto-replied (vacation); owner-email=…` is `auto-replied`."""
    return re.split(r"[;(\s]", value.strip(), maxsplit=1)[0].lower()


_ROBOT = re.compile(
    r"(?:.*[._+-])?(?:no[._-]?reply|do[._-]?not[._-]?reply|(?:ne|bez)[._-]?otgov(?:aryai|aryaj|arqi|or))(?:[._+-].*|\d*)"
    r"|mailer-daemon|postmaster|daemon|nobody|www-data|apache|httpd|listserv|majordomo|mailman"
    r"|bounces?(?:[._+-].*)?|.*-(?:bounces?|request|owner)|owner-.*", re.DOTALL
)


def _is_robot(address: str) -> bool:
    """RFC 3834, section 2, and the names that forms and shops send from."""
    return bool(_ROBOT.fullmatch(address.rpartition("@")[0]))


def _is_echo(case: _Case) -> bool:
    """A person who adds something to their letter is confirmed once more; whoever answers within minutes, says nothing
    of their own, or what was said before, may be a machine."""
    traffic = case.traffic
    return traffic.answers_us and (traffic.at_once or traffic.said_before or not has_matter(case.findings, case.letter))


def _says_nothing_new(case: _Case) -> bool:
    traffic = case.traffic
    return traffic.letters_today > 0 and (traffic.said_before or not has_matter(case.findings, case.letter))


def has_matter(findings: Findings, letter: Letter) -> bool:
    """Whether somebody wants something of the town, as far as a machine can tell; thanks alone are no matter."""
    named = findings.kind.value not in (Kind.OTHER, Kind.PRAISE) and not findings.kind_is_doubtful
    return named or findings.health_safety.value or bool(letter.attachments)


GUARDS: tuple[tuple[str, Callable[[_Case], bool], str], ...] = (
    ("not_correspondence", lambda case: case.findings.noncorrespondence is not None,
     "Писмото не е кореспонденция и на него не се отговаря."),
    ("sealed", lambda case: case.verdict.sealed,
     "Преписката е с ограничен достъп: на подателя пише само определеният служител."),
    ("report", lambda case: _is_report(case.letter, case.head),
     "Писмото е автоматичен отчет от пощенска система."),
    ("null_return_path", lambda case: case.head.return_path is not None and case.head.return_path.strip() in ("", "<>"),
     "Подателят е програма, която не приема отговори (празен обратен адрес)."),
    ("auto_submitted", lambda case: _auto_submitted(case.head, case.by_form),
     "Писмото е изпратено от програма (Auto-Submitted)."),
    ("bulk", lambda case: not case.by_form and _is_bulk(case.head),
     "Писмото е масово или забранява автоматични отговори (Precedence, X-Auto-Response-Suppress)."),
    ("list", lambda case: any(name.startswith("list-") for name, _ in case.head.fields),
     "Писмото идва от пощенски списък."),
    ("robot_address", lambda case: _is_robot(case.to),
     "Адресът за отговор не се чете от човек (no-reply и подобни)."),
    ("own_address", lambda case: case.to in case.town.own_addresses,
     "Адресът за отговор е на самата община."),
    ("forged", lambda case: is_forged(case.head, case.town.trusted_authserv_id),
     "Пощенският сървър смята подателя за подправен: уверете се, че писмото е от него."),
    ("return_path", lambda case: case.traffic.to_return_path,
     "Писмото дойде на служебния адрес за върнати писма, на който пишат само програми."),
    ("own_copy", lambda case: case.traffic.own_copy,
     "Писмото е копие на това, което общината е писала на друг."),
    ("echo", _is_echo,
     "Прилича на автоматичен отговор на наше писмо: ако го е писал човек, пуснете потвърждението."),
    ("nothing_new", _says_nothing_new,
     "На този адрес днес вече е писано, а новото писмо не казва нищо ново: ако го е писал човек, пуснете "
     "потвърждението."),
    ("cap", lambda case: case.traffic.letters_today >= case.town.per_sender_per_day,
     "На този адрес днес вече са изпратени {letters_today} автоматични писма."),
    ("breaker", lambda case: case.traffic.automatic_last_hour >= case.town.breaker_per_hour,
     "За последния час са изпратени {automatic_last_hour} автоматични писма: проверете дали няма повреда."),
)
"""Name, question, and the sentence for the clerk; the figures of Traffic may stand in it."""
