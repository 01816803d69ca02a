"""People and their tokens, for administrators: the page and its acts."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.deps import SessionDep, may
from app.auth import tokens, users
from app.auth.passwords import SHORTEST
from app.auth.principal import ROLES, SCOPES, Principal
from app.errors import AppError, BadInput, Conflict
from app.web import people_list
from app.web.own_tokens import overlap
from app.web.page import language_of, render, see_other

router = APIRouter(prefix="/pengguna")
ZONE = "Asia/Jakarta"
Manager = Annotated[Principal, may("user.manage")]
TokenManager = Annotated[Principal, may("token.manage")]
Text = Annotated[str, Form()]
NEW_USER = {"login": "", "name": "", "role": "reviewer", "region_code": ""}
NEW_TOKEN: dict[str, Any] = {"login": "", "name": "", "scopes": ["submit", "read-own"], "expires_at": ""}


@router.get("")
def people(
    request: Request,
    session: SessionDep,
    principal: Manager,
    asked: people_list.Asked,
    setelah: people_list.Cursor = None,
    token_setelah: people_list.Cursor = None,
) -> Response:
    """Admins."""
    return _draw(request, session, principal, values=asked.values(), after=setelah, token_after=token_setelah)


@router.post("")
def add_person(
    request: Request,
    session: SessionDep,
    principal: Manager,
    login: Text = "",
    name: Text = "",
    role: Text = "",
    region_code: Text = "",
    password: Text = "",
) -> Response:
    """Admins: a new person."""
    try:
        users.create_user(session, principal, login.strip(), name, role, password, region_code.strip())
        session.commit()
    except AppError as error:
        session.rollback()
        given = {"login": login, "name": name, "role": role, "region_code": region_code}
        return _draw(request, session, principal, error=error, form="user", given=given)
    return see_other("/pengguna")


@router.post("/{user_id}/sandi")
def new_password(
    request: Request, session: SessionDep, principal: Manager, user_id: UUID, password: Text = ""
) -> Response:
    """Admins: a new password; the person's sessions end."""
    user = users.find_user(session, user_id)
    try:
        users.set_password(session, principal, user, password)
        session.commit()
    except BadInput as error:
        session.rollback()
        return _draw(request, session, principal, error=error, form=str(user_id), values={"cari": user.login})
    return see_other("/pengguna")


@router.post("/{user_id}/nonaktif")
def deactivate(request: Request, session: SessionDep, principal: Manager, user_id: UUID) -> Response:
    """Admins: bar a person from signing in."""
    try:
        users.deactivate(session, principal, users.find_user(session, user_id))
        session.commit()
    except AppError as error:
        session.rollback()
        return _draw(request, session, principal, error=error, form=str(user_id))
    return see_other("/pengguna")


@router.post("/token")
def add_token(
    request: Request,
    session: SessionDep,
    principal: TokenManager,
    login: Text = "",
    name: Text = "",
    scopes: Annotated[list[str] | None, Form()] = None,
    expires_at: Text = "",
) -> Response:
    """Admins: a new token, whose secret is on this page and nowhere else."""
    try:
        owner = users.find_user(session, login)
        plain, _ = tokens.create_token(session, principal, owner, name, scopes or [], _end_of(expires_at))
        session.commit()
    except AppError as error:
        session.rollback()
        given = {"login": login, "name": name, "scopes": scopes or [], "expires_at": expires_at}
        return _draw(request, session, principal, error=error, form="token", given=given)
    return _draw(request, session, principal, secret=plain)


@router.post("/token/{token_id}/cabut")
def revoke(session: SessionDep, principal: TokenManager, token_id: UUID) -> Response:
    """Admins: a token that opens nothing any more."""
    tokens.revoke(session, principal, tokens.find_token(session, token_id))
    session.commit()
    return see_other("/pengguna?token=semua#token")


@router.post("/token/{token_id}/ganti")
def rotate(
    request: Request, session: SessionDep, principal: TokenManager, token_id: UUID, overlap_hours: Text = "0"
) -> Response:
    """Admins: a new secret for a token, on this page and nowhere else; the old one stops at once or a little later."""
    try:
        plain = tokens.rotate(session, principal, tokens.find_token(session, token_id), overlap(overlap_hours))
        session.commit()
    except (Conflict, BadInput) as error:
        session.rollback()
        return _draw(request, session, principal, error=error)
    return _draw(request, session, principal, secret=plain)


def _end_of(day: str) -> datetime | None:
    """The last moment of a day in the capital's zone; None for no day."""
    if not day:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(day), time.max, ZoneInfo(ZONE))
    except ValueError as error:
        raise BadInput("Tulis tanggal seperti 2029-09-02 / Write a date like 2029-09-02", field="expires_at") from error


def _draw(
    request: Request,
    session: Session,
    principal: Principal,
    *,
    error: AppError | None = None,
    form: str = "",
    given: dict[str, Any] | None = None,
    secret: str = "",
    values: dict[str, str] | None = None,
    after: UUID | None = None,
    token_after: UUID | None = None,
) -> Response:
    t = language_of(request)
    return render(
        request,
        "people.html",
        principal,
        status=error.status if error else 200,
        **people_list.lists(session, values or {}, after, token_after, t),
        owners=users.list_users(session),
        roles=ROLES,
        scopes=SCOPES,
        shortest=SHORTEST,
        new_user=NEW_USER | (given or {}) if form == "user" else NEW_USER,
        new_token=NEW_TOKEN | (given or {}) if form == "token" else NEW_TOKEN,
        refused=form,
        errors={error.field or "form": t.one_of(error.detail)} if error else {},
        secret=secret,
    )
