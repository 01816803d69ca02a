"""The seeing half of the item page: everything that is looked at before anything is decided."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.flag_tables import Flag
from app.review.decide import has_unblurred
from app.review.history import account_of
from app.web import capture_view, findings, item_view, sums, surroundings
from app.web.folding import fold, heads
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
    whole: bool,
) -> dict[str, Any]:
    """What the templates of picture, signals, text and context take. `signals` are worded; `gambar` counts from 1;
    `whole` asks for everything of a long text and a long list."""
    revealed = has_unblurred(session, principal, flag)
    wanted = None if gambar is None else gambar - 1
    folds = fold(signals)
    shown = heads(folds)
    caption = findings.caption(item, shown, whole=whole)
    groups = findings.groups(item, folds, t, whole=whole)
    return {
        "picture": item_view.picture(item, signals, wanted, revealed=revealed, blurred=blurred),
        "groups": groups,
        "sums": sums.parts_of(item, t),
        "listed": {found["tag"] for group in groups for found in (*group["signals"], *group["more"])},
        "shown": shown,
        "reasons": findings.reasons(item, t),
        "caption": caption,
        "named": findings.named(caption),
        "lines": findings.lines(item, shown, whole=whole),
        "whole": whole,
        "context": item_view.context(item, t),
        "captured": capture_view.captured(item, t, whole=whole),
        "looks": capture_view.looked(item["rechecks"], item["context"]["contest"]["timezone"], t),
        "calendar": surroundings.timeline(flag.submission, t),
        "deadline": surroundings.deadline(item["work"]["due_on"], item["context"]["contest"]["timezone"], t),
        "account": surroundings.account(account_of(session, flag, principal), flag.submission, t),
        "may_reveal": True,
        "reveal_reasons": REVEAL_REASONS,
    }
