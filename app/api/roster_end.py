"""Taking back what was entered by mistake, and closing what is over."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.deps import SessionDep, may
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.roster import closing

router = APIRouter(prefix="/api/v1", tags=["roster"])
Writer = Annotated[Principal, may("roster.write")]


class ClosedOut(BaseModel):
    """A closed election; `embeddings_deleted` counts the photos that can no longer be compared."""

    id: str
    closed_at: datetime | None
    embeddings_deleted: int


@router.delete(
    "/paslon/{paslon_id:path}", status_code=204, operation_id="delete_paslon", responses=problem_responses(404, 409)
)
def delete_paslon(paslon_id: str, principal: Writer, session: SessionDep) -> None:
    """Remove a pair with its people and photos, unless a flag refers to it."""
    closing.delete_paslon(session, principal, paslon_id)
    session.commit()


@router.delete(
    "/contests/{contest_id}", status_code=204, operation_id="delete_contest", responses=problem_responses(404, 409)
)
def delete_contest(contest_id: str, principal: Writer, session: SessionDep) -> None:
    """Remove a contest for which nothing was handed in, with its pairs and photos."""
    closing.delete_contest(session, principal, contest_id)
    session.commit()


@router.post("/elections/{election_id}/close", operation_id="close_election", responses=problem_responses(404, 409))
def close_election(election_id: str, principal: Writer, session: SessionDep) -> ClosedOut:
    """Close an election for good: no more submissions, and the embeddings of its candidates' photos are deleted."""
    done = closing.close_election(session, principal, election_id)
    session.commit()
    return ClosedOut(id=done.election.id, closed_at=done.election.closed_at, embeddings_deleted=done.embeddings)
