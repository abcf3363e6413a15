"""What a dry run has shown, for a browser."""

from starlette.responses import Response

from mailroom.dry_run import days_of
from mailroom.web.visit import NotHere, Visit


def show_dry_run(visit: Visit) -> Response:
    """What would have been registered, answered and filtered, each day. Figures alone. Raises NotHere without one."""
    if not visit.office.dry_run:
        raise NotHere
    return visit.page("dry_run.html", days=days_of(visit.office.store))
