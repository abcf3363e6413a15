"""Passwords: hashed with argon2id (home of argon2-cffi; RFC 9106), never kept and never logged."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from mailroom.errors import BadRequest

SHORTEST = 10
"""Characters; length protects more than odd signs do (NIST SP 800-63B, 5.1.1)."""
LONGEST = 200

_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id hash to keep. Raises BadRequest when the password is too short or too long."""
    if len(password) < SHORTEST:
        raise BadRequest(f"Паролата трябва да има поне {SHORTEST} знака. Няколко думи са по-лесни за помнене.")
    if len(password) > LONGEST:
        raise BadRequest(f"Паролата може да има най-много {LONGEST} знака.")
    return _HASHER.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Whether this is the password; takes equally long when nobody has the log-in (`kept` null), or it has none (empty:
    single sign-on alone)."""
    if len(password) > LONGEST:
        return False
    try:
        return _HASHER.verify(kept or _of_nobody(), password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _of_nobody() -> str:
    """Compared with when there is no such person, so that the answer takes as long."""
    return _HASHER.hash("no one has this password")
