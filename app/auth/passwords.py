"""Password hashes: argon2id with OWASP's second parameter set, one at a time so that memory stays bounded."""

from __future__ import annotations

import secrets
import threading
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from app.errors import BadInput

SHORTEST, LONGEST = 10, 200
HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))
one_at_a_time = threading.Lock()


def hash_password(password: str) -> str:
    """The argon2 hash of a new password; BadInput when it is too short, too long or no valid text."""
    if not SHORTEST <= len(password) <= LONGEST or not encodable(password):
        raise BadInput(
            f"Kata sandi harus {SHORTEST}-{LONGEST} karakter / The password must have {SHORTEST}-{LONGEST} characters",
            field="password",
        )
    with one_at_a_time:
        return HASHER.hash(password)


def check_password(stored: str | None, password: str) -> tuple[bool, str | None]:
    """Whether `password` fits, and a new hash when the parameters have changed since `stored` was made.

    The same work is done when there is nothing stored: the time tells nobody which logins exist.
    """
    substitute = decoy()
    known = stored is not None and len(password) <= LONGEST and encodable(password)
    guess = password if known else "-" * SHORTEST
    with one_at_a_time:
        try:
            fits, renewed = HASHER.verify_and_update(guess, stored if known and stored else substitute)
        except UnknownHashError:
            return False, None
    return (True, renewed) if fits and known else (False, None)


@cache
def decoy() -> str:
    """A hash that no password fits, made once per process with the present parameters."""
    return HASHER.hash(secrets.token_urlsafe(32))


def encodable(text: str) -> bool:
    """Whether the text is free of lone surrogates, which have no UTF-8 form."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
