"""For whom a lawyer, a relative or a guardian writes."""

import re
from collections.abc import Iterator
from functools import lru_cache

from mailroom.understanding.names import CAPITAL, Name, compatible, fullness, names_in
from mailroom.understanding.organisation_patterns import organisation_pattern
from mailroom.understanding.sender_candidates import BY_LAWYER, FROM_LINE, THROUGH, Candidate, head_lines, placed
from mailroom.understanding.view import View

_BETWEEN = r"[\s,:–-]{1,3}(?:(?:г-н|г-жа|г-ца|mr\.?|mrs\.?|ms\.?)\s+)?"
_THROUGH_REACH = 120
_LEAST = 0.2
"""Certainty of a name after words that announce a person: a foreign one will do."""


def client_of(view: View) -> Candidate | None:
    """Who is spoken for, in the fullest form that the text gives; null when everybody speaks for himself."""
    return view.once("client", _find_client)


def _find_client(view: View) -> Candidate | None:
    found = [*_through_lawyer(view), *_spoken_for(view), *_named_relative(view)]
    if not found:
        return None
    best = max(found, key=lambda c: c.weight)
    return max((c for c in found if compatible(c.name, best.name)), key=lambda c: fullness(c.name))


def _through_lawyer(view: View) -> Iterator[Candidate]:
    """„от …, чрез …“ in the head, or further down under a covering text."""
    head = len(head_lines(view))
    for index, line in enumerate(view.lines):
        match = FROM_LINE.match(line.text)
        if not match:
            continue
        names = names_in(line.text[match.end() :], view.knowledge)
        head_text = view.clear[line.start : line.end + _THROUGH_REACH]
        through = THROUGH.search(head_text) or BY_LAWYER.search(head_text)
        heirs = names and _HEIRS.search(line.text, match.end(), match.end() + names[0].start)
        if through and names and not heirs and names[0].start <= (60 if index < head else 4):
            yield placed(names[0], line.start + match.end(), 9, "„от …, чрез …“")


_HEIRS = re.compile(r"(?i)\bнаследни\w+[ ](?:на[ ])?")
"""„от наследниците на Петър Илиев, чрез …“: nobody writes for the dead."""


def _spoken_for(view: View) -> Iterator[Candidate]:
    """The name after „пълномощник на“, „от името на майка ми“, „доверителят ми“."""
    lexicon = view.knowledge.lexicon
    pattern = _acting(lexicon.list("sender.acting_for"), lexicon.list("sender.acting_as"),
                      lexicon.list("sender.relatives"), lexicon.list("sender.clients"),
                      lexicon.list("sender.signing_kin"))  # fmt: skip
    for match in pattern.finditer(view.clear):
        name = _person_at(view, match.end())
        if name is not None:
            yield placed(name, match.end(), 6, "за кого се пише")


def _named_relative(view: View) -> Iterator[Candidate]:
    """„Пиша от името на майка ми. … Майка ми се казва …“: the name comes later."""
    lexicon = view.knowledge.lexicon
    relatives = lexicon.list("sender.relatives")
    spoken = _relative_alone(lexicon.list("sender.acting_for"), relatives).search(view.clear)
    if spoken is None and not _INSTEAD.search(view.clear):
        return
    kin = re.escape(spoken.group("kin")) if spoken else f"(?:{_alternatives(relatives)})"
    for match in re.finditer(rf"(?i)\b{kin}\w{{0,3}}\s+(?:ми|си|mi|si){_BETWEEN}(?:се казва|казва се|е|на име)?\s*",
                             view.clear):  # fmt: skip
        name = _person_at(view, match.end())
        if name is not None:
            yield placed(name, match.end(), 5, "за кого се пише")


_INSTEAD = re.compile(
    r"(?i)\b(?:пиша|питам|моля|подавам|попълвам|пускам|pi6a|pisha|pitam)\s+(?:\w+\s+)?(?:вместо|vmesto)\s+"
    r"(?:него|нея|nego|neia|neq|neya)\b|"
    r"\bкато\s+(?:неин|нейн|негов)\w?\s+(?:дъщеря|син|внук|внучка|снаха|зет|сестра|брат|съпруга?)\b|"
    r"\bаз\s+(?:му|ѝ|й|им)\s+(?:пиша|попълвам|подавам)\b|\bот\s+(?:негово|нейно|тяхно)\s+име\b")
"""„Дядо ми Х. … Той не чува, затова питам аз вместо него“."""


def _person_at(view: View, start: int) -> Name | None:
    """A likely name of a person, and of no company, that begins here."""
    rest = view.clear[start : start + 60]
    rest = (rest if rest[:1] != "\n" else rest[1:]).split("\n")[0]
    names = names_in(rest, view.knowledge)
    if not names or names[0].start >= 4 or names[0].certainty < _LEAST:
        return None
    return None if organisation_pattern(view.knowledge.lexicon).match(rest, names[0].start) else names[0]


def _alternatives(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+").replace(r"\*", r"\w*")
                    for word in sorted(words, key=len, reverse=True))  # fmt: skip


@lru_cache(maxsize=4)
def _acting(acting_for: tuple[str, ...], acting_as: tuple[str, ...], relatives: tuple[str, ...],
            clients: tuple[str, ...], signing_kin: tuple[str, ...]) -> re.Pattern[str]:  # fmt: skip
    offices = tuple(word for word in acting_as if not word.startswith(signing_kin))
    kin, client = _alternatives(relatives), _alternatives(clients)
    whose = r"(?:ми|си|ни|mi|si|ѝ|й|му)"
    as_whom = (
        rf"(?:(?:като|в\s+качеството\s+(?:(?:ми|си|ни)\s+)?на|действа\w*)\s+(?:[^\W\d_]{{2,20}}\s+){{0,3}}?"
        rf"(?:{_alternatives(acting_as)})|съм\s+(?:[^\W\d_]{{2,20}}\s+){{0,3}}?(?:{_alternatives(offices)}))"
        rf"[^\W\d_]{{0,3}}\s+(?:и\s+[^\n,.]{{3,40}}?\s+)?на"
    )  # „аз съм майка на …“ says who writes, and not for whom
    described = (
        rf"(?:\s+(?:{whose}|мо\w{{1,4}}|наш\w{{1,4}}|непълнолетн\w*|малолетн\w*|възрастн\w*|болн\w*|лежащ\w*|"
        rf"лицето|гражданин\w*|гражданк\w*|{kin}|{client})\b){{0,5}}"
    )
    granted = (
        r"(?:издад|отпусн|разреш|предостав|определ|направ)\w*\s+(?:[^\W\d_]{2,20}\s+){0,4}?на"
        rf"(?=\s+(?:(?:{kin}|{client})\s+{whose})\b)"
    )
    of_mine = rf"(?:{client})\s+{whose}|мо(?:ят|я|ята)\s+(?:{client})"
    return re.compile(
        rf"(?i:\b(?:{_alternatives(acting_for)}|{as_whom}|{granted}){described}|\b(?:{of_mine})(?:\s+се\s+казва)?)"
        rf"(?i:{_BETWEEN})(?=[„\"]?[{CAPITAL}])"
    )


@lru_cache(maxsize=4)
def _relative_alone(acting_for: tuple[str, ...], relatives: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?i)\b(?:{_alternatives(acting_for)}|пиша\s+(?:\w+\s+)?(?:за|вместо))\s+"
                      rf"(?:\w+\s+)?(?P<kin>{_alternatives(relatives)})\b")  # fmt: skip
