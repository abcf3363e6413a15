"""What was entered at the counter is scanned later and joins by itself; no code swallows anybody's letter."""

import io
from collections.abc import Sequence
from datetime import timedelta

import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

from mailroom import counter, joining, journey
from mailroom.correspondence.pdf import page_pdf
from mailroom.engine.attempt import attempt_copy, attempt_item
from mailroom.export import exported
from mailroom.model.arrival import Channel
from mailroom.model.base import ItemId
from mailroom.model.item import Item, Status, Step
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.staff import Staff
from mailroom.model.taken_down import Brought
from mailroom.reading.codes import code_svg, new_label
from mailroom.separators import separators_pdf
from tests.journeys.conftest import Desk
from tests.journeys.town import FONT

SIZE = (1240, 1754)
LAMPS = "До кмета\n\nСИГНАЛ\n\nУличните лампи на улица „Явор“ не светят от една седмица.\n\nПетър Димов"
WIRES = ("До кмета\n\nСИГНАЛ\n\nОголен кабел под напрежение виси над детската площадка\nна улица „Роза“. "
         "Децата могат да загинат.\n\nПетър Димов")
BENCH = "До кмета\n\nПРЕДЛОЖЕНИЕ\n\nПредлагам пред читалището да се сложи пейка.\n\nСтефан Манолов"


def label_picture(label: str, height: int = 170) -> Image.Image:
    """A label as it comes from a label printer, at 150 dpi."""
    page = page_pdf(f'<style>@page {{ size: 29mm; margin: 1mm }} svg {{ width: 27mm }}</style>'
                            f'{code_svg(label)}')
    picture: Image.Image = pypdfium2.PdfDocument(page)[0].render(scale=150 / 72).to_pil().convert("L")
    return picture.resize((height, height))


def page(text: str, label: str | None = None, *, turned: float = 0) -> Image.Image:
    """A typed page, with a label stuck on it more or less straight."""
    sheet = Image.new("L", SIZE, 255)
    ImageDraw.Draw(sheet).multiline_text((120, 320), text, font=ImageFont.truetype(FONT, 30), fill=0, spacing=14)
    if label:
        sheet.paste(label_picture(label).rotate(turned, fillcolor=255, expand=True), (960, 60))
    return sheet


def scan(*pages: Image.Image) -> bytes:
    """What the scanner writes."""
    out = io.BytesIO()
    pages[0].save(out, "PDF", resolution=150, save_all=True, append_images=pages[1:])
    return out.getvalue()


def separator() -> Image.Image:
    """A separator sheet of ours."""
    sheet: Image.Image = pypdfium2.PdfDocument(separators_pdf(1))[0].render(scale=150 / 72).to_pil().convert("L")
    return sheet.resize(SIZE)


class Scanner:
    """A counter at which things are entered, and the scanner beside it."""

    def __init__(self, desk: Desk, clerk: Staff) -> None:
        self.desk, self.clerk = desk, clerk
        self._keys = iter(range(10_000))

    def enter(self, brought: Brought = Brought.COUNTER, text: str = "Писмо за уличното осветление.",
              **fields: str) -> Item:
        """Something is entered; no receipt, so that the usual letters are written."""
        return self.desk.item(counter.take_down(
            self.desk.office, self.clerk, form=str(next(self._keys)), brought=brought, text=text,
            fields={"sender_name": "Петър Димов", "subject": "Осветление", **fields}))

    def label_of(self, item: Item) -> str:
        """The code of its label."""
        with self.desk.office.store.reading() as register:
            taken = register.counter.of(item.id)
        assert taken is not None
        return taken.label

    def scan(self, *pages: Image.Image, channel: Channel = Channel.PAPER) -> None:
        """A pile is scanned, and everything that has a step to do does it."""
        before = self.ids()
        self.desk.come_in(scan(*pages), source="scanner", channel=channel, file="scan.pdf")
        for item_id in {*before, *self.ids()}:
            attempt_item(self.desk.office, item_id)

    def ids(self) -> Sequence[ItemId]:
        """Every item."""
        with self.desk.office.store.reading() as register:
            return register.items.ids()

    def again(self, item: Item) -> Item:
        """As it stands now."""
        return self.desk.item(item.id)

    def others(self, *items: Item) -> list[Item]:
        """The items that the scanner has made."""
        return [self.desk.item(item_id) for item_id in self.ids() if item_id not in {item.id for item in items}]


@pytest.fixture
def paper(desk: Desk, clerk: Staff) -> Scanner:
    """The counter and its scanner."""
    return Scanner(desk, clerk)


def codes(item: Item) -> set[str]:
    """The faults of its letter."""
    assert item.letter is not None
    return {fault.code for fault in item.letter.faults}


def test_a_scan_with_the_label_joins_its_item_and_makes_no_second(paper: Scanner) -> None:
    entered = paper.enter()
    paper.scan(page(LAMPS, paper.label_of(entered), turned=7), page("Приложение: снимка на лампата"))
    item = paper.again(entered)
    assert paper.others(entered) == []
    assert item.letter is not None and [one.number for one in item.letter.pages] == [1, 2]
    assert "Писмо за уличното осветление." in item.letter.text and "не светят" in item.letter.text
    assert len(item.arrivals) == 2 and item.sheet(2) == (item.arrivals[1].sha256, 2)
    assert item.step is Step.SETTLED and item.entry is not None
    assert item.entry.registration_number == (entered.entry and entered.entry.registration_number)
    assert len(item.letters) == len(entered.letters), "nothing is acknowledged twice"
    told = exported(item, charter="primerovo")
    assert (told.source.name, told.source.pages, told.pages, len(told.arrivals)) == ("counter", None, 2, 2)
    attempt_copy(paper.desk.office, item.id)
    copy = paper.again(entered).copy_sha256
    assert copy and len(pypdfium2.PdfDocument(paper.desk.office.store.originals.read(copy))) == 2


@pytest.mark.long
def test_what_the_clerk_typed_stands_against_the_paper(paper: Scanner) -> None:
    entered = paper.enter(kind="inquiry")
    paper.scan(page(LAMPS, paper.label_of(entered)))
    findings = paper.again(entered).findings
    assert findings is not None and findings.subject is not None
    assert (findings.kind.value, findings.subject.value) == ("inquiry", "Осветление")


def test_a_danger_that_only_the_paper_tells_alarms(paper: Scanner) -> None:
    entered = paper.enter()
    assert entered.verdict is not None and not entered.verdict.urgent
    paper.scan(page(WIRES, paper.label_of(entered)))
    item = paper.again(entered)
    assert item.verdict is not None and item.verdict.urgent
    with paper.desk.office.store.reading() as register:
        assert register.outbox.alerted(item.id)


def test_a_pile_of_labelled_letters_needs_no_sheets_and_what_has_no_label_is_an_item(paper: Scanner) -> None:
    first, second = paper.enter(), paper.enter()
    paper.scan(page(LAMPS, paper.label_of(first)), page(WIRES, paper.label_of(second)), page("втора страница"),
               separator(), page(BENCH))
    one, two, (other,) = paper.again(first), paper.again(second), paper.others(first, second)
    assert one.letter is not None and two.letter is not None and other.letter is not None
    assert (len(one.letter.content_pages), len(two.letter.content_pages)) == (1, 2)
    assert one.sheet(1) == (other.arrivals[0].sha256, 1) and two.sheet(2) == (other.arrivals[0].sha256, 3)
    assert other.part_pages == (5,) and "пейка" in other.letter.text and "label_used" not in codes(other)
    with paper.desk.office.store.reading() as register:
        assert register.items.siblings(one.id) == (two.id, other.id)
        assert register.items.siblings(other.id) == (one.id, two.id)


def test_the_signed_record_brings_only_its_signature(paper: Scanner) -> None:
    entered = paper.enter(Brought.ORAL, text="Лампите на улица „Явор“ не светят.")
    with paper.desk.office.store.reading() as register:
        taken = register.counter.of(entered.id)
    assert taken is not None
    content = counter.papers(paper.desk.office, paper.clerk, entered, taken) or b""
    printed = pypdfium2.PdfDocument(content)[0].render(scale=150 / 72).to_pil().convert("L")
    paper.scan(printed)
    item = paper.again(entered)
    assert paper.others(entered) == [] and item.letter is not None and entered.letter is not None
    assert item.letter.text == entered.letter.text and len(item.letter.pages) == 1


def test_a_label_of_nobody_makes_an_item_with_a_sentence_for_a_person(paper: Scanner) -> None:
    paper.scan(page(LAMPS, new_label()))
    (item,) = paper.others()
    assert item.entry is not None and "label_unknown" in codes(item)


def test_a_label_that_has_its_paper_swallows_no_second_letter(paper: Scanner) -> None:
    entered = paper.enter()
    paper.scan(page(LAMPS, paper.label_of(entered)))
    paper.scan(page(BENCH, paper.label_of(entered)))
    (item,) = paper.others(entered)
    assert item.entry is not None and "label_used" in codes(item) and len(paper.again(entered).scans) == 1
    assert entered.entry is not None and item.letter is not None
    assert any(entered.entry.registration_number in fault.sentence for fault in item.letter.faults)


@pytest.mark.long
def test_of_two_pages_with_one_label_the_second_begins_a_letter_of_its_own(paper: Scanner) -> None:
    entered = paper.enter()
    paper.scan(page(LAMPS, paper.label_of(entered)), separator(), page(BENCH, paper.label_of(entered)))
    (item,) = paper.others(entered)
    assert item.part_pages == (3,) and "label_used" in codes(item)


@pytest.mark.long
def test_a_label_sent_by_mail_or_long_ago_joins_nothing(paper: Scanner, monkeypatch: pytest.MonkeyPatch) -> None:
    entered = paper.enter()
    paper.scan(page(LAMPS, paper.label_of(entered)), channel=Channel.EMAIL)
    assert paper.again(entered).scans == () and len(paper.others(entered)) == 1
    monkeypatch.setattr(joining, "SCANNED_WITHIN", timedelta(0))
    paper.scan(page(WIRES, paper.label_of(entered)))
    assert paper.again(entered).scans == ()


@pytest.mark.long
def test_a_label_on_an_enclosure_changes_nothing(paper: Scanner) -> None:
    entered = paper.enter()
    paper.scan(page(LAMPS, paper.label_of(entered)))
    paper.scan(page(BENCH), page(LAMPS + ".", paper.label_of(entered)))
    (item,) = paper.others(entered)
    assert item.letter is not None and len(item.letter.content_pages) == 2 and "label_used" not in codes(item)


@pytest.mark.long
def test_an_answered_item_stays_answered_when_its_paper_comes(paper: Scanner) -> None:
    entered = paper.enter()
    with paper.desk.office.store.transaction() as register:
        register.items.set_status(entered.id, Status.ANSWERED)
    paper.scan(page(LAMPS, paper.label_of(entered)))
    assert paper.again(entered).status is Status.ANSWERED and paper.again(entered).scans


@pytest.mark.long
def test_paper_that_may_come_from_a_whistleblower_seals_and_stops_what_has_not_left(paper: Scanner) -> None:
    entered = paper.enter(email="p.dimov@example.com")
    assert [letter.status for letter in entered.letters] == [OutgoingStatus.QUEUED]
    paper.scan(page("СИГНАЛ по Закона за защита на лицата, подаващи сигнали\n\nРаботя в общината. Началникът ми\n"
                    "иска подкупи от фирмите. Страх ме е\nот уволнение, ако се разбере.\n\nПетър Димов",
                    paper.label_of(entered)))
    item = paper.again(entered)
    assert item.sealed and [letter.status for letter in item.letters] == [OutgoingStatus.CANCELLED]


@pytest.mark.long
def test_a_second_scan_of_a_sealed_letter_is_sealed_too(paper: Scanner) -> None:
    entered = paper.enter(matter="whistleblower")
    paper.scan(page(LAMPS, paper.label_of(entered)))
    assert paper.again(entered).sealed and paper.again(entered).scans
    paper.scan(page(LAMPS + ".", paper.label_of(entered)))
    (item,) = paper.others(entered)
    assert item.sealed


def test_a_crash_before_the_paper_is_judged_loses_nothing(paper: Scanner) -> None:
    entered = paper.enter()
    paper.desk.come_in(scan(page(WIRES, paper.label_of(entered))), source="scanner", channel=Channel.PAPER)
    assert paper.again(entered).step is Step.READ, "joined, and not yet judged"
    journey.judge(paper.desk.office, entered.id)
    journey.judge(paper.desk.office, entered.id)
    attempt_item(paper.desk.office, entered.id)
    assert paper.again(entered).step is Step.SETTLED
