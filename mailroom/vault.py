"""Locks away what must not be read out of the register or of a backup: the secrets of second factors (home of Fernet).

The key is outside the database and in no backup: the credential or variable `second-factor-key`, else the file
`second-factor.key` of the data directory, made when first needed. Machines that share a register share the key. Who has
lost it loses no letter: people come in by a recovery code, or an administrator resets their second factor.
"""

import os
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from mailroom.config import secret
from mailroom.errors import Misconfigured

CREDENTIAL = "second-factor-key"
KEY_FILE = "second-factor.key"
LOCKED = "fernet:"
"""How what is locked begins; a secret in base 32 never does."""


class Vault:
    """Locks and unlocks with the key of one data directory. Safe to be called from several threads."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / KEY_FILE

    def lock(self, text: str) -> str:
        """The text, as nobody can read it without the key; the key is made when there is none.

        Raises Misconfigured for a key that is none, OSError when one cannot be written.
        """
        return LOCKED + (self._known() or self._made()).encrypt(text.encode()).decode()

    def unlock(self, locked: str) -> str | None:
        """What was locked; null without its key. Raises Misconfigured for a key that is none."""
        known = self._known()
        try:
            return known.decrypt(locked.removeprefix(LOCKED)).decode() if known else None
        except InvalidToken:
            return None

    def _known(self) -> Fernet | None:
        try:
            key = secret(CREDENTIAL)
        except Misconfigured:  # it is nowhere: then the file
            if not self._file.exists():
                return None
            key = self._file.read_text("utf-8").strip()
        try:
            return Fernet(key)
        except ValueError as error:
            raise Misconfigured(f"the key of the second factors ({CREDENTIAL}, {self._file}) is none: put back the one "
                                "that was there, or remove it and reset the second factors") from error

    def _made(self) -> Fernet:
        """A new key on disk, or the one that another process has just made."""
        key = Fernet.generate_key()
        temporary = self._file.with_name(f".{KEY_FILE}-{os.getpid()}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(key + b"\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(temporary, self._file)
        except FileExistsError:
            key = self._file.read_bytes().strip()
        finally:
            temporary.unlink(missing_ok=True)
        return Fernet(key)
