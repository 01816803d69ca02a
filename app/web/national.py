"""The search in all other contests, asked for on the page of an item."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.api.deps import Number, ServicesDep, SessionDep, may
from app.auth.principal import Principal
from app.errors import AppError
from app.intake.accept import DECODERS
from app.review.national import search
from app.web.item_page import Attempt, refused
from app.web.page import see_other

router = APIRouter(prefix="/antrean/{flag_id}")
Decider = Annotated[Principal, may("flag.decide")]
ACT = "search"


@router.post("/pencarian-nasional")
def look_elsewhere(
    request: Request,
    session: SessionDep,
    principal: Decider,
    services: ServicesDep,
    flag_id: UUID,
    wajah: Annotated[str, Form(max_length=20)],
    alasan: Annotated[str, Form()] = "",
    gambar: Annotated[Number, Form()] = 1,
) -> Response:
    """Reviewers and coordinators: one face beside the candidates of all other contests, for a reason."""
    picture, _, face = wajah.partition("-")
    given = {"wajah": wajah, "alasan": alasan}
    try:
        with DECODERS:
            search(session, services, principal, flag_id, _number(picture), _number(face), alasan)
        session.commit()
    except AppError as error:
        return refused(request, session, principal, flag_id, Attempt(error, ACT, given))
    return see_other(f"/antrean/{flag_id}?gambar={gambar}#national")


def _number(text: str) -> int:
    """The number, or one that no face has."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
