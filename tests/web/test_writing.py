"""Letters and extensions from an item's page: what is offered, what must be typed, what becomes of the item."""

from mailroom.model.item import Status
from mailroom.model.outgoing import LetterType, OutgoingStatus
from mailroom.model.staff import Role
from tests.web.conftest import Town, logged_in


def test_a_forwarding_notice_is_written_released_and_the_letter_is_passed_on(town: Town) -> None:
    """Without a name of whom it was passed to nothing is written; with it the state follows the letter."""
    item = town.item("signal")
    page = f"/items/{item.id}"
    with logged_in(town, Role.CLERK) as client:
        bad = client.act(f"{page}/write", seen=page, version=item.version, letter="forwarding",
                         body_address="ул. Бреза 1")
        assert bad.status_code == 400 and "до кого е препратено" in bad.text and "ул. Бреза 1" in bad.text
        done = client.act(f"{page}/write", seen=page, version=town.item("signal").version, letter="forwarding",
                          body="областната дирекция на полицията")
        assert done.status_code == 303 and "прегледайте го" in client.get(done.headers["location"]).text
        letter = town.item("signal").letters[-1]
        assert (letter.type, letter.status) == (LetterType.FORWARDING, OutgoingStatus.DRAFT)
        assert town.item("signal").status is not Status.FORWARDED
        assert client.act(f"/letters/{letter.id}/release", seen=page).status_code == 303
    assert town.item("signal").status is Status.FORWARDED


def test_only_letters_that_fit_are_offered(calm_town: Town) -> None:
    """A refusal before anybody refused is none; unknown names are refused."""
    page = f"/items/{calm_town.ids['signal']}"
    with logged_in(calm_town, Role.CLERK) as client:
        text = client.get(page).text
        assert "Напиши: известие за препращане" in text
        assert "Напиши: известие, че не се разглежда" not in text and "Напиши: потвърждение по ЗЗЛПСПОИН" not in text
        answer = client.act(f"{page}/write", seen=page, version=calm_town.item("signal").version, letter="digest")
        assert answer.status_code == 400 and "Изберете писмо" in answer.text


def test_the_confidential_officer_sends_the_receipt_of_a_report(town: Town) -> None:
    """With the number from the commission; seven days for it stand beside the term."""
    item = town.item("whistle")
    page = f"/items/{item.id}"
    with logged_in(town, Role.CONFIDENTIAL) as client:
        text = client.get(page).text
        assert "Потвърждение до подателя" in text and "27.11.2026" in text
        assert "Напиши: потвърждение по ЗЗЛПСПОИН" in text and "Напиши: известие за препращане" not in text
        done = client.act(f"{page}/write", seen=page, version=item.version, letter="whistleblower_receipt",
                          uin="26-000417")
        assert done.status_code == 303
        letter = town.item("whistle").letters[-1]
        assert "26-000417" in letter.text and "сигнал" not in letter.subject
        assert client.act(f"/letters/{letter.id}/release", seen=page).status_code == 303


def test_an_inspection_is_noted_where_a_promise_depends_on_it(town: Town) -> None:
    """One button; the letter that tells the citizen waits for approval."""
    item = town.item("conduct")
    page = f"/items/{item.id}"
    with logged_in(town, Role.SECRETARY) as client:
        assert "Нужна е проверка" not in client.get(f"/items/{town.ids['signal']}").text
        assert "Нужна е проверка" in client.get(page).text
        assert client.act(f"{page}/inspection", seen=page, version=item.version).status_code == 303
        assert "Нужна е проверка</button>" not in client.get(page).text
    after = town.item("conduct")
    assert after.entry is not None and after.entry.inspection_needed and after.entry.due.charter is None
    assert after.letters[-1].type is LetterType.EXTENSION and after.letters[-1].status is OutgoingStatus.DRAFT


def test_the_superior_bodys_decision_has_a_number_and_a_date(town: Town) -> None:
    """From the list of what is due straight into the form; half a decision is none."""
    item = town.item("signal")
    page = f"/items/{item.id}"
    with logged_in(town, Role.CLERK) as client:
        assert '<details class="act" id="extend" open>' in client.get(f"{page}?do=extend").text
        half = client.act(f"{page}/extend", seen=page, version=item.version, ground="apk.121_extension",
                          superior_number="РД-17")
        assert half.status_code == 400 and "впишете и двете" in half.text
        done = client.act(f"{page}/extend", seen=page, version=town.item("signal").version, ground="apk.121_extension",
                          superior_number="РД-17", superior_on="20.11.2026")
        assert done.status_code == 303
    text = town.item("signal").letters[-1].text
    assert "Налагат го особено важни причини." in text
    assert "Реши го областният управител с решение № РД-17 от 20 ноември 2026 г." in text
