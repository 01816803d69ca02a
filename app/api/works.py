"""Long work: start it, follow it, end it; a rescreen is looked at before it is applied."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select

from app.api.deps import ServicesDep, SessionDep, may
from app.api.pages import PageDep, PageOut, shown
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.db.keyset import Sort, paged
from app.db.office_tables import Work
from app.jobs import errands
from app.office import reembedding, rescreening
from app.review.reasons import LONGEST_NOTE
from app.roster.reembed import model_in_use, states
from app.screening.rescreen import MOST

router = APIRouter(prefix="/api/v1/works", tags=["works"])
Manager = Annotated[Principal, may("queue.manage")]
Coordinator = Annotated[Principal, may("flag.coordinate")]
Keeper = Annotated[Principal, may("roster.write")]
NEWEST = Sort(((Work.made_at, True), (Work.id, False)))


class RescreenIn(BaseModel):
    """Which submissions to screen again, and by which rules: the live ones, or those of a draft (its number)."""

    model_config = ConfigDict(extra="forbid")
    contest: str = Field(max_length=80)
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    flagged: bool | None = None
    limit: int = Field(MOST, ge=1, le=rescreening.MOST_AT_ONCE)
    draft: int | None = Field(None, ge=0, le=2**31 - 1)


class ApplyIn(BaseModel):
    """Why what was found is applied: at least 10 characters."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(max_length=LONGEST_NOTE)


class WorkOut(BaseModel):
    """Work as it stands. `state`: queued, running, done, failed or cancelled; `result` is whole once it is done."""

    id: uuid.UUID
    kind: str
    login: str
    state: str
    params: dict[str, Any]
    done: int
    total: int
    result: dict[str, Any]
    failure: str | None
    made_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None


class WorkPage(PageOut[WorkOut]):
    """Some long work, the newest first."""


class GalleryOut(BaseModel):
    """The reference photos of an open contest: `behind` of `photos` were embedded by another model pack."""

    contest: str
    name: str
    photos: int
    behind: int


class GalleriesOut(BaseModel):
    """The recogniser in use (null where the pack cannot be read) and what it can compare."""

    model: str | None
    behind: int
    contests: list[GalleryOut]


def _out(row: Work) -> WorkOut:
    return WorkOut.model_validate(row, from_attributes=True)


@router.get("", operation_id="list_works", responses=problem_responses(422))
def list_works(_principal: Manager, session: SessionDep, page: PageDep) -> WorkPage:
    """The newest long work, that of workers themselves included."""
    return WorkPage(**shown(paged(session, select(Work), NEWEST, page.after, page.limit), _out))


@router.post("/rescreen", status_code=202, operation_id="start_rescreen", responses=problem_responses(404, 422))
def start_rescreen(body: RescreenIn, principal: Coordinator, session: SessionDep, response: Response) -> WorkOut:
    """Screen submissions again in a worker; nothing changes by it. The result is a report of what would differ."""
    row = rescreening.ask_to_look(session, principal, **body.model_dump())
    session.commit()
    response.headers["Location"] = f"{router.prefix}/{row.id}"
    return _out(row)


@router.get("/galleries", operation_id="read_galleries")
def read_galleries(_principal: Manager, services: ServicesDep, session: SessionDep) -> GalleriesOut:
    """Which contests have reference photos that the model pack in use cannot compare."""
    model = model_in_use(services.settings)
    found = states(session, model) if model is not None else []
    contests = [GalleryOut.model_validate(one, from_attributes=True) for one in found]
    return GalleriesOut(model=model, behind=sum(one.behind for one in found), contests=contests)


@router.post("/re-embedding", status_code=202, operation_id="start_reembedding", responses=problem_responses(409, 503))
def start_reembedding(principal: Keeper, services: ServicesDep, session: SessionDep, response: Response) -> WorkOut:
    """Embed the reference photos of another model pack anew, from their kept originals, in a worker."""
    row = reembedding.ask_to_reembed(session, services.settings, principal)
    session.commit()
    response.headers["Location"] = f"{router.prefix}/{row.id}"
    return _out(row)


@router.get("/{work_id:uuid}", operation_id="read_work", responses=problem_responses(404))
def read_work(work_id: uuid.UUID, _principal: Manager, session: SessionDep) -> WorkOut:
    """One piece of work."""
    return _out(errands.get_work(session, work_id))


@router.post("/{work_id}/cancellation", operation_id="cancel_work", responses=problem_responses(404, 409))
def cancel_work(work_id: uuid.UUID, principal: Manager, session: SessionDep) -> WorkOut:
    """End work that waits or runs; what it has done stays."""
    errands.cancel(session, principal, work_id)
    session.commit()
    return _out(errands.get_work(session, work_id))


@router.post(
    "/{work_id}/application", status_code=202, operation_id="apply_rescreen", responses=problem_responses(404, 409, 422)
)
def apply_rescreen(
    work_id: uuid.UUID, body: ApplyIn, principal: Coordinator, session: SessionDep, response: Response
) -> WorkOut:
    """Apply a finished look, as work of its own: only what the live rules said, and never over people's decisions."""
    row = rescreening.ask_to_apply(session, principal, work_id, body.reason)
    session.commit()
    response.headers["Location"] = f"{router.prefix}/{row.id}"
    return _out(row)
