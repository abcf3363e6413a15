"""Abuse is found however it is typed, and what only looks like it is left alone."""

from collections.abc import Callable

import pytest

from mailroom.model.arrival import Channel
from mailroom.model.letter import Letter
from mailroom.model.pack import Pack
from mailroom.understanding.abuse import find_abusive
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.view import View
from tests.understanding.abuse.typing_styles import STYLES, sentences, typed

ViewOf = Callable[[str], View]
ABUSIVE = (
    "abusive.txt", "abusive_later.txt", "abusive_forum.txt", "abusive_blind.txt", "abusive_comments.txt",
    "abusive_voices.txt",
)  # fmt: skip


@pytest.fixture
def view_of(knowledge: Knowledge, packs: dict[str, Pack]) -> ViewOf:
    """A letter that says just this."""

    def view(text: str) -> View:
        return View(Letter(channel=Channel.PAPER, media_type="application/pdf", text=text), packs["ruse"], knowledge)

    return view


def _abusive(view: View) -> bool:
    return find_abusive(view, {}).value


@pytest.mark.parametrize("style", STYLES)
def test_nine_of_ten_abusive_sentences_are_found_in_every_style(style: str, view_of: ViewOf) -> None:
    """A third of the sentences, so that it stays quick; the benchmark takes all."""
    chosen = list(typed(style, *ABUSIVE))[::3]
    missed = [text for text in chosen if not _abusive(view_of(text))]
    assert len(missed) <= len(chosen) / 10, missed


def test_names_animals_criticism_and_what_others_said_are_never_abuse(view_of: ViewOf) -> None:
    """Every sentence of reported.txt."""
    assert [text for text in sentences("reported.txt") if _abusive(view_of(text))] == []


def test_ordinary_prose_is_left_alone(view_of: ViewOf) -> None:
    """Fewer than one of a hundred ordinary sentences is taken for abuse."""
    ordinary = [text for name in ("", "_blind", "_comments", "_voices") for text in sentences(f"ordinary{name}.txt")]
    flagged = [text for text in ordinary if _abusive(view_of(text))]
    assert len(flagged) < len(ordinary) / 100, flagged


def test_no_settlement_and_no_first_name_is_abuse(view_of: ViewOf, knowledge: Knowledge) -> None:
    """Each in a sentence of its own, fifty sentences a letter."""
    names = sorted(
        {place.name for found in knowledge.places.values() for place in found} | set(knowledge.spelling.values())
    )
    told = [f"Тук е {name}." for name in names]
    letters = [" ".join(told[i : i + 50]) for i in range(0, len(told), 50)]
    assert [found.evidence for text in letters if (found := find_abusive(view_of(text), {})).value] == []


HIDDEN = {
    "zero-width space inside": "Пут\u200bка такава.",
    "soft hyphen inside": "Вие сте ид\u00adиоти.",
    "greek letters": "Вие сте κυρβи.",
    "full-width letters": "ｋｕｒｖｉ prodajni, nqma da platq",
    "strokes through the letters": "И̶д̶и̶о̶т̶и̶ такива.",
    "one Latin word in a Cyrillic letter": "Пак ми пратихте сметка, kopeleta.",
    "Cyrillic drawn with Latin letters": "Тоя началник е kypba и половина.",
    "a single hyphen": "Вие сте иди-оти, уважаеми.",
    "stars for several letters": "Абе п***а, вдигни телефона.",
    "russian": "Пошли нахуй все, сволочь продажная, блять.",
}


@pytest.mark.parametrize("how", HIDDEN)
def test_hidden_letters_do_not_hide_abuse(how: str, view_of: ViewOf) -> None:
    """Signs that nobody sees, other alphabets, strokes, single hyphens."""
    assert _abusive(view_of(HIDDEN[how]))


LOOKS_LIKE = (
    "Цената е 5*3 лв., вижте бележката* под линия и **важното** в т. 4.",
    "Г-н И***в от ул. „К*****а“ не беше открит на адреса.",
    "З А П О В Е Д  № 15, О Б Я В Л Е Н И Е, П О К А Н А за събрание.",
    "Вх. № К.У.Р.-12, служба Е.Б.А., т.к. срокът е изтекъл и т.н.",
    "Please find attached my retirement certificate and the serial number of the pedal.",
    "Пратката е с номер 3БА4П6, паролата е k0ur53, файлът е kurs_2.pdf.",
    "Nosat mu kurvi ot sutrinta, vikahme lineika.",
    "Gazta v bloka mirishe, molq proverete gaza.",
    "Достоевски е написал „Идиот“, а актьорът играе идиота във филма с надпис „Копеле“.",
)


@pytest.mark.parametrize("text", LOOKS_LIKE)
def test_what_only_looks_disguised_is_no_abuse(text: str, view_of: ViewOf) -> None:
    """Footnotes, blanked names, spaced titles, codes, other languages."""
    assert not _abusive(view_of(text))


def test_one_insult_in_a_reasoned_letter_about_others_is_no_abuse(view_of: ViewOf) -> None:
    """The letter has a matter and says it; the reader is not insulted."""
    text = (
        "Улицата пред нашия блок е разкопана от три месеца и в дъжд не може да се мине. Фирмата положи плочките и на "
        "другия ден ги свали, защото беше забравила кабела. Сигурно там работи някой идиот, но вече не ни е до смях: "
        "две възрастни жени паднаха, а линейката не може да стигне до входа. Моля да проверите как се изпълнява."
    )
    assert not _abusive(view_of(text))


def test_evidence_shows_the_words_as_they_are_typed(view_of: ViewOf) -> None:
    """Offsets lead to the disguised words in the letter."""
    text = "Здравейте, г л у п а к такъв, плащам за нищо."
    shown = find_abusive(view_of(text), {}).evidence
    assert [text[one.start : one.end] for one in shown] == ["г л у п а к"]
