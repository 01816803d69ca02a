"""One decision for an item and several of its copies: asked once more, then done."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.deps import Number, ServicesDep, SessionDep, may
from app.auth.principal import Principal
from app.errors import BadInput, Conflict, NotAllowed
from app.review.queue import get_flag
from app.review.together import decide_group
from app.web import going_on
from app.web.copies_view import view
from app.web.item_page import Attempt, refused
from app.web.page import language_of, render, see_other
from app.web.undo import short_id

router = APIRouter(prefix="/antrean/{flag_id}")
Json = dict[str, Any]
Text = Annotated[str, Form()]
Chosen = Annotated[list[str], Form(max_length=200)]
PARTLY = "group_partly"


def ask(request: Request, session: Session, principal: Principal, flag_id: UUID, given: Json) -> Response:
    """The question before a decision for several: what, and for which."""
    t = language_of(request)
    flag = get_flag(session, flag_id)
    found = view(session, flag, principal, t) or {"rows": []}
    chosen = [row for row in found["rows"] if row["value"] in given["salinan"]]
    reason = given["confirm_reason"] if given["verdict"] == "confirm" else given["dismiss_reason"]
    worded = t.either(f"reason.{reason}", reason)
    values = given | {"salinan": [row["value"] for row in chosen]}
    return render(
        request, "item_group.html", principal, here=f"/antrean/{flag_id}", flag_id=flag_id, short=short_id(flag_id),
        rows=chosen, given=values, reason=worded, verdict=t.either(f"act.{given['verdict']}", ""),
    )  # fmt: skip


@router.post("/putusan-kelompok")
def take_group_decision(
    request: Request,
    session: SessionDep,
    principal: Annotated[Principal, may("flag.decide")],
    services: ServicesDep,
    flag_id: UUID,
    seen: Annotated[Number, Form()],
    verdict: Text,
    salinan: Chosen,
    confirm_reason: Text = "",
    dismiss_reason: Text = "",
    note: Text = "",
    paslon: Text = "",
    article: Text = "",
) -> Response:
    """Reviewers and coordinators: the verdict for the item and the chosen copies; then the next item, or the item again
    where some were passed over."""
    reason = confirm_reason if verdict == "confirm" else dismiss_reason
    try:
        share = services.operating.now().second_look_share
        done = decide_group(
            session, principal, flag_id, verdict, reason, note, seen, dict(map(_chosen, salinan)),
            paslon=paslon or None, article=article or None, second_look_share=share,
        )  # fmt: skip
    except (BadInput, Conflict, NotAllowed) as error:
        given = {
            "confirm_reason": confirm_reason, "dismiss_reason": dismiss_reason, "note": note, "paslon": paslon,
            "article": article,
        }  # fmt: skip
        return refused(request, session, principal, flag_id, Attempt(error, given=given))
    if done.skipped:
        session.commit()
        return see_other(f"/antrean/{flag_id}?putus={done.event.id}&sudah={PARTLY}")
    chosen = going_on.begun_with(request)
    following = going_on.take(request, session, principal, chosen)
    session.commit()
    return going_on.onward(following, chosen, done.event.id)


def _chosen(value: str) -> tuple[UUID, int]:
    """A copy and its last event, as the page writes them."""
    name, _, seen = value.partition(":")
    try:
        number = int(seen)
        if not 0 <= number < 2**31:
            raise ValueError(seen)
        return UUID(name), number
    except ValueError as error:
        raise BadInput("Pilih salinan dari daftar / Choose copies from the list", field="salinan") from error
