"""Reading order of words as Tesseract gives them, and what of them is no print."""

from typing import TypeAlias

import numpy as np
import pytest

from mailroom.reading.columns import Line, in_columns
from mailroom.reading.image import Gray, without_specks
from mailroom.reading.ocr import composed
from mailroom.reading.tesseract import Word

_WIDE, _HIGH = 20, 40
_STEP = 60
Row: TypeAlias = tuple[tuple[int, str], ...]
"""The pieces of a line with their places from the left."""


def white(height: int = 3508, width: int = 2480) -> Gray:
    return np.full((height, width), 255, np.uint8)


def words(top: int, *pieces: tuple[int, str], line: int = 0, confidence: float = 0.95) -> list[Word]:
    """Words at these places from the left, each letter 20 wide and 40 high."""
    found = []
    for start, text in pieces:
        left = start
        for word in text.split():
            right = left + _WIDE * len(word)
            found.append(Word(text=word, confidence=confidence, line=(0, line), left=left, top=top, right=right,
                              bottom=top + _HIGH))
            left = right + _WIDE
    return found


def read(rows: list[Row], *, top: int = 250, page: Gray | None = None) -> list[str]:
    lines = [Line(words=tuple(words(top + _STEP * at, *row)), block=0) for at, row in enumerate(rows)]
    ordered = in_columns(lines, white() if page is None else page)
    return [" ".join(word.text for word in line.words) for line in ordered]


LETTERHEAD: list[Row] = [((300, "Сдружение „Тиха улица“"), (1500, "7012 Русе, ул. „Лозова“ 4")),
              ((300, "ЕИК 176543210"), (1500, "тел. 082 555 019"))]
BODY: list[Row] = [((300, "Уважаеми господин Кмет, обръщаме се към Вас с молба за нов знак"),)] * 12


def test_a_letterhead_is_read_column_by_column() -> None:
    assert read(LETTERHEAD + BODY)[:4] == [
        "Сдружение „Тиха улица“", "ЕИК 176543210", "7012 Русе, ул. „Лозова“ 4", "тел. 082 555 019"]


def test_the_place_and_the_date_come_before_the_signature_beside_them() -> None:
    foot: list[Row] = [((300, "гр. Русе"), (1500, "С уважение:")), ((300, "4 май 2026 г."), (1700, "/П. Лозев/"))]
    assert read(BODY + foot)[12:] == ["гр. Русе", "4 май 2026 г.", "С уважение:", "/П. Лозев/"]


@pytest.mark.parametrize("rows", [
    BODY + LETTERHEAD + BODY,
    [((300, "Вид"), (900, "Брой"), (1500, "Цена")), ((300, "стол"), (900, "12"), (1500, "40 лв.")), *BODY],
    [((300, "Изх. №:"), (1500, "14")), ((300, "Дата:"), (1500, "4 май 2026 г.")), *BODY],
    [((300, "До кмета"), (1500, "Копие")), *BODY],
], ids=["a table in the letter", "three columns", "names and values", "one line"])
def test_rows_that_belong_together_stay_together(rows: list[Row]) -> None:
    assert read(rows) == [" ".join(text for _, text in row) for row in rows]


def test_columns_with_a_ruled_line_between_them_are_a_table() -> None:
    page = white()
    page[200:400, 1200:1204] = 0
    assert read(LETTERHEAD + BODY, page=page)[:1] == ["Сдружение „Тиха улица“ 7012 Русе, ул. „Лозова“ 4"]


def test_what_is_read_out_of_a_signature_is_left_out() -> None:
    print_ = words(300, (300, "Моля за отговор по пощата."), line=0)
    scribble = Word(text="WM", confidence=0.4, line=(0, 0), left=1500, top=250, right=1800, bottom=380)
    flat = Word(text="щ", confidence=0.1, line=(0, 0), left=1900, top=318, right=1930, bottom=322)
    assert composed([*print_, scribble, flat], white()).text == "Моля за отговор по пощата."


def test_a_heading_in_large_letters_is_no_scribble() -> None:
    heading = Word(text="ЖАЛБА", confidence=0.95, line=(0, 0), left=900, top=200, right=1500, bottom=300)
    below = words(400, (300, "Моля за отговор по пощата."), line=1)
    assert composed([heading, *below], white()).text == "ЖАЛБА\nМоля за отговор по пощата."


def test_dust_goes_and_full_stops_stay() -> None:
    page = white(600, 600)
    for left in range(100, 480, 30):  # letters
        page[300:340, left:left + 20] = 0
    page[332:340, 486:494] = 0  # a full stop
    page[10:600:20, 10:600:20] = 0  # dust
    clean = without_specks(page)
    assert clean[332:340, 486:494].max() == 0
    assert (clean[:280] == 255).all() and (clean[360:] == 255).all()
