"""What a sentence is scored with while letters wait is what the model was made from."""

from random import Random

from pytest import approx

from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.likely_abuse import Unit, features

WORDS = ("боклук", "кмет", "кмета", "крадец", "крадци", "абе", "ааааа", "кучета", "ще", "я", "а", "")
"""Few, so that some come twice, share their pieces, or repeat a piece within themselves."""
SEEN = ("sort4", "gabuse:harm", "gabuse:mock")


def test_the_quick_score_is_the_sum_of_the_weighed_features(knowledge: Knowledge) -> None:
    assert knowledge.likely_abuse is not None
    model, chosen, told = knowledge.likely_abuse.model, Random(7), set()
    for _ in range(200):
        unit = Unit(words=tuple(chosen.choices(WORDS, k=chosen.randrange(13))),
                    seen=tuple(chosen.choices(SEEN, k=chosen.randrange(5))))
        weighed = sum(model.weights.get(name, 0.0) * amount for name, amount in features(unit).items())
        assert knowledge.likely_abuse.score(unit) == approx(model.bias + weighed), unit
        told.add(round(weighed, 6))
    assert len(told) > 100, "the model knows what is tried"
