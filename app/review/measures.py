"""The figures of quality and learning: what the statistics make of the rows that were read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.review.figures import (
    Judged,
    Scope,
    count_screened,
    load_decided,
    load_gold,
    load_rows,
    load_trials,
    load_verdicts,
)
from app.review.groups import load_cells, recall_of
from app.stats.agreement import Kappa, Verdict, agreement_by_reviewer, agreement_with, double_judgements, kappa
from app.stats.calibration import Calibration, Recall, calibration
from app.stats.durations import Durations, durations
from app.stats.rates import Rate, rate
from app.stats.whatif import THRESHOLDS, Point, Scored, what_if


@dataclass(frozen=True, slots=True)
class Learning:
    """What the decisions say of the machine. `read` of `screened` submissions were counted, the newest."""

    read: int
    screened: int
    calibration: Calibration
    recall: Recall
    what_if: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Reviewer:
    """One reviewer: verdicts given, agreement with colleagues on the same items, known cases met, time per item."""

    login: str
    verdicts: int
    agreement: Rate
    gold: Rate
    handling: Durations


@dataclass(frozen=True, slots=True)
class Quality:
    """What the decisions say of the reviewing."""

    kappa: Kappa
    handling: Durations
    reviewers: tuple[Reviewer, ...]


def learning(session: Session, scope: Scope, thresholds: Sequence[float] = THRESHOLDS) -> Learning:
    """Calibration, recall and what-if of the scope."""
    rows = load_rows(session, scope)
    return Learning(
        len(rows),
        count_screened(session, scope),
        calibration(load_decided(session, rows)),
        recall_of(load_cells(session, scope)),
        what_if([Scored(row.score, row.band, row.confirmed) for row in rows], thresholds),
    )


def quality(session: Session, scope: Scope) -> Quality:
    """Agreement and handling times of the scope."""
    trials, expected = load_trials(session, scope)
    return quality_of(load_verdicts(session, scope), load_gold(session) | expected, trials)


def quality_of(judged: Sequence[Judged], gold: Mapping[UUID, str], trials: Sequence[Judged] = ()) -> Quality:
    """Agreement of verdicts that were given blind; every appeal opens a round of its own. `trials` are verdicts on
    known cases that were given once more: work like any other, but nothing on which colleagues agree."""
    work = [*judged, *trials]
    blind = [Verdict((one.flag, one.round), one.reviewer, one.verdict) for one in judged if one.blind]
    truth: dict[Hashable, str] = {(one.flag, one.round): gold[one.flag] for one in work if one.flag in gold}
    asked = [Verdict((one.flag, one.round), one.reviewer, one.verdict) for one in work if one.blind]
    agreeing, known = agreement_by_reviewer(blind), agreement_with(truth, asked)
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for one in work:
        if one.seconds is not None:
            seconds[one.reviewer].append(one.seconds)
    nothing = rate(0, 0)
    return Quality(
        kappa(double_judgements(blind)),
        durations(value for values in seconds.values() for value in values),
        tuple(
            Reviewer(login, count, agreeing.get(login, nothing), known.get(login, nothing), durations(seconds[login]))
            for login, count in sorted(Counter(one.reviewer for one in work).items())
        ),
    )


def figures_json(figures: object) -> Any:
    """Figures as JSON values, with "enough" beside everything that could be too little to show."""
    if isinstance(figures, Mapping):
        return {str(key): figures_json(value) for key, value in figures.items()}
    if isinstance(figures, (tuple, list)):
        return [figures_json(value) for value in figures]
    if not is_dataclass(figures) or isinstance(figures, type):
        return round(figures, 6) if isinstance(figures, float) else figures
    members = {field.name: figures_json(getattr(figures, field.name)) for field in fields(figures)}
    if isinstance(figures, Rate):
        members = {"value": figures_json(figures.value)} | members
    enough = getattr(figures, "enough", None)
    return members if enough is None else members | {"enough": enough}
