"""The organisation in whose name a letter is: with a legal form („Явор ЕООД“), or without („Читалище „Искра – 1927““).

Found are: names with a legal form, kinds of organisations with a name between quotation marks, and in a letterhead or
signature kinds with a name of any shape. The place then says whether it is the sender's own: letterhead, signature,
„от …“, beside its own ЕИК or its representative, „За „…“ ООД:“, in the From field. A company of which the letter
complains is never the sender's.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from mailroom.model.findings import Evidence, Found
from mailroom.understanding.bounds import bounded
from mailroom.understanding.fields import own_value, rows
from mailroom.understanding.folding import name_key
from mailroom.understanding.lexicon import Lexicon
from mailroom.understanding.names import CAPITAL, FULL
from mailroom.understanding.view import View

_MOST = 300
"""Organisations named in a letter that are weighed."""
_QUOTED = r"[„\"«“][^„“”\"«»\n]{2,60}[“”\"»]"
_FIRST = rf"(?:{FULL}|&|[-–]|(?<!\d)\d{{1,6}}(?=[ \t]{{1,3}}[{CAPITAL}]))"
_WORDS = rf"{_FIRST}(?:[ \t]{{1,3}}(?:{FULL}|&|и|\d{{1,6}}|[-–])){{0,4}}"
_BESIDE_NUMBER = re.compile(r"(?i)^\s*[,:·–-]?\s*(?:с\s+)?(?:ЕИК|булстат|eik|vat|ЕФН)\b")
_BESIDE_REPRESENTATIVE = re.compile(r"(?i)^[^\n]{0,80}?\b(?:представляван\w*|чрез управител\w*)\b")
_ROLE_BEFORE = re.compile(
    r"(?i)\b(?:управител|управителка|директор|директорка|председател|председателка|представляващ\w?|представлявам|"
    r"прокурист|представител|собственик|manager|director|from|at)\s*(?:на\s+УС\s+|на\s+съвета\s+)?(?:на|of)?\s*(?:фирма|дружество\w*)?\s*$|"
    r"\b(?:от името на|on behalf of|аз представлявам)\s*$|"
    r"^(?:(?:молба|жалба|заявление|сигнал|искане|предложение|запитване|възражение)\s+)?от\s*:?$|"
    r"^(?:подател|заявител|жалбоподател|вносител|молител|възложител|от)\s*:?\s*(?:фирма|дружество)?$"
)
_FOR_BEFORE = re.compile(r"(?i)^(?:за|от)\s*:?$")
_ASKS = re.compile(
    r"(?i)\s*,?\s*(?:ЕИК\s*\d+\s*,?\s*)?(?:(?:[–-]\s*)?(?:от\s+|в\s+)?(?:(?:с|гр|кв|ж\.к)\.[^.,\n]{1,40}?,?\s)?)?(?:Ви\s+)?"
    r"(?:кан(?:и|ят|им)\b|мол[ия]|желае|заявява|предлага|иска|кандидатства|уведомява)\w*\b"
)
_OURS_BEFORE = re.compile(r"(?i)\b(?:наш\w+|ни)\s+(?:дружество|фирма|сдружение|организация|кооперация|компания)\s*$")
_ADDRESSEE = re.compile(r"^\s*(?:до|to|do|копие|на вниманието|чрез)\b", re.I)
_LAWYERS = re.compile(r"(?i)адвокат")
_NAME_WORDS = 6
_SHORT = 12
"""Words of a line in a letterhead or a signature."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation that the text names, and how much its place says that it is the sender's own."""

    text: str
    start: int
    end: int
    weight: float


_NONE = Organisation("", 0, 0, 0.0)


def find_organisation(view: View, _: Mapping[str, Any]) -> Found[str] | None:
    """The organisation that speaks: of a form, the letterhead, the „от“ line, the signature, or beside its own ЕИК."""
    value = _named(view, own_value(view, "form_organisation"))
    if value:
        return Found(value=value, confidence=0.9, evidence=(Evidence(text=value, why="полето за организация"),))
    best = organisation_of(view)
    if best.weight > 0:
        return Found(value=_unquoted(best.text), confidence=min(1.0, best.weight / 4),
                     evidence=(view.quote(best.start, best.end, "организация, от чието име се пише"),))  # fmt: skip
    display = _display(view)
    shown = organisation_pattern(view.knowledge.lexicon).search(display)
    if shown and view.mailbox is not None:
        return Found(value=_unquoted(shown.group()), confidence=0.6,
                     evidence=(Evidence(text=display, why="полето „От“"),))  # fmt: skip
    return None


def organisation_of(view: View) -> Organisation:
    """The organisation in whose name the letter most likely is; with an empty text and no weight for none."""
    if "organisation" not in view.remembered:
        view.remembered["organisation"] = _weigh(view)
    found: Organisation = view.remembered["organisation"]
    return found


def _weigh(view: View) -> Organisation:
    best = _NONE
    for found in (*_in_rows(view), *islice(_with_form(view), _MOST), *islice(_in_letterhead(view), _MOST)):
        if found.weight > best.weight:
            best = found
    return best


# ---- how they are written --------------------------------------------------------------------------------------------


def organisation_pattern(lexicon: Lexicon) -> re.Pattern[str]:
    """A name with its legal form, or a kind of organisation with a name between quotation marks."""
    return _pattern(lexicon.list("sender.legal_forms"), lexicon.list("sender.organisations"))


@lru_cache(maxsize=4)
def _pattern(legal_forms: tuple[str, ...], kinds: tuple[str, ...]) -> re.Pattern[str]:
    forms, named = _longest(legal_forms), _longest(kinds)
    return re.compile(
        rf"(?:{_QUOTED}|{_WORDS})[ \t]{{0,3}},?[ \t]{{0,3}}\b(?:{forms})\b(?!\.\w)|"
        rf"\b(?:ЕТ|СД)[ \t]+(?:{_QUOTED}|{_WORDS})|\b(?:СНЦ|ЮЛНЦ)[ \t]+{_QUOTED}|"
        rf"\b(?i:{named})(?:[ \t]+(?i:при|към)[ \t]+(?i:{named}))?[ \t]+{_QUOTED}"
        rf"(?:[ \t]{{0,3}},?[ \t]{{0,3}}(?:{forms})\b)?"
    )


@lru_cache(maxsize=4)
def _letterhead_pattern(kinds: tuple[str, ...]) -> re.Pattern[str]:
    """A kind with a name of any shape, to the end of its line or to what separates it from an address."""
    inside = r"(?:[^\W_]|[ \t&’'.-]|[–](?=[ \t]?\d)|[„“”\"«»])"
    return re.compile(
        rf"[ \t]{{0,60}}[„\"“]?(?:(?i:за|от|for)[ \t]+)?(?P<name>(?i:{_longest(kinds)})"
        rf"(?P<rest>[ \t]+(?:на[ \t]+)?(?=[„\"«“№]?[{CAPITAL}]){inside}{{2,60}}?))"
        rf"(?=[ \t]*(?:$|[,;:·|(]|[–-][ \t]|\d{{4}}[ \t]|[ \t]{{3}}))"
    )


@lru_cache(maxsize=4)
def _two_lines_pattern(kinds: tuple[str, ...]) -> re.Pattern[str]:
    """A letterhead with the kind in one line and the name in the next, an address beside each."""
    return re.compile(rf"(?m)^[ \t]{{0,60}}(?P<kind>(?i:{_longest(kinds)}))(?![^\W\d_])[^\n]{{0,80}}\n[ \t]{{0,60}}"
                      rf"(?P<name>{_QUOTED})")  # fmt: skip


def _longest(words: tuple[str, ...]) -> str:
    return "|".join(sorted((re.escape(word) for word in words), key=len, reverse=True))


def _in_rows(view: View) -> Iterator[Organisation]:
    """„Фирма: „Снежанка“ ЕООД, 117000321“ of a form whose fields stand in the text."""
    if view.letter.form_fields:
        return
    for start, value in rows(view, "form_organisation"):
        name = _named(view, value)
        if name:
            yield Organisation(name, start, start + len(value), 4.0)


def _with_form(view: View) -> Iterator[Organisation]:
    pattern = organisation_pattern(view.knowledge.lexicon)
    for start, end in _likely_lines(view):
        for match in pattern.finditer(view.clear, start, end):
            yield Organisation(match.group(), match.start(), match.end(), _weight(view, match.start(), match.end()))


def _likely_lines(view: View) -> list[tuple[int, int]]:
    """Start and end of the lines with a word of a legal form or of a kind: the patterns are dear, and most letters have
    none."""
    lexicon = view.knowledge.lexicon
    words = _telling_words(lexicon.list("sender.legal_forms"), lexicon.list("sender.organisations"))
    found: list[tuple[int, int]] = []
    for word in view.words.words:
        if word.plain in words and (not found or word.start >= found[-1][1]):
            end = view.clear.find("\n", word.end)
            found.append((view.clear.rfind("\n", 0, word.start) + 1, end if end >= 0 else len(view.clear)))
    return found


@lru_cache(maxsize=4)
def _telling_words(legal_forms: tuple[str, ...], kinds: tuple[str, ...]) -> frozenset[str]:
    """The longest word of each, in plain form."""
    return frozenset(max(re.findall(r"[^\W_]+", name.lower()), key=len) for name in (*legal_forms, *kinds, "ЕТ", "СД"))


def _in_letterhead(view: View) -> Iterator[Organisation]:
    """Kinds with a name of any shape: in head and tail alone, where the line holds little else."""
    kinds = view.knowledge.lexicon.list("sender.organisations")
    for match in _two_lines_pattern(kinds).finditer(view.clear, 0, _head_end(view)):
        text = f"{match.group('kind')} {match.group('name')}"
        yield Organisation(text, match.start("kind"), match.end("name"), 2.0)
    head, tail = _head_end(view), _tail_start(view)
    for line_start, line_end in _likely_lines(view):
        if line_start < head or line_start >= tail:
            yield from _letterhead_line(view, _letterhead_pattern(kinds).match(view.clear, line_start, line_end))


def _letterhead_line(view: View, match: re.Match[str] | None) -> Iterator[Organisation]:
    if match is None or _LAWYERS.match(match.group("name")) or len(match.group("rest").split()) > _NAME_WORDS:
        return
    own = _weight(view, *match.span("name"))
    if own and re.search(rf"[{CAPITAL}\d]", match.group("rest")):
        yield Organisation(match.group("name"), *match.span("name"), own - 0.1)


# ---- whose it is -----------------------------------------------------------------------------------------------------


def _weight(view: View, start: int, end: int) -> float:
    """How much its place says that it is the sender's own; 0 for not at all."""
    line_start, line_end = view.line_around(start, end)
    line = view.clear[line_start:line_end]
    if _ADDRESSEE.match(line):
        return 0.0
    before, after = view.clear[line_start:start].strip(), line[end - line_start :]
    at_edge = start < _head_end(view) or start >= _tail_start(view)
    signs = (
        bool(_BESIDE_NUMBER.search(after)),
        at_edge and bool(_BESIDE_REPRESENTATIVE.search(after)),
        bool(_ROLE_BEFORE.search(before)),
        at_edge and bool(_FOR_BEFORE.search(before)),
        bool(_ASKS.match(after)),
        bool(_OURS_BEFORE.search(before)),
        _is_mailbox_of(view, view.clear[start:end]),
    )
    weight = 3.0 * sum(signs)
    short = len(line.split()) <= _SHORT or "·" in line
    if short and at_edge and not before:
        weight += 2 if line_start == 0 or start >= _tail_start(view) or "·" in line else 1.5
    return weight


def _is_mailbox_of(view: View, text: str) -> bool:
    """Whether the From field shows this organisation's name."""
    shown, named = name_key(_display(view)), name_key(_bare(view, text))
    return len(shown) > 4 and len(named) > 4 and (shown in named or named in shown)


def _bare(view: View, text: str) -> str:
    """The name without quotation marks, kind and legal form."""
    forms = view.knowledge.lexicon.list("sender.legal_forms")
    return " ".join(word for word in _unquoted(text).split() if word not in forms)


def _display(view: View) -> str:
    """The display name of the From field."""
    if view.citizen_head is None:
        return ""
    return bounded(next((box.name for box in view.citizen_head.from_ if box.name), "")[:200])


def _head_end(view: View) -> int:
    return view.lines[view.body_start].start if view.body_start < len(view.lines) else len(view.clear)


def _tail_start(view: View) -> int:
    return view.lines[view.tail_start].start if view.tail_start < len(view.lines) else len(view.clear)


def _named(view: View, value: str) -> str:
    """The organisation in a form's field: with its legal form where it has one, without its number."""
    value = value.split("\n", 1)[0]
    known = organisation_pattern(view.knowledge.lexicon).match(value)
    text = known.group() if known else re.split(r"[,;]?\s*(?:ЕИК|[Бб]улстат)\b|[,;]\s*\d{9}", value, maxsplit=1)[0]
    return _unquoted(text) if re.search(r"[^\W\d_]{2}", text) else ""


def _unquoted(name: str) -> str:
    return " ".join(re.sub(r"[„“”\"«»]", "", name).replace(" ,", ",").split()).strip(" ,")
