"""What the pages of figures share: the period and contest from the address, and panels of a chart with its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends
from markupsafe import Markup
from sqlalchemy import select

from app.api.deps import SessionDep
from app.api.kept import Of
from app.db.contest_tables import ContestRow
from app.review.period import Period, period_of
from app.web.charts import table
from app.web.exporting import Cell
from app.web.listing import address, asked_day
from app.web.words import Words

PRESETS = (7, 30, 90, 365)


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart with its name, what it means, its legend as (class, words), and its data. `rows` are worded for people,
    `plain` the same for a spreadsheet, whose columns `columns` names. Without rows `empty` says what will appear."""

    code: str
    title: str
    about: str
    empty: str
    chart: Markup
    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    columns: tuple[str, ...]
    plain: Sequence[tuple[Cell, ...]]
    legend: tuple[tuple[str, str], ...] = ()
    wide: bool = False

    @property
    def table(self) -> Markup:
        """The data as a table."""
        return table(self.head, self.rows, self.title)


@dataclass(frozen=True, slots=True)
class Card:
    """A figure in large, with what it is and a word about it."""

    title: str
    value: str
    note: str = ""


def read_period(session: SessionDep, kontes: str = "", dari: str = "", sampai: str = "") -> Period:
    """The period of the address: `kontes`, and the days `dari` to `sampai` (YYYY-MM-DD). Raises BadInput."""
    return period_of(session, kontes.strip(), asked_day(dari, "dari"), asked_day(sampai, "sampai"))


PeriodDep = Annotated[Period, Depends(read_period)]


def kept_values(period: Period) -> dict[str, str]:
    """The period as the address holds it."""
    return {"kontes": period.contest or "", "dari": period.first.isoformat(), "sampai": period.last.isoformat()}


def filter_context(session: SessionDep, path: str, period: Period, t: Words, found: Of[Any]) -> dict[str, Any]:
    """What the filter on top of a page of figures shows, and of when the figures are."""
    presets = []
    for days in PRESETS:
        first = period.today - timedelta(days=days - 1)
        values = {"kontes": period.contest or "", "dari": first.isoformat(), "sampai": period.today.isoformat()}
        chosen = (period.first, period.last) == (first, period.today)
        presets.append({"text": t.plural("figures.days", days), "href": address(path, values), "chosen": chosen})
    return {
        "path": path,
        "period": period,
        "presets": presets,
        "contests": session.execute(select(ContestRow.id, ContestRow.name).order_by(ContestRow.name)).all(),
        "as_of": t.moment(found.at, period.zone),
        "days": t("figures.from_to", first=t.day(period.first), last=t.day(period.last)),
    }
