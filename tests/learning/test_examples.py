"""What staff correct is kept as an example, and only that."""

from sqlalchemy import text
from sqlmodel import Session

from mailroom import desk as actions
from mailroom.model.findings import Kind
from mailroom.model.item import Item
from mailroom.model.learned import DECISION, Example
from mailroom.model.staff import Staff
from mailroom.model.verdict import Outcome
from tests.journeys.conftest import Desk
from tests.learning.conftest import mail

SIGNAL = "Сигнализирам за счупена пейка пред ул. „Роза“ № 5.\n\nМария Петкова\nгр. Примерово, ул. „Роза“ № 7\n"
WHISTLE = ("Подавам сигнал по Закона за защита на лицата, подаващи сигнали или публично оповестяващи информация за "
           "нарушения. Работя в общината и видях фактури за неизвършени ремонти.\n\nИлия Савов\n")


def examples(desk: Desk, item: Item) -> list[Example]:
    """What is kept of this item."""
    with desk.office.store.reading() as register:
        return [one for one in register.examples.all() if one.item_id == item.id]


def correct(desk: Desk, clerk: Staff, item: Item, **fields: object) -> None:
    """As the clerk does on the page, where a path has a point."""
    now = desk.item(item.id)
    actions.correct(desk.office, clerk, item.id, now.version, {k.replace("__", "."): v for k, v in fields.items()})


def test_a_correction_is_kept_with_what_the_program_said(desk: Desk, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    correct(desk, clerk, item, kind="proposal", address__number="9", anonymous=True)
    assert examples(desk, item) == [
        Example(item_id=item.id, field="address.number", found="7", meant="9"),
        Example(item_id=item.id, field="anonymous", found=False, meant=True),
        Example(item_id=item.id, field="kind", found=Kind.SIGNAL, meant="proposal")]


def test_of_two_corrections_the_first_knows_what_was_found_and_the_last_what_is_right(
        desk: Desk, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    correct(desk, clerk, item, kind="proposal")
    correct(desk, clerk, item, kind="complaint")
    assert examples(desk, item) == [Example(item_id=item.id, field="kind", found="signal", meant="complaint")]


def test_a_correction_that_is_taken_back_teaches_nothing(desk: Desk, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    correct(desk, clerk, item, kind="proposal")
    correct(desk, clerk, item, kind="signal")
    assert examples(desk, item) == []


def test_another_decision_than_the_proposed_one_is_kept(desk: Desk, clerk: Staff) -> None:
    item = desk.come_in(mail("Вие сте пълни идиоти.", From="", Subject=""))
    assert item.verdict is not None and item.verdict.outcome is not Outcome.CONSIDER
    actions.override(desk.office, clerk, item.id, item.version, Outcome.CONSIDER, "по същество")
    assert [(one.field, one.meant) for one in examples(desk, item)] == [(DECISION, "consider")]


def test_what_was_set_aside_and_is_a_letter_is_kept(desk: Desk, clerk: Staff) -> None:
    item = desk.come_in(mail("В отпуск съм до 1 декември.", Auto_Submitted="auto-replied",
                             Subject="Автоматичен отговор: Вашето писмо"))
    actions.reclassify(desk.office, clerk, item.id, item.version)
    assert examples(desk, item) == [Example(item_id=item.id, field="noncorrespondence", found="auto_reply", meant=None)]


def test_a_sealed_item_is_never_an_example(desk: Desk, clerk: Staff) -> None:
    item = desk.come_in(mail(WHISTLE))
    assert item.sealed
    correct(desk, clerk, item, kind="other")
    assert examples(desk, item) == []


def test_an_item_that_is_sealed_later_is_no_example_any_more(desk: Desk, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    correct(desk, clerk, item, kind="corruption_report")
    correct(desk, clerk, item, matter="whistleblower")
    assert desk.item(item.id).sealed and examples(desk, item) == []
    with desk.office.store.reading() as register:
        assert item.id not in register.examples.looked_at(10)


def test_an_example_goes_with_its_item(desk: Desk, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    correct(desk, clerk, item, kind="proposal")
    with Session(desk.office.store._writer) as session:
        for table in ("item_document", "arrival", "outgoing", "entry"):
            session.execute(text(f"DELETE FROM {table} WHERE item_id = {item.id}"))
        session.execute(text(f"DELETE FROM item WHERE id = {item.id}"))
        kept = f"SELECT count(*) FROM example WHERE item_id = {item.id}"
        left = session.execute(text(kept)).scalar_one()
        session.rollback()
    assert left == 0
