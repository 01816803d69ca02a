"""Jobs outlive their workers: heartbeats, taking over the claims of the silent, and finding what was lost.

Only public calls of the engine are used. The attempt in our own row decides who may write, so every
step here may be repeated, interrupted, or done by several workers at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from dbos import DBOSClient, WorkflowStatus
from sqlalchemy import CursorResult, Engine, delete, select, update
from sqlalchemy.orm import Session

from app.db.office_tables import Executor
from app.db.submission_tables import Submission
from app.jobs import rounds
from app.jobs.outcome import STEP_BACK, fail
from app.jobs.queue import (
    DEFAULT_PRIORITY,
    QUEUE,
    WORKFLOW,
    client,
    clock,
    enqueue,
    live_executors,
    parse_workflow_id,
    settle,
    workflow_id,
)

GIVEN_UP = (
    "Dihentikan setelah {attempts} percobaan: proses pemeriksa mati atau tidak menyelesaikannya / "
    "Given up after {attempts} attempts: the worker died or did not finish it"
)
WORKFLOWS = (WORKFLOW, rounds.WORKFLOW)
LOST_BATCH = 200
FINISHED_BATCH = 1000
KEEP_FINISHED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Watch:
    """What a worker needs to look after its own and its peers' claims."""

    executor_id: str
    engine: Engine
    silence_seconds: float
    max_attempts: int

    @property
    def client(self) -> DBOSClient:
        """The engine's client on this watch's connections."""
        return client(self.engine)


def beat(watch: Watch) -> None:
    """Say that this worker lives."""
    with Session(watch.engine) as session, session.begin():
        seen_at = clock(session)
        mine = update(Executor).where(Executor.id == watch.executor_id).values(seen_at=seen_at)
        if cast("CursorResult[Any]", session.execute(mine)).rowcount == 0:
            session.add(Executor(id=watch.executor_id, seen_at=seen_at))


def claims(watch: Watch) -> list[WorkflowStatus]:
    """All jobs that some worker has claimed and not finished: screenings, and rounds of delivery."""
    return watch.client.list_workflows(
        name=list(WORKFLOWS), queue_name=[QUEUE, rounds.QUEUE], status="PENDING", load_input=False, load_output=False
    )


def take_over_silent(watch: Watch) -> int:
    """Hand on every claim of a worker that was not heard for `silence_seconds`; their number."""
    held = claims(watch)  # before the heartbeats are read: a worker is heard before its first claim
    with Session(watch.engine) as session, session.begin():
        alive = live_executors(session, watch.silence_seconds) | {watch.executor_id}
        since = clock(session) - timedelta(seconds=watch.silence_seconds)
        session.execute(delete(Executor).where(Executor.seen_at <= since, Executor.id != watch.executor_id))
    orphans = [claim for claim in held if claim.executor_id not in alive]
    for claim in orphans:
        hand_on(watch, claim.workflow_id, claim.priority or DEFAULT_PRIORITY)
    return len(orphans)


def hand_on(watch: Watch, name: str, priority: int) -> None:
    """Raise the attempt and enqueue it again in one transaction, or give up visibly; then cancel the old job.

    Whatever still runs under the old attempt may finish, but writes nothing.
    """
    if name.startswith(rounds.PREFIX):
        with Session(watch.engine) as session, session.begin():
            rounds.hand_on(session, name)
        watch.client.cancel_workflow(name)
        return
    submission_id, attempt = parse_workflow_id(name)
    with Session(watch.engine) as session, session.begin():
        deaths = 1 + (session.scalar(select(Submission.deaths).where(Submission.id == submission_id)) or 0)
        changes = {"attempt": attempt + 1, "deaths": deaths}
        if deaths >= watch.max_attempts:
            fail(session, submission_id, attempt, GIVEN_UP.format(attempts=deaths), **changes)
        elif settle(session, submission_id, attempt, **changes):
            enqueue(session, submission_id, attempt + 1, priority + STEP_BACK)
    watch.client.cancel_workflow(name)


def requeue_lost(watch: Watch) -> int:
    """Hand on queued submissions that have no job: those age to the front, so only the oldest are looked at. Rounds of
    delivery without a job too."""
    oldest = select(Submission.id, Submission.attempt).where(Submission.state == "queued")
    with Session(watch.engine) as session:
        rows = session.execute(oldest.order_by(Submission.received_at).limit(LOST_BATCH)).all()
        names = [workflow_id(row.id, row.attempt) for row in rows] + rounds.busy(session)
    if not names:
        return 0
    known = watch.client.list_workflows(
        workflow_ids=names, status=["ENQUEUED", "PENDING", "DELAYED"], load_input=False, load_output=False
    )
    lost = [name for name in names if name not in {job.workflow_id for job in known}]
    for name in lost:
        hand_on(watch, name, DEFAULT_PRIORITY)
    return len(lost)


def forget_finished(watch: Watch) -> int:
    """Delete the engine's rows of jobs that ended a day ago; what they found is in our own tables."""
    before = (datetime.now(UTC) - KEEP_FINISHED).isoformat()
    done = watch.client.list_workflows(
        name=list(WORKFLOWS),
        status=["SUCCESS", "ERROR", "CANCELLED"],
        completed_before=before,
        limit=FINISHED_BATCH,
        load_input=False,
        load_output=False,
    )
    if done:
        watch.client.delete_workflows([job.workflow_id for job in done])
    return len(done)


def retire(watch: Watch) -> None:
    """The end of a worker: release what it still holds and strike its heartbeat."""
    for claim in claims(watch):
        if claim.executor_id == watch.executor_id:
            hand_on(watch, claim.workflow_id, claim.priority or DEFAULT_PRIORITY)
    with Session(watch.engine) as session, session.begin():
        session.execute(delete(Executor).where(Executor.id == watch.executor_id))
