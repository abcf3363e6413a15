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
from mailroom.understanding.knowledge import Knowledge, load_knowledge
from mailroom.understanding.learned_kind import FIRST_NEAR_TIE, weigh_first
from mailroom.understanding.understand import understand

MODEL = KindModel(
    bias={Kind.SIGNAL: 0.0, Kind.PROPOSAL: 0.0, Kind.PRAISE: 0.0}, examples=2,
    weights={"hrumn": {Kind.PROPOSAL: 9.0, Kind.SIGNAL: -9.0},
             "cudes": {Kind.PRAISE: 9.0, Kind.SIGNAL: -9.0}})  # fmt: skip


def said(confidence: float) -> Found[Kind]:
    """What the vocabulary says."""
    return Found(value=Kind.SIGNAL, confidence=confidence)


@pytest.mark.parametrize(("stem", "confidence", "fixed", "kind"), [
    ("hrumn", 0.4, False, Kind.PROPOSAL),
    ("hrumn", 0.9, False, Kind.SIGNAL),
    ("hrumn", 0.4, True, Kind.SIGNAL),
    ("cudes", 0.4, False, Kind.SIGNAL),
])  # fmt: skip
def test_it_is_heard_where_the_vocabulary_is_unsure_and_takes_nothing_for_praise(
    stem: str, confidence: float, fixed: bool, kind: Kind
) -> None:
    found = weigh_first(MODEL, frozenset({stem}), said(confidence), fixed=fixed)
    assert found.value is kind and (kind is Kind.SIGNAL or found.confidence <= FIRST_NEAR_TIE)


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


def test_a_broken_model_is_refused_with_its_path(tmp_path_factory: pytest.TempPathFactory) -> None:
    rules = tmp_path_factory.mktemp("own") / "rules"
    copytree(packaged("rules"), rules)
    (rules / "models" / "kinds.json").write_text("{}", "utf-8")
    with pytest.raises(Misconfigured, match=r"kinds\.json"):
        load_knowledge(rules)
