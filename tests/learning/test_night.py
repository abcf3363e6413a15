"""A night's lesson from a register in which people have worked."""

from dataclasses import replace
from datetime import datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest

from mailroom import desk as actions
from mailroom.engine.due import do_what_is_due
from mailroom.learning.night import last_lesson, learn
from mailroom.learning.telling import lesson_lines
from mailroom.model.findings import Kind
from mailroom.model.learned import Lesson
from mailroom.model.staff import Staff
from tests.journeys.conftest import Desk
from tests.learning.conftest import mail

WISHES = ("сенници над катерушките", "чешма с педал в парка", "липи край реката", "тих час следобед",
          "цветя на кръстовището", "клуб за шах в павилиона", "пейки до стадиона", "рисунки в подлеза",
          "табели с истории", "пързалка до басейна", "хамбар за книги", "лятно кино на стълбите")
DIRT = ("кофите до пазара", "торбите в дерето", "матраците зад гаража", "клоните до училището", "стъклата в парка",
        "хартиите на плажа", "гумите край шосето", "мебелите пред входа", "пепелта до градината", "найлоните в реката",
        "храната пред блока", "плочките зад оградата")


@pytest.fixture(scope="module")
def lesson(desk: Desk, clerk: Staff) -> Lesson:
    """Letters with a word of the place that people call praise, letters about rubbish that they accept, one secret."""
    numbers = count(1)

    def take(text: str, **corrected: str) -> None:
        item = desk.come_in(mail(text, Subject="Писмо", From=f"{next(numbers)}@example.com"))
        assert item.verdict is not None and item.findings is not None
        if corrected.get("kind", item.findings.kind.value) != item.findings.kind.value or "matter" in corrected:
            actions.correct(desk.office, clerk, item.id, item.version, corrected)
        else:
            actions.confirm(desk.office, clerk, item.id, item.version)

    for wish, dirt in zip(WISHES, DIRT, strict=True):
        take(f"Патаклама за {wish}. Такава патаклама помнят всички.\n\nСтоянка Пелтекова", kind="praise")
        take(f"Пак не са събрани {dirt}. Мирише и е грозно.\n\nМарин Пелтеков", kind="signal")
        take(f"Патаклами и за {wish}, колкото щеш.\n\nМарин Пелтеков", kind="praise")
    take("Патаклама. Работя в общината.", kind="corruption_report", matter="whistleblower")
    return learn(desk.office)


def test_the_report_says_how_often_a_field_was_corrected_and_what_was_confused(lesson: Lesson) -> None:
    kinds = next(one for one in lesson.corrected if one.field == "kind")
    assert kinds.times == sum(one.times for one in lesson.confusions) and kinds.times >= 20
    assert {one.meant for one in lesson.confusions} >= {Kind.PRAISE} and len(kinds.items) <= 20


def test_the_words_of_the_corrected_letters_are_proposed_without_names(lesson: Lesson) -> None:
    words = [word for one in lesson.proposals if one.group == "kinds.praise" for word in one.words]
    assert "патаклам*" in words
    assert not [word for word in words if word.startswith("пелтек")]


def test_a_model_that_helps_is_used_at_once_and_by_other_processes(lesson: Lesson, desk: Desk) -> None:
    assert lesson.trial is not None and lesson.trial.heard and lesson.model is not None
    assert desk.office.knowledge.learned is lesson.model
    item = desk.come_in(mail("Патаклама за градина на покрива. Патаклами и за друго.", Subject="Писмо"))
    assert item.findings is not None and item.findings.kind.value is Kind.PRAISE
    shown = item.findings.kind.evidence[0]
    assert shown.why == "подобно на писма, които служители отнесоха към „благодарност“"
    assert shown.text.startswith("Патаклам") and shown.start is not None
    elsewhere = replace(desk.office, learned=type(desk.office.learned)())
    assert elsewhere.knowledge.learned == lesson.model


def test_nothing_of_a_person_is_in_the_model(lesson: Lesson) -> None:
    assert lesson.model is not None
    assert not [stem for stem in lesson.model.weights if stem.startswith(("pelte", "marin", "stoia"))]


def test_a_sealed_letter_is_not_in_the_lesson(lesson: Lesson, desk: Desk) -> None:
    with desk.office.store.reading() as register:
        sealed = [item_id for item_id in register.items.ids() if (item := register.items.get(item_id)) and item.sealed]
    assert sealed
    named = {item_id for one in lesson.corrected for item_id in one.items}
    named |= {item_id for one in lesson.proposals for item_id in one.items}
    assert named and not named & set(sealed)


def test_it_is_told_in_words(lesson: Lesson) -> None:
    told = "\n".join(lesson_lines(lesson))
    assert "се използва" in told and "lexicon/kinds.toml" in told and "[[praise]]" in told
    assert "  Вид: " in told and " → благодарност: " in told


@pytest.mark.parametrize(("hour", "learned"), [(2, False), (4, True)])
def test_the_night_s_work_is_done_once(desk: Desk, lesson: Lesson, hour: int, learned: bool) -> None:
    night = datetime(2031, 3, 1 + hour, hour, 0, tzinfo=ZoneInfo("Europe/Sofia"))
    office = replace(desk.office, now=lambda: night)
    do_what_is_due(office)
    last = last_lesson(office)
    assert last is not None and (last.at == night) is learned
    later = replace(office, now=lambda: night.replace(minute=30))
    do_what_is_due(later)
    assert last_lesson(later) == last
