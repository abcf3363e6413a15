"""Whether a letter that came answers one of ours, or carries it: by its thread, its subject, or our own words in it.

A machine that answers everything need not say that it is one, nor name the message that it answers; but what it sends
back has our subject behind „Re:“, or our text, or the same words as its answer before.
"""

import re
from collections.abc import Iterable

from mailroom.model.letter import Letter
from mailroom.model.outgoing import Outgoing

_PREFIX = re.compile(
    r"^\s*+(?:(?:re|fw|fwd|aw|antw|sv|odp|отг|отн|относно|отговор|пр|препр|auto(?:matic)?[ -]?reply|auto|"
    r"автоматичен отговор)\s*+(?:(?:\[\d+\]|\(\d+\))\s*+)?:\s*+)+", re.IGNORECASE)
_TELLING = 40
"""Characters of a line of ours that nobody writes by chance."""
_LONGEST_THREAD = 100
"""Message-IDs of one header field that are looked at: more stand in no honest mail."""
_LINES = 2
"""So many telling lines of ours in a letter, and it carries our letter."""


def answered_letter(letter: Letter, written: Iterable[Outgoing]) -> Outgoing | None:
    """The one of our letters that this one answers or carries; null when it is none of these."""
    named = thread_ids(letter)
    subject, words = bare_subject(letter.subject or ""), _folded(f"{letter.text}\n{letter.quoted}")
    return next((ours for ours in written
                 if ours.message_id in named or (subject and subject == bare_subject(ours.subject))
                 or _carries(words, ours.text)), None)


def thread_ids(letter: Letter) -> frozenset[str]:
    """The Message-IDs that the mail says it answers, its own left out; of a forwarded one, also the mail inside."""
    heads = [head for head in (letter.head, letter.forwarded) if head]
    named = {message_id for head in heads
             for message_id in (*head.in_reply_to[:_LONGEST_THREAD], *head.references[-_LONGEST_THREAD:])}
    return frozenset(named - {letter.head.message_id if letter.head else None})


def same_words(one: Letter, other: Letter, *, numbers: bool) -> bool:
    """Whether both say the same; without `numbers` a machine's numbers and dates may differ."""
    words = _words(one.text, numbers)
    return bool(words) and words == _words(other.text, numbers)


def bare_subject(subject: str) -> str:
    """The subject as it was before anybody answered, for comparing."""
    return _folded(_PREFIX.sub("", subject))


def _carries(words: str, ours: str) -> bool:
    """Whether several lines of ours stand in these words; one would do for a short letter."""
    telling = {line for line in map(_folded, ours.splitlines()) if len(line) >= _TELLING}
    return bool(telling) and sum(line in words for line in telling) >= min(_LINES, len(telling))


def _folded(text: str) -> str:
    """Small letters, with single blanks and without the marks of quoting."""
    return " ".join(re.sub(r"^[>|\s]+", "", text, flags=re.MULTILINE).lower().split())


def _words(text: str, numbers: bool) -> list[str]:
    return re.findall(r"[^\W_]+" if numbers else r"[^\W\d_]+", text.lower())
