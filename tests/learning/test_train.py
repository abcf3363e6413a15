"""The model of kinds: what it learns, when it is heard, and what it may not do."""

import itertools
import random
from dataclasses import replace

import pytest

from mailroom.learning.train import Labelled, train, try_out
from mailroom.model.findings import Found, Kind
from mailroom.model.learned import KindModel
from mailroom.understanding.learned_kind import probabilities, weigh

COMMON = ("ulica", "blok", "moga", "vhod", "godin", "petak", "dobar", "vcera", "grad", "cove")


def guess(kind: Kind, confidence: float = 0.3) -> Found[Kind]:
    """What the vocabulary says."""
    return Found(value=kind, confidence=confidence)


def letters(count: int, *, telling: bool) -> list[Labelled]:
    """Letters that the vocabulary all takes for signals, half of them proposals; `telling`: they have words of their
    own."""
    dice = random.Random(7)
    made = []
    for number in range(count):
        meant = (Kind.SIGNAL, Kind.PROPOSAL)[number % 2]
        own = {Kind.SIGNAL: "lipsv", Kind.PROPOSAL: "hrumn"}[meant] if telling else "lipsv"
        made.append(Labelled(stems=frozenset({own, *dice.sample(COMMON, 4)}), found=guess(Kind.SIGNAL), meant=meant))
    return made


def test_words_that_tell_kinds_apart_are_learned() -> None:
    model = train(letters(60, telling=True))
    assert weigh(model, frozenset({"hrumn", "ulica"}), guess(Kind.SIGNAL)).value is Kind.PROPOSAL
    assert weigh(model, frozenset({"lipsv", "ulica"}), guess(Kind.SIGNAL)).value is Kind.SIGNAL


def test_the_same_letters_give_the_same_model() -> None:
    assert train(letters(40, telling=True)) == train(letters(40, telling=True))


@pytest.mark.parametrize(("telling", "heard"), [(True, True), (False, False)])
def test_the_model_is_heard_only_when_it_helps(telling: bool, heard: bool) -> None:
    trial = try_out(letters(60, telling=telling))
    assert trial.heard is heard and trial.letters == 60 and trial.vocabulary_right == 30
    assert trial.together_right == 30 + trial.gained - trial.lost


def test_one_writer_s_many_letters_prove_nothing() -> None:
    known = letters(60, telling=True)
    once = [replace(letter, writer=f"writer of {letter.meant}") for letter in known]
    assert try_out(known).heard and not try_out(once).heard


@pytest.mark.parametrize(("confidence", "fixed"), [(0.5, False), (0.9, False), (0.2, True), (0.45, True)])
def test_a_sure_vocabulary_and_a_protected_letter_keep_their_kind(confidence: float, fixed: bool) -> None:
    found = weigh(train(letters(60, telling=True)), frozenset({"hrumn"}), guess(Kind.SIGNAL, confidence), fixed=fixed)
    assert found.value is Kind.SIGNAL and 0.1 <= found.confidence < confidence


def test_of_one_opinion_they_are_surer() -> None:
    found = weigh(train(letters(60, telling=True)), frozenset({"lipsv"}), guess(Kind.SIGNAL, 0.4))
    assert found.value is Kind.SIGNAL and 0.4 < found.confidence < 0.97


def test_a_kind_that_nobody_has_taught_is_left_alone() -> None:
    found = guess(Kind.GDPR_REQUEST, 0.2)
    assert weigh(train(letters(60, telling=True)), frozenset({"hrumn"}), found) == found


def test_a_word_of_one_letter_is_not_in_the_model() -> None:
    one = Labelled(stems=frozenset({"petro", "ulica"}), found=guess(Kind.SIGNAL), meant=Kind.SIGNAL)
    model = train([*letters(40, telling=True), one])
    assert "petro" not in model.weights and "ulica" in model.weights


def test_probabilities_add_up_and_survive_being_written_down() -> None:
    model = train(letters(40, telling=True))
    again = KindModel.model_validate_json(model.model_dump_json())
    for stems in itertools.combinations((*COMMON, "hrumn", "lipsv"), 3):
        found = probabilities(model, frozenset(stems), guess(Kind.SIGNAL))
        assert sum(found.values()) == pytest.approx(1)
        assert found == probabilities(again, frozenset(stems), guess(Kind.SIGNAL))
