"""Whose address is it? Adds up what speaks for and against a candidate's being the sender's own.

After „адрес“, „живущ в“, beside the sender's name or in the signature it is the sender's; the place of the problem, the
addressee's block, another person's and the town hall's own address are not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mailroom.understanding.address_candidates import Candidate
from mailroom.understanding.folding import name_key
from mailroom.understanding.names import compatible, names_in
from mailroom.understanding.sender import choose_sender
from mailroom.understanding.view import View

Names = tuple[tuple[int, int], ...]
"""Start and end of every place at which the sender's name stands."""

_FAR = 1_000
"""Characters: farther apart nothing belongs together."""
_BEFORE = 70
"""Characters before an address in which a word can say whose it is."""
_FEW = 8
"""So many other words on the line, and it is still a line of a letterhead or signature and no sentence."""
_FEW_IN_BODY = 3
"""The same between the salutation and the closing words."""
_ADDRESSEE_LINES = 15
_WORD = re.compile(r"[^\W\d_]{2,}")
_CONTACT = re.compile(
    r"(?i)\S+@\S+|\b(?:тел(?:ефон)?|моб(?:илен)?|gsm|tel|phone|mob|e-?mail|имейл|факс|за връзка|адрес\w*|адв|"
    r"г-н|г-жа)\b"
)
_FROM_PLACE = re.compile(
    r"\s*[,–(-]?\s*(?:(?:от|ot|from|iz|из|жител\w*\s+на|жив\w*\.?\s+(?:в|на)|живущ\w*\s+(?:в|на))\s+)?[(]?\s*"
)
_SENTENCE_END = re.compile(r"[!?]|\.\s+(?=[А-ЯA-Z][а-яa-z]{2,}\s+[а-яa-z])")
_ADDRESSEE = re.compile(
    r"(?i)(?:до|to)\b(?:\s|$|:)|г-н кмета|the mayor|господин кмета|община|municipality|кмета на|получател"
)
_SENDER_AGAIN = re.compile(r"(?i)(?:от|from|подател)\b")
_DATE_WORDS = re.compile(
    r"(?i)\b(?:гр|град|село|януари|февруари|март|април|май|юни|юли|август|септември|октомври|ноември|"
    r"декември|с уважение|дата)\b"
)
_SURE_NAME = 0.8


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a candidate stands."""

    candidate: Candidate
    before: str
    """What stands before it, on its line or else on the one above."""
    line: str
    others: int
    """Words on its line that are neither its own nor the sender's name."""
    near: int
    """Lines below the nearest mention of the sender; 0 on its line, negative above, 99 for far away."""
    part: str
    """`head`, `body` or `tail` of the letter."""

    @property
    def in_sentence(self) -> bool:
        """Whether so much else stands on its line that it is a sentence."""
        return self.others > (_FEW_IN_BODY if self.part == "body" else _FEW)


def weigh(view: View, candidate: Candidate, names: Names) -> None:
    """Add up what speaks for and against the candidate's being the sender's own address."""
    place = _place(view, candidate, names)
    candidate.score += 0.25 * len(candidate.names)
    for weight, why in (*_told(view, place, names), *_standing(place)):
        candidate.score += weight
        if weight > 0 and why:
            candidate.why.append(why)


def _place(view: View, candidate: Candidate, names: Names) -> _Place:
    text, start = view.clear, candidate.start
    line_start, line_end = view.line_around(start, candidate.end)
    low = line_start
    if not text[line_start:start].strip(" \t-–•*,"):
        low = text.rfind("\n", max(0, line_start - _BEFORE), max(0, line_start - 1)) + 1
    near = min((_lines_between(text, at, candidate) for at, _ in names), key=_distance, default=99)
    return _Place(candidate=candidate, before=text[max(low, start - _BEFORE) : start], line=text[line_start:line_end],
                  others=_other_words(text, candidate, names, line_start, line_end), near=near,
                  part=_part_of_letter(view, start))  # fmt: skip


def _part_of_letter(view: View, start: int) -> str:
    tail = view.lines[view.tail_start].start if view.tail_start < len(view.lines) else len(view.clear)
    head = view.lines[view.body_start].start if view.body_start < len(view.lines) else len(view.clear)
    return "tail" if start >= tail else "head" if start < head else "body"


def _other_words(text: str, candidate: Candidate, names: Names, line_start: int, line_end: int) -> int:
    """Words of the line that are neither of the address nor of a name, telephone or mail address."""
    known = sorted([(part.start, part.end) for part in candidate.parts] + list(names))
    left, at = [], line_start
    for start, end in known:
        if line_start <= start < line_end:
            left.append(text[at : max(at, start)])
            at = max(at, end)
    left.append(text[at:line_end])
    return sum(len(_WORD.findall(_CONTACT.sub(" ", piece))) for piece in left)


def _told(view: View, place: _Place, names: Names) -> Iterator[tuple[float, str]]:
    """What the words before it say."""
    lexicon, candidate = view.knowledge.lexicon, place.candidate
    own, between = _trigger(place.before, lexicon.list("address.own_before"), 24)
    if own and _speaks_of_another(between, lexicon.list("address.other_before")):
        yield -3, ""
        own = ""
    elif own:
        group = own in lexicon.list("address.group_before") and not candidate.names & {"number", "block"}
        preference = _preference(own, lexicon.list("address.preferred_before"))
        yield (-4 if group else 5 + preference), f"след „{own}“"
    elif any(
        _FROM_PLACE.fullmatch(view.clear[end : candidate.start]) for _, end in names if 0 <= candidate.start - end < 60
    ):
        own = "името на подателя"
        yield 5, "след името на подателя"
    elif _of_another_person(view, place) or (place.others > 1 and _trigger(place.before, lexicon.list("address.other_before"), 14)[0]):
        yield -5, ""
    if _of_town_hall(view, candidate):
        yield (-4 if own else -8), ""
    if not own:
        yield from _not_told(view, place)


def _not_told(view: View, place: _Place) -> Iterator[tuple[float, str]]:
    """What speaks against an address of which nothing says whose it is."""
    candidate = place.candidate
    if place.in_sentence:
        yield -3, ""
    if _addressee_block(view, candidate.start):
        yield -6, ""
    if candidate.names == {"settlement"} and _place_of_writing(place.line, candidate):
        yield -2.6, ""
    if candidate.names <= {"settlement", "postcode"} and candidate.parts[0].bare and place.near and place.others > 4:
        yield -3, ""


def _standing(place: _Place) -> Iterator[tuple[float, str]]:
    """What its place in the letter says."""
    if place.in_sentence:
        return
    near = place.near
    if near == 0:
        yield 4, "на реда с името на подателя"
    elif 0 < near <= 4:
        yield 3.5, "под името на подателя"
    elif -2 <= near < 0 and place.others <= 4:
        yield 2, "над името на подателя"
    if place.part == "tail":
        yield 2, "в подписа"
        if not place.others:
            yield 1, "ред само с адрес"
    elif place.part == "head":
        yield 2, "в началото на писмото"


def _preference(own: str, preferred: tuple[str, ...]) -> float:
    """Where an answer should go comes before where somebody lives, and that before where somebody is registered."""
    return 0.5 * (len(preferred) - preferred.index(own)) if own in preferred else 0.0


def _speaks_of_another(between: str, others: tuple[str, ...]) -> bool:
    """„адрес на имота: …“, „адресът на съседа …“."""
    told = {word.lower() for word in _WORD.findall(between)}
    return any(len(word) > 3 and word in told for word in others)


def _of_another_person(view: View, place: _Place) -> bool:
    """Whether the name directly before it is another person's than the sender's."""
    before = place.before[place.before.rfind("\n") + 1 :]
    sender = choose_sender(view)
    found = [name for name in names_in(before, view.knowledge) if name.certainty >= _SURE_NAME]
    if not found or sender is None or compatible(found[-1], sender.name):
        return False
    return bool(_FROM_PLACE.fullmatch(before[found[-1].end :]))


def _distance(lines: int) -> int:
    """Lines below a name are nearer to it than lines above."""
    return lines if lines >= 0 else 2 * -lines


def _trigger(before: str, words: tuple[str, ...], reach: int) -> tuple[str, str]:
    """Which of these words stands last within `reach` characters before the address, and what is between them."""
    tail = before[-(reach + 30) :].lower()
    best = ("", "")
    nearest = -1
    for word in sorted(words, key=len, reverse=True):
        for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", tail):
            between = before[len(before) - len(tail) + match.end() :]
            if len(between) <= reach and match.end() > nearest and not _SENTENCE_END.search(between):
                best, nearest = (word, between), match.end()
    return best


def _lines_between(text: str, name_at: int, candidate: Candidate) -> int:
    """How many written lines the candidate stands below the name; 0 on its line, negative above."""
    if not -_FAR < candidate.start - name_at < _FAR:
        return 99
    if candidate.start >= name_at:
        between = text[name_at : candidate.start]
        return sum(bool(part.strip()) for part in between.split("\n")[1:-1]) + (1 if "\n" in between else 0)
    between = text[candidate.end : name_at]
    return -(sum(bool(part.strip()) for part in between.split("\n")[1:-1]) + 1) if "\n" in between else 0


def _of_town_hall(view: View, candidate: Candidate) -> bool:
    """Whether it is the municipality's own address."""
    hall = name_key(view.pack.contact.address)
    address = candidate.address()
    if not address.street or not hall:
        return False
    street = name_key(re.sub(r"^(?:ул|бул|пл)\.\s*", "", address.street))
    return bool(street) and street in hall and (address.number is None or name_key(address.number) in hall)


def _addressee_block(view: View, start: int) -> bool:
    """Whether the line belongs to „До …“: the block of lines from it to the next blank line or „от“."""
    inside = False
    at = view.line_at(start)
    for line in view.lines[max(0, at - _ADDRESSEE_LINES) : at + 1]:
        text = line.text.strip()
        if not text or _SENDER_AGAIN.match(text) or names_in(text, view.knowledge)[:1]:
            inside = False
        if _ADDRESSEE.match(text):
            inside = True
    return inside


def _place_of_writing(line: str, candidate: Candidate) -> bool:
    """„гр. Русе, 09.03.2026 г.“ and a place alone on its line tell where the letter was written."""
    place = candidate.parts[0].value
    rest = line.replace(place, "", 1)
    return not re.search(r"[^\W\d_]{3,}", _DATE_WORDS.sub("", rest))
