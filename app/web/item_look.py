"""The seeing half of the item page: everything that is looked at before anything is decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.tables import Flag
from app.review.decide import has_unblurred
from app.web import item_view
from app.web.words import Words

REVEAL_REASONS = ("context", "subject", "text", "quality")


def seen(
    session: Session,
    principal: Principal,
    flag: Flag,
    item: dict[str, Any],
    signals: Sequence[dict[str, Any]],
    t: Words,
    *,
    gambar: int | None,
    blurred: bool,
) -> dict[str, Any]:
    """What the templates of picture, signals, text and context take. `signals` are worded; `gambar` counts from 1."""
    revealed = has_unblurred(session, principal, flag)
    wanted = None if gambar is None else gambar - 1
    return {
        "picture": item_view.picture(item, signals, wanted, revealed=revealed, blurred=blurred),
        "groups": item_view.groups(item, signals, t),
        "caption": item_view.caption(item),
        "lines": item_view.lines(item),
        "context": item_view.context(item, t),
        "may_reveal": True,
        "reveal_reasons": REVEAL_REASONS,
    }
