"""The queue of flags, each with its explanation, and the decisions of people."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.api.deps import Number, SessionDep, may
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.db.tables import Flag
from app.review import queue
from app.review.decide import decide, undo
from app.review.explain import explain
from app.review.reasons import CONFIRM_REASONS, DISMISS_REASONS, LONGEST_NOTE

router = APIRouter(prefix="/api/v1/flags", tags=["flags"])
Reader = Annotated[Principal, may("flag.read")]
Decider = Annotated[Principal, may("flag.decide")]


class FlagOut(BaseModel):
    """One row of the queue."""

    id: uuid.UUID
    submission: uuid.UUID
    contest: str
    state: str
    band: str
    score: float
    paslon: int | None
    direction: str | None
    stage: str
    articles: list[str]
    last_event: int
    created_at: datetime


class FlagPage(BaseModel):
    """Some flags in the order of work, and the cursor of the next page."""

    items: list[FlagOut]
    next: str | None


class DecisionIn(BaseModel):
    """A verdict with a fixed reason; `seen` is the last event of the item that the reviewer saw.

    A note of at least 20 characters is needed where the reason is "other"."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"verdict": "dismiss", "reason": "look_alike", "note": "", "seen": 12}]},
    )
    verdict: Literal["confirm", "dismiss"]
    reason: str = Field(max_length=40, description=", ".join(dict.fromkeys((*CONFIRM_REASONS, *DISMISS_REASONS))))
    note: str = Field("", max_length=LONGEST_NOTE)
    seen: Number


class UndoIn(BaseModel):
    """The last event of the item that the reviewer saw."""

    model_config = ConfigDict(extra="forbid")
    seen: Number


class DecisionOut(BaseModel):
    """The event that was appended, and the state that follows from it."""

    event: int
    hash: str
    state: str


def brief(flag: Flag) -> FlagOut:
    """The flag as a row of the queue."""
    return FlagOut(
        id=flag.id,
        submission=flag.submission_id,
        contest=flag.contest_id,
        state=flag.state,
        band=flag.band,
        score=round(flag.score, 4),
        paslon=flag.paslon.number if flag.paslon else None,
        direction=flag.direction,
        stage=flag.stage,
        articles=flag.articles,
        last_event=flag.last_event,
        created_at=flag.created_at,
    )


@router.get("", operation_id="list_flags", responses=problem_responses(422))
def list_flags(
    _principal: Reader,
    session: SessionDep,
    state: Annotated[str | None, Query(max_length=20)] = None,
    contest: Annotated[str | None, Query(max_length=80)] = None,
    band: Annotated[str | None, Query(max_length=10)] = None,
    after: Annotated[str | None, Query(max_length=80)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> FlagPage:
    """Flags, strongest first."""
    page = queue.list_flags(session, state=state, contest=contest, band=band, after=after, limit=limit)
    return FlagPage(items=[brief(flag) for flag in page.items], next=page.next)


@router.get("/{flag_id}", operation_id="read_flag", responses=problem_responses(404))
def read_flag(flag_id: uuid.UUID, _principal: Reader, session: SessionDep) -> dict[str, Any]:
    """One flag with its whole explanation: signals with boxes and spans, sentences in Indonesian and English."""
    return explain(session, queue.get_flag(session, flag_id))


@router.post(
    "/{flag_id}/decisions", status_code=201, operation_id="decide_flag", responses=problem_responses(404, 409, 422)
)
def decide_flag(flag_id: uuid.UUID, body: DecisionIn, principal: Decider, session: SessionDep) -> DecisionOut:
    """Confirm (as informasi awal) or dismiss. A decision on a state that has changed is refused with 409."""
    event = decide(session, principal, flag_id, body.verdict, body.reason, body.note, body.seen)
    session.commit()
    return _decided(session, flag_id, event.id, event.hash)


@router.post("/{flag_id}/undo", status_code=201, operation_id="undo_flag", responses=problem_responses(404, 409, 422))
def undo_flag(flag_id: uuid.UUID, body: UndoIn, principal: Decider, session: SessionDep) -> DecisionOut:
    """Take the last decision back, as a new event."""
    event = undo(session, principal, flag_id, body.seen)
    session.commit()
    return _decided(session, flag_id, event.id, event.hash)


def _decided(session: Session, flag_id: uuid.UUID, event: int, digest: str) -> DecisionOut:
    return DecisionOut(event=event, hash=digest, state=queue.get_flag(session, flag_id).state)
