"""One item: look at it, decide it, undo, lift the blur. Plain form posts that answer 303."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.api.deps import Number, ServicesDep, SessionDep, may
from app.auth.principal import Principal
from app.errors import BadInput, Conflict, NotAllowed
from app.review.decide import decide, log_unblur, undo
from app.review.queue import get_flag
from app.web import copies, going_on
from app.web.facts_form import CORRECT, ROUTE
from app.web.handle import ORDER
from app.web.item_look import REVEAL_REASONS
from app.web.item_page import Attempt, draw, refused
from app.web.page import see_other
from app.web.rechecks import RECHECK
from app.web.tip_view import ACTS as TIP_ACTS

router = APIRouter(prefix="/antrean/{flag_id}")
UNDO = "undo"
SAID = frozenset({*ORDER, copies.PARTLY, "release", UNDO, CORRECT, ROUTE, RECHECK, *TIP_ACTS})
"""Acts that the page confirms in a sentence."""
Text = Annotated[str, Form()]
Reader = Annotated[Principal, may("flag.read")]
Decider = Annotated[Principal, may("flag.decide")]


@router.get("")
def show(
    request: Request,
    session: SessionDep,
    principal: Reader,
    flag_id: UUID,
    gambar: Number | None = None,
    samar: bool = False,
    putus: Number | None = None,
    sudah: str = "",
) -> Response:
    """Reviewers, coordinators, admins, auditors."""
    flag = get_flag(session, flag_id)
    said = sudah if sudah in SAID else ""
    return draw(request, session, principal, flag, gambar=gambar, blurred=samar, done=putus, acted=said)


@router.post("/putusan")
def take_decision(
    request: Request,
    session: SessionDep,
    principal: Decider,
    services: ServicesDep,
    flag_id: UUID,
    seen: Annotated[Number, Form()],
    verdict: Text,
    confirm_reason: Text = "",
    dismiss_reason: Text = "",
    note: Text = "",
    paslon: Text = "",
    article: Text = "",
    kelompok: Text = "",
    salinan: Annotated[list[str] | None, Form(max_length=200)] = None,
) -> Response:
    """Reviewers and coordinators: the verdict; the next item comes by itself, claimed. For copies as well it is asked
    first."""
    if kelompok and salinan:
        asked = {
            "seen": seen, "verdict": verdict, "confirm_reason": confirm_reason, "dismiss_reason": dismiss_reason,
            "note": note, "paslon": paslon, "article": article, "salinan": salinan,
        }  # fmt: skip
        return copies.ask(request, session, principal, flag_id, asked)
    reason = confirm_reason if verdict == "confirm" else dismiss_reason
    try:
        share = services.operating.now().second_look_share
        event = decide(
            session, principal, flag_id, verdict, reason, note, seen,
            paslon=paslon or None, article=article or None, second_look_share=share,
        )  # fmt: skip
    except (BadInput, Conflict, NotAllowed) as error:
        given = {
            "confirm_reason": confirm_reason, "dismiss_reason": dismiss_reason, "note": note, "paslon": paslon,
            "article": article,
        }  # fmt: skip
        return refused(request, session, principal, flag_id, Attempt(error, given=given))
    chosen = going_on.begun_with(request)
    following = going_on.take(request, session, principal, chosen)
    session.commit()
    return going_on.onward(following, chosen, event.id)


@router.post("/urungkan")
def take_back(
    request: Request, session: SessionDep, principal: Decider, flag_id: UUID, seen: Annotated[Number, Form()]
) -> Response:
    """The person who decided, or a coordinator: undo, and look at the item again."""
    try:
        undo(session, principal, flag_id, seen)
    except (BadInput, Conflict, NotAllowed) as error:
        return refused(request, session, principal, flag_id, Attempt(error, UNDO))
    session.commit()
    return see_other(f"/antrean/{flag_id}?sudah={UNDO}")


@router.post("/buka-samaran")
def reveal(
    session: SessionDep, principal: Reader, flag_id: UUID, reason: Text, gambar: Annotated[Number, Form()] = 1
) -> Response:
    """Whoever may see the item: lift the blur with a reason, which is logged."""
    if reason not in REVEAL_REASONS:
        raise BadInput("Pilih alasan membuka samaran / Choose a reason for lifting the blur", field="reason")
    log_unblur(session, principal, flag_id, reason)
    session.commit()
    return see_other(f"/antrean/{flag_id}?gambar={gambar}")
