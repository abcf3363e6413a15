"""What need not be kept any longer, by the nomenclature, and the acts by which it is destroyed.

Nothing is ever destroyed by itself (ЗНАФ чл. 49):

1. `due` lists what is over its term, by class and by the year in which it was closed. A case counts as a whole, from
   the year in which its last letter was closed.
2. One person proposes an act for a class and a year, and prints it for the expert committee and the archive.
3. Another person enters number, date and approver of the signed paper. Only then the content is destroyed; number,
   dates, kind and the act's number stay.

A whistleblower's report is seen, proposed and approved by confidential officers alone.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime

from mailroom.charter.nomenclature import Nomenclature, load_nomenclature
from mailroom.correspondence.facts import town_hall
from mailroom.correspondence.pdf import page_pdf
from mailroom.erasing import destroy, finish
from mailroom.errors import BadRequest, TryAgain
from mailroom.model.base import ItemId, day_of, midnight
from mailroom.model.findings import Kind
from mailroom.model.item import Item
from mailroom.model.retention import Act, ActState, DueYear, Other, RecordClass
from mailroom.model.staff import Role, Staff
from mailroom.office import Office
from mailroom.words import word

MAY_PROPOSE = frozenset({Role.CLERK, Role.SECRETARY, Role.CONFIDENTIAL})
MAY_APPROVE = frozenset({Role.SECRETARY, Role.CONFIDENTIAL})


def nomenclature(office: Office) -> Nomenclature:
    """The classes that hold here. Raises Misconfigured."""
    return load_nomenclature(office.settings.rules, office.settings.charter)


def due(office: Office, *, sealed: bool = False) -> tuple[DueYear, ...]:
    """What is over its term today, by class and year; what a proposed act names is left out."""
    classes, today = nomenclature(office), office.today()
    found: dict[tuple[str, int], list[ItemId]] = defaultdict(list)
    for item_id, record_class, year in _closed(office, classes, today, sealed=sealed):
        if record_class.years and today.year > year + record_class.years:
            found[record_class.id, year].append(item_id)
    return tuple(DueYear(record_class=one, year=year, item_ids=tuple(found[one.id, year]))
                 for one in classes.classes for year in sorted({year for name, year in found if name == one.id}))


def _closed(office: Office, classes: Nomenclature, today: date, *,
            sealed: bool) -> Iterator[tuple[ItemId, RecordClass, int]]:
    """Everything that may be over the shortest term: the item, its class, and the year in which its case was closed."""
    shortest = min((one.years for one in classes.classes if one.years), default=1)
    before, last = midnight(date(today.year - shortest, 1, 1)).astimezone(UTC), 0
    with office.store.reading() as register:
        in_acts = register.retention.in_acts()
    while True:
        with office.store.reading() as register:
            rows = register.retention.closed_before(before, sealed=sealed, after=last)
            closed = register.retention.closed_at({row.case for row in rows}) if rows else {}
        if not rows:
            return
        last = rows[-1].id
        yield from ((row.id, _class_of(classes, row.kind, aside=bool(row.noncorrespondence_type), sealed=sealed),
                     day_of(closed[row.case]).year)
                    for row in rows if row.case in closed and row.id not in in_acts)


def _class_of(classes: Nomenclature, kind: str | None, *, aside: bool, sealed: bool) -> RecordClass:
    if sealed:
        return classes.of_other(Other.SEALED)
    return classes.of_other(Other.NONCORRESPONDENCE) if aside else classes.of_kind(Kind(kind or Kind.OTHER))


def propose(office: Office, staff: Staff, class_id: str, year: int) -> Act:
    """An act for everything of a class that was closed in that year. Raises BadRequest when nothing is due."""
    _refuse(staff, MAY_PROPOSE)
    sealed = staff.role is Role.CONFIDENTIAL
    found = next((one for one in due(office, sealed=sealed)
                  if (one.record_class.id, one.year) == (class_id, year)), None)
    if found is None:
        raise BadRequest(f"От клас {class_id}, приключено през {year} г., няма какво да се унищожи.")
    with office.store.transaction() as register:
        act = register.retention.propose(found.record_class, year, found.item_ids, sealed=sealed, by=staff.login,
                                         at=office.now())
        register.history.note("act_proposed", who=staff.login, at=office.now(), act=act.id, record_class=class_id,
                              year=year, items=len(act.item_ids))
    return act


def approve(office: Office, staff: Staff, act_id: int, *, number: str, dated: date, approver: str) -> Act:
    """Enter the approval of another person's act, and carry it out. Raises BadRequest for who proposed it, for an
    incomplete entry, and for an act that is no longer open."""
    _refuse(staff, MAY_APPROVE)
    if not number.strip() or not approver.strip():
        raise BadRequest("Въведете номера на акта и кой го е утвърдил, както са на подписания акт.")
    now = office.now()
    if dated > day_of(now):
        raise BadRequest("Датата на акта е в бъдещето: поправете я.")
    with office.store.transaction() as register:
        act = _open_act(register.retention.act(act_id), staff)
        if act.proposed_by == staff.login:
            raise BadRequest("Който е предложил акта, не може да го утвърди: това прави друг служител.")
        register.retention.approve(act_id, number=number.strip(), dated=dated, approver=approver.strip(),
                                   by=staff.login, at=now)
        register.history.note("act_approved", who=staff.login, at=now, act=act_id, number=number.strip(), dated=dated)
    return _carry_out(office, act_id)


def carry_out_approved(office: Office) -> None:
    """Go on with acts whose carrying out was broken off."""
    with office.store.reading() as register:
        waiting = [act.id for sealed in (False, True) for act in register.retention.acts(sealed=sealed)
                   if act.state is ActState.APPROVED]
    for act_id in waiting:
        _carry_out(office, act_id)


def _carry_out(office: Office, act_id: int) -> Act:
    with office.store.reading() as register:
        act = register.retention.act(act_id)
    assert act.dated is not None
    left_out = destroy(office, act.item_ids, lambda item: item.sealed == act.sealed, who=act.approved_by,
                       basis=f"Акт за унищожаване № {act.number}/{act.dated:%d.%m.%Y}, утвърден от {act.approver}")
    with office.store.transaction() as register:
        register.retention.carried_out(act_id, left_out)
        done = register.retention.act(act_id)
    with suppress(TryAgain):  # the night goes on with it
        finish(office)
    return done


def withdraw(office: Office, staff: Staff, act_id: int) -> None:
    """Nothing comes of this act; its items are due again."""
    _refuse(staff, MAY_PROPOSE)
    with office.store.transaction() as register:
        _open_act(register.retention.act(act_id), staff)
        register.retention.withdraw(act_id)
        register.history.note("act_withdrawn", who=staff.login, at=office.now(), act=act_id)


def acts(office: Office, *, sealed: bool = False) -> tuple[Act, ...]:
    """All acts, the newest first."""
    with office.store.reading() as register:
        return register.retention.acts(sealed=sealed)


def act_pdf(office: Office, staff: Staff, act_id: int) -> bytes:
    """The act to print and sign, with the list of what it names."""
    return page_pdf(act_html(office, staff, act_id))


def act_html(office: Office, staff: Staff, act_id: int) -> str:
    """The same as a page. Of the letters it shows numbers, dates and kinds alone."""
    with office.store.reading() as register:
        act = register.retention.act(act_id)
        if act.sealed != (staff.role is Role.CONFIDENTIAL):
            raise BadRequest("Няма такъв акт.")
        items = [item for item_id in act.item_ids if (item := register.items.get(item_id))]
        proposer = register.people.names().get(act.proposed_by, act.proposed_by)
    record_class = nomenclature(office).by_id(act.class_id)
    return office.templates.sheet("destruction_act.html", {
        "act": act, "proposer": proposer, "record_class": record_class, "rows": [_row(item) for item in items],
        "municipality": office.pack.contact, "town_hall": town_hall(office.pack.contact), "written_on": office.now()})


def _row(item: Item) -> tuple[str, datetime, str, int]:
    """Number, day of receipt, kind, and how many files."""
    kind = item.noncorrespondence_type or (item.findings.kind.value if item.findings else None)
    return (item.entry.registration_number if item.entry else f"вътрешен № {item.id}", item.received_at, word(kind),
            len(item.arrivals) + len(item.scans))


def _refuse(staff: Staff, roles: frozenset[Role]) -> None:
    if not staff.active or staff.role not in roles:
        raise BadRequest("Вашата роля не позволява това.")


def _open_act(act: Act, staff: Staff) -> Act:
    if act.sealed != (staff.role is Role.CONFIDENTIAL):
        raise BadRequest("Няма такъв акт.")
    if act.state is not ActState.PROPOSED:
        raise BadRequest("Този акт вече е изпълнен или оттеглен.")
    return act
