"""The vocabulary's notation, and what a clerk is told when a file is wrong."""

import shutil
from pathlib import Path

import pytest

from mailroom.config import packaged
from mailroom.errors import Misconfigured
from mailroom.folding import take_apart
from mailroom.understanding.knowledge import Knowledge, load_knowledge
from mailroom.understanding.lexicon import load_lexicon


def write_lexicon(folder: Path, text: str) -> Path:
    """A lexicon of one file."""
    (folder / "words.toml").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("шахт*", "две шахти", True),
        ("шахт*", "машахти", False),
        ("без капак", "шахта без капак", True),
        ("без капак", "без никакъв капак", False),
        ("без … капак", "без никакъв капак", True),
        ("без … капак", "без. Капак", False),
        ("капак|решетк*", "две решетки", True),
        ("виси* … до_земята|ниско", "виси чак до земята", True),
        ("виси* … до_земята|ниско", "виси от земята", False),
        ("e-mail", "на e-mail", True),
        ("e-mail", "reply by e-mail please", True),
        ("шахт*", "ШАХTИ с латинско Т", True),
    ],
)
def test_notation(pattern: str, text: str, found: bool, tmp_path: Path) -> None:
    """Stars, alternatives, gaps and joined alternatives mean what the module says."""
    lexicon = load_lexicon(
        write_lexicon(tmp_path, f'[[cue]]\nwhy = "x"\nwords = ["{pattern}"]\n'), lists=(), groups=("words.cue",)
    )
    assert bool(lexicon.find(take_apart(text))) is found


def test_near_and_unless_look_at_the_sentence(tmp_path: Path) -> None:
    """A cue asks for its neighbours and yields to its exceptions inside one sentence."""
    text = '[[cue]]\nwhy = "x"\nwords = ["куче*"]\nnear = ["хапе*"]\nunless = ["не хапе"]\n'
    lexicon = load_lexicon(write_lexicon(tmp_path, text), lists=(), groups=())
    assert lexicon.find(take_apart("Кучето хапе."))
    assert not lexicon.find(take_apart("Кучето лае. Хапе баба."))
    assert not lexicon.find(take_apart("Кучето не хапе."))


def test_latin_text_is_compared_by_skeleton(tmp_path: Path) -> None:
    """A Cyrillic pattern is found in шльокавица when it is asked for, and not otherwise."""
    lexicon = load_lexicon(
        write_lexicon(tmp_path, '[[cue]]\nwhy = "x"\nwords = ["отворен* шахт*"]\n'), lists=(), groups=()
    )
    words = take_apart("otvorena 6ahta")
    assert lexicon.find(words, bare=True)
    assert not lexicon.find(words)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[cue]\n", "words.toml: not valid TOML"),
        ('[[cue]]\nwords = ["а"]\n', "words.toml: line 1: [[cue]] why"),
        ('[[cue]]\nwhy = "x"\nwords = ["ш*"]\n', "words.toml: line 3: „ш*“"),
        ('[[cue]]\nwhy = "x"\nwords = ["… капак"]\n', "words.toml: line 3: „… капак“"),
        ('[[cue]]\nwhy = "x"\nwords = ["капак"]\nwieght = 2\n', "words.toml: line 1: [[cue]] wieght"),
        ('[cue]\nwhy = "x"\n', "words.toml: line 1: write [[cue]]"),
        ("[lists]\nnames = 3\n", "words.toml: line 1: [lists]"),
    ],
)
def test_mistake_is_told_with_its_line(text: str, told: str, tmp_path: Path) -> None:
    """A mistake in a file is one sentence with file, line and what to do."""
    with pytest.raises(Misconfigured) as error:
        load_lexicon(write_lexicon(tmp_path, text), lists=(), groups=())
    assert told in str(error.value)
    assert "\n" not in str(error.value).removeprefix(str(tmp_path))


def test_missing_group_is_told(tmp_path: Path) -> None:
    """A group that a finder needs and a file no longer has is named."""
    with pytest.raises(Misconfigured, match=r"words\.toml: „gas“ is missing"):
        load_lexicon(write_lexicon(tmp_path, '[[cue]]\nwhy = "x"\nwords = ["а"]\n'), lists=(), groups=("words.gas",))


def test_broken_place_register_is_told(tmp_path: Path) -> None:
    """A line of the place register with a column too few is named."""
    shutil.copytree(packaged("rules") / "lexicon", tmp_path / "lexicon")
    shutil.copytree(packaged("rules") / "names", tmp_path / "names")
    (tmp_path / "places").mkdir()
    (tmp_path / "places" / "settlements.csv").write_text(
        "ekatte;type;name;municipality;district;postcode\n1;с.;А\n", "utf-8"
    )
    with pytest.raises(Misconfigured, match=r"settlements\.csv: line 2"):
        load_knowledge(tmp_path)


def test_every_danger_says_why(knowledge: Knowledge) -> None:
    """Every cue that comes with the program explains itself in Bulgarian."""
    for cue in knowledge.lexicon.cues:
        assert any("а" <= letter <= "я" or letter.isupper() for letter in cue.row.why), cue.group


SHIPPED = """
[words]
wire = ["кабел*"]
hanging = ["виси"]
[lists]
names = ["едно"]
[[gas]]
why = "газ"
words = ["газ"]
"""


def write_local(tmp_path: Path, text: str, name: str = "kinds.toml") -> Path:
    """The municipality's own folder, beside a shipped one with one file."""
    for folder, file, content in (("shipped", "kinds.toml", SHIPPED), ("own", name, text)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_text(content, "utf-8")
    return tmp_path / "own"


def test_a_municipality_adds_to_the_shipped_vocabulary(tmp_path: Path) -> None:
    """Cues, patterns of a group and words of a list; compositions may use the shipped groups."""
    own = write_local(tmp_path, '[words]\nhanging = ["клати"]\n[lists]\nnames = ["две"]\n'
                                '[[gas]]\nwhy = "пропан"\nwords = ["пропан*"]\n'
                                '[[gas]]\nwhy = "кабел"\nall = ["wire", "hanging"]\n')  # fmt: skip
    lexicon = load_lexicon(tmp_path / "shipped", lists=("kinds.names",), groups=("kinds.gas",), local=own)
    seen = [hit.cue.row.why for hit in lexicon.find(take_apart("Газ, пропанова бутилка. Кабелът се клати. Кабел виси."))
            if "." in hit.group]  # fmt: skip
    assert seen == ["газ", "пропан", "кабел", "кабел"]
    assert lexicon.list("kinds.names") == ("едно", "две")


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ('[[gaz]]\nwhy = "x"\nwords = ["газ"]\n', "kinds.toml", "line 1: the shipped file has no [[gaz]]"),
        ('\n[[gas]]\nwhy = "x"\nwords = ["г*"]\n', "kinds.toml", "line 4: „г*“"),
        ('[[gas]]\nwhy = "x"\nall = ["pole"]\n', "kinds.toml", "line 1: [[gas]]: „pole“ is no group"),
        ('[lists]\nnaems = ["а"]\n', "kinds.toml", "line 2: the shipped file has no list of this name"),
        ("", "kind.toml", "kind.toml: line 1: there is no shipped file of this name"),
    ],
)
def test_a_mistake_of_the_municipality_is_told_with_its_line(text: str, name: str, told: str, tmp_path: Path) -> None:
    """What would be looked for by nobody is refused, and the sentence says where it stands."""
    own = write_local(tmp_path, text, name)
    with pytest.raises(Misconfigured) as error:
        load_lexicon(tmp_path / "shipped", lists=(), groups=(), local=own)
    assert told in str(error.value)


def test_a_folder_that_is_missing_adds_nothing(tmp_path: Path) -> None:
    """Few municipalities have words of their own."""
    write_local(tmp_path, "")
    assert load_lexicon(tmp_path / "shipped", lists=(), groups=(), local=tmp_path / "nowhere").cues
