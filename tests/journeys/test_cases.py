"""What belongs together: a reply joins its case, a number alone only suggests it, our own answer stops the clock."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from email.message import EmailMessage

import pytest

from mailroom import desk as actions
from mailroom.errors import BadRequest
from mailroom.model.arrival import Channel
from mailroom.model.item import Item, Status
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.staff import Staff
from tests.journeys.conftest import AUTHSERV, CAME, Desk
from tests.journeys.town import scanned_page

Mail = Callable[..., EmailMessage]
SIGNAL = ("Здравейте,\n\nна ул. „Роза“ пред № 5 има голяма дупка в асфалта. Моля да вземете мерки.\n\n"
          "Мария Петкова\n")
MORE = "Здравейте,\n\nвчера в дупката на ул. „Роза“ падна велосипедист. Моля да я поправите.\n\n{name}\n"


def number_of(item: Item) -> str:
    assert item.entry is not None
    return item.entry.registration_number


def case_of(item: Item) -> str:
    assert item.entry is not None
    return item.entry.case_number


def history_of(desk: Desk, item: Item) -> list[str]:
    with desk.office.store.reading() as register:
        return [line.what for line in register.history.of(item.id)]


# ---- a reply ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["In_Reply_To", "References"])
def test_a_reply_to_our_letter_joins_its_case_whoever_sends_it(desk: Desk, mail: Mail, field: str) -> None:
    first = desk.come_in(mail(SIGNAL))
    reply = desk.come_in(mail(MORE.format(name="Иван Петков"), From="Иван Петков <ivan@example.com>",
                              Subject="Re: получихме", Message_ID="<reply@example.com>",
                              **{field: first.letters[0].message_id}))
    assert reply.case_of == first.id and case_of(reply) == case_of(first)
    assert number_of(reply) != number_of(first), "every letter has a number of its own"
    assert reply.entry is not None and first.entry is not None
    assert reply.entry.assigned_to == first.entry.assigned_to
    assert "case_followed" in history_of(desk, first) and "joined_case" in history_of(desk, reply)
    assert case_of(first) in reply.letters[0].text


def test_the_number_with_the_same_sender_joins(desk: Desk, mail: Mail) -> None:
    first = desk.come_in(mail(SIGNAL))
    again = desk.come_in(mail(f"Към наш рег. № {number_of(first)}\n\n" + MORE.format(name="Мария Петкова"),
                              Message_ID="<2@example.com>"))
    assert again.case_of == first.id and again.suggested_case is None


@pytest.mark.parametrize("quote", ["Към наш рег. № {}", "по преписка № {}", "Към Ваш изх. № {}"])
def test_a_number_alone_only_suggests_and_a_person_joins_it_in_one_step(desk: Desk, mail: Mail, clerk: Staff,
                                                                       quote: str) -> None:
    first = desk.come_in(mail(SIGNAL))
    stranger = desk.come_in(mail(quote.format(number_of(first)) + "\n\n" + MORE.format(name="Петър Колев"),
                                 From="Петър Колев <kolev@example.com>", Message_ID="<3@example.com>"))
    assert stranger.case_of is None and stranger.suggested_case == first.id
    assert case_of(stranger) != case_of(first)
    actions.join_case(desk.office, clerk, stranger.id, stranger.version, first.id)
    joined = desk.item(stranger.id)
    assert joined.case_of == first.id and joined.suggested_case is None and case_of(joined) == case_of(first)
    actions.leave_case(desk.office, clerk, joined.id, joined.version)
    assert case_of(desk.item(joined.id)) == case_of(stranger)


def test_a_forged_sender_with_the_right_number_only_suggests(desk: Desk, mail: Mail) -> None:
    first = desk.come_in(mail(SIGNAL))
    forged = desk.come_in(mail(f"По рег. № {number_of(first)}\n\n" + MORE.format(name="Мария Петкова"),
                               Message_ID="<4@example.com>",
                               Authentication_Results=f"{AUTHSERV}; dmarc=fail header.from=example.com"))
    assert forged.case_of is None and forged.suggested_case == first.id


@pytest.mark.long
def test_on_paper_name_and_address_are_the_sender(desk: Desk) -> None:
    who = "Иван Стоянов Колев\nгр. Примерово 9999, ул. Роза № 12"
    first = desk.come_in(scanned_page("До кмета на Община Примерово\n\nСИГНАЛ\n\nМоля да отстраните боклука пред "
                                      "блока.\n\n" + who), channel=Channel.PAPER, file="1.pdf")
    again = desk.come_in(scanned_page(f"До кмета на Община Примерово\n\nКъм наш рег. № {number_of(first)}\n\n"
                                      "Боклукът пред блока още стои. Моля да го отстраните.\n\n" + who),
                         channel=Channel.PAPER, file="2.pdf")
    assert again.findings is not None and again.findings.follow_up_of is not None
    assert again.case_of == first.id


def test_a_number_that_a_person_types_is_looked_up(desk: Desk, mail: Mail, clerk: Staff) -> None:
    first = desk.come_in(mail(SIGNAL))
    own = desk.come_in(mail(MORE.format(name="Мария Петкова"), Message_ID="<8@example.com>"))
    strange = desk.come_in(mail(MORE.format(name="Петър Колев"), From="kolev@example.com",
                                Message_ID="<9@example.com>"))
    for item in (own, strange):
        actions.correct(desk.office, clerk, item.id, item.version, {"follow_up_of": number_of(first)})
    assert desk.item(own.id).case_of == first.id
    assert desk.item(strange.id).case_of is None and desk.item(strange.id).suggested_case == first.id


def test_a_letter_never_follows_what_follows_it(desk: Desk, mail: Mail, clerk: Staff) -> None:
    first = desk.come_in(mail(SIGNAL))
    second = desk.come_in(mail(f"Към наш рег. № {number_of(first)}\n\n" + MORE.format(name="Мария Петкова"),
                               Message_ID="<2@example.com>"))
    actions.correct(desk.office, clerk, first.id, first.version, {"follow_up_of": number_of(second)})
    assert second.case_of == first.id
    assert (desk.item(first.id).case_of, desk.item(first.id).suggested_case) == (None, None)


def test_the_third_letter_joins_the_case_and_not_the_second_letter(desk: Desk, mail: Mail) -> None:
    first = desk.come_in(mail(SIGNAL))
    second = desk.come_in(mail(f"По рег. № {number_of(first)}\n\n" + MORE.format(name="Мария Петкова"),
                               Message_ID="<5@example.com>"))
    third = desk.come_in(mail("Още чакам поправката на дупката.\n\nМария Петкова", Message_ID="<6@example.com>",
                              In_Reply_To=second.letters[0].message_id))
    assert third.case_of == first.id
    with desk.office.store.reading() as register:
        assert register.cases.members(third.id) == (first.id, second.id, third.id)


def test_what_follows_a_whistleblowers_report_is_sealed_too(desk: Desk, mail: Mail, clerk: Staff) -> None:
    first = desk.come_in(mail("Аз работя в общината и началникът ми взема подкуп от фирмите по поръчките.\n\n"
                              "Иван Стоянов", From="Иван Стоянов <stoyanov@example.com>"))
    assert first.sealed
    follow_up = desk.come_in(mail(f"По № {number_of(first)}: изпращам и снимка на дупката в склада.\n\nИван Стоянов",
                                  From="Иван Стоянов <stoyanov@example.com>", Message_ID="<7@example.com>"))
    assert follow_up.findings is not None and follow_up.findings.follow_up_of is not None
    assert follow_up.case_of == first.id and follow_up.sealed and not follow_up.letters
    actions.correct(desk.office, clerk, follow_up.id, follow_up.version, {"kind": "signal"})
    assert desk.item(follow_up.id).sealed, "whatever it is about"


# ---- our own answer --------------------------------------------------------------------------------------------------


def answer(mail: Mail, officer: str, **fields: str) -> EmailMessage:
    """What an officer writes to the citizen, with a hidden copy to the mailroom."""
    return mail("Уважаема госпожо Петкова,\n\nдупката беше запълнена на 19 ноември.\n\nИван Тодоров",
                **{"From": officer, "To": "Мария Петкова <m.petkova@example.com>", "Subject": "Отговор",
                   "Message_ID": "<answer@example.bg>", **fields})


@pytest.mark.parametrize("tie", ["our letter", "the citizen's mail", "the number"])
def test_the_officers_answer_stops_the_clock_and_is_no_letter(desk: Desk, mail: Mail, officer: str, tie: str) -> None:
    item = desk.come_in(mail(SIGNAL))
    fields = {"our letter": {"In_Reply_To": item.letters[0].message_id},
              "the citizen's mail": {"References": "<letter-1@example.com>"},
              "the number": {"Subject": f"Отговор по рег. № {number_of(item)}"}}[tie]
    copy = desk.come_in(answer(mail, officer, **fields))
    assert copy.status is Status.MERGED and copy.entry is None and not copy.letters and copy.case_of == item.id
    after = desk.item(item.id)
    assert after.status is Status.ANSWERED and "answered" in history_of(desk, item)
    with desk.office.store.reading() as register:
        assert register.history.faults() == [] and register.entries.faults() == []


def test_a_copy_of_an_answer_to_a_whistleblower_is_sealed(desk: Desk, mail: Mail, officer: str) -> None:
    item = desk.come_in(mail("Аз работя в общината и началникът ми взема подкуп от фирмите по поръчките.\n\n"
                             "Иван Стоянов", From="Иван Стоянов <stoyanov@example.com>"))
    copy = desk.come_in(answer(mail, officer, To="stoyanov@example.com", In_Reply_To="<letter-1@example.com>"))
    assert item.sealed and desk.item(item.id).status is Status.ANSWERED
    assert copy.status is Status.MERGED and copy.sealed


def test_the_answer_drops_the_notice_of_a_later_answer_that_waits(desk: Desk, mail: Mail, officer: str,
                                                                 clerk: Staff) -> None:
    item = desk.come_in(mail("Жалба: служителка на гише 3 ме обиди и отказа да ме обслужи.\n\nМария Петкова"))
    late = Desk(replace(desk.office, now=lambda: CAME + timedelta(days=3)))
    actions.extend(late.office, clerk, item.id, item.version, reason="Чакаме становище.", action="", until=None)
    desk.come_in(answer(mail, officer, In_Reply_To=item.letters[0].message_id))
    after = desk.item(item.id)
    assert after.status is Status.ANSWERED and after.letters[-1].status is OutgoingStatus.CANCELLED


@pytest.mark.parametrize("fields", [
    {"From": "Мария Петкова <m.petkova@example.com>", "To": "center@primerovo.example.bg"},
    {"From": "Непознат <x@example.org>"},
    {"To": "center@primerovo.example.bg"},
    {"Authentication_Results": f"{AUTHSERV}; dmarc=fail header.from=example.bg"},
    {"Auto_Submitted": "auto-replied", "Subject": "Автоматичен отговор: в отпуск съм"},
], ids=["the citizen", "a stranger", "not to the citizen", "forged", "out of office"])
def test_nothing_else_stops_the_clock(desk: Desk, mail: Mail, officer: str, fields: dict[str, str]) -> None:
    item = desk.come_in(mail(SIGNAL))
    desk.come_in(answer(mail, officer, In_Reply_To=item.letters[0].message_id, **fields))
    assert desk.item(item.id).status is Status.REGISTERED


def test_nobody_stops_the_clock_of_a_complaint_about_themselves(desk: Desk, mail: Mail, officer: str) -> None:
    item = desk.come_in(mail("Жалба: оплаквам се от служителя Иван Тодоров, който се държа грубо с мен и отказа да "
                             "приеме сигнала ми.\n\nМария Петкова"))
    copy = desk.come_in(answer(mail, officer, In_Reply_To=item.letters[0].message_id))
    assert desk.item(item.id).status not in (Status.ANSWERED, Status.CLOSED)
    assert copy.case_of == item.id and all(one.status is OutgoingStatus.HELD for one in copy.letters)


def test_an_answer_that_names_nothing_waits_for_a_person_and_is_confirmed_to_nobody(
        desk: Desk, mail: Mail, officer: str, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    copy = desk.come_in(answer(mail, officer))
    assert copy.suggested_case == item.id and desk.item(item.id).status is Status.REGISTERED
    assert [letter.status for letter in copy.letters] in ([], [OutgoingStatus.HELD])
    actions.take_as_answer(desk.office, clerk, copy.id, copy.version)
    assert desk.item(item.id).status is Status.ANSWERED and desk.item(copy.id).status is Status.MERGED


def test_an_answer_recorded_by_hand_stops_the_clock_with_number_and_day(desk: Desk, mail: Mail, clerk: Staff) -> None:
    item = desk.come_in(mail(SIGNAL))
    with pytest.raises(BadRequest, match="бъдеща"):
        actions.record_answer(desk.office, clerk, item.id, item.version, number="94-00-17#1", on=date(2099, 1, 1))
    actions.record_answer(desk.office, clerk, item.id, item.version, number="94-00-17#1", on=date(2026, 11, 20))
    with desk.office.store.reading() as register:
        line = register.history.of(item.id)[-1]
    assert (line.what, line.who) == ("answered", clerk.login)
    assert line.details["answer_number"] == "94-00-17#1" and line.details["on"] == "2026-11-20"
