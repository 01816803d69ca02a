"""Signatures as the published Standard Webhooks specification (1.0.0) has them, and how a receiver checks one.

Only the standard library is used, so that a receiver may take this file as it is."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

PREFIX = "whsec_"
SECRET_BYTES = 32
WINDOW_SECONDS = 300
"""How far the clocks of sender and receiver may be apart; so long a receiver remembers what it took."""


class Refused(Exception):
    """A request that must not be believed; the message says why and holds nothing of it."""


def new_secret() -> str:
    """256 random bits as receivers are told them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature: "v1," and the base64 of HMAC-SHA256 over id.timestamp.body. Raises ValueError for no secret."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(valid: Iterable[str], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """What tells a receiver that a message is ours; one signature for each secret that is valid."""
    return {
        "Webhook-Id": message_id,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": " ".join(sign(secret, message_id, timestamp, body) for secret in valid),
    }


@dataclass
class Verifier:
    """A receiver's check. One per process and secret; `check` may be called by several threads.

    A request is believed once: the same id with the same time again within the window is a replay. A retry by the
    sender has the same id with a later time: it passes, so ids serve to do nothing twice."""

    secret: str
    window_seconds: int = WINDOW_SECONDS
    clock: Callable[[], float] = time.time
    _taken: dict[tuple[str, int], float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, given: Mapping[str, str], body: bytes) -> str:
        """The id of the message whose headers and raw body these are. Raises Refused."""
        told = {name.lower(): value for name, value in given.items()}
        message_id, signatures = told.get("webhook-id", ""), told.get("webhook-signature", "")
        timestamp = _whole(told.get("webhook-timestamp", ""))
        if not message_id or "." in message_id or timestamp is None:
            raise Refused("a header is missing or malformed")
        now = self.clock()
        if abs(now - timestamp) > self.window_seconds:
            raise Refused("the time is outside the window")
        expected = sign(self.secret, message_id, timestamp, body).encode()
        if not any(hmac.compare_digest(expected, one.encode()) for one in signatures.split()):
            raise Refused("no signature fits")
        with self._lock:
            self._taken = {key: until for key, until in self._taken.items() if until >= now}
            if (message_id, timestamp) in self._taken:
                raise Refused("this request was here before")
            self._taken[message_id, timestamp] = timestamp + self.window_seconds
        return message_id


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None


def is_secret(text: str) -> bool:
    """Whether this is a secret of the specification: the prefix and the base64 of 24 to 64 bytes."""
    try:
        return text.startswith(PREFIX) and 24 <= len(base64.b64decode(text[len(PREFIX) :], validate=True)) <= 64
    except (binascii.Error, ValueError):
        return False
