"""Declarations of interest, the risk class of regions, and known cases."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select

from app.api.deps import SessionDep, may
from app.api.pages import PageDep, PageOut, shown
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.db.contest_tables import ConflictOfInterest, RegionRisk
from app.db.gold_tables import GoldCase
from app.db.keyset import Sort, paged
from app.review import fairness, risk
from app.review.reasons import LONGEST_NOTE

router = APIRouter(prefix="/api/v1", tags=["fairness"])
Decider = Annotated[Principal, may("flag.decide")]
Coordinator = Annotated[Principal, may("flag.coordinate")]
Reader = Annotated[Principal, may("flag.read")]
Manager = Annotated[Principal, may("queue.manage")]


class ConflictIn(BaseModel):
    """The contest in which one has an interest."""

    model_config = ConfigDict(extra="forbid")
    contest: str = Field(max_length=80)
    note: str = Field("", max_length=LONGEST_NOTE)


class ConflictOut(BaseModel):
    """One declaration."""

    user: uuid.UUID
    login: str
    contest: str
    note: str
    declared_at: datetime


class NoteIn(BaseModel):
    """A reason."""

    model_config = ConfigDict(extra="forbid")
    note: str = Field(max_length=LONGEST_NOTE)


class RiskIn(BaseModel):
    """The class of a region."""

    model_config = ConfigDict(extra="forbid")
    risk: Literal["high", "medium", "low"]
    note: str = Field("", max_length=LONGEST_NOTE)


class RiskOut(BaseModel):
    """The class of a region, and since when."""

    region: str
    risk: str
    note: str
    updated_at: datetime


class GoldIn(BaseModel):
    """The verdict that a known case should get."""

    model_config = ConfigDict(extra="forbid")
    verdict: Literal["confirm", "dismiss"]
    note: str = Field("", max_length=LONGEST_NOTE)


class GoldOut(BaseModel):
    """One known case."""

    flag: uuid.UUID
    verdict: str
    note: str
    marked_by: str
    marked_at: datetime


class ConflictPage(PageOut[ConflictOut]):
    """Some declarations, in the order in which they were made."""


class RiskPage(PageOut[RiskOut]):
    """Some regions, in the order of their codes."""


class GoldPage(PageOut[GoldOut]):
    """Some known cases, in the order in which they were marked."""


DECLARED = Sort(
    (
        (ConflictOfInterest.declared_at, False),
        (ConflictOfInterest.user_id, False),
        (ConflictOfInterest.contest_id, False),
    )
)
BY_REGION = Sort(((RegionRisk.region_code, False),))
MARKED = Sort(((GoldCase.marked_at, False), (GoldCase.flag_id, False)))


def _conflict(row: ConflictOfInterest) -> ConflictOut:
    return ConflictOut(
        user=row.user_id, login=row.user.login, contest=row.contest_id, note=row.note, declared_at=row.declared_at
    )


def _risk(row: RegionRisk) -> RiskOut:
    return RiskOut(region=row.region_code, risk=row.risk, note=row.note, updated_at=row.updated_at)


def _gold(row: GoldCase) -> GoldOut:
    return GoldOut(
        flag=row.flag_id, verdict=row.verdict, note=row.note, marked_by=row.marked_by, marked_at=row.marked_at
    )


@router.get("/conflicts", operation_id="list_conflicts", responses=problem_responses(422))
def list_conflicts(principal: Decider, session: SessionDep, page: PageDep) -> ConflictPage:
    """One's own declarations of interest; everybody's for coordinators."""
    query = fairness.declarations(principal)
    return ConflictPage(**shown(paged(session, query, DECLARED, page.after, page.limit), _conflict))


@router.post("/conflicts", status_code=201, operation_id="declare_conflict", responses=problem_responses(422))
def declare(body: ConflictIn, principal: Decider, session: SessionDep) -> ConflictOut:
    """Declare one's interest in a contest: from now on one gives no verdict there."""
    row = fairness.declare(session, principal, body.contest, body.note)
    session.commit()
    return _conflict(row)


@router.post(
    "/conflicts/{user_id}/{contest_id}/withdrawal",
    status_code=204,
    operation_id="withdraw_conflict",
    responses=problem_responses(404, 422),
)
def withdraw(user_id: uuid.UUID, contest_id: str, body: NoteIn, principal: Coordinator, session: SessionDep) -> None:
    """End somebody else's declaration, with a reason."""
    fairness.withdraw(session, principal, user_id, contest_id, body.note)
    session.commit()


@router.get("/region-risks", operation_id="list_region_risks", responses=problem_responses(422))
def list_risks(_principal: Reader, session: SessionDep, page: PageDep) -> RiskPage:
    """The regions that have a risk class; it orders work and never raises a score."""
    return RiskPage(**shown(paged(session, select(RegionRisk), BY_REGION, page.after, page.limit), _risk))


@router.put("/region-risks/{region_code}", operation_id="set_region_risk", responses=problem_responses(422))
def set_risk(region_code: str, body: RiskIn, principal: Manager, session: SessionDep) -> RiskOut:
    """Class a region; what waits there moves in the queue."""
    row = risk.set_risk(session, principal, region_code, body.risk, body.note)
    session.commit()
    return _risk(row)


@router.get("/gold", operation_id="list_gold", responses=problem_responses(422))
def list_gold(_principal: Coordinator, session: SessionDep, page: PageDep) -> GoldPage:
    """The known cases; reviewers are not shown which items these are."""
    return GoldPage(**shown(paged(session, select(GoldCase), MARKED, page.after, page.limit), _gold))


@router.put("/gold/{flag_id}", operation_id="mark_gold", responses=problem_responses(404, 422))
def mark_gold(flag_id: uuid.UUID, body: GoldIn, principal: Coordinator, session: SessionDep) -> GoldOut:
    """Mark a case whose right verdict is known."""
    row = fairness.mark_gold(session, principal, flag_id, body.verdict, body.note)
    session.commit()
    return _gold(row)


@router.delete("/gold/{flag_id}", status_code=204, operation_id="unmark_gold", responses=problem_responses(404))
def unmark_gold(flag_id: uuid.UUID, principal: Coordinator, session: SessionDep) -> None:
    """Take the mark off again."""
    fairness.unmark_gold(session, principal, flag_id)
    session.commit()
