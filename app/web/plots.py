"""Charts over time and over a threshold: columns per day, and curves with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from app.web.charts import Format, ticks
from app.web.svg import line, markup, number, rect, svg, text

WIDTH, HEIGHT = 620.0, 200.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 10.0, 28.0
LABELS = 7
"""Labels that fit under the columns."""
CURVE = (500.0, 200.0)
HERE = "chart-here"


@dataclass(frozen=True, slots=True)
class Column:
    """One day: its name, the whole column's height and that of the part which is drawn in it, filled; None where the
    part is not known."""

    label: str
    whole: float
    part: float | None


@dataclass(frozen=True, slots=True)
class At:
    """One point of a curve: x in 0..1, y and its interval; None breaks the curve."""

    x: float
    y: float | None
    low: float
    high: float


def columns(days: Sequence[Column], name: str, written: Format) -> Markup:
    """Columns side by side, the part inside each drawn narrower and darker; about LABELS of them are named."""
    axis = ticks(max((max(one.whole, one.part or 0) for one in days), default=0) or 1.0, 4)
    room, floor = WIDTH - LEFT - RIGHT, HEIGHT - BOTTOM
    parts = []

    def y(value: float) -> float:
        return floor - (floor - TOP) * value / axis[-1]

    for tick in axis:
        parts.append(line(LEFT, y(tick), WIDTH - RIGHT, y(tick), "chart-grid"))
        parts.append(text(LEFT - 8, y(tick) + 4, written(tick), "chart-tick", "end"))
    step = room / max(len(days), 1)
    every = max(1, -(-len(days) // LABELS))
    for index, one in enumerate(days):
        x, wide = LEFT + index * step, step * 0.78
        parts.append(rect(x + (step - wide) / 2, y(one.whole), wide, floor - y(one.whole), "chart-bar"))
        if one.part:
            parts.append(rect(x + step * 0.32, y(one.part), step * 0.36, floor - y(one.part), "chart-part"))
        if (len(days) - 1 - index) % every == 0:
            last = index == len(days) - 1
            place, anchor = (WIDTH - RIGHT, "end") if last else (x + step / 2, "middle")
            parts.append(text(place, floor + 18, one.label, "chart-tick", anchor))
    parts.append(line(LEFT, floor, WIDTH - RIGHT, floor, "chart-axis"))
    return svg(WIDTH, HEIGHT, name, "", parts, "chart-columns")


def curve(
    points: Sequence[At], name: str, written: Format, here: float, scored: Format, top: float | None = None
) -> Markup:
    """A stepless curve over 0..1 with its interval as an area, and an upright line at `here`, which figures.js moves
    (its x is LEFT plus that share of the width, both in the data attributes around the chart); `scored` words x."""
    width, height = CURVE
    axis = ticks(
        top if top is not None else max((one.high for one in points if one.y is not None), default=0) or 1.0, 4
    )
    room, floor = width - LEFT - RIGHT, height - BOTTOM
    parts = []

    def x(value: float) -> float:
        return LEFT + room * value

    def y(value: float) -> float:
        return floor - (floor - TOP) * min(max(value / axis[-1], 0.0), 1.0)

    for tick in axis:
        parts.append(line(LEFT, y(tick), width - RIGHT, y(tick), "chart-grid"))
        parts.append(text(LEFT - 8, y(tick) + 4, written(tick), "chart-tick", "end"))
    marks = (0.0, 0.25, 0.5, 0.75, 1.0)
    parts.extend(
        text(x(share), floor + 18, scored(share), "chart-tick", "middle" if share < 1 else "end") for share in marks
    )
    for run in _runs(points):
        upper = [f"{number(x(one.x))},{number(y(one.high))}" for one in run]
        lower = [f"{number(x(one.x))},{number(y(one.low))}" for one in reversed(run)]
        parts.append(f'<polygon class="chart-area" points="{" ".join(upper + lower)}"/>')
        middle = [f"{number(x(one.x))},{number(y(one.y or 0))}" for one in run]
        parts.append(f'<polyline class="chart-line" points="{" ".join(middle)}"/>')
    parts.append(line(LEFT, floor, width - RIGHT, floor, "chart-axis"))
    parts.append(line(x(here), TOP, x(here), floor, HERE))
    drawn = svg(width, height, name, "", parts, "chart-curve")
    return markup(f'<div data-left="{number(LEFT)}" data-room="{number(room)}">{escape(drawn)}</div>')


def _runs(points: Sequence[At]) -> list[list[At]]:
    """The points without those that are unknown, each unbroken stretch alone."""
    runs: list[list[At]] = [[]]
    for one in points:
        if one.y is not None:
            runs[-1].append(one)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]
