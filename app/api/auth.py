"""Signing in and out of the console, and who one is: /api/v1/session."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from sqlalchemy.orm import Session

from app.api.deps import ANYONE, PrincipalDep, ServicesDep, SessionDep
from app.api.problems import problem_responses
from app.api.security import cookie_name, is_secure
from app.auth import limits, sessions
from app.auth.passwords import LONGEST
from app.auth.principal import PERMISSIONS, Principal
from app.auth.users import principal_of
from app.errors import NotSignedIn
from app.screening.service import Services

router = APIRouter(prefix="/api/v1/session", tags=["session"])


class SignIn(BaseModel):
    """Login and password."""

    model_config = ConfigDict(extra="forbid")

    login: Annotated[str, Field(min_length=1, max_length=80)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=LONGEST)]


class WhoAmI(BaseModel):
    """The caller; `scopes` is null for a person signed in to the console, `acts` lists what the caller may do."""

    login: str
    name: str
    role: str
    region_code: str
    scopes: list[str] | None
    acts: list[str]


@router.post("", operation_id="sign_in", dependencies=[ANYONE], responses=problem_responses(401, 429))
def sign_in(body: SignIn, request: Request, response: Response, services: ServicesDep, session: SessionDep) -> WhoAmI:
    """Sign in with login and password; the answer sets the session cookie."""
    principal = begin_session(request, response, services, session, body.login, body.password.get_secret_value())
    return who(principal)


@router.get("", operation_id="read_session")
def whoami(principal: PrincipalDep) -> WhoAmI:
    """Who the cookie or token belongs to."""
    return who(principal)


@router.delete("", status_code=204, operation_id="sign_out", dependencies=[ANYONE])
def sign_out(request: Request, response: Response, services: ServicesDep, session: SessionDep) -> None:
    """End the session of the cookie; nothing happens when there is none."""
    end_session(request, response, services, session)


def begin_session(
    request: Request, response: Response, services: Services, session: Session, login: str, password: str
) -> Principal:
    """Sign in, commit and set the cookie, for the API and for the console's form.

    Errors: NotSignedIn (the try is committed as an event), TooMany.
    """
    settings = services.settings
    address = request.client.host if request.client else ""
    values = services.operating.now()
    limits.spend_sign_in(values.sign_in_per_minute, address, login)
    lifetime = timedelta(hours=values.session_hours)
    replaces = request.cookies.get(cookie_name(settings), "")
    try:
        value, row = sessions.sign_in(session, login, password, lifetime=lifetime, replaces=replaces)
    except NotSignedIn:
        session.commit()
        raise
    session.commit()
    limits.forget_sign_ins(values.sign_in_per_minute, address, login)
    response.set_cookie(
        cookie_name(settings),
        value,
        max_age=int(lifetime.total_seconds()),
        path="/",
        secure=is_secure(settings),
        httponly=True,
        samesite="strict",
    )
    return principal_of(row.user)


def end_session(request: Request, response: Response, services: Services, session: Session) -> None:
    """Sign out, commit and drop the cookie, for the API and for the console's form."""
    name, secure = cookie_name(services.settings), is_secure(services.settings)
    value = request.cookies.get(name)
    if value and "authorization" not in request.headers:
        sessions.sign_out(session, value)
        session.commit()
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="strict")


def who(principal: Principal) -> WhoAmI:
    """The caller in words."""
    return WhoAmI(
        login=principal.login,
        name=principal.name,
        role=principal.role,
        region_code=principal.region_code,
        scopes=None if principal.scopes is None else sorted(principal.scopes),
        acts=[act for act in PERMISSIONS if principal.may(act)],
    )
