"""The calendar of a contest: its stages as they lie, moved ones, and those re-opened for a repeat vote."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.api.deps import SessionDep, may
from app.api.etags import ExpectedDep
from app.api.problems import problem_responses
from app.api.roster import find_contest
from app.auth.principal import Principal
from app.db.contest_tables import ContestRow
from app.election.calendar import calendar, standard_span, track
from app.roster import stages
from app.roster.file import Day, StageFile
from app.roster.gallery import outline

router = APIRouter(prefix="/api/v1/contests/{contest_id}/calendar", tags=["roster"])
Reader = Annotated[Principal, may("roster.read")]
Writer = Annotated[Principal, may("roster.write")]


class StageOut(BaseModel):
    """A stage in force; null where its end is open. `standard`: its days are those counted from voting day; `track` is
    the way of the SKB for acts on its days."""

    stage: str
    first: date | None
    last: date | None
    candidate_status: str
    track: str
    standard: bool


class CalendarOut(BaseModel):
    """All stages in force, of two on one day the earlier counts, and those that the office set itself."""

    voting_day: date
    kind: str
    stages: list[StageOut]
    own: list[StageFile]


class CalendarIn(BaseModel):
    """Every stage that differs from the standard calendar; one that begins after voting day is a re-opening."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"stages": [{"stage": "kampanye", "first": "2029-09-25", "last": "2029-11-24"}]}]
        },
    )
    stages: list[StageFile] = Field(max_length=stages.MOST)


class RepeatVoteIn(BaseModel):
    """The day of the repeat vote."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"voting_day": "2030-02-20"}]})
    voting_day: Day


def _out(row: ContestRow) -> CalendarOut:
    contest = outline(row)
    found = [
        StageOut(
            stage=stage.code,
            first=stage.first,
            last=stage.last,
            candidate_status=stage.candidate_status,
            track=track(stage),
            standard=(stage.first, stage.last) == standard_span(contest, stage.code),
        )
        for stage in calendar(contest)
    ]
    own = [stages.stage_of(span) for span in contest.stage_overrides]
    return CalendarOut(voting_day=contest.voting_day, kind=contest.kind, stages=found, own=own)


@router.get("", operation_id="read_calendar", responses=problem_responses(404))
def read_calendar(contest_id: str, _principal: Reader, session: SessionDep) -> CalendarOut:
    """The stages of a contest, each with the way of the SKB that its days mean."""
    return _out(find_contest(session, contest_id))


@router.put("", operation_id="save_calendar", responses=problem_responses(404, 409, 412, 422))
def save_calendar(
    contest_id: str, body: CalendarIn, principal: Writer, session: SessionDep, expected: ExpectedDep
) -> CalendarOut:
    """Replace the stages that differ from the standard calendar. What was screened keeps its stage until it is screened
    again. `If-Match`: the ETag of `read_calendar`."""
    expected.hold(session, lambda: _out(find_contest(session, contest_id)))
    return _saved(session, stages.save_stages(session, principal, contest_id, body.stages))


@router.post(
    "/repeat-votes", status_code=201, operation_id="reopen_calendar", responses=problem_responses(404, 409, 422)
)
def reopen_calendar(contest_id: str, body: RepeatVoteIn, principal: Writer, session: SessionDep) -> CalendarOut:
    """Open quiet period, voting and counting again around the day of a repeat vote (pemungutan suara ulang)."""
    return _saved(session, stages.reopen(session, principal, contest_id, body.voting_day))


def _saved(session: Session, row: ContestRow) -> CalendarOut:
    session.commit()
    return _out(row)
