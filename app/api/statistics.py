"""The figures of the console's pages as JSON: volume, rates per group, quality of reviewing, calibration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from app.api.deps import SessionDep, may
from app.api.kept import Kept, KeptDep, Of
from app.api.problems import problem_responses
from app.auth.principal import Principal
from app.review.board import Board, board
from app.review.measures import Learning, Quality, figures_json, learning, quality
from app.review.overview import AGES, Volume, volume
from app.review.period import Period, period_of
from app.stats.rates import rate

router = APIRouter(prefix="/api/v1/statistics", tags=["statistics"])
LEARNED = 10_000
"""Newest submissions, and verdicts, from which quality and calibration are computed."""
THRESHOLDS = tuple(step / 100 for step in range(1, 100))
Value = TypeVar("Value")
Json = dict[str, Any]


class PeriodIn(BaseModel):
    """Which figures: of one contest or all, from the day `since` to the day `until`, both included."""

    contest: str = Field("", max_length=80)
    since: date | None = Field(None, description="the first day; without it 30 days up to the last")
    until: date | None = Field(None, description="the last day; without it today")


class FiguresOut(BaseModel):
    """Figures with the period that they are about and the moment that they are of: they are kept for a minute. Where
    `enough` is false there are too few cases to show a share. Shares are 0..1 with a 95 % interval `low`..`high`."""

    contest: str | None
    since: date
    until: date
    timezone: str
    computed_at: datetime
    figures: Json


PeriodDep = Annotated[PeriodIn, Query()]


def example(figures: Json) -> dict[int | str, dict[str, Any]]:
    """The documented answers of an endpoint."""
    whole = {
        "contest": "muara-embun", "since": "2029-10-01", "until": "2029-10-30", "timezone": "Asia/Jakarta",
        "computed_at": "2029-10-30T01:15:00Z", "figures": figures,
    }  # fmt: skip
    return {200: {"content": {"application/json": {"example": whole}}}} | problem_responses(422)


RATE = {"value": 0.62, "hits": 62, "total": 100, "low": 0.522, "high": 0.709, "enough": True}
VOLUME = {
    "days": [{"day": "2029-10-30", "received": 41, "raised": 12, "verdicts": 18}],
    "waiting": {"items": 7, "ages": [4, 2, 1, 0, 0, 0], "overdue": 1, "soon": 2, "nearest": []},
    "age_days": list(AGES),
}  # fmt: skip
GROUPS = {
    "read": 812, "screened": 812,
    "groups": {"pairs": [{"name": "muara-embun/2", "flagged": RATE, "confirmed": RATE}],
               "agencies": [{"name": "Dinas Contoh", "screened": 44, "flagged": RATE, "confirmed": None}]},
    "kinds": {"items": 240, "counts": {"text": 170, "face": 96, "hand": 81}},
}  # fmt: skip
REVIEWER = {"login": "reviewer.a", "verdicts": 100, "agreement": RATE, "gold": RATE}
CALIBRATION = {"read": 812, "calibration": {"whole": RATE, "by_signal": {"GESTURE": RATE}},
               "what_if": [{"threshold": 0.15, "queued": 240, "precision": RATE, "recall": RATE}]}  # fmt: skip


@router.get("/volume", operation_id="read_volume", responses=example(VOLUME))
def read_volume(
    _principal: Annotated[Principal, may("flag.read")], session: SessionDep, kept: KeptDep, chosen: PeriodDep
) -> FiguresOut:
    """What came in and was decided per day, and what waits: by age (counts per step of `age_days`, and what is older)
    and by deadline. `verdicts` is null for days before the newest verdicts that are read."""
    period = _period(session, chosen)
    found = volume_of(kept, session, period)
    return _out(period, found, figures_json(found.value) | {"age_days": list(AGES)})


@router.get("/groups", operation_id="read_group_rates", responses=example(GROUPS))
def read_groups(
    _principal: Annotated[Principal, may("figures.read")], session: SessionDep, kept: KeptDep, chosen: PeriodDep
) -> FiguresOut:
    """Rates per pair, region, platform and agency side by side, so that a bias would show; estimated recall, signals by
    kind, handling times. Of agencies nothing is told that fewer than five cases stand behind."""
    period = _period(session, chosen)
    found = board_of(kept, session, period)
    return _out(period, found, figures_json(found.value))


@router.get("/quality", operation_id="read_quality", responses=example({"reviewers": [REVIEWER]}))
def read_quality(
    principal: Annotated[Principal, may("quality.read")], session: SessionDep, kept: KeptDep, chosen: PeriodDep
) -> FiguresOut:
    """Agreement, known cases and handling times per reviewer, and Cohen's kappa; reviewers see their own row only."""
    period = _period(session, chosen)
    found = quality_of(kept, session, period)
    return _out(period, found, figures_json(own(found.value, principal)))


@router.get("/calibration", operation_id="read_calibration", responses=example(CALIBRATION))
def read_calibration(
    _principal: Annotated[Principal, may("figures.read")], session: SessionDep, kept: KeptDep, chosen: PeriodDep
) -> FiguresOut:
    """Precision per signal and of the whole, reliability by bins of the score, estimated recall, and what other
    thresholds would mean for queue, precision and recall."""
    period = _period(session, chosen)
    found = learning_of(kept, session, period)
    return _out(period, found, figures_json(found.value))


# -- what pages and API share ---------------------------------------------------------------------------------------


def volume_of(kept: Kept, session: Session, period: Period) -> Of[Volume]:
    """Volume of a period."""
    return _kept(kept, "volume", period, lambda: volume(session, period))


def board_of(kept: Kept, session: Session, period: Period) -> Of[Board]:
    """The rates of a period."""
    return _kept(kept, "board", period, lambda: board(session, period))


def quality_of(kept: Kept, session: Session, period: Period) -> Of[Quality]:
    """The quality of reviewing in a period."""
    return _kept(kept, "quality", period, lambda: quality(session, period.scope(LEARNED)))


def learning_of(kept: Kept, session: Session, period: Period) -> Of[Learning]:
    """Calibration of a period, with a point of what-if for every hundredth."""
    return _kept(kept, "learning", period, lambda: learning(session, period.scope(LEARNED), THRESHOLDS))


def own(found: Quality, principal: Principal) -> Quality:
    """What this person may know of the reviewers. Reviewers see their own row, without known cases: the count would
    tell them which item was one."""
    if principal.role != "reviewer":
        return found
    mine = (replace(one, gold=rate(0, 0)) for one in found.reviewers if one.login == principal.login)
    return replace(found, reviewers=tuple(mine))


def _kept(kept: Kept, name: str, period: Period, compute: Callable[[], Value]) -> Of[Value]:
    return kept.get((name, period), compute)


def _period(session: Session, chosen: PeriodIn) -> Period:
    return period_of(session, chosen.contest, chosen.since, chosen.until)


def _out(period: Period, found: Of[Any], figures: Json) -> FiguresOut:
    return FiguresOut(
        contest=period.contest, since=period.first, until=period.last, timezone=period.zone, computed_at=found.at,
        figures=figures,
    )  # fmt: skip
