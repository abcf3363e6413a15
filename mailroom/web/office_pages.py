"""Pages about the office itself: the mayor's digest, how the machine does, who may log in."""

import shutil

from starlette.responses import Response

from mailroom import journey
from mailroom.errors import BadRequest
from mailroom.model.outgoing import OutgoingStatus
from mailroom.model.pack import Pack
from mailroom.model.staff import Role, Staff
from mailroom.store.queue import QueueFilter, View
from mailroom.web.passwords import hash_password
from mailroom.web.visit import Visit, see_other

LITTLE_SPACE = 2 << 30
"""Octets free on disk below which the page warns."""
TROUBLES = 50
TOLD = {"added": "Потребителят е добавен.",
        "password": "Паролата е сменена; отворените сесии на потребителя са прекратени.",
        "disabled": "Потребителят вече не може да влиза."}


def show_digest(visit: Visit) -> Response:
    """The morning's digest, for a telephone as well."""
    return visit.page("digest.html", digest=journey.digest(visit.office, visit.today))


def show_health(visit: Visit) -> Response:
    """Sources, what is unfinished, what is stuck, the disk. No letters: of an item only its key and trouble."""
    office = visit.office
    with office.store.reading() as register:
        sources = register.daybook.sources()
        unfinished = register.items.unfinished()
        stuck = [row for sealed in (False, True) for row in register.queue.rows(
            QueueFilter(view=View.TROUBLE, today=visit.today, sealed=sealed), limit=TROUBLES)]
        letters = {status: len(register.outbox.with_status(status)) for status in (
            OutgoingStatus.QUEUED, OutgoingStatus.HELD, OutgoingStatus.FAILED, OutgoingStatus.BOUNCED)}
    disk = shutil.disk_usage(office.settings.data_dir)
    return visit.page("health.html", sources=sources, unfinished=unfinished, stuck=stuck, letters=letters, disk=disk,
                      little_space=disk.free < LITTLE_SPACE, off=office.letters_off_reason, pack=office.pack)


# ---- people ---------------------------------------------------------------------------------------------------------


def show_users(visit: Visit) -> Response:
    """Everybody with a log-in."""
    return _users_page(visit)


def _users_page(visit: Visit, *, sentence: str = "", status: int = 200) -> Response:
    with visit.office.store.reading() as register:
        people = register.people.all()
    return visit.page("users.html", status=status, people=people, roles=tuple(Role), pack=visit.office.pack,
                      sentence=sentence, told=TOLD.get(visit.asked("done"), ""), typed=visit.form)


def add_user(visit: Visit) -> Response:
    """A new log-in."""
    try:
        person = _typed_person(visit, visit.office.pack)
        password_hash = hash_password(_password(visit))
        with visit.office.store.transaction() as register:
            register.people.add(person, password_hash)
            register.history.note("user_added", who=visit.staff.login, at=visit.now, login=person.login,
                                  role=person.role)
    except BadRequest as error:
        return _users_page(visit, sentence=str(error), status=400)
    return see_other("/users?done=added")


def set_password(visit: Visit) -> Response:
    """A new password for somebody; every open log-in of theirs ends."""
    login = visit.text("login")
    try:
        password_hash = hash_password(_password(visit))
        with visit.office.store.transaction() as register:
            register.people.set_password_hash(login, password_hash)
            register.history.note("user_password", who=visit.staff.login, at=visit.now, login=login)
    except BadRequest as error:
        return _users_page(visit, sentence=str(error), status=400)
    return see_other("/users?done=password")


def disable_user(visit: Visit) -> Response:
    """Somebody may not log in any more."""
    login = visit.text("login")
    try:
        if login == visit.staff.login:
            raise BadRequest("Не можете да спрете собствения си достъп: помолете друг администратор.")
        with visit.office.store.transaction() as register:
            register.people.disable(login)
            register.history.note("user_disabled", who=visit.staff.login, at=visit.now, login=login)
    except BadRequest as error:
        return _users_page(visit, sentence=str(error), status=400)
    return see_other("/users?done=disabled")


def _password(visit: Visit) -> str:
    """As typed: blanks at its ends belong to it."""
    typed = visit.form.get("password", "")
    return typed if isinstance(typed, str) else ""


def _typed_person(visit: Visit, pack: Pack) -> Staff:
    """The person of the form. Raises BadRequest."""
    login, name, role = visit.text("login"), visit.text("name"), visit.text("role")
    if not login or not name or any(sign.isspace() for sign in login):
        raise BadRequest("Напишете потребителско име без интервали и трите имена.")
    if role not in set(Role):
        raise BadRequest("Изберете роля от списъка.")
    officer, department = visit.text("officer_id") or None, visit.text("department_id") or None
    known = {None, *(o.id for o in pack.officers)}, {None, *(d.id for d in pack.departments)}
    if officer not in known[0] or department not in known[1]:
        raise BadRequest("Изберете служител и звено от списъка.")
    if role == Role.OFFICER and department is None:
        raise BadRequest("Служителят вижда писмата на своето звено: изберете звено.")
    return Staff(login=login, name=name, role=Role(role), officer_id=officer, department_id=department)
