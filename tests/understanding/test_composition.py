"""What stands together: groups of words near each other, denied or spoilt."""

from pathlib import Path

import pytest

from mailroom.errors import Misconfigured
from mailroom.folding import take_apart
from mailroom.understanding.composition import Bounds, compose, is_denied
from mailroom.understanding.lexicon import Lexicon, load_lexicon

_WORDS = '[words]\nwire = ["кабел*"]\nhanging = ["виси|висят"]\nmended = ["поправи*"]\n'


def lexicon_of(folder: Path, cue: str) -> Lexicon:
    """A lexicon of one composition."""
    (folder / "words.toml").write_text(f'{_WORDS}[[danger]]\nwhy = "кабел"\n{cue}\n', "utf-8")
    return load_lexicon(folder, lists=(), groups=())


def composed(lexicon: Lexicon, text: str, *, bare: bool = False) -> list[str]:
    """What the composition covers in the text."""
    words = take_apart(text)
    hits = lexicon.find(words, bare=bare)
    return [words.quote(hit.first, hit.last)[0] for hit in hits if ":" not in hit.group]


@pytest.mark.parametrize(
    ("cue", "text", "found"),
    [
        ('all = ["wire", "hanging"]', "Кабелът от вчера виси", ["Кабелът от вчера виси"]),
        ('all = ["wire", "hanging"]', "Виси един кабел", ["Виси един кабел"]),
        ('all = ["wire", "hanging"]', "Кабелът не виси", []),
        ('all = ["wire", "hanging"]', "Кабел. Лампата виси", []),
        ('all = ["wire", "hanging"]\nsentences = 2', "Има кабел. Лампата виси", ["кабел. Лампата виси"]),
        ('all = ["wire", "hanging"]\nwithin = 2', "Кабел до вратата долу виси", []),
        ('all = ["wire", "hanging"]\nin_order = true', "Виси един кабел", []),
        ('all = ["wire|mended", "hanging"]', "Поправиха го и виси", ["Поправиха го и виси"]),
        ('all = ["wire", "hanging"]\nnone = ["mended"]', "Поправиха кабела и виси добре", []),
        ('all = ["wire", "hanging"]\nunless = ["на склад*"]', "Кабел виси на склад", []),
    ],
)
def test_composition(cue: str, text: str, found: list[str], tmp_path: Path) -> None:
    """Order, distance, sentences, denial, `none` and `unless` mean what the lexicon's notation says."""
    assert composed(lexicon_of(tmp_path, cue), text) == found


def test_composition_is_found_in_latin_letters(tmp_path: Path) -> None:
    """The groups are compared by skeleton like any other words."""
    assert composed(lexicon_of(tmp_path, 'all = ["wire", "hanging"]'), "edin kabel visi", bare=True) == ["kabel visi"]


@pytest.mark.parametrize(
    ("text", "word", "denied"),
    [
        ("не виси", "виси", True),
        ("не се е клатил", "клатил", True),
        ("никой вече няма да падне", "падне", True),
        ("да не падне", "падне", False),
        ("Не. Виси", "виси", False),
        ("само виси", "виси", False),
    ],
)
def test_denial(text: str, word: str, denied: bool) -> None:
    """A negation reaches over small words, and a fear is no denial."""
    words = take_apart(text).words
    assert is_denied(words, next(i for i, w in enumerate(words) if w.plain == word)) is denied


def test_one_word_is_not_two_parts() -> None:
    """A word that belongs to two groups does not make a composition alone."""
    words = take_apart("паднал кабел").words
    assert not list(compose(([(0, 0)], [(0, 0)]), [], words, Bounds(within=5, sentences=1, in_order=False)))


@pytest.mark.parametrize(
    ("cue", "told"),
    [
        ('all = ["rope"]', "„rope“ is no group of"),
        ('all = ["wire"]\nwords = ["а"]', "and not both"),
        ("weight = 1.0", "write words"),
    ],
)
def test_mistake_is_told(cue: str, told: str, tmp_path: Path) -> None:
    """A composition of unknown groups, or one that is words as well, is refused with what to do."""
    with pytest.raises(Misconfigured, match=told):
        lexicon_of(tmp_path, cue)
