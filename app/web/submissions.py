"""Handing in a post by form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import telemetry
from app.api.deps import ServicesDep, SessionDep, intake_of, may
from app.api.multipart import FormDep, WithinMinuteDep, refusal_of
from app.auth.principal import Principal
from app.db.contest_tables import ContestRow, Election
from app.errors import AppError
from app.intake.accept import accept
from app.intake.upload import PLATFORMS, SUBJECT_TYPES
from app.rules.facts import ACCOUNTS, PUBLIC
from app.settings import Settings
from app.web.page import language_of, render, see_other

router = APIRouter()
Submitter = Annotated[Principal, may("submission.create")]
BLANK = {
    "contest": "", "text": "", "platform": "", "url": "", "handle": "", "subject_type": "unknown", "agency": "",
    "act_date": "", "known_date": "", "public": "", "parent": "",
    "parent_text": "", "account": "",
}  # fmt: skip


@router.get("/kirim")
def form(request: Request, session: SessionDep, services: ServicesDep, principal: Submitter) -> Response:
    """Whoever may hand in posts; told at once when nothing can be taken now."""
    return _form(request, session, services.settings, principal, BLANK, closed=refusal_of(principal, services))


@router.post("/kirim")
def hand_in(
    request: Request, session: SessionDep, services: ServicesDep, principal: WithinMinuteDep, form: FormDep
) -> Response:
    """Whoever may hand in posts: the list of their own, or the form again with the error beside its field."""
    given = {name: form.texts.get(name, value).replace("\r\n", "\n") for name, value in BLANK.items()}
    try:
        if isinstance(form.outcome, AppError):
            raise form.outcome
        upload = replace(form.outcome, text=form.outcome.text.replace("\r\n", "\n"))
        record = intake_of(request).record
        accepted = accept(session, services.blobs, services.settings, principal, upload, record)
        session.commit()
    except AppError as error:
        session.rollback()
        return _form(request, session, services.settings, principal, given, error)
    telemetry.SUBMISSIONS.labels("new" if accepted.created else "again").inc()
    return see_other(f"/kiriman?{'baru' if accepted.created else 'sama'}={accepted.submission.id}")


def draw(
    request: Request,
    session: Session,
    settings: Settings,
    principal: Principal,
    given: Mapping[str, str],
    error: AppError | None = None,
    closed: AppError | None = None,
    template: str = "submit.html",
    **more: object,
) -> Response:
    """The form with what was given; `error` beside its field, `closed` (nothing can be taken now) above it."""
    t = language_of(request)
    open_contests = select(ContestRow).join(Election).where(Election.closed_at.is_(None)).order_by(ContestRow.name)
    values: dict[str, Any] = {
        "contests": session.scalars(open_contests).all(),
        "platforms": PLATFORMS[1:],
        "subject_types": SUBJECT_TYPES,
        "publics": PUBLIC,
        "posters": ACCOUNTS,
        "given": given,
        "errors": {error.field or "form": t.one_of(error.detail)} if error else {},
        "closed": t.one_of(closed.detail) if closed else "",
        "many": template != "submit.html",
        "megabytes": t.number(settings.max_image_bytes / 1024 / 1024),
    }
    return render(request, template, principal, status=error.status if error else 200, **values | more)


def _form(
    request: Request,
    session: Session,
    settings: Settings,
    principal: Principal,
    given: Mapping[str, str],
    error: AppError | None = None,
    closed: AppError | None = None,
) -> Response:
    most, longest = settings.max_images, settings.max_text_chars
    return draw(request, session, settings, principal, given, error, closed, most=most, longest=longest)
