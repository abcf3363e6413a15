"""The model of kinds that every office begins with: when it is heard, and what it may not do."""

from dataclasses import replace
from shutil import copytree

import pytest

from mailroom.config import packaged
from mailroom.errors import Misconfigured
from mailroom.model.arrival import Channel
from mailroom.model.findings import Found, Kind
from mailroom.model.learned import KindModel
from mailroom.model.letter import Letter
from mailroom.model.pack import Pack
from mailroom.understanding.impression import Impression
from mailroom.understanding.knowledge import Knowledge, load_knowledge
from mailroom.understanding.learned_kind import FIRST_SUREST, opinion_of_kind, weigh_first
from mailroom.understanding.likely_fact import judged
from mailroom.understanding.safety import DANGER
from mailroom.understanding.understand import understand

MODEL = KindModel(
    bias={Kind.SIGNAL: 0.0, Kind.PROPOSAL: 0.0, Kind.PRAISE: 0.0, Kind.FOI_REQUEST: 0.0}, examples=2,
    weights={"hrumn": {Kind.PROPOSAL: 9.0, Kind.SIGNAL: -9.0},
             "cudes": {Kind.PRAISE: 1.6, Kind.SIGNAL: -0.5},
             "radva": {Kind.PRAISE: 9.0, Kind.SIGNAL: -9.0},
             "=signal": {Kind.SIGNAL: 20.0}})  # fmt: skip


DANGERS = (
    "Вратата на халето при стадиона се отметна с рамката, когато децата се люлееха на нея, и падна на крачка от "
    "най-малкото. Тежи поне двеста килограма и всеки ден пак се катерят.",
    "На пешеходното мостче зад пазара някой е отнесъл перилата от едната страна, долу е три метра до камъните, а "
    "учениците минават оттам по тъмно.",
)


def impression(stem: str, share: float = 0.0) -> Impression:
    """A letter with this stem, of which the vocabulary says that so much of it is a signal."""
    return Impression(stems=(stem,), groups=(), said=opinion_of_kind({Kind.SIGNAL: share}),
                      bulgarian=True)  # fmt: skip


def said(confidence: float) -> Found[Kind]:
    """What the vocabulary says."""
    return Found(value=Kind.SIGNAL, confidence=confidence)


@pytest.mark.parametrize(("stem", "share", "fixed", "kind"), [
    ("hrumn", 0.0, False, Kind.PROPOSAL),
    ("hrumn", 0.8, False, Kind.SIGNAL),
    ("hrumn", 0.0, True, Kind.SIGNAL),
    ("cudes", 0.0, False, Kind.SIGNAL),
    ("radva", 0.0, False, Kind.PRAISE),
])  # fmt: skip
def test_it_weighs_the_vocabulary_and_takes_little_for_praise(
    stem: str, share: float, fixed: bool, kind: Kind
) -> None:
    found = weigh_first(MODEL, impression(stem, share), said(0.6), fixed=fixed)
    assert found.value is kind and (kind is Kind.SIGNAL or found.confidence <= FIRST_SUREST)


def test_it_changes_the_kind_of_a_letter_that_the_vocabulary_does_not_know(
    packs: dict[str, Pack], knowledge: Knowledge
) -> None:
    """Whatever the shipped model makes of it, its reason is shown."""
    text = (
        "От архива на вестника молим за сканирани страници от протоколите за строежа на градския часовник, "
        "за кои години ги пазите и на каква цена е бил платен на майсторите според отчетите на управата."
    )
    letter = Letter(channel=Channel.PAPER, media_type="text/plain", text=text)
    alone = understand(letter, packs["ruse"], replace(knowledge, first_model=None)).kind
    together = understand(letter, packs["ruse"], knowledge).kind
    assert together.value is alone.value or all("прилича на" in shown.why for shown in together.evidence)
    assert together.confidence != alone.confidence


def test_few_known_words_tell_it_nothing(packs: dict[str, Pack], knowledge: Knowledge) -> None:
    letter = Letter(channel=Channel.PAPER, media_type="text/plain", text="Патаклама за градина на покрива.")
    assert understand(letter, packs["ruse"], knowledge).kind == understand(
        letter, packs["ruse"], replace(knowledge, first_model=None)).kind  # fmt: skip


def test_letters_in_other_languages_tell_it_nothing(packs: dict[str, Pack], knowledge: Knowledge) -> None:
    text = ("Sayın Başkan, köyümüzde her gün aynı saatte elektrik kesiliyor, kış geldi, evlerimiz soğuk. "
            "Durumun düzeltilmesini rica ederim. Saygılarımla, Emine Mehmed")
    letter = Letter(channel=Channel.PAPER, media_type="text/plain", text=text)
    alone = replace(knowledge, first_model=None, danger_model=None, protected_model=None)
    assert understand(letter, packs["ruse"], knowledge).kind == understand(letter, packs["ruse"], alone).kind


@pytest.mark.parametrize(("score", "found", "value"), [
    (0.2, False, True), (-0.6, False, False), (-0.6, True, True), (-3.0, True, False),
])  # fmt: skip
def test_a_fact_is_the_vocabularys_unless_the_model_is_sure_of_the_contrary(
    score: float, found: bool, value: bool
) -> None:
    assert judged(found, score, DANGER) is value


def test_a_danger_in_words_that_no_list_holds_shows_the_words_that_made_it_one(
    packs: dict[str, Pack], knowledge: Knowledge
) -> None:
    """The same letter with and without the model: whoever sees the alarm sees what it was raised for."""
    for text in DANGERS:
        letter = Letter(channel=Channel.PAPER, media_type="text/plain", text=text)
        together = understand(letter, packs["ruse"], knowledge).health_safety
        assert together.value and together.evidence and all(shown.why for shown in together.evidence), text


def test_a_broken_model_is_refused_with_its_path(tmp_path_factory: pytest.TempPathFactory) -> None:
    rules = tmp_path_factory.mktemp("own") / "rules"
    copytree(packaged("rules"), rules)
    (rules / "models" / "kinds.json").write_text("{}", "utf-8")
    with pytest.raises(Misconfigured, match=r"kinds\.json"):
        load_knowledge(rules)
