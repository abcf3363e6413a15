"""What is held on a person, for whoever answers a request for access (ОРЗД чл. 15): found, and told in one page.

A person reads it before it goes out: letters hold other people's data too.
"""

from collections.abc import Collection, Iterable

from mailroom.correspondence.facts import town_hall
from mailroom.correspondence.pdf import page_pdf
from mailroom.erasing import MaySee
from mailroom.masking import mask_identifiers
from mailroom.model.base import SOFIA, ItemId, Value
from mailroom.model.erasure import Erased
from mailroom.model.findings import Findings, Found
from mailroom.model.item import Item, ItemRow
from mailroom.office import Office
from mailroom.searchwords import terms_of
from mailroom.store.erasure import SHORTEST_WORD
from mailroom.store.queue import QueueFilter, View
from mailroom.store.store import Register
from mailroom.words import word

MOST = 500
"""Items of one search; somebody with more is looked for by a narrower question."""


class Holding(Value):
    """One item with what the report tells of it."""

    item: Item
    number: str
    erased: Erased | None
    looks: int
    """How often somebody opened it, where that is noted."""


def find(office: Office, words: Iterable[str], *, sealed: bool = False) -> tuple[ItemRow, ...]:
    """The items in which any of these is found: a name, an address, a telephone, an e-mail address, an ЕГН. Each is
    looked for in the index, as in the search of the queue, and as written in every row of the register."""
    wanted = [word.strip() for word in words if word.strip()]
    with office.store.reading() as register:
        ids = {row.id for word in wanted for row in _by_index(office, register, word, sealed=sealed)}
        exact = [word for word in wanted if len(word) >= SHORTEST_WORD]
        ids |= {one.item_id for one in register.erasure.leftovers(exact) if one.item_id is not None}
        rows = register.queue.rows_of(sorted(ids))
    return tuple(row for row in rows if row.sealed == sealed)[:MOST]


def _by_index(office: Office, register: Register, word: str, *, sealed: bool) -> tuple[ItemRow, ...]:
    terms = terms_of(word)
    if not terms:
        return ()
    today = office.now().date()
    return register.queue.rows(QueueFilter(view=View.ALL, today=today, sealed=sealed, terms=terms), limit=MOST)


def holdings(office: Office, item_ids: Collection[ItemId], may_see: MaySee) -> tuple[Holding, ...]:
    """The chosen items with everything that is held of them, the oldest first; what may not be seen is left out."""
    with office.store.reading() as register:
        items = [item for item_id in sorted(set(item_ids)) if (item := register.items.get(item_id)) and may_see(item)]
        return tuple(Holding(
            item=item, number=item.entry.registration_number if item.entry else f"вътрешен № {item.id}",
            erased=register.erasure.of(item.id), looks=register.access_log.count(item.id)) for item in items)


def report_html(office: Office, asked: str, found: Collection[Holding]) -> str:
    """The report as a page. ЕГН are masked: whoever asks knows the own one."""
    return office.templates.sheet("holdings.html", {
        "asked": mask_identifiers(asked), "municipality": office.pack.contact,
        "town_hall": town_hall(office.pack.contact), "written_on": office.now(),
        "found": [(one, _told(one)) for one in found], "mask": mask_identifiers, "word": word})


def report_pdf(office: Office, asked: str, found: Collection[Holding]) -> bytes:
    """The report to print."""
    return page_pdf(report_html(office, asked, found))


def _told(holding: Holding) -> list[tuple[str, str]]:
    """The fields of an item by name, those that are empty left out."""
    item, findings = holding.item, holding.item.findings
    address = findings.address.value.model_dump().values() if findings and findings.address else ()
    fields = [
        ("Постъпило", f"{item.received_at.astimezone(SOFIA):%d.%m.%Y %H:%M}, {word(item.channel)}"),
        ("Вид", word(findings.kind.value) if findings else ""), ("Състояние", word(item.status)),
        *((name, _value(findings, field)) for name, field in (
            ("Подател", "sender_name"), ("От името на", "on_behalf_of"), ("Организация", "organisation"),
            ("Имейл", "email"), ("Телефон", "phone"))), ("Адрес", " ".join(filter(None, address))),
        ("ЕГН или ЛНЧ", "има в писмото" if findings and findings.personal_identifiers else ""),
        ("Относно", _value(findings, "subject")),
        ("Работи", item.entry.assigned_to.department if item.entry else ""),
        ("Файлове", ", ".join(filter(None, (arrival.file for arrival in item.arrivals)))),
        ("Приложения", ", ".join(one.filename for one in item.letter.attachments) if item.letter else ""),
        ("Отваряно", f"{holding.looks} пъти, записано в дневника на достъпа" if holding.looks else "")]
    return [(name, said) for name, said in fields if said]


def _value(findings: Findings | None, field: str) -> str:
    found: Found[str] | None = getattr(findings, field) if findings else None
    return found.value if found else ""
