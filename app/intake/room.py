"""Whether something more can be taken in: room in the queue and on the disk, and what a token may hand in on one day.

Asked before anything of an upload is read. Programs are asked to wait at the limit, people a fifth later: whoever
sits before a form comes before a bulk upload."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from app.auth.principal import Principal
from app.errors import AppError, QueueFull, StorageFull, TooMany
from app.screening.service import Services

ZONE = ZoneInfo("Asia/Jakarta")
PEOPLE_SHARE = 1.2
DRAIN_SHARE = 0.1
"""Of the limit, so much is to be worked off before whoever was refused should come again."""
SHORTEST_WAIT, LONGEST_WAIT, UNKNOWN_WAIT = 5, 900, 300
"""Seconds; the last where nothing was screened lately."""
FULL_WAIT = 300
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Room:
    """Whether a caller would be taken something in now, how many may wait (None: any number), and otherwise the
    seconds after which to try again."""

    accepting: bool
    limit: int | None
    retry_after: int | None


def require_room(services: Services, principal: Principal | None) -> None:
    """Let through whom there is room for; `principal` None for a person without a login.

    Raises StorageFull or QueueFull with the seconds to wait, and TooMany when the day of a token is used up."""
    _require_disk(services)
    by_token = principal is not None and principal.token_id is not None
    _require_queue(services, by_token=by_token)
    if principal is not None and principal.token_id is not None:
        _require_day(services, principal.token_id)


def state_of(services: Services, principal: Principal) -> Room:
    """What `require_room` would say to this caller."""
    limit = limit_for(services.operating.now().queue_limit, by_token=principal.token_id is not None)
    try:
        require_room(services, principal)
    except AppError as error:
        wait = error.extra.get("retry_after")
        return Room(accepting=False, limit=limit, retry_after=wait if isinstance(wait, int) else None)
    return Room(accepting=True, limit=limit, retry_after=None)


def limit_for(queue_limit: int, *, by_token: bool) -> int | None:
    """How many may wait before this kind of caller is refused; None where there is no limit."""
    return (queue_limit if by_token else math.ceil(queue_limit * PEOPLE_SHARE)) if queue_limit else None


def seconds_to_wait(waiting: int, limit: int, per_minute: float) -> int:
    """How long until a tenth of the limit is free again, at this pace."""
    if per_minute <= 0:
        return UNKNOWN_WAIT
    excess = max(1.0, waiting - limit * (1 - DRAIN_SHARE))
    return min(LONGEST_WAIT, max(SHORTEST_WAIT, math.ceil(60 * excess / per_minute)))


def _require_disk(services: Services) -> None:
    reserved = services.operating.now().reserved_megabytes * MEGABYTE
    free = services.blobs.free() if reserved else None
    if free is not None and free < reserved:
        raise StorageFull(
            "Ruang penyimpanan hampir habis; tidak ada yang diterima. Hubungi pengelola"
            " / The storage is nearly full; nothing is taken in. Tell the administrator",
            retry_after=FULL_WAIT,
        )


def _require_queue(services: Services, *, by_token: bool) -> None:
    allowed = services.operating.now().queue_limit
    limit, most = limit_for(allowed, by_token=by_token), limit_for(allowed, by_token=False)
    if limit is None or most is None:
        return
    waiting = services.backlog.waiting(limit, most)
    if waiting < limit:
        return
    wait = seconds_to_wait(waiting, limit, services.backlog.pace())
    raise QueueFull(
        f"Antrean pemeriksaan penuh (sedikitnya {waiting:,} menunggu); coba lagi dalam {wait} detik"
        f" / The screening queue is full (at least {waiting:,} wait); try again in {wait} seconds",
        retry_after=wait,
        waiting=waiting,
        limit=limit,
    )


def _require_day(services: Services, token_id: UUID) -> None:
    allowed = services.operating.now().submissions_per_day
    if not allowed:
        return
    moment = datetime.now(ZONE)
    today = datetime.combine(moment.date(), time.min, ZONE)
    if services.backlog.handed_in(token_id, today, allowed) >= allowed:
        wait = math.ceil((today + timedelta(days=1) - moment).total_seconds())
        raise TooMany(
            f"Jatah hari ini habis: {allowed:,} kiriman per token; mulai lagi pukul 00.00 WIB"
            f" / Today's quota is used up: {allowed:,} submissions per token; it begins anew at 00:00 WIB",
            retry_after=wait,
        )
