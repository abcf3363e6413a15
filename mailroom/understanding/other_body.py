"""Another body or municipality to which the letter is addressed (АПК чл. 31, чл. 112: forwarded within 7 days)."""

import re
from collections.abc import Mapping
from typing import Any

from mailroom.folding import name_key
from mailroom.model.findings import Evidence, Found
from mailroom.understanding.view import View

_ADDRESSED = re.compile(r"(?im)^[ \t\"„]*+(?:до|do|to)\b[:\s]*")
_MUNICIPALITY = re.compile(
    r"(?i)\b(?:кмет\w*\s+на\s+(?:община(?:та)?\s+|гр\.\s*|град\s+)?|община\s+|общ\.\s*)[„\"]?(?P<name>[А-Яа-я][\w-]+(?:\s[А-Яа-я][\w-]+)?)"
)
_HEAD_CHARACTERS = 400


def find_other_body(view: View, _: Mapping[str, Any]) -> Found[str] | None:
    """The body that „До …“ names in head or subject, when it is not this municipality; of a letter that a few words
    only bring along, in its own head."""
    return _find(view) or (_find(view.enclosed) if view.enclosed else None)


def _find(view: View) -> Found[str] | None:
    for text, offset in ((view.subject, None), (view.clear[:_HEAD_CHARACTERS], 0)):
        for start, end, block in _addressees(text, subject=offset is None):
            body = _municipality(view, block) or _body(view, block)
            if body:
                why = "адресирано до друг орган"
                evidence = (
                    Evidence(text=" ".join(block.split()), why=why) if offset is None else view.quote(start, end, why)
                )
                return Found(value=body, confidence=0.85, evidence=(evidence,))
    return None


def _addressees(text: str, *, subject: bool) -> list[tuple[int, int, str]]:
    """The addressee blocks: from „До“ over at most three lines, to a blank line."""
    found = []
    for match in _ADDRESSED.finditer(text):
        block = re.match(r"[^\n]*(?:\n[^\n]+){0,2}", text[match.end() :])
        found.append((match.start(), match.end() + (block.end() if block else 0), block.group() if block else ""))
    opening = re.search(
        r"(?i)уважаем\w+\s+(?:г-н\s+|г-жо\s+|господин\s+|госпожо\s+)?кмет\w*\s+на\s+[^\n,!]{3,40}", text
    )
    if opening and not subject:
        found.append((opening.start(), opening.end(), opening.group()))
    return found


def _municipality(view: View, block: str) -> str:
    own = {
        name_key(view.pack.contact.settlement),
        name_key(re.sub(r"(?i)^(?:столична\s+)?община\s*", "", view.pack.contact.name)),
    }
    known = view.knowledge.municipalities
    bodies = []
    for match in _MUNICIPALITY.finditer(block):
        words = match.group("name").split()
        for size in range(len(words), 0, -1):
            key = name_key(" ".join(words[:size]))
            if key in own or re.match(r"(?i)столичн", words[0]):
                return ""
            if key in known:
                bodies.append(f"Община {known[key]}")
                break
    return bodies[0] if bodies else ""


def _body(view: View, block: str) -> str:
    if re.search(r"(?i)\bкмет|\bобщина|столична", block):
        return ""
    key = " ".join(block.lower().split())
    for sighting in view.seen("bodies"):
        word = sighting.words.words[sighting.hit.first]
        if word.raw.lower() in key:
            return sighting.hit.cue.row.why
    return ""
