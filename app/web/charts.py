"""Charts as SVG text: drawn on the server, coloured by charts.css, with no style or script inside.

Geometry stands in attributes and every text is escaped. A chart has a name and a description for those who do not see
it; `table` of the same rows belongs beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from app.web.svg import line, markup, number, rect, svg, text

Format = Callable[[float], str]
WIDTH = 512.0
ROW, GAP, TOP, BOTTOM = 26.0, 8.0, 6.0, 26.0
LABELS, VALUES = 172.0, 130.0
CAP = 4.0
"""Half the height of the bar that ends a whisker."""
LONGEST_LABEL = 19
"""Characters of a label that fit beside a bar; a longer one is cut and shown whole when pointed at."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with the interval `low`..`high` as a whisker; a count has none: both are the value. `text` is what stands
    at its end: the value in words. Where `value` is None nothing but the text is drawn, such as "not enough data"."""

    label: str
    value: float | None
    low: float
    high: float
    text: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One point of a reliability plot: the mean score, the observed share and its interval, and how many cases."""

    predicted: float
    observed: float
    low: float
    high: float
    cases: int
    enough: bool


def ticks(top: float, wanted: int = 5) -> tuple[float, ...]:
    """From 0 on in steps of 1, 2 or 5 times a power of ten, to the first that reaches `top`; about `wanted` steps.

    Raises ValueError unless `top` is a finite number above 0."""
    if not (math.isfinite(top) and top > 0) or wanted < 1:
        raise ValueError("an axis needs a length")
    power = 10.0 ** math.floor(math.log10(top / wanted))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor * wanted >= top * (1 - 1e-9))
    count = math.ceil(top / step - 1e-9)
    return tuple(float(f"{step * index:.12g}") for index in range(count + 1))


def bars(rows: Sequence[Bar], name: str, description: str, written: Format, top: float | None = None) -> Markup:
    """Horizontal bars with whiskers on one axis from 0 to `top` (else to the highest interval), first row on top.

    `name` and `description` are read aloud; `written` words the ticks. Values beyond the axis end at its end."""
    axis = ticks(top if top is not None else max((row.high for row in rows if row.value is not None), default=0) or 1.0)
    room = WIDTH - LABELS - VALUES
    height = TOP + len(rows) * (ROW + GAP) + BOTTOM
    parts = []

    def x(value: float) -> float:
        return LABELS + room * min(max(value / axis[-1], 0.0), 1.0)

    floor = height - BOTTOM
    for tick in axis:
        parts.append(line(x(tick), TOP, x(tick), floor, "chart-grid"))
        parts.append(text(x(tick), floor + 17, written(tick), "chart-tick", "middle"))
    for index, row in enumerate(rows):
        y = TOP + index * (ROW + GAP) + GAP / 2
        middle = y + ROW / 2
        parts.append(text(LABELS - 8, middle + 5, row.label, "chart-label", "end", longest=LONGEST_LABEL))
        parts.append(text(WIDTH - VALUES + 8, middle + 5, row.text, "chart-value", "start"))
        if row.value is not None:
            parts.append(rect(x(0), y, x(row.value) - x(0), ROW, "chart-bar"))
            parts.extend(_whisker(x(row.low), x(row.high), middle) if row.low < row.high else ())
    parts.append(line(x(0), TOP, x(0), floor, "chart-axis"))
    return svg(WIDTH, height, name, description, parts)


def reliability(marks: Sequence[Mark], name: str, description: str, written: Format, titles: tuple[str, str]) -> Markup:
    """Observed share over mean score, both 0..1, with the diagonal on which a calibrated score lies.

    Marks with too few cases are hollow. `titles` name the horizontal and the vertical axis."""
    size, left, top = 360.0, 64.0, 12.0
    parts = []

    def at(share: float, score: float) -> tuple[float, float]:
        return left + size * min(max(score, 0.0), 1.0), top + size * (1 - min(max(share, 0.0), 1.0))

    for tick in ticks(1.0):
        x, y = at(tick, tick)
        parts.append(line(x, top, x, top + size, "chart-grid"))
        parts.append(line(left, y, left + size, y, "chart-grid"))
        parts.append(text(x, top + size + 18, written(tick), "chart-tick", "middle"))
        parts.append(text(left - 8, y + 4, written(tick), "chart-tick", "end"))
    (x0, y0), (x1, y1) = at(0, 0), at(1, 1)
    parts.append(line(x0, y0, x1, y1, "chart-diagonal"))
    for mark in marks:
        x, y = at(mark.observed, mark.predicted)
        (_, low), (_, high) = at(mark.low, mark.predicted), at(mark.high, mark.predicted)
        parts.append(line(x, low, x, high, "chart-whisker"))
        parts.extend(line(x - CAP, edge, x + CAP, edge, "chart-whisker") for edge in (low, high))
        kind = "chart-mark" if mark.enough else "chart-mark chart-hollow"
        parts.append(f'<circle class="{kind}" cx="{number(x)}" cy="{number(y)}" r="5"/>')
    parts.append(line(left, top + size, left + size, top + size, "chart-axis"))
    parts.append(line(left, top, left, top + size, "chart-axis"))
    parts.append(text(left + size / 2, top + size + 42, titles[0], "chart-label", "middle"))
    middle = number(top + size / 2)
    turned = f' transform="rotate(-90 16 {middle})"'
    parts.append(text(16, top + size / 2, titles[1], "chart-label", "middle", turned))
    return svg(left + size + 20, top + size + 54, name, description, parts)


def multiples(
    groups: Sequence[tuple[str, Sequence[Bar]]], name: str, written: Format, top: float | None = None
) -> Markup:
    """One small chart of bars per group, all on the same axis, so that groups can be compared; each a figure whose
    caption is the group."""
    highest = max((row.high for _, rows in groups for row in rows if row.value is not None), default=0) or 1.0
    axis = top if top is not None else highest
    drawn = [
        f'<figure class="chart-small"><figcaption>{escape(title)}</figcaption>'
        f"{bars(rows, f'{name}: {title}', '', written, axis)}</figure>"
        for title, rows in groups
    ]
    return markup(f'<div class="chart-multiples">{"".join(drawn)}</div>')


def table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> Markup:
    """The data of a chart as a table: the first column heads its row, the others are numbers."""
    kinds = ("", *(' class="num"' for _ in head[1:]))
    top = "".join(f'<th scope="col"{kind}>{escape(title)}</th>' for kind, title in zip(kinds, head, strict=True))
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>' + "".join(f'<td class="num">{escape(cell)}</td>' for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )  # fmt: skip
    whole = f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody>"
    region = f'<div class="scroll" role="group" tabindex="0" aria-label="{escape(caption)}">'
    return markup(f'{region}<table class="chart-table">{whole}</table></div>')


def _whisker(low: float, high: float, y: float) -> list[str]:
    ends = [line(edge, y - CAP, edge, y + CAP, "chart-whisker") for edge in (low, high)]
    return [line(low, y, high, y, "chart-whisker"), *ends]
