"""The queue page: what waits, strongest first, filtered by state, contest and band."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import select

from app.api.deps import Number, SessionDep, may
from app.auth.principal import Principal
from app.db.tables import ContestRow
from app.review.queue import BANDS, count_open, list_flags, next_flag
from app.review.workflow import STATES
from app.web.page import language_of, render
from app.web.queue_view import rows
from app.web.undo import offer

router = APIRouter()
PAGE = 25
ALL = "semua"


@router.get("/antrean")
def queue(
    request: Request,
    session: SessionDep,
    principal: Annotated[Principal, may("flag.read")],
    keadaan: str = "new",
    kontes: str = "",
    tingkat: str = "",
    setelah: str = "",
    putus: Number | None = None,
    habis: bool = False,
) -> Response:
    """Reviewers, coordinators, admins, auditors."""
    t = language_of(request)
    state = keadaan if keadaan in STATES else None
    band = tingkat if tingkat in BANDS else None
    found = list_flags(
        session, state=state, contest=kontes or None, band=band, after=setelah or None, limit=PAGE, viewer=principal
    )
    following = next_flag(session, principal=principal)
    kept = {"keadaan": state or ALL, "kontes": kontes, "tingkat": tingkat}
    return render(
        request,
        "queue.html",
        principal,
        rows=rows(session, found.items, t),
        next=f"/antrean?{urlencode(kept | {'setelah': found.next})}" if found.next else None,
        waiting=count_open(session, principal),
        first=following.id if following else None,
        state=state,
        states=STATES,
        band=band,
        bands=BANDS,
        contest=kontes,
        contests=session.scalars(select(ContestRow).order_by(ContestRow.name)).all(),
        filtered=bool(kontes or band or setelah or state != "new"),
        done=offer(session, principal, putus),
        ended=habis,
    )
