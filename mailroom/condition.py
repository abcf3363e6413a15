"""Looks at how the mailroom does: what the health page shows, the metrics count and an alarm hangs on.

How long the silence of a source may last is learned from its own last four weeks, in working time: the longest silence
of then, and half as much again. The settings may say otherwise (`silence_hours`).
"""

import shutil
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from mailroom.config import Settings
from mailroom.looking_later import FOUND
from mailroom.model.base import SOFIA, day_of
from mailroom.model.condition import Condition, SourceCondition
from mailroom.model.proof import LastVerification
from mailroom.office import Office
from mailroom.registration.calendar import WorkingCalendar
from mailroom.store.daybook import BACKUP, SourceHealth
from mailroom.store.store import Register

DISK = "disk"
"""Name of the milestone in the daybook: how much of the disk was in use on a day."""
WORKDAY = (time(8, 0), time(18, 0))
"""Between these hours letters may be missed. Longer than office hours, so that nobody is woken for an evening."""
_SHARE_SECONDS = 5.0
"""So long whoever looks waits for a share with the originals that does not answer."""
_LEARN_FROM = timedelta(days=28)
_MOST_ARRIVALS = 2000
"""Of a busy mailbox the last so many say enough."""
_FEWEST_ARRIVALS = 20
"""From fewer nothing is learned."""
_SHORTEST_SILENCE = 4 * 60
_LONGEST_LOOK = timedelta(days=60)
_FORECAST_FROM = timedelta(days=28)
_SHORTEST_FORECAST = timedelta(days=2)


def look_at(office: Office) -> Condition:
    """The condition now. Needs the register."""
    now = office.now()
    with office.store.reading() as register:
        sources = _sources(office, register, now)
        vitals, days = register.vitals, register.daybook
        disk = shutil.disk_usage(office.settings.data_dir)
        proof, first = days.verification(), days.first_since(DISK, date.min)
        return Condition(
            at=now, sources=sources, items=vitals.live_items(), total_items=vitals.total_items(),
            unfinished=register.items.unfinished(), stuck=vitals.stuck(),
            oldest_unfinished=vitals.oldest_unfinished(), letters=vitals.letters_not_gone(),
            oldest_due_mail=vitals.oldest_due_mail(now),
            unscanned=register.unscanned.count(), late_viruses=int(days.result(FOUND, day_of(now)) or 0),
            originals=office.store.originals.trouble_within(_SHARE_SECONDS), disk_free=disk.free, disk_total=disk.total,
            disk_days_left=disk_days_left(register, office.settings, now),
            kept_since=first[0] if first else None, backup_at=days.latest_at(BACKUP),
            verified=LastVerification(on=proof.on, faults=proof.fault_count) if proof else None)


def note_disk(office: Office) -> None:
    """Once a day, how much of the disk is in use: the forecast is made of it."""
    now = office.now()
    today = day_of(now)
    with office.store.reading() as register:
        done = register.daybook.is_done(DISK, today)
    if not done:
        disk = shutil.disk_usage(office.settings.data_dir)
        with office.store.transaction() as register:
            register.daybook.done(DISK, today, now, result=str(disk.total - disk.free))


def _configured(settings: Settings) -> dict[str, float | None]:
    """Every mailbox and folder → the hours of silence that the settings allow it; null: to be learned."""
    return {one.name: one.silence_hours for one in settings.sources}


def _sources(office: Office, register: Register, now: datetime) -> tuple[SourceCondition, ...]:
    reported = {state.source: state for state in register.daybook.sources()}
    waiting = register.vitals.unfinished_by_source()
    return tuple(_source(office, register, reported.get(name) or SourceHealth(source=name), now, wanted,
                         waiting.get(name, 0)) for name, wanted in _configured(office.settings).items())


def _source(office: Office, register: Register, state: SourceHealth, now: datetime, wanted: float | None,
            waiting: int) -> SourceCondition:
    came = register.vitals.arrivals(state.source, since=now - _LEARN_FROM, limit=_MOST_ARRIVALS)
    last = came[0] if came else register.vitals.last_arrival(state.source)
    learned = usual_silence(came, office.calendar)
    return SourceCondition(
        name=state.source, seen_at=state.seen_at, trouble=state.trouble, since=state.since, last_arrival=last,
        waiting=waiting, silent_minutes=working_minutes(last, now, office.calendar) if last else 0,
        usual_silence=learned if wanted is None else round(wanted * 60) or None)


def usual_silence(came: Sequence[datetime], calendar: WorkingCalendar) -> int | None:
    """After how many working minutes the silence of a source is unusual, by when its letters `came`, the latest first.
    Null where they are too few to tell."""
    if len(came) < _FEWEST_ARRIVALS:
        return None
    longest = max(working_minutes(earlier, later, calendar) for later, earlier in pairwise(came))
    return max(longest * 3 // 2, _SHORTEST_SILENCE)


def working_minutes(start: datetime, end: datetime, calendar: WorkingCalendar) -> int:
    """Minutes between two moments that fall into the hours of working days; at most those of the last sixty days."""
    start = max(start, end - _LONGEST_LOOK).astimezone(SOFIA)
    end = end.astimezone(SOFIA)
    day, seconds = start.date(), 0.0
    while day <= end.date():
        if calendar.is_working(day):
            seconds += _worked(day, start, end)
        day += timedelta(days=1)
    return int(seconds // 60)


def _worked(day: date, start: datetime, end: datetime) -> float:
    opens, closes = (datetime.combine(day, at, SOFIA) for at in WORKDAY)
    return max(0.0, (min(end, closes) - max(start, opens)).total_seconds())


def disk_days_left(register: Register, settings: Settings, now: datetime) -> int | None:
    """After how many days the disk is full, from the oldest note of the last four weeks and the use now; null where it
    does not grow, or that is not known yet."""
    noted = register.daybook.first_since(DISK, day_of(now - _FORECAST_FROM))
    if noted is None or now - noted[0] < _SHORTEST_FORECAST:
        return None
    disk = shutil.disk_usage(settings.data_dir)
    grown = disk.total - disk.free - int(noted[1])
    days = (now - noted[0]) / timedelta(days=1)
    return int(disk.free / (grown / days)) if grown > 0 else None
