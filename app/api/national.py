"""A face of an item beside the candidates of all other contests: on request, with a reason, and told as such."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.deps import ServicesDep, SessionDep, may
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.db.event_tables import Event
from app.intake.accept import DECODERS
from app.review.national import search, searches
from app.review.reasons import LONGEST_NOTE

router = APIRouter(prefix="/api/v1/flags/{flag_id}", tags=["flags"])
Decider = Annotated[Principal, may("flag.decide")]


class SearchIn(BaseModel):
    """Which face (`face` counts from 1 in its `picture`, which counts from 0, as `faces` of the item does), and why."""

    model_config = ConfigDict(extra="forbid")
    picture: int = Field(0, ge=0, le=100)
    face: int = Field(ge=1, le=10_000)
    reason: str = Field(max_length=LONGEST_NOTE)


class SearchOut(BaseModel):
    """The answer of a national search: a hint to the reviewer, in a band, with the person's closest photo. It changes
    neither score nor band of the item. `candidate` and what follows are null where nobody was found; `uncompared`
    counts candidates whose photos another model pack embedded."""

    event: int
    label: str
    picture: int
    face: int
    contests: int
    people: int
    uncompared: int = 0
    band: str
    candidate: str | None = None
    name: str | None = None
    number: int | None = None
    contest: str | None = None
    contest_name: str | None = None
    region: str | None = None
    photo: uuid.UUID | None = None


@router.post(
    "/national-search",
    status_code=201,
    operation_id="search_nationally",
    responses=problem_responses(403, 404, 409, 422, 503),
)
def search_nationally(
    flag_id: uuid.UUID, body: SearchIn, principal: Decider, services: ServicesDep, session: SessionDep
) -> SearchOut:
    """Compare one face with the candidates of all other open contests. The request, its reason and its answer are an
    event of the item; nothing of the face is kept."""
    with DECODERS:
        event = search(session, services, principal, flag_id, body.picture, body.face, body.reason)
    session.commit()
    return _out(event)


def _out(event: Event) -> SearchOut:
    (found,) = searches([event])
    known: dict[str, Any] = {name: found[name] for name in SearchOut.model_fields if name in found}
    return SearchOut(**known)
