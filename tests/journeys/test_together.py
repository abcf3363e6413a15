"""Small mails that came together go through all steps in one transaction, and end as each would by itself."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage

from mailroom import journey
from mailroom.engine.attempt import attempt_item, attempt_together
from mailroom.model.arrival import Channel, Incoming
from mailroom.model.base import ItemId, day_of
from mailroom.model.item import Item, Status, Step
from mailroom.model.letter import Letter
from mailroom.model.pack import Pack
from mailroom.office import Office
from mailroom.store.items import SMALL_OCTETS
from mailroom.thinking import AT_LEAST, Thinking
from mailroom.understanding.understand import understand
from tests.journeys.conftest import CAME, Desk
from tests.journeys.town import citizen_mail, wait_until
from tests.understanding.test_letters import CASES

Mail = Callable[..., EmailMessage]
LEASE = timedelta(hours=1)


def come(office: Office, mails: Sequence[EmailMessage | bytes]) -> list[ItemId]:
    """All of them with one look into the mailbox."""
    return journey.receive_all(office, [
        Incoming(source="center@primerovo.example.bg", key=str(number), file=f"{number}.eml", received_at=CAME,
                 content=mail if isinstance(mail, bytes) else mail.as_bytes(), channel=Channel.EMAIL)
        for number, mail in enumerate(mails)])


def claimed(office: Office, limit: int = 16) -> list[ItemId]:
    """What one thread of the engine takes at once."""
    with office.store.transaction() as register:
        first = register.items.claim("me", office.now(), LEASE, heavy_too=True)
        return [] if first is None else register.items.claim_mails(first, "me", office.now(), LEASE, limit)


def numbers(items: Sequence[Item]) -> list[int]:
    return [item.entry.sequence for item in items if item.entry]


def test_each_ends_as_it_would_by_itself(desk: Desk, mail: Mail) -> None:
    signal = "На ул. „Роза“ пред № 5 има голяма дупка. Моля да вземете мерки.\n\nМария Петкова"
    newsletter = mail("Новини за бизнеса", List_Unsubscribe="<https://example.com/u>", Subject="Бюлетин",
                      List_Id="<news.example.com>", Message_ID="<news@example.com>")
    ids = come(desk.office, [mail(signal, Received="from a by b"), newsletter, citizen_mail(1),
                             mail(signal, Received="from a by c"), citizen_mail(2)])
    assert claimed(desk.office) == ids
    assert attempt_together(desk.office, ids) == set(ids)
    assert desk.office.store.item(ids[3]) is None, "the same message again is no item of its own"
    first, news, *others = (desk.item(item_id) for item_id in ids if item_id != ids[3])
    assert len(first.arrivals) == 2 and news.status is Status.NOT_CORRESPONDENCE and news.entry is None
    assert numbers([first, *others]) == [1, 2, 3]
    assert all(len(item.letters) == 1 for item in (first, *others))
    desk.send()
    with desk.office.store.reading() as register:
        assert register.history.faults() == [] and register.entries.faults() == []
        assert [line.what for line in register.history.of(first.id)] == [
            "arrived", "read", "arrived_again", "registered", "letter_drafted", "letter_sent"]


def test_one_that_fails_costs_the_others_nothing(desk: Desk) -> None:
    ids = come(desk.office, [citizen_mail(number) for number in range(4)])
    with desk.office.store.reading() as register:
        lost = desk.office.store.originals.path(register.arrivals.of(ids[1])[0].sha256)
    lost.rename(lost.with_name("elsewhere"))
    assert attempt_together(desk.office, claimed(desk.office)) == set(), "all of them or nothing"
    assert all(desk.item(item_id).step is Step.ARRIVED for item_id in ids)
    for item_id in ids:
        attempt_item(desk.office, item_id)
    left = desk.item(ids[1])
    assert left.step is Step.ARRIVED and left.attempts == 1
    assert numbers([desk.item(item_id) for item_id in ids]) == [1, 2, 3]
    lost.with_name("elsewhere").rename(lost)
    attempt_item(desk.office, ids[1])
    with desk.office.store.reading() as register:
        assert register.entries.faults() == [] and register.history.faults() == []
    assert desk.item(ids[1]).entry


def test_a_long_mail_waits_for_nobody_and_nobody_for_it(desk: Desk) -> None:
    long = citizen_mail(2).as_bytes() + b"\n" * SMALL_OCTETS
    ids = come(desk.office, [citizen_mail(0), citizen_mail(1), long, citizen_mail(3)])
    assert claimed(desk.office) == [ids[0], ids[1], ids[3]]
    with desk.office.store.transaction() as register:
        assert register.items.claim("other", desk.office.now(), LEASE, heavy_too=False) == ids[2]
        assert register.items.claim_mails(ids[2], "other", desk.office.now(), LEASE, 16) == []


def test_one_that_has_failed_before_goes_by_itself(desk: Desk) -> None:
    ids = come(desk.office, [citizen_mail(number) for number in range(3)])
    with desk.office.store.transaction() as register:
        register.items.postpone(ids[1], desk.office.now() - LEASE, "прекъснато")
    assert claimed(desk.office) == [ids[0], ids[2]]
    assert claimed(desk.office) == []


# ---- understanding beside the service ------------------------------------------------------------------------------


@contextmanager
def thinking(office: Office, pack: Pack) -> Iterator[Thinking]:
    beside = Thinking(office.settings, pack)
    beside.allow()
    try:
        yield beside
    finally:
        beside.close()


def test_a_burst_is_understood_beside_the_service_as_it_would_be_inside(office: Office) -> None:
    asked = [(Letter(channel=Channel.EMAIL, media_type="message/rfc822", text=case.text), day_of(CAME))
             for case in CASES[:8]]
    inside = [understand(letter, office.pack, office.knowledge, came) for letter, came in asked]
    with thinking(office, office.pack) as beside:
        assert beside.understand_all(asked[:AT_LEAST - 1], None) is None, "a few are understood inside"
        wait_until(lambda: beside.understand_all(asked, None) is not None, 60)
        assert beside.understand_all(asked, None) == inside


def test_it_is_begun_once_and_ends_also_while_it_begins(office: Office) -> None:
    asked = [(Letter(channel=Channel.EMAIL, media_type="message/rfc822", text="Здравейте"), day_of(CAME))] * AT_LEAST
    with thinking(office, office.pack) as beside:
        begun = threading.Barrier(6)

        def ask() -> None:
            begun.wait()
            beside.understand_all(asked, None)

        lanes = [threading.Thread(target=ask) for _ in range(6)]
        for lane in lanes:
            lane.start()
        for lane in lanes:
            lane.join()
        assert len(beginning()) <= 1
    assert not beginning()
    assert beside.understand_all(asked, None) is None, "and it does not begin again"
    assert not beginning()


def beginning() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "mailroom-thinking"]


def test_rules_that_were_changed_are_for_the_next_start(office: Office) -> None:
    asked = [(Letter(channel=Channel.EMAIL, media_type="message/rfc822", text="Здравейте"), day_of(CAME))] * AT_LEAST
    with thinking(office, office.pack.model_copy(update={"version": "another"})) as beside:
        assert beside._ask(asked, None, 60) is None
        assert beside.understand_all(asked, None) is None
