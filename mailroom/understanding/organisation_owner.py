"""Whose organisation is it? What the place at which it is named says.

Letterhead, signature, „от …“, „управител на …“, beside its own ЕИК or its representative, „За „…“ ООД:“ and the From
field show the sender's own; one of which the letter complains is nobody's.
"""

import re
from dataclasses import dataclass

from mailroom.folding import name_key
from mailroom.understanding.bounds import bounded
from mailroom.understanding.view import View

_BESIDE_NUMBER = re.compile(r"(?i)^\s*[,:·–-]?\s*(?:с\s+)?(?:ЕИК|булстат|eik|vat|ЕФН)\b")
_BESIDE_REPRESENTATIVE = re.compile(r"(?i)^[^\n]{0,80}?\b(?:представляван\w*|чрез управител\w*)\b")
_ROLE_BEFORE = re.compile(
    r"(?i)\b(?:управител|управителка|директор|директорка|председател|председателка|представляващ\w?|представлявам|"
    r"прокурист|представител|собственик|manager|director|from|at)\s*(?:на\s+УС\s+|на\s+съвета\s+)?(?:на|of|,)?\s*(?:фирма|дружество\w*)?\s*$|"
    r"\b(?:от името на|on behalf of|аз представлявам)\s*$|"
    r"^(?:(?:молба|жалба|заявление|сигнал|искане|предложение|запитване|възражение)\s+)?от\s*:?$|"
    r"^(?:подател|заявител|жалбоподател|вносител|молител|възложител|от)\s*:?\s*(?:фирма|дружество)?$"
)
_PROSE_AFTER = re.compile(r"[ ]+(?!(?:с|гр|ул|бул|кв|при|към|в|на|тел|ет|ап|бл|от|район)\b)[а-я]{2,}")
"""„Читалище „Искра“ ни отказа залата“: the line says something of it."""
_ADDRESS_AFTER = re.compile(r"[,;\d]")
"""„ДГ „Слънце“ – Русе, ул. …“: who writes gives an address."""
_FOR_BEFORE = re.compile(r"(?i)^(?:за|от)\s*:?$")
_ASKS = re.compile(
    r"(?i)\s*,?\s*(?:ЕИК\s*\d+\s*,?\s*)?(?:(?:[–-]\s*)?(?:от\s+|в\s+)?(?:(?:с|гр|кв|ж\.к)\.[^.,\n]{1,40}?,?\s)?)?(?:Ви\s+)?"
    r"(?:кан(?:и|ят|им)\b|мол[ия]|желае|заявява|предлага|кандидатства|уведомява|"
    r"иска(?=\w{0,2}\s+(?:да\s(?!плат|си\s?плат)|по\s+реда|информация|достъп)))\w*\b"
)
_OURS_BEFORE = re.compile(r"(?i)\b(?:наш\w+|ни)\s+(?:дружество|фирма|сдружение|организация|кооперация|компания)\s*$|"
                          r"\b(?:ние|аз|[Нн]ий)\s+(?:сме|съм|от)(?:\s+от)?\s*$")
_ADDRESSEE = re.compile(r"^\s*(?:до|to|do|копие|на вниманието|чрез)\b", re.I)
_SHORT = 12
"""Words of a line in a letterhead or a signature."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation that the text names, and how much its place says that it is the sender's own."""

    text: str
    start: int
    end: int
    weight: float


def weigh(view: View, start: int, end: int) -> float:
    """How much its place says that it is the sender's own; 0 for not at all."""
    line_start, line_end = view.line_around(start, end)
    line = view.clear[line_start:line_end]
    if _ADDRESSEE.match(line) or _is_of_town(view, start):
        return 0.0
    before, after = view.clear[line_start:start].strip(), line[end - line_start :]
    at_edge = start < head_end(view) or start >= tail_start(view)
    signs = (
        bool(_BESIDE_NUMBER.search(after)),
        at_edge and bool(_BESIDE_REPRESENTATIVE.search(after)),
        bool(_ROLE_BEFORE.search(before)),
        at_edge and bool(_FOR_BEFORE.search(before)),
        bool(_ASKS.match(after)),
        bool(_OURS_BEFORE.search(before)),
        is_mailbox_of(view, view.clear[start:end]),
    )
    weight = 3.0 * sum(signs)
    short = len(line.split()) <= _SHORT or "·" in line
    addressee = not _ADDRESS_AFTER.search(after) and to_addressee(view, start)
    if short and at_edge and not before and not addressee and not _PROSE_AFTER.match(after):
        weight += 2 if line_start == 0 or start >= tail_start(view) or "·" in line else 1.5
    return weight


def _is_of_town(view: View, start: int) -> bool:
    """Whether it is a directorate below the name of a municipality, to which the letter goes without „До“."""
    if not _DIRECTORATE.match(view.clear, start):
        return False
    above = [line.text for line in view.lines[: view.line_at(start)] if not line.blank][-1:]
    return any(_MUNICIPALITY.search(text) for text in above)


_DIRECTORATE = re.compile(r"(?i)(?:дирекция|служба|управление|инспекторат)\b")
_MUNICIPALITY = re.compile(r"(?i)\b(?:община|район|кметство|до[ ]*$)")


def is_mailbox_of(view: View, text: str) -> bool:
    """Whether the From field shows this organisation's name."""
    shown, named = name_key(display_name(view)), name_key(_bare(view, text))
    return (len(shown) > 4 and len(named) > 4 and (shown in named or named in shown)) or _is_domain_of(view, text)


def _is_domain_of(view: View, text: str) -> bool:
    """Whether the mail comes from a domain that bears the name between the quotation marks."""
    quoted = _BETWEEN_MARKS.search(text)
    if quoted is None or view.mailbox is None:
        return False
    domain = view.mailbox.address.rpartition("@")[2].lower()[:100]
    if domain in view.knowledge.lexicon.list("sender.public_mail"):
        return False
    named = name_key(quoted.group(1))
    return len(named) >= _LONG_ENOUGH and named in name_key(domain.replace("-", ""))


_BETWEEN_MARKS = re.compile(r"[„\"«“]([^„“”\"«»\n]{2,60})[“”\"»]")
_LONG_ENOUGH = 6
"""Letters of a name that no domain bears by chance."""


def _bare(view: View, text: str) -> str:
    """The name without quotation marks, kind and legal form."""
    forms = view.knowledge.lexicon.list("sender.legal_forms")
    return " ".join(word for word in unquoted(text).split() if word not in forms)


def display_name(view: View) -> str:
    """The display name of the From field."""
    if view.citizen_head is None:
        return ""
    return bounded(next((box.name for box in view.citizen_head.from_ if box.name), "")[:200])


def head_end(view: View) -> int:
    return view.lines[view.body_start].start if view.body_start < len(view.lines) else len(view.clear)


def tail_start(view: View) -> int:
    return view.lines[view.tail_start].start if view.tail_start < len(view.lines) else len(view.clear)


def unquoted(name: str) -> str:
    return " ".join(re.sub(r"[„“”\"«»]", "", name).replace(" ,", ",").split()).strip(" ,")


def asks(text: str, end: int) -> bool:
    """Whether what follows an organisation's name is what it asks of the town."""
    return bool(_ASKS.match(text, end))


def addresses(text: str) -> bool:
    """Whether a line begins with „До …“."""
    return bool(_ADDRESSEE.match(text))


def to_addressee(view: View, start: int) -> bool:
    """Whether the line belongs to „До …“, up to the next blank line."""
    for line in reversed(view.lines[: view.line_at(start) + 1][-_ADDRESSEE_LINES:]):
        if line.blank or _SENDER_AGAIN.match(line.text):
            return False
        if _ADDRESSEE.match(line.text):
            return True
    return False


_ADDRESSEE_LINES = 8
_SENDER_AGAIN = re.compile(r"(?i)\s*(?:от|from|подател)\b")
