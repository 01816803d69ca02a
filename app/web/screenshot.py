"""What the screenshots of one's own post say of it: a form to accept or correct, pre-filled and never trusted."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.deps import SessionDep, may
from app.api.submissions import readable
from app.auth.principal import Principal
from app.db.submission_tables import Submission
from app.errors import BadInput, Conflict, NotAllowed
from app.intake.own import FLAGGED, flags_of
from app.intake.upload import PLATFORMS
from app.office.screenshot import FIELDS, settle, suggestions
from app.web.page import language_of, render, see_other
from app.web.queue_view import title

router = APIRouter(prefix="/kiriman/{submission_id}")
Submitter = Annotated[Principal, may("submission.read-own")]
Sender = Annotated[Principal, may("submission.create")]
Text = Annotated[str, Form()]


@router.get("")
def show(request: Request, session: SessionDep, principal: Submitter, submission_id: UUID, sudah: str = "") -> Response:
    """Whoever handed it in, and those who review: the post, and what its screenshots offer."""
    row = readable(session, principal, submission_id)
    return _page(request, session, principal, row, saved=sudah == "1")


@router.post("")
def accept(
    request: Request,
    session: SessionDep,
    principal: Sender,
    submission_id: UUID,
    platform: Text = "",
    handle: Text = "",
    act_date: Text = "",
    text: Text = "",
) -> Response:
    """Whoever handed it in: what the form says becomes a stated fact; empty fields stay as they were."""
    row = readable(session, principal, submission_id)
    given = {"platform": platform, "handle": handle, "act_date": act_date, "text": text.replace("\r\n", "\n")}
    try:
        settle(session, principal, row, given)
        session.commit()
    except (BadInput, Conflict, NotAllowed) as error:
        session.rollback()
        return _page(request, session, principal, row, given=given, error=error)
    return see_other(f"/kiriman/{submission_id}?sudah=1")


def _page(
    request: Request,
    session: Session,
    principal: Principal,
    row: Submission,
    *,
    given: dict[str, str] | None = None,
    error: BadInput | Conflict | NotAllowed | None = None,
    saved: bool = False,
) -> Response:
    t = language_of(request)
    own = row.submitted_by == principal.user_id and principal.may("submission.create")
    offered = {one.field: one for one in suggestions(session, row)} if own else {}
    flag = flags_of(session, [row]).get(row.id)
    stated = {
        "field.contest": row.contest.name,
        "field.platform": t(f"platform.{row.platform}") if row.platform else "",
        "field.handle": row.handle,
        "field.act_date": t.day(row.act_date),
        "field.known_date": t.day(row.known_date),
        "context.received": t.moment(row.received_at, row.contest.timezone),
    }
    return render(
        request,
        "submission.html",
        principal,
        status=error.status if error else 200,
        row=row,
        heading=title(row, t),
        state=FLAGGED if flag else row.state,
        stated=stated,
        fields=[name for name in FIELDS if name in offered],
        offered=offered,
        given=given or {name: one.value for name, one in offered.items()},
        percent={name: t.number(round(100 * one.confidence)) for name, one in offered.items()},
        platforms=PLATFORMS[1:],
        errors={error.field: t.one_of(error.detail)} if error and error.field else {},
        problem=t.one_of(error.detail) if error and not error.field else "",
        saved=saved,
    )
