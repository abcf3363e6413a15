"""„Защо?“ is answered in sentences that a clerk can read out on the telephone."""

import re
from datetime import UTC, datetime

import pytest

from mailroom.charter.decide import RULES as RULES_OF_VERDICT
from mailroom.charter.pack import load_cases, load_pack
from mailroom.model.arrival import Channel
from mailroom.model.base import SOFIA
from mailroom.model.case import Case
from mailroom.model.entry import Entry
from mailroom.model.findings import Evidence, Found, Kind, NonCorrespondence
from mailroom.model.item import Decision, DecisionState, Item, Status, Step
from mailroom.model.verdict import Outcome
from mailroom.registration.calendar import WorkingCalendar
from mailroom.registration.routing import assign
from mailroom.rehearsal import rehearse
from mailroom.why import CAME_BY, KINDS, OUTCOMES, SEEN, why
from tests.charter.material import KNOWLEDGE, RULES

TOWNS = ("ruse", "septemvri", "haskovo", "kostinbrod", "sofia")
PACKS = {town: load_pack(RULES, town) for town in TOWNS}
LETTERS = [(town, case) for town in TOWNS for case in load_cases(RULES, town) if case.letter]
NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
SHORTENED = re.compile(r"\b(?:АПК|ЗДОИ|ЗЗЛПСПОИН|ОРЗД|НАО|ЕГН|чл\.|ал\.|г\.|ч\.|т\.)|№|[A-Za-z]")


def item_of(town: str, case: Case) -> Item:
    """The example as an item of the register."""
    pack = PACKS[town]
    result = rehearse(case, pack, KNOWLEDGE, WorkingCalendar())
    entry = Entry(item_id=1, registration_number="94-00-17/20.11.2026", case_number="94-00-17", series="94", year=2026,
                  sequence=17, registered_at=NOW, access_code="ПРОБА", due=result.due,
                  assigned_to=assign(result.findings, result.verdict, pack, NOW.date()))
    return Item(id=1, version=1, step=Step.SETTLED, status=Status.REGISTERED, channel=case.channel,
                received_at=case.received.replace(tzinfo=SOFIA), findings=result.findings, verdict=result.verdict,
                decision=Decision(outcome=result.verdict.outcome), entry=entry)


def told(town: str, title: str) -> str:
    """What is said of one of the town's own letters."""
    case = next(case for own, case in LETTERS if own == town and case.title == title)
    return " ".join(why(item_of(town, case), PACKS[town]))


@pytest.mark.parametrize(("town", "case"), LETTERS, ids=[f"{town}: {case.title}" for town, case in LETTERS])
def test_every_sentence_can_be_read_out(town: str, case: Case) -> None:
    """A sentence in Bulgarian of at most 25 words besides what it quotes, without abbreviations."""
    sentences = why(item_of(town, case), PACKS[town])
    for sentence in sentences:
        own = re.sub(r"„[^“]*“|94-00-17/20\.11\.2026", "", sentence)
        assert sentence[0].isupper() and sentence.endswith(".")
        assert len(own.split()) <= 25 and not SHORTENED.search(own), sentence


@pytest.mark.parametrize(("town", "title", "words"), [
    ("haskovo", "Нецензурен сигнал", ["предлага писмото да остане без отговор; решава служител", "сигнали, жалби"]),
    ("septemvri", "Нецензурен сигнал", ["Писмото се разглежда."]),
    ("haskovo", "Жалба от обслужването", ["до 27 ноември 2026 година, петък", "7-дневен срок от получаването"]),
    ("sofia", "Жалба от обслужването", ["до 21 декември 2026 година, понеделник, защото 20 декември 2026 година е "
                                       "неработен ден", "до 30 дни след дадата"]),
    ("ruse", "Анонимен сигнал", ["предлага писмото да не се разгледа", "член 111, алинея 4 от "
                                 "Административнопроцесуалния кодекс", "Не се образува производство по анонимни"]),
    ("kostinbrod", "Жалба от обслужването", ["Публикуваният текст на хартата на общината е непълен"]),
    ("sofia", "Искане за преразглеждане", ["иска преразглеждане на решение", "до един месец от датата на писмото"]),
    ("ruse", "Кражба: прокурорът", ["може да е престъпление", "се уведомява незабавно съответният прокурор"]),
    ("septemvri", "Опасност в анонимен сигнал", ["Писмото се разглежда веднага", "застрашава здравето и сигурността"]),
    ("ruse", "Писмо за друг орган", ["е за друг орган", "се препращат не по-късно от 7 дни",
                                    "подателят да се уведоми до 27 ноември 2026 година"]),
])
def test_it_says_what_is_done_by_which_words_of_charter_or_law(town: str, title: str, words: list[str]) -> None:
    """And what the letter itself says."""
    said = told(town, title)
    assert [one for one in words if one not in said] == []


def test_who_is_complained_about_is_not_named_and_a_report_tells_nothing() -> None:
    """What is read out may be overheard."""
    assert "Колев" not in told("ruse", "Жалба срещу назован служител")
    assert told("ruse", "Сигнал от служител на общината") == (
        "Достъпът до това писмо е ограничен по закон. За него отговаря само определеният служител.")


def test_a_persons_decision_is_told_as_one() -> None:
    """With its day and its reason."""
    case = next(case for town, case in LETTERS if town == "haskovo" and case.title == "Нецензурен сигнал")
    decided = Decision(outcome=Outcome.CONSIDER, state=DecisionState.CONFIRMED, by="m.koleva", at=NOW,
                       reason="Сигналът е верен")
    said = " ".join(why(item_of("haskovo", case).model_copy(update={"decision": decided}), PACKS["haskovo"]))
    assert "На 20 ноември 2026 година служител реши писмото да се разгледа." in said and "„Сигналът е верен“" in said


def test_every_check_kind_and_channel_has_its_words() -> None:
    """A new one does not fall silent; a whistleblower's report is told of by nobody."""
    assert {rule.check.__name__ for rule in RULES_OF_VERDICT} - {"whistleblower"} == set(SEEN)
    assert set(KINDS) == set(Kind) and set(CAME_BY) == set(Channel) and set(OUTCOMES) == set(Outcome)


def test_what_is_no_letter_or_not_read_yet_is_told_as_such() -> None:
    """Nothing is promised for it."""
    case = next(case for town, case in LETTERS if town == "ruse" and case.title == "Сигнал")
    item = item_of("ruse", case).model_copy(update={"entry": None})
    assert item.findings is not None
    words = (Evidence(text="Абонирайте се за „Новини“", why="бюлетин"),)
    kind = Found[NonCorrespondence](value=NonCorrespondence.NEWSLETTER, confidence=1, evidence=words)
    post = item.model_copy(update={"findings": item.findings.model_copy(update={"noncorrespondence": kind})})
    assert why(post, PACKS["ruse"])[1] == ("Прието е, че не е писмо на гражданин до общината, защото в него пише: "
                                          "„Абонирайте се за Новини“, и затова няма номер и отговор.")
    unread = item.model_copy(update={"findings": None, "verdict": None, "decision": None})
    assert why(unread, PACKS["ruse"])[1:] == ("Още не е прочетено.",)
