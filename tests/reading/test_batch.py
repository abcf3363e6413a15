"""A scan batch is divided at its sheets and nowhere else; without sheets it is a suggestion."""

import io

import pytest
from PIL import Image, ImageChops

from mailroom.errors import BadRequest
from mailroom.mediatype import media_type_of
from mailroom.model.arrival import Channel
from mailroom.model.letter import Fault, Letter, Page, TextSource
from mailroom.reading.batch import letters_in, letters_of, suggested_parts
from mailroom.reading.email import File
from mailroom.reading.faults import fault
from mailroom.reading.letter import read_letter
from mailroom.reading.options import ReadingOptions
from mailroom.reading.original import page_png
from mailroom.reading.scans import count_pages, documents_among
from tests.reading.material import COMPLAINT, batch_pdf, page, read, saved, scanner_mail

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


# ---- scans that came by mail ----------------------------------------------------------------------------------------

DOT = saved(Image.new("L", (8, 8), 255), "PNG")
TWO_DOTS = saved(Image.new("L", (8, 8), 255), "TIFF", save_all=True, append_images=[Image.new("L", (8, 8), 255)])


def by_mail(*files: tuple[str, bytes]) -> tuple[Letter, ...]:
    """The letters of a scanner's mail."""
    return letters_in(read(scanner_mail(*files), Channel.PAPER), lowest=LOWEST)


@pytest.mark.parametrize(("names", "documents"), [
    (("scan_001.jpg", "scan_002.jpg", "scan_003.jpg"), (3,)),
    (("Scan.png", "Scan (2).png", "Scan (3).png"), (3,)),
    (("SKM_C258_20261120-1.tif", "SKM_C258_20261120-2.tif"), (2,)),
    (("doc9.jpg", "doc10.jpg"), (2,)),
    (("жалба_стр_1.pdf", "жалба_стр_2.pdf"), (2,)),
    (("scan_001.pdf", "scan_002.pdf"), (1, 1)),
    (("scan_001.jpg", "scan_007.jpg"), (1, 1)),
    (("20261120_093012.jpg", "20261120_094155.jpg"), (1, 1)),
    (("жалба.jpg", "молба.jpg"), (1, 1)),
    (("scan.jpg", "scan.jpg"), (1, 1)),
    (("a1.jpg", "a2.jpg", "b1.jpg", "b2.jpg", "c.pdf"), (2, 2, 1)),
    ((), ()),
])
def test_names_that_count_on_show_the_pages_of_one_document(names: tuple[str, ...], documents: tuple[int, ...]) -> None:
    files = tuple(attached(name, DOT) for name in names)
    assert tuple(map(len, documents_among(files))) == documents


def test_a_file_with_several_pages_is_a_document_whatever_its_name() -> None:
    files = (attached("scan_001.tif", TWO_DOTS), attached("scan_002.tif", DOT))
    assert [len(document) for document in documents_among(files)] == [1, 1]


def test_of_a_torn_file_the_pages_that_are_there_are_counted() -> None:
    assert [count_pages(content) for content in (TWO_DOTS, TWO_DOTS[:-200], DOT, DOT[:20], b"")] == [2, 1, 1, 0, 0]


def attached(name: str, content: bytes) -> File:
    return File(filename=name, declared_type="", media_type=media_type_of(content), content=content, inline=False,
                referenced=False)


def test_each_scan_of_a_mail_is_a_letter_and_the_pages_count_through() -> None:
    letters = by_mail(("a.pdf", batch_pdf(WHOLE, "")), ("b.pdf", batch_pdf(TITLED, None, OPEN, GOES_ON)),
                      ("c.pdf", batch_pdf(ENVELOPE)))
    assert [numbers(letter) for letter in letters] == ["1", "3", "5,6", "7"]
    assert [[file.filename for file in letter.attachments] for letter in letters] == [
        ["a.pdf"], ["b.pdf"], ["b.pdf"], ["c.pdf"]]
    assert letters[1].text.startswith("МОЛБА") and "ЖАЛБА" not in letters[1].text
    assert all(letter.legible and not letter.faults and letter.channel is Channel.PAPER for letter in letters)
    assert not any(letter.head or letter.files or letter.suggested_parts for letter in letters)


def test_a_page_of_a_mailed_scan_is_shown_and_read_again_by_its_number() -> None:
    content = scanner_mail(("a.pdf", batch_pdf(WHOLE, "")), ("broken.pdf", b"%PDF-1.7 lost"),
                           ("b.pdf", batch_pdf(TITLED, ENVELOPE)))
    letters = letters_in(read(content, Channel.PAPER), lowest=LOWEST)
    assert [numbers(letter) for letter in letters] == ["1", "", "3,4"]
    assert shown(content, 4) == shown(batch_pdf(ENVELOPE), 1) and shown(content, 3) != shown(content, 4)
    again = read_letter(content, Channel.PAPER, ReadingOptions(), (3, 4))
    assert (again.pages, again.text, again.files) == (letters[2].pages, letters[2].text, ())


def shown(content: bytes, number: int) -> bytes:
    picture = page_png(content, number, sha256=None, rotation=0, width=300, pixels=10**7, max_pages=50)
    assert picture is not None
    return ImageChops.invert(Image.open(io.BytesIO(picture))).tobytes()


def test_pages_in_files_of_their_own_are_a_pile_that_a_person_divides() -> None:
    [pile] = by_mail(("page-1.pdf", batch_pdf(WHOLE)), ("page-2.pdf", batch_pdf(TITLED)))
    assert numbers(pile) == "1,2" and pile.suggested_parts == ((1,), (2,))
    assert [found.code for found in pile.faults] == ["several_letters"]
    assert [file.filename for file in pile.attachments] == ["page-1.pdf", "page-2.pdf"]


BAD = {"empty_file": b"", "damaged_pdf": b"%PDF-1.4 torn", "damaged_picture": saved(page("а"), "PNG")[:40],
       "unsupported_type": b"\x89PNG\r\n\x1a\n torn"}


def test_what_cannot_be_read_is_a_letter_for_a_person_between_the_good_ones() -> None:
    good = batch_pdf(WHOLE)
    first, *bad, last = by_mail(("a.pdf", good), *((f"{name}.pdf", content) for name, content in BAD.items()),
                                ("z.pdf", good))
    assert [[found.code for found in letter.faults] for letter in bad] == [[code] for code in BAD]
    assert [file.filename for letter in bad for file in letter.attachments] == [f"{name}.pdf" for name in BAD]
    assert not any(letter.legible or letter.content_pages for letter in bad)
    assert first.legible and last.legible and not first.faults and not last.faults and last.text == first.text


def test_a_blank_scan_is_kept_as_a_blank_one_and_sheets_alone_are_none() -> None:
    blank, last = by_mail(("a.pdf", batch_pdf("")), ("sheet.pdf", batch_pdf(None, "")), ("b.pdf", batch_pdf(WHOLE)))
    assert [page.number for page in blank.pages] == [1] and not blank.content_pages
    assert not blank.text and not blank.covering_note and not blank.attachments
    assert numbers(last) == "4"
    [sheet] = by_mail(("sheet.pdf", batch_pdf(None)), ("sheet2.pdf", batch_pdf(None)))
    assert not sheet.content_pages


def test_what_the_source_says_of_the_mail_is_told_with_each_of_its_letters() -> None:
    mailed = read(scanner_mail(("a.pdf", batch_pdf(WHOLE)), ("b.pdf", b"%PDF-1.4 torn")), Channel.PAPER)
    told = Fault(code="source", sentence="Файлът не е изтеглен докрай.")
    letters = letters_in(mailed.model_copy(update={"faults": (told, *mailed.faults)}), lowest=LOWEST)
    assert [[found.code for found in letter.faults] for letter in letters] == [["source"], ["source", "damaged_pdf"]]


def test_what_a_scanner_writes_for_machines_is_no_letter() -> None:
    [letter] = by_mail(("a.pdf", batch_pdf(WHOLE)), ("a.xml", b"<?xml version='1.0'?><scan><pages>1</pages></scan>"))
    assert numbers(letter) == "1" and letter.covering_note == "Scanned document"
