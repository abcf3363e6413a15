"""The counter: what a clerk enters is an item like every other, at once, and what was typed stands."""

import io
from datetime import date

import numpy
import pdfplumber
import pikepdf
import pypdfium2
import pytest

from mailroom import counter
from mailroom.errors import BadRequest
from mailroom.model.arrival import Channel
from mailroom.model.findings import Kind
from mailroom.model.item import Item, Status
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.staff import Role, Staff
from mailroom.model.taken_down import Brought, TakenDown
from mailroom.office import Office
from mailroom.reading.codes import codes_on
from tests.correspondence.plain_language import faults
from tests.journeys.conftest import Desk

LAMPS = "Уличните лампи на улица „Явор“ не светят от една седмица."


def enter(desk: Desk, clerk: Staff, brought: Brought = Brought.COUNTER, **typed: object) -> Item:
    """A letter about lamps, unless something else is told."""
    told = {"form": "1", "text": LAMPS, "fields": {"sender_name": "Петър Димов"}, "in_hand": True, **typed}
    return desk.item(counter.take_down(desk.office, clerk, brought=brought, **told))  # type: ignore[arg-type]


def taken(office: Office, item: Item) -> TakenDown:
    """What was entered for an item."""
    with office.store.reading() as register:
        found = register.counter.of(item.id)
    assert found is not None
    return found


def text_of(content: bytes) -> str:
    """The words of a PDF."""
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        return "\n".join(page.extract_text() for page in pdf.pages)


def test_what_is_entered_gets_its_number_at_once_and_what_was_typed_stands(desk: Desk, clerk: Staff) -> None:
    item = enter(desk, clerk, fields={"sender_name": "Петър Димов", "kind": "proposal", "phone": "0888 000 433",
                                      "subject": "Лампи"}, address="ул. Явор 4, ет. 2")
    assert item.entry and item.status is Status.REGISTERED and item.channel is Channel.COUNTER
    findings = item.findings
    assert findings is not None and findings.sender_name is not None and findings.address is not None
    assert (findings.kind.value, findings.kind.confidence) == (Kind.PROPOSAL, 1.0)
    address = findings.address.value
    assert (address.settlement, address.postcode, address.street, address.number, address.floor) == (
        "Примерово", "9999", "ул. Явор", "4", "2")
    original = desk.office.store.originals.path(item.arrivals[0].sha256).read_text("utf-8")
    assert LAMPS in original and "Мария Колева" in original


def test_what_is_not_typed_is_found_in_the_words(desk: Desk, clerk: Staff) -> None:
    item = enter(desk, clerk, text="Оголен кабел под напрежение виси над детската площадка, децата могат да загинат!")
    assert item.verdict is not None and item.verdict.urgent
    assert "112" in item.letters[0].text


def test_the_receipt_in_hand_is_the_confirmation(desk: Desk, clerk: Staff) -> None:
    item = enter(desk, clerk, fields={"sender_name": "Петър Димов", "email": "p.dimov@example.com"}, sheets=3)
    assert item.entry is not None
    assert [(one.type.value, one.channel.value, one.status) for one in item.letters] == [
        ("acknowledgement", "hand", OutgoingStatus.SENT)]
    for said in (item.entry.registration_number, item.entry.access_code, "Мария Колева", " г. в "):
        assert said in text_of(counter.papers(desk.office, clerk, item, taken(desk.office, item)) or b"")
    assert list(faults(item.letters[0].text)) == []


def test_who_does_not_wait_is_confirmed_as_usual(desk: Desk, clerk: Staff) -> None:
    calls = {"sender_name": "Петър Димов", "email": "p.dimov@example.com"}
    item = enter(desk, clerk, Brought.PHONE, fields=calls)
    assert item.channel is Channel.PHONE
    assert [one.channel.value for one in item.letters] == ["email"]
    nameless = enter(desk, clerk, Brought.BOX, form="2", fields={}, text="Уличните лампи не светят.")
    assert nameless.entry and nameless.letters == ()


def test_a_form_that_is_sent_twice_makes_one_item(desk: Desk, clerk: Staff) -> None:
    assert enter(desk, clerk).id == enter(desk, clerk).id
    assert enter(desk, clerk, form="2").id != enter(desk, clerk).id, "two people may say the same"


def test_the_day_of_receipt_may_be_past_but_not_to_come(desk: Desk, clerk: Staff) -> None:
    today = desk.office.now().date()
    item = enter(desk, clerk, Brought.POST, received_on=date(2026, 1, 16))
    assert item.received_at.date() == date(2026, 1, 16)
    with pytest.raises(BadRequest, match="бъдещето"):
        enter(desk, clerk, form="2", received_on=today.replace(year=today.year + 1))


@pytest.mark.parametrize(("typed", "refused"), [
    ({"brought": Brought.PHONE, "text": ""}, "какво казва"), ({"text": "", "fields": {}}, "за какво е писмото"),
    ({"fields": {"colour": "red"}}, "не може да се поправя"), ({"fields": {"kind": "letter"}}, "не е допустима")])
def test_what_cannot_be_registered_is_refused_and_leaves_nothing(
        desk: Desk, clerk: Staff, typed: dict[str, object], refused: str) -> None:
    with pytest.raises(BadRequest, match=refused):
        enter(desk, clerk, **typed)  # type: ignore[arg-type]
    with desk.office.store.reading() as register:
        assert register.items.ids() == ()


def test_what_may_come_from_a_whistleblower_gets_no_receipt_at_the_common_counter(desk: Desk, clerk: Staff) -> None:
    item = enter(desk, clerk, fields={"sender_name": "Петър Димов", "matter": "whistleblower"})
    assert item.sealed and item.letters == ()


def test_what_the_confidential_officer_enters_is_sealed(desk: Desk) -> None:
    officer = Staff(login="a.vasileva", name="Анна Василева", role=Role.CONFIDENTIAL)
    assert enter(desk, officer, Brought.ORAL).sealed


@pytest.mark.parametrize("place", [None, 1, 24])
def test_the_label_is_read_back_from_what_is_printed(desk: Desk, clerk: Staff, place: int | None) -> None:
    item = enter(desk, clerk)
    content = counter.label_pdf(desk.office, clerk, item, taken(desk.office, item), place=place)
    page = pypdfium2.PdfDocument(content)[0]
    assert [round(side * 25.4 / 72) for side in page.get_size()] == ([210, 297] if place else [62, 29])
    samples = numpy.asarray(page.render(scale=150 / 72).to_pil().convert("L"))
    assert [code.text for code in codes_on(samples)] == [taken(desk.office, item).label]
    assert item.entry is not None and item.entry.access_code not in text_of(content)


def test_a_place_that_the_sheet_has_not_is_refused(desk: Desk, clerk: Staff) -> None:
    item = enter(desk, clerk)
    with pytest.raises(BadRequest, match="от 1 до 24"):
        counter.label_pdf(desk.office, clerk, item, taken(desk.office, item), place=25)


def test_what_was_told_is_printed_as_a_record_to_be_signed_and_kept(desk: Desk, clerk: Staff) -> None:
    item = enter(desk, clerk, Brought.ORAL, address="ул. Явор 4")
    content = counter.papers(desk.office, clerk, item, taken(desk.office, item)) or b""
    words = text_of(content)
    assert all(said in words for said in ("Протокол", LAMPS[:30], "Подател", "Длъжностно лице: Мария Колева",
                                          "чл. 29, ал. 5", "Разписка"))
    with pikepdf.open(io.BytesIO(content)) as pdf:
        metadata = pdf.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert str(pdf.Root.Lang) == "bg"
    picture = pypdfium2.PdfDocument(content)[0].render(scale=150 / 72).to_pil().convert("L")
    assert [code.text for code in codes_on(numpy.asarray(picture))] == [taken(desk.office, item).label]


def test_a_call_is_recorded_without_the_citizens_signature(desk: Desk, clerk: Staff) -> None:
    item = enter(desk, clerk, Brought.PHONE)
    words = text_of(counter.papers(desk.office, clerk, item, taken(desk.office, item)) or b"")
    assert "без подпис" in words and "Прочетох протокола" not in words
