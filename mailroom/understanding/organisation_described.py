"""Organisations told by a kind and what describes it („Столична организация на Съюза на пенсионерите“), by letters and
a name („ТПК „Напредък““), or after the role of the one who signs („главен редактор на в. „Нов ден““)."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from mailroom.understanding.names import CAPITAL, names_in
from mailroom.understanding.organisation_owner import (
    Organisation,
    addresses,
    asks,
    head_end,
    is_mailbox_of,
    tail_start,
    to_addressee,
)
from mailroom.understanding.organisation_patterns import (
    ARTICLES,
    COMPANIES,
    QUOTED,
    likely_lines,
    longest,
    organisation_pattern,
)
from mailroom.understanding.view import View

_ADJECTIVE = (
    r"(?i:[а-я]{2,20}(?:ск(?:и(?:ят|я)?|а(?:та)?|о(?:то)?)|ен|н(?:ия|ият|а(?:та)?|о(?:то)?)|"
    r"в(?:а(?:та)?|о(?:то)?)|к(?:а(?:та)?|о(?:то)?)))"
)
_MOST_WORDS = 14
"""Words of a described name."""
_ABBREVIATION = 3
"""Letters of a word whose dot ends no sentence („св.“)."""
_OPENING = 300
"""Characters of the prose in which an organisation that writes says who it is."""
_PLACE_AFTER = re.compile(r"(?<! )[ ]++(?:(?:[–-]|в|във|от)[ ]++(?:с|гр)\.|край)[ ]")
_PLACE_ALONE = re.compile(r"(?:[–-][ ]*)?(?:в[ ])?(?:с|гр)\.[ ]?[^\W\d_]+(?:[ ][^\W\d_]+)?$")
_DEFINITE = ((re.compile(r"ск(?:ият|ия)$"), "ски"), (re.compile(r"н(?:ият|ия)$"), "ен"), (re.compile(r"ата$"), "а"),
             (re.compile(r"ото$"), "о"))  # fmt: skip
_LONG_ADJECTIVE = 7
"""Letters of an adjective that may end in an article."""
_DASH = re.compile(r"[–-]$")


@lru_cache(maxsize=4)
def _described_pattern(kinds: tuple[str, ...]) -> re.Pattern[str]:
    """A kind with the adjectives before it, with or without its article."""
    named = sorted(kinds, key=len, reverse=True)
    words = "|".join(re.escape(kind) if kind.isupper() else rf"(?i:{_with_article(kind)})" for kind in named)
    return re.compile(rf"(?<![\w„\"«“-])(?P<adjectives>(?:{_ADJECTIVE}[ ]){{0,3}})(?P<kind>{words})"
                      rf"(?P<article>(?:{'|'.join(ARTICLES)})?)(?![\w-])")  # fmt: skip


def _with_article(kind: str) -> str:
    """A pattern for „ученически съвет“ that fits „ученическия съвет“ too."""
    adjective, blank, noun = kind.partition(" ")
    if not blank:
        return re.escape(kind)
    stem = re.escape(adjective.removesuffix("ен"))
    ending = "(?:ен|ния|ният)" if adjective.endswith("ен") else "(?:ят|я|та|то|те)?"
    return rf"{stem}{ending}[ ]{re.escape(noun)}"


def described(view: View) -> Iterator[Organisation]:
    """„Столична организация на Съюза на пенсионерите моли …“: a kind with what describes it, in whose name the letter
    begins, of which the signer is the head, or that is a line of letterhead or signature."""
    lexicon = view.knowledge.lexicon
    pattern = _described_pattern(lexicon.list("sender.organisations"))
    for line_start, line_end in likely_lines(view):
        for match in pattern.finditer(view.clear, line_start, line_end):
            end, follows = _phrase_end(view, match.end(), line_end)
            name = _PLACE_AFTER.split(view.clear[match.start() : end], maxsplit=1)[0].rstrip(" ,;–-")
            own = _weight_described(view, match.start(), match.start() + len(name), follows)
            rest = name[match.end() - match.start() :]
            of_company = match.group("kind").lower() in COMPANIES and organisation_pattern(lexicon).match(rest.strip())
            told = re.search(rf"[{CAPITAL}][^\W\d_]", name if match.group("adjectives") else rest)
            if own > 0 and told and not of_company:
                shown = _indefinite(match) + rest
                yield Organisation(shown, match.start(), match.start() + len(name), own)


def _phrase_end(view: View, start: int, line_end: int) -> tuple[int, str]:
    """Where a name that goes on from here ends, and the verb that follows: before what an organisation does, a role,
    and at the end of its part of the sentence. Inside quotation marks it goes on."""
    lexicon = view.knowledge.lexicon
    verbs = _speech((*lexicon.list("sender.speaks"), *lexicon.list("sender.does")))
    roles = view.knowledge.lexicon.list("sender.roles")
    end, quoted = start, False
    if view.clear[start : start + 1] in _STOPS:
        return start, ""
    for word in islice(_TOKEN.finditer(view.clear, start, line_end), _MOST_WORDS):
        bare = word.group().strip("„“”\"«»()").lower()
        if not quoted and view.knowledge.address_grammar.part_word.match(word.group()):
            return _without_preposition(view.clear, start, end), ""
        if not quoted and (bare.rstrip(".,") in _POSSESSIVES or verbs.fullmatch(bare) or bare.rstrip(",.") in roles):
            return end, "" if bare.rstrip(".,") in _POSSESSIVES else bare
        if not quoted and _DASH.match(word.group()) and not view.clear[word.end() : word.end() + 2].strip().isupper():
            return end, ""
        end = word.end()
        opens = sum(word.group().count(mark) for mark in "„«")
        quoted = (quoted or opens > 0) and not _CLOSES.search(word.group())
        last = word.group()[-1]
        follows = next(iter(view.clear[end : end + 40].split()), "")
        branch = last == "," and follows.isupper() and 1 < len(follows) <= _ABBREVIATION
        if not quoted and not branch and (last in ",;:!?)" or (last == "." and len(bare) > _ABBREVIATION + 1)):
            return end - 1, follows.lower() if last == "," and verbs.fullmatch(follows.lower()) else ""
    return end, ""


def _without_preposition(text: str, start: int, end: int) -> int:
    """The end of a name after which „на ул. …“ follows."""
    match = _PREPOSITION_LAST.search(text, start, end)
    return match.start() if match else end


_STOPS = (".", ";", ":", "!", "?", ")")
_PREPOSITION_LAST = re.compile(r"[ ](?:на|в|във|от|при|до)$")
_TOKEN = re.compile(r"[^\s]{1,60}")
_CLOSES = re.compile(r"[“”\"»]")
_POSSESSIVES = frozenset({
    "ни", "ми", "си", "му", "им", "ѝ", "й", "ви", "е", "са", "съм", "сме", "беше", "бе", "is", "are"})
"""Words that belong to no name and end one."""


@lru_cache(maxsize=4)
def _speech(verbs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(map(re.escape, verbs))})(?:ме|м|т)?")


_SHORT_KIND = re.compile(rf"(?<![\w.-])(?P<kind>[{CAPITAL}]{{2,6}})[ ]{{1,2}}{QUOTED}")
_NO_KINDS = frozenset({
    "УПИ", "ПИ", "ЖК", "УЛ", "БУЛ", "ПЛ", "КВ", "БЛ", "ГР", "ТЕЦ", "АМ", "ПМ", "ЕТ", "СД", "ДО", "ОТ", "ПО"})
"""Words in capitals before a name in quotation marks that are no kind of organisation."""


def headed(view: View) -> Iterator[Organisation]:
    """„ТПК „Напредък““, whatever the letters stand for, and „главен редактор на в. „Нов ден““."""
    for match in _SHORT_KIND.finditer(view.clear):
        if match.group("kind") not in _NO_KINDS:
            line_end = view.line_around(match.start(), match.end())[1]
            _, follows = _phrase_end(view, match.end(), line_end)
            own = _weight_described(view, match.start(), match.end(), follows)
            town = _TOWN_AFTER.match(view.clear, match.end(), line_end)
            end = town.end() if town else match.end()
            yield Organisation(view.clear[match.start() : end], match.start(), end, own)
    lexicon = view.knowledge.lexicon
    for match in _headed_pattern(lexicon.list("sender.heads"), lexicon.list("sender.legal_forms")).finditer(view.clear):
        if not view.knowledge.address_grammar.part_word.search(re.split(r"[„“\"«]", match.group("name"))[0]):
            yield Organisation(match.group("name"), match.start("name"), match.end("name"), 2.9)


_TOWN_AFTER = re.compile(rf"[ ][–-][ ][{CAPITAL}][а-я]{{2,20}}(?=[ ]?(?:[:,.]|$))")
"""„ЛРД „Сокол“ – Хасково:“."""


def letterhead(view: View) -> Iterator[Organisation]:
    """The first line of a letter, whatever it says, when contact data follow and the addressee stands below."""
    head = [line for line in view.lines[: view.body_start] if not line.blank and not _STATE.match(line.text)]
    if len(head) < _LETTERHEAD_LINES or addresses(head[0].text):
        return
    if not any(addresses(line.text) for line in head[2:]) and len(_SMALL_WORD.findall(head[1].text)) > _ABBREVIATION:
        return
    text = head[0].text.strip()
    named = any(name.certainty >= _SURE_NAME for name in names_in(text, view.knowledge))
    words = [word for word in re.findall(r"[^\W\d_]+", text) if len(word) > _ABBREVIATION]
    capital = bool(words) and all(word[0].isupper() for word in words[:2])
    if named or not capital or not 1 < len(text.split()) <= _LETTERHEAD_WORDS or not _CONTACT.search(head[1].text):
        return
    if _NO_LETTERHEAD.match(text) or _CONTACT.search(text):
        return
    start = view.clear.index(text, head[0].start)
    yield Organisation(text, start, start + len(text), 1.4)


_STATE = re.compile(r"(?i)\s*република българия\s*$")
_SMALL_WORD = re.compile(r"(?<![\w.])[а-я]{3,}(?![\w.])")
_LETTERHEAD_LINES = 2
_LETTERHEAD_WORDS = 10
_SURE_NAME = 0.5
_CONTACT = re.compile(
    r"(?i)\bЕИК\b|\bбулстат\b|\bтел\b|\bтелефон\b|\bфакс\b|@|www\.|\b(?:гр|ул|бул|кв)\.|\bж\.\s?к|\b\d{4}\s[А-Я]|"
    r"\bизх\.?\s*№|\bадрес\b")
_NO_LETTERHEAD = re.compile(
    r"(?i)(?:от|до|относно|жалба|молба|сигнал|заявление|искане|предложение|запитване|възражение|приложение|вх|изх|рег|адв|"
    r"адвокат\w*|образец|дата|уважаем\w*|здравейте)\b")


def _indefinite(match: re.Match[str]) -> str:
    """Adjectives and kind without the article that a sentence gives them."""
    words = [*match.group("adjectives").split(), *match.group("kind").split()]
    if len(words) > 1 and len(words[0]) > _LONG_ADJECTIVE:
        for pattern, ending in _DEFINITE:
            words[0] = pattern.sub(ending, words[0])
    return " ".join(words)


def _weight_described(view: View, start: int, end: int, verb: str) -> float:
    if not verb and to_addressee(view, start):
        return 0.0
    line_start, line_end = view.line_around(start, end)
    before, after = view.clear[line_start:start].strip(), view.clear[end:line_end].strip(" .,;:·|")
    opens = not before or before.endswith((".", "!", "?", "!,"))
    head = head_end(view)
    speaks = bool(verb) and opens and start < head + _OPENING and (
        bool(_speech(view.knowledge.lexicon.list("sender.speaks")).fullmatch(verb)) or _head_signs(view)
        or asks(view.clear, end))
    own = bool(_heads(view).search(before)) or (bool(_FOR.fullmatch(before)) and start >= tail_start(view))
    weight = 3.2 * speaks + 3.0 * own + 3.0 * is_mailbox_of(view, view.clear[start:end])
    alone = not after or bool(_PLACE_ALONE.match(after))
    if alone and not view.clear[start].islower() and (start < head or start >= tail_start(view)):
        weight += 2.0 if not before or before.endswith((",", "·", "|")) else 0.0
    return weight


_FOR = re.compile(r"(?i)(?:за|от|for)\s*:?")


def _head_signs(view: View) -> bool:
    """Whether one of the roles in which somebody speaks for an organisation stands in the last lines."""
    tail = view.clear.rstrip()[-_SIGNATURE:].lower()
    lexicon = view.knowledge.lexicon
    roles = (*lexicon.list("sender.heads"), *lexicon.list("sender.roles"))
    named = bool(_signs_for(lexicon.list("sender.organisations")).search(tail))
    return named or not {word.strip(",.:;") for word in tail.split()}.isdisjoint(roles)


@lru_cache(maxsize=4)
def _signs_for(kinds: tuple[str, ...]) -> re.Pattern[str]:
    """„За сдружението:“ above a signature."""
    articles = "|".join(ARTICLES)
    return re.compile(rf"(?m)^[ \t]*(?:за|от[ ]името[ ]на)[ ](?i:{longest(kinds)})(?:{articles})[ ]?[:,]?[ \t]*$")


_SIGNATURE = 120
"""Characters at the end of a letter in which its signature stands."""


def _heads(view: View) -> re.Pattern[str]:
    """„председател съм на“, „от името на“ before an organisation."""
    return _heads_pattern(view.knowledge.lexicon.list("sender.heads"))


@lru_cache(maxsize=4)
def _heads_pattern(heads: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(map(re.escape, sorted(heads, key=len, reverse=True)))
    ours = r"(?:[ ]наш(?:ето|ата|ия))?$"
    return re.compile(rf"(?i){_SPEAKER}(?:{words})(?:[ ]съм)?[ ](?:на|в|във|при|към|за|of|at|for){ours}|"
                      rf"(?<!\w)(?:от[ ]името[ ]на|on[ ]behalf[ ]of|представлявам){ours}")  # fmt: skip


_SPEAKER = (
    r"(?:^|(?<=[,–(-])[ ]?|"
    r"(?<!\w)(?:като|в[ ]качеството[ ](?:си|ми)[ ]на|съм|аз|as|i[ ]am)[ ](?:[^\W\d_]{2,20}[ ]){0,2})"
)
"""Before a role that somebody says of himself; „конкурсът за директор на …“ says it of nobody."""


_MEDIA = "сайта|портала|канала|блога|изданието|медията"
"""„репортер в сайта „Нов ден““: the name is what stands between the quotation marks."""


@lru_cache(maxsize=4)
def _headed_pattern(heads: tuple[str, ...], legal_forms: tuple[str, ...]) -> re.Pattern[str]:
    named = rf"(?:(?!{_MEDIA})[^\W\d_]{{1,20}}\.?[ ]){{0,2}}{QUOTED}(?:[ ](?:{longest(legal_forms)})\b)?"
    return re.compile(rf"(?m:{_SPEAKER})(?i:{longest(heads)})(?:[ ]съм)?[ ](?:на|в|във|при|към)[ ]"
                      rf"(?:(?:{_MEDIA})[ ])?(?P<name>{named})")  # fmt: skip
