"""The way of a letter through the mailroom, told once and in order.

    receive      the bytes are kept and the arrival noted                       (intake)
    read         bytes become a letter: text, pages, header, faults; a scan
                 batch becomes its letters                                      (reading)
    judge        the letter is understood and measured by charter and law       (understanding, charter)
    register     number, due date, officer, history and acknowledgement's draft:
                 one transaction                                                (registration, correspondence)
    deliver      a queued letter is handed over, at most once                   (dispatch)

Every step takes an id, may be run again, and leaves the item in its next state; so a crash anywhere repeats one step
and changes nothing else. Small mails that came together go the same way together, in one transaction
(go_together). What people do with an item stands in desk.py; what runs the steps, in engine/.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mailroom.case_file import (
    answered_by,
    cancel_letter,
    confide,
    file_answer,
    find_case,
    is_copy,
    put_in_case,
    verdict_in_case,
)
from mailroom.charter.decide import decide
from mailroom.correspondence.acknowledgement import write_acknowledgement
from mailroom.correspondence.alert import write_alert
from mailroom.correspondence.echo import answered_letter, same_words
from mailroom.correspondence.may_reply import Permission, Town, Traffic, may_reply
from mailroom.correspondence.receipt import write_receipt
from mailroom.dispatch.return_path import read_return_path, return_path
from mailroom.dispatch.transport import Carrier
from mailroom.errors import BadRequest, TryAgain, Unsure
from mailroom.intake.door import take_in_all
from mailroom.joining import awaited_pages, join_labelled, with_label_told
from mailroom.measures import PAGES, step
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.base import MACHINE, ItemId, OutgoingId, day_of
from mailroom.model.entry import Entry
from mailroom.model.findings import Findings, Matter
from mailroom.model.item import DecisionState, Item, Status, Step
from mailroom.model.letter import Fault, Letter, TextSource
from mailroom.model.outgoing import STILL_HERE, Draft, LetterType, OutgoingChannel, OutgoingStatus
from mailroom.model.staff import Role
from mailroom.model.taken_down import TakenDown
from mailroom.model.verdict import Verdict
from mailroom.office import Office
from mailroom.reading.batch import letters_in
from mailroom.reading.codes import code_svg
from mailroom.reading.faults import with_virus
from mailroom.registration.access_code import new_access_code
from mailroom.registration.numbering import render_number, series_of
from mailroom.registration.routing import accused, assign
from mailroom.registration.terms import due_for, recounted
from mailroom.returns import hear_of_letter
from mailroom.store.items import Unread
from mailroom.store.keys import RETURN_PATH
from mailroom.store.store import Register
from mailroom.understanding.corrections import corrected
from mailroom.understanding.understand import understand

_SEALED = {"matter": Matter.WHISTLEBLOWER.value}
"""Of a letter that bears the label of a sealed one: it may be the same letter, scanned once more."""
ECHOES_COME_WITHIN = timedelta(days=30)
"""So long an answer to an automatic letter of ours is known as one by its subject and words."""
AT_ONCE = timedelta(minutes=15)
"""Who answers an automatic letter so soon may be a machine; a person waits for a confirmation without harm."""
SAYINGS = 10
"""Earlier letters of a sender in which the same words are looked for."""
MADE_A_LETTER = frozenset({"reclassified", "split_off"})
"""Deeds by which something gets a number that the machine would not have given it."""


def receive(office: Office, incoming: Incoming) -> ItemId:
    """Post has come: keep it, note it. After this the source may settle the message."""
    return receive_all(office, [incoming])[0]


def receive_all(office: Office, incoming: Sequence[Incoming]) -> list[ItemId]:
    """Much has come at once: all of it is kept and noted, or nothing."""
    return take_in_all(office.store, incoming, office.now())


def read(office: Office, item_id: ItemId) -> None:
    """Read the original. A mail that came to two mailboxes of the town becomes one item here.

    Raises TryAgain while the folder of originals does not give it: a share that hangs, or has not heard of it yet.
    """
    with office.store.reading() as register:
        unread = register.items.unread(item_id)
    if unread is None:
        return
    original = office.store.originals.path(unread.sha256)
    try:
        virus = _virus_in(office, original)
        letter = office.reader.read(original, unread.channel, unread.part_pages)
    except OSError as error:
        raise TryAgain(f"the original {unread.sha256} cannot be opened: {error.strerror}") from error
    PAGES.inc(sum(page.text_source is TextSource.OCR for page in letter.pages))
    keep_letter(office, item_id, with_virus(letter, virus) if virus else letter)


def _virus_in(office: Office, original: Path) -> str:
    """The name of what the antivirus finds in it, or empty; what cannot be looked at now is looked at later."""
    found = office.antivirus.virus_in(original)
    if found is None:
        with office.store.transaction() as register:
            register.unscanned.add(original.name, office.now())
    return found or ""


def keep_letter(office: Office, item_id: ItemId, letter: Letter) -> None:
    """Keep what was read, or find that the same message is here already.

    A scan batch becomes its letters here, all of them or, after a crash, none: the first keeps the item.
    """
    with office.store.transaction() as register:
        _keep_letter(office, register, item_id, letter)


def _keep_letter(office: Office, register: Register, item_id: ItemId, letter: Letter) -> Sequence[Letter]:
    """What the item and those that follow it were made of; nothing where the letter was here already."""
    if register.items.step(item_id, lock=True) is not Step.ARRIVED:
        return ()
    twin = register.items.twin(letter)
    if twin is not None:
        register.arrivals.give_to(item_id, twin)
        register.items.dissolve(item_id)
        register.history.note("arrived_again", who=MACHINE, at=office.now(), item_id=twin, linked_from=item_id)
        return ()
    told = tuple(Fault(code="source", sentence=fault) for fault in register.arrivals.faults_of(item_id))
    if told:
        letter = letter.model_copy(update={"faults": (*told, *letter.faults)})
    awaited = awaited_pages(register, letter, office.now())
    letters = letters_in(letter, lowest=office.settings.ocr.legible_confidence, starts=awaited)
    if awaited:
        letters = tuple(join_labelled(office, register, item_id, letters, awaited))
    if letters:
        _keep_letters(office, register, item_id, letter, letters)
    return letters


def _keep_letters(office: Office, register: Register, item_id: ItemId, letter: Letter,
                  letters: Sequence[Letter]) -> None:
    """The letters that were read of one file, `letter`: the first is the item, the others follow it."""
    register.places.keep(item_id, letter)
    first, sealed = with_label_told(register, letters[0])
    if sealed:
        register.items.correct(item_id, _SEALED)
    register.items.keep_letter(item_id, first)
    _note_read(office, register, item_id, first)
    if (len(letters) > 1 or first.pages != letter.pages) and first.content_pages:
        register.items.keep_part(item_id, first)
    for further in letters[1:]:
        add_part(office, register, item_id, further, who=MACHINE)


def add_part(office: Office, register: Register, item_id: ItemId, letter: Letter, *, who: str) -> ItemId:
    """A further letter of the file that came as `item_id` goes its own way from here, from judgement on; its item."""
    told, sealed = with_label_told(register, letter)
    part_id = register.items.add_part(item_id, told)
    register.counter.share_scans(item_id, part_id)
    if sealed:
        register.items.correct(part_id, _SEALED)
    register.history.note("arrived_in_batch", who=who, at=office.now(), item_id=part_id, first=item_id)
    _note_read(office, register, part_id, letter)
    return part_id


def _note_read(office: Office, register: Register, item_id: ItemId, letter: Letter) -> None:
    register.history.note("read", who=MACHINE, at=office.now(), item_id=item_id,
                          faults=[fault.code for fault in letter.faults])


def copy(office: Office, item_id: ItemId) -> None:
    """Make a scan's searchable copy, when nobody waits for its letter any more. The original is only looked at.

    Raises TryAgain while the folder of originals is away.
    """
    item = office.store.item(item_id)
    if item is None or item.letter is None or item.copy_sha256:
        return
    office.store.originals.check()
    made = office.reader.searchable_copy([
        (office.store.originals.path(sha256), page.model_copy(update={"number": number}))
        for page in item.letter.content_pages for sha256, number in (item.sheet(page.number),)])
    sha256 = office.store.originals.keep(made).sha256 if made else None
    with office.store.transaction() as register:
        register.items.keep_copy(item_id, item.letter, sha256)


def judge(office: Office, item_id: ItemId) -> None:
    """Understand the letter, put the clerk's corrections in place, and decide what charter and law make of it."""
    with office.store.reading() as register:
        item = register.items.unjudged(item_id)
    if item is None:
        return
    findings, verdict = _judgement(office, item.letter, item.corrections, item.received_at)
    with office.store.transaction() as register:
        if register.items.version(item_id, lock=True) != item.version:
            return  # a person has changed it meanwhile: it is judged with that change
        _keep_judgement(register, item_id, findings, verdict)


def _judgement(office: Office, letter: Letter, corrections: dict[str, Any], received_at: datetime,
               understood: Findings | None = None) -> tuple[Findings, Verdict]:
    came = day_of(received_at)
    findings = corrected(understood or understand(letter, office.pack, office.knowledge, came), corrections)
    return findings, decide(letter, findings, office.pack, received_on=came)


def _keep_judgement(register: Register, item_id: ItemId, findings: Findings, verdict: Verdict) -> None:
    case = register.items.beginning_of_case(item_id)
    register.items.keep_judgement(item_id, findings, verdict_in_case(verdict, case))


def register(office: Office, item_id: ItemId) -> None:
    """Give the item its number, terms and officer, and draft the acknowledgement: one transaction, all or nothing.

    All correspondence is registered, anonymous, abusive and unreadable too (АПК 111(2)); what is no correspondence is
    set aside until a person confirms it, and a copy of our own answer stops the clock of what it answers. A letter that
    belongs to an earlier one joins its case.
    """
    with office.store.transaction() as book:
        _register(office, book, item_id)


def _register(office: Office, book: Register, item_id: ItemId) -> None:
    item = book.items.get(item_id, lock=True)
    if item is None or item.step is not Step.JUDGED:
        return
    if not item.correspondence:
        _set_aside(office, book, item)
        return
    belonging = None if item.entry else find_case(office, book, item)
    answered = answered_by(office, book, item, belonging) if belonging else ()
    if answered:
        file_answer(office, book, item, answered, who=MACHINE)
        return
    item = confide(book, item, belonging) if belonging else item
    entry = _follow_words(office, book, item) if item.entry else _write_entry(office, book, item)
    if belonging:
        put_in_case(office, book, item, belonging)
        entry = book.entries.of(item_id) or entry
    acknowledge(office, book, item, entry)
    alert(office, book, item, entry)
    book.items.settle(item_id, status_of(item))


def go_together(office: Office, item_ids: Sequence[ItemId]) -> None:
    """The same three steps for small mails that came together: read by one call, then kept, judged and registered in
    one transaction, in the order in which they came. All of them or nothing; what proves to be no plain letter of one
    mail goes on by itself.

    Raises what the steps raise, for whichever of the letters, and TryAgain when they cannot be read together.
    """
    with office.store.reading() as register:
        unread = register.items.all_unread(item_ids)
    with step(Step.ARRIVED, of=len(unread)):
        letters = _read_together(office, unread)
    with step(Step.READ, of=len(unread)):
        judged = _judge_together(office, unread, letters)
    with step(Step.JUDGED, of=len(unread)), office.store.transaction() as book:
        book.items.lock_all(unread)
        plain = [item_id for item_id in unread
                 if _keep_letter(office, book, item_id, letters[item_id]) == (letters[item_id],)]
        for item_id in plain:
            _keep_judgement(book, item_id, *judged[item_id])
        book.entries.wait_for_numbers()  # from here on other machines wait for us
        for item_id in plain:
            _register(office, book, item_id)


def _read_together(office: Office, unread: Mapping[ItemId, Unread]) -> dict[ItemId, Letter]:
    originals = [office.store.originals.path(one.sha256) for one in unread.values()]
    try:
        viruses = [_virus_in(office, original) for original in originals]
        letters = office.reader.read_mails(originals)
    except OSError as error:
        raise TryAgain(f"an original cannot be opened: {error.strerror}") from error
    if letters is None:
        raise TryAgain("the mails cannot be read by one call")
    PAGES.inc(sum(page.text_source is TextSource.OCR for letter in letters for page in letter.pages))
    return {item_id: with_virus(letter, virus) if virus else letter
            for item_id, letter, virus in zip(unread, letters, viruses, strict=True)}


def _judge_together(office: Office, unread: Mapping[ItemId, Unread], letters: Mapping[ItemId, Letter]) -> (
        dict[ItemId, tuple[Findings, Verdict]]):
    asked = [(letters[item_id], day_of(one.received_at)) for item_id, one in unread.items()]
    understood = office.thinking.understand_all(asked, office.knowledge.learned)
    return {item_id: _judgement(office, letters[item_id], one.corrections, one.received_at,
                                understood[at] if understood else None)
            for at, (item_id, one) in enumerate(unread.items())}


STEPS: dict[Step, Callable[[Office, ItemId], None]] = {Step.ARRIVED: read, Step.READ: judge, Step.JUDGED: register}
"""What is done with an item in each state."""


def status_of(item: Item) -> Status:
    """What a person has decided or done stands; else whether a person has to look."""
    assert item.verdict is not None
    decided = item.decision is not None and item.decision.state is DecisionState.CONFIRMED
    if item.entry and (decided or item.status not in (Status.ARRIVED, Status.REGISTERED, Status.IN_REVIEW)):
        return item.status
    return Status.IN_REVIEW if item.verdict.needs_review else Status.REGISTERED


def _follow_words(office: Office, book: Register, item: Item) -> Entry:
    """An item that has its number was judged again, because its paper came: the terms follow, and so does who works on
    it where the paper names that person, or shows that it must be sealed. What has not left yet then stays."""
    assert item.entry is not None and item.findings is not None and item.verdict is not None
    entry = item.entry
    due = due_for(item.findings, channel=item.channel, received_at=item.received_at,
                  registered_at=entry.registered_at, pack=office.pack, calendar=office.calendar,
                  inspection_needed=entry.inspection_needed, legible=item.letter is None or item.letter.legible)
    book.entries.set_due(item.id, recounted(entry.due, due, office.calendar))
    if item.sealed or entry.assigned_to.officer_id in accused(item.verdict, office.pack):
        book.entries.assign(item.id, assign(item.findings, item.verdict, office.pack,
                                            office.today()))
    stop_if_sealed(office, book, item)
    return book.entries.of(item.id) or entry


def stop_if_sealed(office: Office, book: Register, item: Item, *, act: int | None = None) -> None:
    """To a whistleblower only the confidential officer writes: what has not left yet does not leave. `act`: of the
    person by whom it became known (store/undo.py)."""
    for letter in item.letters if item.sealed else ():
        if letter.status in STILL_HERE:
            cancel_letter(office, book, letter, who=MACHINE, act=act)


def _write_entry(office: Office, book: Register, item: Item) -> Entry:
    """The line of the register."""
    assert item.findings is not None and item.verdict is not None
    now = office.now()
    today = day_of(now)
    findings, numbering = item.findings, office.pack.numbering
    series = series_of(numbering, findings.kind.value)
    sequence = book.entries.next_sequence(series, today.year)
    initial = findings.sender_name.value[:1].upper() if findings.sender_name else None
    case_number, number = render_number(numbering, kind=findings.kind.value, sender_initial=initial, sequence=sequence,
                                        on=today)
    entry = Entry(
        item_id=item.id, registration_number=number, case_number=case_number, series=series, year=today.year,
        sequence=sequence, registered_at=now, access_code=new_access_code(),
        due=due_for(findings, channel=item.channel, received_at=item.received_at, registered_at=now, pack=office.pack,
                    calendar=office.calendar, legible=item.letter is None or item.letter.legible),
        assigned_to=assign(findings, item.verdict, office.pack, today), counted_by=office.counted_by,
    )
    book.entries.add(entry)
    book.history.note("registered", who=MACHINE, at=now, item_id=item.id, number=number, due=entry.due.date,
                      department=entry.assigned_to.department_id)
    return entry


def acknowledge(office: Office, book: Register, item: Item, entry: Entry) -> None:
    """Draft the acknowledgement. A guard may hold it, never drop it: a person sees it and can release it."""
    assert item.letter is not None and item.findings is not None and item.verdict is not None
    if item.verdict.sealed or any(letter.type is LetterType.ACKNOWLEDGEMENT for letter in item.letters):
        return
    now, public_url = office.now(), office.settings.web.public_url
    taken = None if item.channel is Channel.EMAIL else book.counter.of(item.id)
    if taken and taken.in_hand:
        _give_receipt(office, book, item, entry, taken)
        return
    draft = write_acknowledgement(item, entry, office.pack, office.templates, from_address=office.from_address,
                                  public_url=public_url, now=now)
    if draft is None:
        book.history.note("no_acknowledgement", who=MACHINE, at=now, item_id=item.id, reason="no return address")
        return
    permitted = permission(office, book, item, draft)
    if draft.channel is OutgoingChannel.EMAIL and not permitted.allowed:
        draft = _held(draft, permitted.reason)
    put_in_outbox(office, book, draft, entry.registration_number, not_before=_thought_over(office, book, item))


def _thought_over(office: Office, book: Register, item: Item) -> datetime | None:
    """A letter that is one by a person's word is confirmed when that person has had the time to think better of it;
    null for any other."""
    deed = book.undo.last(item.id) if item.batch_of is not None or item.corrections else None
    if deed is None or deed.what not in MADE_A_LETTER:
        return None
    return deed.at + timedelta(seconds=office.settings.outgoing.undo_seconds)


def _give_receipt(office: Office, book: Register, item: Item, entry: Entry, taken: TakenDown) -> None:
    """The citizen stands at the counter: what is put into their hand is the confirmation, and no second one leaves."""
    now, public_url = office.now(), office.settings.web.public_url
    draft = write_receipt(item, entry, taken, office.pack, office.templates, from_address=office.from_address,
                          public_url=public_url, status_code=code_svg(public_url) if public_url else "", now=now)
    outgoing_id = book.outbox.put(draft, number=entry.registration_number, now=now)
    book.outbox.mark(outgoing_id, OutgoingStatus.SENT, sent_at=now)
    book.history.note("letter_drafted", who=taken.by, at=now, item_id=item.id, outgoing_id=outgoing_id,
                      type=draft.type, channel=draft.channel, status=draft.status)


def permission(office: Office, book: Register, item: Item, draft: Draft) -> Permission:
    """Whether a machine may send this letter about the item by itself, and why not."""
    assert item.letter is not None and item.findings is not None and item.verdict is not None
    settings = office.settings.outgoing
    town = Town(own_addresses=office.own_addresses, trusted_authserv_id=settings.trusted_authserv_id,
                per_sender_per_day=settings.per_sender_per_day, breaker_per_hour=settings.breaker_per_hour)
    return may_reply(item.letter, item.findings, item.verdict, town=town,
                     traffic=_traffic(office, book, item, item.letter, draft.to))


def _traffic(office: Office, book: Register, item: Item, letter: Letter, address: str) -> Traffic:
    """What went before between us and this address."""
    now = office.now()
    written = book.outbox.automatic_letters_to(address, now - ECHOES_COME_WITHIN)
    today = [ours for ours in written if now - ours.created_at <= timedelta(days=1)]
    answered = answered_letter(letter, written)
    earlier = book.items.letters_from(address, before=item.id, limit=SAYINGS) if answered or today else ()
    returned = read_return_path(letter, book.keys.get(RETURN_PATH))
    return Traffic(
        letters_today=len(today), automatic_last_hour=book.outbox.automatic_since(
            now - timedelta(hours=1), at_most=office.settings.outgoing.breaker_per_hour + 1),
        to_return_path=returned.outgoing_id is not None or returned.forged, answers_us=answered is not None,
        own_copy=is_copy(office, book, letter),
        at_once=bool(today) and now - today[0].created_at < AT_ONCE,
        said_before=any(same_words(letter, one, numbers=answered is None) for one in earlier))


def alert(office: Office, book: Register, item: Item, entry: Entry) -> None:
    """Tell at once whom it concerns, each person once, by the number alone: of a whistleblower's report its officer,
    of a danger the officer or department that works on it and those named in the settings."""
    assert item.verdict is not None
    if not (item.verdict.sealed or item.verdict.urgent):
        return
    wanted = _confidential_addresses(office, book) if item.verdict.sealed else (
        entry.assigned_to.email, *(office.settings.alerts.recipients or office.settings.digest.recipients))
    # What goes to a mailbox that is watched would come in again as a letter.
    known = {address.lower(): address for address in wanted if "@" in address}
    told = book.outbox.alerted(item.id)
    fresh = [address for key, address in known.items() if key not in told and key not in office.own_addresses]
    for address in fresh:
        draft = write_alert(item.id, entry.registration_number, office.pack, office.templates,
                            urgent=item.verdict.urgent, recipient=address, from_address=office.from_address,
                            queue_url=office.settings.web.staff_url, now=office.now())
        put_in_outbox(office, book, draft, entry.registration_number)
    if fresh or not told:
        book.history.note("alerted" if fresh else "nobody_alerted", who=MACHINE, at=office.now(), item_id=item.id,
                          people=len(fresh))


def _confidential_addresses(office: Office, book: Register) -> tuple[str, ...]:
    """Of the officer for whistleblowers' reports: as in the pack, and as with the log-in."""
    officer_id = office.pack.confidential_officer
    named = (office.pack.officer(officer_id).email,) if officer_id else ()
    people = (staff.email for staff in book.people.all() if staff.role is Role.CONFIDENTIAL and staff.active)
    return (*named, *people)


def put_in_outbox(office: Office, book: Register, draft: Draft, number: str, *,
                  not_before: datetime | None = None) -> OutgoingId:
    """The one way for a letter to leave; held when letters are switched off."""
    if office.letters_off_reason and draft.status is not OutgoingStatus.HELD:
        draft = _held(draft, office.letters_off_reason)
    outgoing_id = book.outbox.put(draft, number=number, now=office.now(), not_before=not_before)
    book.history.note("letter_drafted", who=MACHINE, at=office.now(), item_id=draft.item_id, outgoing_id=outgoing_id,
                      type=draft.type, channel=draft.channel, status=draft.status)
    return outgoing_id


def _held(draft: Draft, reason: str) -> Draft:
    return draft.model_copy(update={"status": OutgoingStatus.HELD, "hold_reason": reason})


def _set_aside(office: Office, book: Register, item: Item) -> None:
    """Kept and visible, without number and letter. A bounce or an automatic reply also tells of a letter of ours."""
    assert item.noncorrespondence_type is not None and item.letter is not None
    book.items.settle(item.id, Status.NOT_CORRESPONDENCE)
    book.history.note("set_aside", who=MACHINE, at=office.now(), item_id=item.id, type=item.noncorrespondence_type)
    hear_of_letter(office, book, item)


def deliver(office: Office, outgoing_id: OutgoingId, carrier: Carrier | None = None) -> None:
    """Hand one letter over, at most once: before its text goes over the wire the outbox says so, and after a crash in
    between only a person may send it again. `carrier`: a connection that other letters use too."""
    with office.store.reading() as book:
        outgoing, key = book.outbox.get(outgoing_id), book.keys.get(RETURN_PATH)
    if outgoing.status is not OutgoingStatus.QUEUED or (outgoing.not_before and office.now() < outgoing.not_before):
        return
    if office.transport is None:
        _mark(office, outgoing_id, OutgoingStatus.HELD, hold_reason=office.letters_off_reason
              or "Няма настроен пощенски сървър за изходяща поща (раздел [smtp] в mailroom.toml).")
        return

    def before_data() -> None:
        with office.store.transaction() as book:
            if not book.outbox.begin_sending(outgoing_id, office.now()):
                raise BadRequest("Писмото вече не чака изпращане.")

    plus = office.settings.outgoing.plus_addresses
    (carrier or office.transport).deliver(
        outgoing, from_name=office.from_name, from_address=office.from_address, before_data=before_data,
        back_to=return_path(office.from_address, outgoing_id, key) if plus else office.from_address)
    try:
        _mark(office, outgoing_id, OutgoingStatus.SENT, sent_at=office.now())
    except TryAgain as error:
        raise Unsure("пощенският сървър го прие, но програмата спря, преди да го запише.") from error


def _mark(office: Office, outgoing_id: OutgoingId, status: OutgoingStatus, *, sent_at: datetime | None = None,
          hold_reason: str = "") -> None:
    """What has happened to a letter is written down however long the register is away."""
    def note(book: Register) -> None:
        item_id = book.outbox.mark(outgoing_id, status, sent_at=sent_at, hold_reason=hold_reason)
        book.history.note(f"letter_{status}", who=MACHINE, at=office.now(), item_id=item_id, outgoing_id=outgoing_id)

    office.store.insist(note)
