"""How organisations are written: with a legal form („Явор ЕООД“), or as a kind with its name („Читалище „Искра““)."""

import re
from functools import lru_cache

from mailroom.understanding.lexicon import Lexicon
from mailroom.understanding.names import CAPITAL, FULL
from mailroom.understanding.view import View

QUOTED = r"[„\"«“][^„“”\"«»\n]{2,60}[“”\"»]"
ARTICLES = ("та", "то", "те", "ът", "ят", "а", "я")
COMPANIES = frozenset({"дружество", "предприятие", "кооперация"})
"""Words that say no more than the legal form does."""
_SHORTEST_NOUN = 3
"""Letters of an abbreviation at most, which takes no article."""
_NO_NAME = r"(?!(?i:образец|формуляр|бланка|приложение)\b)"
"""„Образец СД-07“ heads a form."""
_NO_OPENING = r"(?!(?i:към|чрез|копие|относно|моля|нашето|нашата|нашият|уважаем\w*|това|тази)\b)"
"""„Мото клуб „Белица““ is named so, „Чрез клуб „Белица““ is not."""
_FIRST = rf"(?:{FULL}|&|[-–]|(?<!\d)\d{{1,6}}(?=[ \t]{{1,3}}[{CAPITAL}]))"
_OF_SOMETHING = (
    r"(?i:за|по|на)[ \t]+(?!(?i:ул|бул|кв|жк|гр|пл|улица|квартал|площад|село|град|блок|спирка)\b)"
    r"(?:(?i:[а-я]){3,20}[ \t]+){0,2}(?i:[а-я]){3,20}"
)
"""„клуб по борба „Атлет““, „гимназия по хранителни технологии „Ален мак““."""
_WORDS = rf"{_FIRST}(?:[ \t]{{1,3}}(?:{FULL}|&|и|\d{{1,6}}|[-–])){{0,4}}"


def organisation_pattern(lexicon: Lexicon) -> re.Pattern[str]:
    """A name with its legal form, or a kind of organisation with a name between quotation marks."""
    return _pattern(lexicon.list("sender.legal_forms"), lexicon.list("sender.organisations"))


@lru_cache(maxsize=4)
def _pattern(legal_forms: tuple[str, ...], kinds: tuple[str, ...]) -> re.Pattern[str]:
    forms, named = longest(legal_forms), longest(tuple(kind for kind in kinds if kind not in COMPANIES))
    return re.compile(
        rf"{_NO_NAME}(?:{QUOTED}|{_WORDS})[ \t]{{0,3}},?[ \t]{{0,3}}\b(?:{forms})\b(?!\.\w)|"
        rf"\b(?:ЕТ|СД)[ \t]+(?:{QUOTED}|{_WORDS})|\b(?:СНЦ|ЮЛНЦ)[ \t]+{QUOTED}|"
        rf"\b(?i:{named})(?:[ \t]+(?i:при|към)[ \t]+(?i:{named})|[ \t]+{_OF_SOMETHING})?[ \t]+{QUOTED}"
        rf"(?:[ \t]{{0,3}},?[ \t]{{0,3}}(?:{forms})\b)?|"
        rf"(?m:^){_NO_OPENING}[{CAPITAL}][^\W\d_]{{2,15}}[ \t](?i:{named})[ \t]+{QUOTED}"
        rf"(?:[ \t]{{0,3}},?[ \t]{{0,3}}(?:{forms})\b)?|"
        rf"{QUOTED}(?=[ \t][–-][ \t](?i:{named})[ \t]*(?:[,.]|$|\n))"
    )


@lru_cache(maxsize=4)
def letterhead_pattern(kinds: tuple[str, ...]) -> re.Pattern[str]:
    """A kind with a name of any shape, to the end of its line or to what separates it from an address."""
    inside = r"(?:[^\W_]|[ \t&’'.-]|[–](?=[ \t]?\d)|[„“”\"«»])"
    return re.compile(
        rf"[ \t]{{0,60}}[„\"“]?(?:(?i:за|от|for)[ \t]+)?(?P<name>(?i:{longest(kinds)})"
        rf"(?P<rest>[ \t]+(?:на[ \t]+)?(?=[„\"«“№]?[{CAPITAL}]){inside}{{2,60}}?))"
        rf"(?=[ \t]*(?:$|[,;:·|(]|[–-][ \t]|\d{{4}}[ \t]|[ \t]{{3}}))"
    )


@lru_cache(maxsize=4)
def two_lines_pattern(kinds: tuple[str, ...]) -> re.Pattern[str]:
    """A letterhead with the kind in one line and the name in the next, an address beside each, or with a name that goes
    on in the next line („Дирекция „Управление на собствеността и\\nстопански дейности““)."""
    below = rf"(?![^\W\d_])[^\n]{{0,80}}\n[ \t]{{0,60}}(?P<name>(?:{_OF_SOMETHING}[ \t]+)?{QUOTED})"
    over = r"[ \t]+(?P<broken>[„\"«“][^„“”\"«»\n]{2,60}\n{1,2}[ \t]{0,60}[^„“”\"«»\n]{2,60}[“”\"»])"
    return re.compile(rf"(?m)^[ \t]{{0,60}}(?P<kind>(?:[{CAPITAL}][^\W\d_]{{3,20}}[ ])?(?i:{longest(kinds)}))"
                      rf"(?:{over}|{below})")  # fmt: skip


@lru_cache(maxsize=4)
def above_pattern(kinds: tuple[str, ...]) -> re.Pattern[str]:
    """A letterhead with the kind alone in the line below the name („КЪНЕВ И СЪДРУЖНИЦИ“, „Адвокатско дружество“)."""
    name = rf"[„\"«“]?(?P<name>[{CAPITAL}][^„“”\"«»\n]{{3,60}})[“”\"»]?"
    return re.compile(
        rf"\s{{0,20}}{name}[ \t]*\n{{1,2}}[ \t]{{0,60}}(?P<kind>(?i:{longest(kinds)}))[ \t]*(?=\n)")


def longest(words: tuple[str, ...]) -> str:
    return "|".join(sorted((re.escape(word) for word in words), key=len, reverse=True))


def likely_lines(view: View) -> list[tuple[int, int]]:
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
    plain = {max(re.findall(r"[^\W_]+", name.lower()), key=len) for name in (*legal_forms, *kinds, "ЕТ", "СД")}
    return frozenset(plain | {name + article for name in plain for article in ARTICLES if len(name) > _SHORTEST_NOUN})


