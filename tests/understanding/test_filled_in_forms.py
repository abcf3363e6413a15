"""Printed forms: what a citizen wrote on dotted and ruled lines is read as if it stood in a sentence."""

import pytest

from mailroom.model.findings import Findings
from mailroom.model.letter import Letter, Page, TextSource
from mailroom.model.pack import Pack
from mailroom.understanding.bounds import bound
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.understand import understand

DOTS = """ДО КМЕТА НА ОБЩИНА РУСЕ
ЗАЯВЛЕНИЕ
от ......Стоян Георгиев Маринов..............................
(име, презиме, фамилия)
тел. .....0888 123 456.......
живущ в гр. ......Русе......, ул. ......Борисова......... № ...12..., вх. ...А..., ет. ..3.., ап. ..8..
Моля да ми бъде издадено удостоверение за настоящ адрес."""
ELLIPSES = """ДО КМЕТА НА ОБЩИНА РУСЕ
ЗАЯВЛЕНИЕ
Име: ………Стоян Георгиев Маринов………………
Адрес: гр.………Русе………, ул.……Борисова…… №……12……, вх.…А…, ет.…3…, ап.…8…
Телефон: ……0888 123 456……
Моля да ми бъде издадено удостоверение за наследници."""
RULES = """ДО КМЕТА НА ОБЩИНА РУСЕ
ЗАЯВЛЕНИЕ
Долуподписаният ____Стоян Георгиев Маринов____
с адрес: гр. ____Русе____, ул. ___Борисова___ № __12__, вх. _А_, ет. __3__, ап. __8__
тел.: ___0888 123 456___
Заявявам, че желая да ми бъде издадена скица."""
SPACED = """ДО КМЕТА НА ОБЩИНА РУСЕ
ЗАЯВЛЕНИЕ
От: Стоян . . . . Георгиев . . . . . Маринов . . . . . . тел. 0888 123 456 . . . .
Постоянен адрес: гр. Русе . . . . . . . , ул. Борисова . . . . . . № 12 . . . . , вх. А . . , ет. 3 . . , ап. 8 . . .
Моля за удостоверение."""


def _understood(text: str, knowledge: Knowledge, packs: dict[str, Pack]) -> Findings:
    page = Page(number=1, text=text, text_source=TextSource.OCR, confidence=0.9)
    letter = Letter(channel="paper", media_type="application/pdf", text=text, pages=(page,))
    return understand(letter, packs["ruse"], knowledge)


@pytest.mark.parametrize("text", [DOTS, ELLIPSES, RULES, SPACED], ids=["dots", "ellipses", "rules", "dots and blanks"])
def test_what_stands_on_the_lines_of_a_form_is_found(text: str, knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    findings = _understood(text, knowledge, packs)
    assert findings.sender_name and findings.phone and findings.address
    assert (findings.sender_name.value, findings.phone.value) == ("Стоян Георгиев Маринов", "+359888123456")
    address = findings.address.value
    assert (address.settlement, address.street, address.number) == ("Русе", "ул. Борисова", "12")
    assert (address.entrance, address.floor, address.apartment) == ("А", "3", "8")
    shown = findings.sender_name.evidence[0]
    assert shown.start is not None and shown.end is not None
    assert text[shown.start:shown.end].startswith("Стоян") and text[shown.start:shown.end].endswith("Маринов")


@pytest.mark.parametrize("text", [
    "Чакам вече година...... Кога ще поправите улицата?",
    "Писах ви... пак ви пиша… и нищо. Пишете на ivan_petrov@mail.example..",
    "Съдържание ........ 3",
])
def test_pauses_of_a_letter_are_no_lines_of_a_form(text: str) -> None:
    text = f"{text}\nПред блока ни зее шахта и никой не идва да я затвори, макар че три пъти звънихме.\n"
    assert bound(text, on_paper=True).text == text


def test_a_mail_is_no_form() -> None:
    assert bound(DOTS).text == DOTS
