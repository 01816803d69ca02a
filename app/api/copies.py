"""The copies of an item, and one decision for several of them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.deps import Number, ServicesDep, SessionDep, may
from app.api.flags import DecisionIn, DecisionOut, decided
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.review.copies import MOST, copies_of
from app.review.queue import get_flag
from app.review.together import decide_group

router = APIRouter(prefix="/api/v1/flags", tags=["copies"])
Reader = Annotated[Principal, may("flag.read")]
Decider = Annotated[Principal, may("flag.decide")]
REFUSALS = problem_responses(404, 409, 422)


class CopyOut(BaseModel):
    """A submission that shows the same as the item. `flag`, `state`, `band` and `last_event` are null where it has no
    item of its own; the state also while it would tell what a first reviewer decided. `how` (bytes, picture, mirror,
    caption) and `strength` (0..1) are those of its own link to the item; null where others link them."""

    submission: uuid.UUID
    flag: uuid.UUID | None
    contest: str
    platform: str
    handle: str
    pictures: int
    act_date: date
    received_at: datetime
    how: str | None
    strength: float | None
    state: str | None
    band: str | None
    last_event: int | None
    open: bool
    why_not: str | None


class AccountOut(BaseModel):
    """Where it was posted."""

    platform: str
    handle: str


class CopiesOut(BaseModel):
    """The copies, the earliest act first. `size` counts all of the group with the item itself. `older`: the first act
    lies before the stage began in which the item's own act falls, so an old post may have been handed in again."""

    items: list[CopyOut]
    size: int
    accounts: list[AccountOut]
    first: uuid.UUID | None
    first_act: date | None
    stage: str | None
    stage_since: date | None
    older: bool


class ChosenCopy(BaseModel):
    """A copy that the decision shall apply to, and its last event that the reviewer saw."""

    id: uuid.UUID
    seen: Number


class GroupDecisionIn(DecisionIn):
    """A decision about the item, and the copies to which it applies as well."""

    copies: list[ChosenCopy] = Field(max_length=MOST)


class SkippedOut(BaseModel):
    """A copy that was passed over, and why."""

    id: uuid.UUID
    why: str


class GroupDecisionOut(DecisionOut):
    """The decision about the item itself, about each copy, and what was passed over."""

    copies: dict[uuid.UUID, DecisionOut]
    skipped: list[SkippedOut]


@router.get("/{flag_id}/copies", operation_id="read_copies", responses=problem_responses(404))
def read_copies(flag_id: uuid.UUID, principal: Reader, session: SessionDep) -> CopiesOut:
    """Everything that shows the same picture or the same long caption, with all accounts and the earliest act."""
    flag = get_flag(session, flag_id)
    group = copies_of(session, flag, principal)
    if group is None:
        return CopiesOut(
            items=[], size=1, accounts=[], first=None, first_act=None, stage=None, stage_since=None, older=False
        )
    items = [
        CopyOut(
            submission=one.submission_id, flag=one.flag_id, contest=one.contest, platform=one.platform,
            handle=one.handle, pictures=one.pictures, act_date=one.act_date, received_at=one.received_at, how=one.how,
            strength=one.strength, state=one.state, band=one.band, last_event=one.last_event, open=one.open,
            why_not=one.why_not,
        )
        for one in group.copies
    ]  # fmt: skip
    return CopiesOut(
        items=items,
        size=group.size,
        accounts=[AccountOut(platform=platform, handle=handle) for platform, handle in group.accounts],
        first=group.first,
        first_act=group.first_act,
        stage=group.stage,
        stage_since=group.stage_since,
        older=group.older,
    )


@router.post("/{flag_id}/group-decision", status_code=201, operation_id="decide_group", responses=REFUSALS)
def decide_copies(
    flag_id: uuid.UUID, body: GroupDecisionIn, principal: Decider, session: SessionDep, services: ServicesDep
) -> GroupDecisionOut:
    """Decide an item and the chosen copies in the same way: one event each, four eyes for each. Copies that are held by
    somebody else, changed since they were seen or not one's own to decide are passed over and named."""
    done = decide_group(
        session, principal, flag_id, body.verdict, body.reason, body.note, body.seen,
        {one.id: one.seen for one in body.copies},
        paslon=body.paslon, article=body.article, second_look_share=services.operating.now().second_look_share,
    )  # fmt: skip
    session.commit()
    own = decided(session, flag_id, done.event)
    return GroupDecisionOut(
        **own.model_dump(),
        copies={one: decided(session, one, event) for one, event in done.events.items()},
        skipped=[SkippedOut(id=one.flag_id, why=one.why) for one in done.skipped],
    )
