"""A pile scanned in one go: every letter an item of its own, of one file that came once."""

import sqlite3

import pytest
from sqlalchemy.exc import IntegrityError

from mailroom import desk as actions
from mailroom import export, journey
from mailroom.engine.attempt import attempt_item
from mailroom.errors import BadRequest
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.findings import NonCorrespondence
from mailroom.model.item import Item, Status, Step
from mailroom.model.staff import Staff
from tests.journeys.conftest import CAME, Desk
from tests.reading.material import batch_pdf, read, scanner_mail


def letter(name: str, street: str) -> str:
    """A short signal."""
    return (f"До Кмета на Община Примерово\nот {name}\nгр. Примерово 9999, {street} № 12\n\nСИГНАЛ\n\n"
            f"Пиша Ви, защото уличната лампа пред нашия дом на {street} не свети от две седмици и е съвсем тъмно.\n"
            f"Моля да изпратите екип, който да я смени.\n\n12.11.2026 г.\nС уважение,\n{name}")


IVAN, PETYA, STOYAN = (letter("Иван Стоянов Колев", "ул. Роза"), letter("Петя Илиева Ганева", "ул. Явор"),
                       letter("Стоян Петров Динев", "ул. Липа"))


def come_in(desk: Desk, content: bytes, *, key: str = "1", file: str = "batch.pdf") -> list[Item]:
    """A scan comes in; its items after every step. Read here, which saves each test the start of a reading process."""
    item_id = journey.receive(desk.office, Incoming(source="scanner", key=key, file=file, content=content,
                                                    received_at=CAME, channel=Channel.PAPER))
    journey.keep_letter(desk.office, item_id, read(content, Channel.PAPER))
    return everything(desk)


def everything(desk: Desk) -> list[Item]:
    """Every item of the register, taken through the steps that it still has."""
    ids: tuple[int, ...] = ()
    while ids != (ids := _ids(desk)):
        for item_id in ids:
            attempt_item(desk.office, item_id)
    return [desk.item(item_id) for item_id in ids]


def _ids(desk: Desk) -> tuple[int, ...]:
    with desk.office.store.reading() as register:
        return register.items.ids()


def senders(items: list[Item]) -> list[str]:
    return [item.findings.sender_name.value for item in items if item.findings and item.findings.sender_name]


def test_each_letter_of_a_batch_is_an_item_of_one_arrival(desk: Desk) -> None:
    """By the whole way, with the reading process between."""
    desk.come_in(batch_pdf(IVAN, None, PETYA, "", None, STOYAN), channel=Channel.PAPER, source="scanner")
    items = everything(desk)
    assert senders(items) == ["Иван Стоянов Колев", "Петя Илиева Ганева", "Стоян Петров Динев"]
    assert [(item.part, item.part_pages) for item in items] == [(1, (1,)), (2, (3,)), (3, (6,))]
    assert len({item.entry.registration_number for item in items if item.entry}) == 3
    assert len({item.arrivals for item in items}) == 1 and len(items[0].arrivals) == 1
    exported = list(export.export_items(desk.office))
    assert [one["source"]["part"] for one in exported] == [1, 2, 3]
    assert [one["source"]["pages"] for one in exported] == [[1], [3], [6]]
    assert len({one["source"]["sha256"] for one in exported}) == 1
    with desk.office.store.reading() as register:
        assert not register.history.faults() and not register.entries.faults()
        assert [line.what for line in register.history.of(items[2].id)][:2] == ["arrived_in_batch", "read"]


def test_each_scan_of_a_scanners_mail_is_an_item_and_none_is_lost(desk: Desk) -> None:
    """A good scan, one that cannot be opened, a blank one and a pile with a sheet; then the same mail again, and its
    copy from another mailbox."""
    content = scanner_mail(("a.pdf", batch_pdf(IVAN)), ("b.pdf", b"%PDF-1.4 torn"), ("c.pdf", batch_pdf("")),
                           ("d.pdf", batch_pdf(PETYA, "", None, STOYAN)))
    for key, copy in (("1", content), ("2", content), ("3", b"Received: from elsewhere by here\r\n" + content)):
        items = come_in(desk, copy, key=key, file="1.eml")
    assert senders(items) == ["Иван Стоянов Колев", "Петя Илиева Ганева", "Стоян Петров Динев"]
    assert [(item.part, item.part_pages) for item in items] == [(1, (1,)), (2, None), (3, None), (4, (3,)), (5, (6,))]
    assert [item.status for item in items] == [
        Status.REGISTERED, Status.IN_REVIEW, Status.NOT_CORRESPONDENCE, Status.REGISTERED, Status.REGISTERED]
    assert items[2].noncorrespondence_type is NonCorrespondence.BLANK
    assert {len(item.arrivals) for item in items} == {3} and {item.channel for item in items} == {Channel.PAPER}
    assert not any(item.findings.email for item in items if item.findings), "the copier is nobody's address"
    sources = [one["source"] for one in export.export_items(desk.office)]
    assert [(source["part"], source["pages"]) for source in sources] == [
        (1, [1]), (2, None), (3, None), (4, [3]), (5, [6])]


def test_the_same_batch_again_is_a_further_arrival_of_all_its_letters(desk: Desk) -> None:
    content = batch_pdf(IVAN, None, PETYA)
    come_in(desk, content)
    items = come_in(desk, content, key="2")
    assert [item.part for item in items] == [1, 2]
    assert [len(item.arrivals) for item in items] == [2, 2]


def test_sheets_around_one_letter_make_one_item(desk: Desk) -> None:
    [item] = come_in(desk, batch_pdf(None, "", None, IVAN, "", None))
    assert (item.part, item.part_pages) == (1, (4,))
    assert item.entry is not None and senders([item]) == ["Иван Стоянов Колев"]


def test_a_sheet_alone_is_set_aside_as_blank_and_not_lost(desk: Desk) -> None:
    [item] = come_in(desk, batch_pdf(None))
    assert item.noncorrespondence_type is NonCorrespondence.BLANK and item.status is Status.NOT_CORRESPONDENCE


def test_a_batch_is_divided_wholly_or_not_at_all(desk: Desk) -> None:
    """The register refuses the last of three letters: nothing of the batch is there until all of it is."""
    path = desk.office.settings.data_dir / "register.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TRIGGER full_disk BEFORE INSERT ON item WHEN NEW.part = 3 "
                         "BEGIN SELECT RAISE(ABORT, 'no room'); END")
    content = batch_pdf(IVAN, None, PETYA, None, STOYAN)
    with pytest.raises(IntegrityError):
        come_in(desk, content)
    [item_id] = _ids(desk)
    assert desk.item(item_id).step is Step.ARRIVED and desk.item(item_id).letter is None
    with sqlite3.connect(path) as database:
        database.execute("DROP TRIGGER full_disk")
    assert senders(come_in(desk, content)) == ["Иван Стоянов Колев", "Петя Илиева Ганева", "Стоян Петров Динев"]


def test_a_pile_without_sheets_waits_for_a_person_who_divides_it(desk: Desk, clerk: Staff) -> None:
    [item] = come_in(desk, batch_pdf(IVAN, "", PETYA, ""))
    assert item.letter is not None and item.letter.suggested_parts == ((1,), (3,))
    assert item.status is Status.IN_REVIEW and item.entry is not None
    actions.split(desk.office, clerk, item.id, item.version, item.letter.suggested_parts)
    first, second = everything(desk)
    assert senders([first, second]) == ["Иван Стоянов Колев", "Петя Илиева Ганева"]
    assert first.entry is not None and first.entry.registration_number == item.entry.registration_number
    assert second.entry is not None and second.entry.registration_number != item.entry.registration_number
    assert (first.part_pages, second.part_pages) == ((1,), (3,))
    assert first.status is Status.REGISTERED and first.letter is not None and not first.letter.faults
    assert first.received_at == second.received_at and first.arrivals == second.arrivals
    with desk.office.store.reading() as register:
        assert ("split", clerk.login) in [(line.what, line.who) for line in register.history.of(first.id)]
    with pytest.raises(BadRequest):
        actions.split(desk.office, clerk, first.id, first.version, [(1,)])


def test_a_person_says_that_it_is_one_letter(desk: Desk, clerk: Staff) -> None:
    [item] = come_in(desk, batch_pdf(IVAN, PETYA))
    actions.split(desk.office, clerk, item.id, item.version, [(1, 2)])
    [item] = everything(desk)
    assert item.letter is not None and not item.letter.suggested_parts and not item.letter.faults
    assert item.status is Status.REGISTERED and "Петя" in item.letter.text


def test_a_letter_of_a_batch_is_divided_further_and_the_parts_count_on(desk: Desk, clerk: Staff) -> None:
    items = come_in(desk, batch_pdf(IVAN, PETYA, None, STOYAN))
    assert [item.part_pages for item in items] == [(1, 2), (4,)]
    actions.split(desk.office, clerk, items[0].id, items[0].version, [(1,), (2,)])
    assert [(item.part, item.part_pages) for item in everything(desk)] == [(1, (1,)), (2, (4,)), (3, (2,))]
