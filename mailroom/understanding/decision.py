"""What a letter says of an earlier answer: that it writes again, and of which day the decision is that it speaks of."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from mailroom.model.findings import Evidence, Found, Matter
from mailroom.understanding.dates import dates_in
from mailroom.understanding.view import View

_DECISION = re.compile(r"(?i)\b(?:(?:писмо|решение|становище)(?:то)?|писма|(?:отговор|отказ)(?:а|ът)?)\b")
_REACH = 90
"""Characters between the word for a decision and its date: a number may stand between."""
_ABOUT_A_DECISION = frozenset({Matter.REVIEW, Matter.APPEAL})
_SHOWN = 2


def find_repeated(view: View, _: Mapping[str, Any]) -> Found[bool] | None:
    """Whether the writer says that it is not the first letter on the matter; null where nothing says so."""
    seen = view.seen("matters.repeat")
    if not seen:
        return None
    return Found(value=True, confidence=0.8, evidence=tuple(view.evidence(sighting) for sighting in seen[:_SHOWN]))


def find_decision_date(view: View, so_far: Mapping[str, Any]) -> Found[date] | None:
    """The day of the decision that is to be reviewed: the date after „писмо“, „решение“, „отговор“; else the one that
    the quoted number bears."""
    matter = so_far.get("matter")
    if matter is None or matter.value not in _ABOUT_A_DECISION:
        return None
    dates = tuple(dates_in(view.clear))
    for word in _DECISION.finditer(view.clear):
        for start, end, value in dates:
            if 0 <= start - word.end() <= _REACH and "\n\n" not in view.clear[word.end():start]:
                why = "датата на решението, за което се пише"
                return Found(value=value, confidence=0.8, evidence=(view.quote(word.start(), end, why),))
    return next(_of_the_number(so_far), None)


def _of_the_number(so_far: Mapping[str, Any]) -> Iterator[Found[date]]:
    number = so_far.get("follow_up_of")
    for shown in number.evidence if number is not None else ():
        for _, _, value in dates_in(shown.text):
            evidence = Evidence(text=shown.text, why="датата в посочения номер", start=shown.start, end=shown.end)
            yield Found(value=value, confidence=0.6, evidence=(evidence,))
