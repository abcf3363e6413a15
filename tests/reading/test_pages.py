"""Scans, pictures and PDFs become pages with text, confidence and faults."""

import io
import warnings

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Levenshtein

from mailroom.model.arrival import Channel
from mailroom.model.letter import Letter, Page, TextSource
from mailroom.reading.handwriting import read_by_hand
from mailroom.reading.image import levelled, skew_of
from mailroom.reading.legibility import judge_pages
from mailroom.reading.letter import read_letter
from mailroom.reading.options import ReadingOptions
from mailroom.reading.original import searchable_page
from mailroom.reading.places import SAME
from mailroom.reading.repairs import corrected, repair_line
from mailroom.reading.tesseract import words_on
from tests.reading.material import COMPLAINT, FONT, ITALIC, SERIF, locked_pdf, page, read, saved, typed_pdf

DILEKCE = """PRİMEROVO BELEDİYE BAŞKANINA

DİLEKÇE

Sayın Başkan,

Bizim sokağın ışıkları iki haftadır yanmıyor ve akşamları
çok karanlık oluyor. Çocuklarımız okuldan eve geç dönüyor.
Lambaların değiştirilmesi için ekip gönderilmesini rica ederim.

Saygılarımla,
Ayşe Yıldız, tel. 0888 123 456"""


def paper(content: bytes, **options: int | str | float) -> Letter:
    return read(content, Channel.PAPER, **options)


def error_rate(letter: Letter, truth: str = COMPLAINT) -> float:
    wanted, got = " ".join(truth.split()), " ".join(letter.text.split())
    return Levenshtein.distance(wanted, got) / len(wanted)


def test_a_skewed_scan_is_read() -> None:
    letter = paper(saved(page().rotate(2.5, fillcolor=255, resample=Image.Resampling.BICUBIC), "PNG"))
    assert error_rate(letter) < 0.02
    assert letter.ocr_confidence and letter.ocr_confidence > 0.85 and letter.legible and not letter.faults
    assert letter.pages[0].text_source is TextSource.OCR


@pytest.mark.parametrize("askew", [True, False])
def test_the_level_black_of_a_scanners_lid_does_not_hide_how_the_sheet_lies(askew: bool) -> None:
    sheet = page().rotate(2.5, fillcolor=255, resample=Image.Resampling.BICUBIC) if askew else page()
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((sheet.width - 60, 0, sheet.width, sheet.height), fill=0)
    draw.rectangle((0, sheet.height - 30, sheet.width, sheet.height), fill=0)
    samples = np.asarray(sheet)
    assert (levelled(samples, skew_of(samples))[1] is not SAME) == askew


@pytest.mark.parametrize("turned", [90, 180])
def test_a_page_on_its_side_or_head_is_set_upright(turned: int) -> None:
    letter = paper(saved(page().rotate(turned, expand=True), "PNG"))
    assert error_rate(letter) < 0.02
    assert letter.pages[0].rotation == turned


def test_a_letter_in_turkish_is_read_with_its_own_letters() -> None:
    letter = paper(saved(page(DILEKCE), "PNG"))
    assert error_rate(letter, DILEKCE) < 0.02
    assert set("ğış") < set(letter.text)


def test_a_photograph_of_a_sheet_on_a_table_is_cut_out_and_freed_of_shade() -> None:
    table = Image.effect_noise((2300, 3000), 30).point(lambda v: v // 3)
    sheet = page()
    shade = Image.linear_gradient("L").resize(sheet.size).point(lambda v: 255 - v // 3)
    sheet = Image.composite(sheet.point(lambda v: v // 8), shade, sheet.point(lambda v: 255 * (v < 128)))
    table.paste(sheet.rotate(-4, expand=True, fillcolor=40), (200, 250))
    assert error_rate(paper(saved(table, "JPEG", quality=85))) < 0.03


def test_exif_orientation_is_obeyed() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    letter = paper(saved(page().rotate(180), "JPEG", exif=exif))
    assert error_rate(letter) < 0.02 and letter.pages[0].rotation == 0


def test_a_fax_with_unequal_resolution_and_specks_is_read() -> None:
    fax = page().resize((1728, 1145)).convert("L")
    draw = ImageDraw.Draw(fax)
    for at in range(0, 1700, 23):
        draw.point((at, (at * 37) % 1140), fill=0)
    out = io.BytesIO()
    fax.point(lambda v: 255 * (v > 140)).convert("1").save(out, "TIFF", compression="group3", dpi=(204, 98))
    assert error_rate(paper(out.getvalue())) < 0.06


def test_a_sheet_with_coarse_dust_and_punch_holes_is_blank() -> None:
    sheet = page("")
    draw = ImageDraw.Draw(sheet)
    for at in range(14):
        x, y, radius = 150 + (at * 397) % 1300, 150 + (at * 613) % 2000, 4 + at % 3
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=10)
    for y in (800, 1500):
        draw.ellipse((120, y, 170, y + 50), fill=70)
    assert paper(saved(sheet, "PNG")).pages[0].blank


def test_blank_backs_are_kept_and_not_counted() -> None:
    back = page().transpose(Image.Transpose.FLIP_LEFT_RIGHT).filter(ImageFilter.GaussianBlur(2))
    back = back.point(lambda v: 235 + v // 13)
    ImageDraw.Draw(back).ellipse((30, 900, 60, 930), fill=0)
    front = page()
    out = io.BytesIO()
    front.save(out, "TIFF", save_all=True, append_images=[back], dpi=(200, 200))
    letter = paper(out.getvalue())
    assert [p.blank for p in letter.pages] == [False, True]
    assert len(letter.content_pages) == 1 and letter.legible


def test_an_empty_sheet_is_blank_and_nothing_is_wrong_with_it() -> None:
    letter = paper(saved(Image.new("L", (1654, 2339), 250), "PNG"))
    assert letter.pages[0].blank and letter.legible and not letter.faults and letter.text == ""


def test_scribble_goes_to_a_person() -> None:
    picture = Image.new("L", (1654, 2339), 255)
    draw = ImageDraw.Draw(picture)
    for line in range(14):
        points = [(150 + 9 * x, 300 + 110 * line + (x * x * 7 + line * 13) % 61) for x in range(140)]
        draw.line(points, fill=30, width=4, joint="curve")
    letter = paper(saved(picture, "PNG"))
    assert not letter.legible and {f.code for f in letter.faults} <= {"poor_scan", "no_text"} and letter.faults


def test_a_typed_pdf_is_read_from_its_text_layer() -> None:
    letter = paper(typed_pdf())
    assert error_rate(letter) == 0
    assert letter.pages[0].text_source is TextSource.TEXT_LAYER and letter.ocr_confidence is None


def test_a_garbage_text_layer_over_a_scan_is_not_believed() -> None:
    with Image.open(io.BytesIO(saved(page(), "PNG"))) as picture:
        out = io.BytesIO()
        picture.save(out, "PDF", resolution=200)
    letter = paper(_with_layer(out.getvalue(), "JKAJIBA yBaxaeMu rocriojiH Kmet rIHIIIa BH 3aiiioto yJIHTHoTo " * 3))
    assert letter.pages[0].text_source is TextSource.OCR and error_rate(letter) < 0.02


def test_a_text_layer_that_says_something_else_than_the_picture_is_told_and_not_read() -> None:
    with Image.open(io.BytesIO(saved(page(), "PNG"))) as picture:
        out = io.BytesIO()
        picture.save(out, "PDF", resolution=200)
    letter = paper(_with_layer(out.getvalue(), "Dear Sir or Madam, we would like to thank you for the invitation to "
                                               "the meeting and we are sorry that we can not come to it this year. "))
    assert letter.pages[0].text_source is TextSource.OCR and error_rate(letter) < 0.02
    assert [fault.code for fault in letter.faults] == ["layer_differs"]


def test_a_text_layer_that_says_what_the_picture_shows_is_read() -> None:
    copy = searchable_page(saved(page(), "PNG"), 1, rotation=0, options=ReadingOptions())
    assert copy is not None
    letter = paper(copy)
    assert letter.pages[0].text_source is TextSource.TEXT_LAYER and letter.faults == ()


def _with_layer(pdf: bytes, words: str) -> bytes:
    """The PDF with invisible words laid over its first page, as a scanner's own OCR does."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        first = document.pages[0]
        font = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1,
                                                         BaseFont=pikepdf.Name.Helvetica))
        first.Resources.Font = pikepdf.Dictionary(F1=font)
        first.contents_add(f"BT /F1 10 Tf 3 Tr 40 700 Td ({words}) Tj ET".encode())
        document.save(out)
    return out.getvalue()


def test_an_empty_password_opens_and_any_other_is_a_fault() -> None:
    assert error_rate(paper(locked_pdf(""))) == 0
    letter = paper(locked_pdf("таен"))
    assert not letter.legible and [f.code for f in letter.faults] == ["encrypted_pdf"]


@pytest.mark.parametrize(("content", "code"), [
    (b"", "empty_file"), (b"\x00" * 500, "empty_file"), (b"%PDF-1.7\nxx", "damaged_pdf"),
    (saved(page(), "PNG")[:60], "damaged_picture"), (b"PK\x03\x04" + bytes(80), "damaged_archive"),
    (b"\x7fELF" + bytes(200), "unsupported_type")])
def test_what_cannot_be_read_goes_to_a_person_with_a_sentence(content: bytes, code: str) -> None:
    letter = paper(content)
    assert not letter.legible and [f.code for f in letter.faults] == [code]
    assert letter.faults[0].sentence.endswith(".") and ":" in letter.faults[0].sentence


def test_a_picture_bomb_is_not_opened() -> None:
    letter = paper(saved(Image.new("1", (9000, 9000)), "PNG"), page_pixels=80_000_000)
    assert not letter.legible and [f.code for f in letter.faults] == ["picture_too_large"]


def test_a_cut_off_picture_gives_its_upper_part_and_says_so() -> None:
    content = saved(page(COMPLAINT + "\n" * 20 + "край на писмото"), "JPEG", quality=90)
    letter = paper(content[:len(content) * 2 // 3])
    assert "уличното осветление" in letter.text and "truncated" in {f.code for f in letter.faults}


def test_a_cut_off_pdf_says_so() -> None:
    content = typed_pdf()
    letter = paper(content[:-300])
    assert {f.code for f in letter.faults} & {"truncated", "damaged_pdf"}


def test_only_the_pages_of_this_letter_are_read() -> None:
    out = io.BytesIO()
    Image.new("1", (1654, 2339), 1).save(out, "TIFF", save_all=True, append_images=[
        page().convert("1"), Image.new("1", (1654, 2339), 1)], dpi=(200, 200))
    letter = read_letter(out.getvalue(), Channel.PAPER, ReadingOptions(), (2,))
    assert [p.number for p in letter.pages] == [2] and "ЖАЛБА" in letter.text
    assert "missing_pages" in {f.code for f in read_letter(
        out.getvalue(), Channel.PAPER, ReadingOptions(), (2, 9)).faults}


def test_more_pages_than_allowed_are_told() -> None:
    out = io.BytesIO()
    Image.new("1", (600, 800), 1).save(out, "TIFF", save_all=True, append_images=[Image.new("1", (600, 800), 1)] * 3)
    letter = paper(out.getvalue(), max_pages=2)
    assert len(letter.pages) == 2 and [f.code for f in letter.faults] == ["too_many_pages"]


def test_a_page_that_takes_too_long_is_a_fault() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        letter = paper(saved(page(COMPLAINT * 3, size=24), "PNG"), page_seconds=0.05)
    assert not letter.legible and "page_timeout" in {f.code for f in letter.faults}


@pytest.mark.parametrize(("line", "repaired"), [
    ("ул. „Липа“ Ne 12", "ул. „Липа“ № 12"), ("ул. „Вит“ Ко 5", "ул. „Вит“ № 5"),
    ("рег. Мо 94-12/1.3.2026", "рег. № 94-12/1.3.2026"),
    ("ул. „Младост“ ю 7, ет. 2", "ул. „Младост“ № 7, ет. 2"), ("ул. Осми март Мо 3", "ул. Осми март № 3"),
    ("ул. Цар Борис I 11", "ул. Цар Борис I 11"), ("ул. „Рила“ бл 5", "ул. „Рила“ бл 5"),
    ("ул. Рила в 8 часа", "ул. Рила в 8 часа"), ("с. Хотанца, yt „Чучулига“ № 12", "с. Хотанца, ул. „Чучулига“ № 12"),
    ("вх. Б, е. 4, ап. 51", "вх. Б, ет. 4, ап. 51"), ("Пенка Друмеба, Глоба", "Пенка Друмева, Глоба"),
    ("Гинка М утафчиева", "Гинка Мутафчиева"),
    ("Ne Вид Брой", "№ Вид Брой"), ("Ha аварийния телефон", "На аварийния телефон"), ("250 x 250 см", "250 х 250 см"),
    ("пишете на ivаn@аbv.bg", "пишете на ivan@abv.bg"), ("за Мо и Ко", "за Мо и Ко"), ("Кoпие от акт", "Копие от акт")])
def test_repairs_are_made_where_the_evidence_stands(line: str, repaired: str) -> None:
    assert repair_line(line) == repaired


def test_nothing_is_repaired_on_an_english_page() -> None:
    assert repair_line("Ne pas 5 x Toma", cyrillic=False) == "Ne pas 5 x Toma"


def test_a_signature_and_a_stamp_in_colour_do_not_hide_the_print() -> None:
    over = Image.new("RGB", page().size, "white")
    draw, font = ImageDraw.Draw(over), ImageFont.truetype(FONT, 28)
    left, top, right, bottom = map(round, draw.multiline_textbbox((160, 200), COMPLAINT, font=font, spacing=18))
    draw.line([(left + 20 * at, bottom - 20 + (at * at * 31) % 70) for at in range(20)], fill=(40, 60, 190), width=5)
    draw.rectangle((right - 420, top + 10, right, top + 190), outline=(125, 60, 175), width=6)
    for row, words in enumerate(("ОБЩИНА ПРИМЕРОВО", "Вх. № 94-117", "12.03.2026 г.")):
        draw.text((right - 390, top + 25 + 50 * row), words, font=font, fill=(125, 60, 175))
    letter = ImageChops.multiply(page().convert("RGB"), over)
    assert error_rate(paper(saved(letter, "JPEG", quality=85))) < 0.02


def test_names_under_a_grey_stamp_and_a_signature_are_read_at_a_second_look() -> None:
    over = Image.new("L", page().size, 255)
    draw, font = ImageDraw.Draw(over), ImageFont.truetype(FONT, 28)
    left, top, _, bottom = map(round, draw.multiline_textbbox((160, 200), COMPLAINT, font=font, spacing=18))
    draw.line([(left + 20 * at, bottom - 20 + (at * at * 31) % 40) for at in range(20)], fill=120, width=5)
    draw.rectangle((left + 80, top - 10, left + 480, top + 130), outline=120, width=6)
    draw.text((left + 100, top + 8), "Вх. № 94-117", font=ImageFont.truetype(FONT, 34), fill=120)
    letter = paper(saved(ImageChops.multiply(page(), over), "JPEG", quality=85))
    assert "КМЕТА НА ОБЩИНА ПРИМЕРОВО" in letter.text and "Иван Стоянов, тел. 0888 123 456" in letter.text


def test_print_under_a_stamp_that_is_nearly_as_dark_is_read_by_its_darkest_cores() -> None:
    letter, over = Image.new("L", (1240, 1000), 255), Image.new("L", (1240, 1000), 255)
    words = "ОТ\nНикола Димов Стаменов\nгр. Примерово, ж.к. „Дружба“,\nбл. 41, вх. 2, ет. 5, ап. 14\n\n"
    sentence = "Уважаеми господин Кмет,\nулицата пред блока е тъмна от две седмици\nи моля да се смени лампата."
    ImageDraw.Draw(letter).multiline_text((160, 160), words + sentence, font=ImageFont.truetype(SERIF, 30), fill=20,
                                          spacing=14)
    draw, font = ImageDraw.Draw(over), ImageFont.truetype(FONT, 24)
    draw.rectangle((300, 190, 700, 350), outline=90, width=4)
    for row, line in enumerate(("Рег. индекс", "94-00-1187", "ОБЩИНА ПРИМ")):
        draw.text((362, 196 + 40 * row), line, font=font, fill=90)
    scan = ImageChops.multiply(letter, over).filter(ImageFilter.GaussianBlur(0.8))
    assert "Никола Димов Стаменов\nгр. Примерово, ж.к. „Дружба“," in paper(saved(scan, "PNG")).text


def test_a_letter_on_squared_paper_is_read_without_the_squares() -> None:
    words = ("До общината\n\nНа нашата улица лампите не светят от два месеца\nи вечер е много тъмно. Децата се "
             "прибират от\nучилище с фенери. Моля да ги поправите.\n\nДимитър Георгиев\nс. Примерово, ул. „Липа“ 11")
    sheet = Image.new("L", (1654, 1000), 255)
    draw = ImageDraw.Draw(sheet)
    for at in range(0, 1654, 39):
        draw.line([(at, 0), (at, 1000)], fill=190, width=2)
        draw.line([(0, at), (1654, at)], fill=190, width=2)
    draw.multiline_text((160, 120), words, font=ImageFont.truetype(ITALIC, 44), fill=40, spacing=22)
    assert error_rate(paper(saved(sheet, "PNG")), words) < 0.02


def test_print_in_colour_is_read() -> None:
    letter = page().convert("RGB")
    ImageDraw.Draw(letter).text((160, 80), "ОБЩИНА ПРИМЕРОВО", font=ImageFont.truetype(FONT, 28), fill=(20, 60, 160))
    assert paper(saved(letter, "JPEG", quality=85)).text.startswith("ОБЩИНА ПРИМЕРОВО")


def test_when_the_time_for_a_hand_is_over_what_was_read_before_counts() -> None:
    samples = np.asarray(page("Моля, поправете оградата."), dtype=np.uint8)
    first = words_on(samples, languages="bul", seconds=30)
    assert first and read_by_hand(first, samples, seconds=0) == list(first)


@pytest.mark.parametrize(("doubtful", "code"), [(0.0, None), (0.15, None), (0.25, "handwriting")])
def test_a_form_filled_in_by_hand_goes_to_a_person(doubtful: float, code: str | None) -> None:
    form = Page(number=1, text=COMPLAINT, text_source=TextSource.OCR, confidence=0.84, doubtful=doubtful)
    found = judge_pages((form,), lowest=0.55)
    assert (found.code if found else None) == code


def test_dashes_are_told_from_hyphens() -> None:
    letter = paper(saved(page(COMPLAINT + "\nСофийско-Варненска улица – без осветление – е тъмна."), "PNG"))
    assert "Софийско-Варненска улица – без осветление – е тъмна" in letter.text


def test_a_page_keeps_its_text_as_it_was_read() -> None:
    letter = paper(saved(page("ДО\nКМЕТА НА ОБЩИНА ПРИМЕРОВО\n\nЖивея на ул. „Липа“ № 12 в Примерово."), "PNG"))
    assert letter.text == corrected(letter.pages[0].text)


@pytest.mark.parametrize(("read", "doubted", "meant"), [
    ("Госполин Кмете, огралата е палнала и никой не я е вижлал. Моля ла се оправи.", "Госполин огралата вижлал ла",
     "Господин Кмете, оградата е палнала и никой не я е виждал. Моля да се оправи."),
    ("Пред огралата на Пулев стои вишка.", "огралата Пулев вишка", "Пред огралата на Пулев стои вишка."),
    ("Огралата, граждански вижлал, извалите", "", "Огралата, граждански вижлал, извалите")])
def test_a_letter_misread_all_over_a_page_is_put_right(read: str, doubted: str, meant: str) -> None:
    """Three doubted words that become words by one exchange prove it; one does not, and believed words stay."""
    assert corrected(read, doubted.split()) == meant


@pytest.mark.parametrize(("read", "meant"), [
    ("до\nКМЕТА НА ОБЩИНАТА\nМоля", "ДО\nКМЕТА НА ОБЩИНАТА\nМоля"), ("вървях до\nКметството", "вървях до\nКметството"),
    ("Казах й и й дадох", "Казах ѝ и ѝ дадох"), ("от 3 май до 3а месец", "от 3 май до за месец"),
    ("Живея на yn. „Липа“ 3, rp. Русе", "Живея на ул. „Липа“ 3, гр. Русе"),
    ("на 5.05.2026 r. вечерта", "на 5.05.2026 г. вечерта"), ("Русе, з май 2026 г.", "Русе, 3 май 2026 г."),
    ("на 5.Х.2026 г. вечерта", "на 5.X.2026 г. вечерта"), ("зад блока през май", "зад блока през май"),
    ("Живея в Русе, 6л. 7, an. 5, teл. 0888", "Живея в Русе, бл. 7, ап. 5, тел. 0888"),
    ("Живея в ж.к. „Дружба З“, град Pyce", "Живея в ж.к. „Дружба 3“, град Русе"),
    ("З. Петров от „Рила З.“", "З. Петров от „Рила З.“")])
def test_corrections_are_made_where_the_words_leave_no_other_reading(read: str, meant: str) -> None:
    assert corrected(read) == meant
