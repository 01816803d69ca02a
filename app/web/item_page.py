"""Drawing one item: its picture, signals and context, and what its reader may do with it now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.api.deps import services_of
from app.auth.principal import Principal
from app.db.flag_tables import Flag
from app.errors import AppError
from app.review.explain import as_judged, explain, stored_assessment
from app.review.queue import count_open, get_flag, next_flag
from app.review.reasons import CONFIRM_REASONS, DISMISS_REASONS
from app.roster.gallery import load_contest
from app.web import desk, going_on, item_look, item_view, story
from app.web.copies_view import view as copies_view
from app.web.facts_form import facts_form
from app.web.handle import handles
from app.web.national_view import view as national_view
from app.web.page import language_of, render
from app.web.queue_view import rows
from app.web.suggest import article_groups, chosen
from app.web.tip_view import view as tip_view
from app.web.undo import offer, short_id
from app.web.words import Words

COLUMN = 14
DECISION = "decide"
BESIDE = frozenset({
    "note", "paslon", "article", "to", "document", "known_date", "place", "officer", "name", "address", "contact",
    "id_number", "standing", "relation", "witnesses", "signed",
})  # fmt: skip
"""Fields that have their error beside them."""
GIVES_REASON = frozenset({"correct", "search"})
"""Acts whose form has a reason of its own to write."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An act that was refused, or a claim in the middle of one: what was typed and chosen is kept on the page."""

    error: AppError | None = None
    act: str = DECISION
    given: Mapping[str, str] = field(default_factory=dict)


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
    acted: str = "",
    attempt: Attempt | None = None,
) -> Response:
    """The page of an item. `done` is the decision just made elsewhere, `acted` the act just done here."""
    t = language_of(request)
    attempt = attempt or Attempt()
    item = explain(session, flag, principal)
    contest = as_judged(load_contest(session, flag.contest_id), stored_assessment(flag))
    signals = item_view.worded(item, t.language)
    item |= {
        "summary": item[f"summary_{t.language}"],
        "stage": item["stage"] | {"name": item["stage"][f"name_{t.language}"]},
        "images": item_view.images(item, signals),
    }
    given = attempt.given if attempt.act == DECISION else {}
    following = next_flag(session, flag.id, principal)
    problem, errors = _problem(attempt, t.one_of)
    return render(
        request,
        "item.html",
        principal,
        status=attempt.error.status if attempt.error else 200,
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
        events=story.events(item, contest, t),
        verdicts=story.verdicts(item, contest, t),
        national=national_view(item, t, dict(attempt.given) if attempt.act == "search" else {}),
        copies=copies_view(session, flag, principal, t),
        retention_at=_retention_at(item, t),
        versions=item_view.versions(item, t),
        standing=desk.standing(item, principal),
        claim=desk.claim(session, item, t),
        handles=handles(session, flag, item, principal, attempt.act, attempt.given),
        tip=tip_view(session, flag, item, principal, attempt.act, attempt.given, t),
        facts=facts_form(item, principal.may("flag.decide"), attempt.act, attempt.given),
        confirm_reasons=CONFIRM_REASONS,
        dismiss_reasons=DISMISS_REASONS,
        pairs=contest.paslon,
        articles=article_groups(item, t),
        chosen=chosen(item, signals, given),
        why_not=t.one_of(item["work"]["why_not"] or ""),
        acted=acted,
        megabytes=t.number(most_bytes(request) / 1024 / 1024),
        problem=problem,
        errors=errors,
        **({} if request.method == "GET" else {"here": f"/antrean/{flag.id}"}),
        item=item | {"articles": item_view.articles(item, t.language)},
        queue=rows(session, desk.waiting(session, principal, COLUMN), t),
        held=[row for row in rows(session, desk.held(session, principal), t) if row.id != flag.id],
        waiting=count_open(session, principal),
        after=following.id if following and following.id != flag.id else None,
        done=offer(session, principal, done),
        begun_with=going_on.shown(request),
    )


def most_bytes(request: Request) -> int:
    """The largest document that is taken."""
    return services_of(request).settings.max_image_bytes


def _retention_at(item: dict[str, Any], t: Words) -> str:
    """When the originals were destroyed or put on hold, on the contest's clock."""
    state = item["retention"]["destroyed"] or item["retention"]["held"]
    return t.moment(datetime.fromisoformat(state["at"]), item["context"]["contest"]["timezone"]) if state else ""


def _problem(attempt: Attempt, worded: Any) -> tuple[str, dict[str, str]]:
    """The refusal as a message above the item, or beside the field that it is about."""
    error = attempt.error
    if error is None:
        return "", {}
    detail = worded(error.detail)
    if error.field not in BESIDE and not (error.field == "reason" and attempt.act in GIVES_REASON):
        return detail, {}
    return "", {error.field if attempt.act == DECISION else f"{error.field}-{attempt.act}": detail}
