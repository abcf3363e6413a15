"""A reader is addressed by name and sex only where the name leaves no doubt."""

import pytest

from mailroom.correspondence.salutation import NEUTRAL, ORGANISATION, salutation


@pytest.mark.parametrize(("name", "words"), [
    ("Мария Петрова", "Уважаема госпожо Петрова"),
    ("Иван Петров Георгиев", "Уважаеми господин Георгиев"),
    ("Петрова, Мария", "Уважаема госпожо Петрова"),
    ("МАРИЯ ПЕТРОВА-ИВАНОВА", "Уважаема госпожо Петрова-Иванова"),
    ("инж. Георги Зелински", "Уважаеми господин Зелински"),
    ("Илинка Дренска", "Уважаема госпожо Дренска"),
    ("г-жа Айше Мехмед", "Уважаема госпожо"),
    ("г-н Хасан Юмер", "Уважаеми господине"),
    ("Айше Мехмед", NEUTRAL),
    ("Ева", NEUTRAL),
    ("Лев Ева", NEUTRAL),
    ("Петрова", NEUTRAL),
    ("Maria Petrova", NEUTRAL),
    (None, NEUTRAL),
])
def test_how_a_reader_is_addressed(name: str | None, words: str) -> None:
    assert salutation(name) == words


def test_an_organisation_without_a_name_is_many_people() -> None:
    assert salutation(None, "Сдружение „Зелен град“") == ORGANISATION
