"""Keys of other systems: made, recognised, taken back. The secret is shown once; the register has its SHA-256.

A plain digest is enough for 256 random bits, which nobody can try out (NIST SP 800-63B, 5.1.1.2 asks for stretching of
what people remember only).
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta

from mailroom.errors import BadRequest
from mailroom.model.access import ApiToken, Scope
from mailroom.office import Office

PREFIX = "mailroom_"
"""By which a key that was published by mistake is found."""
LONGEST_DAYS = 1095
_LONGEST_NAME = 100


def make_key(office: Office, who: str, name: str, scopes: Collection[Scope], *, department_id: str | None,
             days: int) -> tuple[ApiToken, str]:
    """A new key and its secret. Raises BadRequest."""
    if not name or len(name) > _LONGEST_NAME:
        raise BadRequest("Напишете коя система ще ползва ключа, до 100 знака.")
    if not scopes:
        raise BadRequest("Изберете какво може системата: да чете, да регистрира, или и двете.")
    if department_id is not None and department_id not in {one.id for one in office.pack.departments}:
        raise BadRequest("Такова звено няма. Изберете звено от списъка.")
    if not 1 <= days <= LONGEST_DAYS:
        raise BadRequest(f"Ключът важи от 1 до {LONGEST_DAYS} дни.")
    secret, now = PREFIX + secrets.token_urlsafe(32), office.now()
    with office.store.transaction() as register:
        made = register.tokens.add(name, digest_of_key(secret), set(scopes), department_id=department_id,
                                   created_by=who, now=now, expires_at=now + timedelta(days=days))
        register.history.note("token_added", who=who, at=now, token=made.id, name=name, scopes=list(made.scopes))
    return made, secret


def revoke_key(office: Office, who: str, token_id: int) -> ApiToken:
    """The key opens nothing any more. Raises BadRequest when there is none."""
    with office.store.transaction() as register:
        gone = register.tokens.revoke(token_id, office.now())
        register.history.note("token_revoked", who=who, at=office.now(), token=token_id, name=gone.name)
    return gone


def digest_of_key(secret: str) -> str:
    """What the register keeps of a key."""
    return hashlib.sha256(secret.encode()).hexdigest()
