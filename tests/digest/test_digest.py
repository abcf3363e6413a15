"""The digest tells what needs somebody this morning, and no more of the citizens than it must."""

import io
from datetime import date
from typing import Any

import pdfplumber
import pytest

from mailroom.correspondence.pdf import page_pdf
from mailroom.digest.compile import DigestCounts, DigestData, compile_digest
from mailroom.digest.write import SHOWN, write_digest
from mailroom.masking import mask_identifiers
from mailroom.model.arrival import Channel
from mailroom.model.entry import Clock, Due
from mailroom.model.findings import Kind, NonCorrespondence
from mailroom.model.item import DecisionState, ItemRow, Status, Step
from mailroom.model.outgoing import Draft, LetterType
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


def compiled(*rows: ItemRow, **counts: Any) -> DigestData:
    return compile_digest(rows, on=ON, due_soon_until=SOON, counts=DigestCounts(**counts))


def written(data: DigestData) -> Draft:
    return write_digest(data, PACK, packaged_templates(), recipient="mayor@primerovo.example", from_address=FROM,
                        queue_url="https://delovodstvo.primerovo.example", now=NOW)


def numbers(lines: Any) -> list[str]:
    return [line.number.split("/")[0].removeprefix("94-00-") for line in lines]


@pytest.mark.parametrize(("due", "where"), [
    (date(2026, 11, 19), "overdue"), (date(2026, 11, 20), "due_soon"), (date(2026, 11, 25), "due_soon"),
    (date(2026, 11, 26), None), (None, None),
])
def test_an_item_is_overdue_from_the_day_after_and_nearly_due_to_the_third_working_day(
    due: date | None, where: str | None
) -> None:
    data = compiled(row(1, due))
    assert {name: len(getattr(data, name)) for name in ("overdue", "due_soon")} == {
        name: int(name == where) for name in ("overdue", "due_soon")}


@pytest.mark.parametrize("status", [Status.ANSWERED, Status.CLOSED, Status.FORWARDED, Status.MERGED, Status.ANNULLED,
                                    Status.NOT_CORRESPONDENCE])
def test_what_is_done_is_not_shown(status: Status) -> None:
    assert compiled(row(1, date(2026, 11, 1), status=status, urgent=True)).quiet


def test_spam_is_counted_and_not_listed() -> None:
    data = compiled(row(1, urgent=True, noncorrespondence_type=NonCorrespondence.SPAM), unconfirmed_noncorrespondence=4)
    assert data.open == 0 and not data.urgent and not data.quiet


def test_lists_are_complete_and_in_order_of_the_due_date() -> None:
    data = compiled(
        row(1, date(2026, 11, 18), urgent=True), row(2, date(2026, 11, 2)),
        row(3, date(2026, 12, 1), needs_review=True, decision_state=DecisionState.PROPOSED),
        row(4, date(2026, 12, 1), needs_review=True, decision_state=DecisionState.CONFIRMED),
        row(5, None, urgent=True), row(6, trouble="…"), row(7, legible=False))
    assert numbers(data.urgent) == ["1", "5"]
    assert numbers(data.overdue) == ["2", "1"]
    assert [line.days_left for line in data.overdue] == [-18, -2]
    assert numbers(data.to_decide) == ["3"]
    assert (data.troubled, data.illegible, data.open) == (1, 1, 7)


def test_a_sealed_item_is_a_number_and_nothing_else() -> None:
    data = compiled(row(1, date(2026, 11, 1), sealed=True, urgent=True, subject="Тайна", needs_review=True))
    draft = written(data)
    assert data.sealed == 1 and data.open == 0 and not data.urgent and not data.overdue
    for shape in (draft.subject, draft.text, draft.html, draft.page_html):
        assert "Тайна" not in shape and "94-00-1" not in shape
    assert "Преписки с ограничен достъп: 1" in draft.text


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
        held_letters=2, undelivered_letters=3, troubles=("Кутията mayor@ не отговаря.",)))
    assert draft.subject == "Поща на Община Примерово за 20.11.2026 г.: спешни 1, просрочени 1, за решение 0"
    assert draft.type is LetterType.DIGEST and draft.item_id is None and draft.to == "mayor@primerovo.example"
    for fact in ("просрочена с 1 ден", "срок: утре", "Иван Тодоров", "непотвърдени от човек: 14",
                 "Задържани изходящи писма: 2", "Недоставени изходящи писма: 3", "Кутията mayor@ не отговаря."):
        assert fact in draft.text
        assert fact in draft.html
        assert fact in draft.page_html
    assert "https://delovodstvo.primerovo.example" in draft.text


def test_a_quiet_morning_says_so() -> None:
    draft = written(compiled(row(1, date(2026, 12, 21))))
    assert "няма нищо неотложно" in draft.subject
    assert "Днес няма нищо неотложно." in draft.text


def test_a_flood_is_shortened_in_the_letter_and_counted_in_full() -> None:
    draft = written(compiled(*(row(number, date(2026, 11, 1)) for number in range(1, SHOWN + 8))))
    assert f"ПРОСРОЧЕНИ ({SHOWN + 7})" in draft.text
    assert "и още 7" in draft.text
    with pdfplumber.open(io.BytesIO(page_pdf(draft.page_html))) as pdf:
        assert 1 < len(pdf.pages) < 6
        assert "стр. 2 от" in (pdf.pages[1].extract_text() or "")


def test_a_citizens_subject_is_text_and_never_markup() -> None:
    draft = written(compiled(row(1, date(2026, 11, 1), subject="<script>x</script>")))
    assert "<script>" not in draft.html + draft.page_html
    assert "<script>" in draft.text
