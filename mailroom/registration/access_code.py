"""The code with which a citizen looks up the state of a letter: printed in every letter, short, not to be guessed."""

import secrets

ALPHABET = "34679ACDEFHJKMNPQRTWXY"
"""No two signs that are alike on paper (0 O, 1 I, 2 Z, 5 S, 8 B, U V); capital letters and digits."""
LENGTH = 8
"""22⁸ ≈ 5·10¹⁰ codes, and each opens one number of one date only."""

_LIKE_LATIN = str.maketrans("АСЕНКМРТХУ", "ACEHKMPTXY")
"""Cyrillic letters that a citizen may type for what stands on the paper."""


def new_access_code() -> str:
    """A fresh code: `7KXM-4QFA`."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{code[:4]}-{code[4:]}"


def same_access_code(typed: str, code: str) -> bool:
    """Whether the code typed is this one, however it was typed: small letters, Cyrillic look-alikes, no hyphen.

    Takes equally long for every wrong code.
    """
    return secrets.compare_digest(_plain(typed), _plain(code))


def _plain(code: str) -> bytes:
    """Capital Latin letters and digits alone."""
    folded = code.upper().translate(_LIKE_LATIN)
    return "".join(sign for sign in folded if sign.isalnum()).encode()
