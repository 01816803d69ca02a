"""Deleting and closing by form, each with a box to tick: coordinators and admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.api.deps import SessionDep, may
from app.auth.principal import Principal
from app.db.contest_tables import PaslonRow
from app.errors import AppError, BadInput
from app.roster import closing
from app.text.storable import storable
from app.web.contest_list import draw_elections
from app.web.contests import draw_contest
from app.web.page import see_other
from app.web.roster_forms import failure_of

router = APIRouter(prefix="/roster")
Writer = Annotated[Principal, may("roster.write")]
Text = Annotated[str, Form()]


def require_tick(sure: str) -> None:
    """Raise BadInput unless the box was ticked."""
    if sure != "ya":
        raise BadInput("Centang dahulu kotak persetujuannya / Tick the box first", field="sure")


@router.post("/paslon/hapus")
def delete_pair(request: Request, session: SessionDep, principal: Writer, paslon: Text, sure: Text = "") -> Response:
    """A pair that no flag refers to."""
    row = session.get(PaslonRow, storable(paslon))
    contest = row.contest_id if row else None
    try:
        require_tick(sure)
        contest = closing.delete_paslon(session, principal, paslon)
        session.commit()
    except AppError as error:
        if contest is None:
            raise
        session.rollback()
        return draw_contest(request, session, principal, contest, failure=failure_of(request, error, "delete"))
    return see_other(f"/kontes/{contest}")


@router.post("/kontes/hapus")
def delete_contest(
    request: Request, session: SessionDep, principal: Writer, contest: Text, sure: Text = ""
) -> Response:
    """A contest for which nothing was handed in."""
    try:
        require_tick(sure)
        closing.delete_contest(session, principal, contest)
        session.commit()
    except AppError as error:
        session.rollback()
        return draw_contest(request, session, principal, contest, failure=failure_of(request, error, "delete"))
    return see_other("/kontes")


@router.post("/pemilu/tutup")
def close_election(
    request: Request, session: SessionDep, principal: Writer, election: Text, sure: Text = ""
) -> Response:
    """An election that is over."""
    try:
        require_tick(sure)
        closing.close_election(session, principal, election)
        session.commit()
    except AppError as error:
        session.rollback()
        return draw_elections(request, session, principal, failure=failure_of(request, error, "close"))
    return see_other("/kontes")
