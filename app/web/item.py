"""One item: look at it, decide it, undo, lift the blur. Plain form posts that answer 303."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.deps import Number, ServicesDep, SessionDep, may
from app.auth.principal import Principal
from app.db.tables import Flag
from app.errors import AppError, BadInput, Conflict, NotAllowed
from app.review.decide import decide, has_unblurred, log_unblur, undo
from app.review.explain import explain
from app.review.fairness import TOLD
from app.review.queue import count_open, get_flag, list_flags, next_flag
from app.review.reasons import CONFIRM_REASONS, DISMISS_REASONS
from app.web import item_view
from app.web.page import language_of, render, see_other
from app.web.queue_view import rows
from app.web.suggest import confirm_reason, dismiss_reason
from app.web.undo import offer, short_id

router = APIRouter(prefix="/antrean/{flag_id}")
COLUMN = 14
REVEAL_REASONS = ("context", "subject", "text", "quality")
Text = Annotated[str, Form()]
Reader = Annotated[Principal, may("flag.read")]
Decider = Annotated[Principal, may("flag.decide")]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A refused decision: what was chosen is kept on the page, with the error beside its field."""

    error: AppError | None = None
    confirm: str = ""
    dismiss: str = ""
    note: str = ""


@router.get("")
def show(
    request: Request,
    session: SessionDep,
    principal: Reader,
    flag_id: UUID,
    gambar: Number | None = None,
    samar: bool = False,
    putus: Number | None = None,
) -> Response:
    """Reviewers, coordinators, admins, auditors."""
    flag = get_flag(session, flag_id)
    return _draw(request, session, principal, flag, gambar=gambar, blurred=samar, done=putus)


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
) -> Response:
    """Reviewers and coordinators: the verdict, then the next item."""
    reason = confirm_reason if verdict == "confirm" else dismiss_reason
    try:
        event = decide(
            session, principal, flag_id, verdict, reason, note, seen,
            paslon=paslon or None, article=article or None, second_look_share=services.settings.second_look_share,
        )  # fmt: skip
    except (BadInput, Conflict, NotAllowed) as error:
        attempt = Attempt(error, confirm_reason, dismiss_reason, note)
        return _refused(request, session, principal, flag_id, attempt)
    following = next_flag(session, flag_id, principal)
    session.commit()
    target = f"/antrean/{following.id}" if following else "/antrean"
    return see_other(f"{target}?putus={event.id}")


@router.post("/urungkan")
def take_back(
    request: Request, session: SessionDep, principal: Decider, flag_id: UUID, seen: Annotated[Number, Form()]
) -> Response:
    """The person who decided, or a coordinator: undo, and look at the item again."""
    try:
        undo(session, principal, flag_id, seen)
    except (BadInput, Conflict, NotAllowed) as error:
        return _refused(request, session, principal, flag_id, Attempt(error))
    session.commit()
    return see_other(f"/antrean/{flag_id}")


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


def _refused(request: Request, session: Session, principal: Principal, flag_id: UUID, attempt: Attempt) -> Response:
    """The item as it stands now, with the reason why the act was refused."""
    session.rollback()
    return _draw(request, session, principal, get_flag(session, flag_id), attempt=attempt)


def _draw(
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
    revealed = has_unblurred(session, principal, flag)
    shown = item_view.picture(item, signals, None if gambar is None else gambar - 1, revealed=revealed, blurred=blurred)
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
        picture=shown,
        groups=item_view.groups(item, signals, t),
        caption=item_view.caption(item),
        lines=item_view.lines(item),
        context=item_view.context(item, t),
        events=item_view.events(item, t),
        decision=item_view.last_decision(item, t),
        versions=item_view.versions(item, t),
        open="confirm" in item["work"]["acts"] or (flag.desk == "review" and not principal.may("flag.decide")),
        why_not=_why_not(item["work"], t.one_of),
        may_decide=principal.may("flag.decide"),
        may_reveal=True,
        reveal_reasons=REVEAL_REASONS,
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
