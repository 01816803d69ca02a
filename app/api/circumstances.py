"""What people state of a post and correct with a reason; looking again at the original; handing over to other lanes."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.api.deps import Number, SessionDep, may
from app.api.flags import DecisionOut, decided
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.review.correct import Correction, correct
from app.review.reasons import LONGEST_NOTE
from app.review.rechecks import record_recheck
from app.review.routing import count_lanes, route

router = APIRouter(prefix="/api/v1", tags=["circumstances"])
Reader = Annotated[Principal, may("flag.read")]
Decider = Annotated[Principal, may("flag.decide")]
Checker = Annotated[Principal, may("submission.recheck")]
REFUSALS = problem_responses(404, 409, 422)


class CorrectionIn(BaseModel):
    """The facts to correct, the reason, and the last event of the item that its author saw; what is left out stays."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"act_date": "2029-09-02", "reason": "EXIF: foto sebelum penetapan", "seen": 12}]
        },
    )
    act_date: date | None = None
    subject_type: str | None = Field(None, max_length=40)
    public: Literal["yes", "no", "unknown"] | None = None
    parent: str | None = Field(None, max_length=200, description="the account under whose post it stands")
    track: str | None = Field(None, max_length=20, description='kode_etik, disiplin, non_asn; "" as the rules say')
    children: bool | None = Field(None, description="children are in the pictures; exports blur them")
    account: Literal["unknown", "personal", "media"] | None = Field(None, description="whose account posted")
    reason: str = Field(max_length=LONGEST_NOTE)
    seen: Number


class RecheckIn(BaseModel):
    """What became of the original post, and when that was seen (now when left out)."""

    model_config = ConfigDict(extra="forbid")
    status: Literal["still_there", "gone"]
    at: AwareDatetime | None = None


class RecheckOut(BaseModel):
    """The event that was appended."""

    event: int
    hash: str
    status: str
    at: datetime


class LanesOut(BaseModel):
    """Items per other lane: state -> how many."""

    hoaks_survei: dict[str, int]
    masa_tenang: dict[str, int]
    politik_uang: dict[str, int]


class RouteIn(BaseModel):
    """The lane that takes the item over, and a note for it."""

    model_config = ConfigDict(extra="forbid")
    lane: Literal["hoaks_survei", "masa_tenang", "politik_uang"]
    note: str = Field("", max_length=LONGEST_NOTE)
    seen: Number


@router.post("/flags/{flag_id}/corrections", status_code=201, operation_id="correct_flag", responses=REFUSALS)
def correct_flag(flag_id: uuid.UUID, body: CorrectionIn, principal: Decider, session: SessionDep) -> DecisionOut:
    """Correct the day of the act, the subject, the channel, the track or what the pictures hold: stage, lane, articles
    and band follow from the stored observations, no model runs."""
    change = Correction(**body.model_dump(exclude={"reason", "seen"}))
    event = correct(session, principal, flag_id, change, body.reason, body.seen)
    session.commit()
    return decided(session, flag_id, event)


@router.post("/flags/{flag_id}/routing", status_code=201, operation_id="route_flag", responses=REFUSALS)
def route_flag(flag_id: uuid.UUID, body: RouteIn, principal: Decider, session: SessionDep) -> DecisionOut:
    """Hand over to another lane what is no case of neutrality; it is closed here and counted apart."""
    event = route(session, principal, flag_id, body.lane, body.note, body.seen)
    session.commit()
    return decided(session, flag_id, event)


@router.get("/lanes", operation_id="count_lanes", responses=problem_responses(422))
def lanes(
    _principal: Reader, session: SessionDep, contest: Annotated[str | None, Query(max_length=80)] = None
) -> LanesOut:
    """How many items lie in each other lane, by state."""
    return LanesOut(**count_lanes(session, contest))


@router.post(
    "/submissions/{submission_id}/rechecks",
    status_code=201,
    operation_id="recheck_submission",
    responses=problem_responses(404, 422),
)
def recheck(submission_id: uuid.UUID, body: RecheckIn, principal: Checker, session: SessionDep) -> RecheckOut:
    """Record whether the original post is still there: an event in the item's time line. What was captured remains."""
    event = record_recheck(session, principal, submission_id, body.status, body.at)
    session.commit()
    return RecheckOut(event=event.id, hash=event.hash, status=body.status, at=event.data["at"])
