"""What the letter is about, in one line."""

import re
from collections.abc import Mapping
from typing import Any

from mailroom.model.findings import Evidence, Found
from mailroom.understanding.view import View

_ABOUT = re.compile(r"(?im)^[ \t]*(?:относно|отн\.?|тема|subject|re|otnosno)[ \t]*:[ \t]*(?P<about>\S[^\n]+)")
_TITLE = re.compile(
    r"^[\s\"„]*(?:жалба|сигнал|молба|заявление|искане|предложение|запитване|възражение|благодарствено писмо|"
    r"покана|уведомление|декларация|подписка|signal|jalba|molba)\b",
    re.I,
)
_LONGEST = 160


def find_subject(view: View, _: Mapping[str, Any]) -> Found[str] | None:
    """The Subject header; else „Относно: …“; else the title with what follows it; else the first sentence."""
    if view.subject:
        return Found(
            value=_short(view.subject), confidence=1.0, evidence=(Evidence(text=view.subject, why="темата на писмото"),)
        )
    match = _ABOUT.search(view.clear)
    if match:
        return Found(value=_short(match.group("about")), confidence=0.95,
                     evidence=(view.quote(match.start("about"), match.end("about"), "след „Относно“"),))  # fmt: skip
    return _title(view) or _first_sentence(view)


def _title(view: View) -> Found[str] | None:
    for index, line in enumerate(view.lines[:40]):
        joined = (
            re.sub(r"(?<=\w) (?=\w\b)", "", line.text) if re.fullmatch(r"\s*(?:\w ){3,}\w\s*", line.text) else line.text
        )
        if not _TITLE.match(joined) or len(joined.split()) > 16:
            continue
        parts = [" ".join(joined.split())]
        end = line.end
        if len(parts[0].split()) <= 2 and index + 1 < len(view.lines):
            below = view.lines[index + 1]
            if re.match(r"\s*(?:за|срещу|относно|от|по|до|с)\b", below.text) and not re.match(
                r"\s*от\s+[А-Я]", below.text
            ):
                parts.append(" ".join(below.text.split()))
                end = below.end
        return Found(
            value=_short(" ".join(parts)), confidence=0.9, evidence=(view.quote(line.start, end, "заглавието"),)
        )
    return None


def _first_sentence(view: View) -> Found[str] | None:
    for line in view.lines[view.body_start :] + view.lines[: view.body_start]:
        text = " ".join(line.text.split())
        if len(text.split()) >= 4 and not re.match(r"(?i)(?:уважаем|здравейте|до\b|добър ден)", text):
            sentence = re.split(r"(?<=[.!?])\s", text)[0]
            return Found(
                value=_short(sentence),
                confidence=0.4,
                evidence=(view.quote(line.start, line.end, "първото изречение"),),
            )
    return None


def _short(text: str) -> str:
    text = " ".join(text.split())
    if len(text) <= _LONGEST:
        return text
    return text[:_LONGEST].rsplit(" ", 1)[0].rstrip(" ,.;:–-") + "…"
