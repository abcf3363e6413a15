"""Paper letters: one PDF and one list, in the order of the post office."""

import csv
import io

import pdfplumber

from mailroom.correspondence.acknowledgement import write_acknowledgement
from mailroom.correspondence.pdf import pages_pdf
from mailroom.dispatch.print_run import LETTER_NAMES, posting_list, print_run_pdf
from mailroom.model.findings import Address
from mailroom.model.outgoing import LetterType, Outgoing, OutgoingChannel
from tests.correspondence.samples import ENTRY, NOW, PACK, SENDING, item, outgoing, packaged_templates


def paper(number: int, postcode: str, settlement: str, name: str = "Мария Петрова") -> Outgoing:
    """A real acknowledgement on paper."""
    address = Address(postcode=postcode, settlement=settlement, street="ул. Роза", number=str(number))
    draft = write_acknowledgement(item(email=None, address=address, sender_name=name), ENTRY, PACK,
                                  packaged_templates(), **SENDING)
    assert draft is not None
    return Outgoing(**draft.model_dump(), id=number, number=ENTRY.registration_number, created_at=NOW)


def test_letters_are_printed_and_listed_by_place_and_mail_is_left_out() -> None:
    letters = [paper(1, "9999", "Примерово"), outgoing(), paper(2, "1000", "София"), paper(3, "9999", "Примерово")]
    with pdfplumber.open(io.BytesIO(print_run_pdf(letters, pages_pdf))) as pdf:
        pages = [page.extract_text() for page in pdf.pages]
    rows = list(csv.reader(io.StringIO(posting_list(letters).removeprefix("\N{BYTE ORDER MARK}")), delimiter=";"))
    order = ["ул. Роза № 2", "ул. Роза № 1", "ул. Роза № 3"]
    assert len(pages) == 3
    assert all(place in page for place, page in zip(order, pages, strict=True))
    assert [row[3].split(", ")[0] for row in rows[1:]] == order
    assert rows[1][:6] == ["1", "94-00-17/20.11.2026", "Мария Петрова", "ул. Роза № 2, 1000 София", "1000",
                           "потвърждение"]


def test_an_address_without_a_postcode_comes_last() -> None:
    """The clerk looks the missing ones up, all at the end of the list."""
    addresses = {1: "А\nс. Баба", 2: "Б\n9999 Примерово", 3: "В\n1000 София", 4: "Г\n99999 Никъде"}
    letters = [outgoing(id=number, channel=OutgoingChannel.PRINT, to=to) for number, to in addresses.items()]
    rows = list(csv.reader(io.StringIO(posting_list(letters)), delimiter=";"))
    assert [(row[2], row[4]) for row in rows[1:]] == [("В", "1000"), ("Б", "9999"), ("Г", ""), ("А", "")]


def test_every_letter_has_its_name_on_the_list() -> None:
    """One that is added without a name fails here."""
    assert set(LETTER_NAMES) == set(LetterType)


def test_a_name_is_no_formula_in_a_spreadsheet() -> None:
    letter = outgoing(channel=OutgoingChannel.PRINT, to="=HYPERLINK(1)\n9999 Примерово")
    assert ";'=HYPERLINK(1);" in posting_list([letter])
