"""Who works on which item: claims, assignments, questions, escalation, objections, closing."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.api.appeal_form import APPEAL_SCHEMA, AppealDep
from app.api.deps import ServicesDep, SessionDep, may
from app.api.flags import DecisionOut, FiltersIn, FlagOut, brief, decided
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.db.event_tables import Event
from app.review import claims, handling
from app.review.reasons import LONGEST_NOTE

router = APIRouter(prefix="/api/v1/flags", tags=["work"])
Reader = Annotated[Principal, may("flag.read")]
Decider = Annotated[Principal, may("flag.decide")]
Coordinator = Annotated[Principal, may("flag.coordinate")]
REFUSALS = problem_responses(404, 409, 422)
KINDS = ("application/pdf", "image/jpeg", "image/png")
BINARY = {"type": "string", "format": "binary"}
Act = Callable[[Session, Principal, uuid.UUID, str, int], Event]


class NoteIn(BaseModel):
    """A note to colleagues."""

    model_config = ConfigDict(extra="forbid")
    note: str = Field(max_length=LONGEST_NOTE)


class ActIn(BaseModel):
    """A note, and the last event of the item that its author saw."""

    model_config = ConfigDict(extra="forbid")
    note: str = Field("", max_length=LONGEST_NOTE)
    seen: int = Field(ge=0, le=2**31 - 1)


class AssignIn(BaseModel):
    """The login of the person to whom the item is given."""

    model_config = ConfigDict(extra="forbid")
    to: str = Field(max_length=80)


class ClaimOut(BaseModel):
    """The claim as it stands."""

    id: uuid.UUID
    state: str
    claimed_by: str | None
    claimed_until: datetime | None


@router.post("/next", operation_id="claim_next_flag", responses=problem_responses(404, 422))
def claim_next(
    principal: Decider,
    session: SessionDep,
    services: ServicesDep,
    chosen: Annotated[FiltersIn, Query()],
    skip: Annotated[uuid.UUID | None, Query(description="an item to give up; the search goes on behind it")] = None,
) -> FlagOut | None:
    """Hold the most urgent item that one may decide, or null. What one holds already is given again."""
    minutes = services.operating.now().claim_minutes
    flag = claims.claim_next(session, principal, minutes, skip=skip, filters=chosen.filters())
    session.commit()
    return brief(flag) if flag else None


@router.post("/{flag_id}/claim", operation_id="claim_flag", responses=REFUSALS)
def claim(flag_id: uuid.UUID, principal: Decider, session: SessionDep, services: ServicesDep) -> ClaimOut:
    """Hold this item for some minutes; holding it already extends the claim."""
    flag = claims.claim(session, principal, flag_id, services.operating.now().claim_minutes)
    session.commit()
    return ClaimOut.model_validate(flag, from_attributes=True)


@router.post("/{flag_id}/renewal", operation_id="renew_claim", responses=REFUSALS)
def renew(flag_id: uuid.UUID, principal: Decider, session: SessionDep, services: ServicesDep) -> ClaimOut:
    """Extend one's claim while at work."""
    flag = claims.renew(session, principal, flag_id, services.operating.now().claim_minutes)
    session.commit()
    return ClaimOut.model_validate(flag, from_attributes=True)


@router.delete("/{flag_id}/claim", operation_id="release_flag", responses=REFUSALS)
def release(flag_id: uuid.UUID, principal: Decider, session: SessionDep) -> ClaimOut:
    """Give one's claim up; a coordinator may end anybody's."""
    flag = claims.release(session, principal, flag_id)
    session.commit()
    return ClaimOut.model_validate(flag, from_attributes=True)


@router.post("/{flag_id}/assignment", status_code=201, operation_id="assign_flag", responses=REFUSALS)
def assign(flag_id: uuid.UUID, body: AssignIn, principal: Coordinator, session: SessionDep) -> DecisionOut:
    """Give the item to one person, who alone is offered it."""
    event = claims.assign(session, principal, flag_id, body.to)
    session.commit()
    return decided(session, flag_id, event)


@router.post("/{flag_id}/comments", status_code=201, operation_id="comment_flag", responses=REFUSALS)
def comment(flag_id: uuid.UUID, body: NoteIn, principal: Decider, session: SessionDep) -> DecisionOut:
    """Say something about the item to colleagues."""
    event = handling.comment(session, principal, flag_id, body.note)
    session.commit()
    return decided(session, flag_id, event)


def _act(act: Act, session: Session, principal: Principal, flag_id: uuid.UUID, body: ActIn) -> DecisionOut:
    event = act(session, principal, flag_id, body.note, body.seen)
    session.commit()
    return decided(session, flag_id, event)


@router.post("/{flag_id}/question", status_code=201, operation_id="ask_about_flag", responses=REFUSALS)
def ask(flag_id: uuid.UUID, body: ActIn, principal: Decider, session: SessionDep) -> DecisionOut:
    """Put the item aside until what the note (at least 20 characters) asks for is known."""
    return _act(handling.ask, session, principal, flag_id, body)


@router.post("/{flag_id}/answer", status_code=201, operation_id="answer_about_flag", responses=REFUSALS)
def answer(flag_id: uuid.UUID, body: ActIn, principal: Decider, session: SessionDep) -> DecisionOut:
    """Give what was asked for: the item returns to where it was."""
    return _act(handling.answer, session, principal, flag_id, body)


@router.post("/{flag_id}/escalation", status_code=201, operation_id="escalate_flag", responses=REFUSALS)
def escalate(flag_id: uuid.UUID, body: ActIn, principal: Decider, session: SessionDep) -> DecisionOut:
    """Pass the item to the coordinator."""
    return _act(handling.escalate, session, principal, flag_id, body)


@router.post("/{flag_id}/return", status_code=201, operation_id="hand_back_flag", responses=REFUSALS)
def hand_back(flag_id: uuid.UUID, body: ActIn, principal: Decider, session: SessionDep) -> DecisionOut:
    """A coordinator returns an escalated item to its desk; an assignee theirs to everybody."""
    return _act(handling.hand_back, session, principal, flag_id, body)


@router.post("/{flag_id}/closure", status_code=201, operation_id="close_flag", responses=REFUSALS)
def close(flag_id: uuid.UUID, body: ActIn, principal: Coordinator, session: SessionDep) -> DecisionOut:
    """End the work on a decided item."""
    return _act(handling.close, session, principal, flag_id, body)


@router.post("/{flag_id}/reopening", status_code=201, operation_id="reopen_flag", responses=REFUSALS)
def reopen(flag_id: uuid.UUID, body: ActIn, principal: Coordinator, session: SessionDep) -> DecisionOut:
    """Begin a new round with new people."""
    return _act(handling.reopen, session, principal, flag_id, body)


@router.post(
    "/{flag_id}/appeals",
    status_code=201,
    operation_id="appeal_flag",
    responses=problem_responses(400, 404, 409, 413, 422),
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": APPEAL_SCHEMA}}}},
)
def appeal(
    flag_id: uuid.UUID, principal: Decider, session: SessionDep, services: ServicesDep, form: AppealDep
) -> DecisionOut:
    """Register an objection (keberatan) with its document: the item returns to the queue for new people."""
    seen, paper = form.seen_event(), form.document()
    event = handling.appeal(session, services.blobs, principal, flag_id, paper, form.note, seen)
    session.commit()
    return decided(session, flag_id, event)


@router.get(
    "/{flag_id}/appeals/{event_id}",
    operation_id="read_appeal",
    response_class=Response,
    responses={200: {"content": {kind: {"schema": BINARY} for kind in KINDS}}, **problem_responses(404)},
)
def read_appeal(
    flag_id: uuid.UUID, event_id: int, _principal: Reader, session: SessionDep, services: ServicesDep
) -> Response:
    """The document of an objection, as a download."""
    paper = handling.appeal_document(session, services.blobs, flag_id, event_id)
    disposition = f"attachment; filename*=UTF-8''{quote(paper.name or 'keberatan', safe='')}"
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-store"}
    return Response(paper.data, media_type=paper.mime, headers=headers)
