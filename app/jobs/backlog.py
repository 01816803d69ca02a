"""How much waits for the machine, how fast it gets on, and what a token has handed in: asked at every upload, counted
from indexes, with a short memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, sessionmaker

from app.db.base import now
from app.db.flag_tables import Screening
from app.db.submission_tables import Submission

CACHE_SECONDS = 1.0
NEAR = 500
"""So near to a limit the count is made anew each time: no more than so many are taken in within CACHE_SECONDS."""
PACE_CACHE_SECONDS = 5.0
PACE_MINUTES = (1, 10)
"""The last minute tells the pace; where nothing was done in it, the last ten."""
MOST_REMEMBERED = 10_000


def count_upto(session: Session, most: int, *such: ColumnElement[bool]) -> int:
    """How many submissions are such, counted up to `most`."""
    some = select(Submission.id).where(*such).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def per_minute(session: Session) -> float:
    """How many submissions a minute were screened lately; 0 where none was."""
    for minutes in PACE_MINUTES:
        since = now() - timedelta(minutes=minutes)
        done = session.scalar(select(func.count()).select_from(Screening).where(Screening.created_at > since)) or 0
        if done:
            return done / minutes
    return 0.0


class Backlog:
    """What waits and what was handed in, for one process."""

    def __init__(self, sessions: sessionmaker[Session], clock: Callable[[], float] = time.monotonic) -> None:
        self._sessions = sessions
        self._clock = clock
        self._lock = threading.Lock()
        self._counts: dict[object, tuple[float, int]] = {}
        self._pace: tuple[float, float] | None = None

    def waiting(self, limit: int, most: int) -> int:
        """How many wait, counted up to `most`: at most CACHE_SECONDS old, and exact shortly before `limit`."""
        return self._count(("queue", most), limit, most, lambda: [Submission.state == "queued"])

    def handed_in(self, token_id: UUID, since: datetime, limit: int) -> int:
        """How many new submissions this token has handed in since then, up to `limit`; as exact as `waiting`."""
        return self._count(
            (token_id, since, limit),
            limit,
            limit,
            lambda: [Submission.token_id == token_id, Submission.received_at >= since],
        )

    def pace(self) -> float:
        """How many a minute are screened, at most PACE_CACHE_SECONDS old; 0 where nothing was done for ten minutes."""
        known = self._pace
        if known is not None and self._clock() - known[0] < PACE_CACHE_SECONDS:
            return known[1]
        asked = self._clock()
        with self._sessions() as session:
            found = per_minute(session)
        self._pace = (asked, found)
        return found

    def forget(self) -> None:
        """Count anew at the next question."""
        with self._lock:
            self._counts.clear()
        self._pace = None

    def _count(self, what: object, limit: int, most: int, such: Callable[[], Iterable[ColumnElement[bool]]]) -> int:
        known = self._counts.get(what)
        if known is not None and self._clock() - known[0] < CACHE_SECONDS:
            found = known[1]
            if found >= limit or found < limit - NEAR:
                return found
        asked = self._clock()
        with self._sessions() as session:
            found = count_upto(session, most, *such())
        with self._lock:
            if len(self._counts) >= MOST_REMEMBERED:
                self._counts.clear()
            self._counts[what] = (asked, found)
        return found
