"""Proof of work without third parties: a signed challenge that expires, and a number that took work to find."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.errors import BadInput

VALID = timedelta(hours=2)
LEAST_SECONDS = 4
"""Nobody without a program fills the form in faster than this."""
LONGEST = 120
LEAST_BITS, MOST_BITS = 1, 26


@dataclass(frozen=True, slots=True)
class Challenge:
    """What the server signed: the challenge's name, when it was given out, and how many leading zero bits it asks."""

    text: str
    id: str
    issued: datetime
    bits: int

    @property
    def expires(self) -> datetime:
        """From then on it is refused."""
        return self.issued + VALID


def issue(key: bytes, bits: int, moment: datetime) -> Challenge:
    """A new challenge of `bits`; nothing of it is stored."""
    name, second = secrets.token_urlsafe(15), int(moment.timestamp())
    said = f"{name}.{second}.{bits}"
    return Challenge(f"{said}.{_signature(key, said)}", name, datetime.fromtimestamp(second, UTC), bits)


def read(key: bytes, text: str, moment: datetime) -> Challenge:
    """The challenge, if it is ours and not expired. Raises BadInput with the field `challenge`."""
    said, _, signature = text[:LONGEST].rpartition(".")
    ours = text.isascii() and hmac.compare_digest(_signature(key, said), signature)
    if not ours:
        raise BadInput("Tantangan tidak dikenal; muat ulang / Unknown challenge: ask for a new one", field="challenge")
    name, second, bits = said.split(".")
    found = Challenge(text, name, datetime.fromtimestamp(int(second), UTC), int(bits))
    if found.expires <= moment:
        raise BadInput(
            "Formulir sudah terlalu lama terbuka; kirim sekali lagi / The form was open for too long: send it again",
            field="challenge",
        )
    return found


def holds(challenge: Challenge, proof: str) -> bool:
    """Whether sha256("<challenge>:<proof>") begins with as many zero bits as were asked for."""
    if not (proof.isascii() and proof.isdigit() and len(proof) <= 20):
        return False
    digest = hashlib.sha256(f"{challenge.text}:{proof}".encode()).digest()
    return int.from_bytes(digest) >> (len(digest) * 8 - challenge.bits) == 0


def work(challenge: Challenge) -> str:
    """The smallest proof: what a program does before it sends a tip. Takes 2 ** bits tries on average."""
    number = 0
    while not holds(challenge, str(number)):
        number += 1
    return str(number)


def question(key: bytes, challenge: Challenge) -> tuple[int, int]:
    """Two numbers from 2 to 9 to be added by who has no program to do the work; always the same for a challenge."""
    first, second = hmac.digest(key, f"question.{challenge.id}".encode(), "sha256")[:2]
    return first % 8 + 2, second % 8 + 2


def _signature(key: bytes, said: str) -> str:
    return urlsafe_b64encode(hmac.digest(key, said.encode(), "sha256")).decode().rstrip("=")
