"""A person's own log-in: the password, the second factor, and where else one is logged in."""

from starlette.responses import Response

from mailroom.errors import BadRequest
from mailroom.model.access import Account
from mailroom.web.limits import forget_try, is_shut, note_failure
from mailroom.web.passwords import hash_password, is_password
from mailroom.web.second_factor import digest_of_code, is_secret, new_recovery_codes, new_secret, qr_code, step_of
from mailroom.web.visit import Visit, idle_time, see_other

DOOR = "password"
_TRIES = 5
TOLD = {"password": "Паролата е сменена. Другите Ви входове са прекратени.",
        "off": "Вторият фактор е изключен.", "ended": "Входът е прекратен.",
        "others": "Всички други входове са прекратени."}
_WRONG = "Сегашната парола не е вярна."
_SHUT = "Прекалено много неуспешни опити. Опитайте отново след четвърт час."


def show_account(visit: Visit) -> Response:
    """The own log-in."""
    return _page(visit)


def change_password(visit: Visit) -> Response:
    """A new password for oneself; every other log-in ends."""
    try:
        _check_password(visit)
        new, again = typed_password(visit, "new"), typed_password(visit, "again")
        if new != again:
            raise BadRequest("Двете нови пароли не са еднакви. Напишете ги отново.")
        if new == typed_password(visit):
            raise BadRequest("Новата парола е същата като сегашната: изберете друга.")
        kept = hash_password(new)
        with visit.office.store.transaction() as register:
            register.people.change_password(visit.staff.login, kept, stays=visit.session.token_sha256)
            register.history.note("own_password", who=visit.staff.login, at=visit.now)
    except BadRequest as error:
        return _page(visit, sentence=str(error), status=400)
    return see_other("/account?done=password")


def end_session(visit: Visit) -> Response:
    """One log-in elsewhere ends, or all others do."""
    with visit.office.store.transaction() as register:
        if which := visit.text("session"):
            register.sessions.end_one(visit.staff.login, which)
        else:
            register.sessions.end_all(visit.staff.login, but=visit.session.token_sha256)
    return see_other(f"/account?done={'ended' if which else 'others'}")


# ---- the second factor ----------------------------------------------------------------------------------------------


def show_second_factor(visit: Visit) -> Response:
    """How to set it up; who has it already learns how many recovery codes are left."""
    return _second_factor_page(visit, new_secret())


def set_up_second_factor(visit: Visit) -> Response:
    """The first code from the telephone is right: from now on one is asked for at every log-in."""
    secret = visit.text("secret")
    if not is_secret(secret) or _account(visit).has_second_factor:
        return see_other("/account/second-factor")
    step = step_of(secret, visit.text("code"), visit.now)
    if step is None:
        return _second_factor_page(visit, secret, status=400, sentence=(
            "Кодът не е верен. Проверете дали часовникът на телефона е верен и напишете кода, който се вижда сега."))
    codes, locked = new_recovery_codes(), visit.office.vault.lock(secret)
    with visit.office.store.transaction() as register:
        register.second_factors.set(visit.staff.login, locked, step, map(digest_of_code, codes))
        register.sessions.end_all(visit.staff.login, but=visit.session.token_sha256)
        register.history.note("second_factor_on", who=visit.staff.login, at=visit.now)
    return visit.page("recovery_codes.html", codes=codes)


def turn_off_second_factor(visit: Visit) -> Response:
    """The password alone does again, where the role allows that."""
    try:
        _check_password(visit)
        with visit.office.store.transaction() as register:
            if visit.staff.role in register.second_factors.demanded():
                raise BadRequest("За Вашата роля вторият фактор е задължителен и не може да се изключи.")
            register.second_factors.remove(visit.staff.login)
            register.history.note("second_factor_off", who=visit.staff.login, at=visit.now, login=visit.staff.login)
    except BadRequest as error:
        return _second_factor_page(visit, "", sentence=str(error), status=400)
    return see_other("/account?done=off")


def renew_recovery_codes(visit: Visit) -> Response:
    """New recovery codes; the old ones are void."""
    try:
        _check_password(visit)
    except BadRequest as error:
        return _second_factor_page(visit, "", sentence=str(error), status=400)
    if not _account(visit).has_second_factor:
        return see_other("/account/second-factor")
    codes = new_recovery_codes()
    with visit.office.store.transaction() as register:
        register.second_factors.replace_codes(visit.staff.login, map(digest_of_code, codes))
        register.history.note("recovery_codes", who=visit.staff.login, at=visit.now)
    return visit.page("recovery_codes.html", codes=codes)


# ---- what they share ------------------------------------------------------------------------------------------------


def typed_password(visit: Visit, name: str = "password") -> str:
    """As typed: blanks at its ends belong to it."""
    typed = visit.form.get(name, "")
    return typed if isinstance(typed, str) else ""


def _check_password(visit: Visit) -> None:
    """The person is really the one who logged in: whoever finds a screen unlocked stops here. Raises BadRequest."""
    limits = ((visit.staff.login, _TRIES),)
    with visit.office.store.transaction() as register:
        kept = register.people.password_hash(visit.staff.login)
        if is_shut(register, DOOR, limits, visit.now):
            raise BadRequest(_SHUT)
        note_failure(register, DOOR, limits, visit.now)
    if not is_password(typed_password(visit), kept):
        raise BadRequest(_WRONG)
    with visit.office.store.transaction() as register:
        forget_try(register, DOOR, limits, visit.now)


def _account(visit: Visit) -> Account:
    with visit.office.store.reading() as register:
        return register.people.account(visit.staff.login)


def _page(visit: Visit, *, sentence: str = "", status: int = 200) -> Response:
    with visit.office.store.reading() as register:
        account = register.people.account(visit.staff.login)
        sessions = register.sessions.of(visit.staff.login, visit.now, idle_time(visit.office))
        demanded = visit.staff.role in register.second_factors.demanded()
    return visit.page("account.html", status=status, account=account, sessions=sessions, demanded=demanded,
                      sentence=sentence, told=TOLD.get(visit.asked("done"), ""), browser_name=browser_name)


def _second_factor_page(visit: Visit, secret: str, *, sentence: str = "", status: int = 200) -> Response:
    account = _account(visit)
    with visit.office.store.reading() as register:
        demanded = visit.staff.role in register.second_factors.demanded()
    picture = qr_code(secret, visit.staff, visit.office.pack.id) if secret else ""
    return visit.page("second_factor.html", status=status, account=account, secret=secret, picture=picture,
                      demanded=demanded, sentence=sentence)


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("Windows", "Windows"), ("Android", "телефон с Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
            ("Mac OS", "Mac"), ("Linux", "Linux"))


def browser_name(agent: str) -> str:
    """`Firefox, Windows`: enough to know one's own computers apart."""
    found = [next((name for sign, name in known if sign in agent), "") for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(part for part in found if part) or "непознат браузър"
