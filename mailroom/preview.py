"""A letter as the citizen would see it, before any is sent: of an item of the register, or of an invented one."""

from datetime import date, datetime, timedelta

from mailroom import morning
from mailroom.charter.decide import decide
from mailroom.correspondence.acknowledgement import write_acknowledgement
from mailroom.correspondence.alert import write_alert
from mailroom.correspondence.extension import write_extension
from mailroom.correspondence.letters import FIELDS, write_letter, write_satisfaction
from mailroom.correspondence.reminder import Reminder, ReminderStage, write_reminder
from mailroom.digest.write import write_digest
from mailroom.errors import BadRequest
from mailroom.model.arrival import Arrival, Channel
from mailroom.model.base import day_of
from mailroom.model.entry import Entry
from mailroom.model.item import Decision, DecisionState, Item, Status, Step
from mailroom.model.letter import Letter, Mailbox, MailHead
from mailroom.model.outgoing import Draft, LetterType
from mailroom.model.verdict import Outcome
from mailroom.office import Office
from mailroom.registration.numbering import render_number, series_of
from mailroom.registration.routing import assign
from mailroom.registration.terms import due_for
from mailroom.understanding.understand import understand

SAMPLE = """Уважаема госпожо Кмет,

На ъгъла на улица „Липа“ и улица „Бреза“ уличната лампа не свети от две седмици и вечер не се вижда стълбището.
Моля да изпратите екип.

С уважение,
Иванка Примерова
ул. „Липа“ № 7, вх. А, ет. 2, ап. 5
"""
SAMPLE_TYPED = {"body": "Областна дирекция на полицията", "body_address": "ул. „Бреза“ № 1, 9999 Примерово",
                "uin": "ПРОБА-0000"}
SAMPLE_LINK = "/r/Xq3vB7sK2mT9wZ4pL8nRcA"
SAMPLE_REASON = "Нужен е оглед на място, който поради времето не можа да се направи досега."


def preview(office: Office, letter_type: LetterType, number: str | None) -> Draft:
    """The letter of this type. `number` null: about an invented letter of today.

    Raises BadRequest when there is no such number, or nobody to write to.
    """
    if letter_type is LetterType.DIGEST:
        return digest_letter(office, office.today())
    item = _sample(office, office.now()) if number is None else _item(office, number)
    if item.entry is None:
        raise BadRequest(f"{number} has no registration number yet")
    public_url = office.settings.web.public_url
    if letter_type is LetterType.ACKNOWLEDGEMENT:
        draft = write_acknowledgement(item, item.entry, office.pack, office.templates,
                                      from_address=office.from_address, public_url=public_url, now=office.now())
    elif letter_type is LetterType.ALERT:
        draft = write_alert(item.id, item.entry.registration_number, office.pack, office.templates, urgent=True,
                            recipient=office.from_address, from_address=office.from_address,
                            queue_url=office.settings.web.staff_url, now=office.now())
    elif letter_type in FIELDS:
        draft = write_letter(letter_type, SAMPLE_TYPED, _as_decided(item, letter_type), item.entry, office.pack,
                             office.templates, from_address=office.from_address, public_url=public_url,
                             now=office.now())
    elif letter_type is LetterType.SATISFACTION:
        draft = write_satisfaction(item, item.entry, office.pack, office.templates, from_address=office.from_address,
                                   public_url=public_url, now=office.now(), rating_url=f"{public_url}{SAMPLE_LINK}")
    elif letter_type is LetterType.REMINDER:
        draft = _reminder(office, item.entry)
    else:
        after = item.entry.due.date or office.now().date()
        until = office.calendar.next_working(after + timedelta(days=30))
        draft = write_extension(item, item.entry, office.pack, office.templates, reason=SAMPLE_REASON,
                                action="", superior=None, new_date=until, from_address=office.from_address,
                                public_url=public_url, now=office.now())
    if draft is None:
        raise BadRequest(f"{number}: the letter names neither an e-mail nor a whole postal address to answer to")
    return draft


def _as_decided(item: Item, letter_type: LetterType) -> Item:
    """The item as it would stand when this letter is written, so that every letter can be looked at."""
    outcome = {LetterType.NOT_CONSIDERED: Outcome.NOT_CONSIDERED,
               LetterType.INFORMATION_REFUSED: Outcome.INFORMATION_REFUSED}.get(letter_type, Outcome.CONSIDER)
    findings, verdict = item.findings, item.verdict
    assert findings is not None and verdict is not None
    if letter_type is LetterType.MISSING_DETAILS:
        findings = findings.model_copy(update={"sender_name": None, "organisation": None})
    decision = Decision(outcome=outcome, state=DecisionState.CONFIRMED, reason=SAMPLE_REASON)
    verdict = verdict.model_copy(update={"sealed": letter_type is LetterType.WHISTLEBLOWER_RECEIPT})
    return item.model_copy(update={"findings": findings, "verdict": verdict, "decision": decision})


def _reminder(office: Office, entry: Entry) -> Draft:
    """With one date of each stage."""
    day = entry.due.date or office.today()
    lines = [Reminder(number=entry.registration_number, stage=stage, clock="statute", due=day)
             for stage in ReminderStage]
    return write_reminder(lines, office.pack, office.templates, recipient=office.from_address,
                          from_address=office.from_address, queue_url=office.settings.web.staff_url, now=office.now())


def digest_letter(office: Office, day: date) -> Draft:
    """The mayor's office digest of one morning, as its first recipient would get it."""
    recipient = next(iter(office.settings.digest.recipients), office.from_address)
    return write_digest(morning.digest(office, day), office.pack, office.templates, recipient=recipient,
                        from_address=office.from_address, queue_url=office.settings.web.staff_url, now=office.now())


def _item(office: Office, number: str) -> Item:
    with office.store.reading() as register:
        item_id = register.items.by_number(number)
        item = register.items.get(item_id) if item_id is not None else None
    if item is None:
        raise BadRequest(f"there is no item with the number „{number}“")
    return item


def _sample(office: Office, now: datetime) -> Item:
    """An invented letter, gone through the real finders, charter and calendar; nothing is written anywhere."""
    head = MailHead(message_id="<preview@example.bg>", date=now,
                    from_=(Mailbox(name="Иванка Примерова", address="ivanka.primerova@example.com"),))
    letter = Letter(channel=Channel.EMAIL, media_type="message/rfc822", subject="Несветеща улична лампа", text=SAMPLE,
                    head=head)
    findings = understand(letter, office.pack, office.knowledge)
    today = day_of(now)
    verdict = decide(letter, findings, office.pack, received_on=today)
    numbering = office.pack.numbering
    series = series_of(numbering, findings.kind.value)
    case_number, number = render_number(numbering, kind=findings.kind.value, sender_initial="И", sequence=1, on=today)
    entry = Entry(
        item_id=0, registration_number=number, case_number=case_number, series=series, year=today.year, sequence=1,
        registered_at=now, access_code="ПРОБА", assigned_to=assign(findings, verdict, office.pack, today),
        due=due_for(findings, channel=Channel.EMAIL, received_at=now, registered_at=now, pack=office.pack,
                    calendar=office.calendar))
    arrival = Arrival(id=0, item_id=0, source="preview", key="preview", file="preview.eml", sha256="0" * 64, size=0,
                      media_type="message/rfc822", received_at=now, noted_at=now)
    return Item(id=0, version=1, step=Step.SETTLED, status=Status.REGISTERED, channel=Channel.EMAIL, received_at=now,
                arrivals=(arrival,), letter=letter, findings=findings, verdict=verdict,
                decision=Decision(outcome=verdict.outcome), entry=entry)
