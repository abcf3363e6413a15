"""The notice of a later answer."""

import re
from datetime import date
from typing import Any

import pytest

from mailroom.charter.pack import charter_ids, load_pack
from mailroom.config import packaged
from mailroom.correspondence.extension import law_in_words, write_extension
from mailroom.errors import BadRequest
from mailroom.model.entry import SuperiorDecision
from mailroom.model.item import Item
from mailroom.model.outgoing import Draft, OutgoingChannel, OutgoingStatus
from mailroom.model.pack import ClauseSubject, Demand
from tests.correspondence.samples import ENTRY, PACK, SENDING, item, packaged_templates

USUAL: dict[str, Any] = {"reason": "чакаме становище от „ВиК“", "action": "", "new_date": date(2027, 1, 20),
                         "superior": None}


def written(about: Item, **changes: Any) -> Draft:
    return write_extension(about, ENTRY, PACK, packaged_templates(), **{**USUAL, **SENDING, **changes})


@pytest.mark.parametrize("about", [item(), item(email=None)], ids=["mail", "paper"])
def test_it_says_why_what_to_do_when_and_sorry(about: Item) -> None:
    draft = written(about)
    for shape in (draft.text, re.sub("<[^>]*>", "", draft.page_html)):
        for fact in ("Обещахме да Ви отговорим до 21 декември 2026 г. Няма да успеем и се извиняваме.",
                     "Защо: чакаме становище от „ВиК“.", "Какво следва за Вас: не е нужно да правите нищо.",
                     "Кога ще отговорим: до 20 януари 2027 г.", "Иван Тодоров", "94-00-17/20.11.2026"):
            assert fact in shape


KEPT = {
    Demand.REASON: "Защо: чакаме становище", Demand.ACTION: "Какво следва за Вас: не е нужно да правите нищо.",
    Demand.NEW_DATE: "Кога ще отговорим: до 20 януари 2027 г.", Demand.OFFICER: "За въпроси: Иван Тодоров",
    Demand.PHONES: "тел. 0999 881 725 (вътрешен 210)", Demand.EMAIL: "todorov@primerovo.example",
    Demand.APOLOGY: "се извиняваме", Demand.PLAIN_WORDS: "Няма да успеем",
}
"""How the one letter keeps what any of the charters promises of it."""


@pytest.mark.parametrize("town", charter_ids(packaged("rules")))
def test_one_letter_keeps_the_promises_of_every_charter(town: str) -> None:
    """Of its clauses on lateness, on what a letter contains and on apologies."""
    # Whether one may appeal is said with a decision; this letter only tells of a later one.
    promises = {demand for clause in load_pack(packaged("rules"), town).clauses for demand in clause.demands
                if demand is not Demand.APPEAL_ADVICE
                and clause.subject in (ClauseSubject.EXTENSION, ClauseSubject.LETTER_CONTENT, ClauseSubject.APOLOGY)}
    for about in (item(), item(email=None)):
        draft = written(about)
        shape = re.sub("<[^>]*>", "", draft.page_html) if draft.channel is OutgoingChannel.PRINT else draft.text
        assert [demand for demand in promises if KEPT[demand] not in shape] == []


def test_it_waits_for_a_person_and_is_no_automatic_answer() -> None:
    draft = written(item())
    assert draft.status is OutgoingStatus.DRAFT
    assert not draft.auto_submitted


def test_who_extended_the_statutory_term_is_named_with_the_law_in_full_words() -> None:
    decision = SuperiorDecision(body="областният управител", number="17-3", on=date(2026, 12, 14))
    text = written(item(), superior=decision, basis="АПК чл. 118, ал. 2").text
    assert ("Срокът по чл. 118, ал. 2 от Административнопроцесуалния кодекс е удължен до 20 януари 2027 г. "
            "Реши го областният управител с решение № 17-3 от 14 декември 2026 г.") in text
    assert "е удължен" not in written(item(), basis="АПК чл. 121").text


def test_an_unknown_source_stays_as_it_is() -> None:
    assert law_in_words("Харта на клиента") == "Харта на клиента"


@pytest.mark.parametrize(("about", "changes", "told"), [
    (item(email=None, address=None), {}, "Няма адрес"),
    (item(), {"reason": "  "}, "защо"),
    (item(), {"new_date": date(2026, 12, 21)}, "21.12.2026"),
])
def test_what_cannot_be_written_is_refused_with_a_reason(about: Item, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(BadRequest, match=told):
        written(about, **changes)
