"""Trained scores of texts: drafts with their report, one in use or none, switched by a coordinator with a reason."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from sqlalchemy import select

from app.api.deps import Number, SessionDep
from app.api.pages import PageDep, PageOut, shown
from app.api.problems import problem_responses
from app.api.versions import Appended, Changer, Reader, Reasoned, Replacing, Versioned, told
from app.db.keyset import Sort, paged
from app.db.rule_tables import TextModelVersion
from app.screening import text_models as models
from app.text.learned import LARGEST

router = APIRouter(prefix="/api/v1/text-models", tags=["rules"])
NEWEST = Sort(((TextModelVersion.id, True),))


class TextModelOut(Versioned):
    """One trained score; `report` holds its cross-validated figures, `state` is draft, live or retired."""

    report: dict[str, Any]


class TextModelPage(PageOut[TextModelOut]):
    """The score in use (`live` is null where none is) and versions, newest first."""

    live: int | None


class TextModelIn(Reasoned):
    """A model file as `netra text train --out` writes it, and why it is handed in."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"model": "{…}", "reason": "Dilatih dari putusan Oktober"}]}
    )
    model: str = Field(max_length=LARGEST)


class UseIn(Replacing):
    """Why, and the id of the score in use as the caller saw it (null: none)."""


class WithdrawIn(Reasoned):
    """Why no trained score is used any more."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Terlalu banyak salah"}]})


class UsedOut(Appended):
    """The event that was appended, and the score in use now."""

    live: int | None


@router.get("", operation_id="list_text_models", responses=problem_responses(422))
def list_models(_principal: Reader, session: SessionDep, page: PageDep) -> TextModelPage:
    """The trained score in use, and all there are."""
    some = paged(session, select(TextModelVersion), NEWEST, page.after, page.limit)
    return TextModelPage(live=models.VERSIONS.live_id(session), **shown(some, partial(told, TextModelOut)))


@router.post("", status_code=201, operation_id="draft_text_model", responses=problem_responses(409, 422))
def draft(body: TextModelIn, principal: Changer, session: SessionDep) -> TextModelOut:
    """Keep a model file as a draft; it changes nothing. Refused without its cross-validated report."""
    row = models.draft(session, principal, body.model, body.reason)
    session.commit()
    return told(TextModelOut, row)


@router.post(
    "/{model_id}/publication",
    status_code=201,
    operation_id="use_text_model",
    responses=problem_responses(404, 409, 422),
)
def publish(model_id: Number, body: UseIn, principal: Changer, session: SessionDep) -> UsedOut:
    """Use this score from the next submission on, as one weak signal; an earlier one again is the way back. Refused
    with 409 when another came into use since."""
    event = models.publish(session, principal, model_id, body.reason, body.replaces)
    session.commit()
    return UsedOut(event=event.id, hash=event.hash, live=model_id)


@router.post(
    "/{model_id}/withdrawal",
    status_code=201,
    operation_id="withdraw_text_model",
    responses=problem_responses(404, 409, 422),
)
def withdraw(model_id: Number, body: WithdrawIn, principal: Changer, session: SessionDep) -> UsedOut:
    """Use no trained score from the next submission on. Refused with 409 when this one is not in use."""
    event = models.withdraw(session, principal, model_id, body.reason)
    session.commit()
    return UsedOut(event=event.id, hash=event.hash, live=None)
