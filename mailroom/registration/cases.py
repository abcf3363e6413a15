"""Counts the terms of a pack's own examples, so that a town sees at once what a changed term does."""

from mailroom.model.base import SOFIA
from mailroom.model.case import Case
from mailroom.model.entry import Due
from mailroom.model.pack import Pack
from mailroom.registration.calendar import WorkingCalendar
from mailroom.registration.terms import due_for_kind


def due_of(case: Case, pack: Pack, calendar: WorkingCalendar) -> Due:
    """Both clocks of a case; it is registered at the moment at which it came."""
    at = case.received if case.received.tzinfo else case.received.replace(tzinfo=SOFIA)
    return due_for_kind(case.kind, case.matter, channel=case.channel, received_at=at, registered_at=at, pack=pack,
                        calendar=calendar, inspection_needed=case.inspection_needed)


def wrong_dates(case: Case, pack: Pack, calendar: WorkingCalendar) -> str | None:
    """In one line, how the two dates differ from what the case expects; null where they do not."""
    due = due_of(case, pack, calendar)
    wrong = [f"{name} = {clock.date if clock else 'none'}, expected {expected or 'none'}"
             for name, clock, expected in (("charter_due", due.charter, case.charter_due),
                                           ("statute_due", due.statute, case.statute_due))
             if (clock.date if clock else None) != expected]
    return f"„{case.title}“: {'; '.join(wrong)}" if wrong else None
