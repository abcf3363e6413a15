"""What is drawn over a page stands where the word stands on the picture that people see."""

import io

import numpy as np
import pytest
from PIL import Image
from rapidfuzz import fuzz

from mailroom.model.arrival import Channel
from mailroom.model.places import Box, packed, unpacked
from mailroom.reading.original import page_png
from mailroom.reading.tesseract import words_in_piece
from tests.reading.material import page, read, saved, typed_pdf

WORDS = ("осветление", "ПРИМЕРОВО", "тъмно.", "ЖАЛБА", "Стоянов,")
WIDTH = 2480


def skewed() -> bytes:
    return saved(page().rotate(2.5, fillcolor=255, resample=Image.Resampling.BICUBIC), "PNG")


def on_its_side() -> bytes:
    return saved(page().rotate(90, expand=True), "PNG")


def photographed() -> bytes:
    table = Image.effect_noise((2300, 3000), 30).point(lambda v: v // 3)
    table.paste(page().rotate(-4, expand=True, fillcolor=40), (200, 250))
    return saved(table, "JPEG", quality=90)


def shown(content: bytes, rotation: int) -> Image.Image:
    png = page_png(content, 1, sha256=None, rotation=rotation, width=WIDTH, pixels=50_000_000, max_pages=1)
    assert png
    return Image.open(io.BytesIO(png))


def read_at(picture: Image.Image, box: Box) -> str:
    """What stands on the picture at this box, and hardly more."""
    wide, high = picture.size
    piece = picture.crop((round(box.left * wide) - 6, round(box.top * high) - 6, round(box.right * wide) + 6,
                          round(box.bottom * high) + 6))
    samples = np.pad(np.asarray(piece, dtype=np.uint8), 40, constant_values=255)
    return " ".join(word.text for word in words_in_piece(samples, (0, 0), one_line=True, languages="bul", seconds=9))


@pytest.mark.parametrize("content", [skewed(), on_its_side(), photographed(), typed_pdf()],
                         ids=["skewed", "on its side", "photographed", "text layer"])
def test_every_word_has_its_place_on_the_picture(content: bytes) -> None:
    letter = read(content, Channel.PAPER)
    first = letter.pages[0]
    words, boxes = first.text.split(), unpacked(first.places)
    assert len(words) == len(boxes) > 40
    picture = shown(content, first.rotation)
    for wanted in WORDS:
        seen = read_at(picture, boxes[words.index(wanted)])
        assert fuzz.ratio(wanted.lower(), seen.lower()) > 80, f"{wanted}: {seen}"


def test_places_are_small_and_come_back() -> None:
    letter = read(skewed(), Channel.PAPER)
    boxes = unpacked(letter.pages[0].places)
    assert len(letter.pages[0].places) < 8 * len(boxes), "eight are what the numbers take"
    assert unpacked(packed(boxes)) == boxes
    assert unpacked(packed(())) == ()


def test_places_are_no_part_of_the_letters_document() -> None:
    letter = read(skewed(), Channel.PAPER)
    again = type(letter).model_validate_json(letter.model_dump_json())
    assert letter.pages[0].places and not again.pages[0].places
