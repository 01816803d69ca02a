"""Looking again at the original post: from the item's page and from the list of what one handed in."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import Response

from app.api.deps import SessionDep, may
from app.auth.principal import Principal
from app.review.rechecks import record_recheck
from app.web.page import see_other

router = APIRouter()
RECHECK = "recheck"


@router.post("/kiriman/{submission_id}/cek-ulang")
def look_again(
    session: SessionDep,
    principal: Annotated[Principal, may("submission.recheck")],
    submission_id: UUID,
    status: Annotated[str, Form(max_length=20)] = "",
    butir: Annotated[UUID | None, Form()] = None,
) -> Response:
    """Whoever handed it in or may see it: the original is still there, or gone. `butir`: the item from which it was
    looked at."""
    record_recheck(session, principal, submission_id, status)
    session.commit()
    return see_other(f"/antrean/{butir}?sudah={RECHECK}" if butir else f"/kiriman?dicek={submission_id}")
