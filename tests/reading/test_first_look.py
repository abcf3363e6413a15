"""A first look at half the size, and all samples where that leaves a doubt."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from mailroom.model.arrival import Channel
from mailroom.reading.first_look import TIMES, is_clear, seen_at_first, seen_closely
from mailroom.reading.image import Gray, halved, levelled, levelled_piece, to_reading_size
from mailroom.reading.tesseract import Word
from tests.reading.material import COMPLAINT, page, read, saved


@pytest.fixture(scope="module")
def samples() -> Gray:
    return to_reading_size(page())


@pytest.fixture(scope="module")
def seen(samples: Gray) -> tuple[Word, ...]:
    return seen_at_first(halved(samples, max(samples.shape) // TIMES), languages="bul+eng", seconds=30)


def test_clear_print_is_seen_clearly(seen: tuple[Word, ...]) -> None:
    assert is_clear(seen) and {"осветление", "седмици", "Стоянов,"} <= {word.text for word in seen}


def test_a_line_with_a_doubted_word_is_read_from_all_samples(samples: Gray, seen: tuple[Word, ...]) -> None:
    at = next(number for number, word in enumerate(seen) if word.text == "осветление")
    doubted = [*seen[:at], replace(seen[at], text="осветпение", confidence=0.4), *seen[at + 1:]]
    closely = seen_closely(doubted, partial(levelled_piece, samples, 0.0), languages="bul+eng", seconds=30)
    assert [word.text for word in closely] == [word.text for word in seen]
    again = closely[at]
    assert abs(again.left - seen[at].left) <= 2 and abs(again.bottom - seen[at].bottom) <= 2


def test_print_too_small_for_half_the_samples_is_read() -> None:
    letter = read(saved(page(COMPLAINT, size=22), "PNG"), Channel.PAPER)
    wanted, got = " ".join(COMPLAINT.split()), " ".join(letter.text.split())
    assert Levenshtein.distance(wanted, got) < 0.03 * len(wanted)


def test_a_piece_of_a_levelled_page_is_what_levelling_all_of_it_shows_there(samples: Gray) -> None:
    left, top, right, bottom = box = (300, 250, 1900, 500)
    whole = levelled(samples, 1.3)[0][top:bottom, left:right].astype(np.int16)
    piece = levelled_piece(samples, 1.3, box).astype(np.int16)
    assert piece.shape == whole.shape and whole.min() < 60 and np.abs(piece - whole).mean() < 1
