"""The digest tells what needs somebody this morning, and no more of the citizens than it must."""

import io
from datetime import date
from typing import Any

import pdfplumber
import pytest

from mailroom.correspondence.pdf import page_pdf
from mailroom.digest.compile import Beside, Came, DigestCounts, DigestData, Listed, SetAside, Share, compile_digest
from mailroom.digest.write import SHOWN, write_digest
from mailroom.masking import mask_identifiers
from mailroom.model.arrival import Channel
from mailroom.model.entry import Clock, Due
from mailroom.model.figures import Course, Point
from mailroom.model.findings import Kind, NonCorrespondence
from mailroom.model.item import DecisionState, ItemRow, Status, Step
from mailroom.model.outgoing import Draft, LetterType
from mailroom.model.proof import HistoryHead, LastVerification, Proof, SourceProof
from tests.correspondence.samples import ENTRY, FROM, NOW, PACK, RECEIVED, packaged_templates

ON = date(2026, 11, 20)
SOON = date(2026, 11, 25)


def row(number: int, due: date | None = None, **changes: Any) -> ItemRow:
    """An open signal with this due date."""
    clock = Clock(date=due, raw_date=due, basis="АПК чл. 121", explanation="…") if due else None
    return ItemRow(**{
        "id": number, "version": 1, "step": Step.SETTLED, "status": Status.REGISTERED, "channel": Channel.EMAIL,
        "received_at": RECEIVED, "registration_number": f"94-00-{number}/20.11.2026", "kind": Kind.SIGNAL,
        "subject": f"Повод {number}", "due": Due(statute=clock), "assigned_to": ENTRY.assigned_to, **changes,
    })


def compiled(*rows: ItemRow, beside: Beside = Beside(), **counts: Any) -> DigestData:  # noqa: B008 - frozen
    found = beside.model_copy(update={"counts": DigestCounts(**counts)})
    return compile_digest(rows, on=ON, due_soon_until=SOON, found=found)


def written(data: DigestData) -> Draft:
    return write_digest(data, PACK, packaged_templates(), recipient="mayor@primerovo.example", from_address=FROM,
                        queue_url="https://delovodstvo.primerovo.example", now=NOW)


def numbers(listed: Listed) -> list[str]:
    return [line.number.split("/")[0].removeprefix("94-00-") for line in listed.lines]


@pytest.mark.parametrize(("due", "where"), [
    (date(2026, 11, 19), "overdue"), (date(2026, 11, 20), "due_soon"), (date(2026, 11, 25), "due_soon"),
    (date(2026, 11, 26), None), (None, None),
])
def test_an_item_is_overdue_from_the_day_after_and_nearly_due_to_the_third_working_day(
    due: date | None, where: str | None
) -> None:
    data = compiled(row(1, due))
    assert {name: getattr(data, name).total for name in ("overdue", "due_soon")} == {
        name: int(name == where) for name in ("overdue", "due_soon")}


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.CLOSED, Status.FORWARDED, Status.MERGED, Status.ANNULLED,
                                    Status.NOT_CORRESPONDENCE])
def test_what_is_done_is_not_shown(status: Status) -> None:
    assert compiled(row(1, date(2026, 11, 1), status=status, urgent=True)).quiet


def test_spam_is_counted_and_not_listed() -> None:
    data = compiled(row(1, urgent=True, noncorrespondence_type=NonCorrespondence.SPAM), unconfirmed_noncorrespondence=4)
    assert data.open == 0 and not data.urgent.total and not data.quiet


def test_lists_are_complete_and_in_order_of_the_due_date() -> None:
    data = compiled(
        row(1, date(2026, 11, 18), urgent=True), row(2, date(2026, 11, 2)),
        row(3, date(2026, 12, 1), needs_review=True, decision_state=DecisionState.PROPOSED),
        row(4, date(2026, 12, 1), needs_review=True, decision_state=DecisionState.CONFIRMED),
        row(5, None, urgent=True))
    assert numbers(data.urgent) == ["1", "5"]
    assert numbers(data.overdue) == ["2", "1"]
    assert [line.days_left for line in data.overdue.lines] == [-18, -2]
    assert numbers(data.to_decide) == ["3"]
    assert data.open == 5


def test_a_sealed_item_leaves_no_trace_not_even_in_a_number() -> None:
    sealed = row(1, date(2026, 11, 1), sealed=True, urgent=True, subject="Тайна", needs_review=True)
    beside = Beside(moved=((sealed, date(2026, 11, 1)),), returned=(sealed,))
    with_it, without = (compiled(row(2), *more, beside=about) for more, about in (((sealed,), beside), ((), Beside())))
    assert written(with_it).text == written(without).text
    assert written(with_it).html == written(without).html


def test_a_restricted_item_shows_no_subject() -> None:
    draft = written(compiled(row(1, date(2026, 11, 1), restricted=True, subject="Подкуп на Х", sender="Петър Тайнов")))
    everything = draft.text + draft.html + draft.page_html
    assert "94-00-1/20.11.2026" in draft.text
    assert "Подкуп" not in everything and "Тайнов" not in everything


@pytest.mark.parametrize(("subject", "masked"), [
    ("ЕГН 7501020018", "ЕГН **********"), ("750102 0018", "**********"), ("750102-0018.", "**********."),
    ("преписка 94-00-17/20.11.2026", "преписка 94-00-17/20.11.2026"), ("12345678901", "12345678901"),
])
def test_what_could_be_an_identifier_is_masked(subject: str, masked: str) -> None:
    assert mask_identifiers(subject) == masked
    assert f"сигнал: {masked}" in written(compiled(row(1, date(2026, 11, 1), subject=subject))).text


def test_the_letter_counts_in_its_subject_and_names_every_worry() -> None:
    draft = written(compiled(
        row(1, date(2026, 11, 19), urgent=True), row(2, date(2026, 11, 21)), unconfirmed_noncorrespondence=14,
        held_letters=2, failed_letters=3, troubles=("Кутията mayor@ не отговаря.",)))
    assert draft.subject == "Поща на Община Примерово за 20.11.2026 г.: спешни 1, просрочени 1, за решение 0"
    assert draft.type is LetterType.DIGEST and draft.item_id is None and draft.to == "mayor@primerovo.example"
    for fact in ("просрочена с 1 ден", "срок: утре", "Иван Тодоров", "непотвърдени от човек: 14",
                 "Задържани изходящи писма: 2", "Изходящи писма, които не заминаха: 3", "Кутията mayor@ не отговаря."):
        assert fact in draft.text
        assert fact in draft.html
        assert fact in draft.page_html
    assert "https://delovodstvo.primerovo.example" in draft.text


def test_the_letter_tells_what_came_what_is_set_aside_what_moved_and_that_nothing_is_lost() -> None:
    course = Course(step="ден", points=(Point(name="19.11.", received=5, finished=2),
                                        Point(name="20.11.", received=0, finished=0)))
    data = compiled(row(1, date(2026, 12, 21)), troubled=1, illegible=2, beside=Beside(
        came=Came(since=date(2026, 11, 19), until=date(2026, 11, 19), received=5, finished=2, urgent=1,
                  kinds=(Share(name="сигнал", number=4), Share(name="жалба", number=1)),
                  districts=(Share(name="Младост", number=5),)),
        course=course, moved=((row(8, date(2026, 12, 22)), date(2026, 12, 21)),), moved_total=70,
        returned=(row(9),),
        set_aside=(SetAside(clause="Харта на клиента, „Важно“", waiting=2, decided=1),),
        proof=Proof(at=NOW, sources=(SourceProof(source="center@", there=143),
                                     SourceProof(source="mayor@", there=9, missing=2), SourceProof(source="scanner"))),
        verified=LastVerification(on=date(2026, 11, 20), faults=0),
        history_head=HistoryHead(number=12345, mark="0123456789abcdef" * 4)))
    draft = written(data)
    for fact in ("19.11.2026 г.: 5", "По вид: сигнал 4, жалба 1", "По район: Младост 5", "опасност за хора: 1",
                 "постъпили 5, приключени 2", "94-00-8/", "срок: 22.12.2026 г., преди: 21.12.2026 г.", "и още 69",
                 "94-00-9/",
                 "чакат решение 2, решени 1", "center@: 143, всички са в регистъра.",
                 "mayor@: 2 от 9 НЕ СА в регистъра.", "scanner: не можа да се провери.", "всичко е цяло",
                 "историята: 12345 0123 4567 89ab cdef",
                 "техническа пречка: 1", "Нечетливи, за ръчно въвеждане: 2"):
        for shape in (draft.text, draft.html, draft.page_html):
            assert fact in shape, fact
    assert 'height="56" bgcolor="#1d5a8c"' in draft.html and "<img" not in draft.html


def test_mail_that_the_register_does_not_know_is_no_quiet_morning() -> None:
    proof = Proof(at=NOW, sources=(SourceProof(source="center@", there=9, missing=1),))
    assert not compiled(beside=Beside(proof=proof)).quiet and compiled().quiet


def test_an_answered_letter_that_came_back_is_not_overdue() -> None:
    draft = written(compiled(beside=Beside(returned=(row(9, date(2026, 11, 1), status=Status.ANSWERED),))))
    assert "94-00-9/20.11.2026, приключена" in draft.text and "просрочена" not in draft.text


def test_a_quiet_morning_says_so() -> None:
    draft = written(compiled(row(1, date(2026, 12, 21))))
    assert "няма нищо неотложно" in draft.subject
    assert "Днес няма нищо неотложно." in draft.text


def test_a_flood_is_shortened_in_the_letter_and_counted_in_full() -> None:
    draft = written(compiled(*(row(number, date(2026, 11, 1), urgent=True, needs_review=True,
                                 decision_state=DecisionState.PROPOSED) for number in range(1, SHOWN + 8))))
    assert f"ПРОСРОЧЕНИ ({SHOWN + 7})" in draft.text
    assert "и още 7" in draft.text
    with pdfplumber.open(io.BytesIO(page_pdf(draft.page_html))) as pdf:
        assert 1 < len(pdf.pages) < 6
        assert "стр. 2 от" in (pdf.pages[1].extract_text() or "")


def test_a_citizens_subject_is_text_and_never_markup() -> None:
    draft = written(compiled(row(1, date(2026, 11, 1), subject="<script>x</script>")))
    assert "<script>" not in draft.html + draft.page_html
    assert "<script>" in draft.text
