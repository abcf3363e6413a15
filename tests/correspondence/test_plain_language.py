"""Letters that are understood at first reading: measured over every letter in its variants."""

import pytest

from mailroom.model.outgoing import Draft
from tests.correspondence.every_letter import BY_MAIL, IN_ENGLISH, ON_PAPER, TO_CITIZENS
from tests.correspondence.plain_language import faults, sentences


@pytest.mark.parametrize(("name", "draft"), [*BY_MAIL.items(), *ON_PAPER.items(), *IN_ENGLISH.items()])
def test_every_letter_is_plain(name: str, draft: Draft) -> None:
    """No sentence over 25 words, no abbreviation, no legalese; the transliterated copy says the same once more."""
    assert list(faults(draft.text.partition("Транслитерация по")[0])) == []


def test_no_letter_is_left_out() -> None:
    """Whoever adds one adds it to the catalogue."""
    assert {draft.type for draft in BY_MAIL.values()} == TO_CITIZENS


@pytest.mark.parametrize(("text", "fault"), [
    ("Във връзка с Вашия сигнал ще проверим.", "legalese: във връзка с"),
    ("Решаваме по АПК.", "an abbreviation: АПК"),
    ("Пишем до общ. Примерово и до гр. администрация.", "a shortened word: гр."),
    ("Ще " + "много " * 25 + "работим.", "27 words"),
])
def test_what_is_hard_to_read_is_found(text: str, fault: str) -> None:
    assert any(one.startswith(fault) for one in faults(text))


def test_sentences_end_where_a_reader_ends_them() -> None:
    """A date's „г.“ ends one only before a capital; a quotation of the law is not measured."""
    text = "Получихме го на 20 ноември 2026 г. в 10:42:05 ч. Регистрирахме го.\n\nКрай"
    assert sentences(text) == ["Получихме го на 20 ноември 2026 г. в 10:42:05 ч.", "Регистрирахме го.", "Край"]
    assert list(faults("Правилото: „" + "дума " * 40 + "“ (Харта)")) == []
