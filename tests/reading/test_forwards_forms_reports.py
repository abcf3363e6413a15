"""Letters that come through somebody else: forwards, contact forms, delivery reports."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mailroom.model.letter import Mailbox
from mailroom.reading.devices import written_by_device
from tests.reading.material import mail, raw_mail, read

CORPUS = Path(__file__).parents[1] / "corpus"
INSIDE = "Добър вечер,\nклиматикът под нас шуми нощем.\nХристина Балканска"
CITIZEN = (Mailbox(name="Христина Балканска", address="hb@abv.example"),)


@pytest.mark.parametrize("head", [
    "---------- Forwarded message ---------\nОт: Христина Балканска <hb@abv.example>\n"
    "Дата: пн, 13.04.2026 г. в 21:47 ч.\nТема: Молба\nДо: <center@grad.example.bg>\n",
    "---------- Препратено съобщение ---------\nОт: Христина Балканска <hb@abv.example>\nДата: 13 април 2026 г. 21:47\n"
    "Относно: Молба\n",
    "-------- Forwarded Message --------\nSubject: Молба\nFrom: Христина Балканска <hb@abv.example>\n"
    "Date: 13.04.2026 21:47\nTo: x\n",
    "От: Христина Балканска <hb@abv.example>\nИзпратено: понеделник, 13 април 2026 г. 21:47\nДо: Община\nТема: Молба\n",
    " >-------- Оригинално писмо --------\n >От: Христина Балканска hb@abv.example\n >Относно: Молба\n"
    " >До: center@grad.example.bg\n >Изпратено на: 13.04.2026 21:47\n",
    "Започва препратено съобщение:\n\nОт: Христина Балканска <hb@abv.example>\nОтносно: Молба\n"
    "Дата: 13 април 2026 г., 21:47:00\nДо: <center@grad.example.bg>\n",
    "____________________\nОт: Христина Балканска <hb@abv.example>\nИзпратени: понеделник, 13 април 2026 21:47\n"
    "До: Център <center@grad.example.bg>\nОтносно: Молба\n",
    "From: Христина Балканска [mailto:hb@abv.example]\nSent: Monday, 13.04.2026 21:47\nTo: x\nSubject: Молба\n",
])
def test_a_forward_in_the_text_gives_the_letter_inside(head: str) -> None:
    letter = read(mail(f"За завеждане.\n\n{head}\n{INSIDE}", subject="Fwd: Молба",
                       from_="Център <center@grad.example.bg>").as_bytes())
    assert (letter.text, letter.covering_note) == (INSIDE, "За завеждане.")
    assert letter.forwarded and letter.forwarded.from_ == CITIZEN
    assert letter.forwarded.first("subject") == "Молба"
    assert letter.forwarded.date == datetime(2026, 4, 13, 21, 47, tzinfo=ZoneInfo("Europe/Sofia"))


def test_begin_forwarded_message_with_quote_signs() -> None:
    letter = read(mail("Begin forwarded message:\n\n> From: Христина Балканска <hb@abv.example>\n> Subject: Молба\n"
                       "> Date: 13.04.2026\n> \n> Моля за отговор.", subject="Fwd: Молба").as_bytes())
    assert letter.text == "Моля за отговор." and letter.forwarded and letter.forwarded.from_ == CITIZEN


def test_an_answer_above_an_outlook_header_is_no_forward() -> None:
    letter = read(mail("Благодаря, но не е така.\n\nОт: Община <o@grad.example.bg>\nИзпратено: вчера\nДо: мен\n\n"
                       + INSIDE, subject="RE: Молба").as_bytes())
    assert letter.text == "Благодаря, но не е така." and letter.forwarded is None
    assert "климатикът" in letter.quoted


def test_a_letter_that_begins_with_its_own_heading_is_no_forward() -> None:
    text = "До: Кмета на общината\nОт: Иван Петров\nДата: 5.3.2026\nОтносно: шум\n\nМоля за проверка."
    letter = read(mail(text).as_bytes())
    assert letter.text == text and letter.forwarded is None


def test_a_citizen_who_writes_much_above_a_forward_has_written_the_letter() -> None:
    own = "Препращам Ви отговора на фирмата, с който не съм съгласна. " + "Настоявам да се направи проверка. " * 10
    letter = read(mail(own + "\n\n---------- Forwarded message ---------\nОт: Фирма <f@x.example>\nДата: 1.1.2026\n\n"
                       "Не.", subject="Fwd: отговор", from_="a@abv.bg", to="obshtina@grad.example.bg").as_bytes())
    assert letter.text.startswith("Препращам Ви отговора") and letter.forwarded is None


def test_an_attached_mail_is_the_letter_when_the_body_only_covers_it() -> None:
    inner = mail(INSIDE, subject="Молба", from_="Христина Балканска <hb@abv.example>")
    inner.add_attachment(b"x", maintype="application", subtype="octet-stream", filename="снимка.bin")
    outer = mail("Приложено препращам за завеждане.", subject="FW: Молба", from_="d@grad.example.bg")
    outer.add_attachment(inner)
    letter = read(outer.as_bytes())
    assert letter.text == INSIDE and letter.covering_note == "Приложено препращам за завеждане."
    assert letter.forwarded and letter.forwarded.from_ == CITIZEN
    assert [a.filename for a in letter.attachments] == ["снимка.bin"]


def test_a_mail_attached_as_proof_is_an_attachment() -> None:
    outer = mail("Прилагам писмото на фирмата като доказателство. " + "Вече трети месец никой не ми отговаря. " * 8,
                 from_="a@abv.bg")
    outer.add_attachment(mail("Не.", subject="Отказ"))
    letter = read(outer.as_bytes())
    assert letter.text.startswith("Прилагам писмото") and [a.filename for a in letter.attachments] == ["Отказ.eml"]


@pytest.mark.parametrize(("text", "fields", "message"), [
    ("Получено е ново съобщение.\n\nИме: Слави Ехов\nE-mail: s@e.example\nАдрес: Младост 3,\nбл. 306\nСъобщение:\n"
     "Паважът хлътна.\nМоля, изпратете екип.\n\n-- \nТова съобщение е генерирано автоматично.",
     {"Име": "Слави Ехов", "E-mail": "s@e.example", "Адрес": "Младост 3, бл. 306"},
     "Паважът хлътна.\nМоля, изпратете екип."),
    ("naimenovanie => \nBcc: list@example.com\n\nemail => \ntekst => Предлагам пейки.\notgovor => не",
     {"naimenovanie": "", "email": "", "otgovor": "не"}, "Предлагам пейки."),
    ("От: Иван <i@x.example>\nОтносно: Дупка\n\nСъобщение:\nНа ул. Липа има дупка.\nТелефон за връзка в подписа.\n"
     "IP: 1.2.3.4",
     {"От": "Иван <i@x.example>", "Относно": "Дупка", "IP": "1.2.3.4"},
     "На ул. Липа има дупка.\nТелефон за връзка в подписа."),
])
def test_a_contact_form_gives_its_fields_and_its_message(text: str, fields: dict[str, str], message: str) -> None:
    letter = read(mail(text, from_="noreply@forms.example.bg").as_bytes())
    assert (letter.form_fields, letter.text) == (fields, message)


@pytest.mark.parametrize("text", [
    "1. Имена на подателя: Сийка Златева\n2. Имейл: s@e.example\n3. Текст на сигнала: На ул. Липа има дупка.",
    "[Име] Сийка Златева\n[Имейл] s@e.example\n[Съобщение] На ул. Липа има дупка.",
    "Име | Сийка Златева\nИмейл | s@e.example\nСъобщение | На ул. Липа има дупка.",
    "*Име:* Сийка Златева\n*Имейл:* s@e.example\n*Вашето съобщение:* На ул. Липа има дупка.",
    "Вашите имена *\nСийка Златева\n\nИмейл адрес *\ns@e.example\n\nОпишете проблема *\nНа ул. Липа има дупка.",
])
def test_a_form_may_be_numbered_bracketed_or_bold(text: str) -> None:
    """However a site's program sets its labels, the values are those of the citizen."""
    letter = read(mail(text, from_="noreply@forms.example.bg").as_bytes())
    assert letter.text == "На ул. Липа има дупка."
    assert list(letter.form_fields.values()) == ["Сийка Златева", "s@e.example"]


def test_a_signature_with_labels_is_no_form() -> None:
    text = "Моля за ремонт на улицата.\n\nИме: Иван Петров\nАдрес: ул. Липа 5\nТелефон: 0888 123 456"
    letter = read(mail(text).as_bytes())
    assert letter.text == text and not letter.form_fields


def _report(kind: str, machine: str) -> bytes:
    report = (f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nПисмото не стигна.\r\n--b\r\nContent-Type: {kind}"
              f"\r\n\r\n{machine}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <311@grad.example.bg>\r\n"
              "Subject: =?utf-8?B?0J7RgtCz0L7QstC+0YA=?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
              "Уважаеми господине, рег. № 94-12\r\n--b--")
    return raw_mail(report.encode(), f"multipart/report; report-type={kind.partition('/')[2]}; boundary=b")


def test_a_delivery_report_names_letter_recipient_and_reason() -> None:
    letter = read(_report("message/delivery-status",
                          "Reporting-MTA: dns; mx.example.bg\r\n\r\nFinal-Recipient: rfc822; a@abv.example\r\n"
                          "Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n"
                          "Final-Recipient: rfc822; ok@abv.example\r\nAction: relayed\r\nStatus: 2.0.0"))
    assert letter.report and letter.report.model_dump() == {
        "original_message_id": "<311@grad.example.bg>", "recipient": "a@abv.example", "action": "failed",
        "status": "5.1.1", "diagnostic": "550 5.1.1 User unknown"}
    assert letter.text == "Писмото не стигна." and "94-12" in letter.quoted and letter.forwarded is None


def test_a_read_receipt_says_that_the_letter_was_shown() -> None:
    letter = read(_report("message/disposition-notification",
                          "Final-Recipient: rfc822; a@abv.example\r\nOriginal-Message-ID: <9@grad.example.bg>\r\n"
                          "Disposition: manual-action/MDN-sent-manually; displayed"))
    assert letter.report and (letter.report.original_message_id, letter.report.action) == (
        "<9@grad.example.bg>", "displayed")


@pytest.mark.parametrize("path", sorted((CORPUS / "mail" / "sisimai").glob("*-*host-*.eml")), ids=lambda p: p.stem)
def test_real_bounces_are_known_with_their_recipient(path: Path) -> None:
    report = read(path.read_bytes()).report
    assert report and report.action == "failed" and report.recipient and "@" in report.recipient


@pytest.mark.parametrize("path", sorted((CORPUS / "mail" / "sisimai").glob("is-not-*.eml")), ids=lambda p: p.stem)
def test_mails_that_only_look_like_bounces_are_none(path: Path) -> None:
    assert read(path.read_bytes()).report is None


def test_a_citizen_who_writes_of_an_undelivered_letter_is_no_bounce() -> None:
    message = mail("Писмото ми до Вас се върна: Mail delivery failed, 550 5.1.1.", subject="Mail delivery failed")
    assert read(message.as_bytes()).report is None


def test_an_address_in_parts_is_fields_of_the_form() -> None:
    text = ("Подател\tМая Рангелова\nЕл. поща\tm@mail.example\nТел.\t0888 123 456\nУлица/ж.к.\tкв. Дружба 2\n"
            "№/блок\t14\nВход\tБ\nЕтаж\t4\nАпартамент\t11\nОписание\tЛюлката е счупена.")
    letter = read(mail(text, from_="noreply@forms.example.bg").as_bytes())
    assert letter.form_fields["№/блок"] == "14" and letter.form_fields["Тел."] == "0888 123 456"
    assert letter.text == "Люлката е счупена."


@pytest.mark.parametrize(("above", "hers"), [
    ("Здравейте, получих това снощи и се уплаших. Вие ли го пращате, или някой се прави на вас?\nЦона Рускова", True),
    ("Препращам Ви полученото писмо по компетентност, да бъде заведено и да отговорите на човека в срок.", False),
    ("За сведение.", False),
])
def test_who_comments_on_a_forward_writes_the_letter(above: str, hers: bool) -> None:
    """A citizen who asks about what she has got is the one to be answered; a clerk who passes a letter on is not."""
    letter = read(mail(f"{above}\n\n---------- Forwarded message ---------\nОт: Някой <n@other.example>\n"
                       "Date: чт, 8.10.2026 г. в 7:44\nSubject: Известие\n\nПлатете веднага на този адрес.",
                       subject="Fwd: Известие").as_bytes())
    assert (letter.forwarded is None) == hers
    assert letter.text.startswith("Здравейте, получих" if hers else "Платете")


@pytest.mark.parametrize(("text", "device"), [
    ("Device Name: MFP-2\nDevice Model: TASKalfa 3252ci\nFile Format: PDF\nPages: 1", True),
    ("Please open the attached document. It was scanned by a Xerox printer.\n"
     "Number of Images: 2\nResolution: 200dpi", True),
    ("Име на устройството: Копир 2\nБрой страници: 3\nСканиран документ", True),
    ("Сканирано от телефона ми. Моля да разгледате молбата.", False),
    ("Устройство: асансьор\nМодел: ОТИС\nНе работи от вторник, оправете го.", False),
])
def test_what_a_copier_writes_along_is_nobodys_letter(text: str, device: bool) -> None:
    """Only where every line is the machine's own."""
    assert written_by_device(text) is device
