"""How much comes in, goes out and waits: counts by the database, bounded by a period."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, DateTime, String, case, cast, func, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.db.base import now
from app.db.flag_tables import Flag, Screening
from app.db.gold_tables import GOLD
from app.db.submission_tables import Submission
from app.review.figures import Judged, Scope, load_verdicts, within
from app.review.period import Period
from app.review.workflow import INFORMAL
from app.text.storable import storable

AGES = (1, 3, 7, 14, 30)
"""Waiting items are counted by whole days since they came: less than each of these, and the rest."""
SOON = 2
"""Days before its deadline from which on an item is called near it."""
NEAREST = 10
SIGNALS_OF = 1000
"""Newest flagged items whose signals are counted: signals are long to read."""
VERDICTS_READ = 5000
"""Newest verdicts that are read for the volume and for handling times."""
DECIDED = ("confirmed", "dismissed", "closed")


@dataclass(frozen=True, slots=True)
class Day:
    """A day on the clocks of the contest: posts handed in, items raised for people, verdicts given (None for days
    that lie before the verdicts which were read)."""

    day: date
    received: int
    raised: int
    verdicts: int | None


@dataclass(frozen=True, slots=True)
class Due:
    """An undecided item with a deadline."""

    flag: uuid.UUID
    contest: str
    band: str
    due_on: date


@dataclass(frozen=True, slots=True)
class Waiting:
    """Undecided items, whenever they came. `ages` are counts per step of AGES and for what is older; `overdue` and
    `soon` count deadlines before today and within SOON days from it; `nearest` are the first NEAREST of them."""

    items: int
    ages: tuple[int, ...]
    overdue: int
    soon: int
    nearest: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class Volume:
    """How much came in a period, and what waits now."""

    days: tuple[Day, ...]
    waiting: Waiting


@dataclass(frozen=True, slots=True)
class Kinds:
    """Of the newest `items` flagged items, how many have a signal of each kind that speaks for the flag."""

    items: int
    counts: dict[str, int]


def volume(session: Session, period: Period) -> Volume:
    """The days of the period and what waits now."""
    return Volume(
        days_of(session, period, load_verdicts(session, period.scope(VERDICTS_READ))),
        waiting(session, period.contest, period.today),
    )


def days_of(session: Session, period: Period, judged: Sequence[Judged], read: int = VERDICTS_READ) -> tuple[Day, ...]:
    """Every day of the period. `judged` are its newest verdicts, at most `read` of them."""
    clock, scope = ZoneInfo(period.zone), period.scope()
    received = _per_day(session, Submission.received_at, period.zone, list(within(scope)))
    came = [
        Flag.created_at >= scope.since,
        Flag.created_at < scope.until,
        Flag.origin != GOLD,
        Flag.state.not_in(INFORMAL),
        *_of_contest(period.contest),
    ]
    raised = _per_day(session, Flag.created_at, period.zone, came)
    verdicts = Counter(one.at.astimezone(clock).date() for one in judged)
    known_after = min(verdicts) if len(judged) >= read else date.min
    return tuple(
        Day(day, received[day], raised[day], verdicts[day] if day > known_after else None) for day in period.days
    )


def _per_day(
    session: Session, column: InstrumentedAttribute[datetime], zone: str, conditions: Sequence[ColumnElement[bool]]
) -> Counter[date]:
    """Rows per day; Indonesia's clocks do not change with the season, so one offset serves for SQLite."""
    day: ColumnElement[Any]
    if session.get_bind().dialect.name == "sqlite":
        offset = datetime.now(ZoneInfo(zone)).utcoffset() or timedelta()
        day = func.date(type_coerce(column, String), f"+{int(offset.total_seconds() // 60)} minutes")
    else:
        local = func.timezone(zone, type_coerce(column, DateTime(timezone=True)))
        day = cast(func.to_char(local, "YYYY-MM-DD"), String)
    named = select(day.label("day")).where(*conditions).subquery()
    rows = session.execute(select(named.c.day, func.count()).group_by(named.c.day))
    return Counter({date.fromisoformat(text): count for text, count in rows})


def waiting(session: Session, contest: str | None, today: date) -> Waiting:
    """What nobody has decided yet, counted in one pass over the flags."""
    moment = now()
    edges = [moment - timedelta(days=days) for days in AGES]
    age = case(*((Flag.created_at > edge, step) for step, edge in enumerate(edges)), else_=len(edges))
    soon = today + timedelta(days=SOON)
    due = case((Flag.due_on < today, "overdue"), (Flag.due_on <= soon, "soon"), else_="")
    undecided = [Flag.state.not_in((*DECIDED, *INFORMAL)), Flag.origin != GOLD, *_of_contest(contest)]
    marked = select(age.label("age"), due.label("due")).where(*undecided).subquery()
    rows = session.execute(select(marked.c.age, marked.c.due, func.count()).group_by(marked.c.age, marked.c.due)).all()
    ages: defaultdict[int, int] = defaultdict(int)
    dues: defaultdict[str, int] = defaultdict(int)
    for step, kind, count in rows:
        ages[step] += count
        dues[kind] += count
    return Waiting(
        sum(ages.values()),
        tuple(ages[step] for step in range(len(AGES) + 1)),
        dues["overdue"],
        dues["soon"],
        _nearest(session, [*undecided, Flag.due_on <= soon]) if dues["overdue"] or dues["soon"] else (),
    )


def _nearest(session: Session, conditions: Sequence[ColumnElement[bool]]) -> tuple[Due, ...]:
    query = select(Flag.id, Flag.contest_id, Flag.band, Flag.due_on).where(*conditions)
    rows = session.execute(query.order_by(Flag.due_on, Flag.priority.desc(), Flag.id).limit(NEAREST))
    return tuple(Due(flag, contest, band, day) for flag, contest, band, day in rows if day is not None)


def _of_contest(contest: str | None) -> list[ColumnElement[bool]]:
    return [Flag.contest_id == storable(contest)] if contest else []


def kinds(session: Session, scope: Scope) -> Kinds:
    """Signals by kind (face, hand, text, context, rule) of the scope's newest flagged items."""
    newest = (
        select(Flag.screening_id, Flag.paslon_id)
        .join(Submission, Submission.id == Flag.submission_id)
        .where(*within(scope), Flag.origin == "rules")
        .order_by(Submission.received_at.desc())
        .limit(SIGNALS_OF)
        .subquery()
    )
    rows = session.execute(
        select(Screening.signals, newest.c.paslon_id).join(newest, newest.c.screening_id == Screening.id)
    ).all()
    counts: Counter[str] = Counter()
    for signals, paslon in rows:
        counts.update({one["kind"] for one in signals if one["weight"] > 0 and one.get("paslon") in (None, paslon)})
    return Kinds(len(rows), dict(counts.most_common()))
