"""What no person wrote to the town: automatic replies, bounces, newsletters, spam, and nothing at all.

In this order; the first that holds decides. A citizen must never be set aside wrongly, so whatever looks like a matter
of the town weighs against it, and a file that could not be read is correspondence for a person.

1. A contact form with a citizen's fields, or a citizen's letter inside a forward: correspondence.
2. A delivery status notification (RFC 3464) is a bounce, a disposition notification (RFC 8098) an automatic reply.
3. A calendar answer (text/calendar, METHOD:REPLY) is an automatic reply.
4. Nothing: no subject, no text, no attachment, or blank pages only.
5. The null reverse-path (RFC 5321, 4.5.5) or a mailer-daemon, with the wording of one: a bounce.
6. Auto-Submitted (RFC 3834) by its value, and its older relatives: an automatic reply.
7. The parts of a fraud together, whatever list it came through: spam.
8. Two parts of an automatic reply (away, until when, who else, received, written by a machine) and nobody's own matter.
9. Two parts of what systems report of themselves (a machine, its state, a task of theirs): an automatic reply.
10. List-Unsubscribe (RFC 2369), List-Id or Precedence with the wording of one, or the wording alone: a newsletter.
11. The parts of an advertisement together: spam.
12. On paper, what is printed for everybody's letter box: a newsletter or spam.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from mailroom.folding import name_key
from mailroom.model.findings import Evidence, Found, NonCorrespondence
from mailroom.model.letter import MailHead
from mailroom.understanding.printed import find_printed
from mailroom.understanding.unsolicited import (
    about_the_town,
    citizen_signs,
    find_fraud,
    find_spam,
    find_teaser,
    weight_of,
)
from mailroom.understanding.view import Sighting, View

_DAEMON = re.compile(
    r"(?i)^(?:mailer-daemon|postmaster|mail-?daemon|maildelivery|bounces?)(?:[-+.].*)?(?:@|$)|"
    r"mail delivery (?:sub)?system|microsoft ?(?:outlook|exchange)"
)
_DISCLAIMER = re.compile(
    r"(?i)поверителн|конфиденциал|предназначен[оаи]? (?:само|единствено)|получили (?:го )?по погрешка|confidential|"
    r"intended (?:solely|only)|in error|преди да отпечата|before printing"
)
_MESSAGE = re.compile(r"(?i)съобщение|писмо|имейл|електронн|message|e-?mail|отпечат|printing")
_CONTACT = re.compile(
    r"(?i)^\W*(?:тел|tel|gsm|моб|mob|phone|факс|fax|e-?mail|имейл|www\.|https?://|\+?\d[\d /()-]{5,}$|\S+@\S+$)"
)
_BULK_MAILBOX = re.compile(
    r"(?i)^(?:newsletters?|e?-?news|digest|bulletin|bu?y?uletin|novini|abonament|mailing|campaigns?|marketing)[\d._+-]*@"
)
_OPT_OUT = re.compile(r"отпи[сш]|отабон|unsub|abmeld|désab")
_FORWARDED = re.compile(
    r"(?im)^[ >]*[-_=]{3,} ?(?:forwarded|original|препратено|оригинално) (?:message|съобщение|писмо)\b|"
    r"^begin forwarded message"
)
_FORWARD_SUBJECT = re.compile(r"(?i)\s*(?:re: ?)?(?:fwd?|fw|препр|пр|прпр|препратено)\s*:")
_WILL = re.compile(r"\bще (?:(?:го|я|ги|ви|ти|му|ѝ|й|им|се|си) ){0,3}(?P<verb>[а-я]{2,20}(?:а|я|ам|ям))\b")
"""A verb of the first person after „ще“; the third ends otherwise."""
_COMMENT = 5
"""Words above a forward that say something."""
_SELF = frozenset({"аз", "ми", "ме", "мен", "съм"})
"""Nobody who writes to many says so."""
_FEW_LINES = 12
_BALLAST = 2_000
"""Characters of greetings, names and notices of confidentiality."""
_NEVER_BLANK = 300
"""More signs than a device's signature and an empty reply's subject have together."""
_SHORT_REPLY = 120
"""Words: an automatic reply is short."""
_AUTOMATIC = 1.8
"""What the words of an automatic reply must weigh together, of two parts at least: away, until when, who else, …"""
_TITLE = 2.0
"""Weight of the words that mail programs themselves write into the subject."""
_TITLE_ENDS = re.compile(r":|\s[-–—]\s")
_SEVERAL = 3
"""So many different words of one part do as well as two parts."""
_POLITE = frozenset({"inquiry", "other", "praise"})
"""Kinds whose words a machine writes too: „благодарим за Вашето запитване“."""
_REPORTED = 2
"""Parts of a system's report that tell it."""
_CLEARLY = 5
"""So many parts of an automatic reply leave no doubt."""
_EVENT = 3
"""So many different words of a training or conference are an invitation to many."""


def find_noncorrespondence(view: View, _: Mapping[str, Any]) -> Found[NonCorrespondence] | None:
    """What kind of non-letter it is; null for correspondence."""
    if view.letter.faults and not view.text.strip():
        return None
    if _by_citizen_fields(view):
        return None
    for check in _CHECKS:
        found = check(view)
        if found is not None:
            return found
    return None


def _by_citizen_fields(view: View) -> bool:
    """Whether a contact form or a forward brings a citizen; what a robot writes into a form is judged as any words."""
    if any(view.form_value(name) for name in ("form_message", "form_name", "form_email", "form_phone")):
        return find_spam(view) is None
    if view.letter.forwarded is None:
        return _comments_on_a_forward(view)
    return _passes_on(view) or (view.mailbox is not None and citizen_signs(view) > 0)


def _passes_on(view: View) -> bool:
    """Whether somebody from outside passes on, with words of their own, what they were sent."""
    head = view.letter.head
    if head is None or not view.letter.covering_note.strip():
        return False
    return any(box.address and not view.is_own_or_robot(box.address) for box in head.from_)


def _comments_on_a_forward(view: View) -> bool:
    """Whether somebody says what no machine says above what they were sent."""
    announced = _FORWARDED.search(view.letter.text)
    above = view.letter.text[: announced.start()] if announced else ""
    if len(above.split()) < _COMMENT or not _FORWARD_SUBJECT.match(view.letter.subject or ""):
        return False
    alone = View(view.letter.model_copy(update={"text": above}), view.pack, view.knowledge)
    return all(check(alone) is None for check in _CHECKS)


def _found(value: NonCorrespondence, confidence: float, *evidence: Evidence) -> Found[NonCorrespondence]:
    return Found(value=value, confidence=confidence, evidence=evidence)


def _report(view: View) -> Found[NonCorrespondence] | None:
    report, head = view.letter.report, view.letter.head
    if report is None and head is not None and head.media_type == "multipart/report":  # RFC 6522: of abuse and others
        return _found(NonCorrespondence.BOUNCE, 0.95, Evidence(text=head.media_type, why="служебно съобщение"))
    if report is None:
        return None
    action = (report.action or "").lower()
    shown = Evidence(
        text=report.diagnostic or report.status or report.action or "", why="служебно съобщение на пощенски сървър"
    )
    disposition = action in ("displayed", "deleted", "dispatched", "processed", "denied", "failed-disposition")
    if disposition or (head and "disposition" in (head.first("content-type") or "")):
        return _found(
            NonCorrespondence.AUTO_REPLY, 1.0, Evidence(text=view.letter.subject or action, why="известие за прочитане")
        )
    return _found(NonCorrespondence.BOUNCE, 1.0, shown)


def _calendar(view: View) -> Found[NonCorrespondence] | None:
    if (view.letter.calendar_method or "").upper() != "REPLY":
        return None
    typed_along = "?" in view.text or view.seen("machine.plans") or citizen_signs(view) >= 2
    if len(view.words) > _SHORT_REPLY or typed_along:
        return None
    return _found(
        NonCorrespondence.AUTO_REPLY, 0.97, Evidence(text="METHOD:REPLY", why="отговор на покана от календар")
    )


def _blank(view: View) -> Found[NonCorrespondence] | None:
    letter = view.letter
    if (
        not _says_nothing(view)
        or re.search(r"\w", view.subject)
        or letter.attachments
        or letter.faults
        or letter.report
        or letter.quoted.strip()
        # What no finder looks at because it is endless is there all the same.
        or len(letter.text.strip()) + len((letter.subject or "").strip())
        > (_BALLAST if view.text.strip() else _NEVER_BLANK)
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


def _says_nothing(view: View) -> bool:
    """Whether there is no word, or only what stands around a letter: greeting, name, telephone, confidentiality."""
    lines = [line.text.strip() for line in view.lines if not line.blank]
    if view.letter.head is None or any(view.seen(group) for group in ("kinds", "machine.asks", "protected", "danger")):
        return not view.text.strip()
    return not view.text.strip() or (len(lines) <= _FEW_LINES and all(_is_ballast(view, line) for line in lines))


def _is_ballast(view: View, line: str) -> bool:
    if not re.search(r"\w", line):
        return not any(unicodedata.category(sign) == "So" for sign in line)  # 👍 says something
    bare, words = line.strip(" ,.!-–—").lower(), line.split()
    lists = view.knowledge.lexicon.list
    around = bare in lists("sender.closings") or (len(words) <= 2 and bare.startswith(lists("sender.salutations")))
    if around or (_DISCLAIMER.search(line) and _MESSAGE.search(line)) or (_CONTACT.match(line) and len(words) <= 6):
        return True
    named = len(words) <= 4 and all(word[:1].isupper() for word in words)
    return named and name_key(words[0].strip(".,")) in view.knowledge.first_names


def _evidence(view: View, group: str) -> tuple[Evidence, ...]:
    return tuple(view.evidence(s) for s in view.seen(group)[:4])


def _from_daemon(head: MailHead) -> bool:
    return any(_DAEMON.search(box.address) or _DAEMON.search(box.name) for box in head.from_)


def _bounce(view: View) -> Found[NonCorrespondence] | None:
    head = view.letter.head
    if head is None:
        return None
    weight = weight_of(view.seen("machine.bounce"))
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


def _declared(view: View) -> Found[NonCorrespondence] | None:
    """What says of itself, in its header, that a machine answers."""
    head = view.letter.head
    declared = _declares_automatic(head) if head else ""
    if not declared:
        return None
    shown = Evidence(text=declared, why="полета на автоматично писмо (RFC 3834)")
    return _found(NonCorrespondence.AUTO_REPLY, 0.97, shown, *_evidence(view, "machine.auto_reply"))


def _auto_reply(view: View) -> Found[NonCorrespondence] | None:
    head = view.letter.head
    if head is None or (view.seen("machine.brings") and not _is_titled(view)):
        return None
    seen = view.seen("machine.auto_reply")
    weight = weight_of(seen)
    if head.return_path == "" and weight >= 0.8:
        shown = Evidence(text="<>", why="празен обратен път")
        return _found(NonCorrespondence.AUTO_REPLY, 0.9, shown, *_evidence(view, "machine.auto_reply"))
    titled = _is_titled(view)
    said = [
        s
        for s in seen
        if not s.words.words[s.hit.first].quoted and (titled or s.hit.cue.row.where != "title")
    ]
    parts = {s.hit.cue.row.why for s in said} | ({hint} if (hint := _hints_at_a_machine(view, head)) else set())
    if len(view.words) > _SHORT_REPLY or _answers(view, said):
        return None
    several = len(parts) >= 2 or len({s.words.words[s.hit.first].plain for s in said}) >= _SEVERAL
    if not titled and (
        not several or all(s.in_subject for s in said) or weight_of(tuple(said)) + (1 if hint else 0) < _AUTOMATIC
    ):
        return None
    return _found(NonCorrespondence.AUTO_REPLY, min(0.95, 0.6 + 0.1 * weight), *_evidence(view, "machine.auto_reply"))


def _monitor(view: View) -> Found[NonCorrespondence] | None:
    """A server, a backup or an uninterruptible supply reports to whoever looks after it.

    Its words alone need a third part where no field of the header tells of a machine. Alarms of buildings speak of no
    server; they stay for a person.
    """
    head, seen = view.letter.head, view.seen("machine.monitor")
    if head is None or not seen or view.letter.forwarded is not None or view.letter.form_fields:
        return None
    parts = {s.hit.cue.row.why for s in seen}
    needed = _REPORTED if _hints_at_a_machine(view, head) else _REPORTED + 1
    spoken = "?" in view.text or view.seen("machine.speaks") or view.seen("machine.plans")
    person = spoken or citizen_signs(view) >= needed or any(word.plain in _SELF for word in view.words.words)
    if len(parts) < needed or person:
        return None
    return _found(NonCorrespondence.AUTO_REPLY, 0.85, *_evidence(view, "machine.monitor"))


def _answers(view: View, said: list[Sighting]) -> bool:
    """Whether a person speaks; what calls itself an automatic reply, or says enough of one, may name the matter."""
    if view.seen("machine.plans") or view.seen("machine.asks") or _plans(view):
        return True
    titled = any(s.in_subject and s.hit.cue.row.where == "title" for s in said)
    parts = len({s.hit.cue.row.why for s in said})
    if not titled and parts < (2 if view.seen("machine.says_so") else _CLEARLY):
        return _speaks(view)
    told = citizen_signs(view) >= 2 or (citizen_signs(view) >= 1 and about_the_town(view))
    return "?" in view.text or bool(view.seen("machine.speaks")) or told


def _plans(view: View) -> bool:
    """Whether somebody says what they will do („ще го подпиша“) other than read and answer mail."""
    replies = view.knowledge.lexicon.list("machine.reply_verbs")
    return any(match["verb"] not in replies for match in _WILL.finditer(view.clear.lower()))


def _is_titled(view: View) -> bool:
    """Whether the subject begins with what mail programs put before the one they answer („Автоматичен отговор: …“,
    „Return Receipt (displayed) - …“), or is nothing else and the text says more than the subject."""
    before, sign, _ = _TITLE_ENDS.sub("\n", view.letter.subject or "", count=1).partition("\n")
    titles = [
        s.hit
        for s in view.seen("machine.auto_reply")
        if s.in_subject and s.hit.first == 0 and s.hit.cue.row.where == "title" and s.hit.weight >= _TITLE
    ]
    if not before.strip() or len(before.split()) > 4 or not view.subject.startswith(before.strip()):
        return False
    return bool(titles) if sign else any(hit.last > hit.first for hit in titles) and _says_more(view)


def _says_more(view: View) -> bool:
    seen = view.seen("machine.auto_reply")
    titled = {s.hit.cue.row.why for s in seen if s.in_subject}
    return any(s.hit.cue.row.why not in titled for s in seen)


def _hints_at_a_machine(view: View, head: MailHead) -> str:
    """A field that machines write and people's programs do not; alone it says little."""
    if head.return_path == "":
        return "празен обратен път"
    if (head.first("auto-submitted") or "no").strip().lower() not in ("no", ""):
        return "Auto-Submitted"
    if head.first("x-auto-response-suppress") is not None:
        return "X-Auto-Response-Suppress"
    if (head.first("precedence") or "").strip().lower() in ("bulk", "junk"):
        return "Precedence"
    return "поща на машина" if any(view.is_own_or_robot(box.address) for box in head.from_ if box.address) else ""


def _speaks(view: View) -> bool:
    """Whether a person says something of their own: asks, complains, names a danger or a matter of the town.

    A machine that does not call itself one asks nothing; who is answered by it may quote it, ask and complain.
    """
    return bool(
        "?" in view.text
        or _own_matter(view) >= 1
        or citizen_signs(view) >= 2
        or any(s.hit.weight >= 1 for s in view.seen("danger"))
        or view.seen("machine.speaks")
    )


def _own_matter(view: View) -> float:
    """Signs that the writer has a matter of their own, so that „в отпуск съм“ is only said in passing."""
    said = {s.hit.name for s in view.seen("kinds") if s.hit.weight >= 1.5 and not s.in_subject}
    return float(len(said - _POLITE))


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
    if head is None or view.letter.forwarded is not None or view.letter.form_fields:
        return None
    fields = _fields_of_bulk_mail(head)
    if fields and (_discusses(head) or view.seen("machine.addressed")) and _has_matter(view):
        return None
    weight = weight_of(view.seen("machine.newsletter"))
    signs = weight + len(fields)
    if (fields and weight >= 0.6 and signs >= 2 and signs > citizen_signs(view)) or (
        fields and not _has_matter(view) and (len(fields) >= 2 or weight)
    ):
        shown = Evidence(text=", ".join(fields), why="полета на писмо до много получатели")
        return _found(
            NonCorrespondence.NEWSLETTER, min(1.0, 0.6 + 0.08 * signs), shown, *_evidence(view, "machine.newsletter")
        )
    return _newsletter_by_words(view, weight)


def _newsletter_by_words(view: View, weight: float) -> Found[NonCorrespondence] | None:
    """A newsletter without its header: how to be rid of it, why one gets it; or an event, its fee and its speakers."""
    seen = view.seen("machine.newsletter")
    footers = [s for s in seen if s.hit.weight >= 1 and not s.words.words[s.hit.first].quoted]
    footer = {s.words.words[s.hit.first].plain[:5] for s in footers}
    event = {s.hit.first for s in seen if s.hit.weight < 1 and not s.in_subject}
    if any(word.plain in _SELF for word in view.words.words):
        return None
    if _has_matter(view) or view.seen("machine.speaks") or (_asks_outside(view, seen) and len(event) < 2 * _EVENT):
        return None
    several = (len(footer) >= 2 and weight >= 2) or (len(event) >= _EVENT and weight >= 2)
    if several or _sent_in_bulk(view, footers):
        return _found(NonCorrespondence.NEWSLETTER, 0.75, *_evidence(view, "machine.newsletter"))
    return None


def _asks_outside(view: View, seen: tuple[Sighting, ...]) -> bool:
    """Whether there is a question, other than „Не искате да получавате повече писма?“."""
    footers = {view.line_at(s.words.words[s.hit.first].start) for s in seen if not s.in_subject}
    return any("?" in line.text for index, line in enumerate(view.lines) if index not in footers)


def _sent_in_bulk(view: View, footers: list[Sighting]) -> bool:
    """Whether a mailbox for newsletters wrote it, or a robot that tells how to be rid of it."""
    boxes = [box.address for box in view.letter.head.from_] if view.letter.head else []
    if footers and any(_BULK_MAILBOX.match(address) for address in boxes):
        return True
    rid = any(_OPT_OUT.match(s.words.words[s.hit.first].plain) for s in footers)
    return rid and any(address and view.is_own_or_robot(address) for address in boxes)


def _fields_of_bulk_mail(head: MailHead) -> list[str]:
    names = ("list-unsubscribe", "list-unsubscribe-post", "list-id", "feedback-id")
    fields = [name for name in names if head.first(name) is not None]
    if (head.first("precedence") or "").strip().lower() in ("bulk", "list", "junk"):
        fields.append("precedence")
    return fields


def _discusses(head: MailHead) -> bool:
    """Whether it came through a list on which people write to each other (RFC 2369, List-Post)."""
    posted = (head.first("list-post") or "no").strip().lower()
    return posted != "no" or (head.first("precedence") or "").strip().lower() == "list"


def _has_matter(view: View) -> bool:
    return bool(
        citizen_signs(view)
        or view.seen("machine.asks")
        or view.seen("machine.reports")
        or view.seen("danger")
        or about_the_town(view)
    )


_CHECKS = (
    _report,
    _calendar,
    _blank,
    _bounce,
    _declared,
    find_fraud,
    _auto_reply,
    _monitor,
    _newsletter,
    find_spam,
    find_teaser,
    find_printed,
)
"""In this order; the first that finds something decides."""
