"""Changing a contest's calendar by form: days of its stages, and a repeat vote. Coordinators and admins."""

from __future__ import annotations

from itertools import zip_longest
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.api.deps import SessionDep, may
from app.auth.principal import Principal
from app.errors import AppError, BadInput
from app.roster import stages
from app.roster.file import StageFile
from app.web.contests import draw_contest
from app.web.page import see_other
from app.web.roster_forms import checked, day_of, failure_of

router = APIRouter(prefix="/roster")
Writer = Annotated[Principal, may("roster.write")]
Text = Annotated[str, Form()]
Texts = Annotated[list[str], Form()]
CALENDAR = "calendar"


@router.post("/kalender")
def save_calendar(
    request: Request,
    session: SessionDep,
    principal: Writer,
    contest: Text,
    stage: Texts = [],  # noqa: B006
    first: Texts = [],  # noqa: B006
    last: Texts = [],  # noqa: B006
) -> Response:
    """The days of every stage, in rows; a row without days has those counted from voting day, or is no longer open."""
    try:
        rows = list(zip_longest(stage, first, last, fillvalue=""))
        given = [_stage(*row) for row in rows if row[1].strip() or row[2].strip()]
        stages.save_stages(session, principal, contest, given)
        session.commit()
    except AppError as error:
        return _refused(request, session, principal, contest, error)
    return see_other(f"/kontes/{contest}")


@router.post("/pemungutan-ulang")
def reopen(request: Request, session: SessionDep, principal: Writer, contest: Text, day: Text = "") -> Response:
    """A repeat vote: quiet period, voting and counting are opened again around its day."""
    try:
        stages.reopen(session, principal, contest, day_of(day, "voting_day"))
        session.commit()
    except AppError as error:
        return _refused(request, session, principal, contest, error)
    return see_other(f"/kontes/{contest}")


def _stage(code: str, first: str, last: str) -> StageFile:
    if not (first.strip() and last.strip()):
        raise BadInput("Isi kedua tanggalnya, atau kosongkan keduanya / Give both days, or neither", field="stages")
    return checked(StageFile, {"stage": code, "first": first.strip(), "last": last.strip()})


def _refused(request: Request, session: SessionDep, principal: Principal, contest: str, error: AppError) -> Response:
    session.rollback()
    if error.status == 404:
        raise error
    return draw_contest(request, session, principal, contest, failure=failure_of(request, error, CALENDAR))
