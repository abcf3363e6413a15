"""What a sentence is scored with while letters wait is what the model was made from."""

from hypothesis import given
from hypothesis import strategies as st
from pytest import approx

from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.likely_abuse import Unit, features

WORDS = st.sampled_from(["боклук", "кмет", "кмета", "крадец", "крадци", "абе", "ааааа", "кучета", "ще", "я", "а", ""])
"""Few, so that some come twice, share their pieces, or repeat a piece within themselves."""
SEEN = st.sampled_from(["sort4", "gabuse:harm", "gabuse:mock"])


@given(words=st.lists(WORDS, max_size=12), seen=st.lists(SEEN, max_size=4))
def test_the_quick_score_is_the_sum_of_the_weighed_features(knowledge: Knowledge, words: list[str],
                                                            seen: list[str]) -> None:
    assert knowledge.likely_abuse is not None
    model, unit = knowledge.likely_abuse.model, Unit(words=tuple(words), seen=tuple(seen))
    weighed = sum(model.weights.get(name, 0.0) * amount for name, amount in features(unit).items())
    assert knowledge.likely_abuse.score(unit) == approx(model.bias + weighed)
    assert words == [] or weighed != 0, "some of it is known to the model"
