"""Correcting what is stated of an item, and handing it over to another lane. Plain form posts that answer 303."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.api.deps import Number, SessionDep, may
from app.api.multipart import to_date
from app.auth.principal import Principal
from app.errors import BadInput, Conflict, NotAllowed
from app.review.correct import Correction, correct
from app.review.routing import route
from app.web.facts_form import CORRECT, ROUTE
from app.web.item_page import Attempt, refused
from app.web.page import see_other

router = APIRouter(prefix="/antrean/{flag_id}")
Text = Annotated[str, Form()]
Seen = Annotated[Number, Form()]
Decider = Annotated[Principal, may("flag.decide")]
REFUSALS = (BadInput, Conflict, NotAllowed)


@router.post("/keterangan")
def correct_facts(
    request: Request,
    session: SessionDep,
    principal: Decider,
    flag_id: UUID,
    seen: Seen,
    act_date: Text = "",
    subject_type: Text = "",
    public: Text = "",
    parent: Text = "",
    track: Text = "",
    children: Text = "",
    account: Text = "",
    reason: Text = "",
) -> Response:
    """Reviewers and coordinators: what the form says replaces what was stated; the observations are judged anew."""
    given = {
        "act_date": act_date, "subject_type": subject_type, "public": public, "parent": parent, "track": track,
        "children": children, "account": account, "reason": reason,
    }  # fmt: skip
    try:
        change = Correction(
            to_date("act_date", act_date),
            subject_type or None,
            public or None,
            parent,
            track,
            bool(children),
            account or None,
        )
        correct(session, principal, flag_id, change, reason, seen)
    except REFUSALS as error:
        return refused(request, session, principal, flag_id, Attempt(error, CORRECT, given))
    session.commit()
    return see_other(f"/antrean/{flag_id}?sudah=correct")


@router.post("/alihkan")
def hand_over(
    request: Request,
    session: SessionDep,
    principal: Decider,
    flag_id: UUID,
    seen: Seen,
    lane: Text = "",
    note: Text = "",
) -> Response:
    """Reviewers and coordinators: what is no case of neutrality goes to another lane and is closed here."""
    try:
        route(session, principal, flag_id, lane, note, seen)
    except REFUSALS as error:
        return refused(request, session, principal, flag_id, Attempt(error, ROUTE, {"lane": lane, "note": note}))
    session.commit()
    return see_other(f"/antrean/{flag_id}?sudah=route")
