"""Who speaks: the person, the organisation, for whom, and the mailbox to which an answer goes.

Where a name may stand, surest first:

1. the name field of a contact form;
2. „чрез пълномощника си адв. …“ and a lawyer's letterhead: the lawyer speaks, the client is `on_behalf_of`;
3. „от …“ in the letter's head, „Аз, …“, „Казвам се …“, „Долуподписаният …“;
4. the signature: under the closing words, or among the last short lines;
5. the first line of a letterhead or of an envelope;
6. the From display name, only when it looks like a person's.

The fullest form of the chosen name that stands anywhere of these is given („К. Тасев“ becomes „Калоян Видев Тасев“).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from mailroom.model.findings import Evidence, Found
from mailroom.understanding.bounds import bounded
from mailroom.understanding.folding import name_key
from mailroom.understanding.names import CAPITAL, FULL, Name, compatible, fullness, mend_first_name, names_in
from mailroom.understanding.view import Line, View

_FROM_LINE = re.compile(
    r"^\s*(?:(?:молба|жалба|заявление|сигнал|искане|предложение|запитване|възражение)\s+)?(?:от|ot|"
    r"from)(?:\s+(?:страна на|името на))?\s*[:\-–]?\s*(?=\S)",
    re.I,
)
_FROM_ALONE = re.compile(r"^\s*(?:от|ot|of|0т|oт|from)\s*[:\-–]?\s*$", re.I)
_INTRODUCES = re.compile(
    r"(?i:\b(?:аз|долуподписан\w*|подписан\w*|нижеподписан\w*|казвам се|името ми е|my name is|i am|i'm|ben|"
    r"меня зовут|az sam|kazvam se|imeto mi e|"
    r"az|dolupodpisan\w*)\b)[\s,:„/-]{1,3}"
)
_THROUGH = re.compile(
    r"\bчрез\b(?:\s+(?:своя|неговия|нейния|техния))?\s*(?:пълномощник\w*|процесуал\w+ представител\w*|"
    r"представител\w*|адвокат\w*|адв\.)?[^\n]{0,30}?",
    re.I,
)
_RELATIVE = (
    r"(?:(?:детето|сина|дъщеря|дъщерята|майка|майката|баща|бащата|съпруга|съпругата|баба|дядо|брат|сестра|леля|чичо)\s+(?:ми|си)|"
    r"доверител\w+\s+(?:ми|си)|клиент\w*\s+(?:ми|си))"
)
_FOR_CLIENT = re.compile(
    r"(?i:(?:(?:пълномощник|процесуален представител|представител|законен представител|настойник) на|"
    r"представлявам|от името(?: и за сметка)? на|"
    r"представляващ[аи]? интересите на|в интерес на|on behalf of|acting for)\s+"
    rf"(?:{_RELATIVE})?|(?:издад|отпусн|разреш|предостав|определ|направ)\w*\s+на\s+{_RELATIVE})"
    r"[\s,:–-]*(?i:(?:г-н|г-жа|г-ца|mr\.?|mrs\.?|ms\.?)\s*)?"
)
_LAWYER = re.compile(r"\b(?:адв(?:\.|окат)|юрк\.?|юрисконсулт|adv\.?)\s*$", re.I)
_LETTERHEAD_LAWYER = re.compile(r"^\s*(?:адв\.|адвокат|адвокатск)", re.I)
_SIGNED = re.compile(r"^[\s/_.·-]*(?:подпис\w*\s*[:/.]*)?[\s/_.·-]*", re.I)
_AFTER_NAME = r"тел|моб|gsm|ап|ул|гр|с\.|кв|ж\.|бл|tel|mob|ap|ul|gr|s\.|kv|jk|zh|bl"
"""What may follow a name on its line: telephone and address."""
_SIGNATURE_LINES = 60
_MOST = 300
"""Names in a letter that are weighed."""
_NOT_MINE = re.compile(r"(?:лекар|свидетел|шеф|кмет|инспектор|г-н|г-жа|съсед|колега|служител)\w*\s*$", re.I)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_BROKEN_EMAIL = re.compile(r"(?<![\w.+-])([\w.+-]+)\s?(?:@|\(at\)|\[at\])\s?([\w-]+(?:\s?\.\s?[\w-]+)+)", re.ASCII)
_ADDRESSEE = re.compile(r"^\s*(?:до|to|do|копие|на вниманието|чрез)\b", re.I)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name, where it stands in the letter and how strongly that place speaks."""

    name: Name
    start: int
    weight: float
    why: str


def find_sender_name(view: View, _: Mapping[str, Any]) -> Found[str] | None:
    """The name of the person who speaks."""
    chosen = choose_sender(view)
    if chosen is None:
        return None
    return Found(value=chosen.name.text, confidence=min(1.0, chosen.name.certainty * (0.6 + chosen.weight / 20)),
                 evidence=(_evidence(view, chosen),))  # fmt: skip


def choose_sender(view: View) -> Candidate | None:
    """The strongest candidate, in its fullest form."""
    return _choice(view)[0]


def places_of_sender(view: View) -> tuple[tuple[int, int], ...]:
    """Start and end of every place at which the sender's name stands in the text."""
    return _choice(view)[1]


def _choice(view: View) -> tuple[Candidate | None, tuple[tuple[int, int], ...]]:
    if "sender" not in view.remembered:
        view.remembered["sender"] = _choose(view)
    chosen: tuple[Candidate | None, tuple[tuple[int, int], ...]] = view.remembered["sender"]
    return chosen


def _choose(view: View) -> tuple[Candidate | None, tuple[tuple[int, int], ...]]:
    candidates = [c for c in islice(_candidates(view), _MOST) if c.name.certainty * c.weight >= 1.0]
    client = client_of(view)
    if client is not None:
        candidates = [c for c in candidates if not compatible(c.name, client.name)] or candidates
    own = name_key(_organisation_found(view)[3])
    candidates = [
        c for c in candidates if not own or (name_key(c.name.text) not in own and name_key(c.name.parts[-1]) not in own)
    ]
    if not candidates:
        return None, ()
    best = max(candidates, key=lambda c: (c.weight * c.name.certainty, -c.start))
    same = [c for c in candidates if compatible(c.name, best.name)]
    fullest = max([best, *same], key=lambda c: fullness(c.name))
    places = tuple(sorted({(c.start, c.start + c.name.end - c.name.start) for c in (best, *same) if c.start >= 0}))
    return Candidate(fullest.name, fullest.start, best.weight, fullest.why), places


def find_on_behalf_of(view: View, so_far: Mapping[str, Any]) -> Found[str] | None:
    """The person for whom a lawyer or relative writes."""
    client = client_of(view)
    if client is None:
        return None
    sender = so_far.get("sender_name")
    if sender is not None and name_key(sender.value) == name_key(client.name.text):
        return None
    return Found(value=client.name.text, confidence=0.85, evidence=(_evidence(view, client),))


def client_of(view: View) -> Candidate | None:
    """Who is spoken for, in the fullest form that the text gives."""
    text = view.clear
    organisation = _organisation_pattern(view)
    found: list[Candidate] = []
    for line in _head(view):
        match = _FROM_LINE.match(line.text)
        if match and _THROUGH.search(text[line.start : line.end + 120]):
            names = names_in(line.text[match.end() :], view.knowledge)
            if names:
                found.append(_placed(names[0], line.start + match.end(), 9, "„от …, чрез …“"))
    for match in _FOR_CLIENT.finditer(text):
        after = text[match.end() : match.end() + 60].split("\n")[0]
        names = names_in(after, view.knowledge)
        if names and names[0].start < 4 and names[0].certainty >= 0.5 and not organisation.match(after, names[0].start):
            found.append(_placed(names[0], match.end(), 6, "за кого се пише"))
    if not found:
        return None
    best = max(found, key=lambda c: c.weight)
    return max((c for c in found if compatible(c.name, best.name)), key=lambda c: fullness(c.name))


def _placed(name: Name, offset: int, weight: float, why: str) -> Candidate:
    return Candidate(name, offset + name.start, weight, why)


def _head(view: View) -> tuple[Line, ...]:
    return view.lines[: view.body_start]


def _candidates(view: View) -> Iterator[Candidate]:
    yield from _form_candidates(view)
    yield from _lawyer_candidates(view)
    yield from _head_candidates(view)
    yield from _introduced(view)
    yield from _signed(view)
    yield from _labelled(view)
    yield from _from_header(view)


def _form_candidates(view: View) -> Iterator[Candidate]:
    first, last = view.form_value("form_first_name"), view.form_value("form_last_name")
    value = view.form_value("form_name") or (f"{first} {last}" if first and last else "")
    if not value:
        return
    value = value.splitlines()[0].strip()
    for name in names_in(value, view.knowledge, small=True)[:1]:
        yield Candidate(Name(name.text, 0, 0, max(name.certainty, 0.6)), -1, 20, "полето за име във формуляра")


def _lawyer_candidates(view: View) -> Iterator[Candidate]:
    text = view.clear
    for match in _THROUGH.finditer(text):
        for name in names_in(text[match.end() : match.end() + 60], view.knowledge)[:1]:
            yield _placed(name, match.end(), 12, "пълномощник, който пише")
    for line in _head(view)[:3]:
        if _LETTERHEAD_LAWYER.match(line.text):
            for name in names_in(line.text, view.knowledge)[:1]:
                yield _placed(name, line.start, 12, "бланка на адвокат")


def _head_candidates(view: View) -> Iterator[Candidate]:
    """„от …“ before the prose, and the name that opens a letter above its address."""
    lines = view.lines[: view.body_start + 3]
    addressee = False
    after_from = False
    for index, line in enumerate(lines):
        if line.blank:
            addressee = False
            continue
        if _FROM_ALONE.match(line.text):
            after_from, addressee = True, False
            continue
        match = _FROM_LINE.match(line.text)
        if match and index < view.body_start + 3:
            for name in names_in(line.text[match.end() :], view.knowledge)[:1]:
                if name.start <= 12:
                    yield _placed(name, line.start + match.end(), 11, "„от …“ в началото")
            addressee = False
            continue
        addressee = addressee or bool(_ADDRESSEE.match(line.text))
        if after_from:
            for name in names_in(line.text, view.knowledge)[:1]:
                yield _placed(name, line.start, 11, "„от …“ в началото")
            after_from = False
        elif not addressee and index < view.body_start and _is_name_line(line.text, view):
            for name in names_in(line.text, view.knowledge)[:1]:
                yield _placed(name, line.start, 6 if index < 3 else 3.5, "име в началото на писмото")


def _is_name_line(text: str, view: View) -> bool:
    """A short line that begins with a name."""
    names = names_in(text, view.knowledge)
    return bool(names) and len(text.split()) <= 12 and text[: names[0].start].strip(" \t.·-") in _lead_ins(view)


def _lead_ins(view: View) -> frozenset[str]:
    titles = view.knowledge.lexicon.list("sender.titles")
    return frozenset({"", *titles, *(t.capitalize() for t in titles), *(t.upper() for t in titles)})


def _introduced(view: View) -> Iterator[Candidate]:
    text = view.clear
    for match in _INTRODUCES.finditer(text):
        for name in names_in(text[match.end() : match.end() + 70].split("\n")[0], view.knowledge)[:1]:
            if name.start <= 8 and name.certainty >= 0.5:
                yield _placed(name, match.end(), 10, "представя се")


def _signed(view: View) -> Iterator[Candidate]:
    """Names in the closing block; a line that is a name alone says more than one with other words."""
    last = min(len(view.lines), view.tail_start + _SIGNATURE_LINES)
    closing = view.tail_start < last and not _is_name_line(view.lines[view.tail_start].text, view)
    rank = 0.0
    for index in range(view.tail_start, last):
        line = view.lines[index]
        for offset, part in _columns(line.text):
            for candidate in _signature_part(view, part, line.start + offset):
                yield Candidate(
                    candidate.name, candidate.start, candidate.weight + (1 if closing else 0) - rank, candidate.why
                )
                rank = min(rank + 0.6, 4)


def _columns(text: str) -> Iterator[tuple[int, str]]:
    """The parts of a line that stand far apart."""
    for match in re.finditer(r"\S(?:.*?\S)??(?=\s{3,}|\t|$)", text):
        yield match.start(), match.group()


def _signature_part(view: View, part: str, start: int) -> Iterator[Candidate]:
    lexicon = view.knowledge.lexicon
    lead = _SIGNED.match(part)
    begin = lead.end() if lead else 0
    body = part[begin:]
    lowered = body.lower()
    for opening in sorted((*lexicon.list("sender.closings"), *lexicon.list("sender.roles")), key=len, reverse=True):
        if lowered.startswith(opening) and not lowered[len(opening) : len(opening) + 1].isalpha():
            begin += len(opening)
            body = part[begin:].lstrip(" \t:,.-–—/!")
            begin = len(part) - len(body)
            break
    names = names_in(body, view.knowledge, small=len(body.split()) <= 3)
    mended = mend_first_name(body, view.knowledge) if view.letter.pages or not view.letter.head else None
    if mended is not None and (not names or names[0].certainty < mended.certainty):
        names = [mended]
    if not names:
        return
    name = names[0]
    before = body[: name.start].strip(" \t,.:/()-–—")
    if before.lower() not in {"", *lexicon.list("sender.titles")} or _NOT_MINE.search(before):
        return
    rest = body[name.end :].strip(" \t,.:/()-–—")
    roles = "|".join(map(re.escape, lexicon.list("sender.roles")))
    alone = (
        not rest
        or bool(re.fullmatch(r"[\d\s()+/.-]{6,}", rest))
        or bool(re.match(rf"[\W\d_]*(?:{_AFTER_NAME}|{roles}|{FULL})", rest, re.I))
    )
    if alone and len(part.split()) <= 14:
        yield _placed(name, start + begin, 8 if not rest else 7, "подпис")


def _labelled(view: View) -> Iterator[Candidate]:
    """„Домоуправител: …“, „Управител: …“, „За връзка: …“, „Подател: …“ and numbered signers."""
    roles = "|".join(sorted(map(re.escape, view.knowledge.lexicon.list("sender.roles")), key=len, reverse=True))
    for match in re.finditer(
        rf"(?i:\b(?:{roles}|имена?|три имена|name|подател|заявител))(?:\s+на\s+[^\n:]{{1,25}})?\s*:\s*(?:(?:инж|"
        rf"арх|адв|д-р)\.?\s*)?",
        view.clear,
    ):
        for name in names_in(view.clear[match.end() : match.end() + 60].split("\n")[0], view.knowledge)[:1]:
            if name.start <= 2:
                yield _placed(name, match.end(), 9, "име след длъжност")
    for match in re.finditer(rf":[ \t]*(?=[{CAPITAL}])", view.clear):
        line = view.clear[match.end() : match.end() + 90].split("\n")[0]
        for name in names_in(line, view.knowledge)[:1]:
            if name.start == 0 and re.match(r"[ ,–-]*(?:тел|моб|gsm|tel|\+?\d{3})", line[name.end :], re.I):
                yield _placed(name, match.end(), 7, "име с телефон")
    for match in re.finditer(r"(?m)^[ \t]*1[.)]?[ \t]+", view.clear):
        for name in names_in(view.clear[match.end() : match.end() + 60].split("\n")[0], view.knowledge)[:1]:
            if name.start <= 1 and len(name.parts) >= 2 and name.certainty >= 0.9:
                yield _placed(name, match.end(), 3, "първи в подписката")


def _from_header(view: View) -> Iterator[Candidate]:
    head = view.citizen_head
    if head is None or view.letter.form_fields:
        return
    boxes = [box for box in (*head.reply_to, *head.from_) if box.address and not view.is_own_or_robot(box.address)]
    for box in boxes:
        shown = " ".join(bounded(box.name[:200]).replace('"', " ").replace("'", " ").split())
        surname, comma, given = shown.partition(",")
        if comma and " " not in surname.strip():
            shown = f"{given.strip()} {surname.strip()}"
        if re.search(r"[@\d]", shown):
            continue
        for name in names_in(shown, view.knowledge)[:1]:
            if name.certainty >= 0.5 and len(re.findall(r"\w+", shown)) <= len(name.parts) + 1:
                yield Candidate(name, -1, 4, "полето „От“ на писмото")
        break


def _evidence(view: View, candidate: Candidate) -> Evidence:
    if candidate.start < 0:
        return Evidence(text=candidate.name.text, why=candidate.why)
    length = candidate.name.end - candidate.name.start
    return view.quote(candidate.start, candidate.start + length, candidate.why)


def find_organisation(view: View, _: Mapping[str, Any]) -> Found[str] | None:
    """The organisation that speaks: of the letterhead, the „от“ line, the signature, a form, or beside its own ЕИК.

    A company of which the letter complains is never the sender's.
    """
    value = view.form_value("form_organisation")
    if value:
        return Found(
            value=_unquoted(value), confidence=0.9, evidence=(Evidence(text=value, why="полето за организация"),)
        )
    pattern = _organisation_pattern(view)
    best = _organisation_found(view)
    if best[0] > 0:
        return Found(value=_unquoted(best[3]), confidence=min(1.0, best[0] / 4),
                     evidence=(view.quote(best[1], best[2], "организация, от чието име се пише"),))  # fmt: skip
    display = next((box.name for box in view.citizen_head.from_ if box.name), "") if view.citizen_head else ""
    shown = pattern.search(bounded(display[:200]))
    if shown and view.mailbox is not None:
        return Found(
            value=_unquoted(shown.group()), confidence=0.6, evidence=(Evidence(text=display, why="полето „От“"),)
        )
    return None


def _organisation_found(view: View) -> tuple[float, int, int, str]:
    """Weight, start, end and text of the organisation in whose name the letter most likely is; weight 0 for none."""
    if "organisation" not in view.remembered:
        view.remembered["organisation"] = _weigh_organisations(view)
    found: tuple[float, int, int, str] = view.remembered["organisation"]
    return found


def _weigh_organisations(view: View) -> tuple[float, int, int, str]:
    best = (0.0, 0, 0, "")
    for match in islice(_organisation_pattern(view).finditer(view.clear), _MOST):
        weight = _organisation_weight(view, match)
        if weight > best[0]:
            best = (weight, match.start(), match.end(), match.group())
    return best


def _organisation_pattern(view: View) -> re.Pattern[str]:
    lexicon = view.knowledge.lexicon
    forms = "|".join(sorted((re.escape(form) for form in lexicon.list("sender.legal_forms")), key=len, reverse=True))
    kinds = "|".join(sorted((re.escape(kind) for kind in lexicon.list("sender.organisations")), key=len, reverse=True))
    quoted = r"[„\"«“][^„“”\"«»\n]{2,60}[“”\"»]"
    first = rf"(?:{FULL}|&|[-–]|(?<!\d)\d{{1,6}}(?=[ \t]{{1,3}}[{CAPITAL}]))"
    words = rf"{first}(?:[ \t]{{1,3}}(?:{FULL}|&|и|\d{{1,6}}|[-–])){{0,4}}"
    return re.compile(
        rf"(?:{quoted}|{words})[ \t]{{0,3}},?[ \t]{{0,3}}\b(?:{forms})\b(?!\.\w)|\b(?:ЕТ|СД)[ \t]+(?:{quoted}|{words})|"
        rf"\b(?i:{kinds})[ \t]+{quoted}"
    )


def _organisation_weight(view: View, match: re.Match[str]) -> float:
    """How much its place says that it is the sender's own; 0 for not at all."""
    start, end = match.span()
    line_start, line_end = view.line_around(start, end)
    line = view.clear[line_start:line_end]
    before, after = view.clear[line_start:start].strip(), line[end - line_start :]
    weight = 0.0
    if re.search(r"(?i)^\s*[,:·–-]?\s*(?:с\s+)?(?:ЕИК|булстат|eik|vat|ЕФН)\b", after):
        weight += 3
    if re.search(
        r"(?i)(?:управител|директор|председател|представляващ\w*|представлявам|прокурист|manager|from|at)\s*(?:на|"
        r"of)?\s*(?:фирма\s*)?$|\b(?:от името на|on behalf of|аз представлявам)\s*$|^от\s*:?$",
        before,
    ):
        weight += 3
    short = len(line.split()) <= 12 or "·" in line
    head_end = view.lines[view.body_start].start if view.body_start < len(view.lines) else len(view.clear)
    tail = view.lines[view.tail_start].start if view.tail_start < len(view.lines) else len(view.clear)
    if short and not before and (start < head_end or start >= tail):
        weight += 2 if line_start == 0 or start >= tail or "·" in line else 1.5
    if re.match(
        r"(?i)\s*,?\s*(?:ЕИК\s*\d+\s*,?\s*)?(?:(?:от\s+|в\s+)?(?:с|гр)\.[^.,\n]{1,40},\s*)?(?:Ви\s+)?"
        r"(?:кан(?:и|ят|им)\b|мол[ия]|желае|заявява|предлага|иска|кандидатства|уведомява)\w*\b",
        after,
    ):
        weight += 3
    if re.search(r"(?i)\b(?:наш\w+|ни)\s+(?:дружество|фирма|сдружение|организация|кооперация|компания)\s*$", before):
        weight += 3
    if _ADDRESSEE.match(line):
        return 0.0
    return weight


def _unquoted(name: str) -> str:
    return " ".join(re.sub(r"[„“”\"«»]", "", name).replace(" ,", ",").split()).strip(" ,")


def find_email(view: View, _: Mapping[str, Any]) -> Found[str] | None:
    """Where an answer goes: the form's field, Reply-To, From; for paper the address written in the letter."""
    value = view.form_value("form_email")
    match = _EMAIL.search(value)
    if match:
        return Found(
            value=match.group(), confidence=1.0, evidence=(Evidence(text=value, why="полето за имейл във формуляра"),)
        )
    head = view.citizen_head
    if head is not None:
        for boxes, why in ((head.reply_to, "Reply-To"), (head.from_, "полето „От“ на писмото")):
            for box in boxes:
                if box.address and not view.is_own_or_robot(box.address):
                    return Found(value=box.address, confidence=0.95, evidence=(Evidence(text=box.address, why=why),))
        if view.letter.form_fields:
            return None
    return _written_email(view)


def _written_email(view: View) -> Found[str] | None:
    """The last address written in the letter that is not the town's."""
    found = [(m.start(), m.end(), m.group()) for m in _EMAIL.finditer(view.text)]
    if not found:
        found = [
            (m.start(), m.end(), re.sub(r"\s", "", f"{m.group(1)}@{m.group(2)}"))
            for m in _BROKEN_EMAIL.finditer(view.text)
        ]
    for start, end, address in found:
        before = view.text[max(0, start - 40) : start].lower()
        if not view.is_own_or_robot(address) and "@" in address and "общин" not in before:
            return Found(
                value=address.rstrip("."),
                confidence=0.85,
                evidence=(view.quote(start, end, "имейл, написан в писмото"),),
            )
    return None
