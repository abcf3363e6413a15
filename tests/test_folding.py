"""Comparing words across alphabets and disguises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailroom.folding import plain, same_name, skeleton, take_apart


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [
        ("шахта", "6ahta"), ("шахта", "shahta"), ("общината", "ob6tinata"),
        ("общината", "obshtinata"), ("моля", "molq"),
        ("моля", "molya"), ("ъгъл", "agal"), ("къща", "kashta"), ("чешма", "4e6ma"), ("юли", "yuli"),
        ("живея", "jiveq"),
        ("живея", "zhiveya"), ("цвете", "cvete"), ("въздух", "vazduh"), ("България", "Bulgaria"),
    ],
)  # fmt: skip
def test_one_skeleton_for_both_alphabets(cyrillic: str, latin: str) -> None:
    """A word has the same skeleton in Cyrillic and in the habits of шльокавица, ъ as u or y among them."""
    readings = {skeleton(plain(latin), u_is_hard_sign=hard) for hard in (False, True)}
    assert skeleton(plain(cyrillic)) in readings


def test_lookalike_letters_are_repaired() -> None:
    """A Cyrillic word with Latin look-alikes is the Cyrillic word; a Latin one stays Latin."""
    assert plain("кpaй") == "край"
    assert plain("MOPE") == "море"
    assert plain("email") == "email"
    assert plain("Gоogle") == "google"


def test_names_in_any_alphabet_are_the_same() -> None:
    """Names compare equal across alphabets and punctuation."""
    assert same_name("Цветелина Манчева", "Cvetelina Mancheva")
    assert same_name("„Дружба 3“", "Drujba 3")
    assert not same_name("Иванов", "Илиев")


def test_sentences_end_where_people_end_them() -> None:
    """Abbreviations do not end a sentence; a full stop before a capital and a blank line before one do."""
    words = take_apart("Живея на ул. „Рила“ № 5, гр. Русе. Няма ток\n\nМоля за помощ").words
    assert [word.sentence for word in words if word.plain in ("живея", "русе", "няма", "моля")] == [0, 0, 1, 2]


@given(st.text(max_size=300))
def test_words_lie_where_they_say(text: str) -> None:
    """For any text at all, each word's offsets give the word back."""
    for word in take_apart(text).words:
        assert text[word.start : word.end] == word.raw
