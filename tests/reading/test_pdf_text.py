"""A text layer is read in the order in which people read it."""

from weasyprint import HTML

from mailroom.config import OcrSettings
from mailroom.model.arrival import Channel
from mailroom.model.letter import TextSource
from mailroom.reading.letter import read_letter
from mailroom.reading.options import ReadingOptions
from mailroom.reading.pdf_text import in_reading_order

TABLE = """<p style="position:absolute;top:6cm">Моля да ми отговорите до края на месеца, защото пътувам.</p>
<p style="position:absolute;top:1cm">До кмета на Община Примерово от Иван Стоянов Колев</p>
<p style="position:absolute;top:3cm">Сигнал за разбит път между двете села в общината</p>"""


def test_lines_stand_in_the_order_of_the_page_and_not_of_the_file() -> None:
    letter = read_letter(HTML(string=TABLE).write_pdf(), Channel.PAPER, ReadingOptions.from_settings(OcrSettings()))
    assert [page.text_source for page in letter.pages] == [TextSource.TEXT_LAYER]
    lines = [line for line in letter.text.splitlines() if line]
    assert [line.split()[0] for line in lines] == ["До", "Сигнал", "Моля"]


def test_where_the_order_cannot_be_had_the_text_stays() -> None:
    assert in_reading_order(b"%PDF-1.7 not a PDF at all", 1, "Текстът остава.") == ("Текстът остава.", b"")
    other = HTML(string="<p>Съвсем друг текст").write_pdf()
    assert in_reading_order(other, 1, "Текстът остава.") == ("Текстът остава.", b"")
