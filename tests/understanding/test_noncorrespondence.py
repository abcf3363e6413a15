"""What no person wrote, by the parts of a letter that are not its words."""

from pathlib import Path

import pytest

from mailroom.model.arrival import Channel
from mailroom.model.findings import Kind, NonCorrespondence
from mailroom.model.letter import Attachment, DeliveryReport, Fault, Letter, Mailbox, MailHead, Page, TextSource
from mailroom.model.pack import Pack
from mailroom.reading.letter import read_letter
from mailroom.reading.options import ReadingOptions
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.noncorrespondence import find_noncorrespondence
from mailroom.understanding.understand import understand
from mailroom.understanding.view import View

HEAD = MailHead(
    from_=(Mailbox(name="Ана Ганева", address="ag@mail.example"),), to=(Mailbox(address="center@ruse.example"),)
)
BLANK_PAGE = Page(number=1, text="", text_source=TextSource.NONE, confidence=None, blank=True)
PHOTO = Attachment(filename="снимка.jpg", media_type="image/jpeg", size=10, sha256="00", inline=True)
SCRIPT = Attachment(filename="faktura.pdf.scr", media_type="application/octet-stream", size=10, sha256="00")


def mail(**values: object) -> Letter:
    """A mail with these values."""
    return Letter.model_validate({"channel": Channel.EMAIL, "media_type": "message/rfc822", "head": HEAD, **values})


@pytest.mark.parametrize(
    ("letter", "expected"),
    [
        (mail(report=DeliveryReport(action="failed", status="5.1.1")), NonCorrespondence.BOUNCE),
        (mail(report=DeliveryReport(action="delayed")), NonCorrespondence.BOUNCE),
        (mail(report=DeliveryReport(action="displayed"), subject="Прочетено: Отговор"), NonCorrespondence.AUTO_REPLY),
        (mail(calendar_method="REPLY", subject="Прието: Среща"), NonCorrespondence.AUTO_REPLY),
        (mail(calendar_method="REQUEST", subject="Покана", text="Каним Ви на среща."), None),
        (mail(), NonCorrespondence.BLANK),
        (mail(subject="Re: "), NonCorrespondence.BLANK),
        (mail(subject="(без тема)", text=" \n\nSent from my iPhone\n"), NonCorrespondence.BLANK),
        (mail(subject="Сигнал"), None),
        (mail(subject="-", text="."), NonCorrespondence.BLANK),
        (mail(text="Здравейте,\n\nПоздрави,\nИван Петров\nтел. 0888 123 456"), NonCorrespondence.BLANK),
        (mail(text="Това съобщение е поверително и предназначено само за адресата."), NonCorrespondence.BLANK),
        (mail(text="👍"), None),
        (mail(text="Иван Петров", attachments=(PHOTO,)), None),
        (mail(subject="Re: Отговор", text="Благодаря"), None),
        (Letter(channel=Channel.PAPER, media_type="application/pdf", text="Иван Петров"), None),
        (mail(subject="x" * 100_000), None),
        (mail(text="1" * 100_000), None),
        (mail(attachments=(PHOTO,)), None),
        (mail(quoted="На пн, 2.03.2026 г. Община Русе написа:"), None),
        (mail(text="Прегледайте приложената просрочена фактура.", attachments=(SCRIPT,)), NonCorrespondence.SPAM),
        (
            mail(
                text="Приложена е призовка. Паролата за архива е 7741.",
                faults=(Fault(code="program_inside", sentence="В архива има програма."),),
            ),
            NonCorrespondence.SPAM,
        ),
        (
            mail(
                text="Моля да проверите шума от заведението на ул. Рила 4.",
                faults=(Fault(code="program_inside", sentence="В архива има програма."),),
            ),
            None,
        ),
        (Letter(channel=Channel.PAPER, media_type="application/pdf", pages=(BLANK_PAGE,)), NonCorrespondence.BLANK),
    ],
)
def test_parts_of_a_letter_decide(
    letter: Letter, expected: NonCorrespondence | None, knowledge: Knowledge, packs: dict[str, Pack]
) -> None:
    """Reports, calendar answers and emptiness are seen without a word of text."""
    found = understand(letter, packs["ruse"], knowledge).noncorrespondence
    assert (found.value if found else None) == expected


def test_unreadable_file_comes_before_a_person(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """A file that could not be read is correspondence of kind other, and is not called anonymous."""
    fault = Fault(code="empty_file", sentence="Файлът е празен. Поискайте го отново.")
    letter = Letter(channel=Channel.PAPER, media_type="application/x-empty", faults=(fault,), legible=False)
    findings = understand(letter, packs["ruse"], knowledge)
    assert findings.noncorrespondence is None
    assert findings.kind.value is Kind.OTHER
    assert findings.anonymous.value is False


def test_district_by_name_and_by_quarter(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """A district is found where it is named, and from a quarter that lies in it."""
    named = mail(text="Сигнал за район „Младост“: липсва капак.\nАна Ганева")
    quarter = mail(text="В ж.к. „Люлин 5“ няма осветление.\nАна Ганева")
    found = [understand(letter, packs["sofia"], knowledge).district for letter in (named, quarter)]
    assert [district.value if district else None for district in found] == ["Младост", "Люлин"]


def test_a_citizen_who_answers_a_machine_is_heard(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """Quoting „това е автоматичен отговор“ makes nobody a machine when they ask something."""
    letter = mail(
        subject="Re: Автоматичен отговор: Получихме писмото Ви",
        text="Пак получих „Това е автоматичен отговор, моля не отговаряйте“. Кога ще ми отговори човек?\n\nАна Ганева",
        quoted="> Това е автоматичен отговор. Получихме писмото Ви.",
    )
    assert understand(letter, packs["ruse"], knowledge).noncorrespondence is None


def test_who_passes_on_what_they_were_sent_is_heard(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """A swindler's words inside a forward with words of one's own are evidence; alone they are spam."""
    inner = MailHead(from_=(Mailbox(name="Портал", address="pay@fake.example"),))
    text = "Последно предупреждение! Дължите глоба. Кликнете и въведете данните на картата си: http://fake.example"
    passed_on = mail(subject="Fwd: глоба", text=text, forwarded=inner, covering_note="Това от вас ли е?")
    alone = mail(subject="глоба", text=text)
    found = [understand(letter, packs["ruse"], knowledge).noncorrespondence for letter in (passed_on, alone)]
    assert [each.value if each else None for each in found] == [None, NonCorrespondence.SPAM]


def test_a_robot_in_the_contact_form_is_spam(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """What comes through the town's own form is judged by its words too."""
    offer = "Hi, we can place your website on the first page of Google at affordable prices. May I send you a quote?"
    forms = [
        {"Име": "Jake", "Имейл": "j@seo.example", "Съобщение": offer},
        {"Име": "Ана Ганева", "Имейл": "a@mail.example", "Съобщение": "Липсва капак на шахта на ул. Рила 4."},
    ]
    letters = [mail(text=form["Съобщение"], form_fields=form) for form in forms]
    found = [understand(letter, packs["ruse"], knowledge).noncorrespondence for letter in letters]
    assert [each.value if each else None for each in found] == [NonCorrespondence.SPAM, None]


CORPUS = Path(__file__).parents[1] / "corpus" / "mail"
ADVERTISING = {"content_transfer_encoding_spam", "content_transfer_encoding_with_semi_colon"}
"""Real spam that a collection of broken mails holds."""


def set_aside(path: Path, knowledge: Knowledge, packs: dict[str, Pack]) -> NonCorrespondence | None:
    """What a real mail is taken for."""
    letter = read_letter(path.read_bytes(), Channel.EMAIL, ReadingOptions())
    found = find_noncorrespondence(View(letter, packs["ruse"], knowledge), {})
    return found.value if found else None


def test_every_real_bounce_is_one(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """Delivery reports of fifty mail servers, with and without the standard's parts."""
    bounces = [path for path in sorted((CORPUS / "sisimai").glob("*.eml")) if not path.stem.startswith("is-not-")]
    taken = {path.stem: set_aside(path, knowledge, packs) for path in bounces}
    assert {stem: value for stem, value in taken.items() if value is not NonCorrespondence.BOUNCE} == {}


def test_real_mail_of_people_is_not_set_aside(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """Odd mails that people's programs wrote stay correspondence, reports and advertising apart."""
    paths = [path for folder in ("mikel", "cpython") for path in sorted((CORPUS / folder).rglob("*.eml"))]
    taken = {path.stem: value for path in paths if (value := set_aside(path, knowledge, packs))}
    wrong = {stem for stem, value in taken.items() if value is NonCorrespondence.SPAM} - ADVERTISING
    assert wrong == set()


def test_the_addressee_of_an_attached_letter_is_seen(knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """A covering note does not hide to whom the letter that it brings is addressed."""
    attached = "До\nКмета на Община Бяла\n\nЖАЛБА\nСметището край селото гори.\n\nИван Кралев"
    document = Attachment(filename="жалба.txt", media_type="text/plain", size=10, sha256="00", text=attached)
    note = "Здравейте,\nприлагам жалбата, която подписахме.\nтел. 0888 123 456"
    found = understand(mail(text=note, attachments=(document,)), packs["ruse"], knowledge).other_body
    assert found is not None and found.value == "Община Бяла"
