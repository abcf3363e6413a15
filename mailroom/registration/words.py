"""Dates and terms in Bulgarian words, for the explanation of how a term was counted."""

from datetime import date

from mailroom.model.pack import Term, TermUnit

WEEKDAYS = ("понеделник", "вторник", "сряда", "четвъртък", "петък", "събота", "неделя")
MONTHS = ("януари", "февруари", "март", "април", "май", "юни", "юли", "август", "септември", "октомври", "ноември",
          "декември")

_UNITS = {
    TermUnit.DAYS: ("ден", "дни"),
    TermUnit.WORKING_DAYS: ("работен ден", "работни дни"),
    TermUnit.MONTHS: ("месец", "месеца"),
}


DUTIES = {"confirm_receipt": "потвърждение до подателя", "forwarding": "препращане по компетентност"}
"""What has to be done on the way to an answer, by the name of its duty."""


def in_words(day: date) -> str:
    """`20 ноември 2026 г.`"""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year} г."


def term_in_words(term: Term) -> str:
    """`30 дни`, `1 месец`, `5 работни дни`."""
    one, many = _UNITS[term.unit]
    return f"{term.amount} {one if term.amount == 1 else many}"
