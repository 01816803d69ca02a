"""What becomes of a job that did not succeed: put off for a while, failed, queued again. Ends are on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from app import audit
from app.db.base import now
from app.db.engine import rows_changed
from app.db.office_tables import Destruction
from app.db.submission_tables import Submission
from app.jobs.queue import DEFAULT_PRIORITY, enqueue, settle

STEP_BACK = 10
"""A job that did not succeed goes behind the others."""
SHORTEST_DELAY, LONGEST_DELAY = timedelta(seconds=30), timedelta(minutes=10)
DESTROYED = exists().where(Destruction.submission_id == Submission.id, Destruction.kind == "item")
PATIENCE = timedelta(hours=1)
"""How long a fault may last that has nothing to do with the post."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The actor of what no person did."""

    login: str = "system"
    role: str = "system"


MACHINE = Machine()


def fail(session: Session, submission_id: UUID, attempt: int, failure: str, /, **changes: Any) -> bool:
    """End a submission as failed, in the caller's transaction; False when another attempt has taken over.

    `failure` is kept and shown: it must hold no personal data."""
    if not settle(session, submission_id, attempt, state="failed", failure=failure, **changes):
        return False
    facts = {"attempt": attempt, "failure": failure}
    audit.append(session, MACHINE, "submission.failed", "submission", submission_id, facts)
    return True


def put_off(session: Session, submission_id: UUID, attempt: int, failure: str) -> bool:
    """Try again later, ever more seldom; False when it was failed because the fault has outlasted PATIENCE."""
    moment = now()
    since = session.scalar(select(Submission.troubled_since).where(Submission.id == submission_id)) or moment
    troubled = moment - since
    if troubled >= PATIENCE:
        return not fail(session, submission_id, attempt, failure)
    if settle(session, submission_id, attempt, attempt=attempt + 1, troubled_since=since):
        delay = max(SHORTEST_DELAY, min(troubled, LONGEST_DELAY)).total_seconds()
        enqueue(session, submission_id, attempt + 1, DEFAULT_PRIORITY + STEP_BACK, delay)
    return True


def requeue(session: Session, actor: audit.Actor, submission_id: UUID) -> bool:
    """Queue a failed submission again as a new attempt, in the caller's transaction; False when it is not failed."""
    failed = update(Submission).where(Submission.id == submission_id, Submission.state == "failed", ~DESTROYED)
    fresh = {"attempt": Submission.attempt + 1, "state": "queued", "failure": None, "deaths": 0, "troubled_since": None}
    if not rows_changed(session.execute(failed.values(fresh).execution_options(synchronize_session=False))):
        return False
    attempt = session.scalars(select(Submission.attempt).where(Submission.id == submission_id)).one()
    enqueue(session, submission_id, attempt)
    audit.append(session, actor, "submission.requeued", "submission", submission_id, {"attempt": attempt})
    return True


def failed_submissions(session: Session) -> Sequence[UUID]:
    """All that failed and still have their originals, the oldest first."""
    query = select(Submission.id).where(Submission.state == "failed", ~DESTROYED)
    return session.scalars(query.order_by(Submission.received_at)).all()
