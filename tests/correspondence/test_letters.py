"""The letters that are asked for at the desk: what they say, when they may be written, and in which shapes."""

import io
import re
from datetime import date
from typing import Any

import pdfplumber
import pikepdf
import pytest

from mailroom.correspondence.letters import missing_details
from mailroom.correspondence.pdf import pages_pdf
from mailroom.correspondence.reminder import Reminder, ReminderStage, write_reminder
from mailroom.errors import BadRequest
from mailroom.model.findings import Kind
from mailroom.model.item import Item
from mailroom.model.outgoing import Draft, LetterType, OutgoingStatus
from mailroom.model.pack import ClauseSubject
from mailroom.model.verdict import Outcome
from tests.correspondence.every_letter import (
    BY_MAIL,
    IN_ENGLISH,
    IN_ENGLISH_ON_PAPER,
    ON_PAPER,
    TO_CITIZENS,
    decided,
    sealed,
    write,
)
from tests.correspondence.samples import FROM, NOW, PACK, item, packaged_templates

SAID = [
    ("missing name, signal", "ни трябва Вашето име", "до 27 ноември 2026 г."),
    ("missing name, request", "до 23 ноември 2026 г.", "законът иска да прекратим работата"),
    ("missing name, foi_request", "Без тях законът не ни позволява да разгледаме заявлението.", "94-00-17/20.11.2026"),
    ("missing address", "ни трябва Вашият адрес", "не спира"),
    ("missing both", "ни трябват Вашите име и адрес", "Името Ви остава при нас."),
    ("forwarding", "решава областната дирекция на полицията", "чл. 112 от Административнопроцесуалния кодекс"),
    ("forwarding a request", "Адрес: ул. „Бреза“ № 1, 9999 Примерово.", "Не е нужно да правите нищо."),
    ("not considered, anonymous", "не намерихме кой ни пише", "Анонимни сигнали и жалби не се разглеждат."),
    ("not considered, old", "преди повече от две години", "няма да го разгледаме"),
    ("not considered, repeated", "вече има решение", "не се обжалва пред съд (чл. 124, ал. 2 от"),
    ("no reply to abuse", "няма да отговорим", "Ако ни пишете отново без тях, ще Ви отговорим."),
    ("not considered, in a person's words", "Причината: въпросът е решен вчера.", "Иван Тодоров"),
    ("information refused", "лични данни на други хора", "Сведения за себе си можете да поискате"),
    ("receipt for a whistleblower", "Уникалният идентификационен номер е 26-000417.", "в 10:42:05 ч."),
    ("satisfaction", "Доволни ли сте", "Питаме само веднъж."),
]


def plain(markup: str) -> str:
    """What a reader sees of a page."""
    return " ".join(re.sub("<[^>]*>", "", markup.partition("<body")[2]).split())


@pytest.mark.parametrize(("name", "first", "second"), SAID)
def test_it_says_what_it_is_for_in_every_shape(name: str, first: str, second: str) -> None:
    for shape in (BY_MAIL[name].text, plain(BY_MAIL[name].html), plain(BY_MAIL[name].page_html)):
        assert first in shape and second in shape
        assert "С уважение" in shape and "Уважаема госпожо" in shape


@pytest.mark.parametrize("name", list(BY_MAIL))
def test_english_stands_beside_when_the_citizen_wrote_in_english_and_only_then(name: str) -> None:
    """In mail and on paper."""
    shapes = (IN_ENGLISH[name].text, plain(IN_ENGLISH[name].html), plain(IN_ENGLISH[name].page_html))
    assert all("English summary" in shape and "С уважение" in shape for shape in shapes)
    assert 'lang="en"' in IN_ENGLISH[name].html and 'lang="en"' in IN_ENGLISH[name].page_html
    assert "English" not in BY_MAIL[name].text + BY_MAIL[name].html + BY_MAIL[name].page_html


def test_no_letter_fetches_anything_or_quotes_the_citizen() -> None:
    """Nothing remote in HTML; nothing of the letter's own words, which a stranger may have sent."""
    for draft in (*BY_MAIL.values(), *IN_ENGLISH.values()):
        assert not re.search(r"<(?:img|link|script|iframe)|url\(|@import", draft.html + draft.page_html)
        assert "Неповторимите" not in draft.text + draft.html and "Тайният" not in draft.subject


def test_what_a_person_writes_waits_for_a_person_and_is_no_automatic_answer() -> None:
    waiting = [draft for draft in BY_MAIL.values() if draft.type not in (LetterType.ACKNOWLEDGEMENT,
                                                                        LetterType.SATISFACTION)]
    assert all(draft.status is OutgoingStatus.DRAFT and not draft.auto_submitted for draft in waiting)


def test_the_subject_of_a_whistleblowers_receipt_tells_nothing() -> None:
    """Subject lines are seen on locked screens."""
    assert BY_MAIL["receipt for a whistleblower"].subject == "Получихме Вашето писмо, № 94-00-17/20.11.2026"


REFUSED: list[tuple[LetterType, Item, dict[str, str], str]] = [
    (LetterType.MISSING_DETAILS, item(), {}, "няма какво да се иска"),
    (LetterType.FORWARDING, item(), {"body": " "}, "до кого е препратено"),
    (LetterType.FORWARDING, item(kind=Kind.FOI_REQUEST), {"body_address": ""}, "ЗДОИ чл. 32"),
    (LetterType.FORWARDING, item(email=None, address=None), {}, "Няма адрес"),
    (LetterType.NOT_CONSIDERED, item(), {}, "след като човек реши"),
    (LetterType.NOT_CONSIDERED, decided(Outcome.CONSIDER), {}, "след като човек реши"),
    (LetterType.NOT_CONSIDERED, decided(Outcome.NOT_CONSIDERED), {}, "Напишете причината"),
    (LetterType.INFORMATION_REFUSED, item(), {}, "след като човек реши"),
    (LetterType.INFORMATION_REFUSED,
     decided(Outcome.INFORMATION_REFUSED, ClauseSubject.PROTECTED_INFO, kind=Kind.FOI_REQUEST), {}, "отделно решение"),
    (LetterType.WHISTLEBLOWER_RECEIPT, sealed(), {"uin": ""}, "уникалния идентификационен номер"),
    (LetterType.WHISTLEBLOWER_RECEIPT, item(), {}, "само за поверителни"),
    (LetterType.FORWARDING, sealed(), {}, "само с потвърждението"),
]


@pytest.mark.parametrize(("letter_type", "about", "typed", "told"), REFUSED)
def test_what_would_say_more_than_was_decided_is_refused(letter_type: LetterType, about: Item, typed: dict[str, str],
                                                        told: str) -> None:
    with pytest.raises(BadRequest, match=told):
        write(letter_type, about, **typed)


@pytest.mark.parametrize(("changes", "missing"), [
    ({}, ""), ({"sender_name": None}, "name"), ({"address": None}, "address"),
    ({"sender_name": None, "address": None}, "both"), ({"sender_name": None, "organisation": "ЕТ „Роза“"}, ""),
])
def test_what_is_missing_is_what_nobody_could_answer_without(changes: dict[str, Any], missing: str) -> None:
    assert missing_details(item(**changes)) == missing


def test_a_letter_by_post_leaves_time_for_the_post() -> None:
    """The three days of a request run from the day on which the letter is received."""
    by_post = write(LetterType.MISSING_DETAILS, item(kind=Kind.REQUEST, sender_name=None, email=None))
    assert "до 26 ноември 2026 г." in by_post.text


def every_page() -> list[Draft]:
    """Each type once in each language, on paper."""
    chosen: dict[tuple[LetterType, bool], Draft] = {}
    for english, drafts in ((False, ON_PAPER), (True, IN_ENGLISH_ON_PAPER)):
        for draft in drafts.values():
            chosen.setdefault((draft.type, english), draft)
    assert {letter_type for letter_type, _ in chosen} == TO_CITIZENS
    return list(chosen.values())


def test_paper_is_kept_for_twenty_years_and_read_aloud() -> None:
    """PDF/A-3a as declared: language, structure, every font inside with its way back to text; and the text is there."""
    drafts = every_page()
    octets = io.BytesIO(pages_pdf([draft.page_html for draft in drafts]))
    with pikepdf.open(octets) as pdf:
        with pdf.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "A")
        assert str(pdf.Root.Lang) == "bg" and bool(pdf.Root.MarkInfo.Marked)
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        kinds = set(structure(pdf.Root.StructTreeRoot))
        assert {"/Document", "/H1", "/P", "/TH", "/TD"} <= kinds
        for page in pdf.pages:
            for font in page.Resources.Font.values():
                assert "/ToUnicode" in font and "/FontFile2" in font.DescendantFonts[0].FontDescriptor
    octets.seek(0)
    with pdfplumber.open(octets) as pdf:
        pages = [" ".join((page.extract_text() or "").split()) for page in pdf.pages]
    assert len(pages) >= len(drafts)
    for draft in drafts:
        about = re.search(r'<h1 class="about">(.*?)</h1>', draft.page_html)
        assert about is not None and any(" ".join(about[1].split()) in page for page in pages)
    assert any("Уважаема госпожо Петрова" in page for page in pages)


def structure(element: Any) -> list[str]:
    """The types of the structure elements below this one."""
    if not isinstance(element, pikepdf.Dictionary):
        return []
    below = element.get("/K")
    children = list(below) if isinstance(below, pikepdf.Array) else [below] if below is not None else []
    return [str(element.get("/S")), *(kind for child in children for kind in structure(child))]


def test_a_reminder_groups_dates_and_tells_nothing_of_what_is_sealed() -> None:
    lines = [Reminder(number="94-00-18/21.11.2026", stage=ReminderStage.NEAR, clock="statute", due=date(2026, 12, 4),
                      kind="signal", subject="Дупка"),
             Reminder(number="94-00-17/20.11.2026", stage=ReminderStage.OVERDUE, clock="charter",
                      due=date(2026, 11, 19)),
             Reminder(number="94-00-19/21.11.2026", stage=ReminderStage.NEAR, clock="confirm_receipt",
                      due=date(2026, 11, 27), sealed=True)]
    draft = write_reminder(lines, PACK, packaged_templates(), recipient="todorov@primerovo.example", from_address=FROM,
                           queue_url="https://delovodstvo.primerovo.example", now=NOW)
    assert draft.subject == "Срокове: изтекли 1, наближават 2"
    for shape in (draft.text, plain(draft.html)):
        assert "94-00-18/21.11.2026, сигнал: Дупка" in shape and "отговор по закона: 04.12.2026 г." in shape
        assert "Преписка с ограничен достъп" in shape and "потвърждение до подателя: 27.11.2026 г." in shape
        assert "94-00-19" not in shape and "https://delovodstvo.primerovo.example" in draft.text
        assert shape.index("изтекъл") < shape.index("наближава")
