"""Words are proposed from letters that people moved, never switched on, and never from one letter alone."""

import tomllib
from pathlib import Path

import pytest

from mailroom.config import packaged
from mailroom.folding import take_apart
from mailroom.learning.vocabulary import Read, as_toml, propose
from mailroom.model.learned import Proposal
from mailroom.understanding.knowledge import Knowledge, load_knowledge

GROUP = "kinds.complaint"


def letters(*moved: str, writer: str = "") -> list[Read]:
    """Letters that people moved to complaints, and others about streets and lamps; each, or all, of one writer."""
    def read(number: int, text: str, missed: frozenset[str]) -> Read:
        words = frozenset(word.plain for word in take_apart(text).words)
        return Read(item_id=number, writer=writer or str(number), words=words, missed=missed,
                    groups=missed or frozenset({"kinds.signal"}))

    return [*(read(number, text, frozenset({GROUP})) for number, text in enumerate(moved, 1)),
            *(read(100 + number, "улица лампа тъмно моля вечер", frozenset()) for number in range(30))]


MOVED = ("патакламите ви на гишето улица", "тези патаклами моля", "патаклама след патаклама вечер", "патакламата лампа")


def test_a_word_of_the_moved_letters_is_proposed_as_a_stem(knowledge: Knowledge) -> None:
    assert propose(letters(*MOVED), knowledge.lexicon) == (
        Proposal(group=GROUP, words=("патаклам*",), items=(4, 3, 2, 1)),)


@pytest.mark.parametrize("moved", [
    MOVED[:2],
    ("улица едно", "улица две", "улица три"),
    ("протестирам първо", "протестирам второ", "протестирам трето"),
    ("които сутрин", "които обед", "които нощем"),
], ids=["too few letters", "as often elsewhere", "the vocabulary has it", "grammar"])
def test_what_says_nothing_new_is_not_proposed(moved: tuple[str, ...], knowledge: Knowledge) -> None:
    assert propose(letters(*moved), knowledge.lexicon) == ()


def test_one_person_s_way_of_writing_is_not_proposed(knowledge: Knowledge) -> None:
    assert propose(letters(*MOVED, writer="m.petkova@example.com"), knowledge.lexicon) == ()


def test_a_proposal_can_be_written_into_the_municipality_s_lexicon(knowledge: Knowledge, tmp_path: Path) -> None:
    """As it stands on the page; until then nothing sees the word, afterwards the vocabulary has it."""
    proposals = propose(letters(*MOVED), knowledge.lexicon)
    assert not [hit for hit in knowledge.lexicon.find(take_apart("патаклами")) if hit.group == GROUP]
    for name, text in as_toml(proposals).items():
        assert tomllib.loads(text)
        (tmp_path / name).write_text(text, "utf-8")
    own = load_knowledge(packaged("rules"), tmp_path)
    assert [hit for hit in own.lexicon.find(take_apart("патаклами")) if hit.group == GROUP]
    assert propose(letters(*MOVED), own.lexicon) == ()
