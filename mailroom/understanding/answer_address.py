"""The mail address to which an answer goes.

1. the form's field;
2. an address that the text asks to answer to („пишете ми на …“), or that it gives as the organiser's contact;
3. Reply-To, then From, if it is a person's and not the town's or a machine's;
4. an address written in the letter, also „ivan [at] abv.bg“ and as OCR breaks it („ivan @ abv. bg“).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mailroom.folding import name_key
from mailroom.model.findings import Evidence, Found
from mailroom.understanding.fields import own_value
from mailroom.understanding.sender import choose_sender
from mailroom.understanding.view import View

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_SPOKEN_AT = r"(?:at|маймунка|маймунско\s+а|кльомба)"
_AT = rf"(?:\s?@\s?|\s?[(\[{{]\s?(?:@|{_SPOKEN_AT})\s?[)\]}}]\s?|\s{_SPOKEN_AT}\s)"
_DOT = r"(?:\s?\.\s?|\s?[(\[]\s?(?:dot|точка)\s?[)\]]\s?|\s(?:dot|точка)\s)"
_BROKEN_EMAIL = re.compile(
    rf"(?<![\w.+-])(?P<local>[A-Za-z0-9_.+-]{{1,64}}){_AT}(?P<domain>[A-Za-z0-9-]{{2,60}}(?:{_DOT}[A-Za-z0-9-]{{2,60}}){{1,4}})"
    r"(?![A-Za-z0-9])"
)
_ASKS = re.compile(
    r"(?i)(?:\b(?:пишете|отговорете|отговаряйте|пратете|изпратете|изпращайте|пращайте)\b|\bотговор\w*\b[^.!?\n]{0,30}\b"
    r"(?:да|на|моля|очаквам|искам|желая|прат\w*|изпрат\w*)\b|\bорганизатора?\b|\bконтакт\w* с\b|"
    r"\bpishete\b|\botgovor\w*\b|\b(?:reply|write|answer)\b(?: to)?)[^.!?\n@]{0,60}$"
)
_BEFORE = 90
_SCANNED_AT = re.compile(
    r"(?<![\w.+@-])(?P<local>[a-z0-9][a-z0-9._+-]{1,63})\s?[©®Ф¢€&]{1,2}\s?"
    r"(?P<domain>[a-z0-9-]{2,60}(?:\.[a-z0-9-]{2,60}){1,4})"
    r"(?![\w@])", re.I)
"""An address in which OCR read the @ as a sign that no address has."""
_WITHOUT_AT = re.compile(r"(?<![\w.+@/-])[A-Za-z0-9_.+-]{5,80}\.[A-Za-z]{2,12}(?![\w@/.-])")
_LOOKS_LIKE_AT = frozenset("eaoQG09")


def find_email(view: View, _: Mapping[str, Any]) -> Found[str] | None:
    """Where an answer goes."""
    match = _EMAIL.search(own_value(view, "form_email"))
    if match:
        return _found(match.group(), 1.0, Evidence(text=match.group(), why="полето за имейл във формуляра"))
    asked = next((found for found in _written(view) if _is_asked_for(view, found[0])), None)
    if asked is not None:
        return _found(asked[2], 0.9, view.quote(asked[0], asked[1], "имейл, на който се иска отговор"))
    if view.citizen_head is not None:
        of_header = _of_header(view)
        if of_header is not None or view.letter.form_fields:
            return of_header
    written = next(_written(view), None)
    if written is None:
        return None
    return _found(written[2], 0.85, view.quote(written[0], written[1], "имейл, написан в писмото"))


def _found(address: str, confidence: float, evidence: Evidence) -> Found[str]:
    return Found(value=address, confidence=confidence, evidence=(evidence,))


def _of_header(view: View) -> Found[str] | None:
    head = view.citizen_head
    if head is None:
        return None
    for boxes, why in ((head.reply_to, "Reply-To"), (head.from_, "полето „От“ на писмото")):
        for box in boxes:
            if box.address and not view.is_own_or_robot(box.address):
                return _found(box.address, 0.95, Evidence(text=box.address, why=why))
    return None


def _written(view: View) -> Iterator[tuple[int, int, str]]:
    """Start, end and address of those in the letter that are not the town's, as written or else as mended."""
    found = [(m.start(), m.end(), m.group()) for m in _EMAIL.finditer(view.text)]
    if not found:
        found = [(m.start(), m.end(), _mended(m)) for m in _BROKEN_EMAIL.finditer(view.text)]
    if not found and view.letter.pages:
        found = [(m.start(), m.end(), _mended(m)) for m in _SCANNED_AT.finditer(view.text)] or [*_split_at_name(view)]
    for start, end, address in found:
        before = view.text[max(0, start - 40) : start]
        if view.scanned and _STROKE_BEFORE.search(before):
            start, address = start - 1, f"l{address}"
        if not view.is_own_or_robot(address) and not _OF_TOWN_HALL.search(before):
            yield start, end, re.sub(r"\.-|-\.", ".", address.rstrip("."))


_STROKE_BEFORE = re.compile(r"(?:^|\s)[|!І]$")
"""„|.ivanov@…“: OCR took the first letter for a stroke."""
_OF_TOWN_HALL = re.compile(r"(?i)\bобщин(?:а|ата|ска администрация)\b")


def _split_at_name(view: View) -> Iterator[tuple[int, int, str]]:
    """„bizhevaemail.bg“ in a letter of a Бижева: OCR took the @ after her name for a letter."""
    sender = choose_sender(view)
    keys = {name_key(part) for part in sender.name.parts if len(part) > 3} if sender else set()
    for match in _WITHOUT_AT.finditer(view.text) if keys else ():
        word = match.group()
        for at, letter in enumerate(word[:40]):
            left = re.split(r"[._-]", word[:at])[-1]
            if letter in _LOOKS_LIKE_AT and name_key(left) in keys and "." in word[at + 1 :]:
                yield match.start(), match.end(), f"{word[:at]}@{word[at + 1 :]}"
                break


def _mended(match: re.Match[str]) -> str:
    domain = re.sub(rf"{_DOT}", ".", match.group("domain"))
    return f"{match.group('local')}@{domain}"


def _is_asked_for(view: View, start: int) -> bool:
    return bool(_ASKS.search(view.text[max(0, start - _BEFORE) : start]))
