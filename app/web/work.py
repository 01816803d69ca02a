"""Working on items: claims, the next one, and every act besides the verdict. Plain form posts that answer 303."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from app.api.appeal_form import AppealDep
from app.api.deps import Number, ServicesDep, SessionDep, may
from app.auth.principal import Principal
from app.errors import BadInput, Conflict, NotAllowed, NotFound, TooLarge
from app.review import claims, handling
from app.review.fairness import mark_gold, unmark_gold
from app.review.queue import get_flag
from app.web import going_on
from app.web.handle import NOTED
from app.web.item_page import Attempt, draw, refused
from app.web.page import see_other
from app.web.queue_filters import QueueQuery

router = APIRouter(prefix="/antrean")
Text = Annotated[str, Form()]
Seen = Annotated[Number, Form()]
Decider = Annotated[Principal, may("flag.decide")]
Coordinator = Annotated[Principal, may("flag.coordinate")]
REFUSALS = (BadInput, Conflict, NotAllowed, TooLarge)
BY_PATH = {path: (act, function) for act, (path, _, function) in NOTED.items()}


@router.post("/berikutnya")
def take_next(
    request: Request,
    session: SessionDep,
    principal: Decider,
    asked: Annotated[QueueQuery, Query()],
    lewati: Annotated[UUID | None, Form()] = None,
    lanjut: Annotated[bool, Form()] = False,
) -> Response:
    """Reviewers and coordinators: hold the next item that the filters of the address show, or with `lanjut` those with
    which work began; `lewati` is given up and passed over."""
    chosen = going_on.begun_with(request) if lanjut else asked
    flag = going_on.take(request, session, principal, chosen, skip=lewati)
    session.commit()
    response = going_on.onward(flag, chosen)
    if flag is not None:
        going_on.begin(request, response, chosen)
    return response


@router.post("/{flag_id}/ambil")
def take(
    request: Request,
    session: SessionDep,
    principal: Decider,
    services: ServicesDep,
    flag_id: UUID,
    confirm_reason: Text = "",
    dismiss_reason: Text = "",
    note: Text = "",
    paslon: Text = "",
    article: Text = "",
) -> Response:
    """Reviewers and coordinators: hold this item, or hold it longer. What the form of the decision held is kept."""
    given = {
        "confirm_reason": confirm_reason, "dismiss_reason": dismiss_reason, "note": note, "paslon": paslon,
        "article": article,
    }  # fmt: skip
    try:
        flag = claims.claim(session, principal, flag_id, services.operating.now().claim_minutes)
    except REFUSALS as error:
        return refused(request, session, principal, flag_id, Attempt(error, given=given))
    session.commit()
    if any(given.values()):
        return draw(request, session, principal, flag, attempt=Attempt(given=given))
    return see_other(f"/antrean/{flag_id}")


@router.post("/{flag_id}/lepas")
def give_up(session: SessionDep, principal: Decider, flag_id: UUID) -> Response:
    """Reviewers and coordinators: end one's own claim; a coordinator anybody's."""
    flag = get_flag(session, flag_id)
    was_mine = flag.claimed_by == principal.login
    claims.release(session, principal, flag_id)
    session.commit()
    return see_other("/antrean" if was_mine else f"/antrean/{flag_id}?sudah=release")


@router.post("/{flag_id}/tindakan/{path}")
def act_with_note(
    request: Request, session: SessionDep, principal: Decider, flag_id: UUID, path: str, seen: Seen, note: Text = ""
) -> Response:
    """Reviewers and coordinators: ask, answer, escalate, hand back; coordinators: close and reopen."""
    if path not in BY_PATH:
        raise NotFound("Tindakan ini tidak ada / There is no such act")
    act, function = BY_PATH[path]
    try:
        function(session, principal, flag_id, note, seen)
    except REFUSALS as error:
        return refused(request, session, principal, flag_id, Attempt(error, act, {"note": note}))
    session.commit()
    return _done(flag_id, act)


@router.post("/{flag_id}/komentar")
def comment(request: Request, session: SessionDep, principal: Decider, flag_id: UUID, note: Text = "") -> Response:
    """Reviewers and coordinators: say something to colleagues."""
    try:
        handling.comment(session, principal, flag_id, note)
    except REFUSALS as error:
        return refused(request, session, principal, flag_id, Attempt(error, "comment", {"note": note}))
    session.commit()
    return _done(flag_id, "comment")


@router.post("/{flag_id}/tugaskan")
def assign(request: Request, session: SessionDep, principal: Coordinator, flag_id: UUID, to: Text = "") -> Response:
    """Coordinators: give the item to one person."""
    try:
        claims.assign(session, principal, flag_id, to)
    except REFUSALS as error:
        return refused(request, session, principal, flag_id, Attempt(error, "assign", {"to": to}))
    session.commit()
    return _done(flag_id, "assign")


@router.post("/{flag_id}/keberatan")
def appeal(
    request: Request, session: SessionDep, principal: Decider, services: ServicesDep, flag_id: UUID, form: AppealDep
) -> Response:
    """Reviewers and coordinators: register an objection with its document."""
    try:
        seen, paper = form.seen_event(), form.document()
        handling.appeal(session, services.blobs, principal, flag_id, paper, form.note, seen)
    except REFUSALS as error:
        return refused(request, session, principal, flag_id, Attempt(error, "appeal", {"note": form.note}))
    session.commit()
    return _done(flag_id, "appeal")


@router.post("/{flag_id}/acuan")
def known_case(
    request: Request,
    session: SessionDep,
    principal: Coordinator,
    flag_id: UUID,
    verdict: Text = "",
    note: Text = "",
) -> Response:
    """Coordinators: mark the item as a known case with its right verdict, or take the mark off ("cabut")."""
    try:
        if verdict == "cabut":
            unmark_gold(session, principal, flag_id)
        else:
            mark_gold(session, principal, flag_id, verdict, note)
    except REFUSALS as error:
        return refused(request, session, principal, flag_id, Attempt(error, "gold", {"note": note, "verdict": verdict}))
    session.commit()
    return _done(flag_id, "gold")


def _done(flag_id: UUID, act: str) -> Response:
    """Back to the item, which says what was done."""
    return see_other(f"/antrean/{flag_id}?sudah={act}")
