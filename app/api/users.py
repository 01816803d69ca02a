"""People who may sign in: /api/v1/users, for administrators."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from sqlalchemy import select

from app.api.deps import SessionDep, may
from app.api.pages import PageDep, PageOut, shown
from app.api.problems import problem_responses
from app.auth import users
from app.auth.passwords import LONGEST, SHORTEST
from app.auth.principal import Principal
from app.db.keyset import Sort, paged
from app.db.people_tables import User

router = APIRouter(prefix="/api/v1/users", tags=["users"])
Manager = Annotated[Principal, may("user.manage")]
BY_LOGIN = Sort(((User.login, False), (User.id, False)))
NewPassword = Annotated[SecretStr, Field(min_length=SHORTEST, max_length=LONGEST)]


class NewUser(BaseModel):
    """A person to add."""

    model_config = ConfigDict(extra="forbid")

    login: Annotated[str, Field(min_length=2, max_length=80, pattern=r"^[a-z0-9._-]+$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    role: Literal["monitor", "reviewer", "coordinator", "admin", "auditor"]
    password: NewPassword
    region_code: Annotated[str, Field(max_length=20, examples=["16.12"])] = ""


class Password(BaseModel):
    """A new password."""

    model_config = ConfigDict(extra="forbid")

    password: NewPassword


class UserOut(BaseModel):
    """A person, without anything secret."""

    id: uuid.UUID
    login: str
    name: str
    role: str
    region_code: str
    active: bool
    created_at: datetime


class UserPage(PageOut[UserOut]):
    """Some people."""


@router.get("", operation_id="list_users", responses=problem_responses(422))
def list_users(_principal: Manager, session: SessionDep, page: PageDep) -> UserPage:
    """Everybody, in the order of logins."""
    return UserPage(**shown(paged(session, select(User), BY_LOGIN, page.after, page.limit), described))


@router.post("", status_code=201, operation_id="create_user", responses=problem_responses(409))
def create_user(body: NewUser, principal: Manager, session: SessionDep, response: Response) -> UserOut:
    """Add a person."""
    password = body.password.get_secret_value()
    user = users.create_user(session, principal, body.login, body.name, body.role, password, body.region_code)
    session.commit()
    response.headers["Location"] = f"{router.prefix}/{user.id}"
    return described(user)


@router.get("/{user_id}", operation_id="read_user", responses=problem_responses(404))
def read_user(user_id: uuid.UUID, _principal: Manager, session: SessionDep) -> UserOut:
    """One person."""
    return described(users.find_user(session, user_id))


@router.put("/{user_id}/password", status_code=204, operation_id="set_user_password", responses=problem_responses(404))
def set_password(user_id: uuid.UUID, body: Password, principal: Manager, session: SessionDep) -> None:
    """Give a person a new password and sign them out everywhere."""
    users.set_password(session, principal, users.find_user(session, user_id), body.password.get_secret_value())
    session.commit()


@router.delete("/{user_id}", status_code=204, operation_id="deactivate_user", responses=problem_responses(404, 409))
def deactivate(user_id: uuid.UUID, principal: Manager, session: SessionDep) -> None:
    """Bar a person: sessions end, tokens are revoked; what they did stays in the record."""
    users.deactivate(session, principal, users.find_user(session, user_id))
    session.commit()


def described(user: User) -> UserOut:
    """A row as it may be shown."""
    return UserOut(
        id=user.id,
        login=user.login,
        name=user.name,
        role=user.role,
        region_code=user.region_code,
        active=user.active,
        created_at=user.created_at,
    )
