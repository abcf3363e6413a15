"""The administrator's page of keys for the town's other systems."""

from starlette.responses import Response

from mailroom.errors import BadRequest
from mailroom.model.access import Scope
from mailroom.web.api_keys import LONGEST_DAYS, make_key, revoke_key
from mailroom.web.typed import is_key
from mailroom.web.visit import Visit, see_other

DAYS = (90, 365, LONGEST_DAYS)
TOLD = {"revoked": "Ключът вече не отваря нищо."}


def show_tokens(visit: Visit) -> Response:
    """Every key that ever was."""
    return _page(visit)


def add_token(visit: Visit) -> Response:
    """A new key, shown this once."""
    scopes = [Scope(value) for value in visit.form.getlist("scope") if value in set(Scope)]
    days = visit.text("days")
    try:
        made, secret = make_key(visit.office, visit.staff.login, visit.text("name"), scopes,
                                department_id=visit.text("department_id") or None,
                                days=int(days) if is_key(days) else 0)
    except BadRequest as error:
        return _page(visit, sentence=str(error), status=400)
    return _page(visit, made=made.name, secret=secret)


def revoke_token(visit: Visit) -> Response:
    """Take a key back."""
    number = visit.text("token")
    revoke_key(visit.office, visit.staff.login, int(number) if is_key(number) else 0)
    return see_other("/tokens?done=revoked")


def _page(visit: Visit, *, sentence: str = "", status: int = 200, made: str = "", secret: str = "") -> Response:
    with visit.office.store.reading() as register:
        tokens = register.tokens.all()
    return visit.page("tokens.html", status=status, tokens=tokens, days=DAYS, scopes=tuple(Scope), sentence=sentence,
                      told=TOLD.get(visit.asked("done"), ""), made=made, secret=secret, typed=visit.form,
                      departments={one.id: one.name for one in visit.office.pack.departments}, pack=visit.office.pack)
