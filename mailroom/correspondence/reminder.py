"""The message that reminds the staff of dates: near, past, or moved by a change of the calendar."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from mailroom.correspondence.envelope import new_message_id
from mailroom.correspondence.templates import Templates
from mailroom.model.base import Value
from mailroom.model.outgoing import Draft, LetterType, OutgoingChannel
from mailroom.model.pack import Pack

SHOWN = 40
"""Lines of one section; the rest is a number and the link to the queue."""


class ReminderStage(StrEnum):
    """Why somebody is told of a date."""

    NEAR = "near"
    OVERDUE = "overdue"
    MOVED = "moved"


class Reminder(Value):
    """One date of one item. Of a sealed item nothing but the date is said (ЗЗЛПСПОИН 31)."""

    number: str
    stage: ReminderStage
    clock: str
    """`charter`, `statute`, `answer` (whichever is earlier), or the name of a duty."""
    due: date
    before: date | None = None
    """For a date that moved: where it was."""
    kind: str = ""
    """Value of Kind; empty where it is not to be said."""
    subject: str = ""
    """Masked; empty where it is not to be said."""
    sealed: bool = False


def write_reminder(reminders: Sequence[Reminder], pack: Pack, templates: Templates, *, recipient: str,
                   from_address: str, queue_url: str, now: datetime) -> Draft:
    """One message for one person, the earliest dates first. queue_url: empty leaves the link out."""
    earliest_first = sorted(reminders, key=lambda one: (one.due, one.number))
    rendered = templates.render(LetterType.REMINDER, {
        "reminders": {stage.value: [one for one in earliest_first if one.stage is stage] for stage in ReminderStage},
        "shown": SHOWN, "municipality": pack.contact, "queue_url": queue_url, "written_on": now,
    })
    return Draft(
        type=LetterType.REMINDER, item_id=None, channel=OutgoingChannel.EMAIL, to=recipient, subject=rendered.subject,
        text=rendered.text, html=rendered.html, page_html=rendered.page_html,
        message_id=new_message_id(from_address),
    )
