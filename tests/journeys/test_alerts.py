"""Who must look at once is told at once, by the number alone; whistleblowers' reports are told of to one person."""

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

from mailroom import desk as actions
from mailroom import morning
from mailroom.config import AlertSettings
from mailroom.export import as_dict, exported
from mailroom.model.outgoing import LetterType, Outgoing, OutgoingStatus
from mailroom.model.staff import Role, Staff
from tests.journeys.conftest import CAME, Desk
from tests.servers.smtp import SmtpServer

Mail = Callable[..., EmailMessage]

REPORT = """Аз съм служител в отдел „Строителство“. Моят началник Стефан Манолов подписва протоколи за неизвършена
работа и взема подкуп от фирмата.

Дарина Колева
"""
DANGER = "На тротоара пред училището има отворена шахта без капак, ще падне дете!\n\nДарина Колева"
OFFICER = "a.vasileva@example.bg"


def alerts(desk: Desk) -> list[Outgoing]:
    """Every alert in the outbox."""
    with desk.office.store.reading() as register:
        return [one for one in register.outbox.with_status(*OutgoingStatus) if one.type is LetterType.ALERT]


def test_the_confidential_officer_alone_is_told_of_a_report_and_of_nothing_in_it(
        desk: Desk, mail: Mail, smtp_server: SmtpServer) -> None:
    item = desk.come_in(mail(REPORT, From="Дарина Колева <d.koleva@example.com>", Subject="Подкуп"))
    assert item.sealed and item.entry is not None and not item.letters
    desk.send()
    [told] = smtp_server.received
    assert told.recipients == (OFFICER,) and told.message["Auto-Submitted"] == "auto-generated"
    shown = told.message["Subject"] + "".join(part.get_content() for part in told.message.walk()
                                              if part.get_content_maintype() == "text")
    assert item.entry.registration_number in shown
    for secret in ("Колева", "Манолов", "Подкуп", "подкуп", "началник", "сигнал", "koleva", "ЗЗЛПСПОИН"):
        assert secret not in shown


def test_danger_in_a_report_is_told_at_once(desk: Desk, mail: Mail) -> None:
    item = desk.come_in(mail(REPORT + "\nСтълбището се срутва и ще убие някого!", From="x@example.com"))
    assert item.sealed and item.verdict is not None and item.verdict.urgent
    [told] = alerts(desk)
    assert told.to == OFFICER and told.subject.startswith("Веднага: ")


def test_danger_is_told_to_who_works_on_it_and_to_the_duty_officer(desk: Desk, mail: Mail) -> None:
    settings = desk.office.settings.model_copy(update={"alerts": AlertSettings(recipients=("dejuren@example.bg",))})
    desk.office = replace(desk.office, settings=settings)
    item = desk.come_in(mail(DANGER))
    assert item.entry is not None
    assert {one.to for one in alerts(desk)} == {item.entry.assigned_to.email, "dejuren@example.bg"}
    assert all("веднага" in one.text and "шахта" not in one.text for one in alerts(desk))


def test_a_plain_letter_alerts_nobody_and_an_alert_is_told_once_and_is_no_letter_to_the_citizen(
        desk: Desk, mail: Mail, clerk: Staff) -> None:
    desk.come_in(mail("На ул. „Роза“ има счупена пейка. Моля да я поправите.\nДарина Колева"))
    assert not alerts(desk)
    item = desk.come_in(mail(DANGER, Message_ID="<2@example.com>"))
    assert alerts(desk) and [letter.type for letter in item.letters] == [LetterType.ACKNOWLEDGEMENT]
    assert [letter["type"] for letter in as_dict(exported(item, charter="primerovo"))["letters"]] == ["acknowledgement"]
    before = alerts(desk)
    actions.correct(desk.office, clerk, item.id, item.version, {"sender_name": "Дарина Колева"})
    assert alerts(desk) == before
    assert not {one.to.lower() for one in before} & desk.office.own_addresses, "what is watched would come in again"


def test_who_is_sealed_by_a_person_is_told_of_too(desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(mail("Служител иска подкуп за разрешение.\nДарина Колева"))
    assert not item.sealed and not alerts(desk)
    assert item.verdict is not None and item.verdict.restricted and len(item.letters) == 1, "few see it; it is answered"
    assert item.entry is not None and item.entry.due.statute is not None
    actions.correct(desk.office, clerk, item.id, item.version, {"matter": "whistleblower"})
    assert [one.to for one in alerts(desk)] == [OFFICER]


def test_whoever_has_the_role_is_told(desk: Desk, mail: Mail) -> None:
    """The log-in's address counts as the pack's does, as long as the log-in is alive; where there is nobody, the
    history says so."""
    pack = desk.office.pack
    desk.office = replace(desk.office, pack=pack.model_copy(update={"confidential_officer": None}))
    item = desk.come_in(mail(REPORT))
    with desk.office.store.reading() as register:
        assert "nobody_alerted" in [line.what for line in register.history.of(item.id)]
    desk.office = replace(desk.office, pack=pack)
    for login, active in (("nova", True), ("byvsha", False)):
        staff = Staff(login=login, name="Яна Донева", role=Role.CONFIDENTIAL, email=f"{login}@example.bg",
                      active=active)
        with desk.office.store.transaction() as register:
            register.people.add(staff, "x")
    desk.come_in(mail(REPORT + "Още едно.", Message_ID="<2@example.com>"))
    assert {one.to for one in alerts(desk)} == {OFFICER, "nova@example.bg"}


def test_a_report_is_out_of_sight_for_everything_but_its_officer(desk: Desk, mail: Mail) -> None:
    item = desk.come_in(mail(REPORT, From="Дарина Колева <d.koleva@example.com>", Subject="Подкуп в отдела"))
    stub = str(as_dict(exported(item, charter="primerovo")))
    day = morning.digest(desk.office, CAME.date())
    assert day.open == 0 and day.quiet and not (day.urgent.total or day.to_decide.total or day.due_soon.total)
    for secret in ("Колева", "Манолов", "одкуп", "koleva"):
        assert secret not in stub and secret not in str(day)
    with desk.office.store.reading() as register:
        lines = " ".join(str(line.details) for line in register.history.of(item.id))
    assert not any(secret in lines for secret in ("Колева", "Манолов", "одкуп", "koleva"))
