"""Whether it runs, how much waits, and whether the chain of events holds."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from sqlalchemy import select, text

from app import __version__, audit, jobs, telemetry
from app.api.deps import ANYONE, Number, ServicesDep, SessionDep, may
from app.api.pages import PageOut
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.db.event_tables import Event
from app.db.keyset import Sort, sliced
from app.intake.room import state_of
from app.review.fairness import withheld
from app.roster.reembed import count_behind, model_in_use

router = APIRouter(tags=["system"])
Auditor = Annotated[Principal, may("audit.read")]
IN_ORDER = Sort(((Event.id, False),))


class Health(BaseModel):
    """Alive, with the version. `galleries`: "current", "another_pack" while reference photos wait to be embedded by the
    model pack in use (faces are not compared with them), or "unknown" where that pack cannot be read."""

    status: str
    version: str
    galleries: str


class EventOut(BaseModel):
    """One event of the chain."""

    id: int
    at: str
    actor: str
    role: str
    action: str
    object_type: str
    object_id: str
    data: dict[str, Any]
    hash: str


class EventPage(PageOut[EventOut]):
    """Some events in their order. Whoever waits for more asks again with the id of the last one."""


class ChainOut(BaseModel):
    """Whether every hash holds; `broken_at` names the first event that does not."""

    events: int
    holds: bool
    broken_at: int | None
    reason: str


class QueueOut(BaseModel):
    """Submissions by state, the age in seconds of the oldest that waits, and the workers that were heard lately.
    `accepting`: whether the caller would be taken something in now; if not, `retry_after` says in how many seconds to
    try again. `limit`: as many may wait (null: any number)."""

    queued: int
    screened: int
    failed: int
    oldest_queued_seconds: float | None
    live_executors: int
    accepting: bool
    limit: int | None
    retry_after: int | None


@router.get("/healthz", dependencies=[ANYONE], operation_id="health")
def health(services: ServicesDep, session: SessionDep) -> Health:
    """The process answers and reaches its database."""
    session.execute(text("SELECT 1"))
    model = model_in_use(services.settings)
    behind = "another_pack" if model is not None and count_behind(session, model) else "current"
    return Health(status="ok", version=__version__, galleries="unknown" if model is None else behind)


@router.get("/metrics", include_in_schema=False)
def metrics(_principal: Auditor) -> Response:
    """Counters in Prometheus' text format."""
    body, media_type = telemetry.render_metrics()
    return Response(body, media_type=media_type)


@router.get("/api/v1/queue", operation_id="read_queue")
def read_queue(
    principal: Annotated[Principal, may("backlog.read")], services: ServicesDep, session: SessionDep
) -> QueueOut:
    """How many submissions wait for the machine, how long the oldest has waited, and whether more are taken in."""
    stats = jobs.stats(session, services.settings.executor_silence_seconds)
    return QueueOut(**stats, **asdict(state_of(services, principal)))


@router.get("/api/v1/events", operation_id="list_events", responses=problem_responses(422))
def list_events(
    principal: Auditor,
    session: SessionDep,
    after: Annotated[Number, Query()] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> EventPage:
    """Events in order, those after the id `after`. Of an item on which the caller may still give the second verdict,
    the first is withheld: its event is there without author, action and data."""
    found = sliced(session, select(Event).where(Event.id > after), IN_ORDER, None, limit)
    rows = found.items
    hidden = withheld(session, rows, principal)
    fields = EventOut.model_fields
    blank = {"actor": "", "role": "", "action": "flag.withheld", "data": {}}
    items = [
        EventOut(**{name: getattr(row, name) for name in fields} | (blank if row.id in hidden else {})) for row in rows
    ]
    return EventPage(items=items, next=str(items[-1].id) if found.more else None)


@router.get("/api/v1/events/verification", operation_id="verify_events")
def verify_events(_principal: Auditor, session: SessionDep) -> ChainOut:
    """Walk the whole chain and recompute every hash."""
    result = audit.verify(session)
    return ChainOut(
        events=result.events, holds=result.broken_at is None, broken_at=result.broken_at, reason=result.reason
    )
