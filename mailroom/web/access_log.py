"""The page that tells who has looked at an ЕГН or at a whistleblower's report.

The administrator sees every line, the confidential officer those of sealed items. Neither learns from the page what is
in a letter.
"""

from starlette.responses import Response

from mailroom.model.staff import Role
from mailroom.store.access_log import AccessFilter
from mailroom.web.typed import is_key
from mailroom.web.visit import Visit

LINES = 100


def show_access_log(visit: Visit) -> Response:
    """The looks, the newest first."""
    before = visit.asked("before")
    wanted = AccessFilter(sealed_only=visit.staff.role is Role.CONFIDENTIAL, login=visit.asked("login"),
                          number=visit.asked("number"))
    with visit.office.store.reading() as register:
        looks = register.access_log.page(wanted, before=int(before) if is_key(before) else None, limit=LINES + 1)
        people = register.people.all()
    return visit.page("access_log.html", looks=looks[:LINES], older=looks[LINES - 1].id if len(looks) > LINES else None,
                      names={person.login: person.name for person in people}, people=people, wanted=wanted,
                      is_first=not before, days=visit.office.settings.web.access_log_days)
