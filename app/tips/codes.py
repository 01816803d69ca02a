"""Receipt codes: read aloud and copied by hand without mistakes, never stored themselves."""

from __future__ import annotations

import hashlib
import secrets

from app.errors import BadInput

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""31 signs, a prime number: without 0 and O, 1, I and L, which people take for each other."""
RANDOM, GROUP = 15, 4
"""15 signs are 74 bits; the sixteenth makes every mistyped sign and every swap of two neighbours show."""
LONGEST = 40


def new_code() -> str:
    """A code such as 7KQM-2WXB-R9TD-5HFM."""
    return shown("".join(secrets.choice(ALPHABET) for _ in range(RANDOM)))


def shown(signs: str) -> str:
    """These RANDOM signs with their check sign, in groups."""
    whole = signs + ALPHABET[-_weighed(signs) % len(ALPHABET)]
    return "-".join(whole[start : start + GROUP] for start in range(0, len(whole), GROUP))


def read_code(typed: str) -> str:
    """The sixteen signs of a typed code, whatever its case, blanks and dashes. Raises BadInput for a slip."""
    signs = "".join(sign for sign in typed[:LONGEST].upper() if sign not in " -–—\t\r\n")
    whole = len(signs) == RANDOM + 1 and all(sign in ALPHABET for sign in signs)
    if not whole or _weighed(signs) % len(ALPHABET) != 0:
        raise BadInput(
            "Kode tidak lengkap atau salah ketik; periksa lagi 16 tandanya"
            " / The code is incomplete or mistyped: check its 16 signs",
            field="code",
        )
    return signs


def fingerprint(typed: str) -> str:
    """What is stored of a code: sha256; with 74 random bits it needs no salt. Raises BadInput for a slip."""
    return hashlib.sha256(read_code(typed).encode()).hexdigest()


def _weighed(signs: str) -> int:
    """Each place counts differently (16 to 2, the check sign 1): modulo a prime no slip and no swap adds up to 0."""
    return sum((RANDOM + 1 - place) * ALPHABET.index(sign) for place, sign in enumerate(signs))
