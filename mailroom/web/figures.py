"""Looking instead of reading: the dashboard, the yearly and monthly report, and the report for the public.

Numbers only; of a whistleblower's report not even the number (ЗЗЛПСПОИН 31).
"""

from collections.abc import Callable
from contextvars import Context
from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response

from mailroom import counting
from mailroom.reporting.publish import NOTE
from mailroom.reporting.report import MONTHS, Period, period_of
from mailroom.reporting.table import Report, as_csv
from mailroom.web.render import rendered
from mailroom.web.typed import is_key
from mailroom.web.visit import NotHere, Visit

LENGTHS = (30, 90, 365)
"""Days that the dashboard can show."""
PAGES_AT_ONCE = 2
"""Pages of letters that are counted before the page is shown; what is left, the service counts."""
OLDEST_YEAR, NEWEST_YEAR = 2000, 2999
BOM = "\ufeff"
"""Without it a spreadsheet takes the Cyrillic for something else."""


def show_dashboard(visit: Visit) -> Response:
    """What comes in and goes out, what waits where, how terms are kept."""
    counting.count(visit.office, pages=PAGES_AT_ONCE)
    asked = visit.asked("days")
    days = next((length for length in LENGTHS if str(length) == asked), LENGTHS[0])
    shown = counting.dashboard(visit.office, days)
    tables = {table.key: table for table in shown.report.tables}
    return visit.page("dashboard.html", shown=shown, tables=tables, days=days, lengths=LENGTHS)


def show_report(visit: Visit) -> Response:
    """The report on a year or a month; without being asked for one, on this year."""
    counting.count(visit.office, pages=PAGES_AT_ONCE)
    period = _period(visit)
    with visit.office.store.reading() as register:
        first = register.tallies.first_day()
    years = range(visit.today.year, (first or visit.today).year - 1, -1)
    return visit.page("report.html", report=counting.report(visit.office, period), period=period, years=years,
                      months=MONTHS, month=_month(visit), query=urlencode(_asked_for(visit)))


def report_file(visit: Visit) -> Response:
    """The report as a file: for a spreadsheet, or for the town's site."""
    name = visit.request.path_params["name"]
    if name not in FILES:
        raise NotHere
    counting.count(visit.office, pages=PAGES_AT_ONCE)
    media_type, public, write = FILES[name]
    made = counting.report(visit.office, _period(visit), public=public)
    stem, _, ending = name.rpartition(".")
    part = f"-{_month(visit):02}" if _month(visit) else ""
    return Response(write(made), media_type=f"{media_type}; charset=utf-8", headers={
        "content-disposition": f'attachment; filename="{stem}-{made.since[:4]}{part}.{ending}"'})


def html_alone(report: Report) -> str:
    """A page that needs nothing beside it: for the town's own site, or for a drawer. Always in Bulgarian, whatever
    language the person reads who makes it."""
    return Context().run(rendered, "report_alone.html", report=report, note=NOTE,
                         made_on=f"{date.fromisoformat(report.made_on):%d.%m.%Y}")


def csv_with_bom(report: Report) -> str:
    """For a spreadsheet."""
    return BOM + "".join(as_csv(report))


FILES: dict[str, tuple[str, bool, Callable[[Report], str]]] = {
    "report.csv": ("text/csv", False, csv_with_bom),
    "public-report.csv": ("text/csv", True, csv_with_bom),
    "public-report.html": ("text/html", True, html_alone),
}
"""Name → what it is, whether it is for the public, and how it is written."""


def _month(visit: Visit) -> int | None:
    asked = visit.asked("month")
    return int(asked) if is_key(asked) and 1 <= int(asked) <= 12 else None


def _period(visit: Visit) -> Period:
    asked = visit.asked("year")
    year = int(asked) if is_key(asked) and OLDEST_YEAR <= int(asked) <= NEWEST_YEAR else visit.today.year
    return period_of(year, _month(visit))


def _asked_for(visit: Visit) -> dict[str, int]:
    month = _month(visit)
    return {"year": _period(visit).since.year} | ({"month": month} if month else {})
