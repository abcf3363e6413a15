"""Who speaks: the person, and for whom. The order of work:

1. candidates, each with how strongly its place says that it is the sender's (sender_candidates.py);
2. the person for whom somebody else writes is not the one who speaks (represented.py);
3. an organisation's name is no person's (organisation.py);
4. the strongest is taken, in the fullest form in which the letter gives it („К. Тасев“ becomes „Калоян Видев Тасев“);
5. a From field or a certificate that names somebody else stays beside it as evidence, for a person to judge.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any

from mailroom.folding import name_key
from mailroom.model.findings import Evidence, Found
from mailroom.understanding.names import (
    FULL,
    compatible,
    ends_as_surname,
    fullness,
    is_borne,
    mend_misread,
    names_in,
    tidy,
)
from mailroom.understanding.organisation import organisation_of
from mailroom.understanding.represented import client_of
from mailroom.understanding.sender_candidates import Candidate, candidates_in, header_name
from mailroom.understanding.view import View

_MOST = 300
"""Names in a letter that are weighed."""
_LEAST = 1.0
"""Weight times certainty below which a name is not taken for the sender's."""

_STREET_WORD = 26
"""Characters of a type word with its dot, a quotation mark and a rank at most."""
_OPENING_QUOTE = re.compile(r"[„“\"«][ ]?$")
_QUOTES = ("„", "“", "«", "\"")
_RANK_BEFORE = re.compile(
    r"(?i)[„“\"«]?(?:(?:акад|проф|доц|ген|д-р|кап|полк|подп|св|цар|княз|хан|отец|поп|арх|инж|майор|хаджи|братя)"
    r"\.?[ ]?){1,6}$")
_SURE = 0.9
"""Certainty of a first name and a family name that both are known."""

Places = tuple[tuple[int, int], ...]


def find_sender_name(view: View, _: Mapping[str, Any]) -> Found[str] | None:
    """The name of the person who speaks."""
    chosen = choose_sender(view)
    if chosen is None or _is_misread_hand(view, chosen):
        return None
    others = _other_names(view, chosen)
    sure = min(1.0, chosen.name.certainty * (0.6 + chosen.weight / 20))
    mended = mend_misread(chosen.name.text, view.knowledge) if view.scanned else None
    if mended:
        others.append(Evidence(text=chosen.name.text, why=f"прочетено от скенера, поправено: {mended}"))
    return Found(value=mended or chosen.name.text, confidence=sure, evidence=(_evidence(view, chosen), *others))


def _is_misread_hand(view: View, chosen: Candidate) -> bool:
    """Whether it is only what the scanner made of a hand: on a page that a person must read in any case, a name that is
    not known to be one says less than none."""
    return view.scanned and not view.letter.legible and not is_borne(chosen.name, view.knowledge)


def choose_sender(view: View) -> Candidate | None:
    """The strongest candidate, in its fullest form."""
    return _choice(view)[0]


def places_of_sender(view: View) -> Places:
    """Start and end of every place at which the sender's name stands in the text."""
    return _choice(view)[1]


def find_on_behalf_of(view: View, so_far: Mapping[str, Any]) -> Found[str] | None:
    """The person for whom a lawyer or relative writes."""
    client = client_of(view)
    if client is None:
        return None
    sender = so_far.get("sender_name")
    if sender is not None and name_key(sender.value) == name_key(client.name.text):
        return None
    return Found(value=client.name.text, confidence=0.85, evidence=(_evidence(view, client),))


def _choice(view: View) -> tuple[Candidate | None, Places]:
    return view.once("sender", _choose)


def _choose(view: View) -> tuple[Candidate | None, Places]:
    found = [c for c in islice(candidates_in(view), _MOST)
             if c.name.certainty * c.weight >= _LEAST and not _names_a_street(view, c)]  # fmt: skip
    found = _without_organisation(view, _without_client(view, found))
    if not found:
        return None, ()
    best = max(found, key=lambda c: (c.weight * c.name.certainty, -c.start))
    same = [c for c in found if compatible(c.name, best.name)]
    typed = [c for c in same if not c.certificate and not _has_noise(view, c, same)] or same
    fullest = max([c for c in (best, *typed) if c in typed], key=lambda c: fullness(c.name))
    places = {(c.start, c.start + c.name.end - c.name.start) for c in (best, *same) if c.start >= 0}
    fullest, broken = _over_lines(view, _in_full(view, _as_in_head(view, fullest)))
    places.update(broken)
    places |= set(islice(_mentions(fullest.name.text, view.clear), _MOST))
    return replace(fullest, weight=best.weight), tuple(sorted(places))


def _mentions(name: str, text: str) -> Iterator[tuple[int, int]]:
    """Start and end of every place where the name stands, in whatever case."""
    small, among = (words.replace("İ", "i").lower() for words in (name, text))  # İ alone has a small form of two signs
    at = among.find(small)
    while at >= 0:
        yield at, at + len(small)
        at = among.find(small, at + len(small))


def _as_in_head(view: View, chosen: Candidate) -> Candidate:
    """The full name for a signature with an initial, where it stands alone on a line above, whatever stands there too:
    „чрез Столична община“ and directly below „Иво Минтев“."""
    if not chosen.name.abbreviated or not view.letter.pages:
        return chosen
    for line in view.lines[: view.body_start]:
        for name in names_in(line.text, view.knowledge)[:1]:
            alone = line.text.strip(" ,.") == line.text[name.start : name.end]
            if alone and not name.abbreviated and compatible(name, chosen.name):
                return replace(chosen, name=name, start=line.start + name.start)
    return chosen


def _in_full(view: View, chosen: Candidate) -> Candidate:
    """The one full name that fits a signature with an initial, wherever it stands: „МОЛ: Георги Асенов Стоименов“."""
    if not chosen.name.abbreviated:
        return chosen
    found = {name_key(name.text): replace(chosen, name=name, start=line.start + name.start)
             for line in view.lines for name in names_in(line.text, view.knowledge)
             if name.certainty >= _SURE and not name.abbreviated and not name.several
             and not line.text[: name.start].endswith(_QUOTES) and compatible(name, chosen.name)}  # fmt: skip
    return next(iter(found.values())) if len(found) == 1 else chosen


def _over_lines(view: View, chosen: Candidate) -> tuple[Candidate, Places]:
    """The name with its middle part, where the letter also has it over two lines, and where its ends stand: in the
    narrow column of a table „Калиопа Руменова“ stands above „Добрешкова“."""
    if not view.letter.pages or len(chosen.name.parts) != 2 or chosen.name.abbreviated or chosen.name.several:
        return chosen, ()
    first, last = map(re.escape, chosen.name.parts)
    match = re.search(rf"(?<!\w){first}[ ](?P<middle>{FULL})[ ]?\n[ ]?(?P<last>{last})(?!\w)", view.clear)
    if match is None or not ends_as_surname(match.group("middle"), view.knowledge):
        return chosen, ()
    text = tidy(" ".join(match.group().split()))
    full = replace(chosen.name, text=text, start=0, end=match.end() - match.start())
    return replace(chosen, name=full, start=match.start()), (match.span(), match.span("last"))


def _has_noise(view: View, candidate: Candidate, same: list[Candidate]) -> bool:
    """Whether this is another mention of the name and a word after it that OCR made of a pen stroke."""
    *shorter, last = candidate.name.parts
    if ends_as_surname(last, view.knowledge) or not view.letter.pages:
        return False
    return any(name_key(" ".join(shorter)) == name_key(other.name.text) for other in same)


def _names_a_street(view: View, candidate: Candidate) -> bool:
    """„ул. „Гео Милев“ 8“: a street, a quarter or a block that is named after somebody."""
    low = max(0, candidate.start - _STREET_WORD)
    before = _RANK_BEFORE.sub("", _OPENING_QUOTE.sub("", view.clear[low : max(0, candidate.start)]))
    grammar = view.knowledge.address_grammar
    return any(match.end() == len(before) for kind in (grammar.street, grammar.quarter, grammar.block_word)
               for match in kind.finditer(before))  # fmt: skip


def _without_client(view: View, found: list[Candidate]) -> list[Candidate]:
    """The others, where there are others: some sign with the client's name alone."""
    client = client_of(view)
    if client is None:
        return found
    return [c for c in found if not compatible(c.name, client.name)] or found


def _without_organisation(view: View, found: list[Candidate]) -> list[Candidate]:
    organisation = organisation_of(view).text
    own = name_key(organisation)
    if not own or organisation.startswith("ЕТ "):  # a sole trader's firm bears his name
        return found
    return [c for c in found if not _is_part_of(own, c)]


def _is_part_of(organisation: str, candidate: Candidate) -> bool:
    """Whether these words are the organisation's; a manager may have his family name in his company's."""
    inside = [not part.endswith(".") and name_key(part) in organisation for part in candidate.name.parts]
    sure = candidate.name.abbreviated or candidate.name.certainty >= _SURE
    return all(inside) or (inside[-1] and not sure)


def _other_names(view: View, chosen: Candidate) -> list[Evidence]:
    """What the mail's header says, where it names another person than the letter does."""
    shown = header_name(view)
    if shown is None or compatible(shown.name, chosen.name):
        return []
    return [Evidence(text=shown.name.text, why=f"{shown.why} е с друго име")]


def _evidence(view: View, candidate: Candidate) -> Evidence:
    if candidate.start < 0:
        return Evidence(text=candidate.name.text, why=candidate.why)
    length = candidate.name.end - candidate.name.start
    return view.quote(candidate.start, candidate.start + length, candidate.why)
