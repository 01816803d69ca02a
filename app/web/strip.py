"""The calendar of a contest as a small strip: its stages side by side, with the days that matter marked on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from app.election.calendar import calendar, stage_on
from app.election.contest import Contest

WIDTH = 360.0
ROOM = 10
"""Days shown before the first and after the last stage that has an end."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One stage as it lies on the strip, in its units; `current`: the act falls into it, `odd`: every other one."""

    code: str
    first: date
    last: date
    x: float
    width: float
    current: bool
    odd: bool


@dataclass(frozen=True, slots=True)
class Pin:
    """A marked day. `kind`: act, known or vote; `beyond` -1 or 1 where it lies before or after what the strip shows."""

    kind: str
    day: date
    x: float
    beyond: int


@dataclass(frozen=True, slots=True)
class Strip:
    """Stages from left to right without gaps, and the marked days."""

    segments: tuple[Segment, ...]
    pins: tuple[Pin, ...]


def strip(contest: Contest, act: date, known: date) -> Strip:
    """The strip of a contest: every day from before its first to after its last dated stage, and voting day."""
    stages = calendar(contest)
    ends = [day for stage in stages for day in (stage.first, stage.last) if day is not None] + [contest.voting_day]
    first, last = min(ends) - timedelta(ROOM), max(ends) + timedelta(ROOM)
    unit = WIDTH / ((last - first).days + 1)
    current = stage_on(contest, act).code
    segments: list[Segment] = []
    for code, begin, end in _runs(contest, first, last, {*ends, *(day + timedelta(1) for day in ends)}):
        x, days = (begin - first).days * unit, (end - begin).days + 1
        is_current = code == current and begin <= act <= end
        odd = bool(len(segments) % 2)
        segments.append(Segment(code, begin, end, round(x, 2), round(days * unit, 2), is_current, odd))
    pins = (("vote", contest.voting_day), ("known", known), ("act", act))
    return Strip(tuple(segments), tuple(_pin(kind, day, first, last, unit) for kind, day in pins))


def _runs(contest: Contest, first: date, last: date, changes: Iterable[date]) -> list[tuple[str, date, date]]:
    """(stage, first day, last day) for every run of days that belong to one stage; it may only change on `changes`."""
    runs: list[tuple[str, date, date]] = []
    starts = sorted({first, *(day for day in changes if first < day <= last)})
    for begin, following in zip(starts, [*starts[1:], last + timedelta(1)], strict=True):
        code, end = stage_on(contest, begin).code, following - timedelta(1)
        if runs and runs[-1][0] == code:
            runs[-1] = (code, runs[-1][1], end)
        else:
            runs.append((code, begin, end))
    return runs


def _pin(kind: str, day: date, first: date, last: date, unit: float) -> Pin:
    beyond = -1 if day < first else 1 if day > last else 0
    shown = min(max(day, first), last)
    return Pin(kind, day, round(((shown - first).days + 0.5) * unit, 2), beyond)
