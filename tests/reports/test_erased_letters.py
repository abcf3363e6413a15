"""An erased letter keeps counting as it did, on both databases."""

from datetime import date

from mailroom.counting import count
from mailroom.erasing import erase, finish
from mailroom.holdings import find
from mailroom.model.erasure import Ground
from mailroom.model.findings import Kind
from mailroom.model.item import Status
from mailroom.office import Office
from mailroom.retention import due
from tests.reports.post import come_in


def test_figures_stay_and_the_words_are_gone(office: Office) -> None:
    day = date(2026, 11, 18)
    with office.store.transaction() as register:
        erased, other = (come_in(register, day, kind=Kind.COMPLAINT, district="Младост") for _ in range(2))
        register.items.set_status(erased, Status.CLOSED)
        register.history.note("closed", who="clerk", at=office.now(), item_id=erased)
    count(office)
    with office.store.reading() as register:
        before = register.tallies.sums(date.min, date.max)
    assert [row.id for row in find(office, ["Писмо"])] == [erased, other]
    done = erase(office, [erased], lambda item: not item.sealed, who="secretary", ground=Ground.REQUEST, basis="чл. 17")
    assert done.clean and finish(office) == 0
    count(office)
    with office.store.reading() as register:
        assert register.tallies.sums(date.min, date.max) == before
        assert register.history.faults() == [] and register.erasure.of(erased) is not None
    assert [row.id for row in find(office, ["Писмо"])] == [other]
    assert due(office) == ()
