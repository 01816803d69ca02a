"""API tokens: /api/v1/tokens, for administrators. The plain token is shown once, when it is made or rotated."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Body, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select

from app.api.deps import SessionDep, may
from app.api.pages import PageDep, PageOut, shown
from app.api.problems import problem_responses
from app.auth import tokens, users
from app.auth.principal import SCOPES, Principal, Scope
from app.auth.tokens import LONGEST_OVERLAP
from app.db.keyset import Sort, paged
from app.db.people_tables import ApiToken

router = APIRouter(prefix="/api/v1/tokens", tags=["tokens"])
Manager = Annotated[Principal, may("token.manage")]
NEWEST = Sort(((ApiToken.created_at, True), (ApiToken.id, False)))


class NewToken(BaseModel):
    """A token to make: for whom, what for, and until when (null: until it is revoked)."""

    model_config = ConfigDict(extra="forbid")

    login: Annotated[str, Field(min_length=2, max_length=80)]
    name: Annotated[str, Field(min_length=1, max_length=120)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES))]
    expires_at: AwareDatetime | None = None


class TokenOut(BaseModel):
    """A token without its secret. `previous_until`: until then the secret before the last rotation works too."""

    id: uuid.UUID
    name: str
    login: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    previous_until: datetime | None
    revoked_at: datetime | None


class Rotation(BaseModel):
    """For how many hours the secret before stays valid beside the new one, so that running programs can be changed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"overlap_hours": 24}]})

    overlap_hours: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP // timedelta(hours=1))] = 0


RotationIn = Annotated[Rotation | None, Body()]


class TokenShown(TokenOut):
    """A token with its secret, this once."""

    token: str


class TokenPage(PageOut[TokenOut]):
    """Some tokens."""


@router.get("", operation_id="list_tokens", responses=problem_responses(422))
def list_tokens(_principal: Manager, session: SessionDep, page: PageDep) -> TokenPage:
    """All tokens, the newest first."""
    return TokenPage(**shown(paged(session, select(ApiToken), NEWEST, page.after, page.limit), facts))


@router.post("", status_code=201, operation_id="create_token", responses=problem_responses(404, 409))
def create_token(body: NewToken, principal: Manager, session: SessionDep, response: Response) -> TokenShown:
    """Make a token; keep `token` now, it is never shown again."""
    owner = users.find_user(session, body.login)
    plain, token = tokens.create_token(session, principal, owner, body.name, body.scopes, body.expires_at)
    session.commit()
    response.headers["Location"] = f"{router.prefix}/{token.id}"
    return TokenShown(token=plain, **facts(token))


@router.get("/{token_id}", operation_id="read_token", responses=problem_responses(404))
def read_token(token_id: uuid.UUID, _principal: Manager, session: SessionDep) -> TokenOut:
    """One token, without its secret."""
    return TokenOut(**facts(tokens.find_token(session, token_id)))


@router.post("/{token_id}/rotate", operation_id="rotate_token", responses=problem_responses(404, 409))
def rotate(token_id: uuid.UUID, principal: Manager, session: SessionDep, body: RotationIn = None) -> TokenShown:
    """Give the token a new secret; the old one stops at once, or after `overlap_hours`."""
    token = tokens.find_token(session, token_id)
    plain = tokens.rotate(session, principal, token, overlap_of(body))
    session.commit()
    return TokenShown(token=plain, **facts(token))


@router.delete("/{token_id}", status_code=204, operation_id="revoke_token", responses=problem_responses(404))
def revoke(token_id: uuid.UUID, principal: Manager, session: SessionDep) -> None:
    """Revoke the token for good."""
    tokens.revoke(session, principal, tokens.find_token(session, token_id))
    session.commit()


def overlap_of(body: Rotation | None) -> timedelta:
    """How long the secret before goes on."""
    return timedelta(hours=body.overlap_hours if body else 0)


def facts(token: ApiToken) -> dict[str, Any]:
    """What may be shown of a token at any time."""
    return {
        "id": token.id,
        "name": token.name,
        "login": token.user.login,
        "scopes": token.scopes,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
        "previous_until": token.previous_until,
        "revoked_at": token.revoked_at,
    }
