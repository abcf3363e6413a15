"""How the citizen asks to be answered."""

import re
from collections.abc import Mapping
from typing import Any

from mailroom.model.findings import AnswerChannel, Evidence, Found
from mailroom.understanding.composition import is_denied
from mailroom.understanding.view import View

_FIELD_VALUES = (
    (AnswerChannel.EMAIL, re.compile(r"(?i)e-?mail|мейл|имейл|електрон|ел\. ?поща|email")),
    (AnswerChannel.PHONE, re.compile(r"(?i)телефон|обажд|phone|telefon|gsm")),
    (AnswerChannel.POST, re.compile(r"(?i)поща|писмо|адрес|post|куриер")),
)
_TO_AN_ADDRESS = re.compile(
    r"(?i)\b(?:отгов\w*|пишете|изпрат\w*|пратете|уведом\w*|otgov\w*|pi[sш6]\w*|reply|answer|write)\b[^\n.@]{0,50}?"
    r"\s(?:на|до|to|at|na|:)\s*(?P<address>[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{2,64})"
)
"""„Отговор очаквам на …@…“."""


_TO_A_HOUSE = re.compile(
    r"(?i)\b(?:пишете|отговорете|отговор\w*|изпрат\w+|пратете|pi[sш6]h?ete|otgovor\w*)\s(?:[^\n.@!?]{0,30}\s)?(?:на|до|na|do)\s+"
    r"(?:адрес[: ]{1,2})?(?P<house>(?:ул|бул|ж\.?\s?к|кв|гр|бл|ul|bul|jk)\.\s?[„\"]?\w)"
)
"""„Пишете ми на ул. …“."""

_TO_A_NUMBER = re.compile(
    r"(?i)(?<!не )(?<!не ме )(?<!не ми )(?<!не ни )\b(?:(?:по)?питайте|(?:по)?търс(?:ете|ите|ят)|намерете|хванете|"
    r"свържете|(?:по|из)?звън(?:ете|нете|ите|яйте)|обад(?:ете|ите)|обаждайте|"
    r"(?:call|ring|phone) (?:me|us)|zv[aun]+ete|obadete)\b"
    r"[^\n.!?;\d]{0,40}?[:\s](?:\+|00)?\(?\d[\d ()/.–-]{4,20}\d"
)
"""„Каквото липсва, питайте на 0887 …“."""
_OTHERS = re.compile(r"(?i)фирм|полици|диспечер|собственик|управител|съсед|майстор|шофьор|112|кмет")
"""Who is to be called there is not the writer."""


def find_preferred_channel(view: View, _: Mapping[str, Any]) -> Found[AnswerChannel] | None:
    """The channel of a form's field, or the one asked for in words; of several wishes the last counts.

    „Не ми звънете“ is no wish for a call.
    """
    value = view.form_value("form_channel")
    for channel, pattern in _FIELD_VALUES:
        if value and pattern.search(value):
            return Found(value=channel, confidence=0.95, evidence=(Evidence(text=value, why="поле на формуляра"),))
    seen = [s for s in view.seen("channel") if not s.in_subject and not is_denied(s.words.words, s.hit.first)]
    if not seen:
        return _asked_to_an_address(view) or _asked_to_a_house(view) or _asked_to_a_number(view)
    last = max(seen, key=lambda sighting: (sighting.hit.weight, sighting.hit.first))
    return Found(value=AnswerChannel(last.hit.name), confidence=0.85, evidence=(view.evidence(last, around=6),))


def _asked_to_an_address(view: View) -> Found[AnswerChannel] | None:
    match = _TO_AN_ADDRESS.search(view.clear)
    if match is None:
        return None
    shown = view.quote(match.start(), match.end(), "иска отговор на електронен адрес")
    return Found(value=AnswerChannel.EMAIL, confidence=0.8, evidence=(shown,))


def _asked_to_a_house(view: View) -> Found[AnswerChannel] | None:
    match = _TO_A_HOUSE.search(view.clear)
    if match is None:
        return None
    shown = view.quote(match.start(), match.end(), "иска отговор на пощенски адрес")
    return Found(value=AnswerChannel.POST, confidence=0.8, evidence=(shown,))


def _asked_to_a_number(view: View) -> Found[AnswerChannel] | None:
    match = _TO_A_NUMBER.search(view.clear)
    if match is None or _OTHERS.search(match.group()):
        return None
    shown = view.quote(match.start(), match.end(), "иска да го търсят на телефон")
    return Found(value=AnswerChannel.PHONE, confidence=0.8, evidence=(shown,))
