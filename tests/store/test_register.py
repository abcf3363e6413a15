"""The register keeps its promises on both databases."""

import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from mailroom.errors import BadRequest, Conflict, Misconfigured
from mailroom.intake.door import take_in
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.base import ItemId
from mailroom.model.entry import Assignment, Due, Entry
from mailroom.model.item import Status, Step
from mailroom.model.letter import Letter, MailHead
from mailroom.model.outgoing import Draft, LetterType, OutgoingChannel, OutgoingStatus
from mailroom.store.queue import QueueFilter, View
from mailroom.store.store import Register, Store

NOW = datetime(2026, 11, 20, 9, 12, 3, tzinfo=UTC)
LEASE = timedelta(minutes=1)


def incoming(key: str = "1", content: bytes = b"Subject: a\r\n\r\nb", source: str = "center@example.bg") -> Incoming:
    return Incoming(source=source, key=key, file=f"{key}.eml", content=content, received_at=NOW,
                    channel=Channel.EMAIL)


def register_one(register: Register, item_id: ItemId) -> int:
    sequence = register.entries.next_sequence("94", 2026)
    register.entries.add(Entry(
        item_id=item_id, registration_number=f"94-00-{sequence}/20.11.2026", case_number=f"94-00-{sequence}",
        series="94", year=2026, sequence=sequence, registered_at=NOW, access_code="ABCD2345", due=Due(),
        assigned_to=Assignment(department="Деловодство", department_id="registry")))
    return sequence


def draft(item_id: ItemId, message_id: str = "<1@example.bg>") -> Draft:
    return Draft(type=LetterType.ACKNOWLEDGEMENT, item_id=item_id, channel=OutgoingChannel.EMAIL, to="a@example.com",
                 subject="Потвърждение", text="Получихме.", message_id=message_id)


def test_the_same_arrival_again_after_a_crash_changes_nothing(store: Store) -> None:
    first = take_in(store, incoming(), NOW)
    assert take_in(store, incoming(), NOW) == first
    item = store.item(first)
    assert item is not None and len(item.arrivals) == 1


def test_the_same_octets_from_another_mailbox_are_a_further_arrival(store: Store) -> None:
    first = take_in(store, incoming("1"), NOW)
    assert take_in(store, incoming("7", source="mayor@example.bg"), NOW) == first
    item = store.item(first)
    assert item is not None
    assert [arrival.source for arrival in item.arrivals] == ["center@example.bg", "mayor@example.bg"]


def test_the_original_is_on_disk_before_the_arrival_is_noted_and_can_be_proved(store: Store) -> None:
    item = store.item(take_in(store, incoming(), NOW))
    assert item is not None
    digest = item.arrivals[0].sha256
    assert store.originals.read(digest) == incoming().content
    assert store.originals.is_whole(digest)
    path = store.originals.path(digest)
    path.chmod(0o640)
    path.write_bytes(b"changed")
    assert not store.originals.is_whole(digest)


def test_numbers_have_no_gap_when_many_threads_register_and_some_fail(store: Store) -> None:
    items = [take_in(store, incoming(str(n), b"Subject: %d\r\n\r\n" % n), NOW) for n in range(40)]
    given: list[int] = []

    def work(mine: list[ItemId]) -> None:
        for item_id in mine:
            try:
                with store.transaction() as register:
                    sequence = register_one(register, item_id)
                    if item_id % 3 == 0:
                        raise ArithmeticError("the transaction fails after the number was taken")
                given.append(sequence)
            except ArithmeticError:
                with store.transaction() as register:
                    given.append(register_one(register, item_id))

    threads = [threading.Thread(target=work, args=(items[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, 41))
    with store.reading() as register:
        assert register.entries.faults() == []


def test_a_gap_in_the_numbers_is_found(store: Store) -> None:
    item_id = take_in(store, incoming(), NOW)
    with store.transaction() as register:
        register.entries.next_sequence("94", 2026)
        register_one(register, item_id)
    with store.reading() as register:
        assert register.entries.faults() == ["series 94/2026: numbers missing: 1"]


def test_an_item_is_claimed_once_until_it_is_released_or_its_owner_is_gone(store: Store) -> None:
    item_id = take_in(store, incoming(), NOW)
    with store.transaction() as register:
        assert register.items.claim("one", NOW, LEASE, heavy_too=False) == item_id
    with store.transaction() as register:
        assert register.items.claim("two", NOW, LEASE, heavy_too=False) is None
        register.items.release_all_of(["one"])
    with store.transaction() as register:
        assert register.items.claim("two", NOW, LEASE, heavy_too=False) == item_id
        assert register.items.claim("two", NOW + 2 * LEASE, LEASE, heavy_too=False) == item_id


def test_a_scan_waits_for_the_slow_lane(store: Store) -> None:
    take_in(store, incoming("scan", b"%PDF-1.7\n%%EOF"), NOW)
    with store.transaction() as register:
        assert register.items.claim("quick", NOW, LEASE, heavy_too=False) is None
        assert register.items.claim("any", NOW, LEASE, heavy_too=True) is not None


def test_equal_message_id_is_a_twin_only_with_equal_content(store: Store) -> None:
    head = MailHead(message_id="<same@example.com>")
    first = take_in(store, incoming("1", b"Subject: 1\r\n\r\n"), NOW)
    letter = Letter(channel=Channel.EMAIL, media_type="message/rfc822", head=head, content_sha256="aa")
    with store.transaction() as register:
        register.items.keep_letter(first, letter)
        assert register.items.twin(letter) == first
        assert register.items.twin(letter.model_copy(update={"content_sha256": "bb"})) is None


def test_a_changed_line_of_the_history_is_found(store: Store) -> None:
    take_in(store, incoming("1"), NOW)
    take_in(store, incoming("2", b"Subject: 2\r\n\r\n"), NOW)
    with store.reading() as register:
        assert register.history.faults() == []
    with Session(store._writer) as session:
        session.connection().execute(text("UPDATE history SET who = 'nobody' WHERE sequence = 1"))
        session.commit()
    with store.reading() as register:
        assert register.history.faults() == [
            "history: line 1 was changed after it was written: compare with the last backup"]


def test_a_removed_line_of_the_history_is_found(store: Store) -> None:
    for key in ("1", "2", "3"):
        take_in(store, incoming(key, f"Subject: {key}\r\n\r\n".encode()), NOW)
    with Session(store._writer) as session:
        session.connection().execute(text("DELETE FROM history WHERE sequence = 2"))
        session.commit()
    with store.reading() as register:
        assert "history: line 2 is missing: compare with the last backup" in register.history.faults()


def test_a_save_over_a_change_that_was_not_seen_is_refused(store: Store) -> None:
    item_id = take_in(store, incoming(), NOW)
    with store.transaction() as register:
        register.items.check_version(item_id, 1)
    with pytest.raises(Conflict), store.transaction() as register:
        register.items.check_version(item_id, 1)


def test_an_item_has_one_acknowledgement_whatever_runs_twice(store: Store) -> None:
    item_id = take_in(store, incoming(), NOW)
    with store.transaction() as register:
        register.outbox.put(draft(item_id), number="1", now=NOW)
    with pytest.raises(IntegrityError), store.transaction() as register:
        register.outbox.put(draft(item_id, "<2@example.bg>"), number="1", now=NOW)


def test_printed_letters_have_no_message_id_and_are_many(store: Store) -> None:
    for key in ("1", "2"):
        item_id = take_in(store, incoming(key, f"Subject: {key}\r\n\r\n".encode()), NOW)
        printed = draft(item_id, "").model_copy(update={"channel": OutgoingChannel.PRINT})
        with store.transaction() as register:
            register.outbox.put(printed, number=key, now=NOW)
    with store.reading() as register:
        assert len(register.outbox.with_status(OutgoingStatus.QUEUED, channel=OutgoingChannel.PRINT)) == 2


def test_a_letter_on_the_wire_is_never_taken_again_by_a_machine(store: Store) -> None:
    item_id = take_in(store, incoming(), NOW)
    with store.transaction() as register:
        outgoing_id = register.outbox.put(draft(item_id), number="1", now=NOW)
        assert register.outbox.claim("one", NOW, LEASE) == [outgoing_id]
        assert register.outbox.begin_sending(outgoing_id, NOW)
    with store.transaction() as register:
        assert register.outbox.claim("two", NOW + 2 * LEASE, LEASE) == []
        assert not register.outbox.begin_sending(outgoing_id, NOW)
        assert register.outbox.unsure(["one"]) == ()
        assert register.outbox.unsure([]) == (outgoing_id,)


def test_the_caps_count_what_left_and_what_is_about_to(store: Store) -> None:
    item_id = take_in(store, incoming(), NOW)
    with store.transaction() as register:
        outgoing_id = register.outbox.put(draft(item_id), number="1", now=NOW)
        assert len(register.outbox.automatic_letters_to("A@example.com", NOW - LEASE)) == 1
        assert register.outbox.automatic_letters_to("b@example.com", NOW - LEASE) == ()
        register.outbox.mark(outgoing_id, OutgoingStatus.HELD)
        assert register.outbox.automatic_since(NOW - LEASE, at_most=9) == 0


def test_the_queue_goes_page_by_page_without_texts(store: Store) -> None:
    ids = [take_in(store, incoming(str(n), b"Subject: %d\r\n\r\n" % n), NOW) for n in range(5)]
    wanted = QueueFilter(view=View.ALL, today=date(2026, 11, 20))
    with store.reading() as register:
        first = register.queue.rows(wanted, limit=3)
        rest = register.queue.rows(wanted, before=first[-1].id, limit=3)
        assert [row.id for row in (*first, *rest)] == ids[::-1]
        assert register.queue.count(wanted) == 5


def test_an_item_with_a_number_is_never_dissolved(store: Store) -> None:
    item_id = take_in(store, incoming(), NOW)
    with store.transaction() as register:
        register.items.keep_letter(item_id, Letter(channel=Channel.EMAIL, media_type="message/rfc822"))
        register.items.settle(item_id, Status.REGISTERED)
        assert register.items.step(item_id) is Step.SETTLED
        with pytest.raises(BadRequest):
            register.items.dissolve(item_id)


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all/register.db",
                                 "postgresql+psycopg://mailroom:secret@127.0.0.1:1/mailroom"])
def test_a_database_that_cannot_be_reached_is_one_sentence_without_its_password(url: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="check that it runs") as raised:
        Store(url, tmp_path).migrate()
    assert "secret" not in str(raised.value) and "\n" not in str(raised.value)
