"""What the statistics are fed with: one bounded read of submissions with their outcome, one of the verdicts given."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from app.db.contest_tables import ContestRow
from app.db.event_tables import ChainHead, Event
from app.db.flag_tables import Flag, Screening
from app.db.gold_tables import GoldCase, GoldTrial, ordinary
from app.db.submission_tables import Submission
from app.db.tip_tables import UNFLAGGED, informal
from app.rules.lanes import NEUTRALITY
from app.stats.calibration import Decided
from app.text.storable import storable

NEWEST = 20_000
"""Submissions, and verdicts, that one page of statistics reads at most: the newest."""
WINDOW = 1_000_000
"""Events among which verdicts are looked for, counted from the newest."""
TOGETHER = 500
"""Ids in one IN list: within the limits of every database."""
OUTCOMES = {"confirmed": True, "dismissed": False}
VERDICTS = ("flag.confirm", "flag.dismiss")
ROUNDS = ("flag.appeal", "flag.reopen")


@dataclass(frozen=True, slots=True)
class Scope:
    """Which submissions: of one contest, received from `since` to before `until`, the newest `limit` of them."""

    contest: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = NEWEST


@dataclass(frozen=True, slots=True)
class Row:
    """A screened submission. `band` is that of its flag, "none" for what the rules did not flag (also where a sample of
    those went to the reviewers: `sampled`); `score` is that of its newest screening; `confirmed` is None while open."""

    submission: uuid.UUID
    flag: uuid.UUID | None
    screening: uuid.UUID
    contest: str
    region: str
    platform: str
    paslon: str | None
    band: str
    score: float
    sampled: bool
    confirmed: bool | None

    @property
    def flagged(self) -> bool:
        """Whether the rules flagged it."""
        return self.band != "none"


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict that was not taken back. `round` counts appeals and reopenings; `blind`: given without knowing
    another's; `seconds` is the time that the item was held, None where it was not claimed; `at`: when it was given."""

    flag: uuid.UUID
    round: int
    reviewer: str
    verdict: str
    blind: bool
    seconds: float | None
    at: datetime


def load_rows(session: Session, scope: Scope) -> list[Row]:
    """The screened submissions of the scope, newest first, each with its newest screening and its outcome. Those of
    other lanes are no cases of neutrality and are counted apart (review.routing)."""
    newest = (
        select(Submission.id, Submission.platform, Submission.contest_id, Submission.received_at)
        .where(*within(scope), Submission.state == "screened")
        .order_by(Submission.received_at.desc())
        .limit(scope.limit)
        .subquery()
    )
    query = (
        select(
            newest.c.id, newest.c.platform, newest.c.contest_id.label("contest"),
            ContestRow.region_name.label("region"), Screening.id.label("screening"), Screening.score,
            Flag.id.label("flag"), Flag.screening_id.label("raised"), Flag.paslon_id.label("paslon"),
            Flag.band, Flag.origin, Flag.state,
        )
        .join(Screening, Screening.submission_id == newest.c.id)
        .join(ContestRow, ContestRow.id == newest.c.contest_id)
        .outerjoin(Flag, Flag.submission_id == newest.c.id)
        .where(or_(Flag.id.is_(None), Flag.lane == NEUTRALITY))
        .order_by(newest.c.received_at.desc(), newest.c.id, Screening.created_at.desc())
    )  # fmt: skip
    found = session.execute(query).all()
    closed = outcomes(session, [one.flag for one in found if one.state == "closed"])
    rows: dict[uuid.UUID, Row] = {}
    for one in found:
        if one.id not in rows:
            rows[one.id] = Row(
                submission=one.id,
                flag=one.flag,
                screening=one.raised or one.screening,
                contest=one.contest,
                region=one.region,
                platform=one.platform,
                paslon=one.paslon,
                band="none" if one.flag is None or one.origin in UNFLAGGED else one.band,
                score=one.score,
                sampled=one.origin == "sample",
                confirmed=closed.get(one.flag) if one.state == "closed" else OUTCOMES.get(one.state),
            )
    return list(rows.values())


def within(scope: Scope) -> Iterator[ColumnElement[bool]]:
    """The scope without its limit, as conditions on Submission; trials of known cases and tips belong to none."""
    yield ordinary()
    yield ~informal()
    if scope.contest:
        yield Submission.contest_id == storable(scope.contest)
    if scope.since:
        yield Submission.received_at >= scope.since
    if scope.until:
        yield Submission.received_at < scope.until


def load_decided(session: Session, rows: Iterable[Row]) -> list[Decided]:
    """The decided items among the flagged rows, with the codes that spoke for the pair on which people decided. Scores
    are those by which the flag was raised, as the signals are."""
    wanted = {row.screening: row for row in rows if row.flagged and row.confirmed is not None}
    query = select(Screening.id, Screening.score, Screening.signals)
    return [
        Decided(score, speaking(signals, wanted[key].paslon), bool(wanted[key].confirmed))
        for part in _parts(list(wanted))
        for key, score, signals in session.execute(query.where(Screening.id.in_(part)))
    ]


def speaking(signals: Iterable[dict[str, Any]], paslon: str | None) -> frozenset[str]:
    """The codes of stored signals that counted for a flag about this pair."""
    return frozenset(
        signal["code"] for signal in signals if signal["weight"] > 0 and signal.get("paslon") in (None, paslon)
    )


def load_verdicts(session: Session, scope: Scope) -> list[Judged]:
    """The verdicts of the scope's contest that stand, oldest first; of the scope's times those of the verdicts. Those
    on trials of known cases are no cases, see `load_trials`."""
    judged = _standing(session, scope)
    trials = _expected(session, {one.flag for one in judged})
    return [one for one in judged if one.flag not in trials]


def load_trials(session: Session, scope: Scope) -> tuple[list[Judged], dict[uuid.UUID, str]]:
    """The verdicts on trials of known cases as `load_verdicts` gives the others, and what was expected of each."""
    judged = _standing(session, scope)
    trials = _expected(session, {one.flag for one in judged})
    return [one for one in judged if one.flag in trials], trials


def _standing(session: Session, scope: Scope) -> list[Judged]:
    newest = session.scalar(select(ChainHead.event_id).where(ChainHead.id == 1)) or 0
    query = (
        select(Event.id, Event.at, Event.actor, Event.action, Event.object_id, Event.data)
        .where(Event.id > newest - WINDOW, Event.object_type == "flag")
        .where(Event.action.in_([*VERDICTS, *ROUNDS, "flag.undo"]))
    )
    if scope.since:
        query = query.where(Event.at >= scope.since.isoformat())
    if scope.until:
        query = query.where(Event.at < scope.until.isoformat())
    events = session.execute(query.order_by(Event.id.desc()).limit(scope.limit)).all()
    undone = {event.data.get("undoes") for event in events if event.action == "flag.undo"}
    inside = _flags_of(session, {event.object_id for event in events}, scope.contest)
    rounds: Counter[str] = Counter()
    judged = []
    for event in reversed(events):
        rounds[event.object_id] += event.action in ROUNDS
        if event.action in VERDICTS and event.id not in undone and event.object_id in inside:
            verdict, data = event.action.removeprefix("flag."), event.data
            judged.append(
                Judged(
                    uuid.UUID(event.object_id), rounds[event.object_id], event.actor, verdict,
                    bool(data.get("blind", True)), data.get("handling_seconds"), datetime.fromisoformat(event.at),
                )
            )  # fmt: skip
    return judged


def _flags_of(session: Session, ids: Collection[str], contest: str | None) -> Collection[str]:
    if contest is None:
        return ids
    query = select(Flag.id).where(Flag.contest_id == storable(contest))
    keys = [uuid.UUID(text) for text in ids]
    return {str(key) for part in _parts(keys) for key in session.scalars(query.where(Flag.id.in_(part)))}


def _expected(session: Session, flags: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The expected verdict of those among these items that are trials of known cases."""
    query = select(GoldTrial.flag_id, GoldTrial.verdict)
    parts = _parts(sorted(flags))
    rows = (row for part in parts for row in session.execute(query.where(GoldTrial.flag_id.in_(part))))
    return {row.flag_id: row.verdict for row in rows}


def load_gold(session: Session) -> dict[uuid.UUID, str]:
    """The verdict that a coordinator expects of each known case."""
    return {case.flag_id: case.verdict for case in session.execute(select(GoldCase.flag_id, GoldCase.verdict))}


def outcomes(session: Session, flags: Sequence[uuid.UUID]) -> dict[uuid.UUID, bool]:
    """Whether these closed items were confirmed: the newest verdict that was not taken back decides."""
    query = select(Event.id, Event.object_id, Event.action, Event.data).where(
        Event.object_type == "flag", Event.action.in_([*VERDICTS, "flag.undo"])
    )
    found: dict[uuid.UUID, bool] = {}
    for part in _parts(flags):
        events = session.execute(
            query.where(Event.object_id.in_([str(flag) for flag in part])).order_by(Event.id.desc())
        ).all()
        undone = {event.data.get("undoes") for event in events if event.action == "flag.undo"}
        for event in events:
            if event.action in VERDICTS and event.id not in undone:
                found.setdefault(uuid.UUID(event.object_id), event.action == "flag.confirm")
    return found


def count_screened(session: Session, scope: Scope) -> int:
    """How many screened submissions the scope holds without its limit: more than were read means "the newest"."""
    query = select(func.count()).select_from(Submission).where(Submission.state == "screened")
    return session.scalar(query.where(*within(scope))) or 0


def _parts(keys: Sequence[uuid.UUID]) -> Iterator[Sequence[uuid.UUID]]:
    for start in range(0, len(keys), TOGETHER):
        yield keys[start : start + TOGETHER]
