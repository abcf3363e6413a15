"""The second factor: codes from a telephone (TOTP, RFC 6238; home of pyotp and segno) and recovery codes on paper."""

import hashlib
import re
import secrets
from datetime import datetime

import pyotp
import segno
import structlog

from mailroom.model.staff import Staff
from mailroom.registration.access_code import ALPHABET
from mailroom.store.store import Register
from mailroom.vault import Vault
from mailroom.web.language import gettext

log = structlog.get_logger()

STEP_SECONDS = 30
_AROUND = (0, -1, 1)
"""Steps whose codes are good, for telephones whose clock is off (RFC 6238, 5.2)."""
RECOVERY_CODES = 8
_CODE_SIGNS, _GROUP = 16, 4
"""22¹⁶ codes: a plain digest of one is safe to keep."""
_SECRET = re.compile(r"[A-Z2-7]{32}")


def new_secret() -> str:
    """A fresh secret, 160 bits in base 32 (RFC 4226, 4)."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    """Whether this may be one of ours."""
    return _SECRET.fullmatch(text) is not None


def qr_code(secret: str, staff: Staff, town: str) -> str:
    """The secret for the telephone's camera, as SVG to stand in a page. `town`: its id, in Latin letters, which keep
    the picture coarse enough for an old camera."""
    address = pyotp.TOTP(secret).provisioning_uri(name=staff.login, issuer_name=f"mailroom {town}")
    return segno.make(address, error="m", micro=False).svg_inline(border=4, dark="#000", light="#fff", omitsize=True,
                                                                  title=gettext("QR код за приложението в телефона"))


def step_of(secret: str, code: str, now: datetime, after: int = 0) -> int | None:
    """The time step whose code this is, later than `after`; null when the code is wrong, old, or used before."""
    typed = "".join(code.split())
    totp, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    good = [current + offset for offset in _AROUND
            if secrets.compare_digest(totp.generate_otp(current + offset).encode(), typed.encode())]
    return next((step for step in good if step > after), None)


def check_code(register: Register, vault: Vault, login: str, code: str, now: datetime) -> bool:
    """Whether this is the person's code of this moment, or one of the recovery codes; either is good once.

    Without the key of the secrets a recovery code alone is good.
    """
    known = register.second_factors.of(login)
    if known is None:
        return False
    locked, last = known
    secret = vault.unlock(locked)
    if secret is None:
        log.error("second_factor_without_key", login=login)
    step = step_of(secret, code, now, last) if secret else None
    if step is None:
        return register.second_factors.use_code(login, digest_of_code(code))
    register.second_factors.take_step(login, step)
    return True


def new_recovery_codes() -> tuple[str, ...]:
    """Codes to be printed: `7KXM-4QFA-9TRE-C3WD`."""
    signs = ("".join(secrets.choice(ALPHABET) for _ in range(_CODE_SIGNS)) for _ in range(RECOVERY_CODES))
    return tuple("-".join(code[at:at + _GROUP] for at in range(0, _CODE_SIGNS, _GROUP)) for code in signs)


def digest_of_code(code: str) -> str:
    """What is kept of a recovery code, however it was typed."""
    return hashlib.sha256("".join(sign for sign in code.upper() if sign.isalnum()).encode()).hexdigest()
