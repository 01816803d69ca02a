"""Handing in posts and asking what became of them."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app import telemetry
from app.api.deps import PrincipalDep, SessionDep, intake_of, may, services_of
from app.api.multipart import UPLOAD_SCHEMA, SentDep
from app.api.pages import PageDep, PageOut
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.db.flag_tables import Flag
from app.db.submission_tables import Submission
from app.errors import NotFound
from app.intake.accept import accept
from app.intake.arrival import Arrival
from app.intake.own import flags_of, own_submissions, told
from app.office.screenshot import LONGEST_TEXT, settle, suggestions

router = APIRouter(prefix="/api/v1/submissions", tags=["submissions"])


class ImageOut(BaseModel):
    """One original picture."""

    position: int
    sha256: str
    mime: str
    bytes: int
    width: int
    height: int


class FlagBrief(BaseModel):
    """The flag that was raised, if any. `state` is what whoever handed the post in may know: in_review, confirmed,
    dismissed or closed."""

    id: uuid.UUID
    band: str
    state: str


class SuggestionOut(BaseModel):
    """Something that a screenshot says of the post and nobody has stated: to be checked, never trusted."""

    field: Literal["platform", "handle", "act_date", "text"]
    value: str
    confidence: float
    read: str
    picture: int


class ContextIn(BaseModel):
    """What is accepted of `suggested_context`, or corrected; what is left out or empty stays as it was stated."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"platform": "instagram", "handle": "budi_asn"}]}
    )
    platform: str = Field("", max_length=40)
    handle: str = Field("", max_length=200)
    act_date: date | None = None
    text: str = Field("", max_length=LONGEST_TEXT)


class SubmissionOut(BaseModel):
    """A submission and where it stands: queued, screened or failed."""

    id: uuid.UUID
    state: str
    failure: str | None
    contest: str
    received_at: datetime
    act_date: date
    known_date: date
    images: list[ImageOut]
    flag: FlagBrief | None


class SubmissionWhole(SubmissionOut):
    """A submission with what its screenshots say of it (for the person who handed it in), to be accepted or not."""

    suggested_context: list[SuggestionOut]


class SubmissionPage(PageOut[SubmissionOut]):
    """Some submissions, newest first."""


def shown(row: Submission | Arrival, flag: Flag | None) -> SubmissionOut:
    """The submission as the API shows it."""
    return SubmissionOut(
        id=row.id,
        state=row.state,
        failure=row.failure,
        contest=row.contest_id,
        received_at=row.received_at,
        act_date=row.act_date,
        known_date=row.known_date,
        images=[
            ImageOut(position=i.position, sha256=i.sha256, mime=i.mime, bytes=i.size, width=i.width, height=i.height)
            for i in row.images
        ],
        flag=FlagBrief(id=flag.id, band=flag.band, state=told(flag)) if flag else None,
    )


def readable(session: Session, principal: Principal, submission_id: uuid.UUID) -> Submission:
    """The submission, if this caller may see it. Raises NotFound otherwise, also for those of others."""
    row = session.get(Submission, submission_id)
    may_read = principal.may("submission.read") or (row is not None and row.submitted_by == principal.user_id)
    if row is None or not may_read:
        raise NotFound("Kiriman ini tidak ada / There is no such submission")
    return row


@router.post(
    "",
    status_code=202,
    operation_id="create_submission",
    response_model=SubmissionWhole,
    responses=problem_responses(413, 422, 429, 503, 507),
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": UPLOAD_SCHEMA}}}},
)
def create_submission(request: Request, sent: SentDep) -> Response:
    """Hand in a post: pictures, text, or both. The answer means that it is stored and will be screened.

    The same bytes with the same context again are the same submission."""
    services, record = services_of(request), intake_of(request).record
    with services.sessions() as session:
        accepted = accept(session, services.blobs, services.settings, sent.principal, sent.upload, record)
        session.commit()
        row = accepted.submission
        whole = _received(row) if isinstance(row, Arrival) else _whole(session, sent.principal, row)
    telemetry.SUBMISSIONS.labels("new" if accepted.created else "again").inc()
    location = {"Location": f"{router.prefix}/{accepted.submission.id}"}
    return Response(whole.model_dump_json(), 202, location, "application/json")


@router.get("", operation_id="list_submissions", responses=problem_responses(422))
def list_submissions(
    principal: Annotated[Principal, may("submission.read-own")],
    session: SessionDep,
    asked: PageDep,
) -> SubmissionPage:
    """The caller's own submissions, newest first."""
    page = own_submissions(session, principal, asked.after, asked.limit)
    flags = flags_of(session, page.items)
    return SubmissionPage(items=[shown(row, flags.get(row.id)) for row in page.items], next=page.next)


@router.get("/{submission_id}", operation_id="read_submission", responses=problem_responses(404))
def read_submission(submission_id: uuid.UUID, principal: PrincipalDep, session: SessionDep) -> SubmissionWhole:
    """One submission: one's own, or any for those who review."""
    if not principal.may("submission.read"):
        principal.require("submission.read-own")
    return _whole(session, principal, readable(session, principal, submission_id))


@router.post(
    "/{submission_id}/context",
    operation_id="settle_submission_context",
    responses=problem_responses(404, 409, 422),
)
def settle_submission_context(
    submission_id: uuid.UUID,
    body: ContextIn,
    principal: Annotated[Principal, may("submission.create")],
    session: SessionDep,
) -> SubmissionWhole:
    """Accept, correct or decline what the screenshots say of one's own post, once; it is judged anew."""
    row = readable(session, principal, submission_id)
    given = {"platform": body.platform, "handle": body.handle, "text": body.text}
    given["act_date"] = body.act_date.isoformat() if body.act_date else ""
    settle(session, principal, row, given)
    session.commit()
    return _whole(session, principal, row)


def _received(row: Arrival) -> SubmissionWhole:
    """A new submission: nothing is known of it yet."""
    return SubmissionWhole(**shown(row, None).model_dump(), suggested_context=[])


def _whole(session: Session, principal: Principal, row: Submission) -> SubmissionWhole:
    own = row.submitted_by == principal.user_id
    offered = [SuggestionOut(**asdict(one)) for one in suggestions(session, row)] if own else []
    return SubmissionWhole(**_shown(session, row).model_dump(), suggested_context=offered)


def _shown(session: Session, row: Submission) -> SubmissionOut:
    return shown(row, flags_of(session, [row]).get(row.id))
