"""The confirmation of receipt says what the law wants and what a citizen needs, and nothing that could do harm."""

import re
from typing import Any

import pytest

from mailroom.correspondence.acknowledgement import write_acknowledgement
from mailroom.model.arrival import Channel
from mailroom.model.entry import Due
from mailroom.model.findings import Address, AnswerChannel, Kind, Matter
from mailroom.model.item import Item
from mailroom.model.outgoing import Draft, OutgoingChannel, OutgoingStatus
from mailroom.model.verdict import Outcome
from tests.correspondence.samples import (
    ADDRESS,
    ENTRY,
    PACK,
    SENDING,
    found,
    item,
    letter,
    mail_head,
    packaged_templates,
    verdict,
)


def written(about: Item, **changes: Any) -> Draft:
    """The acknowledgement, which must exist."""
    draft = write_acknowledgement(about, ENTRY.model_copy(update=changes), PACK, packaged_templates(), **SENDING)
    assert draft is not None
    return draft


@pytest.mark.parametrize("fact", [
    "94-00-17/20.11.2026", "20 ноември 2026 г. в 10:42:05 ч.", "20 ноември 2026 г. в 10:42:09 ч.",
    "по електронна поща", "до 21 декември 2026 г.", "Не е нужно да правите нищо.", "Иван Тодоров", "0999 881 725",
    "вътрешен 210", "todorov@primerovo.example", "https://spravka.primerovo.example", "K7QF-2M9X", "Община Примерово",
    "ЕИК 000000000", "Уважаема госпожо Петрова,", "Оставаме на разположение за допълнителни въпроси.", "С уважение,",
])
def test_every_shape_tells_what_law_and_checklist_want(fact: str) -> None:
    mail, page = written(item()), written(item(email=None, channel=Channel.PAPER))
    for shape in (mail.text, mail.html):
        assert fact in re.sub("<[^>]*>", "", shape)
    if fact != "по електронна поща":
        assert fact in re.sub("<[^>]*>", "", page.page_html)


def test_a_mail_carries_its_transliterated_copy_and_a_page_does_not() -> None:
    mail, page = written(item()), written(item(email=None))
    for shape in (mail.text, mail.html):
        assert "Uvazhaema gospozho Petrova" in shape
        assert "do 21 dekemvri 2026 g." in re.sub("<[^>]*>", "", shape)
        assert "https://spravka.primerovo.example" in shape.partition("Uvazhaema")[2]
    assert "Uvazhaema" not in page.text + page.page_html


def test_the_citizens_own_words_are_never_quoted() -> None:
    draft = written(item(judged=verdict(urgent=True), personal_identifiers=(found("7501020018"),)))
    everything = draft.subject + draft.text + draft.html + draft.page_html
    assert "Неповторимите" not in everything
    assert "Тайният" not in everything
    assert "7501020018" not in everything


@pytest.mark.parametrize(("changes", "channel", "to"), [
    ({}, OutgoingChannel.EMAIL, "petrova@citizen.example"),
    ({"preferred_channel": AnswerChannel.POST}, OutgoingChannel.PRINT, "Мария Петрова\n"),
    ({"preferred_channel": AnswerChannel.POST, "address": None}, OutgoingChannel.EMAIL, "petrova@citizen.example"),
    ({"email": None}, OutgoingChannel.PRINT, "ул. Борисова № 12, вх. А, ет. 3, ап. 8\n9999 Примерово"),
    ({"email": None, "organisation": "Сдружение „Зелен град“"}, OutgoingChannel.PRINT,
     "Мария Петрова\nСдружение „Зелен град“\n"),
])
def test_a_letter_goes_where_the_citizen_can_be_reached(
    changes: dict[str, Any], channel: OutgoingChannel, to: str
) -> None:
    draft = written(item(**changes))
    assert draft.channel is channel
    assert to in draft.to
    assert draft.status is OutgoingStatus.QUEUED


@pytest.mark.parametrize("address", [None, Address(settlement="Примерово"), Address(street="ул. Борисова", number="1")])
def test_nothing_is_written_where_nothing_leads_back(address: Address | None) -> None:
    nowhere = item(email=None, address=address)
    assert write_acknowledgement(nowhere, ENTRY, PACK, packaged_templates(), **SENDING) is None


@pytest.mark.parametrize(("kind", "your"), [
    (Kind.COMPLAINT, "Вашата жалба"), (Kind.SIGNAL, "Вашия сигнал"), (Kind.PROPOSAL, "Вашето предложение"),
    (Kind.REQUEST, "Вашето заявление"), (Kind.INQUIRY, "Вашето запитване"), (Kind.OTHER, "Вашето писмо"),
    (Kind.FOI_REQUEST, "Вашето заявление за достъп до обществена информация"), (Kind.PRAISE, "Вашето писмо"),
    (Kind.GDPR_REQUEST, "Вашето искане за личните Ви данни"), (Kind.CORRUPTION_REPORT, "Вашия сигнал"),
])
def test_each_kind_is_called_by_its_name(kind: Kind, your: str) -> None:
    draft = written(item(kind=kind))
    assert draft.subject == f"Получихме {your}, № 94-00-17/20.11.2026"
    assert f"Получихме {your} по електронна поща" in draft.text


def test_an_unsure_kind_is_a_letter() -> None:
    assert "Вашето писмо" in written(item(kind=found(Kind.COMPLAINT, 0.3))).subject


def test_praise_has_no_term_and_no_officer() -> None:
    text = written(item(kind=Kind.PRAISE), due=Due()).text
    assert "Благодарим Ви" in text
    assert "декември" not in text and "работи" not in text


def test_danger_comes_with_112_and_only_then() -> None:
    assert "112" in written(item(judged=verdict(urgent=True))).text
    assert "112" not in written(item()).text


@pytest.mark.parametrize("outcome", [Outcome.NOT_CONSIDERED, Outcome.NO_REPLY, Outcome.INFORMATION_REFUSED])
def test_where_a_clause_may_set_it_aside_a_decision_is_promised_and_not_an_answer(outcome: Outcome) -> None:
    text = written(item(abusive=True, judged=verdict(outcome=outcome, needs_review=True))).text
    assert "Служител ще прегледа сигнала и ще реши как да продължим. Ще направи това до 21 декември 2026 г." in text
    assert "ще Ви отговорим" not in text
    assert "обид" not in text.lower()


def test_an_anonymous_letter_is_confirmed_and_told_that_a_name_would_help() -> None:
    text = written(item(anonymous=True, sender_name=None)).text
    assert "Уважаема госпожо, уважаеми господине," in text
    assert "В писмото не намерихме Вашето име." in text


@pytest.mark.parametrize(("kind", "matter", "told"), [
    (Kind.SIGNAL, None, True), (Kind.PROPOSAL, None, True), (Kind.COMPLAINT, Matter.CONDUCT, True),
    (Kind.COMPLAINT, Matter.APPEAL, False), (Kind.REQUEST, None, False),
])
def test_who_signals_or_proposes_is_told_of_their_rights(kind: Kind, matter: Matter | None, told: bool) -> None:
    assert ("преследван" in written(item(kind=kind, matter=matter)).text) is told


def test_an_english_letter_gets_an_english_summary_above_the_official_text() -> None:
    draft = written(item(language="en"))
    assert draft.text.index("We will answer by 21 December 2026.") < draft.text.index("Уважаема")
    assert "We will answer by 21 December 2026." in draft.html


def test_without_a_status_page_the_town_halls_full_number_is_given() -> None:
    draft = write_acknowledgement(item(), ENTRY, PACK, packaged_templates(), **{**SENDING, "public_url": ""})
    assert draft is not None
    assert "на телефон 0999 881 881 с номер 94-00-17/20.11.2026 и код K7QF-2M9X" in draft.text


def test_a_mail_answers_in_the_citizens_thread() -> None:
    head = mail_head(message_id="<b@x>", references=("<a@x>",), in_reply_to=("<a@x>",))
    draft = written(item(read=letter(head=head)))
    assert draft.in_reply_to == "<b@x>"
    assert draft.references == ("<a@x>", "<b@x>")
    assert re.fullmatch(r"<[^<>@\s]+@primerovo\.example>", draft.message_id)
    assert written(item()).message_id != draft.message_id


def test_a_forwarded_letter_is_answered_in_the_citizens_own_thread() -> None:
    draft = written(item(read=letter(forwarded=mail_head(message_id="<citizen@x>"))))
    assert draft.in_reply_to == "<citizen@x>"


@pytest.mark.parametrize("forged", ["<a@x>\r\nBcc: all@x", "no brackets", "<" + "a" * 300 + "@x>", "<кирилица@x>"])
def test_a_message_id_that_is_none_starts_no_thread(forged: str) -> None:
    draft = written(item(read=letter(head=mail_head(message_id=forged))))
    assert draft.in_reply_to == "" and draft.references == ()


def test_a_long_thread_keeps_its_first_and_its_latest_messages() -> None:
    head = mail_head(message_id="<last@x>", references=tuple(f"<{n}@x>" for n in range(40)))
    references = written(item(read=letter(head=head))).references
    assert references[0] == "<0@x>" and references[-2:] == ("<39@x>", "<last@x>") and len(references) == 10


def test_paper_is_no_mail() -> None:
    draft = written(item(email=None, address=ADDRESS, channel=Channel.PAPER))
    assert draft.html == "" and draft.message_id == "" and draft.in_reply_to == ""
    assert "отговорете на това писмо" not in draft.text
    assert "на хартия" in draft.text
