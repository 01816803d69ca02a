"""A person's own tokens: the page /token and its acts."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.deps import ServicesDep, SessionDep, may
from app.auth import tokens
from app.auth.principal import ROLE_SCOPES, SCOPES, Principal
from app.errors import AppError, BadInput
from app.screening.service import Services
from app.web.listing import plain_headings
from app.web.page import language_of, render, see_other
from app.web.people_list import OWN_COLUMNS, token_row

router = APIRouter(prefix="/token")
Owner = Annotated[Principal, may("token.own")]
Text = Annotated[str, Form()]
USUAL = ("submit", "read-own")
USUAL_DAYS = 90


@router.get("")
def own_tokens(request: Request, session: SessionDep, services: ServicesDep, principal: Owner) -> Response:
    """Everybody signed in."""
    return _draw(request, session, services, principal)


@router.post("")
def make(
    request: Request,
    session: SessionDep,
    services: ServicesDep,
    principal: Owner,
    name: Text = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    days: Text = "",
) -> Response:
    """Everybody signed in: a new token, whose secret is on this page and nowhere else."""
    try:
        most = services.operating.now().own_token_days
        plain, _ = tokens.create_own(session, principal, name, scopes or [], whole(days, "days"), most)
        session.commit()
    except AppError as error:
        session.rollback()
        given = {"name": name, "scopes": scopes or [], "days": days}
        return _draw(request, session, services, principal, error=error, given=given)
    return _draw(request, session, services, principal, secret=plain)


@router.post("/{token_id}/cabut")
def revoke(session: SessionDep, principal: Owner, token_id: UUID) -> Response:
    """Everybody signed in: their own token opens nothing any more."""
    tokens.revoke(session, principal, tokens.find_own(session, principal, token_id))
    session.commit()
    return see_other("/token")


@router.post("/{token_id}/ganti")
def rotate(
    request: Request,
    session: SessionDep,
    services: ServicesDep,
    principal: Owner,
    token_id: UUID,
    overlap_hours: Text = "0",
) -> Response:
    """Everybody signed in: a new secret for their own token, on this page and nowhere else."""
    try:
        token = tokens.find_own(session, principal, token_id)
        plain = tokens.rotate(session, principal, token, overlap(overlap_hours))
        session.commit()
    except AppError as error:
        session.rollback()
        return _draw(request, session, services, principal, error=error)
    return _draw(request, session, services, principal, secret=plain)


def overlap(hours: str) -> timedelta:
    """How long a secret goes on beside the next. Raises BadInput."""
    return timedelta(hours=whole(hours, "overlap_hours"))


def whole(text: str, field: str) -> int:
    """A number from a form. Raises BadInput naming the field."""
    if not text.strip().isdecimal() or len(text.strip()) > 6:
        raise BadInput("Tulis bilangan bulat / Write a whole number", field=field)
    return int(text)


def _draw(
    request: Request,
    session: Session,
    services: Services,
    principal: Principal,
    *,
    error: AppError | None = None,
    given: dict[str, Any] | None = None,
    secret: str = "",
) -> Response:
    t = language_of(request)
    most = services.operating.now().own_token_days
    usable = [scope for scope in SCOPES if scope in ROLE_SCOPES[principal.role]]
    new = {"name": "", "scopes": [s for s in usable if s in USUAL] or usable, "days": str(min(most, USUAL_DAYS))}
    return render(
        request,
        "own_tokens.html",
        principal,
        status=error.status if error else 200,
        headings=plain_headings(OWN_COLUMNS, t),
        tokens=[token_row(token, t) for token in tokens.own_tokens(session, principal)],
        scopes=usable,
        most=most,
        new=new | (given or {}),
        refused=given is not None,
        errors={error.field or "form": t.one_of(error.detail)} if error else {},
        secret=secret,
    )
