"""Rounds of delivery as jobs of the engine: one at a time for each webhook, with a delay where the last try failed.

As with screenings, the webhook's row holds the attempt that may write: a round that was thought dead and wakes up
writes nothing. How a round is done is told by the layers above (`Courier`)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dbos import DBOSClient, EnqueueOptions
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.db.engine import rows_changed
from app.db.hook_tables import Webhook
from app.jobs.queue import VERSION, client

QUEUE = "webhooks"
WORKFLOW = "deliver"
PREFIX = "webhook:"
AT_ONCE = 4
"""Rounds at a time in one process: a slow receiver does not hold up the others."""
POLL_SECONDS = 1.0
LOST_BATCH = 200


@dataclass(frozen=True, slots=True)
class Courier:
    """What a worker needs to deliver: `wake` begins rounds where news wait, `deliver(webhook, attempt, stopping)` does
    one."""

    wake: Callable[[], None]
    deliver: Callable[[UUID, int, threading.Event], None]


def name_of(webhook_id: UUID, attempt: int) -> str:
    """The engine's name of one round."""
    return f"{PREFIX}{webhook_id}:{attempt}"


def parse_name(name: str) -> tuple[UUID, int]:
    """Webhook and attempt out of the engine's name; ValueError when it is not ours."""
    webhook_id, _, attempt = name.removeprefix(PREFIX).partition(":")
    return UUID(webhook_id), int(attempt)


def declare(door: DBOSClient, *, overwrite: bool) -> None:
    """Name the queue before a worker launches."""
    policy: Any = "always_update" if overwrite else "never_update"
    door.register_queue(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=POLL_SECONDS, on_conflict=policy)


def fence(session: Session, webhook_id: UUID, attempt: int, /, **changes: Any) -> bool:
    """Change the webhook's row if this round still owns it, and lock it; False: another took over, so write nothing."""
    mine = update(Webhook).where(Webhook.id == webhook_id, Webhook.attempt == attempt, Webhook.busy)
    done = session.execute(mine.values(**(changes or {"busy": True})).execution_options(synchronize_session=False))
    return rows_changed(done) == 1


def begin(session: Session, webhook_id: UUID, attempt: int, delay_seconds: float = 0) -> bool:
    """Put the round after `attempt` in, in the caller's transaction; False where another was faster.

    Whatever waits or runs under the earlier attempt writes nothing any more."""
    mine = update(Webhook).where(Webhook.id == webhook_id, Webhook.attempt == attempt)
    values = {"attempt": attempt + 1, "busy": True}
    if rows_changed(session.execute(mine.values(values).execution_options(synchronize_session=False))) != 1:
        return False
    options: EnqueueOptions = {
        "workflow_name": WORKFLOW,
        "queue_name": QUEUE,
        "workflow_id": name_of(webhook_id, attempt + 1),
        "app_version": VERSION,
    }
    if delay_seconds > 0:
        options["delay_seconds"] = delay_seconds
    client(session.get_bind().engine).enqueue_in_transaction(session, options, str(webhook_id), attempt + 1)
    return True


def hand_on(session: Session, name: str) -> None:
    """Begin anew what a dead worker held, if it still is the round of its webhook."""
    webhook_id, attempt = parse_name(name)
    if session.scalar(select(Webhook.busy).where(Webhook.id == webhook_id)):
        begin(session, webhook_id, attempt)


def busy(session: Session) -> list[str]:
    """The names of the rounds that ought to be in the queue or running."""
    rows = session.execute(select(Webhook.id, Webhook.attempt).where(Webhook.busy).limit(LOST_BATCH))
    return [name_of(row.id, row.attempt) for row in rows]
