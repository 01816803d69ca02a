"""Drawing one item: its picture, signals and context, and what its reader may do with it now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.auth.principal import Principal
from app.db.tables import Flag
from app.errors import AppError
from app.review.explain import explain
from app.review.fairness import TOLD
from app.review.queue import count_open, get_flag, list_flags, next_flag
from app.review.reasons import CONFIRM_REASONS, DISMISS_REASONS
from app.web import item_look, item_view, story
from app.web.page import language_of, render
from app.web.queue_view import rows
from app.web.suggest import confirm_reason, dismiss_reason
from app.web.undo import offer, short_id

COLUMN = 14


@dataclass(frozen=True, slots=True)
class Attempt:
    """A refused decision: what was chosen is kept on the page, with the error beside its field."""

    error: AppError | None = None
    confirm: str = ""
    dismiss: str = ""
    note: str = ""


def refused(request: Request, session: Session, principal: Principal, flag_id: UUID, attempt: Attempt) -> Response:
    """The item as it stands now, with the reason why the act was refused."""
    session.rollback()
    return draw(request, session, principal, get_flag(session, flag_id), attempt=attempt)


def draw(
    request: Request,
    session: Session,
    principal: Principal,
    flag: Flag,
    *,
    gambar: int | None = None,
    blurred: bool = False,
    done: int | None = None,
    attempt: Attempt | None = None,
) -> Response:
    t = language_of(request)
    attempt = attempt or Attempt()
    item = explain(session, flag, principal)
    signals = item_view.worded(item, t.language)
    following = next_flag(session, flag.id, principal)
    item |= {
        "summary": item[f"summary_{t.language}"],
        "stage": item["stage"] | {"name": item["stage"][f"name_{t.language}"]},
        "images": item_view.images(item, signals),
        "articles": item_view.articles(item, t.language),
    }
    problem, errors = _problem(attempt.error, t.one_of)
    return render(
        request,
        "item.html",
        principal,
        status=attempt.error.status if attempt.error else 200,
        item=item,
        short=short_id(flag.id),
        **item_look.seen(
            session,
            principal,
            flag,
            item,
            signals,
            t,
            gambar=gambar,
            blurred=blurred,
            whole=request.query_params.get("lengkap") == "1",
        ),
        events=story.events(item, t),
        decision=story.last_decision(item, t),
        versions=item_view.versions(item, t),
        open="confirm" in item["work"]["acts"] or (flag.desk == "review" and not principal.may("flag.decide")),
        why_not=_why_not(item["work"], t.one_of),
        may_decide=principal.may("flag.decide"),
        confirm_reasons=CONFIRM_REASONS,
        dismiss_reasons=DISMISS_REASONS,
        chosen=_chosen(attempt, signals),
        problem=problem,
        errors=errors,
        queue=rows(session, list_flags(session, state="new", limit=COLUMN).items, t),
        waiting=count_open(session, principal),
        after=following.id if following and following.id != flag.id else None,
        done=offer(session, principal, done),
    )


def _chosen(attempt: Attempt, signals: list[dict[str, Any]]) -> dict[str, str]:
    return {
        "confirm": attempt.confirm or confirm_reason(signals),
        "dismiss": attempt.dismiss or dismiss_reason(signals),
        "note": attempt.note,
    }


def _why_not(work: dict[str, Any], worded: Any) -> str:
    """Why this reader may give no verdict on an item that is not decided yet; empty where they may."""
    return worded(work["why_not"]) if work["why_not"] and work["base_state"] not in TOLD else ""


def _problem(error: AppError | None, worded: Any) -> tuple[str, dict[str, str]]:
    """The refusal as a message above the item, or beside the field it is about."""
    if error is None:
        return "", {}
    detail = worded(error.detail)
    return ("", {"note": detail}) if error.field == "note" else (detail, {})
