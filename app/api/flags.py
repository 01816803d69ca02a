"""The queue of flags, each with its explanation, and the decisions of people."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.api.deps import Number, ServicesDep, SessionDep, may
from app.api.flag_models import FlagWhole
from app.api.pages import PageIn, PageOut, shown
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.db.base import now
from app.db.event_tables import Event
from app.db.flag_tables import Flag
from app.review import queue
from app.review.decide import decide, undo
from app.review.explain import explain
from app.review.filters import Filters
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
    lane: str
    articles: list[str]
    last_event: int
    created_at: datetime
    priority: float
    due_on: date | None
    claimed_by: str | None
    claimed_until: datetime | None
    assigned_to: str | None


class FlagPage(PageOut[FlagOut]):
    """Some flags in the order of work."""


class DecisionIn(BaseModel):
    """A verdict with a fixed reason; `seen` is the last event of the item that the reviewer saw.

    A note of at least 20 characters is needed where the reason is "other". A confirmation names the pair (`paslon`, its
    id) and a kandidat pasal (`article`, a code of the SKB catalogue); left out, they are what the item suggests."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"verdict": "dismiss", "reason": "look_alike", "note": "", "seen": 12}]},
    )
    verdict: Literal["confirm", "dismiss"]
    reason: str = Field(max_length=40, description=", ".join(dict.fromkeys((*CONFIRM_REASONS, *DISMISS_REASONS))))
    note: str = Field("", max_length=LONGEST_NOTE)
    seen: Number
    paslon: str | None = Field(None, max_length=120)
    article: str | None = Field(None, max_length=10)


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
        state=queue.shown_state(flag, now()),
        band=flag.band,
        score=round(flag.score, 4),
        paslon=flag.paslon.number if flag.paslon else None,
        direction=flag.direction,
        stage=flag.stage,
        lane=flag.lane,
        articles=flag.articles,
        last_event=flag.last_event,
        created_at=flag.created_at,
        priority=flag.priority,
        due_on=flag.due_on,
        claimed_by=flag.claimed_by,
        claimed_until=flag.claimed_until,
        assigned_to=flag.assigned_to,
    )


class FiltersIn(PageIn):
    """What to show of the queue: `state` may also be `waiting` (what the caller may decide now) or `coordination` (the
    coordinators' desk), `region` a code or its beginning, `reviewer` somebody who gave a verdict; `@me` is oneself."""

    state: str = Field("", max_length=20)
    contest: str = Field("", max_length=80)
    band: str = Field("", max_length=10)
    region: str = Field("", max_length=20)
    stage: str = Field("", max_length=40)
    signal: str = Field("", max_length=40)
    platform: str = Field("", max_length=40)
    reviewer: str = Field("", max_length=80)
    assigned: str = Field("", max_length=80)
    lane: str = Field("", max_length=20)

    def filters(self) -> Filters:
        """The filters alone."""
        return Filters(**self.model_dump(exclude=set(PageIn.model_fields)))


@router.get("", operation_id="list_flags", responses=problem_responses(422))
def list_flags(principal: Reader, session: SessionDep, chosen: Annotated[FiltersIn, Query()]) -> FlagPage:
    """Flags in the order of work: strength, region risk, stage and deadline. Filters that no index answers (`signal`,
    `platform`, `stage`, `band`, a region of several contests) look at 2,000 flags for one page: it may then be short,
    even empty, and still have a `next`. A colleague's verdict is found only where the caller may know of it."""
    page = queue.list_flags(session, after=chosen.after, limit=chosen.limit, filters=chosen.filters(), viewer=principal)
    return FlagPage(**shown(page, brief))


@router.get("/{flag_id:uuid}", operation_id="read_flag", response_model=FlagWhole, responses=problem_responses(404))
def read_flag(flag_id: uuid.UUID, principal: Reader, session: SessionDep) -> Response:
    """One flag with its whole explanation: signals with boxes and spans, sentences in Indonesian and English."""
    whole = explain(session, queue.get_flag(session, flag_id), principal)
    return JSONResponse(jsonable_encoder(whole))  # as it is: what an older version stored must not make it unreadable


@router.post(
    "/{flag_id}/decisions", status_code=201, operation_id="decide_flag", responses=problem_responses(404, 409, 422)
)
def decide_flag(
    flag_id: uuid.UUID, body: DecisionIn, principal: Decider, session: SessionDep, services: ServicesDep
) -> DecisionOut:
    """Confirm (as informasi awal) or dismiss. A confirmation is one of two: the second comes from somebody else, who is
    not told of the first. A decision on a state that has changed is refused with 409."""
    event = decide(
        session, principal, flag_id, body.verdict, body.reason, body.note, body.seen,
        paslon=body.paslon, article=body.article, second_look_share=services.operating.now().second_look_share,
    )  # fmt: skip
    session.commit()
    return decided(session, flag_id, event)


@router.post("/{flag_id}/undo", status_code=201, operation_id="undo_flag", responses=problem_responses(404, 409, 422))
def undo_flag(flag_id: uuid.UUID, body: UndoIn, principal: Decider, session: SessionDep) -> DecisionOut:
    """Take the newest verdict back, as a new event, at any time before the item is closed."""
    event = undo(session, principal, flag_id, body.seen)
    session.commit()
    return decided(session, flag_id, event)


def decided(session: Session, flag_id: uuid.UUID, event: Event) -> DecisionOut:
    """The event, and the state that it made."""
    return DecisionOut(event=event.id, hash=event.hash, state=queue.get_flag(session, flag_id).state)
