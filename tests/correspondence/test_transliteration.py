"""The table of the Закон за транслитерацията."""

import pytest

from mailroom.correspondence.transliteration import transliterate


@pytest.mark.parametrize(("bulgarian", "latin"), [
    ("Илия", "Ilia"), ("Мария", "Maria"), ("София", "Sofia"), ("СОФИЯ", "SOFIA"), ("Марияна", "Mariyana"),
    ("Щастливец", "Shtastlivets"), ("ЩЪРКЕЛ", "SHTARKEL"), ("Ъгъл", "Agal"), ("Кръстьо", "Krastyo"),
    ("Йордан", "Yordan"), ("Юлия", "Yulia"), ("Яна", "Yana"), ("Жечка Чешмеджиева", "Zhechka Cheshmedzhieva"),
    ("България", "Bulgaria"), ("БЪЛГАРИЯ", "BULGARIA"), ("в Българията", "v Balgariyata"), ("Я", "Ya"),
    ("Димитровград", "Dimitrovgrad"), ("улица „Цар Освободител“ № 5", 'ulitsa "Tsar Osvoboditel" No. 5'),
])
def test_a_word_in_latin_letters(bulgarian: str, latin: str) -> None:
    assert transliterate(bulgarian) == latin


def test_addresses_of_mail_and_web_lead_where_they_led() -> None:
    text = "пишете на кмет@община.example или вижте https://справка.example/преписка"
    assert transliterate(text) == "pishete na кмет@община.example ili vizhte https://справка.example/преписка"
