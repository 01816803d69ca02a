"""A person's own API tokens: /api/v1/session/tokens. Only people make them, no token makes another."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.deps import ServicesDep, SessionDep, may
from app.api.problems import problem_responses
from app.api.tokens import RotationIn, TokenOut, TokenShown, facts, overlap_of
from app.auth import tokens
from app.auth.principal import SCOPES, Principal, Scope

router = APIRouter(prefix="/api/v1/session/tokens", tags=["session"])
Owner = Annotated[Principal, may("token.own")]


class NewOwnToken(BaseModel):
    """A token to make for oneself: what for, what it may do, and for how many days."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"name": "peramban saya", "scopes": ["submit", "read-own"], "days": 90}]},
    )

    name: Annotated[str, Field(min_length=1, max_length=120)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES))]
    days: Annotated[int, Field(ge=1, le=366)]


class OwnTokens(BaseModel):
    """All tokens of the caller, the newest first, and the most days that a new one may last (0: none can be made)."""

    items: list[TokenOut]
    most_days: int


@router.get("", operation_id="list_own_tokens")
def list_own(principal: Owner, services: ServicesDep, session: SessionDep) -> OwnTokens:
    """The caller's own tokens."""
    mine = [TokenOut(**facts(token)) for token in tokens.own_tokens(session, principal)]
    return OwnTokens(items=mine, most_days=services.operating.now().own_token_days)


@router.post("", status_code=201, operation_id="create_own_token", responses=problem_responses(409))
def create_own(
    body: NewOwnToken, principal: Owner, services: ServicesDep, session: SessionDep, response: Response
) -> TokenShown:
    """Make a token for a program of one's own; keep `token` now, it is never shown again."""
    most = services.operating.now().own_token_days
    plain, token = tokens.create_own(session, principal, body.name, body.scopes, body.days, most)
    session.commit()
    response.headers["Location"] = router.prefix
    return TokenShown(token=plain, **facts(token))


@router.post("/{token_id}/rotate", operation_id="rotate_own_token", responses=problem_responses(404, 409))
def rotate_own(token_id: uuid.UUID, principal: Owner, session: SessionDep, body: RotationIn = None) -> TokenShown:
    """Give one's own token a new secret; the old one stops at once, or after `overlap_hours`."""
    token = tokens.find_own(session, principal, token_id)
    plain = tokens.rotate(session, principal, token, overlap_of(body))
    session.commit()
    return TokenShown(token=plain, **facts(token))


@router.delete("/{token_id}", status_code=204, operation_id="revoke_own_token", responses=problem_responses(404))
def revoke_own(token_id: uuid.UUID, principal: Owner, session: SessionDep) -> None:
    """Revoke one's own token for good."""
    tokens.revoke(session, principal, tokens.find_own(session, principal, token_id))
    session.commit()
