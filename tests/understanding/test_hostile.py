"""Text that nobody typed and somebody may send: the work on it is bounded, and what stands around it is still read.

No time is asserted. Where the work grows with the square of the text these take minutes, and pytest-timeout ends them.
"""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailroom.model.letter import Letter, Mailbox, MailHead
from mailroom.model.pack import Pack
from mailroom.understanding.bounds import bound
from mailroom.understanding.knowledge import Knowledge
from mailroom.understanding.understand import understand

LENGTH = 150_000
TOKENS = (
    "x", "1", "а", "А", "N", "ѝ", "١", " ", "\n", "\t", "@", ".", "-", "„", "*", "?", "(", ",", "_", "&", "\u0301",
    "1 ", "а ", "А. ", "0888 ", "12.03.2026 ", "№ ", "/ ", "a.", "0-", "а@а", "k*r", "1ЕГН: ", "Име: ", "От: а\n",
    "ООД ",
    "„Иван“ ООД ", "ул. ", "бл. 1 ", "ул. бл. вх. ", "гр. Русе, ", "ж.к. Иван ", "Иван ", "Иван Петров\n", "http://a ",
    "чрез ", "от името на ", "вх. № 1 ", "на ", "ЕГН ", "12.03.2026\n", "Иван Петров, тел. 0888123456\n",
    "С уважение,\nИван Петров\nул. Борисова 12\n", "\n \n", "а, ", "живущ в гр. Русе, ул. Иван Вазов № 1, ",
)  # fmt: skip


def letter_with(text: str, *, mail: bool) -> Letter:
    """A letter of this text, by mail or on paper."""
    head = MailHead(from_=(Mailbox(name=text[:5000], address="a@mail.example"),)) if mail else None
    return Letter(channel="email" if mail else "paper", media_type="message/rfc822" if mail else "application/pdf",
                  head=head, subject=text[:5000], text=text, quoted=text[: LENGTH // 3])  # fmt: skip


@pytest.mark.parametrize("token", TOKENS, ids=repr)
def test_repeated_text_ends(token: str, knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """A text of one thing over and over is understood like any other: as a letter."""
    text = (token * (LENGTH // len(token) + 1))[:LENGTH]
    findings = understand(letter_with(text, mail=len(token) % 2 == 0), packs["ruse"], knowledge)
    assert findings.abusive.value is False


@pytest.mark.long
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tokens=st.lists(st.sampled_from(TOKENS), min_size=2, max_size=5), mail=st.booleans())
def test_mixed_text_ends(tokens: list[str], mail: bool, knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """So is any mixture."""
    unit = "".join(tokens)
    text = (unit * (LENGTH // len(unit) + 1))[:LENGTH]
    assert understand(letter_with(text, mail=mail), packs["sofia"], knowledge).kind.confidence >= 0


@pytest.mark.parametrize("filling", ["x" * 100_000, "1" * 100_000, "\n" * 100_000, "а б в " * 20_000])
def test_letter_around_it_is_still_read(filling: str, knowledge: Knowledge, packs: dict[str, Pack]) -> None:
    """What the citizen wrote before and after is understood, and evidence quotes it where it stands."""
    text = (
        f"Пред блока зее отворена шахта без капак.\n\n{filling}\n\nС уважение,\nМария Стоева\nгр. Русе, ул. „Рила“ № 4"
    )
    findings = understand(letter_with(text, mail=False), packs["ruse"], knowledge)
    assert findings.health_safety.value is True
    assert findings.sender_name is not None
    assert findings.sender_name.value == "Мария Стоева"
    shown = findings.sender_name.evidence[0]
    assert text[shown.start : shown.end] == shown.text


@given(text=st.text(alphabet="аб .\n", max_size=400).map(lambda text: text * 130))
def test_what_is_left_is_found_again(text: str) -> None:
    """Every piece of what is looked at stands in the whole text where the bounds say."""
    looked_at = bound(text)
    assert len(looked_at.text) <= 48_002
    for start in range(0, len(looked_at.text), 997):
        span = looked_at.original(start, start + 1)
        assert span is not None
        assert text[span[0] : span[1]] == looked_at.text[start] or looked_at.text[start] in " \n"


def test_typed_text_stays() -> None:
    """Nothing is left out of a text as people type it."""
    text = "Уважаеми г-н Кмет,\n\nпиша Ви за улицата. " * 500
    assert bound(text).text == text
