"""What people do with an item at the desk: confirm, correct, override, extend, answer, release.

Each action names its person, refuses to overwrite a change that the person has not seen (`version`), and leaves a line
in the history in the same transaction. A correction runs the steps of journey.py again; there is no second pipeline.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from mailroom import journey
from mailroom.case_file import (
    cancel_letter,
    cases_met,
    drop_notice,
    file_answer,
    join,
    look_again,
    stop_clock,
    verdict_in_case,
)
from mailroom.charter.decide import decide
from mailroom.correspondence.acknowledgement import write_acknowledgement
from mailroom.correspondence.extension import write_extension
from mailroom.correspondence.letters import FIELDS, write_letter
from mailroom.errors import BadRequest, Conflict
from mailroom.joining import with_paper
from mailroom.model.arrival import Channel
from mailroom.model.base import MACHINE, SOFIA, ItemId, OutgoingId, day_of
from mailroom.model.entry import Entry, SuperiorDecision
from mailroom.model.findings import Findings, NonCorrespondence
from mailroom.model.item import Annulment, Decision, DecisionState, Item, Status, Step
from mailroom.model.learned import DECISION
from mailroom.model.letter import Letter
from mailroom.model.outgoing import (
    STILL_HERE,
    WAITING,
    LetterType,
    Outgoing,
    OutgoingChannel,
    OutgoingStatus,
    Release,
)
from mailroom.model.staff import Staff
from mailroom.model.verdict import Outcome, Verdict
from mailroom.office import Office
from mailroom.reading.batch import letters_of
from mailroom.registration.routing import accused, assign, assignment_to
from mailroom.registration.terms import due_for, extended, extension_grounds, recounted
from mailroom.store.items import OPEN
from mailroom.store.store import Register
from mailroom.understanding.corrections import check_corrections, corrected, value_at
from mailroom.understanding.understand import understand

BELONGS_BY = {"follow_up_of", "sender_name", "email", "address"}
"""Fields whose correction may show to which case the letter belongs."""
NOON = time(12, 0)
"""When a letter came of which only the day is known: within every town hall's hours."""
ROUTED_BY = {"kind", "matter", "district"}
"""Fields whose correction gives the item to another department or officer."""


@contextmanager
def changing(office: Office, item_id: ItemId, version: int, *,
             reaching: Callable[[Register], Iterable[ItemId]] | None = None) -> Iterator[tuple[Register, Item]]:
    """One transaction on one item that nobody else has changed meanwhile.

    `reaching`: the other items by which the act decides, or which it changes. They are held from the beginning, all in
    one order: of two acts that reach the same items neither decides by what the other is just changing, and neither
    waits for what the other holds. Raises Conflict where somebody else was quicker.
    """
    with office.store.transaction() as register:
        if reaching and register.items.version(item_id) is None:
            raise BadRequest("Тази преписка не съществува.")
        held = {item_id, *reaching(register)} if reaching else {item_id}
        if len(held) > 1:
            register.items.lock_all(held)
        register.items.check_version(item_id, version)
        if reaching and not held.issuperset(reaching(register)):
            raise Conflict("Писмата бяха променени, докато ги гледахте. Прегледайте ги отново и повторете.")
        item = register.items.get(item_id)
        if item is None:
            raise BadRequest("Тази преписка не съществува.")
        yield register, item


def confirm(office: Office, staff: Staff, item_id: ItemId, version: int) -> None:
    """Agree with the proposal, whatever it is."""
    with changing(office, item_id, version) as (register, item):
        if item.decision is None:
            raise BadRequest("По тази преписка още няма предложение.")
        _decide(office, register, item, staff, item.decision.outcome, "")


def override(office: Office, staff: Staff, item_id: ItemId, version: int, outcome: Outcome, reason: str) -> None:
    """Decide otherwise than proposed; the reason is kept. A request for information, for one's own data, an appeal or
    an application cannot be refused here (АПК чл. 5): decide.py never proposes it, and a person writes that refusal."""
    if not reason.strip():
        raise BadRequest("Напишете защо решавате друго: една дума стига, но без причина не може.")
    with changing(office, item_id, version) as (register, item):
        _decide(office, register, item, staff, outcome, reason.strip())


def _decide(office: Office, register: Register, item: Item, staff: Staff, outcome: Outcome, reason: str) -> None:
    now = office.now()
    register.undo.note(item.id, "decided", who=staff.login, at=now)
    register.items.decide(item.id, Decision(outcome=outcome, state=DecisionState.CONFIRMED, by=staff.login, at=now,
                                            reason=reason))
    if item.status is Status.IN_REVIEW:
        register.items.set_status(item.id, Status.REGISTERED if outcome is Outcome.CONSIDER else Status.CLOSED)
    if item.verdict is not None:
        register.examples.keep(item.id, DECISION, found=item.verdict.outcome, meant=outcome, at=now)
    register.history.note("decided", who=staff.login, at=now, item_id=item.id, outcome=outcome,
                          proposed=item.verdict.outcome if item.verdict else None, with_reason=bool(reason))


def correct(office: Office, staff: Staff, item_id: ItemId, version: int, corrections: dict[str, Any]) -> None:
    """Set fields as a person read them, and judge the item anew. The number stays; terms and officer follow.

    Keys are the paths of `understanding/corrections.py`: `kind`, `sender_name`, `address.street`, `anonymous` …
    """
    check_corrections(corrections)
    may_belong = any(path.partition(".")[0] in BELONGS_BY for path in corrections)

    def met(register: Register) -> Iterable[ItemId]:
        return cases_met(office, register, item_id, corrections)

    with changing(office, item_id, version, reaching=met if may_belong else None) as (register, item):
        if item.letter is None:
            raise BadRequest("Писмото още не е прочетено.")
        act = register.undo.note(item_id, "corrected", who=staff.login, at=office.now())
        register.items.correct(item_id, corrections)
        learn_from(office, register, item, corrections)
        judge_anew(office, register, item, item.letter, {**item.corrections, **corrections},
                   route=bool(ROUTED_BY & corrections.keys()), act=act)
        register.history.note("corrected", who=staff.login, at=office.now(), item_id=item_id,
                              fields=sorted(corrections))
        if may_belong:
            look_again(office, register, item_id)
        _acknowledge_now(office, register, item_id, act=act)


def learn_from(office: Office, register: Register, item: Item, corrections: Mapping[str, Any]) -> None:
    """Keep what the program had said beside what the person says; a sealed item teaches nothing."""
    if item.findings is None:
        return
    now = office.now()
    for path, meant in corrections.items():
        register.examples.keep(item.id, path, found=value_at(item.findings, path), meant=meant, at=now)


def judge_anew(office: Office, register: Register, item: Item, letter: Letter, corrections: dict[str, Any], *,
               route: bool, act: int | None = None) -> Verdict:
    """Understand and decide once more; terms follow, and with `route` the officer too. `act`: of the person who has
    changed something (store/undo.py)."""
    came = day_of(item.received_at)
    findings = corrected(understand(letter, office.pack, office.knowledge, came), corrections)
    case = register.items.get(item.case_of or item.suggested_case or item.id)
    verdict = verdict_in_case(decide(letter, findings, office.pack, received_on=came),
                              case if case and case.id != item.id else None)
    register.items.keep_judgement(item.id, findings, verdict)
    if item.entry:
        due = due_for(findings, channel=item.channel, received_at=item.received_at,
                      registered_at=item.entry.registered_at, pack=office.pack, calendar=office.calendar,
                      inspection_needed=item.entry.inspection_needed, legible=letter.legible)
        if item.findings and same_terms(item.findings, findings):
            due = recounted(item.entry.due, due, office.calendar)
        else:
            drop_notice(office, register, item, who=MACHINE, act=act)
        register.entries.set_due(item.id, due)
        if route:
            today = office.today()
            register.entries.assign(item.id, assign(findings, verdict, office.pack, today))
    return verdict


def receive_on(office: Office, staff: Staff, item_ids: Sequence[ItemId], on: date) -> int:
    """These letters came on that day, whenever they were scanned: the terms follow, and a confirmation that has not
    left yet names the day. Returns how many were changed. Raises BadRequest for a day to come."""
    at, done = noon_of(on, office.now()), 0
    with office.store.transaction() as register:
        register.items.lock_all(item_ids)
        for item_id in item_ids:
            item = register.items.get(item_id)
            if item is None or day_of(item.received_at) == on:
                continue
            register.items.check_version(item.id, item.version)
            register.items.set_received_at(item.id, at)
            item = item.model_copy(update={"received_at": at})
            if item.letter is not None and item.step is Step.SETTLED:
                judge_anew(office, register, item, item.letter, item.corrections, route=False)
                _confirm_the_day(office, register, item)
            register.history.note("received_on_set", who=staff.login, at=office.now(), item_id=item.id, on=on)
            done += 1
    return done


def noon_of(on: date, now: datetime) -> datetime:
    """When a letter came of which only the day is told; today: now. Raises BadRequest for a day to come."""
    today = day_of(now)
    if on > today:
        raise BadRequest("Датата на получаване е в бъдещето: поправете я.")
    return now if on == today else datetime.combine(on, NOON, SOFIA)


def _confirm_the_day(office: Office, register: Register, item: Item) -> None:
    """A confirmation that still is here is written again."""
    now = register.items.get(item.id)
    waiting = [one for one in item.letters if one.type is LetterType.ACKNOWLEDGEMENT and one.status in STILL_HERE]
    if now is None or now.entry is None or not waiting:
        return
    draft = write_acknowledgement(now, now.entry, office.pack, office.templates, from_address=office.from_address,
                                  public_url=office.settings.web.public_url, now=office.now())
    if draft is not None and draft.channel is waiting[0].channel:
        register.outbox.rewrite(waiting[0].id, draft)


def same_terms(one: Findings, other: Findings) -> bool:
    """Whether both are read as the same kind and matter: an extension granted to the one is granted to the other."""
    return one.kind.value is other.kind.value and (one.matter and one.matter.value) == (
        other.matter and other.matter.value)


def split(office: Office, staff: Staff, item_id: ItemId, version: int, parts: Sequence[Sequence[int]]) -> None:
    """Make several letters of the pages of one: `parts` are the pages of each, 1-based in the file.

    The first keeps the item, its number and its corrections; the others are judged and registered as the journey does.
    One part alone says that it is one letter, whatever the program suggests. Raises BadRequest for pages that do not
    make up the letter.
    """
    with changing(office, item_id, version,
                  reaching=lambda register: (register.arrivals.stands_for_file(item_id),)) as (register, item):
        if item.letter is None or item.step is not Step.SETTLED:
            raise BadRequest("Писмото още се обработва: опитайте отново след малко.")
        if len(item.letter.content_pages) < 2:
            raise BadRequest("Това писмо няма страници, които да се разделят.")
        first, *others = letters_of(item.letter, parts, lowest=office.settings.ocr.legible_confidence)
        what, now = "split" if others else "kept_whole", office.now()
        act = register.undo.note(item_id, what, who=staff.login, at=now)
        register.history.note(what, who=staff.login, at=now, item_id=item_id, pages=[list(part) for part in parts])
        for other in others:
            part_id = journey.add_part(office, register, item_id, other, who=staff.login)
            register.undo.note(part_id, "split_off", who=staff.login, at=now, act=act)
        go_on_with(office, register, item, first, changed=bool(others))


def go_on_with(office: Office, register: Register, item: Item, letter: Letter, *, changed: bool) -> None:
    """What a person has made of the first letter is judged; where that was all that it waited for, it waits no more."""
    letter = _with_words(register, item, letter)
    register.items.keep_part(item.id, letter)
    if item.entry is None:
        register.items.reopen(item.id)
        return
    verdict = judge_anew(office, register, item, letter, item.corrections, route=changed)
    if item.status is Status.IN_REVIEW and not verdict.needs_review:
        register.items.set_status(item.id, Status.REGISTERED)
    _acknowledge_now(office, register, item.id)


def _with_words(register: Register, item: Item, letter: Letter) -> Letter:
    """Of what was entered at the counter the typed words stay, however its paper is divided."""
    taken = None if item.channel is Channel.EMAIL else register.counter.of(item.id)
    if taken is None:
        return letter
    return with_paper(letter.model_copy(update={"text": taken.words}), letter, spoken=taken.brought.spoken)


def _acknowledge_now(office: Office, register: Register, item_id: ItemId, *, act: int | None = None) -> None:
    """A letter that had no return address until a person typed it is acknowledged now, if it still is open.

    One that proves to be a whistleblower's report is written to by the confidential officer alone: what has not left
    yet does not leave.
    """
    item = register.items.get(item_id)
    if item is None or item.entry is None or item.status not in OPEN:
        return
    journey.acknowledge(office, register, item, item.entry)
    journey.alert(office, register, item, item.entry)
    journey.stop_if_sealed(office, register, item, act=act)


def reclassify(office: Office, staff: Staff, item_id: ItemId, version: int) -> None:
    """It is a letter after all: it gets its number now, with terms counted from the day on which it came."""
    with changing(office, item_id, version) as (register, item):
        if item.correspondence:
            raise BadRequest("Това вече е кореспонденция.")
        register.undo.note(item_id, "reclassified", who=staff.login, at=office.now())
        register.items.correct(item_id, {"noncorrespondence": None})
        learn_from(office, register, item, {"noncorrespondence": None})
        register.items.reopen(item_id)
        register.history.note("reclassified", who=staff.login, at=office.now(), item_id=item_id)
        let_stand_again(office, register, item_id, who=staff.login)


def set_aside(office: Office, staff: Staff, item_ids: Sequence[ItemId]) -> int:
    """Confirm in one batch that these are no correspondence. Returns how many were."""
    with office.store.transaction() as register:
        register.items.lock_all(item_ids)
        items = [item for item in map(register.items.get, item_ids) if item is not None]
        return sum(_set_aside(office, register, staff, item) for item in items)


def set_one_aside(office: Office, staff: Staff, item_id: ItemId, version: int) -> None:
    """Confirm that this is no correspondence."""
    with changing(office, item_id, version) as (register, item):
        if not _set_aside(office, register, staff, item):
            raise BadRequest("Това вече е потвърдено, или е писмо.")


def _set_aside(office: Office, register: Register, staff: Staff, item: Item) -> bool:
    if item.status is not Status.NOT_CORRESPONDENCE or item.noncorrespondence_confirmed:
        return False
    register.undo.note(item.id, "set_aside_confirmed", who=staff.login, at=office.now())
    register.items.confirm_noncorrespondence(item.id)
    register.history.note("set_aside_confirmed", who=staff.login, at=office.now(), item_id=item.id,
                          type=item.noncorrespondence_type or NonCorrespondence.SPAM)
    return True


def mark(office: Office, staff: Staff, item_id: ItemId, version: int, status: Status) -> None:
    """Answered, forwarded, closed, open again: a state, never a removal."""
    if status not in (Status.ANSWERED, Status.FORWARDED, Status.CLOSED, Status.REGISTERED):
        raise BadRequest("Това състояние не се задава на ръка.")
    with changing(office, item_id, version) as (register, item):
        _entry_of(item)
        act = register.undo.note(item_id, status, who=staff.login, at=office.now())
        if status is Status.ANSWERED:
            stop_clock(office, register, item, who=staff.login, act=act)
            return
        register.items.set_status(item_id, status)
        register.history.note(status, who=staff.login, at=office.now(), item_id=item_id)
        if (item.status, status) == (Status.ANNULLED, Status.REGISTERED):
            let_stand_again(office, register, item_id, who=staff.login)


def annul(office: Office, staff: Staff, item_id: ItemId, version: int, why: Annulment) -> None:
    """The registration was a mistake: its number stays used and names why, and nothing more leaves about it.

    Raises BadRequest for what is finished or merged: there something was done under the number.
    """
    with changing(office, item_id, version) as (register, item):
        _entry_of(item)
        if item.status not in OPEN:
            raise BadRequest("Анулира се само отворена преписка: отворете я отново и повторете.")
        act = register.undo.note(item_id, Status.ANNULLED, who=staff.login, at=office.now())
        register.items.set_status(item_id, Status.ANNULLED)
        for letter in item.letters:
            if letter.status in STILL_HERE:
                stop_letter(office, register, letter, staff, act=act)
        register.history.note(Status.ANNULLED, who=staff.login, at=office.now(), item_id=item_id, why=why)


def record_answer(office: Office, staff: Staff, item_id: ItemId, version: int, *, number: str, on: date) -> None:
    """An answer that left by another way (on paper, at the counter) is recorded with its number and date, and stops the
    clock. Raises BadRequest for a day to come."""
    if on > office.today():
        raise BadRequest("Отговорът не може да е с бъдеща дата: впишете деня, в който е даден.")
    with changing(office, item_id, version) as (register, item):
        _entry_of(item)
        act = register.undo.note(item_id, Status.ANSWERED, who=staff.login, at=office.now())
        stop_clock(office, register, item, who=staff.login, act=act, answer_number=number.strip(), on=on)


def join_case(office: Office, staff: Staff, item_id: ItemId, version: int, other_id: ItemId) -> None:
    """The letter belongs to the case of the other: a person has seen both. It is then as confidential as that case."""
    def cases(register: Register) -> Iterable[ItemId]:
        both = [one for one in (item_id, other_id) if register.items.version(one) is not None]
        return [member for one in both for member in register.cases.members(one)]

    with changing(office, item_id, version, reaching=cases) as (register, item):
        other = register.items.get(other_id)
        if other is None or other.entry is None or item.entry is None:
            raise BadRequest("Само писма с регистрационен номер могат да бъдат в една преписка.")
        if register.cases.beginning_of(other_id) == register.cases.beginning_of(item_id):
            raise BadRequest("Писмата вече са в една преписка.")
        act = _note_moving(office, register, staff, item_id, "joined_case")
        join(office, register, item_id, other_id, who=staff.login)
        if item.findings and item.verdict:
            register.items.keep_judgement(item_id, item.findings, verdict_in_case(item.verdict, other))
        _acknowledge_now(office, register, item_id, act=act)


def leave_case(office: Office, staff: Staff, item_id: ItemId, version: int) -> None:
    """The letter is a case of its own, under its own number, and no more confidential than itself; a suggestion is
    answered with no."""
    with changing(office, item_id, version) as (register, item):
        if item.case_of is None and item.suggested_case is None:
            raise BadRequest("Писмото не е присъединено към друга преписка.")
        register.undo.note(item_id, "left_case", who=staff.login, at=office.now())
        register.cases.put(item_id, None)
        register.history.note("left_case", who=staff.login, at=office.now(), item_id=item_id,
                              case=item.case_of or item.suggested_case)
        alone = register.items.get(item_id)
        if alone and alone.letter:
            judge_anew(office, register, alone, alone.letter, alone.corrections, route=item.sealed)
            _acknowledge_now(office, register, item_id)


def take_as_answer(office: Office, staff: Staff, item_id: ItemId, version: int) -> None:
    """This mail is our own answer to the letter whose case it was suggested for, or joined: that one is answered."""
    def reached(register: Register) -> Iterable[ItemId]:
        return (*register.cases.members_of(item_id), register.cases.answered_by(item_id))

    with changing(office, item_id, version, reaching=reached) as (register, item):
        other = register.items.get(register.cases.answered_by(item_id))
        if other is None or other.id == item_id:
            raise BadRequest("Първо присъединете писмото към преписката, на която отговаря.")
        register.items.check_version(other.id, other.version)
        act = _note_moving(office, register, staff, item_id, "answer_filed")
        if other.status in OPEN:
            register.undo.note(other.id, Status.ANSWERED, who=staff.login, at=office.now(), act=act)
        file_answer(office, register, item, (other,), who=staff.login, act=act)


def _note_moving(office: Office, register: Register, staff: Staff, item_id: ItemId, what: str) -> int:
    """How the letter stands that is about to go into another case, and what follows it; the act."""
    now, who = office.now(), staff.login
    act = register.undo.note(item_id, what, who=who, at=now)
    for follower in register.cases.members_of(item_id)[1:]:
        register.undo.note(follower, "joined_case", who=who, at=now, act=act)
    return act


def give_to(office: Office, staff: Staff, item_id: ItemId, version: int, department_id: str,
            officer_id: str | None) -> None:
    """Assign the item to a department and, where wanted, to an officer."""
    with changing(office, item_id, version) as (register, item):
        _entry_of(item)
        assert item.findings is not None and item.verdict is not None
        today = office.today()
        assignment = assignment_to(office.pack, department_id, officer_id, today,
                                   accused(item.verdict, office.pack))
        register.undo.note(item_id, "assigned", who=staff.login, at=office.now())
        register.entries.assign(item_id, assignment)
        register.history.note("assigned", who=staff.login, at=office.now(), item_id=item_id, department=department_id,
                              officer=officer_id)


def extend(office: Office, staff: Staff, item_id: ItemId, version: int, *, reason: str, action: str,
           until: date | None, superior: SuperiorDecision | None = None, ground: str = "") -> OutgoingId:
    """Write the letter that extends the term; it leaves only when it is released, and the new date holds from then.

    `reason` and `action` (what the citizen must do; empty: nothing) are printed. `until` null: as far as is usual.
    `ground`: clause id of the law's reason; its words stand in the letter where `reason` is empty.
    """
    with changing(office, item_id, version) as (register, item):
        assert item.findings is not None
        matter = item.findings.matter.value if item.findings.matter else None
        grounds = extension_grounds(_entry_of(item).due, item.findings.kind.value, matter, pack=office.pack,
                                    calendar=office.calendar)
        words = reason.strip() or next((one.words for one in grounds if one.clause_id == ground), "")
        if not words:
            raise BadRequest("Напишете причината за удължаването: тя се отпечатва в писмото.")
        return put_extension(office, register, item, reason=words, action=action, until=until, superior=superior,
                             ground=ground, who=staff.login)


def put_extension(office: Office, register: Register, item: Item, *, reason: str, action: str = "",
                  until: date | None = None, superior: SuperiorDecision | None = None, ground: str = "",
                  who: str, hold_reason: str = "") -> OutgoingId:
    """Letter, new terms and history in one transaction; a notice that waits already gives way to this one."""
    entry, now = _entry_of(item), office.now()
    assert item.findings is not None
    extension = extended(entry.due, item.findings, pack=office.pack, calendar=office.calendar, until=until,
                         superior=superior, ground=ground, on=day_of(now))
    outgoing_id = put_notice(office, register, item, reason=reason, action=action, new_date=extension.until,
                             superior=superior, basis=extension.basis, who=who, hold_reason=hold_reason)
    register.entries.propose_due(item.id, extension.due)
    register.history.note("extension_written", who=who, at=now, item_id=item.id, until=extension.until,
                          basis=extension.basis, outgoing_id=outgoing_id,
                          superior_decision=f"{superior.number}/{superior.on}" if superior else None)
    return outgoing_id


def put_notice(office: Office, register: Register, item: Item, *, reason: str, action: str = "", new_date: date,
               superior: SuperiorDecision | None = None, basis: str = "", who: str,
               hold_reason: str = "") -> OutgoingId:
    """The letter that tells of a later date, as a draft; one that waits already gives way, with the date it proposed.

    Raises BadRequest where nothing leads back to the citizen.
    """
    entry, now = _entry_of(item), office.now()
    draft = write_extension(
        item, entry, office.pack, office.templates, reason=reason, action=action, new_date=new_date,
        superior=superior, basis=basis, from_address=office.from_address,
        public_url=office.settings.web.public_url, now=now)
    drop_notice(office, register, item, who=who)
    return register.outbox.put(draft.model_copy(update={"hold_reason": hold_reason}),
                               number=entry.registration_number, now=now)


def write(office: Office, staff: Staff, item_id: ItemId, version: int, letter_type: LetterType,
          typed: Mapping[str, str]) -> OutgoingId:
    """Write one of the letters that are asked for at the desk (`correspondence/letters.py`); it waits as a draft."""
    if letter_type not in FIELDS:
        raise BadRequest("Изберете писмо от списъка.")
    with changing(office, item_id, version) as (register, item):
        entry, now = _entry_of(item), office.now()
        if item.status is Status.ANNULLED:
            raise BadRequest("Регистрацията е анулирана: отворете я отново, за да пишете по нея.")
        draft = write_letter(letter_type, typed, item, entry, office.pack, office.templates,
                             from_address=office.from_address, public_url=office.settings.web.public_url, now=now)
        outgoing_id = register.outbox.put(draft, number=entry.registration_number, now=now)
        register.history.note("letter_drafted", who=staff.login, at=now, item_id=item_id, outgoing_id=outgoing_id,
                              type=letter_type, channel=draft.channel, status=draft.status)
    return outgoing_id


def release(office: Office, staff: Staff, outgoing_id: OutgoingId) -> None:
    """Let a letter go that a guard held back, or approve one that waits for approval; a mail can be taken back for
    `outgoing.undo_seconds`.

    With the approval of an extension its new terms hold.
    """
    if office.letters_off_reason:
        raise BadRequest(office.letters_off_reason)
    with office.store.transaction() as register:
        outgoing = _waiting(register, outgoing_id, WAITING, "Писмото не е задържано и не чака одобрение.")
        item = register.items.get(outgoing.item_id) if outgoing.item_id is not None else None
        _let_go(office, register, outgoing, staff.login, item.status if item else None)


def _let_go(office: Office, register: Register, outgoing: Outgoing, who: str, item_status: str | None) -> None:
    approve(office, register, outgoing, who=who)
    before = Release(status=outgoing.status, hold_reason=outgoing.hold_reason, trouble=outgoing.trouble,
                     item_status=item_status)
    register.outbox.release(outgoing.id, before, _thought_over(office, outgoing))


def _thought_over(office: Office, outgoing: Outgoing) -> datetime | None:
    """Until when a mail can be taken back that is let go now; null for a letter on paper, which lies here longer."""
    if outgoing.channel is not OutgoingChannel.EMAIL:
        return None
    return office.now() + timedelta(seconds=office.settings.outgoing.undo_seconds)


def take_back(office: Office, staff: Staff, outgoing_id: OutgoingId) -> None:
    """Think better of a letter that was let go and is still here, or that was stopped: it waits again as before, and
    what held with its leaving holds no more."""
    with office.store.transaction() as register:
        outgoing = _waiting(register, outgoing_id, (OutgoingStatus.QUEUED, OutgoingStatus.CANCELLED),
                            "Писмото вече тръгна и не може да бъде върнато.")
        before, is_stopped = outgoing.released_from, outgoing.status is OutgoingStatus.CANCELLED
        if before is None or (is_stopped and not outgoing.may_wait_again):
            raise BadRequest("Това писмо не може да бъде върнато: съставете го отново." if is_stopped else
                             "Това писмо не е пуснато от служител: ако не бива да тръгва, отменете го.")
        if is_stopped:
            _check_may_wait(register, outgoing)
        elif before.status is OutgoingStatus.DRAFT:
            _undo_approval(office, register, staff, outgoing)
        register.outbox.mark(outgoing_id, before.status, trouble=before.trouble, hold_reason=before.hold_reason)
        register.history.note("letter_taken_back", who=staff.login, at=office.now(), item_id=outgoing.item_id,
                              outgoing_id=outgoing_id)


def _check_may_wait(register: Register, outgoing: Outgoing) -> None:
    """To a whistleblower only the confidential officer writes, whatever the letter was before it was known."""
    item = register.items.get(outgoing.item_id) if outgoing.item_id is not None else None
    if item is not None and item.sealed and outgoing.type is not LetterType.WHISTLEBLOWER_RECEIPT:
        raise BadRequest("Писмото вече е поверително: на подателя се пише само с писмото за такива случаи.")


def _undo_approval(office: Office, register: Register, staff: Staff, outgoing: Outgoing) -> None:
    """What `approve` made true is true no more: the old terms hold, and the letter was not passed on."""
    item = register.items.get(outgoing.item_id) if outgoing.item_id is not None else None
    if item is None:
        return
    due = register.entries.swap_proposed_due(item.id) if outgoing.type is LetterType.EXTENSION else None
    if due:
        register.history.note("extension_undone", who=staff.login, at=office.now(), item_id=item.id, due=due.date)
    before = outgoing.released_from.item_status if outgoing.released_from else None
    if before and outgoing.type is LetterType.FORWARDING and item.status is Status.FORWARDED:
        register.items.set_status(item.id, Status(before))
        register.history.note(before, who=staff.login, at=office.now(), item_id=item.id)


def approve(office: Office, register: Register, outgoing: Outgoing, *, who: str) -> None:
    """The letter may leave; what it tells holds from now: an extension's date, that the letter was passed on."""
    now, item_id = office.now(), outgoing.item_id
    if outgoing.status is OutgoingStatus.DRAFT and item_id is not None:
        due = register.entries.swap_proposed_due(item_id) if outgoing.type is LetterType.EXTENSION else None
        if due:
            register.history.note("extended", who=who, at=now, item_id=item_id, due=due.date)
        if outgoing.type is LetterType.FORWARDING:
            register.items.set_status(item_id, Status.FORWARDED)
            register.history.note(Status.FORWARDED, who=who, at=now, item_id=item_id)
    register.outbox.mark(outgoing.id, OutgoingStatus.QUEUED)
    register.history.note("letter_released", who=who, at=now, item_id=item_id, outgoing_id=outgoing.id)


def cancel(office: Office, staff: Staff, outgoing_id: OutgoingId) -> None:
    """Decide that a letter will not leave; so does the extension of which it tells, written or granted."""
    with office.store.transaction() as register:
        outgoing = _waiting(register, outgoing_id, STILL_HERE,
                            "Писмото вече е тръгнало и не може да бъде спряно.")
        stop_letter(office, register, outgoing, staff)


def stop_letter(office: Office, register: Register, letter: Outgoing, staff: Staff, *, act: int | None = None) -> None:
    """A person stops it, and with it what was granted by it; they may think better of that. A letter for a later date
    is written anew, since its date has fallen with it. `act`: what they did by which it is stopped (store/undo.py)."""
    if letter.status is not OutgoingStatus.DRAFT:
        _undo_approval(office, register, staff, letter)
    cancel_letter(office, register, letter, who=staff.login, act=act)
    if act is None and letter.type is not LetterType.EXTENSION:
        register.outbox.remember(letter.id, letter.standing())


def let_stand_again(office: Office, register: Register, item_id: ItemId, *, who: str, act: int | None = None) -> None:
    """What was stopped by this act is to leave as before, or waits for a person as before.

    `act` null: what was stopped by any, because the item is worked on again; a notice of a later date is then written
    anew. Nothing is confirmed twice, and what may not leave any more stays stopped.
    """
    item = register.items.get(item_id)
    for letter in item.letters if item else ():
        if item and letter.released_from and _was_stopped_by(act, letter) and _may_stand(item, letter):
            _let_stand(office, register, letter, letter.released_from, who)


def _was_stopped_by(act: int | None, letter: Outgoing) -> bool:
    before = letter.released_from
    if letter.status is not OutgoingStatus.CANCELLED or before is None or before.act is None:
        return False
    return before.act == act if act is not None else letter.type is not LetterType.EXTENSION


def _may_stand(item: Item, letter: Outgoing) -> bool:
    """To a whistleblower only the confidential officer writes; there is one confirmation, and one notice that waits."""
    if item.sealed and letter.type is not LetterType.WHISTLEBLOWER_RECEIPT:
        return False
    same = [other.status for other in item.letters if other.type is letter.type and other.id != letter.id]
    if letter.type is LetterType.ACKNOWLEDGEMENT:
        return all(status is OutgoingStatus.CANCELLED for status in same)
    return letter.type is not LetterType.EXTENSION or not any(status in STILL_HERE for status in same)


def _let_stand(office: Office, register: Register, letter: Outgoing, before: Release, who: str) -> None:
    """It is as it was before it was stopped, with as much time to think better of it as any."""
    assert letter.item_id is not None
    if before.proposed_due is not None:
        register.entries.propose_due(letter.item_id, before.proposed_due)
        if before.status is not OutgoingStatus.DRAFT:
            register.entries.swap_proposed_due(letter.item_id)
    register.outbox.mark(letter.id, before.status, trouble=before.trouble, hold_reason=before.hold_reason)
    register.history.note("letter_stands_again", who=who, at=office.now(), item_id=letter.item_id,
                          outgoing_id=letter.id)
    if before.status is OutgoingStatus.QUEUED:
        register.outbox.wait_until(letter.id, _thought_over(office, letter))
    elif before.let_go:
        _let_go(office, register, register.outbox.get(letter.id), who, before.item_status)


def _waiting(register: Register, outgoing_id: OutgoingId, statuses: tuple[OutgoingStatus, ...],
             refusal: str) -> Outgoing:
    """The letter, when it is in one of these states; nobody else decides about it or its item before this transaction
    ends. Raises BadRequest with the refusal."""
    item_id = register.outbox.get(outgoing_id).item_id
    if item_id is not None:
        register.items.version(item_id, lock=True)
    outgoing = register.outbox.get(outgoing_id, lock=True)
    if outgoing.status not in statuses:
        raise BadRequest(refusal)
    return outgoing


def _entry_of(item: Item) -> Entry:
    if item.entry is None:
        raise BadRequest("Тази единица няма регистрационен номер.")
    return item.entry
