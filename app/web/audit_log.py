"""The audit trail: every event of the chain, newest first, filtered, and its verification."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Select, select

from app import audit
from app.api.deps import Number, SessionDep, may
from app.auth.principal import Principal
from app.db.tables import ChainHead, Event
from app.i18n import LANGUAGES, messages
from app.review.fairness import withheld
from app.web.page import language_of, render

router = APIRouter()
PAGE = 50
ZONE = "Asia/Jakarta"


@router.get("/jejak-audit")
def trail(
    request: Request,
    session: SessionDep,
    principal: Annotated[Principal, may("audit.read")],
    oleh: str = "",
    tindakan: str = "",
    objek: str = "",
    sebelum: Number | None = None,
    periksa: bool = False,
) -> Response:
    """Coordinators, admins, auditors."""
    t = language_of(request)
    query = _filtered(oleh.strip(), tindakan, objek.strip())
    if sebelum is not None:
        query = query.where(Event.id < sebelum)
    found = session.scalars(query.order_by(Event.id.desc()).limit(PAGE + 1)).all()
    hidden = withheld(session, found, principal)
    page = [event for event in found[:PAGE] if event.id not in hidden or not (oleh or tindakan)]
    may_see_flags = principal.may("flag.read")
    rows = [
        {
            "id": event.id,
            "at": t.moment(datetime.fromisoformat(event.at), ZONE),
            "actor": "–" if event.id in hidden else event.actor,
            "role": "" if event.id in hidden else t.either(f"role.{event.role}", event.role),
            "action": t("audit.withheld") if event.id in hidden else t.either(f"event.{event.action}", event.action),
            "object": event.object_type,
            "object_id": event.object_id,
            "href": f"/antrean/{event.object_id}" if may_see_flags and event.object_type == "flag" else None,
            "data": json.dumps(event.data, ensure_ascii=False, indent=1)
            if event.data and event.id not in hidden
            else "",
            "hash": event.hash,
        }
        for event in page
    ]
    kept = {"oleh": oleh, "tindakan": tindakan, "objek": objek}
    return render(
        request,
        "audit.html",
        principal,
        rows=rows,
        next=f"/jejak-audit?{urlencode(kept | {'sebelum': found[PAGE - 1].id})}" if len(found) > PAGE else None,
        kept=kept,
        actions=actions(),
        total=session.scalar(select(ChainHead.event_id)) or 0,
        filtered=any(kept.values()),
        verification=audit.verify(session) if periksa else None,
    )


def _filtered(actor: str, action: str, object_id: str) -> Select[Event]:
    query = select(Event)
    for column, value in ((Event.actor, actor), (Event.action, action), (Event.object_id, object_id)):
        if value:
            query = query.where(column == value)
    return query


def actions() -> list[str]:
    """The kinds of acts that have a name; asking the table which have happened would read all of it."""
    prefix = "event."
    return sorted(key.removeprefix(prefix) for key in messages(LANGUAGES[0], "console") if key.startswith(prefix))
