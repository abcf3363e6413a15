"""What no person wrote to the town: automatic replies, bounces, newsletters, spam, and nothing at all.

In this order; the first that holds decides. A citizen must never be set aside wrongly, so whatever looks like a matter
of the town weighs against it, and a file that could not be read is correspondence for a person.

1. A contact form with a citizen's fields, or a citizen's letter inside a forward: correspondence.
2. A delivery status notification (RFC 3464) is a bounce, a disposition notification (RFC 8098) an automatic reply.
3. A calendar answer (text/calendar, METHOD:REPLY) is an automatic reply.
4. Nothing: no subject, no text, no attachment, or blank pages only.
5. The null reverse-path (RFC 5321, 4.5.5) or a mailer-daemon, with the wording of one: a bounce.
6. Auto-Submitted (RFC 3834) by its value, and its older relatives, or the wording of an absence: an automatic reply.
7. List-Unsubscribe (RFC 2369), List-Id or Precedence with the wording of one: a newsletter.
8. Several cues of advertising or fraud together: spam.
"""

import re
from collections.abc import Mapping
from typing import Any

from mailroom.model.findings import Evidence, Found, NonCorrespondence
from mailroom.model.letter import MailHead
from mailroom.understanding.view import Sighting, View

_DAEMON = re.compile(
    r"(?i)^(?:mailer-daemon|postmaster|mail-?daemon|maildelivery|bounces?)(?:[-+.].*)?@|"
    r"mail delivery (?:sub)?system|microsoft outlook"
)
_EXECUTABLE = re.compile(
    r"(?i)\.(?:scr|exe|js|jse|vbs|vbe|bat|cmd|com|pif|lnk|hta|wsf|iso|img|jar|ps1|msi|ace)$|\.(?:pdf|docx?|xlsx?|jpe?g)\.(?:zip|rar|7z|html?)$"
)
_LINK = re.compile(r"(?i)https?://|www\.\w")
_NEVER_BLANK = 300
"""More signs than a device's signature and an empty reply's subject have together."""
_SHORT_REPLY = 120
"""Words: an automatic reply is short."""
_SPAM = 2.6
_SPAM_NEXT_TO_A_CITIZEN = 2.0
"""Each sign of a citizen is outweighed only by so much more."""


def find_noncorrespondence(view: View, _: Mapping[str, Any]) -> Found[NonCorrespondence] | None:
    """What kind of non-letter it is; null for correspondence."""
    if view.letter.faults and not view.text.strip():
        return None
    if _by_citizen_fields(view):
        return None
    for check in (_report, _calendar, _blank, _bounce, _auto_reply, _newsletter, _spam):
        found = check(view)
        if found is not None:
            return found
    return None


def _by_citizen_fields(view: View) -> bool:
    if any(view.form_value(name) for name in ("form_message", "form_name", "form_email", "form_phone")):
        return True
    return view.letter.forwarded is not None and view.mailbox is not None and _citizen(view) > 0


def _found(value: NonCorrespondence, confidence: float, *evidence: Evidence) -> Found[NonCorrespondence]:
    return Found(value=value, confidence=confidence, evidence=evidence)


def _report(view: View) -> Found[NonCorrespondence] | None:
    report = view.letter.report
    if report is None:
        return None
    action = (report.action or "").lower()
    shown = Evidence(
        text=report.diagnostic or report.status or report.action or "", why="служебно съобщение на пощенски сървър"
    )
    disposition = action in ("displayed", "deleted", "dispatched", "processed", "denied", "failed-disposition")
    head = view.letter.head
    if disposition or (head and "disposition" in (head.first("content-type") or "")):
        return _found(
            NonCorrespondence.AUTO_REPLY, 1.0, Evidence(text=view.letter.subject or action, why="известие за прочитане")
        )
    return _found(NonCorrespondence.BOUNCE, 1.0, shown)


def _calendar(view: View) -> Found[NonCorrespondence] | None:
    if (view.letter.calendar_method or "").upper() != "REPLY":
        return None
    if len(view.words) > _SHORT_REPLY or _citizen(view) >= 2:
        return None
    return _found(
        NonCorrespondence.AUTO_REPLY, 0.97, Evidence(text="METHOD:REPLY", why="отговор на покана от календар")
    )


def _blank(view: View) -> Found[NonCorrespondence] | None:
    letter = view.letter
    if (
        view.text.strip()
        or view.subject
        or letter.attachments
        or letter.faults
        or letter.report
        or letter.quoted.strip()
        # What no finder looks at because it is endless is there all the same.
        or len(letter.text.strip()) + len((letter.subject or "").strip()) > _NEVER_BLANK
    ):
        return None
    if letter.covering_note.strip() or any(value.strip() for value in letter.form_fields.values()):
        return None
    if letter.content_pages and any(page.text.strip() or page.text_source == "none" for page in letter.content_pages):
        return None
    if letter.pages and letter.content_pages and not letter.legible:
        return None
    return _found(
        NonCorrespondence.BLANK, 0.95, Evidence(text="", why="няма тема, текст и приложения, или страниците са празни")
    )


def _weight(sightings: tuple[Sighting, ...]) -> float:
    """Each cue counts once for every different first word."""
    seen = {(id(s.hit.cue), s.words.words[s.hit.first].plain, s.in_subject): s.hit.weight for s in sightings}
    return sum(seen.values())


def _citizen(view: View) -> float:
    """How many different signs of a citizen's matter there are."""
    return float(len({s.words.words[s.hit.first].plain[:4] for s in view.seen("machine.citizen")}))


def _evidence(view: View, group: str) -> tuple[Evidence, ...]:
    return tuple(view.evidence(s) for s in view.seen(group)[:4])


def _from_daemon(head: MailHead) -> bool:
    return any(_DAEMON.search(box.address) or _DAEMON.search(box.name) for box in head.from_)


def _bounce(view: View) -> Found[NonCorrespondence] | None:
    head = view.letter.head
    if head is None:
        return None
    weight = _weight(view.seen("machine.bounce"))
    null_path = head.return_path == ""
    signs = (
        weight
        + (2 if _from_daemon(head) else 0)
        + (1 if null_path else 0)
        + (2 if head.first("x-failed-recipients") else 0)
    )
    if (weight >= 1 and signs >= 3 and signs > weight) or (weight >= 3 and not _speaks(view)):
        return _found(NonCorrespondence.BOUNCE, min(1.0, 0.7 + 0.05 * signs), *_evidence(view, "machine.bounce"))
    return None


def _auto_reply(view: View) -> Found[NonCorrespondence] | None:
    head = view.letter.head
    if head is None:
        return None
    declared = _declares_automatic(head)
    seen = view.seen("machine.auto_reply")
    weight = _weight(seen)
    in_subject = any(s.in_subject and s.hit.cue.row.where == "title" for s in seen)
    if declared:
        return _found(
            NonCorrespondence.AUTO_REPLY,
            0.97,
            Evidence(text=declared, why="полета на автоматично писмо (RFC 3834)"),
            *_evidence(view, "machine.auto_reply"),
        )
    if head.return_path == "" and weight >= 0.8:
        return _found(
            NonCorrespondence.AUTO_REPLY,
            0.9,
            Evidence(text="<>", why="празен обратен път"),
            *_evidence(view, "machine.auto_reply"),
        )
    said = [s for s in seen if not s.in_subject and not s.words.words[s.hit.first].quoted]
    if not said or _speaks(view):
        return None
    short = len(view.words) <= _SHORT_REPLY
    needed = 2.0 if in_subject else 2.8
    if short and weight >= needed + 0.8 * _own_matter(view) and (in_subject or len(seen) >= 2):
        return _found(
            NonCorrespondence.AUTO_REPLY, min(0.95, 0.6 + 0.1 * weight), *_evidence(view, "machine.auto_reply")
        )
    return None


def _speaks(view: View) -> bool:
    """Whether a person says something of their own: asks, complains, names a danger or a matter of the town.

    A machine that does not call itself one asks nothing; who is answered by it may quote it, ask and complain.
    """
    return bool(
        "?" in view.text
        or _own_matter(view) >= 1
        or _citizen(view) >= 2
        or any(s.hit.weight >= 1 for s in view.seen("danger"))
        or view.seen("machine.speaks")
    )


def _own_matter(view: View) -> float:
    """Signs that the writer has a matter of their own, so that „в отпуск съм“ is only said in passing."""
    return float(len({s.hit.group for s in view.seen("kinds") if s.hit.weight >= 1.5 and not s.in_subject}))


def _declares_automatic(head: MailHead) -> str:
    """The header field by which a mail says that a machine answers; `Auto-Submitted: no` says the opposite.

    `auto-generated` alone is no reply: town portals and monitors send such mail, and a person has to see it.
    """
    value = (head.first("auto-submitted") or "").partition(";")[0].strip().lower()
    if value.startswith("auto-replied"):
        return f"Auto-Submitted: {value}"
    for name in ("x-autoreply", "x-autorespond", "x-auto-reply-from", "x-autoreply-from", "x-mail-autoreply"):
        answer = head.first(name)
        if answer is not None and answer.strip().lower() not in ("no", "false", "0"):
            return f"{name}: {answer}"
    if (head.first("precedence") or "").strip().lower() == "auto_reply":
        return "Precedence: auto_reply"
    return ""


def _newsletter(view: View) -> Found[NonCorrespondence] | None:
    head = view.letter.head
    if head is None or view.letter.forwarded is not None:
        return None
    fields = [
        name
        for name in ("list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id")
        if head.first(name) is not None
    ]
    if (head.first("precedence") or "").strip().lower() in ("bulk", "list", "junk"):
        fields.append("precedence")
    weight = _weight(view.seen("machine.newsletter"))
    signs = weight + len(fields)
    citizen = _citizen(view)
    if (fields and weight >= 0.6 and signs >= 2 and signs > citizen) or (
        len(fields) >= 2 and "list-unsubscribe" in fields and not _speaks(view)
    ):
        shown = Evidence(text=", ".join(fields), why="полета на писмо до много получатели")
        return _found(
            NonCorrespondence.NEWSLETTER, min(1.0, 0.6 + 0.08 * signs), shown, *_evidence(view, "machine.newsletter")
        )
    unsubscribe = [s for s in view.seen("machine.newsletter") if s.hit.weight >= 1]
    if (
        not fields
        and not _speaks(view)
        and len({s.hit.first for s in unsubscribe}) >= 2
        and weight >= 2
        and weight > citizen
    ):
        return _found(NonCorrespondence.NEWSLETTER, 0.75, *_evidence(view, "machine.newsletter"))
    return None


def _spam(view: View) -> Found[NonCorrespondence] | None:
    seen = view.seen("machine.spam")
    executable = [part.filename for part in view.letter.attachments if _EXECUTABLE.search(part.filename.strip())]
    groups = len({s.hit.cue.row.why for s in seen})
    weight = (
        _weight(seen)
        + (2.5 if executable else 0)
        + (0.8 if seen and _LINK.search(view.letter.text) else 0)
        + 0.3 * max(0, groups - 1)
    )
    if not seen or len({s.hit.first for s in seen}) < 2:
        return None
    needed = _SPAM + _SPAM_NEXT_TO_A_CITIZEN * _citizen(view)
    if _kept_as_matter(view) and not executable:
        needed += 2
    if weight < needed:
        return None
    shown = [Evidence(text=name, why="изпълним или маскиран файл") for name in executable[:1]]
    return _found(NonCorrespondence.SPAM, min(0.97, 0.5 + 0.08 * weight), *shown, *_evidence(view, "machine.spam"))


def _kept_as_matter(view: View) -> bool:
    """Whether kinds of the town's work are named strongly, as in a request, a complaint or an inquiry."""
    return sum(s.hit.weight for s in view.seen("kinds") if s.hit.name not in ("other", "proposal")) >= 3.0
