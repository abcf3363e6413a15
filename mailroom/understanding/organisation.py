"""The organisation in whose name a letter is: with a legal form („Явор ЕООД“), or without („Читалище „Искра – 1927““).

Found are: names with a legal form, kinds of organisations with a name between quotation marks, and in a letterhead or
signature kinds with a name of any shape. The place then says whether it is the sender's own: letterhead, signature,
„от …“, beside its own ЕИК or its representative, „За „…“ ООД:“, in the From field. A company of which the letter
complains is never the sender's.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from mailroom.model.findings import Evidence, Found
from mailroom.understanding.fields import own_value, rows
from mailroom.understanding.names import CAPITAL, names_in
from mailroom.understanding.organisation_described import described, headed, letterhead
from mailroom.understanding.organisation_owner import (
    Organisation,
    addresses,
    display_name,
    head_end,
    tail_start,
    to_addressee,
    unquoted,
    weigh,
)
from mailroom.understanding.organisation_patterns import (
    QUOTED,
    above_pattern,
    letterhead_pattern,
    likely_lines,
    organisation_pattern,
    two_lines_pattern,
)
from mailroom.understanding.view import View

_MOST = 300
"""Organisations named in a letter that are weighed."""
_LAWYERS = re.compile(r"(?i)адвокат")
_SHOWN = re.compile(rf"(?:[^\W\d_]{{2,20}}[ ]){{1,4}}{QUOTED}")
"""„Приют „Лапа““ as a display name."""
_AUTHORITY = re.compile(
    rf"(?:Община|Кметство|Район|Област)[ ][„\"]?[{CAPITAL}][а-я]{{2,20}}(?:[ ][{CAPITAL}]?[а-я]{{2,20}})?[“\"]?")
"""„Кметство Петърч“ as a display name."""
_NAME_WORDS = 6

_SURE_NAME = 0.5
"""Certainty from which words are a person's and no organisation's."""
_NONE = Organisation("", 0, 0, 0.0)


def find_organisation(view: View, _: Mapping[str, Any]) -> Found[str] | None:
    """The organisation that speaks: of a form, the letterhead, the „от“ line, the signature, or beside its own ЕИК."""
    value = _named(view, own_value(view, "form_organisation"))
    if value:
        return Found(value=value, confidence=0.9, evidence=(Evidence(text=value, why="полето за организация"),))
    best = organisation_of(view)
    if best.weight > 0:
        return Found(value=unquoted(best.text), confidence=min(1.0, best.weight / 4),
                     evidence=(view.quote(best.start, best.end, "организация, от чието име се пише"),))  # fmt: skip
    display = display_name(view)
    shown = organisation_pattern(view.knowledge.lexicon).search(display) or _SHOWN.fullmatch(display)
    shown = shown or _AUTHORITY.fullmatch(display)
    if shown and view.mailbox is not None:
        return Found(value=unquoted(shown.group()), confidence=0.6,
                     evidence=(Evidence(text=display, why="полето „От“"),))  # fmt: skip
    return None


def organisation_of(view: View) -> Organisation:
    """The organisation in whose name the letter most likely is; with an empty text and no weight for none."""
    return view.once("organisation", _best)


def place_of_organisation(view: View) -> tuple[tuple[int, int], ...]:
    """Start and end of the sender's organisation in the text; nothing where it is not sure."""
    found = organisation_of(view)
    return ((found.start, found.end),) if found.weight >= _SURE else ()


_SURE = 2.0


def _best(view: View) -> Organisation:
    best = _NONE
    for found in (*_in_rows(view), *islice(_with_form(view), _MOST), *islice(_in_letterhead(view), _MOST),
                  *islice(described(view), _MOST), *islice(headed(view), _MOST), *letterhead(view)):  # fmt: skip
        if found.weight > best.weight:
            best = found
    return best


# ---- where they stand ------------------------------------------------------------------------------------------------


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
    for start, end in likely_lines(view):
        for match in pattern.finditer(view.clear, start, end):
            yield Organisation(match.group(), match.start(), match.end(), weigh(view, match.start(), match.end()))


def _in_letterhead(view: View) -> Iterator[Organisation]:
    """Kinds with a name of any shape: in head and tail alone, where the line holds little else."""
    kinds = view.knowledge.lexicon.list("sender.organisations")
    for match in two_lines_pattern(kinds).finditer(view.clear, 0, head_end(view)):
        if not to_addressee(view, match.start()):
            name = match.group("name") or match.group("broken")
            yield Organisation(f"{match.group('kind')} {name}", match.start("kind"), match.end(), 2.0)
    below = above_pattern(kinds).match(view.clear, 0, head_end(view))
    person = below and any(name.certainty >= _SURE_NAME for name in names_in(below.group("name"), view.knowledge))
    if below is not None and not person and not addresses(below.group("name")):
        yield Organisation(f"{below.group('kind')} {below.group('name')}", *below.span(), 2.5)
    head, tail = head_end(view), tail_start(view)
    for line_start, line_end in likely_lines(view):
        if line_start < head or line_start >= tail:
            yield from _letterhead_line(view, letterhead_pattern(kinds).match(view.clear, line_start, line_end))


def _letterhead_line(view: View, match: re.Match[str] | None) -> Iterator[Organisation]:
    if match is None or _LAWYERS.match(match.group("name")) or len(match.group("rest").split()) > _NAME_WORDS:
        return
    own = weigh(view, *match.span("name"))
    if own and re.search(rf"[{CAPITAL}\d]", match.group("rest")):
        yield Organisation(match.group("name"), *match.span("name"), own - 0.1)


def _named(view: View, value: str) -> str:
    """The organisation in a form's field: with its legal form where it has one, without its number."""
    value = value.split("\n", 1)[0]
    known = organisation_pattern(view.knowledge.lexicon).match(value)
    text = known.group() if known else re.split(r"[,;]?\s*(?:ЕИК|[Бб]улстат)\b|[,;]\s*\d{9}", value, maxsplit=1)[0]
    return unquoted(text) if re.search(r"[^\W\d_]{2}", text) else ""
