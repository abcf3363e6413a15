"""An item's page: what was seen and where, the next of the view, undoing, two people on one item, mergers, places."""

import re
from dataclasses import replace

import pytest

from mailroom import desk, merging, undoing
from mailroom.errors import BadRequest
from mailroom.model.base import MACHINE
from mailroom.model.findings import Evidence
from mailroom.model.item import Annulment, DecisionState, Status
from mailroom.model.letter import Page, TextSource
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.places import Box
from mailroom.model.staff import Role
from mailroom.model.verdict import Outcome
from mailroom.reading.faults import with_virus
from mailroom.reading.repairs import text_of
from mailroom.understanding.likeness import ALIKE, likeness
from mailroom.web.item import differences
from mailroom.web.originals import LOCKED
from mailroom.web.seen import in_text, on_pages
from tests.web.conftest import PEOPLE, Town, logged_in, take
from tests.web.letters import LETTERS, mail

CLERK, OFFICER, SECRETARY = PEOPLE[0], PEOPLE[1], PEOPLE[2]
AGAIN = mail(
    "Здравейте,\n\nна ул. „Роза“ пред № 5 има голяма дупка в асфалта. Сигнализирам за четвърти път, моля да вземете "
    "мерки.\n\nМария Петкова\nгр. Примерово, ул. „Роза“ № 7\nтел. 0888 000 417",
    sender="Мария Петкова <m.petkova@example.com>", subject="Пак дупка на ул. „Роза“")


# ---- what was seen --------------------------------------------------------------------------------------------------


def test_the_text_is_whole_in_pieces_and_marked_where_fields_were_seen() -> None:
    text = "Аз, Иван Колев, пиша за ул. „Липа“ № 3.\n\nИван Колев"
    pieces = in_text(text, {"sender_name": [Evidence(text="Иван Колев", why="", start=41, end=51)],
                            "address": [Evidence(text="ул. „Липа“ № 3", why="")],
                            "phone": [Evidence(text="няма", why="")]})
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.text for piece in pieces if "sender_name" in piece.fields] == ["Иван Колев"]
    assert pieces[-1].fields == ("sender_name",), "the second of two alike"
    assert [piece.text for piece in pieces if piece.fields == ("address",)] == ["ул. „Липа“ № 3."]


def test_a_quotation_over_two_lines_is_two_boxes_on_its_page() -> None:
    pages = (Page(number=1, text="Първа страница", text_source=TextSource.OCR, confidence=0.9),
             Page(number=2, text="от Иван\nКолев Петров", text_source=TextSource.OCR, confidence=0.9))
    places = {2: (Box(0.1, 0.1, 0.15, 0.12), Box(0.2, 0.1, 0.3, 0.12), Box(0.1, 0.2, 0.2, 0.22),
                  Box(0.3, 0.2, 0.4, 0.22))}
    marks = on_pages(pages, places, "Първа страница\n\nот Иван\nКолев Петров",
                     {"sender_name": [Evidence(text="Иван Колев Петров", why="")]})
    assert [mark.box for mark in marks[2]] == [Box(0.2, 0.1, 0.3, 0.12), Box(0.1, 0.2, 0.4, 0.22)]
    assert 1 not in marks


def test_words_that_changed_since_have_no_marks() -> None:
    page = Page(number=1, text="три думи тук", text_source=TextSource.OCR, confidence=0.9)
    assert on_pages((page,), {1: (Box(0, 0, 1, 1),)}, page.text, {"kind": [Evidence(text="думи", why="")]}) == {}


def test_a_word_that_the_dictionary_has_put_right_is_marked_where_it_was_read() -> None:
    read = "Моля за полпис и лостъп на гражлани"
    doubted = ("полпис", "лостъп", "гражлани")
    page = Page(number=1, text=read, text_source=TextSource.OCR, confidence=0.9, doubted=doubted)
    boxes = tuple(Box(at / 20, 0.1, (at + 1) / 20, 0.2) for at in range(len(read.split())))
    text = text_of((page,))
    assert "достъп" in text
    marks = on_pages((page,), {1: boxes}, text, {"kind": [Evidence(text="достъп", why="")]})
    assert [mark.box for mark in marks[1]] == [boxes[4]]


def test_a_scan_shows_the_senders_name_where_it_stands(calm_town: Town) -> None:
    with logged_in(calm_town, Role.CLERK) as client:
        page = client.get(f"/items/{calm_town.ids['scan']}").text
        marks = re.findall(r'<rect data-seen="sender_name" x="([\d.]+)" y="([\d.]+)"', page)
    assert marks, "the name is found on the picture"
    left, top = map(float, marks[0])
    # „от Петър Ангелов Димов“ is the fifth line of the page: 150 + 4 lines of 56 samples of 1754, behind „от “.
    assert 120 < left < 200 and 180 < top < 270


def test_a_text_layer_and_a_mail_are_marked_too(calm_town: Town) -> None:
    with logged_in(calm_town, Role.CLERK) as client:
        page = client.get(f"/items/{calm_town.ids['signal']}").text
    assert re.search(r'<mark data-seen="[^"]*sender_name[^"]*">Мария Петкова</mark>', page)


# ---- the next of the view -------------------------------------------------------------------------------------------


def test_what_finishes_an_item_leads_to_the_next_of_its_view_and_can_be_taken_back(town: Town) -> None:
    first, second = town.item("spam"), town.item("reply")
    with logged_in(town, Role.CLERK) as client:
        page = f"/items/{first.id}?view=set_aside"
        done = client.act(f"/items/{first.id}/set-aside?view=set_aside", seen=page, version=first.version)
        place = done.headers["location"]
        assert place == f"/items/{second.id}?view=set_aside&done=set_aside&of={first.id}"
        following = client.get(place).text
        assert "Потвърдено е, че не е писмо." in following and f"/items/{first.id}/undo?view=set_aside" in following
        version = town.item("spam").version
        assert client.act(f"/items/{first.id}/undo?view=set_aside", seen=page, version=version).status_code == 303
        assert not town.item("spam").noncorrespondence_confirmed
        client.act(f"/items/{first.id}/set-aside?view=set_aside", seen=page, version=town.item("spam").version)
        last = client.act(f"/items/{second.id}/set-aside?view=set_aside", seen=page, version=second.version)
        assert last.headers["location"].startswith("/queue/done?view=set_aside")
        text = client.get(last.headers["location"]).text
    assert "не остана нищо" in text and "/queue/next?view=to_decide" in text
    assert town.item("spam").noncorrespondence_confirmed and town.item("reply").noncorrespondence_confirmed


def test_the_next_is_only_what_the_reader_may_see(calm_town: Town) -> None:
    with logged_in(calm_town, Role.OFFICER) as client:
        opened, place = [], client.get("/queue/next?view=open").headers["location"]
        while place not in opened and place.startswith("/items/"):
            opened.append(place)
            item_id = place.removeprefix("/items/").partition("?")[0]
            place = client.get(f"/queue/next?view=open&after={item_id}").headers["location"]
    items = {name: calm_town.item(name) for name in calm_town.ids if name != "conduct"}  # complains about the reader
    own = {item.id for item in items.values() if item.entry and item.entry.assigned_to.department_id == "environment"}
    assert set(opened) == {f"/items/{item_id}?view=open" for item_id in own}, "those of the own department, in a ring"


# ---- undoing --------------------------------------------------------------------------------------------------------


def test_a_decision_and_a_mark_are_taken_back_one_after_the_other(town: Town) -> None:
    before = town.item("anonymous")
    desk.override(town.office, CLERK, before.id, before.version, Outcome.CONSIDER, "Подателят е известен.")
    desk.mark(town.office, CLERK, before.id, town.item("anonymous").version, Status.ANSWERED)
    assert undoing.undo(town.office, CLERK, before.id, town.item("anonymous").version) == "answered"
    assert town.item("anonymous").status is Status.REGISTERED
    assert undoing.undo(town.office, CLERK, before.id, town.item("anonymous").version) == "decided"
    after = town.item("anonymous")
    assert (after.status, after.decision) == (before.status, before.decision)
    with town.office.store.reading() as register:
        told = [line.what for line in register.history.of(before.id)][-4:]
        assert told == ["decided", "answered", "undone", "undone"] and register.history.faults() == []
        assert not [one for one in register.examples.all() if one.item_id == before.id], "nothing is learned from it"
    with pytest.raises(BadRequest, match="няма какво"):
        undoing.undo(town.office, CLERK, before.id, after.version)


def test_a_correction_and_an_assignment_are_taken_back(town: Town) -> None:
    before = town.item("signal")
    assert before.entry is not None
    desk.give_to(town.office, CLERK, before.id, before.version, "environment", "ganeva")
    desk.correct(town.office, CLERK, before.id, town.item("signal").version, {"kind": "proposal", "phone": ""})
    undoing.undo(town.office, CLERK, before.id, town.item("signal").version)
    undoing.undo(town.office, CLERK, before.id, town.item("signal").version)
    after = town.item("signal")
    assert after.entry is not None
    assert (after.corrections, after.findings, after.entry) == (before.corrections, before.findings, before.entry)


def test_nobody_takes_back_what_another_did(town: Town) -> None:
    item = town.item("anonymous")
    desk.confirm(town.office, SECRETARY, item.id, item.version)
    with pytest.raises(BadRequest, match="друг служител"):
        undoing.undo(town.office, CLERK, item.id, town.item("anonymous").version)
    decision = town.item("anonymous").decision
    assert decision and decision.state is DecisionState.CONFIRMED


# ---- two people on one item -----------------------------------------------------------------------------------------


def test_two_people_on_one_item_see_each_other_and_what_the_other_changed(town: Town) -> None:
    item = town.item("signal")
    page = f"/items/{item.id}"
    with logged_in(town, Role.CLERK) as clerk, logged_in(town, Role.SECRETARY) as secretary:
        seen = re.search(r'data-seen-line="(\d+)"', clerk.get(page).text)
        assert seen
        assert "също гледа" not in clerk.act(f"{page}/here", seen=page, version=item.version, seen_line=0).text
        heard = secretary.act(f"{page}/here", seen=page, version=item.version).text
        assert '<b lang="bg">Мария Колева</b> също гледа' in heard
        desk.mark(town.office, SECRETARY, item.id, item.version, Status.FORWARDED)
        told = clerk.post(f"{page}/here", data={
            "csrf": clerk.token(page), "version": item.version, "seen": seen[1]}).text
        assert "Николай Радев" in told and "Отбелязано като препратено" in told


def test_what_the_program_goes_on_with_is_told_without_alarm(town: Town) -> None:
    item = town.item("signal")
    page = f"/items/{item.id}"
    with logged_in(town, Role.CLERK) as clerk:
        seen = re.search(r'data-seen-line="(\d+)"', clerk.get(page).text)
        assert seen
        with town.office.store.transaction() as register:
            register.items.check_version(item.id, item.version)
            register.history.note("registered", who=MACHINE, at=town.office.now(), item_id=item.id)
        told = clerk.post(f"{page}/here", data={
            "csrf": clerk.token(page), "version": item.version, "seen": seen[1]}).text
    assert "Междувременно програмата продължи" in told and "беше променена" not in told


def test_a_later_save_overwrites_nothing_and_keeps_what_was_typed(town: Town) -> None:
    item = town.item("signal")
    page = f"/items/{item.id}"
    with logged_in(town, Role.CLERK) as client:
        html = client.get(page).text
        seen = re.search(r'name="seen" value="(\d+)"', html)
        assert seen
        desk.correct(town.office, SECRETARY, item.id, item.version, {"sender_name": "Мария Иванова Петкова"})
        form = {"was.sender_name": "Мария Петкова", "sender_name": "Мария Петкова", "was.phone": "+359888000417",
                "phone": "+359888000418", "seen": seen[1]}
        late = client.post(f"{page}/correct", data={"csrf": client.token(page), "version": item.version, **form})
        assert late.status_code == 409 and "Мария Иванова Петкова" in late.text
        assert 'value="+359888000418"' in late.text and "Поправени полета</b>: <span lang=\"bg\">подател" in late.text
        version = town.item("signal").version
        again = client.post(f"{page}/correct", data={"csrf": client.token(page), "version": version, **form})
        assert again.status_code == 303
    findings = town.item("signal").findings
    assert findings and findings.sender_name and findings.phone
    assert (findings.sender_name.value, findings.phone.value) == ("Мария Иванова Петкова", "+359888000418")


# ---- letters that say the same --------------------------------------------------------------------------------------


def test_a_letter_that_says_the_same_is_shown_side_by_side_and_merged(town: Town) -> None:
    first, second = town.ids["signal"], take(town.office, "again", AGAIN.as_bytes())
    one, two = town.item("signal"), town.office.store.item(second)
    assert one.entry and two and two.entry
    with logged_in(town, Role.CLERK) as client:
        assert f"/items/{second}/beside/{first}" in client.get(f"/items/{second}").text
        beside = client.get(f"/items/{second}/beside/{first}").text
        assert all(f'<mark class="different">{word} </mark>' in beside for word in ("трети", "четвърти"))
        done = client.act(f"/items/{second}/merge", seen=f"/items/{second}", version=two.version,
                          into=one.entry.registration_number)
        assert done.status_code == 303
        assert one.entry.registration_number in client.get(f"/items/{second}").text
        assert two.entry.registration_number in client.get(f"/items/{first}").text
    merged = town.office.store.item(second)
    assert merged and merged.entry == two.entry, "number and term stay"
    assert (merged.status, merged.merged_into) == (Status.MERGED, first)
    undoing.undo(town.office, CLERK, second, merged.version)
    back = town.office.store.item(second)
    assert back and (back.status, back.merged_into) == (Status.REGISTERED, None)


def test_nothing_is_merged_into_a_later_term_or_across_the_seal(town: Town) -> None:
    signal, whistle, waste = town.item("signal"), town.item("whistle"), town.item("waste")
    assert signal.entry and whistle.entry and waste.entry
    with town.office.store.transaction() as register:  # the statute alone gives it longer
        register.entries.set_due(waste.id, waste.entry.due.model_copy(update={"charter": None}))
    with logged_in(town, Role.CLERK) as client:
        page = f"/items/{signal.id}"
        for into, refusal in ((whistle.entry.registration_number, "Няма преписка"),
                              ("94-00-999/01.01.2020", "Няма преписка"),
                              (waste.entry.registration_number, "изтича по-рано"),
                              (signal.entry.registration_number, "със себе си")):
            answer = client.act(f"{page}/merge", seen=page, version=town.item("signal").version, into=into)
            assert answer.status_code == 400 and refusal in answer.text
    assert town.item("signal").status is Status.REGISTERED


def test_what_waits_to_be_sent_about_a_merged_letter_is_stopped(town: Town) -> None:
    second = take(town.office, "again", AGAIN.as_bytes())
    item, other = town.office.store.item(second), town.item("signal")
    assert item and other.entry
    desk.extend(town.office, CLERK, second, item.version, reason="Нужен е оглед.", action="", until=None)
    with logged_in(town, Role.CLERK) as client:
        now = town.office.store.item(second)
        assert now
        client.act(f"/items/{second}/merge", seen=f"/items/{second}", version=now.version,
                   into=other.entry.registration_number)
    after = town.office.store.item(second)
    assert after and [letter.status for letter in after.letters if letter.type == "extension"] == [
        OutgoingStatus.CANCELLED]


def test_likeness_knows_the_same_letter_from_another_of_the_same_writer() -> None:
    one, again = (str(message.get_content()) for message in (LETTERS["signal"], AGAIN))
    other = "Здравейте,\n\nмоля за копие от акта за раждане на дъщеря ми.\n\nМария Петкова\nул. „Роза“ № 7"
    assert likeness(one, again) >= ALIKE > likeness(one, other)
    assert likeness("", "") == 0
    left, right = differences("едно две три", "едно три")
    assert [piece.fields for piece in left] == [(), ("different",), ()]
    assert [piece.fields for piece in right] == [(), ()]


# ---- places ---------------------------------------------------------------------------------------------------------


def test_places_are_suggested_with_their_municipality_and_postcode(calm_town: Town) -> None:
    with logged_in(calm_town, Role.CLERK) as client:
        found = client.get("/places", params={"part": "settlement", "q": "Баня"}).json()
        latin = client.get("/places", params={"part": "settlement", "q": "Banq"}).json()
        codes = client.get("/places", params={"part": "postcode", "q": "", "settlement": "Русе"}).json()
        nothing = client.get("/places", params={"part": "other", "q": "x"}).json()
    assert len({one["told"] for one in found}) > 3 and all("общ." in one["told"] for one in found)
    assert [one["value"] for one in latin][:1] == ["Баня"] and any(one["value"] == "7000" for one in codes)
    assert nothing == []


# ---- what could not be read ------------------------------------------------------------------------------------------


def test_what_could_not_be_read_is_typed_first(town: Town) -> None:
    with town.office.store.transaction() as register:
        item = register.items.get(town.ids["scan"])
        assert item and item.letter
        register.items.keep_part(item.id, item.letter.model_copy(update={"legible": False, "text": ""}))
    with logged_in(town, Role.CLERK) as client:
        page = client.get(f"/items/{item.id}").text
        assert page.index('id="correct"') < page.index(f"/items/{item.id}/mark"), "the fields before what else is done"
        assert page.count('<details class="edit" open>') == 3
        answer = client.act(f"/items/{item.id}/correct", seen=f"/items/{item.id}",
                            version=town.item("scan").version, sender_name="Петър Димов")
        assert answer.status_code == 303
        assert '<details class="edit" open>' not in client.get(f"/items/{item.id}").text


def test_a_file_with_a_virus_is_handed_to_nobody_and_the_page_says_why(town: Town) -> None:
    """Neither the original nor an attachment; the words of the letter stay readable."""
    content = mail("Лампата пред дома ми не свети.", sender="Пенка Петрова <p.petrova@example.com>", subject="Жалба")
    content.add_attachment(b"MZ", maintype="application", subtype="octet-stream", filename="файл.exe")
    item_id = take(town.office, "infected", content.as_bytes())
    with town.office.store.transaction() as register:
        item = register.items.get(item_id)
        assert item is not None and item.letter is not None
        register.items.keep_letter(item_id, with_virus(item.letter, "Eicar-Test"))
    files = [f"/items/{item_id}/original/{item.arrivals[0].id}",
             f"/items/{item_id}/attachments/{item.letter.attachments[0].sha256}"]
    with logged_in(town, Role.CLERK) as client:
        page = client.get(f"/items/{item_id}").text
        for words in ("Eicar-Test", "Лампата", "заключен: вирус"):
            assert words in page, words
        assert not any(f'href="{file}"' in page for file in files)
        for file in files:
            answer = client.get(file)
            assert answer.status_code == 400 and LOCKED in answer.text


@pytest.mark.parametrize(("results", "shown"), [
    ("mx.example.bg; dmarc=pass header.from=example.com; spf=fail", "потвърден от пощенския ни сървър"),
    ("mx.example.bg; dmarc=fail header.from=example.com; spf=softfail", "Подателят може да е подправен"),
    ("mx.example.bg; dmarc=none header.from=example.com; spf=none", "не може да се потвърди"),
    ("mx.elsewhere.example; dmarc=pass header.from=example.com", ""),
])
def test_what_the_mail_server_says_of_the_sender_is_told_in_words(town: Town, results: str, shown: str) -> None:
    """And only what our own server says; to a forged sender nothing leaves by itself."""
    outgoing = town.office.settings.outgoing.model_copy(update={"trusted_authserv_id": "mx.example.bg"})
    settings = town.office.settings.model_copy(update={"outgoing": outgoing})
    there = replace(town, office=replace(town.office, settings=settings))
    content = mail("Лампата пред дома ми не свети.", sender="Пенка Петрова <p.petrova@example.com>", subject="Жалба",
                   Authentication_Results=results)
    item_id = take(there.office, "judged", content.as_bytes())
    with logged_in(there, Role.CLERK) as client:
        page = client.get(f"/items/{item_id}").text
    told = [words for words in ("потвърден от пощенския ни сървър", "Подателят може да е подправен",
                                "не може да се потвърди") if words in page]
    assert told == ([shown] if shown else [])
    item = there.office.store.item(item_id)
    assert item is not None
    held = [letter.hold_reason for letter in item.letters if letter.status is OutgoingStatus.HELD]
    assert any("подправен" in (reason or "") for reason in held) == ("подправен" in shown)


def test_a_number_given_by_mistake_is_annulled_with_its_reason_and_the_file_opened_again(town: Town) -> None:
    """The number stays used, nothing more leaves; what is finished is opened again first."""
    item = town.item("signal")
    page = f"/items/{item.id}"
    with logged_in(town, Role.CLERK) as client:
        assert client.act(f"{page}/annul", seen=page, version=item.version, why="tired").status_code == 400
        done = client.act(f"{page}/annul", seen=page, version=town.item("signal").version, why="twice")
        told = client.get(done.headers["location"]).text
        assert "номерът остава зает" in told and "заведено два пъти" in told and 'data-key="о"' in told
        annulled = town.item("signal")
        assert (annulled.status, annulled.entry) == (Status.ANNULLED, item.entry)
        assert {letter.status for letter in annulled.letters} == {OutgoingStatus.CANCELLED}
        again = client.act(f"{page}/annul", seen=page, version=annulled.version, why="twice")
        assert again.status_code == 400 and "само отворена" in again.text
        client.act(f"{page}/reopen", seen=page, version=town.item("signal").version)
        assert town.item("signal").status is Status.REGISTERED
        desk.annul(town.office, CLERK, item.id, town.item("signal").version, Annulment.BY_MISTAKE)
        undoing.undo(town.office, CLERK, item.id, town.item("signal").version)
    assert town.item("signal").status is Status.REGISTERED


@pytest.mark.parametrize("ended", ["annulled", "merged"])
def test_a_later_date_that_nobody_was_told_of_falls_with_the_letter_that_tells_it(town: Town, ended: str) -> None:
    """Approved and on its way to the printer, when the file is annulled or merged, and opened again."""
    second = take(town.office, "again", AGAIN.as_bytes())
    item = town.office.store.item(second)
    assert item and item.entry
    due = item.entry.due.date
    letter = desk.extend(town.office, CLERK, second, item.version, reason="Нужен е оглед.", action="", until=None)
    desk.release(town.office, SECRETARY, letter)
    now = town.office.store.item(second)
    assert now and now.entry and now.entry.due.date != due
    if ended == "annulled":
        desk.annul(town.office, CLERK, second, now.version, Annulment.TWICE)
    else:
        merging.merge(town.office, CLERK, second, now.version, town.ids["signal"])
    after = town.office.store.item(second)
    assert after and after.entry and after.entry.due.date == due


def test_the_undo_beside_what_was_done_takes_back_just_that(town: Town) -> None:
    """After a letter was written the last deed that can be taken back is an earlier one: it is named."""
    item = town.item("signal")
    page = f"/items/{item.id}"
    with logged_in(town, Role.CLERK) as client:
        done = client.act(f"{page}/correct", seen=page, version=item.version, phone="+359888000418",
                          **{"was.phone": "+359888000417"})
        assert re.search(r"Върни назад</button>", client.get(done.headers["location"]).text)
        done = client.act(f"{page}/write", seen=page, version=town.item("signal").version, letter="forwarding",
                          body="РИОСВ")
        told = client.get(done.headers["location"]).text
    assert "Писмото е съставено" in told and "Върни назад: поправени полета</button>" in told
    assert "Върни назад</button>" not in told
