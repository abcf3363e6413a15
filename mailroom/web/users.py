"""The administrator's pages about people: who may log in, as what, and with a second factor or without."""

from collections.abc import Callable
from urllib.parse import quote

from starlette.responses import Response

from mailroom.errors import BadRequest
from mailroom.model.access import Account
from mailroom.model.pack import Pack
from mailroom.model.staff import Role, Staff
from mailroom.store.store import Register
from mailroom.web.account import browser_name, typed_password
from mailroom.web.passwords import hash_password
from mailroom.web.typed import is_login
from mailroom.web.visit import NotHere, Visit, idle_time, see_other

TOLD = {"added": "Потребителят е добавен. При първото влизане ще смени паролата със своя.",
        "changed": "Промените са записани.",
        "password": "Паролата е сменена, отворените входове са прекратени. При влизане ще я смени със своя.",
        "disabled": "Потребителят вече не може да влиза.", "enabled": "Потребителят отново може да влиза.",
        "reset": "Вторият фактор е нулиран: потребителят влиза само с парола и може да го включи наново.",
        "ended": "Всички входове на потребителя са прекратени.", "demands": "Изискването за втори фактор е записано."}
_OWN = "Не можете да спрете или промените собствената си роля: помолете друг администратор."


def show_users(visit: Visit) -> Response:
    """Everybody with a log-in."""
    return _all_page(visit)


def show_user(visit: Visit) -> Response:
    """One person."""
    return _one_page(visit, visit.asked("login"))


def add_user(visit: Visit) -> Response:
    """A new log-in."""
    try:
        person = _typed_person(visit, visit.office.pack)
        # Who is to come in by single sign-on alone needs no password.
        typed = typed_password(visit)
        password_hash = hash_password(typed) if typed or visit.office.settings.oidc is None else ""
        with visit.office.store.transaction() as register:
            register.people.add(person, password_hash, must_change=bool(password_hash))
            register.history.note("user_added", who=visit.staff.login, at=visit.now, login=person.login,
                                  role=person.role)
    except BadRequest as error:
        return _all_page(visit, sentence=str(error), status=400)
    return see_other("/users?done=added")


def _acting(name: str, what: str, act: Callable[[Visit, Register, Account], None]) -> Callable[[Visit], Response]:
    """A change to one person, with its line in the history; what cannot be done comes back with its reason."""
    def handler(visit: Visit) -> Response:
        login = visit.text("login")
        try:
            with visit.office.store.transaction() as register:
                account = register.people.account(login)
                act(visit, register, account)
                register.history.note(what, who=visit.staff.login, at=visit.now, login=login)
        except BadRequest as error:
            return _one_page(visit, login, sentence=str(error), status=400)
        return see_other(f"/users/one?login={quote(login)}&done={name}")

    return handler


def _change(visit: Visit, register: Register, account: Account) -> None:
    person = _typed_person(visit, visit.office.pack).model_copy(update={"active": account.staff.active})
    if person.login == visit.staff.login and person.role is not visit.staff.role:
        raise BadRequest(_OWN)
    register.people.change(person)


def _password(visit: Visit, register: Register, account: Account) -> None:
    register.people.set_password_hash(account.staff.login, hash_password(typed_password(visit)), must_change=True)


def _disable(visit: Visit, register: Register, account: Account) -> None:
    if account.staff.login == visit.staff.login:
        raise BadRequest(_OWN)
    register.people.disable(account.staff.login)


change_user = _acting("changed", "user_changed", _change)
set_password = _acting("password", "user_password", _password)
disable_user = _acting("disabled", "user_disabled", _disable)
enable_user = _acting("enabled", "user_enabled", lambda _, register, account: register.people.change(
    account.staff.model_copy(update={"active": True})))
reset_second_factor = _acting("reset", "second_factor_off", lambda _, register, account: register.second_factors.remove(
    account.staff.login))
end_sessions = _acting("ended", "sessions_ended", lambda _, register, account: register.sessions.end_all(
    account.staff.login))


def demand_second_factor(visit: Visit) -> Response:
    """Which roles need a second factor."""
    roles = [Role(value) for value in visit.form.getlist("role") if value in set(Role)]
    with visit.office.store.transaction() as register:
        register.second_factors.demand(roles)
        register.history.note("second_factor_demanded", who=visit.staff.login, at=visit.now, roles=sorted(roles))
    return see_other("/users?done=demands")


# ---- the pages ------------------------------------------------------------------------------------------------------


def _all_page(visit: Visit, *, sentence: str = "", status: int = 200) -> Response:
    with visit.office.store.reading() as register:
        accounts, demanded = register.people.accounts(), register.second_factors.demanded()
    return visit.page("users.html", status=status, accounts=accounts, demanded=demanded, roles=tuple(Role),
                      pack=visit.office.pack, sentence=sentence, told=TOLD.get(visit.asked("done"), ""),
                      typed=visit.form, departments={one.id: one.name for one in visit.office.pack.departments},
                      oidc=visit.office.settings.oidc)


def _one_page(visit: Visit, login: str, *, sentence: str = "", status: int = 200) -> Response:
    with visit.office.store.reading() as register:
        if register.people.get(login) is None:
            raise NotHere
        account = register.people.account(login)
        sessions = register.sessions.of(login, visit.now, idle_time(visit.office))
    return visit.page("user.html", status=status, account=account, person=account.staff, sessions=sessions,
                      roles=tuple(Role), pack=visit.office.pack, sentence=sentence,
                      told=TOLD.get(visit.asked("done"), ""), browser_name=browser_name)


def _typed_person(visit: Visit, pack: Pack) -> Staff:
    """The person of the form. Raises BadRequest."""
    login, name, role = visit.text("login"), visit.text("name"), visit.text("role")
    if not is_login(login) or not name:
        raise BadRequest("Напишете потребителско име без интервали и трите имена.")
    if role not in set(Role):
        raise BadRequest("Изберете роля от списъка.")
    officer, department = visit.text("officer_id") or None, visit.text("department_id") or None
    known = {None, *(o.id for o in pack.officers)}, {None, *(d.id for d in pack.departments)}
    if officer not in known[0] or department not in known[1]:
        raise BadRequest("Изберете служител и звено от списъка.")
    if role == Role.OFFICER and department is None:
        raise BadRequest("Служителят вижда писмата на своето звено: изберете звено.")
    return Staff(login=login, name=name, role=Role(role), officer_id=officer, department_id=department,
                 email=visit.text("email"))
