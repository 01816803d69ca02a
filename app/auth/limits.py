"""Rate limits: windows of a minute or an hour in this process's memory.

Every server process counts for itself, so N processes let through N times as much and a restart forgets. That is
enough to slow guessing and runaway programs down; argon2, long passwords and tokens of 256 random bits do the rest.
Nothing of it is written anywhere: what a day allows is counted from the database (app.intake.room).
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from dataclasses import dataclass
from functools import cache

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from app.auth.principal import Principal
from app.auth.sessions import LONGEST_SECRET, fingerprint
from app.errors import TooMany

ADDRESS_FACTOR = 10
MINUTE = 60
SWEEP_SECONDS = 30.0
MOST_KNOWN = 10_000
_known: dict[str, str] = {}
"""Hash of a secret that opened something lately -> whose it is. Only a copy of what the database says: a secret that
no longer opens anything is dropped when it is tried."""


@dataclass(frozen=True, slots=True)
class Window:
    """What a caller may still do: of `limit` acts a minute `left`, and the `seconds` until all are there again."""

    limit: int
    left: int
    seconds: int


class Sweeper(threading.Timer):
    """A timer that goes off again and again, for as long as the process lives."""

    def run(self) -> None:
        """Call the function after each interval."""
        while not self.finished.wait(self.interval):
            self.function()


@cache
def limiter() -> MovingWindowRateLimiter:
    """The counters of this process.

    The store sweeps out what is over in a thread that it starts for every request that finds none alive. One that
    stays alive takes its place: to start a thread costs a request more than all its counting."""
    storage = MemoryStorage()
    storage.timer = Sweeper(SWEEP_SECONDS, storage.timer.function)
    storage.timer.daemon = True
    storage.timer.start()
    return MovingWindowRateLimiter(storage)


def spend(what: str, per_minute: int, *who: str) -> None:
    """Count one act of `who`; TooMany, with the seconds to wait, when the minute is used up."""
    _spend(RateLimitItemPerMinute(per_minute, namespace=what), *who)


def spend_hourly(what: str, per_hour: int, *who: str) -> None:
    """The same for an hour."""
    _spend(RateLimitItemPerHour(per_hour, namespace=what), *who)


def require_hourly(what: str, per_hour: int, *who: str) -> None:
    """TooMany when the hour is used up already; counts nothing."""
    item = RateLimitItemPerHour(per_hour, namespace=what)
    if not limiter().test(item, *who):
        raise _used_up(item, *who)


def _spend(item: RateLimitItem, *who: str) -> None:
    if not limiter().hit(item, *who):
        raise _used_up(item, *who)


def _used_up(item: RateLimitItem, *who: str) -> TooMany:
    return too_many(limiter().get_window_stats(item, *who).reset_time - time.time())


def count(what: str, per_minute: int, who: str) -> Window:
    """Count one request of `who`; TooMany when the minute is used up.

    For what happens at every request: a counter that begins with the first one and ends a minute later, not a list
    of moments as in `spend`."""
    storage, key = limiter().storage, f"{what}/{who}"
    used = storage.incr(key, MINUTE)
    seconds = max(1, math.ceil(storage.get_expiry(key) - time.time()))
    if used > per_minute:
        raise too_many(seconds)
    return Window(per_minute, per_minute - used, seconds)


def too_many(seconds: float) -> TooMany:
    """The error that says how long to wait."""
    wait = max(1, math.ceil(seconds))
    return TooMany(
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


# -- whose secret it is, without asking the database ------------------------------------------------------------------


def learn(secret: str, principal: Principal | None) -> None:
    """Remember whose this token or cookie is, or that it opens nothing."""
    if not 0 < len(secret) <= LONGEST_SECRET:
        return
    proof = fingerprint(secret)
    _known.pop(proof, None)
    if principal is not None:
        _known[proof] = str(principal.token_id or principal.user_id)
        while len(_known) > MOST_KNOWN:
            _known.pop(next(iter(_known)), None)


def whose(secret: str) -> str | None:
    """Whose token or cookie this was when it was last used; None for strangers."""
    return _known.get(fingerprint(secret)) if 0 < len(secret) <= LONGEST_SECRET else None
