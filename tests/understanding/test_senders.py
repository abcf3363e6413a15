"""Witnesses of the sender beside the text: the mail's header and electronic signatures; telephones in any writing."""

import pytest

from mailroom.model.arrival import Channel
from mailroom.model.findings import Findings
from mailroom.model.letter import Letter, Mailbox, MailHead, Page, Signature, TextSource
from mailroom.model.pack import Pack
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.names import Name, compatible
from mailroom.understanding.phone import parse_phone
from mailroom.understanding.understand import understand


def signed_by(name: str, *, intact: bool = True, file: str = "") -> Signature:
    """A signature with a certificate in this name."""
    return Signature(signer=name, issuer="B-Trust", intact=intact, file=file)


def findings_of(text: str, knowledge: Knowledge, packs: dict[str, Pack], *, sender: str = "", scanned: bool = False,
                signatures: tuple[Signature, ...] = ()) -> Findings:  # fmt: skip
    """What is understood of a letter with this text."""
    head = MailHead(from_=(Mailbox(name=sender, address="post@mail.example"),)) if sender else None
    pages = (Page(number=1, text=text, text_source="ocr", confidence=0.8),) if scanned else ()
    letter = Letter(channel="email" if sender else "paper", media_type="message/rfc822", text=text, head=head,
                    pages=pages, signatures=signatures)  # fmt: skip
    return understand(letter, packs["ruse"], knowledge)


def test_another_name_in_the_header_stays_as_evidence(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """The signature wins, and the clerk sees that the mail comes from somebody else's mailbox."""
    text = "Моля за лампа.\nС уважение,\nВидка Рускова"
    found = findings_of(text, knowledge, packs, sender="Румен Лазов").sender_name
    assert found is not None
    assert found.value == "Видка Рускова"
    assert [evidence.text for evidence in found.evidence] == ["Видка Рускова", "Румен Лазов"]


def test_same_name_in_the_header_is_no_conflict(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """A name in the other alphabet or in a shorter form is the same person's."""
    found = findings_of("Моля.\nС уважение,\nРумен П. Лазов", knowledge, packs, sender="Rumen Lazov").sender_name
    assert found is not None
    assert len(found.evidence) == 1


@pytest.mark.parametrize(("signature", "wanted"), [
    (signed_by("Кирил Асенов Бодуров"), "Кирил Асенов Бодуров"),
    (signed_by("Кирил Асенов Бодуров", intact=False), None),
    (signed_by("Кирил Асенов Бодуров", file="оферта.pdf"), "Кирил Асенов Бодуров"),
])  # fmt: skip
def test_certificate_names_who_did_not_sign_in_words(signature: Signature, wanted: str | None, knowledge: Knowledge,
                                                     packs: dict[str, Pack]) -> None:  # fmt: skip
    """An intact electronic signature tells the sender where the letter does not."""
    found = findings_of("Моля за скица.", knowledge, packs, sender="кирчо", signatures=(signature,)).sender_name
    assert (found.value if found else None) == wanted


def test_typed_name_stands_before_its_certificate(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """The name is given as the citizen types it, not as his certificate spells it."""
    found = findings_of("Моля за скица.\nС уважение,\nКирил Бодуров", knowledge, packs, sender="кирчо",
                        signatures=(signed_by("KIRIL ASENOV BODUROV"),)).sender_name  # fmt: skip
    assert found is not None
    assert found.value == "Кирил Бодуров"


@pytest.mark.parametrize(("text", "wanted"), [
    ("Моля за знак.\nЛице за връзка: Росица Цветкова\nС уважение,\nРосица Цветкова Мара AV,", "Росица Цветкова"),
    ("Моля за знак.\n\nС уважение,\nPyar Методи Славов", "Методи Славов"),
])  # fmt: skip
def test_pen_stroke_is_no_part_of_the_name(text: str, wanted: str, knowledge: Knowledge,
                                           packs: dict[str, Pack]) -> None:  # fmt: skip
    """Letters that OCR made of a signature beside the typed name stay out of it."""
    found = findings_of(text, knowledge, packs, scanned=True).sender_name
    assert found is not None
    assert found.value == wanted


@pytest.mark.parametrize(("read", "wanted"), [
    ("от Гана Иванова Тюлева", "Гана Иванова Тюлева"), ("от Фиитрива Фолсва Пешева", None), ("от Гана Есе", None),
])  # fmt: skip
def test_what_the_scanner_made_of_a_hand_is_nobodys_name(read: str, wanted: str | None, knowledge: Knowledge,
                                                         packs: dict[str, Pack]) -> None:  # fmt: skip
    """On a page that a person must read in any case, only a name that is known to be one is taken."""
    letter = Letter(channel="paper", media_type="application/pdf", text=f"ДО КМЕТА\n{read}\nМолба", legible=False,
                    pages=(Page(number=1, text=read, text_source="ocr", confidence=0.6),))  # fmt: skip
    found = understand(letter, packs["ruse"], knowledge).sender_name
    assert (found and found.value) == wanted


@pytest.mark.parametrize(("written", "wanted"), [
    ("cvetkova@mail.example", "cvetkova@mail.example"),
    ("cvetkova©mail.example", "cvetkova@mail.example"),
    ("cvetkovaemail.example", "cvetkova@mail.example"),
    ("cvetkova @ mail. example", "cvetkova@mail.example"),
    ("www.mail.example", None),
])  # fmt: skip
def test_scanned_mail_address_is_mended(written: str, wanted: str | None, knowledge: Knowledge,
                                        packs: dict[str, Pack]) -> None:  # fmt: skip
    """An address whose @ the scanner misread is put right where sign or name show what was meant."""
    text = f"Моля за знак.\nС уважение,\nРосица Цветкова\n{written}"
    found = findings_of(text, knowledge, packs, scanned=True).email
    assert (found.value if found else None) == wanted


def test_a_stroke_after_a_number_is_no_digit(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """A letterhead divides its parts so."""
    found = findings_of("Фирма „Вега“ | тел. 02 851 34 60 | vega@mail.example\nМоля.\nИван Рангелов", knowledge,
                        packs, scanned=True).phone  # fmt: skip
    assert found is not None and found.value == "+35928513460"


@pytest.mark.parametrize("written", ["0887\n190 542", "0887 190\n542", "0887 190 542", "+359\n88 719 0542",
                                     "088-\n7190542", "00359 88 719 0542"])
def test_a_mobile_number_may_go_over_the_end_of_a_line(written: str, knowledge: Knowledge,
                                                       packs: dict[str, Pack]) -> None:
    """The typewriter broke the line there."""
    found = findings_of(f"Моля за лампа. Позвънете ми, когато сте готови: {written}.\nИван Рангелов", knowledge,
                        packs, scanned=True).phone  # fmt: skip
    assert found is not None and found.value == "+359887190542"


@pytest.mark.parametrize(("read", "scanned", "told"), [
    ("Метоли Кьосев", True, "Методи Кьосев"), ("Метоли Кьосев", False, "Метоли Кьосев"),
    ("Ставри Кьосев", True, "Ставри Кьосев"), ("Димитър Кьосев", True, "Димитър Кьосев"),
])  # fmt: skip
def test_a_misread_first_name_is_mended_by_the_names_that_are_known(read: str, scanned: bool, told: str,
                                                                    knowledge: Knowledge,
                                                                    packs: dict[str, Pack]) -> None:  # fmt: skip
    """One letter that a scanner takes for another, one known name that fits, what was read beside it; never a typed
    name."""
    found = findings_of(f"Моля за лампа.\nС уважение,\n{read}", knowledge, packs, scanned=scanned).sender_name
    assert found is not None and found.value == told
    assert (read in [evidence.text for evidence in found.evidence[1:]]) == (told != read)


@pytest.mark.parametrize(("text", "told"), [
    ("ДО СТОЛИЧНА ОБЩИНА\nЗАЯВЛЕНИЕ\nза издаване на карта\n\nИме: Цветозар Презиме: Маринов Фамилия: Ковачки\n"
     "Телефон: 0888 000 293\nМоля за карта.",
     "Цветозар Маринов Ковачки"),
    ("Лице за контакт: Калиопа Добрешкова\nИме Адрес\nКалиопа Руменова\nДобрешкова София, ул. „Вит“ № 8\n"
     "Стойко Джуров", "Калиопа Руменова Добрешкова"),
    ("До Центъра за мобилност\nчрез Столична община\nИво Здравков Минтев\nкв. Хладилника, бл. 2\n\nМолба\n"
     "Моля за знак.\n\nИ. Минтев", "Иво Здравков Минтев"),
])  # fmt: skip
def test_a_name_in_pieces_is_put_together(text: str, told: str, knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """In the fields of a form, over two lines of a table, and in full where only the signature is short."""
    found = findings_of(text, knowledge, packs, scanned=True).sender_name
    assert found is not None and found.value == told


@pytest.mark.parametrize(("read", "told"), [
    ("12:11,2026 г.", "2026-11-12"), ("9.Х1.2026 г.", "2026-11-09"), ("73.77.2026", "2026-11-13"),
    ("49/11/2026", "2026-11-19"), ("8.112026 г.", "2026-11-08"),
])  # fmt: skip
def test_a_misread_date_is_the_only_one_that_it_can_be(read: str, told: str, knowledge: Knowledge,
                                                       packs: dict[str, Pack]) -> None:
    """No month is the 77th and no day the 73rd; stops are read as commas."""
    found = findings_of(f"Моля за лампа.\nДата: {read}\nИван Рангелов", knowledge, packs, scanned=True).date_written
    assert found is not None and found.value.isoformat() == told


@pytest.mark.parametrize(("line", "told"), [
    ("Към вх. № 53-TY-19/03.11.2026 г.", "53-ТУ-19/03.11.2026"),
    ("наш вх. № 94-0-412/14.08.2026 г.", "94-О-412/14.08.2026"),
    ("отговор № 94-В-ОБЩИНА", None), ("Рег. № 1187р-2604, екз. № 1", None),
])  # fmt: skip
def test_numbers_of_stamps_and_letterheads_are_no_earlier_letters(line: str, told: str | None, knowledge: Knowledge,
                                                                  packs: dict[str, Pack]) -> None:
    """Nor is „0“ a piece of a number by itself."""
    text = f"ДО КМЕТА\n{line}\n\nМоля за отговор по жалбата ми от лятото.\nИван Рангелов"
    found = findings_of(text, knowledge, packs, scanned=True).follow_up_of
    assert (found.value if found else None) == told


@pytest.mark.parametrize(("read", "told"), [("6500", "6300"), ("6305", "6305"), ("7000", "7000"), ("6300", "6300")])
def test_a_misread_postcode_is_the_settlements(read: str, told: str, knowledge: Knowledge,
                                               packs: dict[str, Pack]) -> None:
    """Where the first two digits are those of another district and one digit is drawn alike; other codes stay."""
    text = f"Моля за лампа.\nС уважение,\nИван Рангелов\n{read} Хасково, ул. „Добруджа“ 14"
    found = findings_of(text, knowledge, packs, scanned=True).address
    assert found is not None and found.value.postcode == told


@pytest.mark.parametrize(("one", "other", "same"), [
    ("Иван Петров", "Ivan Petrov", True),
    ("И. Петров", "Иван Колев Петров", True),
    ("Петров Иван", "Иван Петров", True),
    ("Мария Петрова-Колева", "Мария Петрова", True),
    ("Иван Петров", "Стоян Петров", False),
    ("Иван Петров", "Иван Колев", False),
])  # fmt: skip
def test_names_of_one_person(one: str, other: str, same: bool) -> None:
    """Alphabet, order, initials and halves of a double name do not part a person; another name does."""
    assert compatible(Name(one, 0, len(one), 1.0), Name(other, 0, len(other), 1.0)) is same


@pytest.mark.parametrize(("written", "wanted"), [
    ("0888 12 34 56", "+359888123456"),
    ("+359(0)888123456", "+359888123456"),
    ("00359 (0) 888 123 456", "+359888123456"),
    ("+359 0888 123456", "+359888123456"),
    ("(+359) 888 123 456", "+359888123456"),
    ("888123456", "+359888123456"),
    ("823456", "+35982823456"),
    ("9888 123 456", "+359888123456"),
    ("12.03.2026", None),
    ("1234", None),
])  # fmt: skip
def test_telephone_in_any_writing(written: str, wanted: str | None) -> None:
    """A labelled number is given in E.164, a local one with the municipality's code."""
    assert parse_phone(written, "082") == wanted


@pytest.mark.parametrize(("text", "name"), [
    ("До Кмета\nОт петък чешмата тече с миризма.\n\nодор Личев Мерджев,\nул. „Рила“ 6", "Тодор Личев Мерджев"),
    ("До Кмета\nКучето ми е по-чисто от вас.\n\nпламен Държев\nул. „Рила“ 15", "Пламен Държев"),
    ("ВЪЗРАЖЕНИЕ\nот Пресиян Захариев Кутев, чрез адвокат Искра\nТерзийска – пълномощник", "Искра Терзийска"),
    ("До Общината\nМолба\nМоля да ми се издаде препис от акта на майка ми\nЗдравка Колева Бахчева, починала в Русе.\n\n"
     "Орлин\nРусе, ул. „Рила“ 8", None),
    ("ЕТ „ГАНКА ПИРЕВА – БИЛКИ“\nс. Николово, ул. „Седма“ № 15\n\nМоля за позволително.\n\nсобственик", "Ганка Пирева"),
    ("Искане\nОт името на подписалите се упълномощава Бойко Асенов Терзиев, телефон 0887 000 144.\n\nСписък\n"
     "1 Симеон Паунов Тричков", "Бойко Асенов Терзиев"),
])  # fmt: skip
def test_scanned_name_that_is_damaged_broken_or_another_s(
    text: str, name: str | None, knowledge: Knowledge, packs: dict[str, Pack]
) -> None:
    """A pen stroke over its first letter, the end of a line, the one of whom a sentence speaks."""
    page = Page(number=1, text=text, text_source=TextSource.OCR, confidence=0.9)
    letter = Letter(channel=Channel.PAPER, media_type="application/pdf", text=text, pages=(page,))
    found = understand(letter, packs["ruse"], knowledge).sender_name
    assert (found.value if found else None) == name
