"""The day by which a report must be filed: it orders work, and people see it. The days are data."""

from __future__ import annotations

import json
from collections.abc import Set
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

FILING = {"pilkada": "pilkada.laporan.submit", "pemilu": "pemilu.laporan.submit"}
SATURDAY = 5


@cache
def filing_days(kind: str) -> tuple[int, bool]:
    """Days from the known date, and whether only working days count; an unknown kind has the pilkada's."""
    rows = json.loads(files("app.election").joinpath("data/deadlines.json").read_text(encoding="utf-8"))["deadlines"]
    row = next(row for row in rows if row["id"] == FILING.get(kind, FILING["pilkada"]))
    return row["days"], row["unit"].startswith("working")


def due_on(kind: str, known: date, holidays: Set[date] = frozenset()) -> date:
    """The last day to file what became known (diketahui) on `known`. Where the law counts working days, weekends and
    public `holidays` are not counted."""
    days, working = filing_days(kind)
    if not working:
        return known + timedelta(days=days)
    day = known
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < SATURDAY and day not in holidays
    return day
