"""The figures of quality and learning: what the statistics make of the rows that were read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.review.figures import (
    Judged,
    Row,
    Scope,
    count_screened,
    load_decided,
    load_gold,
    load_rows,
    load_verdicts,
)
from app.stats.agreement import Kappa, Verdict, agreement_by_reviewer, agreement_with, double_judgements, kappa
from app.stats.calibration import Calibration, Recall, calibration, recall
from app.stats.durations import Durations, durations
from app.stats.rates import Rate, rate
from app.stats.whatif import THRESHOLDS, Point, Scored, what_if


@dataclass(frozen=True, slots=True)
class Group:
    """A platform, region or pair: how much of what was screened the rules flagged, how much of that was confirmed."""

    name: str
    flagged: Rate
    confirmed: Rate


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


@dataclass(frozen=True, slots=True)
class GroupRates:
    """The same rates per platform, region and pair, side by side, so that a bias would show."""

    platforms: tuple[Group, ...]
    regions: tuple[Group, ...]
    pairs: tuple[Group, ...]


def learning(session: Session, scope: Scope, thresholds: Sequence[float] = THRESHOLDS) -> Learning:
    """Calibration, recall and what-if of the scope."""
    rows = load_rows(session, scope)
    return Learning(
        len(rows),
        count_screened(session, scope),
        calibration(load_decided(session, rows)),
        recall_of(rows),
        what_if([Scored(row.score, row.band, row.confirmed) for row in rows], thresholds),
    )


def quality(session: Session, scope: Scope) -> Quality:
    """Agreement and handling times of the scope."""
    return quality_of(load_verdicts(session, scope), load_gold(session))


def group_rates(session: Session, scope: Scope) -> GroupRates:
    """Rates per platform, region and pair of the scope."""
    return group_rates_of(load_rows(session, scope))


def recall_of(rows: Sequence[Row]) -> Recall:
    """The recall that the decided part of the random sample lets expect."""
    flagged = [row for row in rows if row.flagged]
    rest = [row for row in rows if not row.flagged]
    sampled = [row for row in rest if row.sampled and row.confirmed is not None]
    return recall(
        confirmed=sum(row.confirmed is True for row in flagged),
        decided=sum(row.confirmed is not None for row in flagged),
        flagged=len(flagged),
        unflagged=len(rest),
        relevant=sum(row.confirmed is True for row in sampled),
        sampled=len(sampled),
    )


def quality_of(judged: Sequence[Judged], gold: Mapping[UUID, str]) -> Quality:
    """Agreement of verdicts that were given blind; every appeal opens a round of its own."""
    blind = [Verdict((one.flag, one.round), one.reviewer, one.verdict) for one in judged if one.blind]
    truth: dict[Hashable, str] = {(one.flag, one.round): gold[one.flag] for one in judged if one.flag in gold}
    agreeing, known = agreement_by_reviewer(blind), agreement_with(truth, blind)
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for one in judged:
        if one.seconds is not None:
            seconds[one.reviewer].append(one.seconds)
    nothing = rate(0, 0)
    return Quality(
        kappa(double_judgements(blind)),
        durations(value for values in seconds.values() for value in values),
        tuple(
            Reviewer(login, count, agreeing.get(login, nothing), known.get(login, nothing), durations(seconds[login]))
            for login, count in sorted(Counter(one.reviewer for one in judged).items())
        ),
    )


def group_rates_of(rows: Sequence[Row]) -> GroupRates:
    """A pair's rate of flags is counted over everything screened for its contest: all pairs of a contest share it."""
    return GroupRates(
        _groups(rows, lambda row: row.platform), _groups(rows, lambda row: row.region), _pairs(rows)
    )  # fmt: skip


def _groups(rows: Iterable[Row], key: Callable[[Row], str]) -> tuple[Group, ...]:
    grouped: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[key(row)].append(row)
    return tuple(_group(name, own, len(own)) for name, own in sorted(grouped.items()))


def _pairs(rows: Sequence[Row]) -> tuple[Group, ...]:
    screened = Counter(row.contest for row in rows)
    grouped: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if row.flagged and row.paslon is not None:
            grouped[row.contest, row.paslon].append(row)
    return tuple(_group(pair, own, screened[contest]) for (contest, pair), own in sorted(grouped.items()))


def _group(name: str, rows: Sequence[Row], screened: int) -> Group:
    flagged = [row for row in rows if row.flagged]
    decided = [row for row in flagged if row.confirmed is not None]
    return Group(name, rate(len(flagged), screened), rate(sum(row.confirmed is True for row in decided), len(decided)))


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
