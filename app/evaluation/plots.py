"""Plots of a face report as SVG files that need nothing else: the ROC, and the scores of same and different people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log10

import numpy as np
import numpy.typing as npt

from app.evaluation.verification import Pairs, curve
from app.vision.gallery import FaceThresholds

WIDTH, HEIGHT = 560.0, 380.0
LEFT, RIGHT, TOP, BOTTOM = 64.0, 16.0, 34.0, 48.0
LOWEST_RATE, LOWEST_SHARE = 1e-5, 0.5
BINS = 60
INK, GREY, SAME, OTHER = "#222", "#bbb", "#1f6f8b", "#b08a3c"


def roc_svg(pairs: Pairs, title: str) -> str:
    """Share of true pairs over the share of false ones (logarithmic), from one pair in 100,000 on."""
    points = [(max(false, LOWEST_RATE), true) for false, true in curve(pairs)]
    decades = range(round(log10(LOWEST_RATE)), 1)
    across = [(_across(power, decades[0], 0), f"1e{power}") for power in decades]
    up = [(_up(value, LOWEST_SHARE, 1), f"{value:.1f}") for value in np.arange(LOWEST_SHARE, 1.01, 0.1)]
    line = " ".join(
        f"{_across(log10(false), decades[0], 0):.1f},{_up(max(true, LOWEST_SHARE), LOWEST_SHARE, 1):.1f}"
        for false, true in points
    )
    body = [f'<polyline points="{line}" fill="none" stroke="{SAME}" stroke-width="2"/>'] if points else []
    return _page(title, across, up, "pasangan lain diterima / false pairs accepted", "sama diterima / true", body)


def scores_svg(pairs: Pairs, limits: FaceThresholds, title: str) -> str:
    """Histograms of the cosines of true and of false pairs, each scaled to its own highest bar; the limits as lines."""
    edges = np.linspace(-0.4, 1.0, BINS + 1)
    across = [(_across(value, -0.4, 1), f"{value:.1f}") for value in np.arange(-0.4, 1.01, 0.2)]
    body = [
        *_bars(pairs.scores[~pairs.same], edges, OTHER),
        *_bars(pairs.scores[pairs.same], edges, SAME),
        *(_limits(limits) if limits.calibrated else ()),
        _text(LEFT + 8, TOP + 14, "orang lain / different people", OTHER),
        _text(LEFT + 8, TOP + 30, "orang yang sama / same person", SAME),
    ]
    return _page(title, across, [], "cosine", "", body)


def _bars(scores: npt.NDArray[np.float64], edges: npt.NDArray[np.float64], colour: str) -> list[str]:
    counts, _ = np.histogram(scores, edges)
    top = max(int(counts.max(initial=0)), 1)
    width = (WIDTH - LEFT - RIGHT) / BINS
    return [
        f'<rect x="{_across(edge, -0.4, 1):.1f}" y="{_up(count / top, 0, 1):.1f}" width="{width:.1f}" '
        f'height="{HEIGHT - BOTTOM - _up(count / top, 0, 1):.1f}" fill="{colour}" fill-opacity="0.6"/>'
        for edge, count in zip(edges[:-1], counts, strict=True)
        if count
    ]


def _limits(limits: FaceThresholds) -> Iterable[str]:
    for name in ("review", "possible", "strong"):
        x = _across(getattr(limits, name), -0.4, 1)
        yield f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{INK}" stroke-dasharray="3 3"/>'
        yield f'<g transform="translate({x - 4:.1f} {TOP + 4}) rotate(90)">{_text(0, 0, name, INK)}</g>'


def _across(value: float, low: float, high: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (value - low) / (high - low)


def _up(value: float, low: float, high: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)


def _text(x: float, y: float, words: str, colour: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{words}</text>'


def _page(
    title: str,
    across: Sequence[tuple[float, str]],
    up: Sequence[tuple[float, str]],
    below: str,
    beside: str,
    body: Iterable[str],
) -> str:
    floor = HEIGHT - BOTTOM
    lines = [f'<path d="M{x:.1f} {TOP}V{floor}" stroke="{GREY}" stroke-width="0.5"/>' for x, _ in across]
    lines += [f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GREY}" stroke-width="0.5"/>' for y, _ in up]
    words = [_text(x, floor + 16, label, INK, "middle") for x, label in across]
    words += [_text(LEFT - 6, y + 4, label, INK, "end") for y, label in up]
    words += [_text((LEFT + WIDTH) / 2, HEIGHT - 10, below, INK, "middle"), _text(12, TOP - 14, title, INK)]
    words += [f'<g transform="translate(14 {(TOP + floor) / 2}) rotate(-90)">{_text(0, 0, beside, INK, "middle")}</g>']
    inside = "\n".join([*lines, *body, *words])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" '
        f'font-family="sans-serif" font-size="12">\n<title>{title}</title>\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n{inside}\n</svg>\n'
    )
