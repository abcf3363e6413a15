"""A scan batch is divided at its sheets and nowhere else; without sheets it is a suggestion."""

import pytest

from mailroom.errors import BadRequest
from mailroom.model.arrival import Channel
from mailroom.model.letter import Fault, Letter, Page, TextSource
from mailroom.reading.batch import letters_in, letters_of, suggested_parts
from mailroom.reading.faults import fault
from tests.reading.material import COMPLAINT, batch_pdf, read

LOWEST = 0.55


def scan(layout: str, *faults: Fault) -> Letter:
    """A file of pages: S a separator sheet, _ a blank back, anything else a page of text."""
    pages = tuple(
        Page(number=number, text=f"Моля да се поправи лампата на улица {sign}." if sign not in "S_" else "",
             text_source=TextSource.OCR if sign not in "S_" else TextSource.NONE,
             confidence=0.9 if sign not in "S_" else None, blank=sign in "S_", separator=sign == "S")
        for number, sign in enumerate(layout, 1))
    return Letter(channel=Channel.PAPER, media_type="application/pdf", pages=pages, faults=faults,
                  text="\n\n".join(page.text for page in pages if page.text))


def numbers(letter: Letter) -> str:
    return ",".join(str(page.number) for page in letter.content_pages)


@pytest.mark.parametrize(("layout", "letters"), [
    ("ab", ["1,2"]),
    ("aSb", ["1", "3"]),
    ("SaSbcSd", ["2", "4,5", "7"]),
    ("a_S_b_S_c_", ["1", "5", "9"]),
    ("Sa", ["2"]),
    ("aS", ["1"]),
    ("SSaSSbSS", ["3", "6"]),
    ("S_S_a", ["5"]),
    ("S", [""]),
    ("S_S_", [""]),
    ("a_b_", ["1,3"]),
    ("_a", ["2"]),
])
def test_sheets_divide_and_no_part_is_empty(layout: str, letters: list[str]) -> None:
    assert [numbers(letter) for letter in letters_in(scan(layout), lowest=LOWEST)] == letters


def test_a_blank_back_stays_with_the_letter_before_it() -> None:
    first, second = letters_in(scan("a_S_b_"), lowest=LOWEST)
    assert [page.number for page in first.pages] == [1, 2] and [page.number for page in second.pages] == [5, 6]


def test_text_faults_and_legibility_go_with_the_pages() -> None:
    batch = scan("aSbSc", fault("page_timeout", page=3), fault("truncated"))
    unread = batch.pages[2].model_copy(update={"text": "", "confidence": None})
    batch = batch.model_copy(update={"pages": (*batch.pages[:2], unread, *batch.pages[3:])})
    first, second, third = letters_in(batch, lowest=LOWEST)
    assert first.text == "Моля да се поправи лампата на улица а." and third.ocr_confidence == 0.9
    assert {found.code for found in first.faults} == {"truncated"} and first.legible
    assert {found.code for found in second.faults} == {"truncated", "page_timeout", "no_text"} and not second.legible


def test_a_batch_is_read_from_its_file() -> None:
    content = batch_pdf(COMPLAINT, "", None, "", COMPLAINT.replace("Липа", "Бреза"))
    first, second = letters_in(read(content, Channel.PAPER), lowest=LOWEST)
    assert "Липа" in first.text and "Бреза" not in first.text
    assert "Бреза" in second.text and numbers(second) == "5"
    assert "РАЗДЕЛИТЕЛ" not in first.text + second.text


BODY = ("Пиша Ви, защото уличното осветление пред нашия дом не работи от две седмици и вечер е съвсем тъмно. Моля да "
        "изпратите екип, който да смени лампите и да провери таблото, преди да се е случило нещо лошо.")
WHOLE = f"До Кмета на Община Примерово\nот Иван Стоянов Колев\nЖАЛБА\n{BODY}\n12.03.2026 г.\nС уважение,\nИ. Колев"
TITLED = f"МОЛБА\nот Петя Илиева Ганева, ул. „Роза“ № 3\n{BODY}\n4 април 2026 г.\nПетя Ганева"
OPEN = f"До Кмета на Община Примерово\nот Иван Стоянов Колев\nЖАЛБА\n{BODY}\nОсвен това искам да Ви обърна внимание, че"
GOES_ON = f"от януари насам никой не идва.\n{BODY}\nС уважение,\nИван Колев\n12.03.2026 г."
RECEIPT = "БЕЛЕЖКА ЗА ПЛАТЕНА ТАКСА\nПлатец: Иван Колев\nСума: 3,07 евро\nДата: 12.03.2026 г."
ENVELOPE = "Иван Стоянов Колев\nул. „Роза“ № 3\n9999 Примерово\n\nДо Кмета на\nОбщина Примерово\nпл. „Съединение“ № 1"
ANNEX = f"Приложение № 1\n{BODY}"


def typed(*texts: str) -> tuple[Page, ...]:
    return tuple(Page(number=number, text=text, text_source=TextSource.OCR, confidence=0.9, blank=not text)
                 for number, text in enumerate(texts, 1))


@pytest.mark.parametrize(("texts", "parts"), [
    ((WHOLE, WHOLE), ((1,), (2,))),
    ((WHOLE, TITLED), ((1,), (2,))),
    ((WHOLE, "", WHOLE, ""), ((1,), (3,))),
    ((OPEN, GOES_ON, TITLED), ((1, 2), (3,))),
    ((WHOLE, RECEIPT, WHOLE), ((1, 2), (3,))),
    ((f"{WHOLE}\nстр. 1 от 1", f"{BODY}\nстр. 1 от 2", f"{GOES_ON}\nстр. 2 от 2"), ((1,), (2, 3))),
], ids=["addressee", "title and sender", "blank backs", "two pages and one", "an enclosure between", "numbered pages"])
def test_pages_that_look_like_letters_are_suggested(texts: tuple[str, ...], parts: tuple[tuple[int, ...], ...]) -> None:
    assert suggested_parts(typed(*texts)) == parts


@pytest.mark.parametrize("texts", [
    (f"12.03.2026 г.\nДо Община Примерово\nСИГНАЛ\n{BODY}\nПрилагам молбата си от януари.", WHOLE),
    (OPEN, GOES_ON),
    (WHOLE, RECEIPT),
    (WHOLE, ANNEX),
    (ENVELOPE, WHOLE),
    (f"{WHOLE}\nстр. 1 от 2", f"{WHOLE}\nстр. 2 от 2"),
    (f"{WHOLE}\n- 1 -", f"{WHOLE}\n- 2 -"),
    (f"{WHOLE}\nстр. 1 от 2", WHOLE),
    (OPEN, WHOLE),
    (WHOLE,),
    (WHOLE, ""),
], ids=["nobody has signed", "goes on", "receipt", "annex", "envelope first", "2 of 2", "- 2 -", "1 of 2", "breaks off",
        "one", "blank back"])
def test_one_letter_of_several_pages_is_left_in_peace(texts: tuple[str, ...]) -> None:
    assert len(suggested_parts(typed(*texts))) == 1


def test_a_suggestion_divides_nothing_and_asks_a_person() -> None:
    pages = typed(WHOLE, TITLED)
    letter = Letter(channel=Channel.PAPER, media_type="application/pdf", pages=pages, text=f"{WHOLE}\n\n{TITLED}")
    [kept] = letters_in(letter, lowest=LOWEST)
    assert kept.text == letter.text and kept.pages == pages
    assert kept.suggested_parts == ((1,), (2,)) and [found.code for found in kept.faults] == ["several_letters"]
    [whole] = letters_of(kept, [(1, 2)], lowest=LOWEST)
    assert whole == letter
    assert [one.text for one in letters_of(kept, [(1,), (2,)], lowest=LOWEST)] == [WHOLE, TITLED]


def test_an_enclosed_letter_between_two_sheets_is_no_oversight() -> None:
    encloses = WHOLE.replace("12.03", "Прилагам и предишната си жалба.\n12.03")
    sheet = Page(number=3, text="", text_source=TextSource.NONE, confidence=None, blank=True, separator=True)
    for first, suggested in ((encloses, 0), (WHOLE, 2)):
        pages = (*typed(first, WHOLE), sheet)
        [letter] = letters_in(Letter(channel=Channel.PAPER, media_type="application/pdf", pages=pages), lowest=LOWEST)
        assert len(letter.suggested_parts) == suggested


@pytest.mark.parametrize(("parts", "says"), [
    ([(1,)], "Страница 3"), ([(1,), (3, 4)], "няма страница 4"), ([(1, 3), (3,)], "само в едно"),
    ([(1, 3), ()], "поне"), ([], "Страница 1"), ([(0, 1), (3,)], "няма страница 0")])
def test_a_split_by_a_person_loses_and_doubles_no_page(parts: list[tuple[int, ...]], says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        letters_of(scan("a_b"), parts, lowest=LOWEST)
