"""The notice of long work on every page of the person who started it, until it was seen."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError

from app.api.deps import services_of
from app.auth.principal import Principal
from app.jobs import errands
from app.web.words import Words


def notices(request: Request, principal: Principal | None, t: Words) -> list[dict[str, Any]]:
    """What to show: work under way with its progress, work that ended until it was taken note of."""
    if principal is None or principal.user_id is None or not principal.may("queue.manage"):
        return []
    if request.url.path.startswith("/pekerjaan"):
        return []  # it stands there in full
    with suppress(SQLAlchemyError), services_of(request).sessions() as session:  # a page that tells of a fault is drawn
        return [
            {
                "id": str(row.id),
                "state": row.state,
                "open": row.state in errands.OPEN,
                "text": t(f"work.notice.{row.state}", kind=t.either(f"work.kind.{row.kind}", row.kind)),
                "progress": t("work.progress", done=t.number(row.done), total=t.number(row.total)) if row.total else "",
            }
            for row in errands.unseen(session, principal.user_id)
        ]
    return []
