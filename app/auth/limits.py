"""Rate limits: moving windows of one minute in this process's memory.

Every server process counts for itself, so N processes let through N times as much and a restart forgets. That is
enough to slow guessing down; argon2 and long passwords do the rest. Nothing of it is written anywhere.
"""

from __future__ import annotations

import ipaddress
import math
import time
from functools import cache

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.errors import TooMany

ADDRESS_FACTOR = 10


@cache
def limiter() -> MovingWindowRateLimiter:
    """The counters of this process."""
    return MovingWindowRateLimiter(MemoryStorage())


def spend(what: str, per_minute: int, *who: str) -> None:
    """Count one act of `who`; TooMany, with the seconds to wait, when the minute is used up."""
    item = RateLimitItemPerMinute(per_minute, namespace=what)
    if limiter().hit(item, *who):
        return
    wait = max(1, math.ceil(limiter().get_window_stats(item, *who).reset_time - time.time()))
    raise TooMany(
        f"Terlalu sering, coba lagi dalam {wait} detik / Too often, try again in {wait} seconds", retry_after=wait
    )


def spend_sign_in(per_minute: int, address: str, login: str) -> None:
    """Count one try to sign in, per address and login, and ten times as many per address whatever the login."""
    neighbourhood = network(address)
    spend("sign-in-address", per_minute * ADDRESS_FACTOR, neighbourhood)
    spend("sign-in", per_minute, neighbourhood, login.strip().lower()[:80])


def forget_sign_ins(per_minute: int, address: str, login: str) -> None:
    """A try that succeeded: the ones before it were typing errors."""
    item = RateLimitItemPerMinute(per_minute, namespace="sign-in")
    limiter().clear(item, network(address), login.strip().lower()[:80])


def network(address: str) -> str:
    """The address itself, of IPv6 the /64 that one subscriber holds; anything else counts as one place."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)
