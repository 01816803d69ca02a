"""Legal holds on items, and the records of what retention destroyed."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.deps import Number, SessionDep, may
from app.api.flags import DecisionOut, decided
from app.api.pages import PageDep, PageOut, shown
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.db.office_tables import DestructionRun
from app.office import record
from app.review import hold
from app.review.reasons import LONGEST_NOTE

router = APIRouter(prefix="/api/v1", tags=["retention"])
Coordinator = Annotated[Principal, may("flag.coordinate")]
Auditor = Annotated[Principal, may("audit.read")]
REFUSALS = problem_responses(404, 409, 422)


class ReasonIn(BaseModel):
    """A reason of at least 10 characters."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(max_length=LONGEST_NOTE)


class RunOut(BaseModel):
    """One run that destroyed something; `ended_at` is null where it broke off (the next one went on)."""

    id: int
    begun_at: datetime
    ended_at: datetime | None
    actor: str
    things: int


class LineOut(BaseModel):
    """One file of a record; `kept`: another post names the same file, which stays."""

    rule: str
    kind: str
    submission: uuid.UUID | None
    since: datetime
    at: datetime
    sha256: str
    kept: bool


class RunPage(PageOut[RunOut]):
    """Some runs, the newest first."""


class LinePage(PageOut[LineOut]):
    """Some lines of a record; `limit` counts what was destroyed, of which each may have several files."""


@router.post("/flags/{flag_id}/hold", status_code=201, operation_id="hold_flag", responses=REFUSALS)
def hold_flag(flag_id: uuid.UUID, body: ReasonIn, principal: Coordinator, session: SessionDep) -> DecisionOut:
    """Legal hold: nothing of this item is destroyed until it is lifted."""
    event = hold.hold(session, principal, flag_id, body.reason)
    session.commit()
    return decided(session, flag_id, event)


@router.post("/flags/{flag_id}/hold-lifting", status_code=201, operation_id="lift_hold", responses=REFUSALS)
def lift_hold(flag_id: uuid.UUID, body: ReasonIn, principal: Coordinator, session: SessionDep) -> DecisionOut:
    """Let the timers of retention run again."""
    event = hold.lift(session, principal, flag_id, body.reason)
    session.commit()
    return decided(session, flag_id, event)


@router.get("/destructions", operation_id="list_destructions", responses=problem_responses(422))
def list_destructions(_principal: Auditor, session: SessionDep, page: PageDep) -> RunPage:
    """The newest runs of retention that destroyed something."""
    return RunPage(**shown(record.runs(session, page.after, page.limit), _run))


@router.get("/destructions/{run_id}", operation_id="read_destruction", responses=problem_responses(404))
def read_destruction(run_id: Number, _principal: Auditor, session: SessionDep, page: PageDep) -> LinePage:
    """The record of one run: every hash with its rule."""
    record.get_run(session, run_id)
    return LinePage(**shown(record.some_lines(session, run_id, page.after, page.limit), asdict))


def _run(found: tuple[DestructionRun, int]) -> RunOut:
    run, things = found
    return RunOut(id=run.id, begun_at=run.begun_at, ended_at=run.ended_at, actor=run.actor, things=things)
