"""Encryption of backups with age (https://age-encryption.org/v1); home of pyrage.

The machine that makes backups has public keys alone: whoever takes the machine cannot open the backups that it made.
"""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pyrage

from mailroom.errors import BadRequest, Misconfigured

HEADER = b"age-encryption.org/v1"
"""With this every encrypted file begins."""


def new_identity() -> tuple[str, str]:
    """A new pair: the secret identity, which opens backups, and the public recipient, for which they are made."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def check_recipients(recipients: Iterable[str]) -> None:
    """Raises Misconfigured for what is no public key of age."""
    for recipient in recipients:
        _recipient(recipient)


def is_encrypted(file: Path) -> bool:
    """Whether the file was encrypted with age."""
    with file.open("rb") as opened:
        return opened.read(len(HEADER)) == HEADER


@contextmanager
def encrypted(raw: BinaryIO, recipients: Iterable[str]) -> Iterator[BinaryIO]:
    """Whatever is written comes encrypted into `raw`; nothing of it touches the disk in between."""
    keys = [_recipient(recipient) for recipient in recipients]
    read_end, write_end = os.pipe()

    def encrypt() -> None:
        with open(read_end, "rb") as plain:  # noqa: PTH123 - a descriptor
            pyrage.encrypt_io(plain, raw, keys)

    with ThreadPoolExecutor(1, thread_name_prefix="mailroom-encrypt") as pool:
        done = pool.submit(encrypt)
        with open(write_end, "wb") as sink:  # noqa: PTH123 - a descriptor
            yield sink
        done.result()


@contextmanager
def decrypted(raw: BinaryIO, identities: Path) -> Iterator[BinaryIO]:
    """What `raw` holds, in the clear. Raises BadRequest when the key is another or the file is damaged, at the latest
    when the block ends: only then all of it is known to be whole."""
    keys = _identities(identities)
    read_end, write_end = os.pipe()

    def decrypt() -> None:
        with open(write_end, "wb") as plain:  # noqa: PTH123 - a descriptor
            pyrage.decrypt_io(raw, plain, keys)

    with ThreadPoolExecutor(1, thread_name_prefix="mailroom-decrypt") as pool:
        done = pool.submit(decrypt)
        try:
            with open(read_end, "rb") as source:  # noqa: PTH123 - a descriptor
                yield source
                source.read()
        finally:
            trouble = done.exception()
            # A reader that stopped early has closed the pipe: its own error is the one to tell.
            if isinstance(trouble, pyrage.DecryptError | OSError) and not isinstance(trouble, BrokenPipeError):
                raise BadRequest(f"the backup cannot be decrypted: {trouble}; is {identities} the key for it, and the "
                                 "file whole?") from trouble


def _recipient(recipient: str) -> "pyrage.x25519.Recipient":
    try:
        return pyrage.x25519.Recipient.from_str(recipient.strip())
    except pyrage.RecipientError as error:
        raise Misconfigured(f"backup.recipients: „{recipient:.20}…“ is no public key of age ({error}): it begins with "
                            "age1; „mailroom backup-key FILE“ makes one") from error


def _identities(file: Path) -> list["pyrage.x25519.Identity"]:
    """The keys of an identity file as age-keygen writes it: a line each, comments behind #."""
    try:
        lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"{file}: cannot be read as a key file: {error}") from error
    try:
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError as error:
        raise BadRequest(f"{file}: no key of age in it ({error}): give the file that „mailroom backup-key“ or "
                         "age-keygen has written") from error
    if not keys:
        raise BadRequest(f"{file}: no key in it: give the file that „mailroom backup-key“ or age-keygen has written")
    return keys
