"""Plots of a face report as SVG files that need nothing else: the ROC, and the scores of same and different people."""

from __future__ import annotations

from collections.abc import Iterable
from math import log10

import numpy as np
import numpy.typing as npt

from app.evaluation.axes import BOTTOM, HEIGHT, INK, LEFT, RIGHT, TOP, WIDTH, framed, text_at, x_at, y_at
from app.evaluation.verification import Pairs, curve
from app.vision.gallery import FaceThresholds

LOWEST_RATE, LOWEST_SHARE = 1e-5, 0.5
BINS = 60
SAME, OTHER = "#1f6f8b", "#b08a3c"


def roc_svg(pairs: Pairs, title: str) -> str:
    """Share of true pairs over the share of false ones (logarithmic), from one pair in 100,000 on."""
    points = [(max(false, LOWEST_RATE), true) for false, true in curve(pairs)]
    decades = range(round(log10(LOWEST_RATE)), 1)
    across = [(x_at(power, decades[0], 0), f"1e{power}") for power in decades]
    up = [(y_at(value, LOWEST_SHARE, 1), f"{value:.1f}") for value in np.arange(LOWEST_SHARE, 1.01, 0.1)]
    line = " ".join(
        f"{x_at(log10(false), decades[0], 0):.1f},{y_at(max(true, LOWEST_SHARE), LOWEST_SHARE, 1):.1f}"
        for false, true in points
    )
    body = [f'<polyline points="{line}" fill="none" stroke="{SAME}" stroke-width="2"/>'] if points else []
    return framed(title, across, up, "pasangan lain diterima / false pairs accepted", "sama diterima / true", body)


def scores_svg(pairs: Pairs, limits: FaceThresholds, title: str) -> str:
    """Histograms of the cosines of true and of false pairs, each scaled to its own highest bar; the limits as lines."""
    edges = np.linspace(-0.4, 1.0, BINS + 1)
    across = [(x_at(value, -0.4, 1), f"{value:.1f}") for value in np.arange(-0.4, 1.01, 0.2)]
    body = [
        *_bars(pairs.scores[~pairs.same], edges, OTHER),
        *_bars(pairs.scores[pairs.same], edges, SAME),
        *(_limits(limits) if limits.calibrated else ()),
        text_at(LEFT + 8, TOP + 14, "orang lain / different people", OTHER),
        text_at(LEFT + 8, TOP + 30, "orang yang sama / same person", SAME),
    ]
    return framed(title, across, [], "cosine", "", body)


def _bars(scores: npt.NDArray[np.float64], edges: npt.NDArray[np.float64], colour: str) -> list[str]:
    counts, _ = np.histogram(scores, edges)
    top = max(int(counts.max(initial=0)), 1)
    width = (WIDTH - LEFT - RIGHT) / BINS
    return [
        f'<rect x="{x_at(edge, -0.4, 1):.1f}" y="{y_at(count / top, 0, 1):.1f}" width="{width:.1f}" '
        f'height="{HEIGHT - BOTTOM - y_at(count / top, 0, 1):.1f}" fill="{colour}" fill-opacity="0.6"/>'
        for edge, count in zip(edges[:-1], counts, strict=True)
        if count
    ]


def _limits(limits: FaceThresholds) -> Iterable[str]:
    for name in ("review", "possible", "strong"):
        x = x_at(getattr(limits, name), -0.4, 1)
        yield f'<path d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="{INK}" stroke-dasharray="3 3"/>'
        yield f'<g transform="translate({x - 4:.1f} {TOP + 4}) rotate(90)">{text_at(0, 0, name, INK)}</g>'
