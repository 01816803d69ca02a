"""The queue seen from outside a worker: its tables, putting a job in, the fence, and counting."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, TypedDict, cast
from uuid import UUID

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from sqlalchemy import CursorResult, Engine, func, select, text, update
from sqlalchemy.orm import Session

from app.db.base import now
from app.db.engine import open_engine
from app.db.office_tables import Executor
from app.db.submission_tables import Submission

APPLICATION = "netra"
VERSION = "1"  # constant: the engine hands jobs only to workers of the same version
QUEUE = "screening"
WORKFLOW = "screen"
POLL_SECONDS = 0.1  # idle: 5 % of a core (0.05: 8 %, 0.25: 2 %); a backlog is 2 % slower (0.25: 7 to 20 %)
LOG_SECONDS = 10.0
DEFAULT_PRIORITY = 10
LOWEST_PRIORITY = 2**31 - 1
MIGRATION_LOCK = 0x6E657472  # any number that only this project locks on: "netr"

SERIALIZER = DBOSPortableJSONSerializer()  # the engine's default is pickle


class Stats(TypedDict):
    """Jobs by state, the age in seconds of the oldest one that waits, and the workers that were heard lately."""

    queued: int
    screened: int
    failed: int
    oldest_queued_seconds: float | None
    live_executors: int


@lru_cache(maxsize=8)
def client(engine: Engine) -> DBOSClient:
    """The engine's public client on our own connections; it runs nothing and raises when the database is away."""
    quieten()
    return DBOSClient(
        system_database_engine=engine,
        serializer=SERIALIZER,
        application_name=APPLICATION,
        lazy=True,
        retry_connection_errors=False,
    )


class OncePerWhile(logging.Filter):
    """Lets each line of code speak once in a while: without its database the engine warns forty times a second."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds
        self._spoke: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this record is the first from its place for a while."""
        place, moment = (record.pathname, record.lineno), time.monotonic()
        if moment - self._spoke.get(place, -self._seconds) < self._seconds:
            return False
        self._spoke[place] = moment
        return True


def quieten() -> None:
    """Warnings only, through the application's own handlers: with a handler present the engine adds none."""
    log = logging.getLogger("dbos")
    log.setLevel(logging.WARNING)
    if not log.handlers:
        log.addHandler(logging.NullHandler())
        log.addFilter(OncePerWhile(LOG_SECONDS))


def migrate(database_url: str) -> None:
    """Create or upgrade the engine's own tables and name the queue. Idempotent; of several at once one works."""
    quieten()
    engine = open_engine(database_url)
    try:
        with alone(engine):
            DBOS.migrate(database_url)
        declare_queue(client(engine), worker_concurrency=1, overwrite=False)
    finally:
        engine.dispose()


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """One migration at a time: the engine's own lock gives up after 30 seconds. SQLite's write lock does it there.

    Asked for again and again: a statement that waits would hold up CREATE INDEX CONCURRENTLY for ever.
    """
    if engine.dialect.name == "sqlite":
        yield
        return
    key = {"key": MIGRATION_LOCK}
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), key):
            time.sleep(0.1)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), key)


def declare_queue(door: DBOSClient, worker_concurrency: int, *, overwrite: bool) -> None:
    """Name the queue before a worker launches: a queue named later is noticed only a second later."""
    door.register_queue(
        QUEUE,
        worker_concurrency=worker_concurrency,
        polling_interval_sec=POLL_SECONDS,
        on_conflict="always_update" if overwrite else "never_update",
    )


def workflow_id(submission_id: UUID, attempt: int) -> str:
    """The engine's name of one attempt at one submission."""
    return f"{submission_id}:{attempt}"


def parse_workflow_id(name: str) -> tuple[UUID, int]:
    """Submission and attempt out of the engine's name; ValueError when it is not ours."""
    submission_id, _, attempt = name.partition(":")
    return UUID(submission_id), int(attempt)


def enqueue(
    session: Session,
    submission_id: UUID,
    attempt: int = 1,
    priority: int = DEFAULT_PRIORITY,
    delay_seconds: float = 0,
) -> None:
    """Put a job in, in the caller's transaction: it exists exactly when that commits.

    A smaller `priority` (1 at least) is screened earlier. The same attempt twice is one job.
    """
    options: EnqueueOptions = {
        "workflow_name": WORKFLOW,
        "queue_name": QUEUE,
        "workflow_id": workflow_id(submission_id, attempt),
        "app_version": VERSION,
        "priority": min(max(1, priority), LOWEST_PRIORITY),
    }
    if delay_seconds > 0:
        options["delay_seconds"] = delay_seconds
    door = client(session.get_bind().engine)
    door.enqueue_in_transaction(session.connection(), options, str(submission_id), attempt)


def settle(session: Session, submission_id: UUID, attempt: int, /, **changes: Any) -> bool:
    """Change a submission's row if this attempt still owns it; False: another took over, so write nothing.

    The fence of every writer: call it first in the recording transaction, it also locks the row.
    """
    statement = (
        update(Submission)
        .where(Submission.id == submission_id, Submission.attempt == attempt, Submission.state == "queued")
        .values(**changes)
        .execution_options(synchronize_session=False)
    )
    return cast("CursorResult[Any]", session.execute(statement)).rowcount == 1


def clock(session: Session) -> datetime:
    """The time on which heartbeats agree: the server's, or this machine's for a file."""
    if session.get_bind().dialect.name == "sqlite":
        return now()
    return session.scalars(select(func.now())).one()


def live_executors(session: Session, silence_seconds: float) -> set[str]:
    """Ids of the workers that were heard within `silence_seconds`."""
    since = clock(session) - timedelta(seconds=silence_seconds)
    return set(session.scalars(select(Executor.id).where(Executor.seen_at > since)))


def stats(session: Session, silence_seconds: float = 10.0) -> Stats:
    """What the queue looks like now; `silence_seconds` as in the settings."""
    by_state = select(Submission.state, func.count()).group_by(Submission.state)
    counts: dict[str, int] = dict(session.execute(by_state).all())
    oldest = session.scalar(select(func.min(Submission.received_at)).where(Submission.state == "queued"))
    return Stats(
        queued=counts.get("queued", 0),
        screened=counts.get("screened", 0),
        failed=counts.get("failed", 0),
        oldest_queued_seconds=None if oldest is None else max(0.0, (now() - oldest).total_seconds()),
        live_executors=len(live_executors(session, silence_seconds)),
    )
