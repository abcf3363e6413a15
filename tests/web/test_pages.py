"""What staff see and do, over real HTTP on a real register."""

import io
import re
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from mailroom import desk
from mailroom.config import MaildirSettings
from mailroom.model.arrival import Channel
from mailroom.model.condition import Trouble
from mailroom.model.item import DecisionState, Status
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.staff import Role
from mailroom.model.verdict import Outcome
from mailroom.web.html_mail import harmless
from mailroom.web.originals import safe_name
from tests.web.conftest import PEOPLE, Browser, Town, logged_in, take
from tests.web.letters import NASTY_HTML, mail

EGN = "7523169263"
PAPER = Channel.PAPER


def clerk(town: Town) -> AbstractContextManager[Browser]:
    """Somebody at the desk."""
    return logged_in(town, Role.CLERK)


# ---- every answer ---------------------------------------------------------------------------------------------------


def test_every_page_carries_the_strict_headers(calm_town: Town) -> None:
    item_id = calm_town.ids["waste"]
    with clerk(calm_town) as client:
        for path in ("/login", "/queue", f"/items/{item_id}", "/outbox", "/nowhere"):
            headers = client.get(path, follow_redirects=True).headers
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none'") and "unsafe" not in policy
            assert "frame-ancestors 'none'" in policy and "form-action 'self'" in policy
            assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "same-origin" and "server" not in headers


def test_no_page_has_script_or_style_of_its_own(calm_town: Town) -> None:
    with clerk(calm_town) as client:
        for path in ("/login", "/queue", f"/items/{calm_town.ids['proposal']}", "/outbox", "/print"):
            page = client.get(path, follow_redirects=True).text
            assert not re.search(r"<style|style=|<script(?! src=)|\son\w+=|javascript:", page)


def test_an_unknown_path_is_told_in_bulgarian(calm_town: Town) -> None:
    with clerk(calm_town) as client:
        for path in ("/nowhere", "/items/999999", "/items/99999999999999999999999", "/static/nothing.css"):
            answer = client.get(path)
            assert answer.status_code == 404
        assert "Няма такава страница" in client.get("/nowhere").text
        assert client.put("/queue").status_code == 405


def test_a_body_larger_than_a_form_is_refused(calm_town: Town) -> None:
    with clerk(calm_town) as client:
        assert client.post("/logout", content=b"x" * (2 << 20)).status_code == 413


def test_a_file_in_a_form_is_refused(calm_town: Town) -> None:
    with clerk(calm_town) as client:
        assert client.post("/queue/set-aside", files={"item": ("a", b"b")}).status_code == 400


# ---- the queue ------------------------------------------------------------------------------------------------------


def test_the_queue_shows_rows_with_counts_and_masks_personal_numbers(calm_town: Town) -> None:
    with clerk(calm_town) as client:
        page = client.get("/queue").text
    assert "Мария Петкова" in page and "Стефан Манолов" in page and "21.12.2026" in page
    assert EGN not in page and "Предложение за озеленяване" in page
    assert re.search(r"Спешни <b>1</b>", page) and re.search(r"Не е кореспонденция <b>2</b>", page)


def test_the_queue_reads_no_texts(calm_town: Town) -> None:
    with clerk(calm_town) as client:
        assert "голяма дупка" not in client.get("/queue?view=all").text


def test_search_finds_by_number_sender_and_subject(calm_town: Town) -> None:
    entry = calm_town.item("signal").entry
    assert entry is not None
    with clerk(calm_town) as client:
        for text in (entry.registration_number, "Петкова", "Дупка"):
            page = client.get("/queue", params={"view": "all", "q": text}).text
            assert "Мария Петкова" in page and "Веселина" not in page
        page = client.get("/queue", params={"q": "<script>няма"}).text
        assert "&lt;script&gt;няма" in page and "Нищо не отговаря" in page


@pytest.mark.parametrize("query", ["view=nothing", "before=x", "before=-1", "before=999999999999999999999", "q=%00%FF",
                                   "done=x"])
def test_an_odd_address_still_shows_the_queue(calm_town: Town, query: str) -> None:
    with clerk(calm_town) as client:
        assert client.get(f"/queue?{query}").status_code == 200


def test_older_rows_come_by_key(town: Town) -> None:
    for at in range(51):
        with town.office.store.transaction() as register:
            register.items.add(channel=PAPER, received_at=town.clock(), heavy=False)
        assert at < 51
    with clerk(town) as client:
        first = client.get("/queue?view=all").text
        older = re.search(r'href="(/queue\?view=all&amp;before=\d+)"', first)
        assert older and first.count('class="number"') == 50 and "Мария Петкова" not in first
        second = client.get(older[1].replace("&amp;", "&")).text
    assert "Мария Петкова" in second and "От началото" in second


def test_what_is_no_letter_is_confirmed_in_one_batch(town: Town) -> None:
    ids = [town.ids["spam"], town.ids["reply"]]
    with clerk(town) as client:
        page = client.get("/queue?view=set_aside").text
        assert all(f'name="item" value="{item_id}.' in page and "checked" in page for item_id in ids)
        answer = client.act("/queue/set-aside", item=ids)
        assert answer.headers["location"].startswith("/queue?view=set_aside&done=2&deeds=")
        assert "Потвърдени: 2" in client.get(answer.headers["location"]).text
    assert town.item("spam").noncorrespondence_confirmed and town.item("reply").noncorrespondence_confirmed


def test_what_was_set_aside_wrongly_becomes_a_letter(town: Town) -> None:
    item = town.item("spam")
    with clerk(town) as client:
        page = f"/items/{item.id}"
        assert client.act(f"{page}/reclassify", seen=page, version=item.version).status_code == 303
    assert town.item("spam").status is Status.ARRIVED


# ---- an item --------------------------------------------------------------------------------------------------------


def test_an_item_shows_original_fields_reasons_terms_letters_and_history(calm_town: Town) -> None:
    item = calm_town.item("anonymous")
    with clerk(calm_town) as client:
        page = client.get(f"/items/{item.id}").text
    for shown in ("съседите хвърлят боклук", "не се разглежда", "Анонимни сигнали и жалби не се разглеждат",
                  "Важно е да знаете", "21.12.2026", "20.01.2027", "По закон", "Потвърждение за получаване",
                  "Регистрирано", "пише, че не иска да се назове", "За прочитане по телефона", "решава служител."):
        assert shown in page, shown


def test_a_personal_number_is_shown_on_the_item_and_nowhere_else(calm_town: Town) -> None:
    with clerk(calm_town) as client:
        assert EGN in client.get(f"/items/{calm_town.ids['proposal']}").text
        for path in ("/queue?view=all", "/outbox", "/print"):
            assert EGN not in client.get(path).text
    with logged_in(calm_town, Role.SECRETARY) as client:
        assert EGN not in client.get("/digest").text


def test_a_proposal_is_confirmed(town: Town) -> None:
    item = town.item("anonymous")
    with clerk(town) as client:
        page = f"/items/{item.id}"
        answer = client.act(f"{page}/confirm", seen=page, version=item.version)
        assert answer.status_code == 303
        after = client.get(answer.headers["location"]).text
    assert "Решението е потвърдено" in after and "Решено от Мария Колева" in after and "/confirm" not in after
    decision = town.item("anonymous").decision
    assert decision and (decision.state, decision.by) == (DecisionState.CONFIRMED, "m.koleva")


def test_an_ordinary_letter_asks_for_no_confirmation(calm_town: Town) -> None:
    with clerk(calm_town) as client:
        page = client.get(f"/items/{calm_town.ids['signal']}").text
    assert "/confirm" not in page and "Реши друго" in page


def test_another_decision_needs_its_reason_and_keeps_what_was_typed(town: Town) -> None:
    item = town.item("anonymous")
    page = f"/items/{item.id}"
    with clerk(town) as client:
        answer = client.act(f"{page}/override", seen=page, version=item.version, outcome="consider", reason=" ")
        assert answer.status_code == 400 and "без причина не може" in answer.text
        assert re.search(r'value="consider"[^>]* checked', answer.text)
        odd = client.act(f"{page}/override", seen=page, version=item.version, outcome="all", reason="x")
        assert odd.status_code == 400
        done = client.act(f"{page}/override", seen=page, version=town.item("anonymous").version, outcome="consider",
                          reason="Подателят е известен")
        assert done.status_code == 303
        assert "Подателят е известен" in client.get(page).text
    decision = town.item("anonymous").decision
    assert decision is not None and decision.outcome is Outcome.CONSIDER


def test_a_stale_page_overwrites_nothing(town: Town) -> None:
    item = town.item("anonymous")
    page = f"/items/{item.id}"
    desk.mark(town.office, PEOPLE[2], item.id, item.version, Status.FORWARDED)
    with clerk(town) as client:
        for action, fields in [("confirm", {}), ("mark", {"status": "closed"}), ("correct", {"subject": "Друго"}),
                               ("override", {"outcome": "consider", "reason": "защото"}), ("assign", {"to": "legal/"}),
                               ("extend", {"reason": "защото"})]:
            answer = client.act(f"{page}/{action}", seen=page, version=item.version, **fields)
            assert answer.status_code == 409 and "Друг служител промени тази преписка" in answer.text, action
        assert "защото" in answer.text, "what was typed is still there"
    assert town.item("anonymous").status is Status.FORWARDED


@pytest.mark.parametrize("version", ["", "x", "-1", "1.5", "999999999999999999999"])
def test_a_form_without_its_version_does_nothing(town: Town, version: str) -> None:
    item = town.item("anonymous")
    with clerk(town) as client:
        answer = client.act(f"/items/{item.id}/confirm", version=version)
    assert answer.status_code == 400 and town.item("anonymous").decision == item.decision


def test_corrected_fields_are_judged_anew_and_only_the_changed_ones_are_kept(town: Town) -> None:
    item = town.item("signal")
    page = f"/items/{item.id}"
    with clerk(town) as client:
        html = client.get(page).text
        form = html[html.index(f'action="{page}/correct"'):]
        form = form[:form.index("</form>")]
        fields = dict(re.findall(r'<input id="c-[^"]+" name="([^"]+)" value="([^"]*)"', form))
        assert fields["sender_name"] == "Мария Петкова" and fields["address.number"] == "7"
        fields.update({"sender_name": "Мария Иванова Петкова", "kind": "complaint", "address.entrance": "Б"})
        assert client.act(f"{page}/correct", seen=page, version=item.version, **fields).status_code == 303
        assert "въведено от служител" in client.get(page).text
        nothing = client.act(f"{page}/correct", seen=page, version=item.version + 1, kind="complaint")
        assert nothing.status_code == 400 and "Нищо не е променено" in nothing.text
    assert town.item("signal").corrections == {"sender_name": "Мария Иванова Петкова", "kind": "complaint",
                                               "address.entrance": "Б"}


def test_what_a_person_has_decided_stands_when_a_field_is_corrected_afterwards(town: Town) -> None:
    item = town.item("anonymous")
    page = f"/items/{item.id}"
    with clerk(town) as client:
        client.act(f"{page}/override", seen=page, version=item.version, outcome="consider", reason="Подателят е ясен.")
        client.act(f"{page}/correct", seen=page, version=town.item("anonymous").version, phone="+359888000499")
    after = town.item("anonymous")
    assert after.findings is not None and after.findings.phone is not None
    assert after.decision is not None
    assert (after.decision.outcome, after.decision.state) == (Outcome.CONSIDER, DecisionState.CONFIRMED)


def test_marking_and_assigning(town: Town) -> None:
    item = town.item("signal")
    page = f"/items/{item.id}"
    with clerk(town) as client:
        assert client.act(f"{page}/assign", seen=page, version=item.version, to="environment/ganeva").status_code == 303
        assert "Росица Ганева" in client.get(page).text
        assert client.act(f"{page}/assign", seen=page, version=item.version + 1, to="nowhere/").status_code == 400
        assert client.act(f"{page}/mark", seen=page, version=item.version + 1, status="merged").status_code == 400
        assert client.act(f"{page}/mark", seen=page, version=item.version + 1, status="answered").status_code == 303
    assert town.item("signal").status is Status.ANSWERED


def test_an_extension_is_written_approved_and_moves_the_term(town: Town) -> None:
    item = town.item("signal")
    page = f"/items/{item.id}"
    with clerk(town) as client:
        bad = client.act(f"{page}/extend", seen=page, version=item.version, reason="Оглед", until="утре")
        assert bad.status_code == 400 and "не е дата" in bad.text and "Оглед" in bad.text
        version = town.item("signal").version
        done = client.act(f"{page}/extend", seen=page, version=version, reason="Нужен е оглед на място.",
                          until="20.01.2027")
        assert done.status_code == 303 and "чака одобрение" in client.get(done.headers["location"]).text
    before = town.item("signal")
    assert before.entry is not None and str(before.entry.due.date) == "2026-12-21"
    letter = before.letters[-1]
    with logged_in(town, Role.SECRETARY) as secretary:
        assert "Одобри и пусни" in secretary.get("/outbox").text
        assert secretary.act(f"/letters/{letter.id}/release", seen="/outbox", back="outbox").status_code == 303
    after = town.item("signal")
    assert after.entry is not None and str(after.entry.due.date) == "2027-01-20"


def test_a_letter_is_held_back_for_ever_on_request(town: Town) -> None:
    letter = town.item("signal").letters[0]
    with clerk(town) as client:
        answer = client.act(f"/letters/{letter.id}/cancel", back="item")
        assert answer.headers["location"] == f"/items/{town.ids['signal']}?done=cancel"
        assert client.act(f"/letters/{letter.id}/cancel").status_code == 400
    assert town.item("signal").letters[0].status is OutgoingStatus.CANCELLED


def test_a_held_letter_tells_why_and_is_released(town: Town) -> None:
    letter = town.item("signal").letters[0]
    with town.office.store.transaction() as register:
        register.outbox.mark(letter.id, OutgoingStatus.HELD, hold_reason="Твърде много писма днес.")
    with clerk(town) as client:
        assert "Твърде много писма днес." in client.get("/outbox").text
        assert client.act(f"/letters/{letter.id}/release", seen="/outbox").status_code == 303
    assert town.item("signal").letters[0].status is OutgoingStatus.QUEUED


# ---- originals ------------------------------------------------------------------------------------------------------


def test_the_original_comes_back_octet_for_octet_as_a_download(calm_town: Town) -> None:
    item = calm_town.item("proposal")
    with clerk(calm_town) as client:
        answer = client.get(f"/items/{item.id}/original/{item.arrivals[0].id}")
    assert answer.content == calm_town.office.store.originals.read(item.arrivals[0].sha256)
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''proposal.eml"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_an_original_of_another_item_is_not_reached_through_this_one(calm_town: Town) -> None:
    other = calm_town.item("whistle").arrivals[0]
    with clerk(calm_town) as client:
        assert client.get(f"/items/{calm_town.ids['signal']}/original/{other.id}").status_code == 404


def test_an_attachment_is_a_download_under_a_harmless_name(calm_town: Town) -> None:
    item = calm_town.item("proposal")
    assert item.letter is not None
    attached = item.letter.attachments[0]
    with clerk(calm_town) as client:
        answer = client.get(f"/items/{item.id}/attachments/{attached.sha256}")
        assert client.get(f"/items/{item.id}/attachments/{'0' * 64}").status_code == 404
    assert answer.content.startswith(b"\x89PNG") and answer.headers["content-type"] == "application/octet-stream"
    assert "attachment" in answer.headers["content-disposition"] and ".." not in answer.headers["content-disposition"]


@pytest.mark.parametrize(("name", "safe"), [
    ("../../etc/passwd", "_.._etc_passwd"), ("a\r\nSet-Cookie: x", "a_Set-Cookie_ x"),
    ("фактура\u202egpj.exe", "фактура_gpj.exe"), ("", "file"), ("...", "file"), ("жалба.pdf", "жалба.pdf")])
def test_a_name_cannot_climb_split_the_header_or_turn_around(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_scan_is_shown_page_by_page(calm_town: Town) -> None:
    item_id = calm_town.ids["scan"]
    with clerk(calm_town) as client:
        assert f"/items/{item_id}/pages/1.png" in client.get(f"/items/{item_id}").text
        answer = client.get(f"/items/{item_id}/pages/1.png")
        assert answer.headers["content-type"] == "image/png"
        assert Image.open(io.BytesIO(answer.content)).size == (1240, 1754)
        assert client.get(f"/items/{item_id}/pages/2.png").status_code == 404


def test_a_mails_html_is_shown_in_a_sandbox_and_without_anything_active(calm_town: Town) -> None:
    item_id = calm_town.ids["waste"]
    with clerk(calm_town) as client:
        assert f'<iframe sandbox="" loading="lazy" src="/items/{item_id}/html"' in client.get(f"/items/{item_id}").text
        answer = client.get(f"/items/{item_id}/html")
    assert "не са извозвани" in answer.text and "evil.example.com" not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "sandbox" in policy and "script-src" not in policy and "img-src" not in policy


def test_nothing_active_survives_the_cleaning() -> None:
    clean = harmless(NASTY_HTML)
    active = r"script|onload|onerror|http|<img|<form|<input|<iframe|<svg|style|<meta|href"
    assert not re.search(active, clean)
    assert "<td>" in clean and "Стефан Начев" in clean


def test_an_item_that_is_not_judged_yet_keeps_its_letter_to_itself(town: Town) -> None:
    with town.office.store.transaction() as register:
        item_id = register.items.add(channel=PAPER, received_at=town.clock(), heavy=False)
    with clerk(town) as client:
        page = client.get(f"/items/{item_id}")
        assert page.status_code == 200 and "още се обработва" in page.text and "Оригинал" not in page.text
        assert client.get(f"/items/{item_id}/pages/1.png").status_code == 404


def test_hostile_words_in_a_letter_stay_words(town: Town) -> None:
    text = "<script>alert(1)</script> {{ 7*7 }} \" onmouseover=\"x\n\nИван Петров\nгр. Примерово, ул. „Бор“ № 1"
    item_id = take(town.office, "hostile", mail(
        text, sender='"<i>Иван</i>" <i@example.com>', subject='"><img src=x onerror=alert(1)>').as_bytes())
    with clerk(town) as client:
        for path in (f"/items/{item_id}", "/queue"):
            page = client.get(path).text
            assert "<script>alert" not in page and "<img src=x" not in page and "<i>Иван" not in page
        assert "{{ 7*7 }}" in client.get(f"/items/{item_id}").text


# ---- the office -----------------------------------------------------------------------------------------------------


def test_the_digest_is_there_for_the_mayors_office(calm_town: Town) -> None:
    with logged_in(calm_town, Role.MAYOR) as client:
        page = client.get("/digest").text
        assert "Дневен преглед, 20.11.2026" in page and "Спешни" in page and "Илия Савов" not in page
        places = re.findall(r'href="(/items/\d+|/queue\?view=\w+)"', page)
        assert "/queue?view=urgent" in places and any(place.startswith("/items/") for place in places)
        assert all(client.get(place).status_code == 200 for place in places), "a tap leads to the letter"


def test_the_health_page_tells_of_sources_and_troubles_without_any_letter(town: Town) -> None:
    watched = (MaildirSettings(name="center@example.bg", path=Path("inbox")),)
    settings = town.office.settings.model_copy(update={"maildirs": watched})
    town = replace(town, office=replace(town.office, settings=settings))
    with town.office.store.transaction() as register:
        register.daybook.report("center@example.bg", town.clock(), "паролата не се приема")
        register.troubles.note([Trouble(key="outbox", sentence="Изходящите писма не тръгват.")], town.clock())
        register.items.postpone(town.ids["signal"], town.clock(), "")
        stuck = register.items.add(channel=PAPER, received_at=town.clock(), heavy=False)
        register.items.postpone(stuck, town.clock(), "дискът е пълен")
    with logged_in(town, Role.ADMIN) as client:
        page = client.get("/health").text
    assert "Изходящите писма не тръгват." in page and "Последна проверка на регистъра" in page
    assert "паролата не се приема" in page and "дискът е пълен" in page and "Мария Петкова" not in page
